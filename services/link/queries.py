"""The linker's SQL: candidates by the index, the component around an article, the members' words."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, delete, func, insert, or_, update
from sqlmodel import Session, col, select

from services.link.core.cluster import JOIN, SCALE
from services.link.core.relink import Component, pair_of
from services.link.core.score import RULES, WINDOW_MINUTES
from services.link.core.score import Edge as Scored
from shared.models import Article, Edge, Event, IndexEntry, Posting

# A day more than the window on each side: the column has days, the score looks at minutes.
WINDOW_DAYS = timedelta(days=WINDOW_MINUTES // 1440 + 1)
# Bounds on one article's work, far above what news brings: those that share most keys come first.
MAX_CANDIDATES = 1_000
MAX_COMPONENT = 2_000
OPENING_CHARS = 1_500
STRONG = JOIN / SCALE

Entry = tuple[int, int, str]  # article, revision, snapshot: which features they are


def candidates(session: Session, article: int, keys: Collection[int], day: date | None) -> list[int]:
    """Articles that share a key, and are undated or not days apart. An undated article asks without a window."""
    wanted = select(Posting.article_id).where(col(Posting.key).in_(keys), Posting.article_id != article)
    if day is not None:
        wanted = wanted.where(or_(col(Posting.day).is_(None), col(Posting.day).between(day - WINDOW_DAYS, day + WINDOW_DAYS)))
    ordered = wanted.group_by(col(Posting.article_id)).order_by(func.count().desc(), col(Posting.article_id)).limit(MAX_CANDIDATES)
    return list(session.exec(ordered))


def entries(session: Session, articles: Collection[int], *, hold: bool = False) -> list[Entry]:
    """Which features stand in the index for these articles. `hold`: nobody may replace them until the transaction ends."""
    wanted = select(IndexEntry.article_id, IndexEntry.revision, IndexEntry.snapshot).where(col(IndexEntry.article_id).in_(articles))
    wanted = wanted.order_by(col(IndexEntry.article_id))
    found = session.exec(wanted.with_for_update(read=True) if hold else wanted)
    return [(article, revision, snapshot) for article, revision, snapshot in found]


def features(session: Session, articles: Collection[int]) -> dict[Entry, str]:
    """The features as JSON."""
    wanted = select(IndexEntry).where(col(IndexEntry.article_id).in_(articles))
    return {(row.article_id, row.revision, row.snapshot): row.features for row in session.exec(wanted)}


def component(session: Session, article: int, neighbours: Iterable[int]) -> Component:
    """All that hangs together with the article by strong edges, old and new (`neighbours`), and all members of the events concerned."""
    edges: dict[tuple[int, int], tuple[float, float]] = {}
    events: dict[int, int | None] = {}
    fresh = {article, *neighbours}
    asked: set[int] = set()
    while fresh and len(events) < MAX_COMPONENT:
        events |= _memberships(session, col(Article.id).in_(fresh))
        wanted = select(Edge.a, Edge.b, Edge.score, Edge.copy_score).where(or_(col(Edge.a).in_(fresh), col(Edge.b).in_(fresh)))
        found = {(a, b): (score, copy) for a, b, score, copy in session.exec(wanted)}
        edges |= found
        reached = {name for pair, (score, _) in found.items() if score >= STRONG for name in pair}
        known = {event for event in events.values() if event is not None} - asked
        if known:
            reached |= _memberships(session, col(Article.event_id).in_(known)).keys()
            asked |= known
        fresh = reached - events.keys()
    inside = {pair: values for pair, values in edges.items() if pair[0] in events and pair[1] in events}
    return Component(edges=inside, events=events)


def _memberships(session: Session, which: ColumnElement[bool]) -> dict[int, int | None]:
    """Article to event."""
    return {row[0]: row[1] for row in session.execute(sqlalchemy.select(col(Article.id), col(Article.event_id)).where(which))}


def lock(session: Session, articles: Collection[int]) -> None:
    """Hold these articles' rows until the transaction ends, in the order of their ids, so that two linkers never wait in a circle."""
    session.exec(select(Article.id).where(col(Article.id).in_(articles)).order_by(col(Article.id)).with_for_update()).all()


def words(session: Session, articles: Collection[int]) -> Sequence[Any]:
    """What members say: id, title, provenance, standfirst, the beginning of the text, kind, dates."""
    wanted = sqlalchemy.select(
        col(Article.id),
        col(Article.title),
        col(Article.provenance),
        col(Article.standfirst),
        func.substr(Article.text, 1, OPENING_CHARS).label("opening"),
        col(Article.kind),
        col(Article.published_at),
        col(Article.published_provenance),
        col(Article.announced_at),
    )
    return session.execute(wanted.where(col(Article.id).in_(articles))).all()


def replace_edges(session: Session, article: int, edges: dict[int, Scored]) -> None:
    """The article's edges in place of those it had."""
    session.execute(delete(Edge).where(or_(col(Edge.a) == article, col(Edge.b) == article)))
    rows = []
    for other, edge in sorted(edges.items()):
        a, b = pair_of(article, other)
        reasons = [list(reason) for reason in edge.reasons]
        rows.append({"a": a, "b": b, "score": edge.score, "copy_score": edge.copy, "reasons": reasons, "rules": RULES})
    if rows:
        session.execute(insert(Edge), rows)


def forward(session: Session, old: int, new: int) -> None:
    """Let what was merged into `old` point to `new`, so that a redirect never takes two steps."""
    session.execute(update(Event).where(col(Event.merged_into) == old).values(merged_into=new))
