"""What sources have announced, read and noted: the SQL of polls.

Each statement is built once: to build one costs five times as much as to run it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Executable, Select, bindparam, select, update
from sqlmodel import Session, col

from shared.models import Alias, Article, Source

_CHUNK = 500  # parameters of one statement


class Known(NamedTuple):
    """An article as its source last announced it."""

    id: int
    source_id: int | None
    outlet: str
    url: str | None
    announcement: str | None
    announcements: int
    feed_title: str | None
    feed_published_at: datetime | None
    guid_key: str | None


def held_source(session: Session, source_id: int) -> Source | None:
    """The source, which nobody else may write until the transaction ends."""
    found: Source | None = session.execute(_held_source(), {"source": source_id}).scalars().first()
    return found


@cache
def _held_source() -> Executable:
    return select(Source).where(col(Source.id) == bindparam("source")).with_for_update()


def find(session: Session, keys: Sequence[str]) -> dict[str, Known]:
    """The articles of these addresses' keys, by key: by their own, or by an alias."""
    found: dict[str, Known] = {}
    connection = session.connection()
    for start in range(0, len(keys), _CHUNK):
        some = keys[start : start + _CHUNK]
        for statement in (_by_key(), _by_alias()):
            asked = [key for key in some if key not in found]
            rows = connection.execute(statement, {"keys": asked}) if asked else ()
            found.update((row[0], Known(*row[1:])) for row in rows)
    return found


def find_by_guid(session: Session, guid_keys: Sequence[str]) -> dict[str, Known]:
    """The articles that were announced under these GUIDs (`core/announce.py`): the newest of each."""
    found: dict[str, Known] = {}
    connection = session.connection()
    for start in range(0, len(guid_keys), _CHUNK):
        rows = connection.execute(_by_guid(), {"keys": list(guid_keys[start : start + _CHUNK])})
        found.update((row[0], Known(*row[1:])) for row in sorted(rows, key=lambda row: row[1]))
    return found


def _columns(key: Any) -> Select[*tuple[Any, ...]]:
    return select(key, *(getattr(Article, name) for name in Known._fields))


@cache
def _by_key() -> Executable:
    keys: Any = bindparam("keys", expanding=True)
    return _columns(col(Article.url_key)).where(col(Article.url_key).in_(keys))


@cache
def _by_alias() -> Executable:
    keys: Any = bindparam("keys", expanding=True)
    joined = _columns(col(Alias.url_key)).select_from(Alias).join(Article, col(Article.id) == col(Alias.article_id))
    return joined.where(col(Alias.url_key).in_(keys))


@cache
def _by_guid() -> Executable:
    keys: Any = bindparam("keys", expanding=True)
    return _columns(col(Article.guid_key)).where(col(Article.guid_key).in_(keys))


def note(session: Session, changed: Sequence[Known]) -> None:
    """Write what a source says of its articles now."""
    if changed:
        values = [one._asdict() for one in changed]
        session.connection().execute(_noted(), [{"article": one.pop("id"), **one} for one in values])


@cache
def _noted() -> Executable:
    return update(Article).where(col(Article.id) == bindparam("article"))
