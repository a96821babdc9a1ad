"""Where hosts' lines are kept: of one process by the rules of `core/pace.py`, or of all in Redis, and what happens when that is away."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import structlog
from redis.exceptions import RedisError

from services.fetch.core import pace
from services.fetch.core.pace import Ended, HostState, Manners, Verdict
from services.fetch.politeness import MAX_HOSTS

_AWAY_S = 2.0  # Redis is not asked again so soon after it did not answer
_TELL_S = 60.0

log = structlog.get_logger()


class Lines(Protocol):
    """Where hosts' states are kept: of this process, or of all."""

    async def enter(self, host: str, manners: Manners, *, token: str, delay_s: float, page: str, last: bool) -> Verdict:
        """See `core.pace.enter`."""

    async def leave(self, host: str, manners: Manners, ended: Ended, *, token: str, page: str) -> None:
        """See `core.pace.leave`."""


class OwnLines:
    """The lines of one process, the hosts asked last."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._hosts: OrderedDict[str, HostState] = OrderedDict()
        self._seconds = seconds

    async def enter(self, host: str, manners: Manners, *, token: str, delay_s: float, page: str, last: bool) -> Verdict:
        state = self._state(host)
        return pace.enter(state, self._seconds(), manners, token=token, delay_s=delay_s, page=page, last=last)

    async def leave(self, host: str, manners: Manners, ended: Ended, *, token: str, page: str) -> None:
        pace.leave(self._state(host), self._seconds(), manners, ended, token=token, page=page)

    def _state(self, host: str) -> HostState:
        state = self._hosts.setdefault(host, HostState())
        self._hosts.move_to_end(host)
        while len(self._hosts) > MAX_HOSTS:
            self._hosts.popitem(last=False)
        return state


class SafeLines:
    """Those of all workers; this process's own while Redis is away."""

    def __init__(self, shared: Lines) -> None:
        self._shared, self._own = shared, OwnLines()
        self._back_at = self._tell_at = 0.0

    async def enter(self, host: str, manners: Manners, *, token: str, delay_s: float, page: str, last: bool) -> Verdict:
        if time.monotonic() >= self._back_at:
            try:
                return await self._shared.enter(host, manners, token=token, delay_s=delay_s, page=page, last=last)
            except (RedisError, OSError) as problem:
                self._away(problem)
        return await self._own.enter(host, manners, token=token, delay_s=delay_s, page=page, last=last)

    async def leave(self, host: str, manners: Manners, ended: Ended, *, token: str, page: str) -> None:
        # Told to both: either may be asked next, and a token that one of them does not know does no harm.
        await self._own.leave(host, manners, ended, token=token, page=page)
        if time.monotonic() >= self._back_at:
            try:
                await self._shared.leave(host, manners, ended, token=token, page=page)
            except (RedisError, OSError) as problem:
                self._away(problem)

    def _away(self, problem: Exception) -> None:
        now = time.monotonic()
        self._back_at = now + _AWAY_S
        if now >= self._tell_at:
            self._tell_at = now + _TELL_S
            log.warning("shared_pace_away", error=f"{type(problem).__name__}: {problem}"[:300])
