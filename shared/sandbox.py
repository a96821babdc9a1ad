"""Parsers of foreign bytes in processes that can be killed, with limits of memory, CPU and time.

`Sandbox.call("package.module:function", payload, timeout=…)` runs a pure function of ours in a child process (`shared/parser.py`) that
lives on between calls and is started at the first one. Payload and result are bytes or JSON, never pickle: a child that was taken over can
lie about its document, and that is all.

One child reads what is quick, as nearly everything is; the others are started for what is not, and end when there is nothing to do for
them. So a document that needs its whole time, and dies of it, holds up no other.
"""

import asyncio
import contextlib
import math
import os
import threading
import time
from collections import OrderedDict
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from shared.lanes import Lanes
from shared.parserprocess import ParserProcess, start
from shared.stage import Reject, Retry
from shared.timelimit import uncounted

_MOST_REMEMBERED = 1000  # sources whose last document was slow
# A parser's time is CPU time: a busy machine is no document's fault. So much longer it may take by the clock on the wall.
_LONGER_QUICK, _LONGER = 5, 2


class SandboxError(RuntimeError):
    """The function failed in a way that is a mistake of ours; the text is the child's traceback."""


class _Overdue(Exception):
    """A document that is not quick held up others, and was ended."""


@dataclass(frozen=True, kw_only=True)
class _Limits:
    children: int
    memory_bytes: int
    answer_bytes: int
    held_bytes: int
    quick_s: float
    patience_s: float
    idle_s: float


@dataclass(frozen=True)
class _Job:
    """What a child is to do."""

    function: str
    head: dict[str, Any]
    body: bytes
    timeout_s: float
    whose: str | None


class Sandbox:
    """At most `children` child processes and their limits. Calls of several threads or tasks wait for one another.

    A document that takes more CPU time than `quick` is slow: it goes on in its child while another serves the rest. Where none is left for
    the rest, it is ended and begins anew when there is, which it waits for no longer than `patience`. A source whose last document was
    slow waits there from the beginning. A child that read a slow document, or holds more than `held_bytes` after one, is ended.
    """

    def __init__(
        self,
        *,
        children: int = 2,
        memory_bytes: int = 1 << 30,
        answer_bytes: int = 1 << 26,
        held_bytes: int = 200 << 20,
        quick: timedelta = timedelta(seconds=1),
        patience: timedelta = timedelta(seconds=35),
        idle_for: timedelta = timedelta(seconds=30),
    ) -> None:
        self._limits = _Limits(
            children=children,
            memory_bytes=memory_bytes,
            answer_bytes=answer_bytes,
            held_bytes=held_bytes,
            quick_s=quick.total_seconds(),
            patience_s=patience.total_seconds(),
            idle_s=idle_for.total_seconds(),
        )
        self._pool = _Pool(self._limits)
        self._slow: OrderedDict[str, None] = OrderedDict()

    def call(self, function: str, payload: Any, *, timeout: timedelta, whose: str | None = None, **arguments: Any) -> Any:
        """`function(payload, **arguments)` as worked out by a child. `payload` is bytes or JSON, `arguments` are JSON.

        `timeout` is the CPU time for the document, and half of the time that it may take by the clock. Neither a cold start nor a wait for
        a child counts. `whose` names its source. Raises `Reject("parse_limit")` where time, CPU or memory ran out or the child died,
        `Retry("parsers_busy")` where a document that is not quick found no child: others' slowness is not its fault; the
        function's own Reject or Retry as itself, `SandboxError` for every other exception.
        """
        job, pool, slowly = _job(function, payload, timeout, whose, arguments), self._own_pool(), whose in self._slow
        while True:
            ticket = pool.lanes.claim(slow=slowly)
            try:
                place = ticket.result(self._limits.patience_s if slowly else None)
            except TimeoutError as problem:
                pool.withdraw(ticket)
                raise _crowded(job) from problem
            except BaseException:  # a limit of time of the caller's own
                pool.withdraw(ticket)
                raise
            try:
                return self._work(pool, place, job, slowly)
            except _Overdue:
                slowly = True

    async def async_call(self, function: str, payload: Any, *, timeout: timedelta, whose: str | None = None, **arguments: Any) -> Any:
        """`call` from a coroutine. It is not counted against the row of work: the document has limits of its own."""
        with uncounted():
            return await self._async_call(function, payload, timeout=timeout, whose=whose, **arguments)

    async def _async_call(self, function: str, payload: Any, *, timeout: timedelta, whose: str | None, **arguments: Any) -> Any:
        job, pool, slowly = _job(function, payload, timeout, whose, arguments), self._own_pool(), whose in self._slow
        loop = asyncio.get_running_loop()
        while True:
            ticket = pool.lanes.claim(slow=slowly)
            try:
                async with asyncio.timeout(self._limits.patience_s if slowly else None):
                    place = await asyncio.wrap_future(ticket)
            except TimeoutError as problem:
                pool.withdraw(ticket)
                raise _crowded(job) from problem
            except asyncio.CancelledError:
                pool.withdraw(ticket)
                raise
            try:
                # Shielded: who gave up waiting must not keep the place from being given back.
                return await asyncio.shield(loop.run_in_executor(pool.threads, self._work, pool, place, job, slowly))
            except _Overdue:
                slowly = True

    def close(self) -> None:
        """End the children. A later call starts others."""
        pool, self._pool = self._pool, _Pool(self._limits)
        pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _own_pool(self) -> "_Pool":
        """The children of this process: after a fork the threads, the places and the children known here are another's."""
        if self._pool.owner != os.getpid():
            self.close()
        return self._pool

    def _work(self, pool: "_Pool", place: int, job: _Job, slowly: bool) -> Any:
        """Do the job at this place, and give the place back."""
        limits, good, took_long = self._limits, False, False

        def look() -> None:
            nonlocal slowly, took_long
            spent = child.spent_s() - spent_before
            if spent > job.timeout_s:
                raise TimeoutError("out of time")
            took_long = spent > limits.quick_s or time.monotonic() - began > limits.quick_s * _LONGER_QUICK
            if took_long and not slowly:
                slowly = pool.lanes.may_go_on(place)
                if slowly:
                    child.be_nice()
                elif pool.lanes.is_awaited():
                    raise _Overdue

        try:
            child = pool.child(place)
            child.load(job.function)
            if slowly:
                child.be_nice()
            began, spent_before = time.monotonic(), child.spent_s()
            answer = child.ask(job.head, job.body, began + job.timeout_s * _LONGER, look)
            good = not slowly and child.held_bytes <= limits.held_bytes
        except (TimeoutError, OSError, EOFError, ValueError) as problem:
            raise Reject("parse_limit", f"{job.function}: {problem or type(problem).__name__}") from problem
        finally:
            self._remember(job.whose, took_long)
            pool.leave(place, good)
        return _outcome(job.function, answer)

    def _remember(self, whose: str | None, slow: bool) -> None:
        if whose is not None and not slow:
            self._slow.pop(whose, None)
        elif whose is not None:
            self._slow[whose] = None
            while len(self._slow) > _MOST_REMEMBERED:
                self._slow.popitem(last=False)


