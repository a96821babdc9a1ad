"""Articles and their documents into the database: the one way for what was fetched and for what came by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from shared.messages import DocumentFetched
from shared.models import Alias, Article, Document

# The outlet of a document that came as a file, until cleaning finds who publishes it: this, and the file's name.
FILE_OUTLET = "file:"


def insert_new(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]], unique: str) -> None:
    """Insert the rows (columns' values, the same columns in each) whose `unique` column is not there yet; what stands stays as it is."""
    if rows:
        connection = session.connection()
        connection.execute(_new(table, unique, connection.dialect.name), [dict(row) for row in rows])


# Statements are built once each: to build one costs five times as much as to run it.


@cache
def _new(table: type[SQLModel], unique: str, dialect: str) -> Executable:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    return insert.on_conflict_do_nothing(index_elements=[unique])


def find_article(session: Session, key: str) -> Article | None:
    """The article of an address's key: by its own, or by an alias."""
    for statement in (_by_key(), _by_alias()):
        found: Article | None = session.execute(statement, {"key": key}).scalars().first()
        if found is not None:
            return found
    return None


@cache
def _by_key() -> Executable:
    return select(Article).where(col(Article.url_key) == bindparam("key"))


@cache
def _by_alias() -> Executable:
    return select(Article).join(Alias, col(Alias.article_id) == col(Article.id)).where(col(Alias.url_key) == bindparam("key"))


def add_article(
    session: Session, *, key: str, url: str | None, outlet: str, at: datetime, source_id: int | None = None, sample: bool = False
) -> Article:
    """The article of this key (`shared.urls.key`, or `sha256:…` of a document without an address), added where it is not known."""
    known = find_article(session, key)
    if known is not None:
        return known
    row = {"url_key": key, "url": url, "outlet": outlet, "announced_at": at, "source_id": source_id, "sample": sample}
    insert_new(session, Article, [row], "url_key")
    article: Article = session.execute(_by_key(), {"key": key}).scalars().one()
    return article


def keep_document(
    session: Session,
    article: Article,
    *,
    sha256: str,
    size: int,
    at: datetime,
    url: str | None = None,
    content_type: str | None = None,
    status: int | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
    headers: Sequence[Sequence[str]] | None = None,
    directives: Sequence[str] = (),
    raw_until: datetime | None = None,
) -> DocumentFetched | None:
    """Write a document that the raw store holds as the article's next revision; None where it is the present one again.

    `headers` are [name, value] pairs as answered, `directives` what the publisher reserves of this revision, `raw_until` how long its bytes
    may be kept (None: for good).

    The caller holds the article's row (`SELECT … FOR UPDATE`), and the raw store has the bytes on disk.
    """
    if article.id is None:
        raise ValueError("an article without a row")
    present = document_of(session, article)
    if present is not None and present.sha256 == sha256:
        present.etag, present.last_modified = etag or present.etag, last_modified or present.last_modified
        if present.raw_removed_at is not None or (raw_until is not None and present.raw_until is None):
            present.raw_until, present.raw_removed_at = raw_until or present.raw_until, None  # the bytes are there again
        session.add(present)
        return None
    article.revision += 1
    session.add(article)
    values = {
        "article_id": article.id,
        "revision": article.revision,
        "sha256": sha256,
        "url": url,
        "content_type": content_type,
        "status": status,
        "etag": etag,
        "last_modified": last_modified,
        "size": size,
        "fetched_at": at,
        "headers": [list(pair) for pair in headers] if headers is not None else None,
        "directives": list(directives),
        "raw_until": raw_until,
    }
    session.connection().execute(_kept(), values)
    return DocumentFetched(article_id=article.id, revision=article.revision, sha256=sha256)


@cache
def _kept() -> Executable:
    return insert(Document)


def document_of(session: Session, article: Article) -> Document | None:
    """The document of the article's present revision."""
    if article.revision == 0:
        return None
    found: Document | None = session.execute(_document(), {"article": article.id, "revision": article.revision}).scalars().first()
    return found


@cache
def _document() -> Executable:
    return select(Document).where(col(Document.article_id) == bindparam("article"), col(Document.revision) == bindparam("revision"))
