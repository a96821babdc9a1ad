"""What a command added or brought back, what of it is yet to be done, and what of it fell out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from shared.ledger import State
from shared.models import Article, Event, Page, Source, Work
from shared.overview import OPEN
from shared.pipeline import PIPELINE

ARTICLE_STAGES = PIPELINE.about("article_id")
SOURCE_STAGES = PIPELINE.about("source_id")
PAGE_STAGES = PIPELINE.about("page_id")
# Of a statement's parameters: SQLite takes 32,766, PostgreSQL 65,535.
AT_ONCE = 10_000


@dataclass(frozen=True, kw_only=True)
class Own:
    """Articles, sources and pages, by their ids."""

    articles: Sequence[int] = ()
    sources: Sequence[int] = ()
    pages: Sequence[int] = ()
    labels: dict[int, str] = field(default_factory=dict)  # article id: what the user called it

    def portions(self) -> Iterable["Own"]:
        """The same in portions that a statement takes; at least one."""
        most = max(len(self.articles), len(self.sources), len(self.pages), 1)
        for at in range(0, most, AT_ONCE):
            end = at + AT_ONCE
            yield Own(articles=self.articles[at:end], sources=self.sources[at:end], pages=self.pages[at:end], labels=self.labels)

    def _mine(self, article_id: Any) -> ColumnElement[bool]:
        """The named articles, and those that the sources announced."""
        announced = select(Article.id).where(col(Article.source_id).in_(self.sources))
        named: ColumnElement[bool] = article_id.in_(self.articles)
        return or_(named, article_id.in_(announced)) if self.sources else named

    def work(self) -> ColumnElement[bool]:
        """Work on these articles, sources and pages."""
        subject = col(Work.subject_id)
        return or_(
            col(Work.stage).in_(ARTICLE_STAGES) & self._mine(subject),
            col(Work.stage).in_(SOURCE_STAGES) & subject.in_(self.sources),
            col(Work.stage).in_(PAGE_STAGES) & subject.in_(self.pages),
        )


def is_open(session: Session, own: Own, at: datetime) -> bool:
    """Whether any of it, or a page that its articles stand on, is yet to be done. What is put off is not waited for, pages are."""
    pages = _open_pages(session)
    for part in own.portions():
        due = or_(col(Work.state) == State.LEASED, col(Work.not_before) <= at)
        if session.exec(select(Work.id).where(OPEN, due, part.work()).limit(1)).first() is not None:
            return True
        if pages and (not pages.keys().isdisjoint(part.pages) or not _page_keys(session, part).isdisjoint(pages.values())):
            return True
    return False


def left(session: Session, own: Own, at: datetime) -> int:
    """How much of their work is open and due."""
    due = or_(col(Work.state) == State.LEASED, col(Work.not_before) <= at)
    return sum(session.exec(select(func.count()).select_from(Work).where(OPEN, due, part.work())).one() for part in own.portions())


def is_quiet(session: Session, at: datetime) -> bool:
    """Nothing ready and due, nothing leased, no page to issue whatever its time."""
    waits = (col(Work.state) == State.READY) & or_(col(Work.not_before) <= at, col(Work.stage).in_(PAGE_STAGES))
    found = select(Work.id).where(OPEN, or_(col(Work.state) == State.LEASED, waits))
    return session.exec(found.limit(1)).first() is None


def fallen(session: Session, own: Own) -> dict[int, Work]:
    """The dead work of these articles, sources and pages, by its id."""
    found: dict[int, Work] = {}
    for part in own.portions():
        for row in session.exec(select(Work).where(Work.state == State.DEAD, part.work()).order_by(col(Work.id))):
            found[row.id or 0] = row
    return found


def put_off(session: Session, own: Own) -> list[Work]:
    """The work of these articles and sources that was tried and waits; not what is meant for later, such as another look."""
    tried = col(Work.stage).not_in(PAGE_STAGES) & col(Work.error_class).is_not(None)
    return [row for part in own.portions() for row in session.exec(select(Work).where(OPEN, tried, part.work()).order_by(col(Work.id)))]


def failing(session: Session, own: Own) -> list[Source]:
    """The sources whose last poll failed."""
    return [
        source
        for part in own.portions()
        for source in session.exec(select(Source).where(col(Source.id).in_(part.sources), col(Source.error_class).is_not(None)))
    ]


def subject(session: Session, work: Work) -> str:
    """What a piece of work is about, in words of the user's: an address, or a page."""
    if work.stage in ARTICLE_STAGES and (article := session.get(Article, work.subject_id)):
        return article.url or article.url_key
    if work.stage in SOURCE_STAGES and (source := session.get(Source, work.subject_id)):
        return source.url
    if work.stage in PAGE_STAGES and (page := session.get(Page, work.subject_id)):
        return "the front page" if page.kind == "front" else f"the page of {page.kind} {page.key}"
    return f"{work.stage} {work.subject_id}"


def _open_pages(session: Session) -> dict[int, tuple[str, str]]:
    """Kind and key of each page that is to be issued, by its id."""
    rows = session.execute(
        select_columns(col(Page.id), col(Page.kind), col(Page.key))
        .join(Work, col(Work.subject_id) == col(Page.id))
        .where(OPEN, col(Work.stage).in_(PAGE_STAGES))
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _page_keys(session: Session, own: Own) -> set[tuple[str, str]]:
    """The pages that these articles stand on: their events', the days', the front page."""
    events = session.execute(
        select_columns(col(Event.id), col(Event.date))
        .join(Article, col(Article.event_id) == col(Event.id))
        .where(own._mine(col(Article.id)))
        .distinct()
    ).all()
    front = {("front", "front")} if own.articles or own.sources else set()
    return {("event", str(event_id)) for event_id, _ in events} | {("day", day.isoformat()) for _, day in events} | front
