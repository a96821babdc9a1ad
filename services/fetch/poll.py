"""The stage `poll`: from a source whose time came to the articles that it announces."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from services.fetch import announced
from services.fetch.core.announce import announcement
from services.fetch.core.entries import MAX_ENTRIES, Entry, Listing, plain
from services.fetch.core.rhythm import after_failure, after_success
from shared import urls
from shared.clock import Clock
from shared.http import FEED, Answer, Fetcher
from shared.intake import insert_new
from shared.messages import ArticleAnnounced, SourceDue
from shared.models import Article, Source
from shared.sandbox import Sandbox
from shared.stage import Reject, Retry, Superseded

MAX_CHILDREN = 3  # sitemaps of an index that one poll reads: the newest
_MAX_ERROR = 500


@dataclass(frozen=True, kw_only=True)
class Due:
    """A source as it stands."""

    kind: str
    url: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, kw_only=True)
class Polled:
    """What a poll brought. A failure is a result too: it belongs to the source, and the work is done."""

    at: datetime
    status: int | None = None
    entries: list[Entry] = field(default_factory=list)
    etag: str | None = None
    last_modified: str | None = None
    error_class: str | None = None
    error: str | None = None
    wait: timedelta | None = None  # that the server asked for


@dataclass(frozen=True, kw_only=True)
class Poll:
    """Consumes SourceDue; produces ArticleAnnounced."""

    fetcher: Fetcher
    sandbox: Sandbox
    clock: Clock
    floor: timedelta
    ceiling: timedelta
    parse_limit: timedelta
    max_entries: int = MAX_ENTRIES

    def load(self, session: Session, message: SourceDue) -> Due:
        """The source's address and validators."""
        source = session.get(Source, message.source_id)
        if source is None:  # removed meanwhile
            raise Superseded
        return Due(kind=source.kind, url=source.url, etag=source.etag, last_modified=source.last_modified)

    async def run(self, given: Due) -> Polled:
        """Fetch and read it. Raises nothing that is the source's fault."""
        answer: Answer | None = None
        try:
            answer = await self.fetcher.get(given.url, etag=given.etag, last_modified=given.last_modified, accept=FEED)
            if answer.status == 304:
                return Polled(at=self.clock(), status=304, etag=given.etag, last_modified=given.last_modified)
            listing = await self._read(given.kind, answer)
            entries = listing["entries"]
            if listing["children"]:
                # An index does not change when its sitemaps do, so its validators are not kept.
                return Polled(at=self.clock(), status=answer.status, entries=await self._read_children(listing["children"]))
        except (Reject, Retry) as problem:
            return Polled(
                at=self.clock(),
                status=answer.status if answer is not None else None,
                error_class=problem.error_class,
                error=plain(str(problem), _MAX_ERROR),
                wait=problem.after if isinstance(problem, Retry) else None,
            )
        headers = answer.headers
        return Polled(
            at=self.clock(), status=answer.status, entries=entries, etag=headers.get("etag"), last_modified=headers.get("last-modified")
        )

    def save(self, session: Session, message: SourceDue, done: Polled) -> list[ArticleAnnounced]:
        """Write entries, validators and the next time in one: a crash before this loses none of them."""
        source = announced.held_source(session, message.source_id)
        if source is None:
            raise Superseded
        facts, new, refused = self._announce(session, source, done)
        announced.note_poll(
            session,
            source_id=message.source_id,
            due_at=message.due_at,
            polled_at=done.at,
            status=done.status,
            error_class=done.error_class,
            announced=len(done.entries),
            new=new,
            refused=refused,
        )
        self._reschedule(source, done, new)
        session.add(source)
        return facts

    async def _read(self, kind: str, answer: Answer) -> Listing:
        arguments: dict[str, Any] = {
            "kind": kind,
            "content_type": answer.headers.get("content-type"),
            "url": answer.url,
            "limit": self.max_entries,
        }
        name = "services.fetch.core.source:read_source_json"
        listing: Listing = await self.sandbox.async_call(name, answer.body, timeout=self.parse_limit, **arguments)
        return listing

    async def _read_children(self, addresses: list[str]) -> list[Entry]:
        """The entries of an index's newest sitemaps. Raises what the first one raised where none could be read."""
        entries: list[Entry] = []
        problem: Reject | Retry | None = None
        for url in addresses[:MAX_CHILDREN]:
            try:
                listing = await self._read("sitemap", await self.fetcher.get(url, accept=FEED))
                entries += listing["entries"]
            except (Reject, Retry) as failure:
                problem = problem or failure
        if problem is not None and not entries:
            raise problem
        return entries[: self.max_entries]

    def _announce(self, session: Session, source: Source, done: Polled) -> tuple[list[ArticleAnnounced], int, int]:
        """Messages, and the numbers of new articles and of entries without a usable address. The first announcement gives the address."""
        usable: dict[str, tuple[str, Entry]] = {}
        refused = 0
        for one in done.entries:
            try:
                usable.setdefault(urls.key(one["url"] or ""), (urls.canonical(one["url"] or ""), one))
            except Reject:
                refused += 1
        known = announced.find(session, list(usable))
        new = [_row(source, key, url, done.at) for key, (url, _) in sorted(usable.items()) if key not in known]
        insert_new(session, Article, new, "url_key")
        articles = known | announced.find(session, [row["url_key"] for row in new])
        standing = {article.id: article for article in articles.values()}  # two addresses may be one article's
        messages = []
        for key, (_, one) in usable.items():
            article = standing[articles[key].id]
            said = announcement(one)
            # Another source's article is announced by that source. Each change counts, so that an edit and its undoing are two.
            if article.source_id == source.id and article.announcement != said:
                standing[article.id] = article._replace(
                    announcement=said,
                    announcements=article.announcements + 1,
                    feed_title=one["title"] or article.feed_title,
                    feed_published_at=_time(one["published"]) or article.feed_published_at,
                )
                messages.append(ArticleAnnounced(article_id=article.id, generation=f"{article.announcements + 1}:{said}"))
        announced.note(session, [standing[fact.article_id] for fact in messages])
        return messages, len(new), refused

    def _reschedule(self, source: Source, done: Polled, new: int) -> None:
        interval = timedelta(seconds=source.interval_s)
        source.last_polled_at = done.at
        source.error_class, source.error = done.error_class, done.error
        if done.error_class is None:
            source.failures = 0
            source.last_ok_at = done.at
            source.etag, source.last_modified = done.etag, done.last_modified
            if not source.sample:  # the sample's rhythm is part of the sample
                interval = after_success(interval, new, floor=self.floor, ceiling=self.ceiling)
                source.interval_s = int(interval.total_seconds())
            source.next_poll_at = done.at + interval
        else:
            source.failures += 1
            source.next_poll_at = done.at + after_failure(interval, source.failures, ceiling=self.ceiling, wanted=done.wait)


def _row(source: Source, key: str, url: str, at: datetime) -> dict[str, Any]:
    return {
        "url_key": key,
        "url": url,
        "source_id": source.id,
        "outlet": source.outlet,
        "sample": source.sample,
        "announced_at": at,
    }


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
