"""The stage `link`: from an article's entry in the index to its event."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.link import events, queries
from services.link.core import rarity
from services.link.core.choice import Member
from services.link.core.relink import Component, Relinked, relink
from services.link.core.score import Edge, Profile, is_cited, profile, score
from services.link.core.twins import SURE, kinds, own_edge
from shared.clock import Clock, now
from shared.features import from_json, index_keys, twin_posting
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


@dataclass(frozen=True, kw_only=True)
class Linked:
    """What is to be written, and what it was worked out from."""

    given: Given
    relinked: Relinked


@dataclass
class Link:
    """Consumes ArticleTagged; produces PageOutdated. Keeps what it read last: what an article says follows from its entry in the index."""

    clock: Clock = now
    _profiles: dict[queries.Entry, Profile] = field(default_factory=dict)
    _members: dict[queries.Entry, Member] = field(default_factory=dict)

    def load(self, session: Session, message: ArticleTagged) -> Given:
        """Score the article against its candidates, then read the component that its edges touch.

        The transaction ends before the scoring: which component is touched is known only after it, and `save` compares all that it
        followed from with what stands then.
        """
        article = message.article_id
        own = self._own(session, message)
        mates = queries.mates(session, article)
        others = self._candidates(session, article, own)
        session.rollback()
        edges = {entry[0]: edge for entry, other in others.items() if (edge := score(own, other)) is not None}
        strong = [other for other, edge in edges.items() if edge.score >= queries.STRONG]
        component = queries.component(session, article, strong)
        inside = self._read(session, component.events.keys()) | {(article, message.revision, message.snapshot): own}
        used = sorted(entry for entry in others if entry[0] in edges)
        members = self._spoken(session, inside)
        return Given(article=article, edges=edges, entries=used, mates=mates, component=component, members=members)

    def touches(self, given: Given) -> frozenset[int]:
        """The articles whose event may change: rows of a batch that share none are saved in one transaction."""
        return frozenset(given.component.events) | {given.article}

    def run(self, given: Given) -> Linked:
        """Cluster the component anew."""
        return Linked(given=given, relinked=relink(given.article, given.component, given.edges, given.members))

    def save(self, session: Session, message: ArticleTagged, done: Linked) -> Sequence[PageOutdated | ArticleTagged]:
        """Write edges, memberships and events, if all that they followed from still stands."""
        given = done.given
        queries.lock(session, given.component.events.keys())
        own = (given.article, message.revision, message.snapshot)
        held = queries.entries(session, {entry[0] for entry in (own, *given.entries)}, hold=True)
        self._check(session, message, held)
        strong = [other for other, edge in given.edges.items() if edge.score >= queries.STRONG]
        if held != sorted((own, *given.entries)) or queries.component(session, given.article, strong) != given.component:
            raise Conflict
        queries.replace_edges(session, given.article, given.mates, given.edges)
        pages = events.write(session, message, given.component, done.relinked, given.members, self.clock())
        return [*pages, *self._left(session, message, given)]

    def _left(self, session: Session, message: ArticleTagged, given: Given) -> list[ArticleTagged]:
        """Those that had a strong edge with an earlier revision: it may have been the one twin that had edges with others."""
        left = [other for other, value in given.mates.items() if value >= SURE and other not in given.edges]
        told = f"{message.article_id}.{message.revision}.{message.snapshot}" if left else ""
        return [
            ArticleTagged(article_id=other, revision=revision, snapshot=snapshot, corrected=told)
            for other, revision, snapshot in queries.entries(session, left)
        ]

    def _candidates(self, session: Session, article: int, own: Profile) -> dict[queries.Entry, Profile]:
        """What the article is to be compared with: its first twin alone, if there is one before it; else one of each kind of twins."""
        twin = queries.twin(session, article, twin_posting(own.features)) if own_edge(own) else None
        if twin is not None and twin < article:
            found = self._read(session, [twin])
            if any(other.twin == own.twin for other in found.values()):
                return found | self._citing(session, article, own)
        near = queries.candidates(session, article, index_keys(own.features), own.features.day)
        found = self._read(session, near)
        head = kinds({entry[0]: other for entry, other in found.items()}).head
        # A citation names one of several twins, and its edge is with that one.
        cited = {entry[0] for entry, other in found.items() if is_cited(own.features, other.features)}
        return {entry: other for entry, other in found.items() if head[entry[0]] == entry[0] or entry[0] in cited}

    def _citing(self, session: Session, article: int, own: Profile) -> dict[queries.Entry, Profile]:
        """The event pages that name this article's address."""
        found = self._read(session, queries.candidates(session, article, own.features.addresses, own.features.day))
        return {entry: other for entry, other in found.items() if is_cited(own.features, other.features)}

    def _own(self, session: Session, message: ArticleTagged) -> Profile:
        """The article's own profile, if the message is still about what stands in the index."""
        found = self._read(session, [message.article_id])
        self._check(session, message, found)
        return found[message.article_id, message.revision, message.snapshot]

    def _check(self, session: Session, message: ArticleTagged, found: Collection[queries.Entry]) -> None:
        """Raise Superseded where the message is about features that do not stand in the index any more."""
        is_there = (message.article_id, message.revision, message.snapshot) in found
        if not is_there or queries.linked_revision(session, message.article_id) > message.revision:
            raise Superseded

    def _read(self, session: Session, articles: Collection[int]) -> dict[queries.Entry, Profile]:
        """Profiles from the cache, the rest from the index."""
        wanted = queries.entries(session, articles)
        missing = [entry[0] for entry in wanted if entry not in self._profiles]
        read = {}
        if missing:
            for entry, line in queries.features(session, missing).items():
                read[entry] = profile(from_json(line), rarity.static())
        found = {entry: known for entry in wanted if (known := read.get(entry) or self._profiles.get(entry))}
        self._profiles |= read
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


def _forget(cache: dict[queries.Entry, Any]) -> None:
    """Keep what was read last."""
    while len(cache) > CACHED:
        del cache[next(iter(cache))]


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
