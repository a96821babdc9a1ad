"""A copy of what a rebuild of some articles depends on, in a database of its own that is thrown away: there it can be done for good."""

import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Engine, Table, insert, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col

from services.link.queries import WINDOW_DAYS
from shared.db import make_engine, reading, writing
from shared.models import (
    Alias,
    Article,
    ArticleTag,
    CorrectedPair,
    Correction,
    Document,
    Edge,
    Event,
    IndexEntry,
    Posting,
    Source,
)

PORTION = 500  # ids in a statement
# By which column their rows belong to an article.
_OF_ARTICLES: tuple[tuple[type[SQLModel], Any], ...] = (
    (Article, Article.id),
    (Document, Document.article_id),
    (Alias, Alias.article_id),
    (ArticleTag, ArticleTag.article_id),
    (IndexEntry, IndexEntry.article_id),
    (Posting, Posting.article_id),
)


@contextmanager
def copied(engine: Engine, articles: Collection[int]) -> Iterator[tuple[Engine, Engine]]:
    """Two databases with these articles, their events and edges, and everybody's decisions, all as of one moment: one to be left as it
    is, one to work on. Gone when the context ends.
    """
    with tempfile.TemporaryDirectory(prefix="dateline-rehearsal-") as folder:
        files = [Path(folder) / name for name in ("before.db", "after.db")]
        with _opened(files[0]) as made:
            SQLModel.metadata.create_all(made)
            with reading(engine) as here, writing(made) as there:
                if engine.dialect.name == "postgresql":
                    here.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                _copy_all(here, there, sorted(articles))
        shutil.copyfile(*files)
        with _opened(files[0]) as before, _opened(files[1]) as after:
            yield before, after


@contextmanager
def _opened(file: Path) -> Iterator[Engine]:
    """The database of this file; nothing of it is left in a write-ahead log afterwards."""
    made = make_engine(f"sqlite:///{file}", synchronous="OFF")
    try:
        yield made
    finally:
        made.dispose()


def concerned(session: Session, chosen: Collection[int], days: Collection[date | None]) -> set[int]:
    """The articles whose events may change with those of the `chosen`, which stand in the index under these `days`.

    Those that may be compared with them, and whoever hangs together with one of these: in an event, by an edge, by a decision.
    """
    entry = col(IndexEntry.day)
    found = set(chosen)
    dated = [day for day in days if day is not None]
    near: list[ColumnElement[bool]] = []
    if len(dated) == len(days) and dated:
        reach = timedelta(days=WINDOW_DAYS + 1)
        near = [or_(entry.is_(None), entry.between(min(dated) - reach, max(dated) + reach))]
    found |= set(session.execute(select_columns(col(IndexEntry.article_id)).where(*near)).scalars())
    fresh = found
    while fresh:
        reached = {one for ids in _portions(fresh) for one in _mates(session, ids)}
        fresh = reached - found
        found |= fresh
    return found


def _mates(session: Session, ids: Sequence[int]) -> Iterator[int]:
    a, b = col(Edge.a), col(Edge.b)
    events = select_columns(col(Article.event_id)).where(col(Article.id).in_(ids), col(Article.event_id).is_not(None))
    for statement in (
        select_columns(b).where(a.in_(ids)),
        select_columns(a).where(b.in_(ids)),
        select_columns(col(Article.id)).where(col(Article.event_id).in_(events)),
    ):
        yield from session.execute(statement).scalars()
    keys = select_columns(col(Article.url_key)).where(col(Article.id).in_(ids))
    for one, other in ((CorrectedPair.a, CorrectedPair.b), (CorrectedPair.b, CorrectedPair.a)):
        named = select_columns(col(other)).where(col(one).in_(keys))
        yield from session.execute(select_columns(col(Article.id)).where(col(Article.url_key).in_(named))).scalars()


def _copy_all(here: Session, there: Session, articles: Sequence[int]) -> None:
    """In an order in which whatever a row refers to is there before it."""
    for whole in (Source, Correction, CorrectedPair):
        _copy(here, there, whole, [()])
    events: set[int] = set()
    for ids in _portions(articles):
        events |= set(here.execute(select_columns(col(Article.event_id)).where(col(Article.id).in_(ids))).scalars()) - {None}
    _copy(here, there, Event, [(col(Event.id).in_(ids),) for ids in _portions(sorted(events))])
    for model, owner in _OF_ARTICLES:
        _copy(here, there, model, [(col(owner).in_(ids),) for ids in _portions(articles)])
    inside = set(articles)
    for ids in _portions(articles):
        rows = here.execute(select_columns(_table(Edge)).where(col(Edge.a).in_(ids))).mappings().all()
        _put(there, Edge, [dict(row) for row in rows if row["b"] in inside])


def _copy(here: Session, there: Session, model: type[SQLModel], chosen: Iterable[tuple[Any, ...]]) -> None:
    for where in chosen:
        _put(there, model, [dict(row) for row in here.execute(select_columns(_table(model)).where(*where)).mappings()])


def _put(there: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        there.connection().execute(insert(_table(model)), rows)


def _table(model: type[SQLModel]) -> Table:
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def _portions(ids: Collection[int]) -> Iterator[list[int]]:
    some = sorted(ids)
    for at in range(0, len(some), PORTION):
        yield some[at : at + PORTION]
