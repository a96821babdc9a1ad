"""A server that says byte for byte what a test wants it to say, and misbehaves on request."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self

from hostileweb.case import Script, answer

__all__ = ["Script", "Web", "answer", "serving"]


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[int]:
    """Serve on a free port of the loopback; `script` is given the path, the headers and the pipe of each request."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
                await script(head[0].split(" ")[1], headers, writer)
                await writer.drain()
                if writer.is_closing():
                    break
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        if hasattr(server, "close_clients"):
            server.close_clients()


class Web:
    """Hosts in a thread of their own. `pages` maps `host/path` to an answer; what is not there is a 404. `asked` notes every request."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    def paths(self, host: str) -> list[str]:
        """What one host was asked for, robots.txt aside."""
        return [address.removeprefix(host) for address, _ in self.asked if address.startswith(f"{host}/") and "robots.txt" not in address]

    async def _script(self, path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        address = headers["host"] + path
        self.asked.append((address, headers))
        page = self.pages.get(address, answer(b"", "404 Not Found"))
        etag = page.partition(b"ETag: ")[2].partition(b"\r\n")[0].decode()
        if etag and headers.get("if-none-match") == etag.lower():
            page = f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode()
        writer.write(page)

    async def _serve(self) -> None:
        async with serving(self._script) as port:
            self.port = port
            self._up.set()
            await self._stop.wait()

    def __enter__(self) -> Self:
        self._thread.start()
        self._up.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
            with suppress(asyncio.CancelledError):
                self._loop.run_until_complete(task)
        self._loop.close()
