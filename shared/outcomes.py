"""From an exception to what becomes of a row of work: dead, later, or superseded."""

import traceback
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import InterfaceError, OperationalError

from shared.ledger import Failure
from shared.stage import Reject, Retry

MAX_STEPS = 8  # the wait grows no further after so many attempts


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
    if isinstance(error, OperationalError | InterfaceError):
        return later("database_away", str(error), attempt=attempt, limits=limits, counted=False)
    return later("bug", "".join(traceback.format_exception(error)), attempt=attempt, limits=limits)


def later(
    error_class: str, error: str, *, attempt: int, limits: Limits, after: timedelta | None = None, counted: bool = True
) -> Failure:
    """The same work again: after `after`, else four times longer after each counted attempt; dead after the last one."""
    if counted and attempt >= limits.max_attempts:
        return Failure(outcome="dead", error_class=error_class, error=error, delay=None)
    delay = limits.retry_base * 4 ** min(max(attempt - 1, 0), MAX_STEPS) if after is None else after
    return Failure(outcome="retry" if counted else "put_off", error_class=error_class, error=error, delay=delay, counted=counted)
