"""Connections that stay open for a moment, since a page follows its host's robots.txt and its neighbours.

In place of httpcore's own pool, which looks at every connection of every host, twice at each request, and makes a context of TLS (a bundle
of certificates to parse, 38 ms of CPU where it was measured) for each connection: with fifty connections open it cost a page's fetch
three times over.
"""

import asyncio
import ssl
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.util import find_spec

import httpcore

Host = tuple[str, str, int]  # scheme, name, port


class Connections:
    """Connections of one event loop: at most `at_once` in use, at most `most_idle` idle ones, each for at most `idle_for`."""

    def __init__(
        self,
        backend: httpcore.AsyncNetworkBackend,
        *,
        at_once: int = 200,
        most_idle: int = 50,
        idle_for: timedelta = timedelta(seconds=10),
    ) -> None:
        self._backend = backend
        self._room = asyncio.Semaphore(at_once)
        self._most_idle = most_idle
        self._idle_s = idle_for.total_seconds()
        self._idle: deque[tuple[float, Host, httpcore.AsyncHTTPConnection]] = deque()  # the longest idle first
        self._tls: ssl.SSLContext | None = None
        _remember_absence("sniffio")

    @asynccontextmanager
    async def response(self, host: Host, request: httpcore.Request) -> AsyncIterator[httpcore.Response]:
        """The answer to a request, its body yet to be read; what is not read to its end costs the connection.

        A kept connection that breaks before an answer came was closed by the server meanwhile: a GET is asked again over a fresh one.
        """
        async with self._room:
            kept = await self._take(host)
            connection = kept or self._open(host)
            try:
                try:
                    response = await connection.handle_async_request(request)
                except (httpcore.RemoteProtocolError, httpcore.NetworkError):
                    if kept is None or request.method != b"GET":
                        raise
                    await connection.aclose()
                    connection = self._open(host)
                    response = await connection.handle_async_request(request)
                try:
                    yield response
                finally:
                    await response.aclose()
            finally:
                await self._keep(host, connection)

    async def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            await self._idle.popleft()[2].aclose()

    def _open(self, host: Host) -> httpcore.AsyncHTTPConnection:
        scheme, name, port = host
        if scheme == "https" and self._tls is None:
            self._tls = httpcore.default_ssl_context()
        origin = httpcore.Origin(scheme.encode(), name.encode("ascii"), port)
        return httpcore.AsyncHTTPConnection(
            origin, ssl_context=self._tls, keepalive_expiry=self._idle_s, network_backend=self._backend
        )

    async def _take(self, host: Host) -> httpcore.AsyncHTTPConnection | None:
        """The idle connection to this host that was used last, if the server has not closed it meanwhile."""
        for at in range(len(self._idle) - 1, -1, -1):
            if self._idle[at][1] == host:
                connection = self._idle[at][2]
                del self._idle[at]
                if not connection.has_expired():
                    return connection
                await connection.aclose()
                return await self._take(host)
        return None

    async def _keep(self, host: Host, connection: httpcore.AsyncHTTPConnection) -> None:
        now = time.monotonic()
        if connection.is_idle() and not connection.is_closed() and not _said_more(connection):
            self._idle.append((now, host, connection))
        else:
            await connection.aclose()
        while self._idle and (len(self._idle) > self._most_idle or now - self._idle[0][0] > self._idle_s):
            await self._idle.popleft()[2].aclose()


def _said_more(connection: httpcore.AsyncHTTPConnection) -> bool:
    """Whether bytes came after the answer: the next answer on this connection would begin with them. httpcore does not say so."""
    state = getattr(getattr(connection, "_connection", None), "_h11_state", None)
    return state is not None and bool(state.trailing_data[0])


def _remember_absence(name: str) -> None:
    """Let `import name` fail at once where there is no such module.

    httpcore tries this import several times a request, and a failed search, 60 microseconds long, is not remembered. None in
    `sys.modules` is Python's own way of saying that a module is not there.
    """
    if name not in sys.modules and find_spec(name) is None:
        sys.modules[name] = None  # type: ignore[assignment]
