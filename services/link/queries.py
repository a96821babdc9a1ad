"""The linker's SQL: candidates by the index, the component around an article, the members' words."""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy import delete, func, insert, or_, update
from sqlmodel import Session, col

from services.link.core.cluster import JOIN, SCALE
from services.link.core.relink import Component, pair_of
from services.link.core.score import RULES, WINDOW_MINUTES
from services.link.core.score import Edge as Scored
from shared.models import Article, Edge, Event

# A day more than the window on each side: the column has days, the score looks at minutes.
WINDOW_DAYS = timedelta(days=WINDOW_MINUTES // 1440 + 1)
# Bounds on one article's work, far above what news brings: those that share most keys come first.
MAX_CANDIDATES = 1_000
MAX_COMPONENT = 2_000
OPENING_CHARS = 1_500
STRONG = JOIN / SCALE

Entry = tuple[int, int, str]  # article, revision, snapshot: which features they are

# The reads speak driver SQL: an article asks some twenty times, and to build and compile so many statements costs ten times their running.
MARKS: dict[str, dict[str, str]] = {
    "sqlite": {
        "ids": "(SELECT value FROM json_each(:ids))",
        "keys": "(SELECT value FROM json_each(:keys))",
        "since": ":since",
        "until": ":until",
        "lock": "",
        "hold": "",
    },
    "postgresql": {
        "ids": "(SELECT value::bigint FROM json_array_elements_text(CAST(:ids AS json)))",
        "keys": "(SELECT value::bigint FROM json_array_elements_text(CAST(:keys AS json)))",
        "since": "CAST(:since AS date)",
        "until": "CAST(:until AS date)",
        "lock": "FOR UPDATE",
        "hold": "FOR SHARE",
    },
}
STATEMENTS: dict[str, str] = {
    "candidates": """SELECT article_id FROM posting WHERE key IN {keys} AND article_id <> :article
        GROUP BY article_id ORDER BY count(*) DESC, article_id LIMIT :most""",
    "candidates_near": """SELECT article_id FROM posting WHERE key IN {keys} AND article_id <> :article
        AND (day IS NULL OR day BETWEEN {since} AND {until}) GROUP BY article_id ORDER BY count(*) DESC, article_id LIMIT :most""",
    "entries": "SELECT article_id, revision, snapshot FROM index_entry WHERE article_id IN {ids} ORDER BY article_id",
    "entries_held": "SELECT article_id, revision, snapshot FROM index_entry WHERE article_id IN {ids} ORDER BY article_id {hold}",
    "features": "SELECT article_id, revision, snapshot, features FROM index_entry WHERE article_id IN {ids}",
    "memberships": "SELECT id, event_id FROM article WHERE id IN {ids}",
    "members": "SELECT id FROM article WHERE event_id IN {ids}",
    "edges": """SELECT a, b, score, copy_score FROM edge WHERE a IN {ids}
        UNION SELECT a, b, score, copy_score FROM edge WHERE b IN {ids}""",
    "lock": "SELECT id FROM article WHERE id IN {ids} ORDER BY id {lock}",
}


def candidates(session: Session, article: int, keys: Collection[int], day: date | None) -> list[int]:
    """Articles that share a key, and are undated or not days apart. An undated article asks without a window."""
    values = {"keys": _list(keys), "article": article, "most": MAX_CANDIDATES}
    if day is None:
        return [row[0] for row in _run(session, "candidates", **values)]
    window = {"since": (day - WINDOW_DAYS).isoformat(), "until": (day + WINDOW_DAYS).isoformat()}
    return [row[0] for row in _run(session, "candidates_near", **values, **window)]


def entries(session: Session, articles: Collection[int], *, hold: bool = False) -> list[Entry]:
    """Which features stand in the index for these articles. `hold`: nobody may replace them until the transaction ends."""
    return [(row[0], row[1], row[2]) for row in _run(session, "entries_held" if hold else "entries", ids=_list(articles))]


def features(session: Session, articles: Collection[int]) -> dict[Entry, str]:
    """The features as JSON."""
    return {(row[0], row[1], row[2]): row[3] for row in _run(session, "features", ids=_list(articles))}


def component(session: Session, article: int, neighbours: Iterable[int]) -> Component:
    """All that hangs together with the article by strong edges, old and new (`neighbours`), and all members of the events concerned."""
    edges: dict[tuple[int, int], tuple[float, float]] = {}
    events: dict[int, int | None] = {}
    fresh = {article, *neighbours}
    asked: set[int] = set()
    while fresh and len(events) < MAX_COMPONENT:
        ids = _list(fresh)
        events |= {row[0]: row[1] for row in _run(session, "memberships", ids=ids)}
        found = {(row[0], row[1]): (row[2], row[3]) for row in _run(session, "edges", ids=ids)}
        edges |= found
        reached = {name for pair, (score, _) in found.items() if score >= STRONG for name in pair}
        known = {event for event in events.values() if event is not None} - asked
        if known:
            reached |= {row[0] for row in _run(session, "members", ids=_list(known))}
            asked |= known
        fresh = reached - events.keys()
    inside = {pair: values for pair, values in edges.items() if pair[0] in events and pair[1] in events}
    return Component(edges=inside, events=events)


def lock(session: Session, articles: Collection[int]) -> None:
    """Hold these articles' rows until the transaction ends, in the order of their ids, so that two linkers never wait in a circle."""
    _run(session, "lock", ids=_list(articles)).all()


def _list(numbers: Collection[int]) -> str:
    return json.dumps(sorted(numbers))


@cache
def _statement(name: str, dialect: str) -> str:
    """One statement in the database's own words, with its own style of parameters."""
    sql = STATEMENTS[name].format_map(MARKS[dialect])
    return re.sub(r"(?<!:):([a-z_]+)", r"%(\1)s", sql) if dialect == "postgresql" else sql


def _run(session: Session, name: str, **values: Any) -> Any:
    connection = session.connection()
    return connection.exec_driver_sql(_statement(name, connection.dialect.name), values)


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
