"""robots.txt of each host: read by one worker at a time, kept for all of them in Redis, in front of it what this process read of late."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from random import uniform
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from redis.exceptions import RedisError

from services.fetch.core import robotscopy
from services.fetch.core.pace import PATIENCE_S
from services.fetch.core.robots import Rules, agent_name
from services.fetch.core.robotscopy import LONGEST_UNREAD_S, Copy
from shared import urls
from shared.clock import Clock
from shared.hosts import READING, ROBOTS
from shared.http import Fetcher
from shared.stage import Reject, Retry

if TYPE_CHECKING:
    from redis.asyncio import Redis

MAX_HOSTS = 2000  # kept in mind
MAX_SHARED = 65_536  # bytes of a compressed file that Redis keeps: a longer one is read by each process for itself
_READING = timedelta(seconds=7)  # how long a reading may take: with the page's own deadline, less than DATELINE_ROW_LIMIT
_LOOK_S = 0.2
_QUICK_S = 1.0  # others wait so long for a reading that is under way; then it is a slow one,
_SLOW_S = 15.0  # and who comes then had better come again when it is over
# RFC 9309, 2.3.1.3: what cannot be had because of the client, or leads nowhere, forbids nothing.
_UNAVAILABLE = frozenset(("http_gone", "http_refused", "bad_redirect", "bad_encoding", "too_large"))
# The page would fail in the same way, so the attempt counts as the page's own.
_COUNTED = frozenset(("unreachable", "host_unknown", "too_slow"))


class NotAsked(Retry):
    """A wait for robots.txt in which nobody was asked anything."""


@dataclass
class _Known:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    copy: Copy | None = None
    rules: Rules | None = None
    since: float = 0.0  # when this process began to read it, while it does


class Robots:
    """The rules of each host."""

    def __init__(self, fetcher: Fetcher, clock: Clock, redis: "Redis | None" = None) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._redis = redis
        self.agent = agent_name(fetcher.user_agent)
        self._hosts: OrderedDict[str, _Known] = OrderedDict()

    async def check(self, url: str) -> bool:
        """Whether the rules were read for this very call. Raises `Reject("robots_forbidden")`, or Retry while the rules cannot be had:
        RFC 9309 takes that for a no, for now."""
        rules, read = await self._rules(url)
        if not rules.allows(url, self.agent):
            raise Reject("robots_forbidden", url[:200])
        return read

    async def known(self, url: str) -> Rules | None:
        """The rules of the host of `url`, None where they must be read first. Raises NotAsked while they cannot be had."""
        origin = _origin(url)
        known = self._known(origin)
        if known.copy is None or known.copy.until <= self._now():
            if known.since and time.monotonic() - known.since > _QUICK_S:
                raise _busy(origin, _SLOW_S)
            self._take(known, await self._kept(origin))
        return self._standing(origin, known)

    async def _rules(self, url: str) -> tuple[Rules, bool]:
        """The rules of the host of `url`, read where nobody knows them, and whether they were. Raises Reject and Retry as the reading
        does, and NotAsked."""
        origin = _origin(url)
        rules = await self.known(url)
        if rules is not None:
            return rules, False
        known = self._known(origin)
        try:
            await asyncio.wait_for(known.lock.acquire(), _QUICK_S)
        except TimeoutError:
            raise _busy(origin) from None
        try:
            known.since = time.monotonic()
            rules = self._standing(origin, known)
            return (rules, False) if rules is not None else await self._read_or_wait(origin, known)
        finally:
            known.since = 0.0
            known.lock.release()

    def _now(self) -> float:
        return self._clock().timestamp()

    def _known(self, origin: str) -> _Known:
        known = self._hosts.setdefault(origin, _Known())
        self._hosts.move_to_end(origin)
        while len(self._hosts) > MAX_HOSTS:
            self._hosts.popitem(last=False)
        return known

    def _take(self, known: _Known, copy: Copy | None) -> None:
        if copy is not None and (known.copy is None or copy.until > known.copy.until):
            known.copy, known.rules = copy, robotscopy.standing(copy, self._now())

    def _standing(self, origin: str, known: _Known) -> Rules | None:
        copy = known.copy
        if copy is None or copy.until <= self._now():
            return None
        if known.rules is None:
            after = _spread(copy.until - self._now())
            raise NotAsked(copy.error_class, f"{origin}/robots.txt, at its last reading", after=after, counted=False)
        return known.rules

    async def _read_or_wait(self, origin: str, known: _Known) -> tuple[Rules, bool]:
        """Read it, unless another worker does: then its copy is waited for, a moment. And whether it was read."""
        token = uuid4().hex
        while not await self._may_read(origin, token):
            if time.monotonic() - known.since > PATIENCE_S:
                raise _busy(origin)
            await asyncio.sleep(_LOOK_S)
            self._take(known, await self._kept(origin))
            rules = self._standing(origin, known)
            if rules is not None:
                return rules, False
        try:
            return await self._read(origin, known), True
        finally:
            await self._asked("DEL", READING + origin)

    async def _read(self, origin: str, known: _Known) -> Rules:
        old, problem = known.copy, None
        try:
            answer = await self._fetched(origin)
            copy = robotscopy.answered(self._now(), answer.status, answer.body, answer.headers.get("cache-control"))
        except Reject as refusal:
            if refusal.error_class not in _UNAVAILABLE:
                raise _led_away(origin, refusal) from refusal  # to a host that must not be asked at all
            copy = robotscopy.answered(self._now(), 404, b"")
        except Retry as failure:
            problem = failure
            after = failure.after.total_seconds() if failure.after else 0.0
            copy = robotscopy.failed(self._now(), old, failure.error_class, after)
        known.copy, known.rules = copy, robotscopy.standing(copy, self._now())
        kept = robotscopy.packed(copy)
        if len(kept) <= MAX_SHARED:
            await self._asked("SET", ROBOTS + origin, kept, "EX", int(LONGEST_UNREAD_S))
        if known.rules is None and problem is not None:
            counted = problem.error_class in _COUNTED
            raise Retry(problem.error_class, f"robots.txt: {problem.detail}", after=problem.after, counted=counted) from problem
        return known.rules or Rules(b"", 404)

    async def _fetched(self, origin: str) -> Any:
        try:
            async with asyncio.timeout(_READING.total_seconds()):
                return await self._fetcher.get(f"{origin}/robots.txt", accept="text/plain,*/*;q=0.5")
        except TimeoutError as problem:
            raise Retry("too_slow", f"{origin}/robots.txt: not within {_READING.total_seconds():g} s") from problem

    # ------------------------------------------------------------------ what all workers know

    async def _kept(self, origin: str) -> Copy | None:
        kept = await self._asked("GET", ROBOTS + origin)
        return robotscopy.unpacked(kept) if kept else None

    async def _may_read(self, origin: str, token: str) -> bool:
        """Whether nobody else reads it now; without Redis, nobody does."""
        if self._redis is None:
            return True
        lease_ms = int(_READING.total_seconds() * 1000) + 1000
        if await self._asked("SET", READING + origin, token, "NX", "PX", lease_ms, away=b"OK") is not None:
            return True
        # An answer that came too late is asked for again, and what stands then is our own.
        return await self._asked("GET", READING + origin, away=token.encode()) == token.encode()

    async def _asked(self, *command: Any, away: Any = None) -> Any:
        if self._redis is None:
            return away
        try:
            answer: Awaitable[Any] = self._redis.execute_command(*command)
            return await answer
        except (RedisError, OSError):  # `SafeLines` tells of it
            return away


def _led_away(origin: str, refusal: Reject) -> Reject:
    """The refusal as it is where it is of the host itself; else it says that only its robots.txt leads there."""
    _, host, port = urls.host_port(origin)
    if refusal.detail.startswith(f"{urls.shown(host, port)} "):
        return refusal
    return Reject(refusal.error_class, f"{origin}/robots.txt leads to {refusal.detail}", status=refusal.status)


def _busy(origin: str, wait_s: float = PATIENCE_S) -> NotAsked:
    after = _spread(max(wait_s, PATIENCE_S))
    return NotAsked("host_paced", f"{origin}/robots.txt is being read", after=after, counted=False)


def _spread(wait_s: float) -> timedelta:
    """At least so long, and not all at the same moment: the first to come back reads it for the others."""
    return timedelta(seconds=wait_s + uniform(0, wait_s / 2))


def _origin(url: str) -> str:
    scheme, _, _ = urls.host_port(url)
    return url[: url.find("/", len(scheme) + 3)]
