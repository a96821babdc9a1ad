"""How long a piece of work may run: a limit that Python code can be stopped by, and one that nothing survives."""

import asyncio
import faulthandler
import signal
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any


class RowTimeLimit(BaseException):
    """A row used up its time. Not an Exception, so that no stage swallows it."""


@contextmanager
def time_limits() -> Iterator[None]:
    """Within this block `row_limit` works: the handler is set once, since that costs more than the timer."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def expired(_signal: int, _frame: Any) -> None:
        raise RowTimeLimit

    before = signal.signal(signal.SIGALRM, expired)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def row_limit(limit: timedelta) -> Iterator[None]:
    """Raise RowTimeLimit in the main thread after `limit`; elsewhere than in the main thread, no limit.

    What loops inside a C library is not interrupted by it: that is what `hard_limit` is for.
    """
    timed = threading.current_thread() is threading.main_thread()
    if timed:
        signal.setitimer(signal.ITIMER_REAL, limit.total_seconds())
    try:
        yield
    finally:
        if timed:
            signal.setitimer(signal.ITIMER_REAL, 0)


_row: ContextVar[tuple[asyncio.Timeout, float]] = ContextVar("row")  # and the end that nothing puts off


@asynccontextmanager
async def async_row_limit(limit: timedelta, longest: timedelta) -> AsyncIterator[None]:
    """Raise TimeoutError in a coroutine after `limit`, what passes within `uncounted` aside, and after `longest` in any case."""
    last = asyncio.get_running_loop().time() + longest.total_seconds()
    async with asyncio.timeout(min(limit, longest).total_seconds()) as timeout:
        outside = _row.set((timeout, last))
        try:
            yield
        finally:
            _row.reset(outside)


@contextmanager
def uncounted() -> Iterator[None]:
    """Within this block the row's clock stands still: it waits for what other rows hold, or has another limit."""
    timeout, last = _row.get((None, 0.0))
    until = timeout.when() if timeout is not None else None
    if timeout is None or until is None or timeout.expired():
        yield
        return
    loop = asyncio.get_running_loop()
    began = loop.time()
    timeout.reschedule(last)
    try:
        yield
    finally:
        if not timeout.expired():
            timeout.reschedule(min(until + loop.time() - began, last))


@contextmanager
def hard_limit(limit: timedelta) -> Iterator[None]:
    """End the process, with a traceback on standard error, when the block takes longer than `limit`."""
    watchdog = Watchdog()
    mark = watchdog.begin(limit)
    try:
        yield
    finally:
        watchdog.end(mark)


class Watchdog:
    """Ends the process, with a traceback on standard error, when one of several pieces of work takes longer than its limit.

    Celery's own hard limit needs a pool of child processes. The interpreter's watchdog is a thread of C: it works when a library
    holds the interpreter's lock for ever, and needs no second process. There is one in a process, so have one of these.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: dict[object, float] = {}

    def begin(self, limit: timedelta) -> object:
        """Watch a piece of work. Returns what `end` is to be given."""
        mark = object()
        with self._lock:
            self._ends[mark] = time.monotonic() + limit.total_seconds()
            self._set()
        return mark

    def end(self, mark: object) -> None:
        """It is over."""
        with self._lock:
            self._ends.pop(mark, None)
            self._set()

    def _set(self) -> None:
        if self._ends:
            faulthandler.dump_traceback_later(max(0.001, min(self._ends.values()) - time.monotonic()), exit=True)
        else:
            faulthandler.cancel_dump_traceback_later()
