"""The stage `link`: from an article's entry in the index to its event."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlmodel import Session

from services.link import events, following, queries
from services.link.core.choice import EVENT_PAGE, Member
from services.link.core.relink import Component, Relinked, relink
from services.link.core.score import COPY, Edge, Profile, is_cited, score
from services.link.core.twins import SURE, first_twins, leader, repeats
from services.link.reading import blank, profile
from shared.clock import Clock, now
from shared.messages import ArticleTagged, PageOutdated
from shared.rights import may_quote
from shared.stage import Conflict, Reject, Superseded

CACHED = 2_000  # profiles, some 20 kB each, and what their articles say, some 3


@dataclass(frozen=True, kw_only=True)
class Given:
    """An article's edges, and the component they touch with its members."""

    article: int
    own: Profile
    edges: dict[int, Edge]
    entries: list[queries.Entry]  # which features the edges were scored with
    mates: dict[int, float]  # the articles that it had edges with, and their scores
    component: Component
    members: dict[int, Member]
    inside: dict[int, queries.Entry] = field(default_factory=dict)  # and with which features these were read
    is_outside: bool = False  # it leads, and has yet to be put back into the index before it is compared with anything
    follows: int | None = None  # the article whose event it joins, with nothing else to work out; `component` is of these two alone


@dataclass(frozen=True, kw_only=True)
class Linked:
    """What is to be written, and what it was worked out from."""

    given: Given
    relinked: Relinked | None  # None where it follows another one into its event


