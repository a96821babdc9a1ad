"""The stage `fetch`: from an announced article to its document in the raw store."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache
from urllib.parse import urlsplit

from sqlalchemy import Executable, bindparam, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from services.fetch.core import again, directives
from services.fetch.core.again import Look
from services.fetch.core.media import check_readable
from services.fetch.core.received import kept_headers
from services.fetch.hosts import Hosts
from services.fetch.reservations import Reservations
from shared import urls
from shared.clock import Clock
from shared.http import Answer, Fetcher
from shared.intake import document_of, insert_new, keep_document
from shared.messages import ArticleAnnounced, DocumentFetched, PageOutdated
from shared.models import Alias, Article, Document, Event, Revision, Source
from shared.pages import outdate
from shared.raw import RawStore
from shared.stage import Reject, Retry, Superseded

RAW_KEPT = timedelta(days=1)  # of a page whose publisher does not want it archived: until it is read, and read again after a mishap
OFTEN_EDITED = 2  # revisions

Facts = list[DocumentFetched | ArticleAnnounced | PageOutdated]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An article's address, and the validators of the document that is kept of it."""

    url: str
    etag: str | None
    last_modified: str | None
    kept: bool = False  # whether there is a document of it: then it is no failure that its page is gone
    again: bool = False  # a look that nobody asked for: whatever goes wrong with it is a result
    honour: bool = True  # what its publisher reserves


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A document in the raw store. `sha256` is None where the kept one still stands, or nothing may or can be kept."""

    at: datetime
    url: str
    status: int | None
    passed: tuple[str, ...] = ()  # the keys of the addresses on the way
    sha256: str | None = None
    size: int = 0
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    headers: list[list[str]] = field(default_factory=list)
    directives: tuple[str, ...] | None = None  # as said; None where nobody asked
    honoured: tuple[str, ...] = ()  # of these
    gone: bool = False
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """Consumes ArticleAnnounced; produces DocumentFetched, ArticleAnnounced of the next look, and PageOutdated of a page that shows it."""

    fetcher: Fetcher
    raw: RawStore
    hosts: Hosts
    clock: Clock
    rechecks: Sequence[timedelta] = ()  # since the first fetch
    reservations: Reservations | None = None

    def load(self, session: Session, message: ArticleAnnounced) -> Wanted:
        """The article's address. An article that went into another one meanwhile is no longer wanted."""
        article = session.connection().execute(_wanted(), {"article": message.article_id}).first()
        if article is None:
            raise Superseded
        url, revision, etag, last_modified, rights = article
        if url is None:
            raise Reject("url_malformed", "an article that came by hand has no address to fetch")
        return Wanted(
            url=url, etag=etag, last_modified=last_modified, kept=revision > 0, again=message.again > 0, honour=rights != "ignore"
        )

    async def run(self, given: Wanted) -> Fetched:
        """Fetch the page, politely, and keep its bytes. Raises Reject and Retry as `Fetcher.get` and `Hosts.turn`; `rights_reserved` too.

        Of an article that was read before it is a result that its page is gone; of a look again, whatever else ails it.
        """
        try:
            return await self._fetch(given)
        except (Reject, Retry) as problem:
            if given.kept and problem.error_class == "http_gone":
                return Fetched(at=self.clock(), url=given.url, status=problem.status, gone=True)
            if given.again and not (isinstance(problem, Retry) and not problem.counted):
                return Fetched(at=self.clock(), url=given.url, status=problem.status, failed=True)
            raise

    def save(self, session: Session, message: ArticleAnnounced, done: Fetched) -> Facts:
        """Write the document as the article's next revision, the addresses that led to it, and what its publisher says of it."""
        article = session.execute(_held(), {"article": message.article_id}).scalars().first()
        if article is None:
            raise Superseded
        first = article.revision == 0
        if first and done.sha256 is not None and self._went_into_another(session, article, done):
            return []
        facts: Facts = []
        if done.sha256 is not None:
            newest = document_of(session, article)
            if newest is None or newest.fetched_at <= done.at:
                facts += self._keep(session, article, done)
            elif not message.again:
                raise Superseded
        facts += self._mark(session, article, done)
        look = self._look(session, message, article, done, first=first)
        return [*facts, _announce(message.article_id, look)] if look is not None else facts

    async def _fetch(self, given: Wanted) -> Fetched:
        answer, reserved = await self._politely(given)
        at = self.clock()
        if answer.status == 304:
            return Fetched(at=at, url=answer.url, status=304)
        if given.kept and not _names_a_page(answer.url) and _names_a_page(given.url):
            return Fetched(at=at, url=answer.url, status=None, gone=True)  # sent to the front page
        content_type = answer.headers.get("content-type")
        check_readable(answer.body, content_type)
        headers = kept_headers(answer.received)
        said = tuple(dict.fromkeys((*directives.read(headers, answer.body, self.hosts.robots.agent), *reserved)))
        honoured = said if given.honour else ()
        if (refusal := directives.refused(honoured)) is not None:
            if not given.kept:
                raise Reject("rights_reserved", f"{refusal} at {answer.url[:200]}")
            return Fetched(at=at, url=answer.url, status=answer.status, directives=said, honoured=honoured)
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
            headers=headers,
            directives=said,
            honoured=honoured,
        )

    async def _politely(self, given: Wanted) -> tuple[Answer, tuple[str, ...]]:
        async with self.hosts.turn(given.url) as turn:
            answer = await self.fetcher.get(given.url, etag=given.etag, last_modified=given.last_modified, before=turn.follow)
            if self.reservations is None or answer.status == 304:
                return answer, ()
            return answer, await self.reservations.of(answer.url)

    def _keep(self, session: Session, article: Article, done: Fetched) -> list[DocumentFetched]:
        aliases = [{"url_key": key, "article_id": article.id} for key in done.passed if key != article.url_key]
        insert_new(session, Alias, aliases, "url_key")
        fact = keep_document(
            session,
            article,
            sha256=done.sha256 or "",
            size=done.size,
            at=done.at,
            url=done.url,
            content_type=done.content_type,
            status=done.status,
            etag=done.etag,
            last_modified=done.last_modified,
            headers=done.headers or None,
            directives=done.directives or (),
            raw_until=done.at + RAW_KEPT if "noarchive" in done.honoured else None,
        )
        return [fact] if fact is not None else []

    def _mark(self, session: Session, article: Article, done: Fetched) -> list[PageOutdated]:
        """Note when the address was asked, whether its page is there, and what is reserved; the event's page, where it shows that anew."""
        shown = (article.gone_at, article.gone_status, article.directives)
        article.checked_at = done.at
        if done.gone:
            article.gone_at, article.gone_status = article.gone_at or done.at, done.status
        elif not done.failed and article.gone_at is not None:
            article.gone_at = article.gone_status = None
        if done.directives is not None and article.directives != list(done.honoured):
            article.directives = list(done.honoured)
        session.add(article)
        if article.event_id is None or shown == (article.gone_at, article.gone_status, article.directives):
            return []
        return _outdated(session, article, done.at)

    def _look(self, session: Session, message: ArticleAnnounced, article: Article, done: Fetched, *, first: bool) -> Look | None:
        """The next look at the article's page, if there is to be one. What was announced meanwhile starts no second course of looks."""
        number = message.again
        if not number:
            return again.first(self.rechecks, done.at, _dated(article)) if first and done.sha256 is not None else None
        if done.failed and (look := again.repeat(number, message.tries, done.at)) is not None:
            return look
        look = again.following(self.rechecks, number, message.due_at or done.at, done.at)
        if look is None and number >= len(self.rechecks) and not (done.gone or done.failed) and _is_lively(session, article):
            look = again.one_more(self.rechecks, number, done.at)
        return look

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


