"""Saying that a page no longer shows what is true: the one statement that both link and publish need."""

from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from shared.messages import PageOutdated
from shared.models import Page

INTERVAL = timedelta(seconds=1)  # a page is issued at most this often


def outdate(session: Session, kind: str, key: str, now: datetime) -> PageOutdated:
    """Count one more change to the page (`event` and its id, `day` and its ISO date, `front` and `front`); the message asks for its issue.

    Locks the page's row until the transaction ends: call it in the order of kind and key where several pages are concerned.
    """
    dialect = sqlite if session.connection().dialect.name == "sqlite" else postgresql
    insert = dialect.insert(Page).values(kind=kind, key=key, wanted=1, version=0)
    session.execute(insert.on_conflict_do_update(index_elements=["kind", "key"], set_={"wanted": col(Page.wanted) + 1}))
    page_id, wanted, issued_at = session.exec(select(Page.id, Page.wanted, Page.issued_at).where(Page.kind == kind, Page.key == key)).one()
    return PageOutdated(page_id=page_id, wanted=wanted, due_at=max(now, issued_at + INTERVAL) if issued_at else now)
