"""When a source is polled next."""

from datetime import timedelta

_FASTER, _SLOWER = 0.75, 1.25
_MAX_DOUBLINGS = 12


def after_success(interval: timedelta, new: int, *, floor: timedelta, ceiling: timedelta) -> timedelta:
    """The next interval: shorter where something new came, longer where nothing did, between floor and ceiling."""
    return min(max(interval * (_FASTER if new else _SLOWER), floor), ceiling)


def after_failure(interval: timedelta, failures: int, *, ceiling: timedelta, wanted: timedelta | None = None) -> timedelta:
    """The wait after the `failures`-th failure in a row: twice as long each time, up to the ceiling; at least what the server asked for."""
    wait = min(interval * 2 ** min(failures, _MAX_DOUBLINGS), max(ceiling, interval))
    return max(wait, wanted) if wanted is not None else wait
