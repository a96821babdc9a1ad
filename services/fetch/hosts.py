"""How a stranger's server is treated: one line a host for all workers, robots.txt first, and no haste where it fails.

The lines stand in Redis (`hostscript.py`); while it is away, and for commands without one, each process keeps lines of its own by the
same rules (`hostlines.py`). That costs pace, never work.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from services.fetch.core.breaker import WEIGHTS
from services.fetch.core.pace import PATIENCE_S, End, Ended, Manners, Verdict, Word
from services.fetch.hostlines import Lines, OwnLines, SafeLines
from services.fetch.politeness import NotAsked, Robots
from shared import urls
from shared.clock import Clock
from shared.http import Fetcher
from shared.settings import Settings
from shared.stage import Reject, Retry
from shared.timelimit import uncounted

if TYPE_CHECKING:
    from redis.asyncio import Redis

# Where the settings themselves lead us: no distance, and more patience with failures.
OURS = Manners(at_once=16, apart_s=0.0, opens_at=20.0)
_LOOK_S = 0.25  # how often somebody who waits for another worker's request to end looks again
_MARGIN_S = 5.0  # by which a slot outlives its row's limit
# What a host said, whatever it was; what any other refusal says is about the address or about us.
_ANSWERS = frozenset(("http_gone", "http_refused", "bad_redirect", "bad_encoding", "too_large"))
_CLASSES: Mapping[Word, str] = {
    Word.PACED: "host_paced",
    Word.RETRIES: "host_paced",
    Word.HELD: "http_busy",
    Word.RESTING: "host_resting",
    Word.GONE: "host_resting",
}

class Hosts:
    """Turns at strangers' servers. One for all stages of a process; use it within one event loop."""

    def __init__(
        self,
        fetcher: Fetcher,
        robots: Robots,
        lines: Lines | None = None,
        manners: Manners | None = None,
        redis: "Redis | None" = None,  # closed with it
    ) -> None:
        self.fetcher, self.robots = fetcher, robots
        self._redis = redis
        self._lines = lines or OwnLines()
        self._manners = manners or Manners()
        self._ours = replace(OURS, hold_s=self._manners.hold_s)
        self._queues: dict[str, _Queue] = {}

    @asynccontextmanager
    async def turn(self, url: str, *, feed: bool = False) -> "AsyncIterator[Turn]":
        """One fetch, redirects included: pass the turn's `follow` to `Fetcher.get` as `before`.

        The block's exception tells how the host behaved. `feed`: an address that a person gave, so robots.txt is not asked and its
        retries are its schedule's. Raises `Reject` (address_forbidden, robots_forbidden), and `Retry` without a request: uncounted
        `host_paced`, `host_resting` and `http_busy` while it is not this work's turn, what robots.txt's own reading raised, and
        `host_resting`, counted, where the host has not answered for a week.
        """
        turn = Turn(self, urls.sendable(url), feed=feed)
        try:
            await turn.begin()
            yield turn
        except BaseException as problem:
            await turn.end(ended(problem))
            raise
        await turn.end(Ended(end=End.ANSWERED))

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._redis is not None:
            await self._redis.aclose()

    def at(self, url: str) -> tuple[str, Manners]:
        """The name of an address's host's line, and how it is treated."""
        _, host, port = urls.host_port(url)
        return (urls.shown(host, port), self._ours) if self.fetcher.is_ours(url) else (urls.shown(host), self._manners)

    async def enter(self, host: str, manners: Manners, *, token: str, delay_s: float, page: str) -> None:
        """Wait for a turn. Raises Retry where the wait would be long."""
        queue = self._queues.setdefault(host, _Queue())
        queue.length += 1
        try:
            with uncounted():
                verdict = await self._stand(queue, host, manners, token=token, delay_s=delay_s, page=page)
                if verdict.word is Word.GO:
                    return await asyncio.sleep(verdict.wait_s) if verdict.wait_s > 0 else None
        finally:
            queue.length -= 1
            if queue.length == 0:
                self._queues.pop(host, None)
        after = timedelta(seconds=max(verdict.wait_s, 1.0))
        detail = f"{host}: its share of retries is used up" if verdict.word is Word.RETRIES else host
        raise Retry(_CLASSES[verdict.word], detail, after=after, counted=verdict.word is Word.GONE)

    async def _stand(self, queue: "_Queue", host: str, manners: Manners, **asked: Any) -> Verdict:
        """Of those in this process who wait for the same host only the first one asks, again and again; the others stand behind it."""
        until = time.monotonic() + PATIENCE_S
        if queue.standing * queue.space_s > PATIENCE_S:
            return await self._lines.enter(host, manners, last=True, **asked)
        queue.standing += 1
        try:
            # The clock is on the wait for the others only: a turn that was given must not be lost on its way.
            async with asyncio.timeout(PATIENCE_S):
                await queue.first.acquire()
        except TimeoutError:
            return await self._lines.enter(host, manners, last=True, **asked)
        finally:
            queue.standing -= 1
        try:
            while True:
                verdict = await self._lines.enter(host, manners, last=time.monotonic() >= until, **asked)
                if verdict.word is not Word.BUSY:
                    return verdict
                queue.space_s = verdict.wait_s
                await queue.wait(_LOOK_S)
        finally:
            queue.first.release()

    async def leave(self, host: str, manners: Manners, how: Ended, *, token: str, page: str) -> None:
        """Give a turn back, and let the next one in."""
        await self._lines.leave(host, manners, how, token=token, page=page)
        if host in self._queues:
            self._queues[host].moved.set()