@dataclass
class Link:
    """Consumes ArticleTagged; produces PageOutdated. Keeps what it read last: what an article says follows from its entry in the index."""

    clock: Clock = now
    _profiles: OrderedDict[queries.Entry, Profile] = field(default_factory=OrderedDict)
    _members: OrderedDict[queries.Entry, Member] = field(default_factory=OrderedDict)

    def load(self, session: Session, message: ArticleTagged) -> Given:
        """Score the article against its candidates, then read the component that its edges touch.

        The transaction ends before the scoring: which component is touched is known only after it, and `save` compares all that it
        followed from with what stands then.
        """
        article = message.article_id
        own, followed = self._own(session, message)
        mates = queries.mates(session, article)
        ahead = self._ahead(session, article, own)
        if followed is not None and not ahead:
            stood = Component(edges={}, events={}, copies={}, follows={article: followed})
            return Given(article=article, own=own, edges={}, entries=[], mates=mates, component=stood, members={}, is_outside=True)
        others = ahead | self._citing(session, article, own) if ahead else self._candidates(session, article, own)
        others |= self._followers(session, own, mates)
        session.rollback()
        edges = {entry[0]: edge for entry, other in others.items() if (edge := score(own, other)) is not None}
        used = sorted(entry for entry in others if entry[0] in edges)
        if ahead and others.keys() == ahead.keys():
            ((first, _, _),) = ahead
            pair = queries.pair(session, article, first)
            asked = message.corrected or message.rebuild
            stands = not asked and mates == {first: edges[first].score} and pair.follows == {article: first}
            if (stands and pair.events[article] is not None) if mates else self._follows(session, message, own, pair, edges[first]):
                return Given(
                    article=article, own=own, edges=edges, entries=used, mates=mates, component=pair, members={}, follows=first
                )
        strong = [other for other, edge in edges.items() if edge.score >= queries.STRONG]
        component = queries.component(session, article, strong)
        known = {entry[0]: entry for entry in others}
        unknown = component.events.keys() - known.keys() - {article}
        wanted = [*(known[name] for name in component.events if name in known), *queries.entries(session, unknown)]
        inside = self._read(session, wanted) | {(article, message.revision, message.snapshot): own}
        members = self._spoken(session, inside)
        return Given(
            article=article, own=own, edges=edges, entries=used, mates=mates, component=component, members=members,
            inside={entry[0]: entry for entry in inside},
        )

    def touches(self, given: Given) -> frozenset[int]:
        """The articles whose event may change: rows of a batch that share none are saved in one transaction."""
        return frozenset(given.component.events) | {given.article}

    def run(self, given: Given) -> Linked:
        """Cluster the component anew."""
        if given.follows is not None or given.is_outside:
            return Linked(given=given, relinked=None)
        return Linked(given=given, relinked=relink(given.article, given.component, given.edges, given.members))

    def save(self, session: Session, message: ArticleTagged, done: Linked) -> Sequence[PageOutdated | ArticleTagged]:
        """Write edges, memberships and events, if all that they followed from still stands."""
        given = done.given
        linked = queries.lock(session, {*given.component.events, given.article})
        own = (given.article, message.revision, message.snapshot)
        features = {name: member.profile.features for name, member in given.members.items()} | {given.article: given.own.features}
        used = {own, *given.entries, *self._moved(done)}
        held = queries.entries(session, {entry[0] for entry in used}, hold=True)
        if own not in held or linked[given.article] > message.revision:
            raise Superseded
        if given.is_outside:
            return self._again(session, message, given, following.write(session, given.article, given.component.follows, {}, features))
        if held != sorted(used) or self._component(session, given) != given.component:
            raise Conflict
        if done.relinked is None and queries.mates(session, given.article) != given.mates:
            raise Conflict
        queries.replace_edges(session, given.article, given.mates, given.edges)
        if done.relinked is None:
            following.write(session, given.article, given.component.follows, {given.article: given.follows or 0}, features)
            return events.follow(session, message, given.component, self.clock())
        same = message.same and given.mates == {other: edge.score for other, edge in given.edges.items()}
        pages = events.write(session, message, given.component, done.relinked, given.members, self.clock(), same=same)
        leading = following.write(session, given.article, given.component.follows, done.relinked.follows, features)
        return [*pages, *self._again(session, message, given, leading)]

    def _moved(self, done: Linked) -> list[queries.Entry]:
        """Those that are taken out of the index, or put back: what `tag` wrote of them meanwhile has other keys."""
        if done.relinked is None:
            return []
        moved = done.given.component.follows.keys() ^ done.relinked.follows.keys()
        return [done.given.inside[name] for name in moved if name in done.given.inside]

    def _component(self, session: Session, given: Given) -> Component:
        """What stands now of what the result followed from."""
        if given.follows is not None:
            return queries.pair(session, given.article, given.follows)
        strong = [other for other, edge in given.edges.items() if edge.score >= queries.STRONG]
        return queries.component(session, given.article, strong)

    def _follows(self, session: Session, message: ArticleTagged, own: Profile, pair: Component, edge: Edge) -> bool:
        """Whether a new article just follows a linked one that it repeats: its event gains a copy, and nothing else about it changes.

        So a thousand of them cost a thousand times the same, and not each what all before it cost.
        """
        entry = message.article_id, message.revision, message.snapshot
        (first,) = pair.events.keys() - {message.article_id}
        if pair.rules or first in pair.follows or pair.events[entry[0]] is not None or pair.events[first] is None or edge.copy < COPY:
            return False
        origin = pair.copies[first] or first
        said = self._spoken(session, self._read(session, queries.entries(session, {origin, first})) | {entry: own})
        if origin not in said or first not in said or EVENT_PAGE in {said[origin].kind, said[first].kind, said[entry[0]].kind}:
            return False
        return min((said[name].key, name) for name in {origin, first}) < (said[entry[0]].key, entry[0])

    def _again(self, session: Session, message: ArticleTagged, given: Given, leading: Sequence[int]) -> list[ArticleTagged]:
        """Who is to be linked again: `leading`, with whom nothing was compared while they followed, and those that hung on this article.

        They hung on an earlier revision that said the same.
        """
        left = {other for other in given.mates.keys() & given.component.follows.keys() if other not in given.edges}
        wanted = sorted(left.union(leading))
        # A digest, since one such message may lead to the next; one that was given already would be no new work.
        told = f"{message.article_id}.{blake2b(message.input_key.encode(), digest_size=6).hexdigest()}" if wanted else ""
        return [
            ArticleTagged(article_id=other, revision=revision, snapshot=snapshot, corrected=told, rebuild=message.rebuild)
            for other, revision, snapshot in queries.entries(session, wanted)
        ]

    def _ahead(self, session: Session, article: int, own: Profile) -> dict[queries.Entry, Profile]:
        """The one that the article follows, if it repeats one."""
        found = self._read(session, following.leaders(session, article, own.features))
        first = leader(article, own, {entry[0]: other for entry, other in found.items()})
        return {entry: other for entry, other in found.items() if entry[0] == first}

    def _candidates(self, session: Session, article: int, own: Profile) -> dict[queries.Entry, Profile]:
        """What an article that leads is to be compared with: of the twins of others the first, of its own all that do not follow it yet."""
        found = self._read(session, queries.candidates(session, article, own.features))
        first = first_twins({entry[0]: other for entry, other in found.items()})
        first |= {entry[0] for entry, other in found.items() if other.twin == own.twin}
        # A citation names one of several twins, and its edge is with that one.
        return {entry: other for entry, other in found.items() if entry[0] in first or is_cited(own.features, other.features)}

    def _followers(self, session: Session, own: Profile, mates: dict[int, float]) -> dict[queries.Entry, Profile]:
        """Those that hang on this article: they have no other edge."""
        found = self._read(session, queries.entries(session, [other for other, value in mates.items() if value >= SURE]))
        return {entry: other for entry, other in found.items() if repeats(own, other)}

    def _citing(self, session: Session, article: int, own: Profile) -> dict[queries.Entry, Profile]:
        """The event pages that name this article's address, and the articles that it names, where it is one."""
        found = self._read(session, queries.named(session, article, {*own.features.addresses, *own.features.cites}))
        return {entry: other for entry, other in found.items() if is_cited(own.features, other.features)}

    def _own(self, session: Session, message: ArticleTagged) -> tuple[Profile, int | None]:
        """The article's own profile, if the message is still about what stands in the index; and whom it follows."""
        found = queries.own(session, message.article_id)
        if found is None or found[0] != (message.article_id, message.revision, message.snapshot) or found[2] > message.revision:
            raise Superseded
        known = self._profiles.get(found[0]) or profile(found[1])
        if known is None:
            raise Reject("entry_damaged", f"article {message.article_id}, revision {message.revision}")
        self._profiles[found[0]] = known
        return known, found[3]

    def _read(self, session: Session, wanted: Collection[queries.Entry]) -> dict[queries.Entry, Profile]:
        """Profiles from the cache, the rest from the index. What stands there no more is left out."""
        missing = [entry[0] for entry in wanted if entry not in self._profiles]
        read = {entry: profile(line) for entry, line in queries.features(session, missing).items()} if missing else {}
        self._profiles |= {entry: known for entry, known in read.items() if known is not None}
        damaged = {entry: blank(entry[0]) for entry, known in read.items() if known is None}
        found = {entry: self._profiles[entry] for entry in wanted if entry in self._profiles}
        _forget(self._profiles)
        return found | damaged

    def _spoken(self, session: Session, profiles: dict[queries.Entry, Profile]) -> dict[int, Member]:
        """What these articles say, by their ids; what is not in the cache is read."""
        missing = {entry[0]: entry for entry in profiles if entry not in self._members}
        for row in queries.words(session, missing.keys()) if missing else ():
            entry = missing[row.id]
            self._members[entry] = _member(row, profiles[entry], self.clock())
        found = {entry[0]: self._members[entry] for entry in profiles if entry in self._members}
        _forget(self._members)
        return found


def _forget(cache: OrderedDict[queries.Entry, Any]) -> None:
    """Keep what was read last."""
    while len(cache) > CACHED:
        cache.popitem(last=False)


def _member(row: Any, profile: Profile, at: datetime) -> Member:
    return Member(
        id=row.id,
        profile=profile,
        title=row.title,
        title_derived=(row.provenance or {}).get("title") == "derived",
        standfirst=row.standfirst,
        opening=row.opening,
        kind=row.kind or "article",
        published=row.published_at,
        published_provenance=row.published_provenance,
        announced=row.announced_at,
        quotable=may_quote(row.directives, row.gone_status, at),
    )
