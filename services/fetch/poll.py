"""The stage `poll`: from a source whose time came to the articles that it announces, and the documents that it brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session

from services.fetch import announced, portalrows, readfeed, readfolder, readlist, readportal, readsitemap, sitemapfiles, subscribing
from services.fetch.core.announce import announcement
from services.fetch.core.entries import Entry, plain
from services.fetch.core.rhythm import after_failure, after_success
from services.fetch.keeping import keep
from services.fetch.reading import MAX_ERROR, Due, Reader, Reading, Tools
from shared import urls
from shared.intake import FILE_OUTLET, insert_new
from shared.messages import ArticleAnnounced, DocumentFetched, SourceDue
from shared.models import Article, Source
from shared.stage import Reject, Retry, Superseded

# How each kind of source is read. A new kind is a module and a line.
READERS: Mapping[str, Reader] = {
    "feed": readfeed.read,
    "list": readlist.read,
    "sitemap": readsitemap.read,
    "portal": readportal.read,
    "folder": readfolder.read,
}


@dataclass(frozen=True, kw_only=True)
class Poll:
    """Consumes SourceDue; produces ArticleAnnounced, and DocumentFetched where the source holds documents itself."""

    tools: Tools
    floor: timedelta
    ceiling: timedelta

    def load(self, session: Session, message: SourceDue) -> Due:
        """The source's address, validators and memory."""
        source = session.get(Source, message.source_id)
        if source is None:  # removed meanwhile
            raise Superseded
        return Due(
            id=message.source_id,
            kind=source.kind,
            url=source.url,
            outlet=source.outlet,
            etag=source.etag,
            last_modified=source.last_modified,
            last_ok_at=source.last_ok_at,
            state=source.state,
            mode=message.mode,
            pushed=message.pushed,
            pushed_type=message.pushed_type,
            subscription=subscribing.asked_of(session, message.source_id) if message.mode == "subscribe" else None,
            sitemaps=sitemapfiles.known(session, message.source_id) if source.kind == "sitemap" else [],
        )

    async def run(self, given: Due) -> Reading:
        """Read it. Raises nothing that is the source's fault."""
        try:
            return await (subscribing.ask if given.mode == "subscribe" else READERS[given.kind])(given, self.tools)
        except (Reject, Retry) as problem:
            return Reading(
                at=self.tools.clock(),
                error_class=problem.error_class,
                error=plain(str(problem), MAX_ERROR),
                wait=problem.after if isinstance(problem, Retry) else None,
            )

    def save(self, session: Session, message: SourceDue, done: Reading) -> list[ArticleAnnounced | DocumentFetched | SourceDue]:
        """Write entries, validators and the next time in one: a crash before this loses none of them."""
        source = announced.held_source(session, message.source_id)
        if source is None:
            raise Superseded
        if message.mode == "subscribe":
            subscribing.note_asked(session, message.source_id, done)
            return []
        facts, new, refused = self._announce(session, source, done)
        cited, unknown = portalrows.cite(session, source, done)
        kept = _keep(session, source, done)
        portalrows.mark(session, done)
        portalrows.keep_pages(session, source, done)
        new += unknown + len(kept)
        announced.note_poll(
            session,
            source_id=message.source_id,
            due_at=message.due_at,
            polled_at=done.at,
            status=done.status,
            error_class=done.error_class,
            announced=len(done.entries) + len(done.documents),
            new=new,
            refused=refused + len(done.refusals),
        )
        sitemapfiles.note(session, message.source_id, done.sitemaps, done.at)
        self._reschedule(source, done, new)
        session.add(source)
        return [*facts, *cited, *kept, *subscribing.follow_hub(session, source, done, self.tools.callback_base)]

    def _announce(self, session: Session, source: Source, done: Reading) -> tuple[list[ArticleAnnounced], int, int]:
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
            # Another source's article is announced by that source; one that was only cited, by the first that announces it. Each change
            # counts, so that an edit and its undoing are two.
            if article.source_id in (None, source.id) and article.announcement != said:
                standing[article.id] = article._replace(
                    source_id=source.id,
                    outlet=source.outlet if article.source_id is None else article.outlet,
                    announcement=said,
                    announcements=article.announcements + 1,
                    feed_title=one["title"] or article.feed_title,
                    feed_published_at=_time(one["published"]) or article.feed_published_at,
                )
                messages.append(ArticleAnnounced(article_id=article.id, generation=f"{article.announcements + 1}:{said}"))
        announced.note(session, [standing[fact.article_id] for fact in messages])
        return messages, len(new), refused

    def _reschedule(self, source: Source, done: Reading, new: int) -> None:
        interval = timedelta(seconds=source.interval_s)
        source.last_polled_at = done.at
        source.error_class, source.error = done.error_class, done.error
        if done.error_class is None:
            source.failures = 0
            source.last_ok_at = done.at
            source.etag, source.last_modified = done.etag, done.last_modified
            if done.state is not None:
                source.state = done.state
            if not source.sample:  # the sample's rhythm is part of the sample
                interval = after_success(interval, new, floor=self.floor, ceiling=self.ceiling)
                source.interval_s = int(interval.total_seconds())
            source.next_poll_at = done.at + (interval if done.again is None else done.again)
        else:
            source.failures += 1
            source.next_poll_at = done.at + after_failure(interval, source.failures, ceiling=self.ceiling, wanted=done.wait)


def _keep(session: Session, source: Source, done: Reading) -> list[DocumentFetched]:
    """Write the documents that the source brought as revisions of their articles."""
    kept = [keep(session, one, done.at, source_id=source.id, sample=source.sample) for one in done.documents]
    return [fact for _, fact in kept if fact is not None]


def _row(source: Source, key: str, url: str, at: datetime) -> dict[str, Any]:
    return {
        "url_key": key,
        "url": url,
        "source_id": source.id,
        "outlet": (urlsplit(url).hostname or url) if source.outlet.startswith(FILE_OUTLET) else source.outlet,  # a folder is no outlet
        "sample": source.sample,
        "announced_at": at,
    }


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
