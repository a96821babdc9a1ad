"""Where a connection really goes: names resolved once, every address checked, the checked address the one that is connected to.

A network backend for httpcore, below TLS and HTTP, so that certificate checks, SNI and the Host header keep the name. There is no moment
between check and use at which a name server could give another answer (DNS rebinding).
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any

import httpcore

from shared import urls
from shared.addresses import is_public
from shared.stage import Reject, Retry

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

_TRIES = 3  # addresses of one name that are tried


@dataclass
class Meter:
    """Bytes beside bodies that one fetch may still read from the wire: headers, chunk sizes, interim answers, trailers.

    Every byte read is taken off; whoever finds that it was a body's gives it back.
    """

    left: int


METER: ContextVar[Meter] = ContextVar("meter")


class SystemResolver:
    """The machine's own resolver, in threads of its own: names that answer slowly hold up no other work of the process.

    A thread cannot be stopped, so names whose servers never answer may keep all of them busy for a while. Who waits for a thread meanwhile
    is not to blame: `patience` counts from the moment a name is really asked for.
    """

    def __init__(self, patience: timedelta, threads: int = 12, ask: Callable[..., Any] = socket.getaddrinfo) -> None:
        self._patience = patience.total_seconds()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolve")
        self._ask = ask

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Raises TimeoutError, and OSError or UnicodeError where there is no such name."""
        loop = asyncio.get_running_loop()
        begun = asyncio.Event()

        def look() -> Any:
            with contextlib.suppress(RuntimeError):  # nobody waits any more: the loop is closed
                loop.call_soon_threadsafe(begun.set)
            return self._ask(host, port, type=socket.SOCK_STREAM)

        found = loop.run_in_executor(self._threads, look)
        try:
            await begun.wait()
        finally:
            if not begun.is_set():
                found.cancel()  # out of the line
        async with asyncio.timeout(self._patience):
            return list(dict.fromkeys(str(entry[4][0]) for entry in await found))

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, to `allowed` exceptions (`host:port`), and along `routes` (host pattern to `address:port`)."""

    def __init__(
        self,
        *,
        resolver: Resolver,
        connect_timeout: timedelta,
        allowed: frozenset[str] = frozenset(),
        routes: Mapping[str, str] | None = None,
        sockets: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._resolver = resolver
        self._timeout = connect_timeout.total_seconds()
        self._allowed = frozenset(name.lower() for name in allowed)
        self._routes = {pattern.lower(): _split(target) for pattern, target in (routes or {}).items()}
        self._sockets = sockets or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to a checked address of `host`. Raises Reject (address_forbidden), Retry (host_unknown, unreachable)."""
        target = self._route(host)
        if target is not None:
            return _MeteredStream(await self._sockets.connect_tcp(target[0], target[1], timeout=self._timeout))
        addresses = await self._addresses(host, port)
        problem: Exception | None = None
        for address in addresses[:_TRIES]:
            try:
                return _MeteredStream(await self._sockets.connect_tcp(address, port, timeout=self._timeout))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failure:
                problem = failure
        raise Retry("unreachable", f"{urls.shown(host, port)}: {problem or 'no address'}") from problem

    def is_ours(self, host: str, port: int) -> bool:
        """Whether a route or an exception of the settings names this host."""
        return self._route(host) is not None or bool({f"{host}:{port}", f"[{host}]:{port}"} & self._allowed)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def _route(self, host: str) -> tuple[str, int] | None:
        """The route of the host itself, else the one of the longest `*.suffix`."""
        if not self._routes:
            return None
        if host in self._routes:
            return self._routes[host]
        labels = host.split(".")
        for start in range(1, len(labels)):
            target = self._routes.get("*." + ".".join(labels[start:]))
            if target is not None:
                return target
        return self._routes.get("*")

    def check_literal(self, host: str, port: int) -> None:
        """Raises `Reject("address_forbidden")` where the host is written as an address that may not be connected to."""
        literal = _literal(host)
        if literal is not None and self._route(host) is None:
            self._check(host, port, [literal])

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        literal = _literal(host)
        addresses = [literal] if literal is not None else await self._resolved(host, port)
        self._check(host, port, addresses)
        return addresses

    def _check(self, host: str, port: int, addresses: Sequence[str]) -> None:
        allowed = bool({f"{host}:{port}", f"[{host}]:{port}"} & self._allowed)
        # One private address among public ones is refused as a whole: it is what an attack looks like.
        if not allowed and not all(is_public(address) for address in addresses):
            raise Reject("address_forbidden", f"{urls.shown(host, port)} is {', '.join(addresses)[:200]}")

    async def _resolved(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolver(host, port)
        except TimeoutError as problem:
            raise Retry("host_unknown", f"{host}: no answer within {self._timeout:g} s") from problem
        except (OSError, UnicodeError) as problem:
            raise Retry("host_unknown", f"{host}: {problem}") from problem
        if not addresses:
            raise Retry("host_unknown", f"{host}: no address")
        return addresses


class _MeteredStream(httpcore.AsyncNetworkStream):
    """A stream whose reads are taken off the meter of the fetch that reads."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        piece = await self._stream.read(max_bytes, timeout)
        meter = METER.get(None)
        if meter is not None:
            meter.left -= len(piece)
            if meter.left < 0:
                raise Reject("too_large", "more bytes on the wire than allowed")
        return piece

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _MeteredStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _literal(host: str) -> str | None:
    """The IP address that a host is written as; None where it is a name."""
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def _split(target: str) -> tuple[str, int]:
    host, colon, port = target.rpartition(":")
    if not colon or not port.isdigit():
        raise ValueError(f"a route leads to address:port, not to {target!r}")
    return host.strip("[]"), int(port)
