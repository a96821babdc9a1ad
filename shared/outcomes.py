"""From an exception to what becomes of a row of work: dead, later, or superseded."""

import sqlite3
import traceback
from dataclasses import dataclass
from datetime import timedelta
from errno import EACCES, EDQUOT, EIO, ENOSPC, EPERM, EROFS

from sqlalchemy.exc import InterfaceError, OperationalError

from shared.ledger import Failure
from shared.stage import Reject, Retry

MAX_STEPS = 8  # the wait grows no further after so many attempts
# Of SQLite's OperationalErrors: out of memory, busy, locked, read only, input and output, disk full, cannot open, locking protocol.
SQLITE_AWAY = frozenset({5, 6, 7, 8, 10, 13, 14, 15})
# Of the operating system's, for files: no space, no quota, read only, input and output, not allowed.
STORAGE_AWAY = frozenset({ENOSPC, EDQUOT, EROFS, EIO, EACCES, EPERM})
# Of PostgreSQL's: a statement or a value beyond its limits ("54"), which no waiting makes smaller.
SQLSTATE_REFUSED = frozenset({"54"})


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The settings that delivery follows."""

    lease: timedelta = timedelta(seconds=120)
    row_limit: timedelta = timedelta(seconds=30)
    max_attempts: int = 5
    max_kills: int = 3
    retry_base: timedelta = timedelta(seconds=5)
    batch: int = 32


def failure(error: BaseException, *, attempt: int, limits: Limits) -> Failure:
    """What becomes of a row whose `attempt`-th attempt ended with this exception."""
    if isinstance(error, Reject):
        return Failure(outcome="refused", error_class=error.error_class, error=str(error), delay=None)
    if isinstance(error, Retry):
        return later(error.error_class, str(error), attempt=attempt, limits=limits, after=error.after, counted=error.counted)
    if is_away(error):
        return later("database_away", str(error), attempt=attempt, limits=limits, counted=False)
    if isinstance(error, OSError) and error.errno in STORAGE_AWAY:
        return later("storage_away", str(error), attempt=attempt, limits=limits, counted=False)
    if isinstance(error, MemoryError | RecursionError):
        return later("parse_limit", f"{type(error).__name__}: {error}", attempt=attempt, limits=limits)
    return later("bug", "".join(traceback.format_exception(error)), attempt=attempt, limits=limits)


def is_away(error: BaseException) -> bool:
    """Whether the database cannot answer now, or gave the transaction up for another's sake; not that it refuses the statement."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in SQLITE_AWAY
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state[:2] not in SQLSTATE_REFUSED


def later(
    error_class: str, error: str, *, attempt: int, limits: Limits, after: timedelta | None = None, counted: bool = True
) -> Failure:
    """The same work again: after `after`, else four times longer after each counted attempt; dead after the last one."""
    if counted and attempt >= limits.max_attempts:
        return Failure(outcome="dead", error_class=error_class, error=error, delay=None)
    delay = limits.retry_base * 4 ** min(max(attempt - 1, 0), MAX_STEPS) if after is None else after
    return Failure(outcome="retry" if counted else "put_off", error_class=error_class, error=error, delay=delay, counted=counted)
