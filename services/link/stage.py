"""The stage `link`: from an article's entry in the index to its event."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from services.link import events, queries
from services.link.core import rarity
from services.link.core.choice import Member
from services.link.core.relink import Component, Relinked, relink
from services.link.core.score import Edge, Profile, profile, score
from shared.clock import Clock, now
from shared.features import from_json, index_keys
from shared.messages import ArticleTagged, PageOutdated
from shared.models import Article
from shared.stage import Conflict, Superseded

CACHED_PROFILES = 2_000  # some 20 kB each


@dataclass(frozen=True, kw_only=True)
class Given:
    """An article's edges, and the component they touch with its members."""

    article: int
    edges: dict[int, Edge]
    entries: list[queries.Entry]  # which features the edges were scored with
    component: Component
    members: dict[int, Member]


@dataclass(frozen=True, kw_only=True)
class Linked:
    """What is to be written, and what it was worked out from."""

    given: Given
    relinked: Relinked


@dataclass
class Link:
    """Consumes ArticleTagged; produces PageOutdated. Keeps the profiles it used last: they follow from what is in the index alone."""

    clock: Clock = now
    _profiles: dict[queries.Entry, Profile] = field(default_factory=dict)

    def load(self, session: Session, message: ArticleTagged) -> Given:
        """Score the article against its candidates, then read the component that its edges touch.

        The transaction ends before the scoring: which component is touched is known only after it, and `save` compares all that it
        followed from with what stands then.
        """
        article = message.article_id
        own = self._own(session, message)
        found = queries.candidates(session, article, index_keys(own.features), own.features.day)
        others = self._read(session, found)
        session.rollback()
        edges = {entry[0]: edge for entry, other in others.items() if (edge := score(own, other)) is not None}
        strong = [other for other, edge in edges.items() if edge.score >= queries.STRONG]
        component = queries.component(session, article, strong)
        profiles = {entry[0]: other for entry, other in self._read(session, component.events.keys()).items()}
        used = sorted(entry for entry in others if entry[0] in edges)
        members = _members(session, {**profiles, article: own})
        return Given(article=article, edges=edges, entries=used, component=component, members=members)

    def touches(self, given: Given) -> frozenset[int]:
        """The articles whose event may change: rows of a batch that share none are saved in one transaction."""
        return frozenset(given.component.events) | {given.article}

    def run(self, given: Given) -> Linked:
        """Cluster the component anew."""
        return Linked(given=given, relinked=relink(given.article, given.component, given.edges, given.members))

    def save(self, session: Session, message: ArticleTagged, done: Linked) -> Sequence[PageOutdated]:
        """Write edges, memberships and events, if all that they followed from still stands."""
        given = done.given
        queries.lock(session, given.component.events.keys())
        held = queries.entries(session, {entry[0] for entry in given.entries}, hold=True)
        self._own(session, message)
        strong = [other for other, edge in given.edges.items() if edge.score >= queries.STRONG]
        if held != given.entries or queries.component(session, given.article, strong) != given.component:
            raise Conflict
        queries.replace_edges(session, given.article, given.edges)
        return events.write(session, given.article, message.revision, done.relinked, given.members, self.clock())

    def _own(self, session: Session, message: ArticleTagged) -> Profile:
        """The article's own profile, if the message is still about what stands in the index."""
        found = self._read(session, [message.article_id])
        article = session.get_one(Article, message.article_id)
        mine = found.get((message.article_id, message.revision, message.snapshot))
        if mine is None or article.linked_revision > message.revision:
            raise Superseded
        return mine

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
        while len(self._profiles) > CACHED_PROFILES:
            del self._profiles[next(iter(self._profiles))]
        return found


def _members(session: Session, profiles: dict[int, Profile]) -> dict[int, Member]:
    return {
        row.id: Member(
            id=row.id,
            profile=profiles[row.id],
            title=row.title,
            title_derived=(row.provenance or {}).get("title") == "derived",
            standfirst=row.standfirst,
            opening=row.opening,
            kind=row.kind or "article",
            published=row.published_at,
            published_provenance=row.published_provenance,
            announced=row.announced_at,
        )
        for row in queries.words(session, profiles.keys())
    }