def _outdated(session: Session, article: Article, at: datetime) -> list[PageOutdated]:
    """The event's page, and the lists that show the event with words of this article's."""
    found = session.connection().execute(_event(), {"event": article.event_id}).first()
    pages = [("event", str(article.event_id))]
    if found is not None and found.description_article_id == article.id:
        pages = [("day", found.date.isoformat()), *pages, ("front", "front")]
    return [outdate(session, kind, key, at) for kind, key in pages]


def _announce(article_id: int, look: Look) -> ArticleAnnounced:
    return ArticleAnnounced(
        article_id=article_id, generation=look.generation, again=look.number, tries=look.tries, due_at=look.due_at
    )


def _dated(article: Article) -> datetime | None:
    """When the article was published, as far as that is known before it is read."""
    day = urls.slug_date(article.url or "")
    return article.feed_published_at or (datetime.combine(day, time(), UTC) if day else None)


def _is_lively(session: Session, article: Article) -> bool:
    """Whether the article is of those that are edited all the time."""
    return article.kind == "live" or session.connection().execute(_edits(), {"article": article.id}).scalar_one() >= OFTEN_EDITED


@cache
def _wanted() -> Executable:
    """Built once, as the next: to build a statement costs five times as much as to run it."""
    kept = (col(Document.article_id) == col(Article.id)) & (col(Document.revision) == col(Article.revision))
    found = select_columns(col(Article.url), col(Article.revision), col(Document.etag), col(Document.last_modified), col(Source.rights))
    joined = found.select_from(Article).outerjoin(Document, kept).outerjoin(Source, col(Source.id) == col(Article.source_id))
    return joined.where(col(Article.id) == bindparam("article"))


@cache
def _held() -> Executable:
    return select_columns(Article).where(col(Article.id) == bindparam("article")).with_for_update()


@cache
def _edits() -> Executable:
    return select_columns(func.count()).select_from(Revision).where(col(Revision.article_id) == bindparam("article"))


@cache
def _event() -> Executable:
    return select_columns(col(Event.date), col(Event.description_article_id)).where(col(Event.id) == bindparam("event"))
