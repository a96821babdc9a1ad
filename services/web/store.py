"""Where pages come from: the `page` table, and the `event` table for events that went into others."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import Engine, RowMapping, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col

from shared.models import Event
from shared.models import Page as Row
from shared.records import PAGE, EventPage, MovedPage, Page, Related

_LONGEST_CHAIN = 64  # merges and splits that are followed to find where an event went
_AT_ONCE = 200  # rows that are read in one go when all pages are wanted


@dataclass(frozen=True)
class Stored:
    """A page as it was issued. `etag` names this version of the record, without quotes."""

    record: Page
    etag: str
    issued_at: datetime


class Away(Exception):
    """The store cannot be read at the moment; later it may."""


class PageStore(Protocol):
    """Where the site finds its pages. None: there is no such page (yet). An event that is no more is a MovedPage."""

    def event(self, id: int) -> Stored | None: ...

    def day(self, day: date) -> Stored | None: ...

    def front(self) -> Stored | None: ...


class DatabaseStore:
    """Reads the chronicle's own tables, one short read-only session a call."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def event(self, id: int) -> Stored | None:
        """The event's page; where the event went into others, a page that says where."""
        with self._session() as session:
            return _event(session, id)

    def day(self, day: date) -> Stored | None:
        """The page of a day."""
        with self._session() as session:
            return _page(session, "day", day.isoformat())

    def front(self) -> Stored | None:
        """The front page."""
        with self._session() as session:
            return _page(session, "front", "front")

    def issued(self, since: datetime | None = None) -> Iterator[Stored]:
        """Every page, or those issued at or after `since`, for saving as files. Holds no session between batches."""
        last = 0
        while True:
            with self._session() as session:
                query = select(col(Row.id), col(Row.kind), col(Row.key)).where(col(Row.id) > last, col(Row.issued_at).is_not(None))
                if since is not None:
                    query = query.where(col(Row.issued_at) >= since)
                keys = session.execute(query.order_by(col(Row.id)).limit(_AT_ONCE)).all()
                found = [_event(session, int(key)) if kind == "event" else _page(session, kind, key) for _, kind, key in keys]
            yield from (stored for stored in found if stored)
            if len(keys) < _AT_ONCE:
                return
            last = keys[-1][0]

    @contextmanager
    def _session(self) -> Iterator[Session]:
        try:
            with Session(self._engine) as session:
                yield session
        except (OperationalError, InterfaceError) as error:
            raise Away(str(error)) from error


def _page(session: Session, kind: str, key: str) -> Stored | None:
    columns = select(col(Row.record), col(Row.etag), col(Row.version), col(Row.issued_at))
    row = session.execute(columns.where(col(Row.kind) == kind, col(Row.key) == key)).one_or_none()
    if row is None or row.record is None or row.issued_at is None:
        return None
    return Stored(PAGE.validate_json(row.record), row.etag or str(row.version), row.issued_at)


def _event_row(session: Session, id: int) -> RowMapping | None:
    columns = select(col(Event.id), col(Event.state), col(Event.merged_into), col(Event.parts), col(Event.date), col(Event.changed_at))
    return session.execute(columns.where(col(Event.id) == id)).mappings().one_or_none()


def _event(session: Session, id: int) -> Stored | None:
    event = _event_row(session, id)
    page = _page(session, "event", str(id))
    if event is None or event["state"] == "live":
        return page
    successors = [stored for there in _successors(session, event) if (stored := _page(session, "event", str(there)))]
    to = tuple(_related(stored.record) for stored in successors if isinstance(stored.record, EventPage))
    day = event["date"]
    path = page.record.path if page else f"/news/{day.year:04d}/{day.month:02d}/{day.day:02d}/event-{id}"
    issued_at = max([event["changed_at"], *(stored.issued_at for stored in successors)])
    etag = hashlib.sha256(repr([event["state"], path, *(stored.etag for stored in successors)]).encode()).hexdigest()[:16]
    return Stored(MovedPage(id=id, path=path, to=to, issued_at=issued_at), etag, issued_at)


def _successors(session: Session, event: RowMapping) -> list[int]:
    """The live events that this one's articles went to, through any number of merges and splits."""
    live: list[int] = []
    seen: set[int] = {event["id"]}
    todo = [event]
    while todo and len(seen) < _LONGEST_CHAIN:
        at = todo.pop(0)
        if at["state"] == "live":
            live.append(at["id"])
            continue
        following = [at["merged_into"]] if at["state"] == "merged" else list(at["parts"] or [])
        for there in following:
            if there is not None and there not in seen:
                seen.add(there)
                if row := _event_row(session, there):
                    todo.append(row)
    return live


def _related(page: EventPage) -> Related:
    return Related(id=page.id, path=page.path, headline=page.headline, date=page.date, tags=page.tags, strength=1.0, before=False)
