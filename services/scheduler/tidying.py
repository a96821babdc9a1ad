"""What is kept for a while only: rows of polls, their work, and raw documents whose publishers allow no longer (`noarchive`). In steps."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, delete, select, text, update
from sqlmodel import Session, col

from shared.models import Document, Moment, Poll, SourcePage

POLLS_KEPT = timedelta(days=8)  # `SourceDay` keeps their sums
POLLS_AT_ONCE = 500
DOCUMENTS_AT_ONCE = 100
WORK_KEPT = timedelta(days=30)
WORK_AT_ONCE = 500
_OF_ONE_SOURCE = 50
# Source by source, each by the index of the keys: either database would else walk through all rows of polls.
_MINE = "work.stage = 'poll' AND work.subject_id = source.id AND work.input_key < :before AND work.state IN (2, 4)"  # done, superseded
_OLD_WORK = {
    "sqlite": f"SELECT work.id FROM source CROSS JOIN work WHERE {_MINE} LIMIT {WORK_AT_ONCE}",
    "postgresql": f"""SELECT old.id FROM source CROSS JOIN LATERAL
        (SELECT work.id FROM work WHERE {_MINE} ORDER BY work.input_key LIMIT {_OF_ONE_SOURCE}) AS old LIMIT {WORK_AT_ONCE}""",
}


def forget_polls(session: Session, at: datetime) -> int:
    """Remove the oldest rows of polls, where they are old enough. Returns their number: where it is `POLLS_AT_ONCE`, there are more.

    Rows are numbered as they are written, so the first ones are the oldest: no index of times is needed, and an idle look reads few rows.
    """
    oldest = session.connection().execute(_oldest_polls(POLLS_AT_ONCE)).all()
    old = [row[0] for row in oldest if row[1] < at - POLLS_KEPT]
    if old:
        session.connection().execute(_forgotten(), {"ids": old})
    return len(old)


def has_old_polls(session: Session, at: datetime) -> bool:
    """Whether `forget_polls` would find anything. Takes no lock."""
    first = session.connection().execute(_oldest_polls(1)).first()
    return first is not None and first[1] < at - POLLS_KEPT


@cache
def _oldest_polls(most: int) -> Executable:
    return select(col(Poll.id), col(Poll.polled_at)).order_by(col(Poll.id)).limit(most)


@cache
def _forgotten() -> Executable:
    ids: Any = bindparam("ids", expanding=True)
    return delete(Poll).where(col(Poll.id).in_(ids))


def old_work(session: Session, at: datetime) -> list[int]:
    """Work of polls that ended well long ago, `WORK_AT_ONCE` rows at most, for `ledger.forget`. Takes no lock.

    A source is polled at a time that never comes again, so that no work can be done twice for want of such a row. All other work stays: its
    row is what keeps an old announcement, revision or page from being worked on anew, and an article's are few. What is dead stays, too.

    The time leads in the key, so that the index of the keys finds the oldest of each source.
    """
    before = (at - WORK_KEPT).date().isoformat()
    return [row[0] for row in session.connection().execute(_old_work(session.connection().dialect.name), {"before": before})]


@cache
def _old_work(dialect: str) -> Executable:
    return text(_OLD_WORK[dialect])


def has_expired(session: Session, at: datetime) -> bool:
    """Whether there are documents whose bytes may be kept no longer. Takes no lock."""
    return session.connection().execute(_expired(1), {"at": at}).first() is not None


def expire(session: Session, at: datetime) -> list[str]:
    """Mark documents whose bytes may be kept no longer; returns the hashes of those bytes that nothing else keeps. Their files are to be
    removed after the commit: where that fails they are orphans, and swept as such."""
    rows = session.connection().execute(_expired(DOCUMENTS_AT_ONCE), {"at": at}).all()
    if not rows:
        return []
    session.connection().execute(_marked(), {"ids": [row[0] for row in rows], "removed": at})
    hashes = sorted({row[1] for row in rows})
    kept = named(session, hashes)
    return [one for one in hashes if one not in kept]


def named(session: Session, hashes: Sequence[str]) -> set[str]:
    """Those of these hashes whose bytes are to be kept, since a row names them."""
    connection = session.connection()
    return {row[0] for statement in _names() for row in connection.execute(statement, {"hashes": list(hashes)})}


@cache
def _expired(most: int) -> Executable:
    until, gone = col(Document.raw_until), col(Document.raw_removed_at)
    due = select(col(Document.id), col(Document.sha256)).where(until.is_not(None), gone.is_(None), until <= bindparam("at", type_=Moment()))
    return due.order_by(until).limit(most)


@cache
def _marked() -> Executable:
    ids: Any = bindparam("ids", expanding=True)
    return update(Document).where(col(Document.id).in_(ids)).values(raw_removed_at=bindparam("removed", type_=Moment()))


@cache
def _names() -> tuple[Executable, ...]:
    hashes: Any = bindparam("hashes", expanding=True)
    of_documents = select(col(Document.sha256)).where(col(Document.sha256).in_(hashes), col(Document.raw_removed_at).is_(None))
    return of_documents, select(col(SourcePage.sha256)).where(col(SourcePage.sha256).in_(hashes))
