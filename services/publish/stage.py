"""Publish: makes the page record of what changed."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from services.publish import queries
from services.publish.core import build
from services.publish.core.relate import relations, storyline
from services.publish.decisions import decisions
from shared.clock import Clock, now
from shared.messages import Message, PageOutdated
from shared.models import Event
from shared.pages import INTERVAL, outdate
from shared.records import PAGE, EventPage, MovedPage
from shared.records import Page as Record
from shared.stage import Again, Superseded

FRONT_DAYS = 3
# A clock that runs ahead, or a date misread, must not hide today from the front page.
MOST_AHEAD = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """In which state a page was wanted, and what its record is made of (the arguments of a function of `core.build`)."""

    wanted: int
    made_of: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A record, and the number of changes that it shows."""

    record: Record
    wanted: int


@dataclass(frozen=True)
class Publish:
    """Consumes PageOutdated; produces PageOutdated of the pages that this one names newly, or names no more."""

    clock: Clock = now

    def load(self, session: Session, message: PageOutdated) -> Wanted:
        """Everything that the page shows, in one moment's state."""
        page = queries.page(session, message.page_id)
        if page is None:  # taken out meanwhile, with what it showed
            raise Superseded
        kind, key, wanted = page
        return Wanted(wanted=wanted, made_of=self._gather(session, kind, key))

    def run(self, given: Wanted) -> Made:
        """The record."""
        make: dict[str, Callable[..., Record]] = {"moved": build.moved_page, "day": build.day_page, "front": build.front_page}
        made_of = dict(given.made_of)
        return Made(record=make.get(made_of.pop("record"), self._event)(**made_of, now=self.clock()), wanted=given.wanted)

    def save(self, session: Session, message: PageOutdated, done: Made) -> list[Message] | Again:
        """Replace the page's record, upward in version only; due again at once where it changed meanwhile."""
        page = queries.held_page(session, message.page_id)
        if page is None:
            raise Superseded
        wanted, version, before = page
        facts: list[Message] = []
        if done.wanted > version:
            facts = self._neighbours(session, before, done.record)
            etag = etag_of(done.record)
            text, at = done.record.model_dump_json(), done.record.issued_at
            queries.issue(session, message.page_id, version=done.wanted, record=text, etag=etag, issued_at=at)
        return Again(facts) if wanted > done.wanted else facts

    def _gather(self, session: Session, kind: str, key: str) -> dict[str, Any]:
        if kind == "day":
            day = date.fromisoformat(key)
            previous, following = queries.days_beside(session, day)
            return {"record": "day", "day": day, "lines": queries.lines(session, [day]), "previous": previous, "following": following}
        if kind == "front":
            days = queries.latest_days(session, FRONT_DAYS, not_after=(self.clock() + MOST_AHEAD).date())
            lines = queries.lines(session, days, most=build.FRONT_EVENTS)
            return {"record": "front", "days": {day: [one for one in lines if one.event.date == day] for day in days}}
        event = session.get_one(Event, int(key))
        if event.state != "live":
            wanted = [event.merged_into] if event.merged_into else event.parts
            targets = session.exec(select(Event).where(col(Event.id).in_(wanted)).order_by(col(Event.id))).all()
            return {"record": "moved", "event": event, "targets": targets}
        tags = queries.event_tags(session, event)
        articles = queries.articles(session, event)
        return {
            "record": "event",
            "event": event,
            "articles": articles,
            "edits": queries.edits(session, articles),
            "edges": queries.edges(session, event),
            "decisions": decisions(session, articles),
            "tags": tags,
            "others": queries.others(session, event, tags),
            "total": queries.total_articles(session),
        }

    def _event(self, *, others: Any, tags: Any, total: int, now: datetime, **more: Any) -> EventPage:
        own, *rest = others
        related, story = (find(own, tags, rest, total) for find in (relations, storyline))
        return build.event_page(tags=tags, related=related, story=story, now=now, **more)

    def _neighbours(self, session: Session, replaced: str | None, record: Record) -> list[Message]:
        """The events that this page names newly or names no more, beside the record that it replaces: their pages may name this one."""
        if not isinstance(record, EventPage | MovedPage):
            return []
        before = PAGE.validate_json(replaced) if replaced else None
        old, new = (
            {(one.id, one.headline) for one in (*page.related, *page.storyline)} if isinstance(page, EventPage) else set()
            for page in (before, record)
        )
        if isinstance(before, EventPage) and (isinstance(record, MovedPage) or _shown(before) != _shown(record)):
            changed = {one for one, _ in old | new}
        else:
            changed = {one for one, _ in old ^ new}
        changed.discard(record.id)
        return [outdate(session, "event", str(one), self.clock() + INTERVAL) for one in sorted(changed, key=str)]


def etag_of(record: Record) -> str:
    """The same for pages that show the same, whenever they were issued."""
    return hashlib.sha256(PAGE.dump_json(record, exclude={"issued_at"})).hexdigest()[:20]


def _shown(page: EventPage) -> tuple[object, ...]:
    """What other pages show of an event."""
    return page.path, page.headline, page.date