class _Pool:
    """The children, each at a place of its own."""

    def __init__(self, limits: _Limits) -> None:
        self.owner = os.getpid()
        self.lanes = Lanes(limits.children)
        self.threads = ThreadPoolExecutor(limits.children, thread_name_prefix="sandbox")
        self._limits = limits
        self._children: list[ParserProcess | None] = [None] * limits.children
        self._timer: threading.Timer | None = None

    def child(self, place: int) -> ParserProcess:
        """The child of a place that the caller holds, started where there is none."""
        child = self._children[place]
        if child is None or not child.is_alive:
            self._end(place)
            child = self._children[place] = start(self._limits.memory_bytes, self._limits.answer_bytes)
        return child

    def leave(self, place: int, good: bool) -> None:
        """Give a place back; the child stays for the next if it is good for that."""
        child = self._children[place]
        if child is not None and good:
            child.idle_since = time.monotonic()
            if place > 0 and self._timer is None:
                self._look_again(self._limits.idle_s)
        else:
            self._end(place)
        self.lanes.release(place)

    def withdraw(self, ticket: "Future[int]") -> None:
        """Wait no longer."""
        if not ticket.cancel():
            with contextlib.suppress(CancelledError):
                self.lanes.release(ticket.result())

    def close(self) -> None:
        """End all children; one that is talked to is cleared away by whoever does so."""
        self.threads.shutdown(wait=False)
        for place, child in enumerate(self._children):
            if child is not None and self.owner == os.getpid() and not self.lanes.take(place):
                child.process.kill()
            else:
                self._end(place)

    def _end(self, place: int) -> None:
        child, self._children[place] = self._children[place], None
        if child is not None:
            child.end()

    def _look_again(self, after_s: float) -> None:
        self._timer = threading.Timer(after_s, self._end_idle)
        self._timer.daemon = True
        self._timer.start()

    def _end_idle(self) -> None:
        """End the children beyond the first that had nothing to do for a while."""
        self._timer = None
        waits = []
        for place, child in enumerate(self._children):
            if place == 0 or child is None:
                continue
            wait = child.idle_since + self._limits.idle_s - time.monotonic()
            if wait <= 0 and self.lanes.take(place):
                self._end(place)
                self.lanes.release(place)
            else:
                waits.append(wait if wait > 0 else self._limits.idle_s)
        if waits:
            self._look_again(min(waits))


def _job(function: str, payload: Any, timeout: timedelta, whose: str | None, arguments: dict[str, Any]) -> _Job:
    seconds = timeout.total_seconds()
    head = {"call": function, "arguments": arguments, "cpu_s": math.ceil(seconds) + 1}
    raw = isinstance(payload, bytes | bytearray | memoryview)
    if not raw:
        head["json"] = payload
    return _Job(function, head, bytes(payload) if raw else b"", seconds, whose)


def _crowded(job: _Job) -> Retry:
    return Retry("parsers_busy", f"{job.function}: not quick, and other slow documents kept the parsers busy")


def _outcome(function: str, answer: dict[str, Any]) -> Any:
    if "ok" in answer:
        return answer["ok"]
    if "reject" in answer:
        raise Reject(*answer["reject"])
    if "retry" in answer:
        raise Retry(*answer["retry"])
    raise SandboxError(f"{function}\n{answer.get('bug')}")
