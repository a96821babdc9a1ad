"""Sources by hand, from a file, and the sample's: into the table of sources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from shared import ledger, urls
from shared.messages import PageOutdated
from shared.models import Article, Event, Page, Source
from shared.pages import outdate
from shared.pipeline import PIPELINE
from shared.stage import Reject

KINDS = ("feed", "sitemap", "list", "portal", "folder")
RIGHTS = ("honour", "ignore")
# The sample's articles appear within minutes: its outlets are polled more often than strangers' may be.
SAMPLE_INTERVAL = timedelta(seconds=20)
INTERVAL = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A source to read. What is None stays as it stands, and is the address's host, or the default, where the source is new."""

    kind: str
    url: str
    outlet: str | None = None
    language: str | None = None
    rights: str | None = None
    folder: tuple[str, ...] | None = None


def identity(url: str) -> str:
    """A text that is equal for two ways to write one address (`HTTP://Host`, `http://host/`), whatever its arguments may mean."""
    try:
        return urls.sendable(url)
    except Reject:  # a folder's
        return url


def put_sources(
    session: Session, sources: Iterable[Wanted], now: datetime, *, sample: bool = False, interval: timedelta = INTERVAL
) -> tuple[list[int], int]:
    """Add the sources that are not there yet, due at once, and change those that are there and are wanted otherwise.

    Returns all their ids in order, and how many are new. An address stays as it was typed first.
    """
    standing = _standing(session)
    found: list[_Standing] = []
    new = 0
    for wanted in sources:
        known = standing.get(identity(wanted.url))
        if known is None:
            row = _new(wanted, now, sample, interval)
            session.add(row)
            known = standing[identity(wanted.url)] = _Standing(row)
            new += 1
        else:
            _change(session, known, wanted, now)
        found.append(known)
    session.flush()
    return list(dict.fromkeys(one.id for one in found)), new


class _Standing:
    """A source that is there: its row, or the columns that `put_sources` compares."""

    def __init__(self, row: Any) -> None:
        self.row = row

    @property
    def id(self) -> int:
        return int(self.row.id)


def _standing(session: Session) -> dict[str, _Standing]:
    """All sources by what their addresses are known by: without their rows, since there may be ten thousand."""
    columns: Sequence[Any] = (Source.id, Source.url, Source.kind, Source.outlet, Source.language, Source.rights, Source.folder)
    return {identity(row.url): _Standing(row) for row in session.execute(select_columns(*columns).order_by(col(Source.id).desc()))}


def _new(wanted: Wanted, now: datetime, sample: bool, interval: timedelta) -> Source:
    return Source(
        kind=wanted.kind,
        url=wanted.url,
        outlet=wanted.outlet or urlsplit(wanted.url).hostname or wanted.url,
        language=wanted.language,
        rights=wanted.rights or RIGHTS[0],
        folder=list(wanted.folder or ()),
        sample=sample,
        added_at=now,
        next_poll_at=now,
        interval_s=int(interval.total_seconds()),
    )


def _change(session: Session, known: _Standing, wanted: Wanted, now: datetime) -> None:
    """Make a source what is wanted. One that is to be read in another way forgets what its former reader remembered."""
    told: dict[str, Any] = {"kind": wanted.kind, "outlet": wanted.outlet, "language": wanted.language, "rights": wanted.rights}
    told["folder"] = None if wanted.folder is None else list(wanted.folder)
    changed = {name: value for name, value in told.items() if value is not None and value != getattr(known.row, name)}
    if not changed:
        return
    row = known.row if isinstance(known.row, Source) else session.get_one(Source, known.id)
    for name, value in changed.items():
        setattr(row, name, value)
    if "kind" in changed:
        row.etag = row.last_modified = row.state = None
        row.next_poll_at = now
    session.add(row)
    known.row = row


def make_due(session: Session, now: datetime, ids: Iterable[int]) -> None:
    """Have these sources polled now, whatever their rhythm says."""
    session.execute(update(Source).where(col(Source.id).in_(list(ids)), col(Source.paused).is_(False)).values(next_poll_at=now))


def hold_back(session: Session, others: ColumnElement[bool]) -> None:
    """Have these sources not polled until `release`: they have no next time."""
    session.execute(update(Source).where(others).values(next_poll_at=None))


def release(session: Session, now: datetime, *, sample: bool) -> None:
    """Have the sources that were held back polled again; without `sample`, the real ones only."""
    held = [col(Source.next_poll_at).is_(None)] + ([] if sample else [col(Source.sample).is_(False)])
    session.execute(update(Source).where(*held).values(next_poll_at=now))


def remove_sample(session: Session, now: datetime) -> tuple[int, list[PageOutdated]]:
    """Take the sample's sources, articles, events and pages out. Returns the number of articles, and the pages that showed them."""
    articles = [one for one in session.exec(select(Article.id).where(col(Article.sample).is_(True))).all() if one is not None]
    events = session.exec(select(Event).where(col(Event.sample).is_(True))).all()
    days = sorted({event.date.isoformat() for event in events})
    keys = [str(event.id) for event in events]
    pages = select(Page.id).where(Page.kind == "event", col(Page.key).in_(keys))
    subjects = {"article_id": articles, "page_id": [one for one in session.exec(pages).all() if one is not None]}
    _withdraw(session, subjects, now)
    session.execute(delete(Page).where(col(Page.id).in_(subjects["page_id"])))
    for table in (Article, Event, Source):
        session.execute(delete(table).where(col(table.sample).is_(True)))
    _withdraw(session, subjects, now)  # what a worker had in hand was saved meanwhile, and its next step is there now
    outdated = [outdate(session, "day", day, now) for day in days]
    return len(articles), [*outdated, outdate(session, "front", "front", now)] if days else []


def _withdraw(session: Session, subjects: Mapping[str, list[int]], now: datetime) -> None:
    for subject, ids in subjects.items():
        ledger.withdraw(session.connection(), PIPELINE.about(subject), ids, now)
