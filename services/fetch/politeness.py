"""How a stranger's server is treated: its robots.txt is read first, and it is asked for little at once.

Known to one process each; other workers do not see it.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.fetch.core.robots import Rules, agent_name
from shared import urls
from shared.clock import Clock
from shared.http import Fetcher
from shared.stage import Reject, Retry

MAX_HOSTS = 2000  # kept in mind
_ROBOTS_KEPT = timedelta(hours=1)  # RFC 9309 allows a day
_FAILURE_KEPT = timedelta(seconds=60)
_LONGEST_DELAY = timedelta(seconds=30)  # of a Crawl-delay
_LONGEST_WAIT = timedelta(seconds=4)  # in line within this worker; who would wait longer is put off
_REFUSED = frozenset(("http_gone", "http_refused"))


@dataclass
class _Known:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: Rules | None = None
    failure: Retry | None = None
    until: datetime | None = None


class Robots:
    """The rules of each host, read once an hour."""

    def __init__(self, fetcher: Fetcher, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self.agent = agent_name(fetcher.user_agent)
        self._hosts: OrderedDict[str, _Known] = OrderedDict()

    async def check(self, url: str) -> None:
        """Raises `Reject("robots_forbidden")`, or Retry while the rules cannot be had: RFC 9309 takes that for a no, for now."""
        rules = await self.rules(url)
        if not rules.allows(url, self.agent):
            raise Reject("robots_forbidden", url[:200])

    async def rules(self, url: str) -> Rules:
        """The rules of the host of `url`."""
        scheme, _, port = urls.host_port(url)
        origin = url[: url.find("/", len(scheme) + 3)]
        known = self._hosts.setdefault(f"{origin}:{port}", _Known())
        self._hosts.move_to_end(f"{origin}:{port}")
        while len(self._hosts) > MAX_HOSTS:
            self._hosts.popitem(last=False)
        async with known.lock:
            if known.until is None or known.until <= self._clock():
                await self._read(origin, known)
        if known.failure is not None:
            problem = known.failure
            raise Retry(problem.error_class, f"robots.txt: {problem.detail}", after=problem.after, counted=problem.counted)
        if known.rules is None:
            raise AssertionError("read, and neither rules nor a failure")
        return known.rules

    async def _read(self, origin: str, known: _Known) -> None:
        known.failure = None
        try:
            answer = await self._fetcher.get(f"{origin}/robots.txt", accept="text/plain,*/*;q=0.5")
            known.rules, kept = Rules(answer.body, answer.status), _ROBOTS_KEPT
        except Reject as problem:
            if problem.error_class not in _REFUSED and problem.error_class not in ("bad_redirect", "bad_encoding", "too_large"):
                raise  # a host that must not be asked at all
            # RFC 9309, 2.3.1.3: what cannot be had because of the client, or leads nowhere, forbids nothing.
            known.rules, kept = Rules(b"", 404), _ROBOTS_KEPT
        except Retry as problem:
            known.failure, kept = problem, _FAILURE_KEPT
        known.until = self._clock() + kept


@dataclass
class _Line:
    room: asyncio.Semaphore
    next_start: float = 0.0  # of time.monotonic()


class Pace:
    """At most `at_once` requests to one host, their starts `apart` from one another."""

    def __init__(self, *, at_once: int = 2, apart: timedelta = timedelta(milliseconds=500)) -> None:
        self._at_once = at_once
        self._apart = apart
        self._hosts: OrderedDict[str, _Line] = OrderedDict()

    @asynccontextmanager
    async def turn(self, host: str, delay_s: float | None = None) -> AsyncIterator[None]:
        """Wait for this host's turn. Raises `Retry("host_paced")`, uncounted, where the line is too long."""
        apart = max(self._apart.total_seconds(), min(delay_s or 0.0, _LONGEST_DELAY.total_seconds()))
        line = self._line(host)
        patience = _LONGEST_WAIT.total_seconds()
        try:
            async with asyncio.timeout(patience):
                await line.room.acquire()
        except TimeoutError as problem:
            raise Retry("host_paced", host, after=_LONGEST_WAIT, counted=False) from problem
        try:
            wait = line.next_start - time.monotonic()
            if wait > patience:
                raise Retry("host_paced", host, after=timedelta(seconds=wait), counted=False)
            line.next_start = max(line.next_start, time.monotonic()) + apart
            if wait > 0:
                await asyncio.sleep(wait)
            yield
        finally:
            line.room.release()

    def _line(self, host: str) -> _Line:
        line = self._hosts.get(host)
        if line is None:
            line = self._hosts[host] = _Line(asyncio.Semaphore(self._at_once))
        self._hosts.move_to_end(host)
        while len(self._hosts) > MAX_HOSTS:
            self._hosts.popitem(last=False)
        return line
