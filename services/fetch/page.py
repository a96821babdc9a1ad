"""The stage `fetch`: from an announced article to its document in the raw store."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit

from sqlalchemy import Executable, bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from services.fetch.core.media import check_readable
from services.fetch.hosts import Hosts
from shared import urls
from shared.clock import Clock
from shared.http import Answer, Fetcher
from shared.intake import document_of, insert_new, keep_document
from shared.messages import ArticleAnnounced, DocumentFetched
from shared.models import Alias, Article, Document
from shared.raw import RawStore
from shared.stage import Reject, Superseded


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An article's address, and the validators of the document that is kept of it."""

    url: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A document in the raw store. `sha256` is None where the server said that the kept one still stands."""

    at: datetime
    url: str
    status: int
    passed: tuple[str, ...] = ()  # the keys of the addresses on the way
    sha256: str | None = None
    size: int = 0
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """Consumes ArticleAnnounced; produces DocumentFetched."""

    fetcher: Fetcher
    raw: RawStore
    hosts: Hosts
    clock: Clock

    def load(self, session: Session, message: ArticleAnnounced) -> Wanted:
        """The article's address. An article that went into another one meanwhile is no longer wanted."""
        article = session.connection().execute(_wanted(), {"article": message.article_id}).first()
        if article is None:
            raise Superseded
        url, etag, last_modified = article
        if url is None:
            raise Reject("url_malformed", "an article that came by hand has no address to fetch")
        return Wanted(url=url, etag=etag, last_modified=last_modified)

    async def run(self, given: Wanted) -> Fetched:
        """Fetch the page, politely, and keep its bytes. Raises Reject and Retry as `Fetcher.get` and `Hosts.turn` do."""
        answer = await self._politely(given)
        at = self.clock()
        if answer.status == 304:
            return Fetched(at=at, url=answer.url, status=304)
        content_type = answer.headers.get("content-type")
        check_readable(answer.body, content_type)
        return Fetched(
            at=at,
            url=answer.url,
            status=answer.status,
            passed=tuple(dict.fromkeys(urls.key(url) for url in (*answer.chain, answer.url) if _names_a_page(url))),
            sha256=await asyncio.to_thread(self.raw.put, answer.body),
            size=len(answer.body),
            content_type=content_type,
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
        )

    def save(self, session: Session, message: ArticleAnnounced, done: Fetched) -> list[DocumentFetched]:
        """Write the document as the article's next revision, and the addresses that led to it."""
        article = session.execute(_held(), {"article": message.article_id}).scalars().first()
        if article is None:
            raise Superseded
        if done.sha256 is None:
            return []
        if article.revision == 0 and self._went_into_another(session, article, done):
            return []
        newest = document_of(session, article)
        if newest is not None and newest.fetched_at > done.at:
            raise Superseded
        aliases = [{"url_key": key, "article_id": message.article_id} for key in done.passed if key != article.url_key]
        insert_new(session, Alias, aliases, "url_key")
        fact = keep_document(
            session,
            article,
            sha256=done.sha256,
            size=done.size,
            at=done.at,
            url=done.url,
            content_type=done.content_type,
            status=done.status,
            etag=done.etag,
            last_modified=done.last_modified,
        )
        return [fact] if fact is not None else []

    async def _politely(self, given: Wanted) -> Answer:
        async with self.hosts.turn(given.url) as turn:
            return await self.fetcher.get(given.url, etag=given.etag, last_modified=given.last_modified, before=turn.follow)

    def _went_into_another(self, session: Session, article: Article, done: Fetched) -> bool:
        """Whether the address led to one that was announced as an article itself: then there is one article, and this is its alias."""
        end = urls.key(done.url)
        if end == article.url_key or end not in done.passed:
            return False
        other = session.exec(select(Article).where(Article.url_key == end)).first()
        if other is None or other.id is None or other.sample != article.sample:
            return False
        key = article.url_key
        session.delete(article)
        session.flush()
        insert_new(session, Alias, [{"url_key": key, "article_id": other.id}], "url_key")
        return True


def _names_a_page(url: str) -> bool:
    """Whether an address can be one article's: dead articles are sent to the front page, each to the same one."""
    at = urlsplit(url)
    return at.path.strip("/") != "" or at.query != ""


@cache
def _wanted() -> Executable:
    """Built once, as the next: to build a statement costs five times as much as to run it."""
    kept = (col(Document.article_id) == col(Article.id)) & (col(Document.revision) == col(Article.revision))
    found = select_columns(col(Article.url), col(Document.etag), col(Document.last_modified))
    return found.select_from(Article).outerjoin(Document, kept).where(col(Article.id) == bindparam("article"))


@cache
def _held() -> Executable:
    return select_columns(Article).where(col(Article.id) == bindparam("article")).with_for_update()
