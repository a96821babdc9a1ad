"""What hosts reserve for all their pages: `/.well-known/tdmrep.json` of the TDM Reservation Protocol, read once a day."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.fetch.core.directives import MAX_TDMREP, read_tdmrep, reserved_by
from shared import urls
from shared.clock import Clock
from shared.http import Fetcher
from shared.stage import Reject, Retry

PATH = "/.well-known/tdmrep.json"
MAX_HOSTS = 2000  # kept in mind
_KEPT = timedelta(days=1)
_FAILURE_KEPT = timedelta(hours=1)
_READING = timedelta(seconds=2)  # with a page and robots.txt less than DATELINE_ROW_LIMIT


@dataclass
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: tuple[tuple[str, bool, str | None], ...] = ()
    until: datetime | None = None


class Reservations:
    """The rules of the hosts that this process asked last. Use it within one event loop, in a turn at the host concerned."""

    def __init__(self, fetcher: Fetcher, clock: Clock) -> None:
        self._fetcher, self._clock = fetcher, clock
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    async def of(self, url: str) -> tuple[str, ...]:
        """The directives that the host of `url` has for it. A host that does not answer reserves nothing, for now."""
        scheme, _, _ = urls.host_port(url)
        origin = url[: url.find("/", len(scheme) + 3)]
        host = self._hosts.setdefault(origin, _Host())
        self._hosts.move_to_end(origin)
        while len(self._hosts) > MAX_HOSTS:
            self._hosts.popitem(last=False)
        async with host.lock:
            if host.until is None or host.until <= self._clock():
                host.rules, kept = await self._read(origin)
                host.until = self._clock() + kept
        return reserved_by(host.rules, url) if host.rules else ()

    async def _read(self, origin: str) -> tuple[tuple[tuple[str, bool, str | None], ...], timedelta]:
        try:
            async with asyncio.timeout(_READING.total_seconds()):
                answer = await self._fetcher.get(origin + PATH, accept="application/json,*/*;q=0.5")
        except Reject:
            return (), _KEPT
        except (Retry, TimeoutError):
            return (), _FAILURE_KEPT
        return read_tdmrep(answer.body) if len(answer.body) <= MAX_TDMREP else (), _KEPT
