"""The stage `link`: from an article's entry in the index to its event."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.link import events, queries
from services.link.core import rarity
from services.link.core.choice import EVENT_PAGE, Member
from services.link.core.relink import Component, Relinked, relink
from services.link.core.score import COPY, Edge, Profile, is_cited, score
from services.link.core.twins import SURE, kinds, own_edge
from shared.clock import Clock, now
from shared.features import from_json, twin_posting
from shared.messages import ArticleTagged, PageOutdated
from shared.rights import may_quote
from shared.stage import Conflict, Superseded

CACHED = 2_000  # profiles, some 20 kB each, and what their articles say, some 3


@dataclass(frozen=True, kw_only=True)
class Given:
    """An article's edges, and the component they touch with its members."""

    article: int
    edges: dict[int, Edge]
    entries: list[queries.Entry]  # which features the edges were scored with
    mates: dict[int, float]  # the articles that it had edges with, and their scores
    component: Component
    members: dict[int, Member]
    follows: int | None = None  # the twin whose event it joins, with nothing else to work out; `component` is of these two alone


@dataclass(frozen=True, kw_only=True)
class Linked:
    """What is to be written, and what it was worked out from."""

    given: Given
    relinked: Relinked | None  # None where it follows a twin


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
        own = self._own(session, message)
        mates = queries.mates(session, article)
        others = self._candidates(session, article, own) | self._twins(session, own, mates)
        session.rollback()
        edges = {entry[0]: edge for entry, other in others.items() if (edge := score(own, other)) is not None}
        used = sorted(entry for entry in others if entry[0] in edges)
        if (twin := self._leader(session, (article, message.revision, message.snapshot), own, others, edges)) is not None and not mates:
            component = queries.pair(session, article, twin)
            return Given(article=article, edges=edges, entries=used, mates=mates, component=component, members={}, follows=twin)
        strong = [other for other, edge in edges.items() if edge.score >= queries.STRONG]
        component = queries.component(session, article, strong)
        known = {entry[0]: entry for entry in others}
        unknown = component.events.keys() - known.keys() - {article}
        wanted = [*(known[name] for name in component.events if name in known), *queries.entries(session, unknown)]
        inside = self._read(session, wanted) | {(article, message.revision, message.snapshot): own}
        members = self._spoken(session, inside)
        return Given(article=article, edges=edges, entries=used, mates=mates, component=component, members=members)

    def touches(self, given: Given) -> frozenset[int]:
        """The articles whose event may change: rows of a batch that share none are saved in one transaction."""
        return frozenset(given.component.events) | {given.article}

    def run(self, given: Given) -> Linked:
        """Cluster the component anew."""
        if given.follows is not None:
            return Linked(given=given, relinked=None)
        return Linked(given=given, relinked=relink(given.article, given.component, given.edges, given.members))

    def save(self, session: Session, message: ArticleTagged, done: Linked) -> Sequence[PageOutdated | ArticleTagged]:
        """Write edges, memberships and events, if all that they followed from still stands."""
        given = done.given
        linked = queries.lock(session, {*given.component.events, given.article})
        own = (given.article, message.revision, message.snapshot)
        held = queries.entries(session, {entry[0] for entry in (own, *given.entries)}, hold=True)
        if own not in held or linked[given.article] > message.revision:
            raise Superseded
        if held != sorted((own, *given.entries)) or self._component(session, given) != given.component:
            raise Conflict
        if done.relinked is None and queries.mates(session, given.article):
            raise Conflict
        queries.replace_edges(session, given.article, given.mates, given.edges)
        if done.relinked is None:
            return events.follow(session, message, given.component, self.clock())
        same = message.same and given.mates == {other: edge.score for other, edge in given.edges.items()}
        pages = events.write(session, message, given.component, done.relinked, given.members, self.clock(), same=same)
        return [*pages, *self._left(session, message, given)]

    def _component(self, session: Session, given: Given) -> Component:
        """What stands now of what the result followed from."""
        if given.follows is not None:
            return queries.pair(session, given.article, given.follows)
        strong = [other for other, edge in given.edges.items() if edge.score >= queries.STRONG]
        return queries.component(session, given.article, strong)

    def _leader(
        self, session: Session, entry: queries.Entry, own: Profile, others: dict[queries.Entry, Profile], edges: dict[int, Edge]
    ) -> int | None:
        """The linked twin that a new article repeats and that was out before it: its event gains a copy, and nothing else about it changes.

        So a thousand of them cost a thousand times the same, and not each what all before it cost.
        """
        ((twin, first), *more) = ((name, other) for name, other in others.items()) if others else ((None, None),)
        if twin is None or first is None or more or first.twin != own.twin or twin[0] > entry[0]:
            return None
        pair = queries.pair(session, entry[0], twin[0])
        if pair.rules or pair.events[entry[0]] is not None or pair.events[twin[0]] is None or edges[twin[0]].copy < COPY:
            return None
        origin = pair.copies[twin[0]] or twin[0]
        known = self._read(session, queries.entries(session, {origin, twin[0]}))
        said = self._spoken(session, known | {entry: own})
        if origin not in said or twin[0] not in said or {said[origin].kind, said[twin[0]].kind, said[entry[0]].kind} & {EVENT_PAGE}:
            return None
        earliest = min((said[name].key, name) for name in {origin, twin[0]})
        return twin[0] if earliest < (said[entry[0]].key, entry[0]) else None

    def _left(self, session: Session, message: ArticleTagged, given: Given) -> list[ArticleTagged]:
        """Those that had a strong edge with an earlier revision: it may have been the one twin that had edges with others."""
        left = [other for other, value in given.mates.items() if value >= SURE and other not in given.edges]
        told = f"{message.article_id}.{message.revision}.{message.snapshot}" if left else ""
        return [
            ArticleTagged(article_id=other, revision=revision, snapshot=snapshot, corrected=told, rebuild=message.rebuild)
            for other, revision, snapshot in queries.entries(session, left)
        ]

    def _candidates(self, session: Session, article: int, own: Profile) -> dict[queries.Entry, Profile]:
        """What the article is to be compared with: its first twin alone, if there is one before it; else one of each kind of twins."""
        twin = queries.twin(session, article, twin_posting(own.features))
        if twin is not None and twin < article and own_edge(own):
            found = self._read(session, queries.entries(session, [twin]))
            if any(other.twin == own.twin for other in found.values()):
                return found | self._citing(session, article, own)
        found = self._read(session, queries.candidates(session, article, own.features.day))
        head = kinds({entry[0]: other for entry, other in found.items()}).head
        # A citation names one of several twins, and its edge is with that one.
        cited = {entry[0] for entry, other in found.items() if is_cited(own.features, other.features)}
        return {entry: other for entry, other in found.items() if head[entry[0]] == entry[0] or entry[0] in cited}

    def _twins(self, session: Session, own: Profile, mates: dict[int, float]) -> dict[queries.Entry, Profile]:
        """The twins that hang on this article: they have no other edge."""
        found = self._read(session, queries.entries(session, [other for other, value in mates.items() if value >= SURE]))
        return {entry: other for entry, other in found.items() if other.twin == own.twin}

    def _citing(self, session: Session, article: int, own: Profile) -> dict[queries.Entry, Profile]:
        """The event pages that name this article's address."""
        found = self._read(session, queries.named(session, article, own.features.addresses))
        return {entry: other for entry, other in found.items() if is_cited(own.features, other.features)}

    def _own(self, session: Session, message: ArticleTagged) -> Profile:
        """The article's own profile, if the message is still about what stands in the index."""
        found = queries.own(session, message.article_id)
        if found is None or found[0] != (message.article_id, message.revision, message.snapshot) or found[2] > message.revision:
            raise Superseded
        known = self._profiles.get(found[0]) or Profile(features=from_json(found[1]), rarity=rarity.static())
        self._profiles[found[0]] = known
        return known

    def _read(self, session: Session, wanted: Collection[queries.Entry]) -> dict[queries.Entry, Profile]:
        """Profiles from the cache, the rest from the index. What stands there no more is left out."""
        missing = [entry[0] for entry in wanted if entry not in self._profiles]
        for entry, line in queries.features(session, missing).items() if missing else ():
            self._profiles[entry] = Profile(features=from_json(line), rarity=rarity.static())
        found = {entry: self._profiles[entry] for entry in wanted if entry in self._profiles}
        _forget(self._profiles)
        return found

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
