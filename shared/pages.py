"""Saying that a page no longer shows what is true: the one statement that both link and publish need."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, col

from shared.messages import PageOutdated
from shared.models import Page

INTERVAL = timedelta(seconds=1)  # a page is issued at most this often


def outdate(session: Session, kind: str, key: str, now: datetime) -> PageOutdated:
    """Count one more change to the page (`event` and its id, `day` and its ISO date, `front` and `front`); the message asks for its issue.

    Locks the page's row until the transaction ends: call it in the order of kind and key where several pages are concerned.
    """
    return outdate_all(session, [(kind, key)], now)[0]


def outdate_all(session: Session, pages: Collection[tuple[str, str]], now: datetime) -> list[PageOutdated]:
    """`outdate` for several pages (kind, key) in one statement, in the order of kind and key."""
    connection = session.connection()
    asked = [{"page_kind": kind, "page_key": key} for kind, key in sorted(pages)]
    found = connection.execute(_counted(connection.dialect.name), asked).all() if asked else []
    return [
        PageOutdated(page_id=page_id, wanted=wanted, due_at=max(now, issued_at + INTERVAL) if issued_at else now)
        for page_id, wanted, issued_at in found
    ]


@cache
def _counted(dialect: str) -> ReturningInsert[int, int, datetime | None]:
    """Built once: an article outdates three pages, and building costs three times as much as running."""
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(Page)
    insert = insert.values(kind=bindparam("page_kind"), key=bindparam("page_key"), wanted=1, version=0)
    counted = insert.on_conflict_do_update(index_elements=["kind", "key"], set_={"wanted": col(Page.wanted) + 1})
    return counted.returning(col(Page.id), col(Page.wanted), col(Page.issued_at))
