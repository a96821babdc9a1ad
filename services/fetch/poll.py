"""The stage `poll`: from a source whose time came to the articles that it announces, and the documents that it brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from services.fetch import (
    announced,
    announcing,
    course,
    portalrows,
    readbackfill,
    readfeed,
    readfolder,
    readlist,
    readportal,
    readsitemap,
    sitemapfiles,
    subscribing,
    tally,
)
from services.fetch.announcing import Announced
from services.fetch.core.entries import plain
from services.fetch.keeping import keep
from services.fetch.reading import MAX_ERROR, Due, Reader, Reading, Tools
from shared.messages import ArticleAnnounced, DocumentFetched, PageOutdated, SourceDue
from shared.models import Source
from shared.stage import Reject, Retry, Superseded

Fact = ArticleAnnounced | DocumentFetched | PageOutdated | SourceDue
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
    """Consumes SourceDue; produces ArticleAnnounced, DocumentFetched where the source holds documents itself, PageOutdated where something
    is gone from it, and SourceDue for a hole to be filled or a hub to be asked."""

    tools: Tools
    floor: timedelta
    ceiling: timedelta

    @property
    def bounds(self) -> course.Bounds:
        """Of all intervals."""
        return course.Bounds(floor=self.floor, ceiling=self.ceiling, horizon=self.tools.sitemap_horizon)

    def load(self, session: Session, message: SourceDue) -> Due:
        """The source's address, validators and memory."""
        source = session.get(Source, message.source_id)
        if source is None:  # removed meanwhile
            raise Superseded
        conditional = course.is_conditional(source, self.tools.clock())
        return Due(
            id=message.source_id,
            kind=source.kind,
            url=source.url,
            outlet=source.outlet,
            etag=source.etag if conditional else None,
            last_modified=source.last_modified if conditional else None,
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
            done = await _reader(given)(given, self.tools)
        except (Reject, Retry) as problem:
            done = Reading(
                at=self.tools.clock(),
                status=problem.status,
                error_class=problem.error_class,
                error=plain(str(problem), MAX_ERROR),
                wait=problem.after if isinstance(problem, Retry) else None,
            )
        return course.heard(given, done)

    def save(self, session: Session, message: SourceDue, done: Reading) -> list[Fact]:
        """Write entries, validators and the next time in one: a crash before this loses none of them."""
        source = announced.held_source(session, message.source_id)
        if source is None:
            raise Superseded
        if message.mode == "subscribe":
            subscribing.note_asked(session, message.source_id, done)
            return []
        said = announcing.announce(session, source, done, backfill=message.mode == "backfill")
        cited, unknown = portalrows.cite(session, source, done)
        kept = _keep(session, source, done)
        outdated = portalrows.mark(session, done)
        portalrows.keep_pages(session, source, done)
        sitemapfiles.note(session, message.source_id, done.sitemaps, done.at)
        new = said.new + unknown + len(kept)
        gap = message.mode == "poll" and course.has_gap(source, done, said, self.bounds)
        unchanged = done.error_class is None and not new and not said.messages
        tally.note(session, message, done, tally.of_poll(done, said.fallen, new=new, unchanged=unchanged, gap=gap))
        came = [*said.fresh, *(done.at for _ in range(unknown + len(kept)))]
        more = self._follow(session, message, source, done, said, came, gap=gap)
        session.add(source)
        return [*said.messages, *cited, *kept, *outdated, *more]

    def _follow(
        self, session: Session, message: SourceDue, source: Source, done: Reading, said: Announced, came: list[datetime], *, gap: bool
    ) -> list[SourceDue]:
        """Write on the source what follows for it, and ask for what is to be done about it."""
        if message.mode == "backfill":
            course.filled(source, done)
        elif message.mode == "pushed":
            course.take_in(source, done, said, came)
        else:
            told = self.tools.callback_base is not None and not came and subscribing.is_subscribed(session, message.source_id, done.at)
            backfill = course.follow(source, done, said, came, gap=gap, told=told, bounds=self.bounds)
            return [*backfill, *subscribing.follow_hub(session, source, done, self.tools.callback_base)]
        return []


def _reader(given: Due) -> Reader:
    if given.mode == "subscribe":
        return subscribing.ask
    return readbackfill.read if given.mode == "backfill" and given.kind in course.WITH_HOLES else READERS[given.kind]


def _keep(session: Session, source: Source, done: Reading) -> list[DocumentFetched]:
    """Write the documents that the source brought as revisions of their articles."""
    kept = [keep(session, one, done.at, source_id=source.id, sample=source.sample) for one in done.documents]
    return [fact for _, fact in kept if fact is not None]

