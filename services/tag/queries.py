"""The SQL of the stage `tag`: an article as it was cleaned; its tags, its entry in the index and its postings in place of those before."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, exists, select
from sqlmodel import Session, SQLModel

from shared.features import COPY_SHINGLES

# What the stage reads of an article. Columns, not the whole row as an object: that takes ten times as long to build.
_READ = (
    *("id", "url", "url_key", "canonical_url", "sample", "title", "standfirst", "text", "language", "published_at", "context"),
    *("cleaned_revision", "tagged_revision"),
)
# Driver SQL: to build and compile a statement costs more than its running.
_STATEMENTS = {
    "tags_gone": "DELETE FROM article_tag WHERE article_id = ?",
    "entry_gone": "DELETE FROM index_entry WHERE article_id = ?",
    "postings_gone": "DELETE FROM posting WHERE article_id = ?",
    "tag": "INSERT INTO article_tag(article_id, tag_id, name, kind, surfaces, count, weight) VALUES (?, ?, ?, ?, ?, ?, ?)",
    "entry": """INSERT INTO index_entry(article_id, revision, day, sample, snapshot, features, mark, follows)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
    "posting": "INSERT INTO posting(key, day, article_id, weight) VALUES (?, ?, ?, ?)",
    "copied": "SELECT article_id FROM posting WHERE key IN (?, ?, ?, ?, ?) AND day = ? AND article_id <> ? LIMIT 1",
    "tagged": "UPDATE article SET tagged_revision = ? WHERE id = ?",
    "checked": "UPDATE index_entry SET checked = ? WHERE article_id = ?",
}


def article(session: Session, article_id: int, *, hold: bool = False) -> Any:
    """The columns of an article that the stage reads.

    `hold`: nobody may change it until the transaction ends, and `is_indexed` says whether it has an entry in the index.
    """
    return session.connection().execute(_article(hold=hold), {"article": article_id}).one()


def clear(session: Session, article_id: int) -> None:
    """Take an article's tags, entry and postings away."""
    for name in ("tags_gone", "entry_gone", "postings_gone"):
        _run(session, name, (article_id,))


def insert_tags(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Rows of `article_tag`."""
    if rows:
        columns = ("article_id", "tag_id", "name", "kind")
        _run(session, "tag", [(*(row[one] for one in columns), json.dumps(row["surfaces"]), row["count"], row["weight"]) for row in rows])


def insert_entry(session: Session, row: dict[str, Any]) -> None:
    """A row of `index_entry`."""
    day = row["day"].isoformat() if row["day"] else None
    columns = ("sample", "snapshot", "features", "mark", "follows")
    _run(session, "entry", (row["article_id"], row["revision"], day, *(row[one] for one in columns)))


def insert_postings(session: Session, article_id: int, day: int, keys: dict[int, int]) -> None:
    """The article under each key, with its weight there."""
    if keys:
        _run(session, "posting", [(key, day, article_id, weight) for key, weight in keys.items()])


def copied(session: Session, article_id: int, day: int, keys: Sequence[int]) -> int | None:
    """An article of that day that stands in the index under one of these keys, which those with nearly the same text share."""
    connection = session.connection()
    asked = (*keys, *(keys[0] for _ in range(COPY_SHINGLES + 1 - len(keys))))
    found = connection.exec_driver_sql(_statement("copied", connection.dialect.name), (*asked, day, article_id)).first()
    return int(found[0]) if found else None


def mark_tagged(session: Session, article_id: int, revision: int) -> None:
    """Note which revision of the article is tagged."""
    _run(session, "tagged", (revision, article_id))


def mark_checked(session: Session, article_id: int, snapshot: str) -> None:
    """Note that a rebuild with this snapshot made what stands."""
    _run(session, "checked", (snapshot, article_id))


@cache
def _article(*, hold: bool) -> Executable:
    table, entry = SQLModel.metadata.tables["article"], SQLModel.metadata.tables["index_entry"]
    wanted = select(*(table.c[name] for name in _READ)).where(table.c.id == bindparam("article"))
    indexed = exists().where(entry.c.article_id == bindparam("article")).label("is_indexed")
    return wanted.add_columns(indexed).with_for_update(of=table) if hold else wanted


@cache
def _statement(name: str, dialect: str) -> str:
    """One statement with the database's own marks for parameters."""
    return _STATEMENTS[name].replace("?", "%s") if dialect == "postgresql" else _STATEMENTS[name]


def _run(session: Session, name: str, values: Any) -> None:
    connection = session.connection()
    connection.exec_driver_sql(_statement(name, connection.dialect.name), values)
