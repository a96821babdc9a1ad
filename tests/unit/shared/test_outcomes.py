"""From an exception to what becomes of the work."""

import errno
import sqlite3
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from shared.outcomes import Limits, failure, is_away, later
from shared.stage import Reject, Retry

LIMITS = Limits(max_attempts=3, retry_base=timedelta(seconds=5))


def sqlite_error(code: int) -> OperationalError:
    error = sqlite3.OperationalError("says SQLite")
    error.sqlite_errorcode = code
    return OperationalError("SELECT", {}, error)


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (sqlite_error(sqlite3.SQLITE_BUSY), True),
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), True),
        (sqlite_error(sqlite3.SQLITE_FULL), True),
        (sqlite_error(sqlite3.SQLITE_CANTOPEN), True),
        (sqlite_error(sqlite3.SQLITE_ERROR), False),
        (OperationalError("SELECT", {}, psycopg.OperationalError("connection refused")), True),
        (OperationalError("SELECT", {}, psycopg.errors.AdminShutdown()), True),
        (OperationalError("SELECT", {}, psycopg.errors.DeadlockDetected()), True),
        (OperationalError("SELECT", {}, psycopg.errors.ProgramLimitExceeded()), False),
        (IntegrityError("INSERT", {}, sqlite3.IntegrityError()), False),
        (DataError("INSERT", {}, psycopg.DataError()), False),
        (ConnectionError(), False),
    ],
)
def test_a_database_that_is_away_is_told_from_one_that_refuses(error: Exception, away: bool) -> None:
    assert is_away(error) is away
    made = failure(error, attempt=3, limits=LIMITS)
    assert (made.error_class, made.delay is None) == (("database_away", False) if away else ("bug", True))


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (PermissionError(errno.EACCES, "Permission denied"), True),
        (FileNotFoundError(errno.ENOENT, "No such file"), False),
    ],
)
def test_a_full_disk_quarantines_nothing(error: OSError, away: bool) -> None:
    made = failure(error, attempt=3, limits=LIMITS)
    assert (made.error_class, made.counted) == (("storage_away", False) if away else ("bug", True))


def test_a_refusal_dies_at_the_first_attempt() -> None:
    made = failure(Reject("http_gone", "410"), attempt=1, limits=LIMITS)
    assert (made.outcome, made.error_class, made.error, made.delay) == ("refused", "http_gone", "http_gone: 410", None)


def test_waits_grow_fourfold_and_then_no_further() -> None:
    limits = Limits(max_attempts=100, retry_base=timedelta(seconds=5))
    waits = [later("bug", "", attempt=attempt, limits=limits).delay for attempt in (1, 2, 3, 9, 10, 50)]
    assert waits == [timedelta(seconds=5 * 4**power) for power in (0, 1, 2, 8, 8, 8)]


def test_a_named_wait_is_kept() -> None:
    made = failure(Retry("http_busy", after=timedelta(minutes=7), counted=False), attempt=3, limits=LIMITS)
    assert (made.outcome, made.delay, made.counted) == ("put_off", timedelta(minutes=7), False)


def test_the_last_counted_attempt_ends_dead_and_an_uncounted_one_does_not() -> None:
    assert failure(Retry("unreachable"), attempt=3, limits=LIMITS).outcome == "dead"
    assert failure(Retry("unreachable", counted=False), attempt=3, limits=LIMITS).outcome == "put_off"


def test_a_bug_keeps_its_traceback() -> None:
    try:
        raise ZeroDivisionError("here")
    except ZeroDivisionError as error:
        made = failure(error, attempt=1, limits=LIMITS)
    assert made.error_class == "bug"
    assert "test_outcomes.py" in made.error


@pytest.mark.parametrize("kind", [Reject, Retry])
def test_an_error_class_that_nobody_explains_cannot_be_raised(kind: type[Reject] | type[Retry]) -> None:
    with pytest.raises(ValueError, match=r"shared/errors\.py"):
        kind("no_such_class")
