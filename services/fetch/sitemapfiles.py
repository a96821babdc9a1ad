"""What polls remember of the sitemaps that an index names: the SQL on `SitemapFile`."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import BindParameter, Executable, and_, bindparam, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from services.fetch.core.budget import KnownSitemap
from shared.models import SitemapFile

MAX_KNOWN = 5000  # of one source: those looked at last
# Whoever is still named is looked at more often than this; what its index names no more is forgotten.
FORGOTTEN = timedelta(days=75)
_COLUMNS = ("url", "lastmod", "etag", "last_modified", "read_at", "failures", "asleep_until")


def known(session: Session, source_id: int) -> list[KnownSitemap]:
    """The sitemaps that earlier polls of a source asked."""
    rows = session.connection().execute(_known(), {"source": source_id})
    return [KnownSitemap(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]


@cache
def _known() -> Executable:
    columns = [getattr(SitemapFile, name) for name in _COLUMNS]
    found = select(*columns).where(col(SitemapFile.source_id) == bindparam("source"))
    return found.order_by(col(SitemapFile.read_at).desc(), col(SitemapFile.id).desc()).limit(MAX_KNOWN)


def note(session: Session, source_id: int, sitemaps: Sequence[KnownSitemap], at: datetime) -> None:
    """Write what a poll found, and forget what nobody looked at for long."""
    if not sitemaps:
        return
    connection = session.connection()
    connection.execute(_noted(connection.dialect.name), [{"source_id": source_id, **asdict(one)} for one in sitemaps])
    connection.execute(_forgotten(), {"source": source_id, "before": at - FORGOTTEN})


@cache
def _noted(dialect: str) -> Executable:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(SitemapFile)
    again = {name: insert.excluded[name] for name in _COLUMNS if name != "url"}
    return insert.on_conflict_do_update(index_elements=["source_id", "url"], set_=again)


@cache
def _forgotten() -> Executable:
    read, asleep = col(SitemapFile.read_at), col(SitemapFile.asleep_until)
    before: BindParameter[datetime] = bindparam("before")
    long_ago = and_(or_(read.is_(None), read < before), or_(asleep.is_(None), asleep < before))
    return delete(SitemapFile).where(col(SitemapFile.source_id) == bindparam("source"), long_ago)
