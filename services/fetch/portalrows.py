"""What a poll of the portal writes beside articles' documents: citations, items that are gone or back, the days' pages."""

from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from services.fetch import announced
from services.fetch.reading import Reading
from shared import urls
from shared.intake import insert_new
from shared.messages import ArticleAnnounced, PageOutdated
from shared.models import Article, Moment, Source, SourcePage
from shared.pages import outdate

CITED = "cited"  # the announcement of an article of which nobody has said more than where it is
_CHUNK = 500  # parameters of one statement


def cite(session: Session, source: Source, done: Reading) -> tuple[list[ArticleAnnounced], int]:
    """Make an article of each cited address that nobody has announced; returns what is to be fetched, and how many are new.

    A citation says nothing of the article but where it is, so the article is the portal's only until a feed announces it, which has the say
    then (`announcing.py`).
    """
    wanted = {urls.key(one.url): one for one in done.cited}
    known = announced.find(session, list(wanted))
    rows = [
        {
            "url_key": key,
            "url": one.url,
            "source_id": source.id,
            "outlet": one.outlet,
            "sample": source.sample,
            "announced_at": done.at,
            "announcement": CITED,
        }
        for key, one in sorted(wanted.items())
        if key not in known
    ]
    insert_new(session, Article, rows, "url_key")
    new = announced.find(session, [str(row["url_key"]) for row in rows])
    return [ArticleAnnounced(article_id=article.id, generation=f"0:{CITED}") for article in new.values()], len(new)


def mark(session: Session, done: Reading) -> list[PageOutdated]:
    """Mark documents that the source holds no more as gone, and those that it brings as there; the events' pages that show it."""
    events: set[int] = set()
    for keys, at in ((done.withdrawn, done.at), ([one.key for one in done.documents], None)):
        for start in range(0, len(keys), _CHUNK):
            changed = session.connection().execute(_marked(at is None), {"keys": keys[start : start + _CHUNK], "at": at})
            events |= {row[0] for row in changed if row[0] is not None}
    return [outdate(session, "event", key, done.at) for key in sorted(map(str, events))]


@cache
def _marked(back: bool) -> Executable:
    keys: Any = bindparam("keys", expanding=True)
    gone = col(Article.gone_at)
    changed = update(Article).where(col(Article.url_key).in_(keys), gone.is_not(None) if back else gone.is_(None))
    return changed.values(gone_at=bindparam("at", type_=Moment())).returning(col(Article.event_id))


def keep_pages(session: Session, source: Source, done: Reading) -> None:
    """Note the pages that documents were read out of; the same revision again is none."""
    connection = session.connection()
    rows = [
        {
            "source_id": source.id,
            "url": one.url,
            "version": one.version,
            "sha256": one.sha256,
            "size": one.size,
            "content_type": one.content_type,
            "fetched_at": done.at,
        }
        for one in done.pages
    ]
    if rows:
        connection.execute(_kept(connection.dialect.name), rows)


@cache
def _kept(dialect: str) -> Executable:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(SourcePage)
    return insert.on_conflict_do_nothing(index_elements=["source_id", "url", "version"])
