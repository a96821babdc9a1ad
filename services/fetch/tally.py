"""The completeness ledger, written: what a poll announced and what became of it, by source and day (UTC), and each entry that fell out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import Executable, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from services.fetch.reading import Reading, Refusal
from shared.ledger import storable
from shared.messages import SourceDue
from shared.models import Dropped, Poll, SourceDay

MOST_KEPT = 200  # entries that fell out, of one source: those seen last
_MAX_DETAIL, _MAX_ADDRESS, _MAX_TITLE = 500, 2000, 300


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Of one poll. What it announced was seen before, is new, or was dropped: nothing else."""

    announced: int = 0
    new: int = 0
    dropped: dict[str, int] = field(default_factory=dict)  # reason: entries
    fallen: Sequence[Refusal] = ()
    unchanged: bool = False
    gap: bool = False

    @property
    def refused(self) -> int:
        """Entries that were dropped, for whatever reason."""
        return sum(self.dropped.values())

    @property
    def seen(self) -> int:
        """Entries that were known."""
        return self.announced - self.new - self.refused


def of_poll(done: Reading, fallen: Sequence[Refusal], *, new: int, unchanged: bool, gap: bool) -> Tally:
    """The sums of a poll. `fallen` are its entries without a usable address."""
    told = [*fallen, *done.refusals]
    sums = Counter(one.reason for one in told)
    sums.update(done.passed_over)
    told += [Refusal(reason=reason, detail=f"{number} entries at one poll") for reason, number in done.passed_over.items()]
    if done.cut:  # nobody counted them: they count as one
        sums["entries_cut"] += 1
        told.append(Refusal(reason="entries_cut", detail=f"{len(done.entries)} entries were read"))
    announced = len(done.entries) + len(done.documents) + len(done.cited) + sums.total() - len(fallen)
    return Tally(announced=announced, new=new, dropped=dict(sums), fallen=told, unchanged=unchanged, gap=gap)


def note(session: Session, message: SourceDue, done: Reading, tally: Tally) -> None:
    """Write a poll's row and add it to its day. The same poll again, as after a crash or a replay, changes nothing."""
    if not _note_poll(session, message, done, tally) or not done.asked:
        return
    is_poll = message.mode == "poll"  # the others come on top of the schedule
    day = done.at.date()
    counts = {
        "polls": int(is_poll),
        "unchanged": int(is_poll and tally.unchanged),
        "failures": int(is_poll and done.error_class is not None),
        "gaps": int(tally.gap),
        "announced": tally.announced,
        "seen": tally.seen,
        "new": tally.new,
    }
    _note_day(session, message.source_id, day, counts, tally.dropped)
    if tally.fallen:
        _note_dropped(session, message.source_id, tally.fallen, done.at)


def _note_poll(session: Session, message: SourceDue, done: Reading, tally: Tally) -> bool:
    connection = session.connection()
    values = {
        "source_id": message.source_id,
        "due_at": message.due_at,
        "polled_at": done.at,
        "status": done.status,
        "announced": tally.announced,
        "new": tally.new,
        "refused": tally.refused,
        "error_class": done.error_class,
        "mode": message.mode,
        "gap": tally.gap,
    }
    return connection.execute(_polled(connection.dialect.name), values).first() is not None


@cache
def _polled(dialect: str) -> Executable:
    """Built once, as those that follow: to build a statement costs five times as much as to run it."""
    once: Executable = _insert(dialect, Poll).on_conflict_do_nothing(index_elements=["source_id", "due_at"]).returning(col(Poll.id))
    return once


def _note_day(session: Session, source_id: int, day: date, counts: dict[str, int], dropped: dict[str, int]) -> None:
    connection = session.connection()
    key = {"source_id": source_id, "day": day}
    if dropped:  # the source's row is held, so nobody adds to its day meanwhile
        standing = connection.execute(_dropped_of_day(), {"source": source_id, "of": day}).scalar()
        dropped = dict(Counter(standing or {}) + Counter(dropped))
    statement = _added(connection.dialect.name, tuple(counts), with_dropped=bool(dropped))
    connection.execute(statement, key | counts | {"dropped": dropped})


@cache
def _dropped_of_day() -> Executable:
    where = col(SourceDay.source_id) == bindparam("source"), col(SourceDay.day) == bindparam("of")
    return select(col(SourceDay.dropped)).where(*where)


@cache
def _added(dialect: str, names: Sequence[str], *, with_dropped: bool) -> Executable:
    insert = _insert(dialect, SourceDay)
    sums: dict[str, Any] = {name: getattr(SourceDay, name) + insert.excluded[name] for name in names}
    if with_dropped:
        sums["dropped"] = insert.excluded["dropped"]
    return insert.on_conflict_do_update(index_elements=["source_id", "day"], set_=sums)


def _note_dropped(session: Session, source_id: int, fallen: Sequence[Refusal], at: datetime) -> None:
    rows = {key: row for one in fallen[:MOST_KEPT] for key, row in [_row(source_id, one, at)]}
    connection = session.connection()
    connection.execute(_fell(connection.dialect.name), [rows[key] for key in sorted(rows)])
    connection.execute(_surplus(), {"source": source_id})


def _row(source_id: int, one: Refusal, at: datetime) -> tuple[str, dict[str, Any]]:
    url, title = _text(one.url, _MAX_ADDRESS), _text(one.title, _MAX_TITLE)
    detail = _text(one.detail, _MAX_DETAIL)
    # Sums tell their number, which changes, in the detail.
    said = f"{one.reason}\n{url or ''}\n{title or ''}\n{detail if one.url or one.title else ''}"
    key = blake2b(said.encode(), digest_size=9).hexdigest()
    times = {"first_at": at, "last_at": at}
    return key, {"source_id": source_id, "key": key, "reason": one.reason, "detail": detail, "url": url, "title": title, **times}


def _text(text: str | None, limit: int) -> str | None:
    return storable(text)[:limit] or None if text else None


@cache
def _fell(dialect: str) -> Executable:
    insert = _insert(dialect, Dropped)
    again = {name: insert.excluded[name] for name in ("detail", "last_at")}
    return insert.on_conflict_do_update(index_elements=["source_id", "key"], set_=again)


@cache
def _surplus() -> Executable:
    mine = col(Dropped.source_id) == bindparam("source")
    newest_first = select(col(Dropped.id)).where(mine).order_by(col(Dropped.last_at).desc(), col(Dropped.id).desc())
    return delete(Dropped).where(col(Dropped.id).in_(newest_first.offset(MOST_KEPT)))


def _insert(dialect: str, table: Any) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(table)