@dataclass(eq=False)
class _Queue:
    """Those of this process who want the same host's turn."""

    length: int = 0
    standing: int = 0
    space_s: float = 0.0  # between one of them and the next
    first: asyncio.Lock = field(default_factory=asyncio.Lock)
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, seconds: float) -> None:
        """Until a turn of this process ends, or so long: another worker's may have ended."""
        self.moved.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.moved.wait()


def build(fetcher: Fetcher, clock: Clock, settings: Settings) -> Hosts:
    """Turns as the settings want them, in Redis where they name one."""
    manners = Manners(
        at_once=settings.host_at_once,
        apart_s=settings.host_apart.total_seconds(),
        hold_s=settings.row_limit.total_seconds() + _MARGIN_S,
    )
    if settings.broker is None:
        return Hosts(fetcher, Robots(fetcher, clock), OwnLines(), manners)
    from services.fetch.hostscript import SharedLines, shared_client

    redis = shared_client(settings.broker)
    return Hosts(fetcher, Robots(fetcher, clock, redis), SafeLines(SharedLines(redis)), manners, redis)


class Turn:
    """One fetch's way along its redirects: it stands in the line of one host at a time."""

    def __init__(self, hosts: Hosts, url: str, *, feed: bool) -> None:
        self._hosts, self._url, self._feed = hosts, url, feed
        self._page = "" if feed else blake2b(url.encode(), digest_size=9).hexdigest()
        self._host: str | None = None
        self._manners = Manners()
        self._token = ""
        self._since = 0.0

    async def begin(self) -> None:
        """Stand in line for the first request."""
        await self._arrive(self._url)

    async def follow(self, url: str) -> None:
        """To be asked before each request: robots.txt's word, and where the chain leads to another host, a turn there."""
        if self._hosts.at(url)[0] != self._host:
            await self.end(Ended(end=End.ANSWERED))
            await self._arrive(url)
        elif not self._feed:
            await self._hosts.robots.check(url)

    async def end(self, how: Ended) -> None:
        """Leave the line, if it stands in one."""
        if self._host is None:
            return
        host, self._host = self._host, None
        took = max(0.0, time.monotonic() - self._since)
        await self._hosts.leave(host, self._manners, replace(how, took_s=took), token=self._token, page=self._page)

    async def _arrive(self, url: str) -> None:
        """Stand in a host's line, and read robots.txt where nobody has: in the same turn, so that a probe stays alone."""
        delay_s = await self._enter(url)
        if self._feed or await self._hosts.robots.check(url):
            return
        rules = await self._hosts.robots.known(url)
        if rules is not None and (rules.delay_s(self._hosts.robots.agent) or 0.0) > delay_s:
            # Several came while nobody knew that the host asks for a distance. Who read that goes on; the others stand in line anew.
            await self.end(Ended(end=End.UNTRIED))
            await self._enter(url)

    async def _enter(self, url: str) -> float:
        """Stand in line; at which distance from the one before, in seconds, as far as robots.txt has been read."""
        self._hosts.fetcher.check_literal(url)  # a thousand of them would stand for minutes in line, to be refused at its end
        rules = None if self._feed else await self._hosts.robots.known(url)
        if rules is not None and not rules.allows(url, self._hosts.robots.agent):  # before it stands in line
            raise Reject("robots_forbidden", url[:200])
        delay_s = (rules.delay_s(self._hosts.robots.agent) if rules is not None else None) or 0.0
        host, manners = self._hosts.at(url)
        token = uuid4().hex[:12]
        # Noted before the wait: whoever is broken off while waiting for its start gives its place back.
        self._host, self._manners, self._token, self._since = host, manners, token, time.monotonic()
        try:
            await self._hosts.enter(host, manners, token=token, delay_s=delay_s, page=self._page)
        except Retry:
            self._host = None
            raise
        self._since = time.monotonic()
        return delay_s


def ended(problem: BaseException) -> Ended:
    """What an exception says about the host that was asked last."""
    if isinstance(problem, Retry) and not isinstance(problem, NotAsked):
        if problem.error_class == "http_busy" and not problem.counted:
            return Ended(end=End.BUSY, hold_s=problem.after.total_seconds() if problem.after else 0.0)
        if problem.error_class in WEIGHTS:
            return Ended(end=End.FAILED, weight=WEIGHTS[problem.error_class])
    if isinstance(problem, Reject) and problem.error_class in _ANSWERS:
        return Ended(end=End.ANSWERED)
    return Ended(end=End.UNTRIED)
