"""The hostile web, served: every case is a host of one server on loopback."""

import asyncio
import threading
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import Self

from hostileweb import addresses, feeds, packed, pages, robots, wire
from hostileweb.case import Case, Script, answer


@cache
def all_cases() -> dict[str, Case]:
    """Every case by its name; made when first asked for, since some of them are megabytes."""
    return {case.name: case for module in (addresses, feeds, packed, pages, robots, wire) for case in module.cases()}


class HostileWeb:
    """Serves scripts by host in a thread of its own; `robots.txt` is a 404 where a host's script does not say otherwise.

    `asked` counts requests by host, `cookies` names the hosts that were sent one.
    """

    def __init__(self, cases: Collection[Case], good: Mapping[str, Script] | None = None) -> None:
        self.port = 0
        self.asked: Counter[str] = Counter()
        self.cookies: set[str] = set()
        self._scripts = {case.name: case.says for case in cases} | dict(good or {})
        self._robots = {case.name: case.robots for case in cases if case.robots is not None}
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError, ValueError):
            while True:
                if (first := await reader.readexactly(1)) == b"\x16":  # a handshake of TLS; every plain server takes it for nonsense
                    writer.write(answer(b"", "400 Bad Request", Connection="close"))
                    break
                head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
                host, path = headers["host"].partition(":")[0].removesuffix(".test"), head[0].split(" ")[1]
                if path == "/robots.txt":
                    script = self._robots.get(host)
                else:
                    script = self._scripts.get(host)
                    self.asked[host] += 1
                if "cookie" in headers:
                    self.cookies.add(host)
                if script is None:
                    writer.write(answer(b"", "404 Not Found"))
                else:
                    await script(path, headers, writer)
                await writer.drain()
                if writer.is_closing():
                    break
        writer.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, limit=1 << 16)
        self.port = server.sockets[0].getsockname()[1]
        self._up.set()
        await self._stop.wait()
        server.close()

    def __enter__(self) -> Self:
        self._thread.start()
        self._up.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        for task in (tasks := asyncio.all_tasks(self._loop)):
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.wait(tasks))
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()
