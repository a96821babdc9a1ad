"""The bounded client: one deadline over all redirects, a cap on bytes, every hop's address checked, nothing remembered between fetches.

It stands on httpcore (httpx's own transport) rather than on httpx's client, since what a client does by itself (cookies, proxies of the
environment, redirects, unbounded decompression) is what must not happen here.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urljoin

import httpcore

from shared import urls
from shared.clock import Clock, now
from shared.connect import METER, CheckedBackend, Meter, Resolver, SystemResolver
from shared.encodings import ACCEPTED, decode
from shared.keepalive import Connections
from shared.stage import Reject, Retry

PAGE = "text/html,application/xhtml+xml;q=0.9,text/plain;q=0.8,*/*;q=0.5"
FEED = "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.5"

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_FOR_GOOD = frozenset((301, 308))
_GONE = frozenset((404, 410, 451))
_HEADER_ROOM = 1 << 18  # bytes on the wire beside bodies, over the whole chain; an eighth of a body's length comes on top
_MAX_HEADERS = 200
_MAX_HEADER_LENGTH = 8192  # above what an address may have
_TRICK = re.compile(r"(?:https?:)?///|https?:(?!//)|[^\\\x00-\x1f\x7f]*[\\\x00-\x1f\x7f]", re.IGNORECASE)
_LONGEST_PATIENCE = timedelta(days=1)
_PATIENCE = timedelta(minutes=5)  # where the server asks for patience and names no time


@dataclass(frozen=True)
class Answer:
    """What a server said in the end. `chain` holds the addresses that redirected, from the first on; `url` is where the body stood.

    `moved_to` is where the redirects that are for good (301, 308) lead, as far as they come first.
    """

    url: str
    status: int  # 2xx or 304
    headers: Mapping[str, str]  # names in lower case; repeated ones joined by ", "
    body: bytes  # decoded
    chain: tuple[str, ...] = ()
    moved_to: str | None = None
    received: tuple[tuple[bytes, bytes], ...] = ()  # the last answer's headers as they came


class Fetcher:
    """A client for many hosts. Use it within one event loop; `close()` it there."""

    def __init__(
        self,
        *,
        user_agent: str,
        max_bytes: int,
        deadline: timedelta,
        connect_timeout: timedelta = timedelta(seconds=5),
        max_redirects: int = 8,
        allowed: frozenset[str] = frozenset(),
        routes: Mapping[str, str] | None = None,
        resolver: Resolver | None = None,
        clock: Clock = now,
    ) -> None:
        self.user_agent = user_agent
        self._max_bytes = max_bytes
        self._deadline = deadline
        self._max_redirects = max_redirects
        self._clock = clock
        self._resolver = resolver or SystemResolver(connect_timeout)
        self._backend = CheckedBackend(resolver=self._resolver, connect_timeout=connect_timeout, allowed=allowed, routes=routes)
        self._tls_timeout = connect_timeout.total_seconds()
        self._kept: Connections | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = PAGE,
        before: Callable[[str], Awaitable[None]] | None = None,
    ) -> Answer:
        """The document at `url`, or 304 where it is still the one that `etag` or `last_modified` name.

        `before` is asked before each request of the chain, and may raise. Its time is part of the deadline.
        Raises `Reject` (url_malformed, address_forbidden, bad_redirect, bad_encoding, too_large, http_gone, http_refused) and
        `Retry` (host_unknown, unreachable, too_slow, http_failed, http_busy).
        """
        headers = _request_headers(self.user_agent, accept, etag, last_modified)
        answer = await self._bounded(url, self._deadline, lambda start: self._follow(start, headers, before))
        if answer.status == 304 and not any(name.startswith(b"If-") for name, _ in headers):
            raise Retry("http_failed", f"304 at {answer.url[:200]}, where nothing was said to be known")
        return answer

    async def post(self, url: str, form: Mapping[str, str], *, deadline: timedelta | None = None) -> Answer:
        """What the server says to a form (application/x-www-form-urlencoded), its status 2xx. Nobody is asked in place of `url`.

        `deadline` is the client's where none is given. Raises as `get` does; `bad_redirect` for every redirect.
        """
        body = urlencode(form).encode()
        headers = [
            *_request_headers(self.user_agent, "*/*", None, None),
            (b"Content-Type", b"application/x-www-form-urlencoded"),
            (b"Content-Length", str(len(body)).encode()),
        ]

        async def send(start: str) -> Answer:
            answer = await self._hop(start, headers, body)
            if answer.status == 304 or answer.status in _REDIRECTS:
                raise Reject("bad_redirect", f"{answer.status} to a form at {url[:200]}")
            return answer

        return await self._bounded(url, deadline or self._deadline, send)

    def is_ours(self, url: str) -> bool:
        """Whether the settings lead this host to an address of their own: no stranger's server, which a pace would spare."""
        _, host, port = urls.host_port(url)
        return self._backend.is_ours(host, port)

    def check_literal(self, url: str) -> None:
        """Raises `Reject("address_forbidden")` where the host is written as an address that `get` would refuse: nobody need be asked."""
        _, host, port = urls.host_port(url)
        self._backend.check_literal(host, port)

    async def close(self) -> None:
        """Close all connections."""
        if self._kept is not None and self._loop is asyncio.get_running_loop():
            await self._kept.close()
        self._kept = None
        if isinstance(self._resolver, SystemResolver):
            self._resolver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def _bounded(self, url: str, deadline: timedelta, work: Callable[[str], Awaitable[Answer]]) -> Answer:
        """`work` on the address as it is sent, within the bounds of one fetch: of time, and of bytes from the wire."""
        metered = METER.set(Meter(_HEADER_ROOM))  # of this task, as the deadline is: over the whole chain
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                return await work(urls.sendable(url))
        except TimeoutError as problem:
            raise Retry("too_slow", f"{url[:200]}: not within {deadline.total_seconds():g} s") from problem
        finally:
            METER.reset(metered)

    async def _follow(
        self, url: str, headers: list[tuple[bytes, bytes]], before: Callable[[str], Awaitable[None]] | None
    ) -> Answer:
        chain: list[str] = []
        moved_to: str | None = None
        while True:
            if before is not None:
                await before(url)
            answer = await self._hop(url, headers)
            if answer.status not in _REDIRECTS:
                return Answer(answer.url, answer.status, answer.headers, answer.body, tuple(chain), moved_to, answer.received)
            chain.append(url)
            if len(chain) > self._max_redirects:
                raise Reject("bad_redirect", f"more than {self._max_redirects}, last to {url[:200]}")
            url = _target(url, answer.headers.get("location"))
            if answer.status in _FOR_GOOD and moved_to == (chain[-1] if len(chain) > 1 else None):
                moved_to = url
            if url in chain:
                raise Reject("bad_redirect", f"a loop at {url[:200]}")

    async def _hop(self, url: str, headers: list[tuple[bytes, bytes]], form: bytes | None = None) -> Answer:
        request = self._request(url, headers, form)
        try:
            async with self._connections().response(urls.host_port(url), request) as response:
                return await self._read(url, response)
        except httpcore.RemoteProtocolError as problem:
            if str(problem).startswith("Receive buffer too long"):
                raise Reject("too_large", f"{url[:200]}: headers or trailers without end") from problem
            broken = str(problem).startswith(("Server disconnected", "peer closed"))
            raise Retry("unreachable" if broken else "http_failed", f"{url[:200]}: {str(problem)[:300]}") from problem
        except httpcore.LocalProtocolError as problem:
            raise Reject("url_malformed", f"{url[:200]}: {str(problem)[:300]}") from problem
        except (httpcore.NetworkError, httpcore.TimeoutException, OSError) as problem:
            raise Retry("unreachable", f"{url[:200]}: {problem or type(problem).__name__}") from problem

    async def _read(self, url: str, response: httpcore.Response) -> Answer:
        status = response.status
        headers = _answer_headers(response)
        if status == 304 or status in _REDIRECTS:
            return Answer(url, status, headers, b"")
        self._complain(url, status, headers)
        length = headers.get("content-length", "")
        if length.isdigit() and int(length[:20]) > self._max_bytes:
            raise Reject("too_large", f"{length[:20]} bytes announced")
        body, meter = bytearray(), METER.get()
        async for piece in response.aiter_stream():
            body += piece
            # The meter is for what is no body: a body of a million chunks costs seconds, whatever its length.
            meter.left += len(piece) + (len(piece) >> 3)
            if len(body) > self._max_bytes:
                raise Reject("too_large", f"more than {self._max_bytes} bytes on the wire")
        decoded = decode(bytes(body), headers.get("content-encoding", ""), self._max_bytes)
        return Answer(url, status, headers, decoded, received=tuple(response.headers))

    def _complain(self, url: str, status: int, headers: Mapping[str, str]) -> None:
        """Raise what an answer that is no success means."""
        detail = f"{status} at {url[:200]}"
        if status == 206:
            raise Retry("http_failed", f"{detail}: a part that nobody asked for")
        if 200 <= status < 300:
            return
        if status == 429 or (status == 503 and "retry-after" in headers):
            raise Retry("http_busy", detail, after=_patience(headers.get("retry-after"), self._clock()), counted=False, status=status)
        if status == 503:  # counted, since nothing says that it will ever end
            raise Retry("http_busy", detail, status=status)
        if status in _GONE:
            raise Reject("http_gone", detail, status=status)
        if 300 <= status < 400:
            raise Reject("bad_redirect", detail, status=status)
        if 400 <= status < 500:
            raise Reject("http_refused", detail, status=status)
        raise Retry("http_failed", detail, status=status)

    def _request(self, url: str, headers: list[tuple[bytes, bytes]], form: bytes | None) -> httpcore.Request:
        scheme, host, port = urls.host_port(url)
        start = url.find("/", len(scheme) + 3)
        name = url[len(scheme) + 3 : start]
        return httpcore.Request(
            "GET" if form is None else "POST",
            httpcore.URL(scheme=scheme, host=host, port=port, target=url[start:]),
            headers=[(b"Host", name.encode()), *headers],
            content=form,
            extensions={"timeout": {"connect": self._tls_timeout}},
        )

    def _connections(self) -> Connections:
        """Those of this event loop; connections cannot move to another one."""
        loop = asyncio.get_running_loop()
        if self._kept is None or self._loop is not loop:
            self._loop = loop
            self._kept = Connections(self._backend)
        return self._kept


def _request_headers(user_agent: str, accept: str, etag: str | None, last_modified: str | None) -> list[tuple[bytes, bytes]]:
    headers = {"User-Agent": user_agent, "Accept": accept, "Accept-Encoding": ACCEPTED}
    # Both were given by a server: sent back only where they cannot be anything but a header's value.
    if etag and etag.isascii() and etag.isprintable():
        headers["If-None-Match"] = etag
    if last_modified and last_modified.isascii() and last_modified.isprintable():
        headers["If-Modified-Since"] = last_modified
    return [(name.encode(), value.strip().encode("ascii", "replace")) for name, value in headers.items()]


def _answer_headers(response: httpcore.Response) -> dict[str, str]:
    """Names in lower case; repeated ones joined, but for those that hold one value: of them the last type counts, as in browsers."""
    if len(response.headers) > _MAX_HEADERS:
        raise Reject("too_large", f"{len(response.headers)} headers")
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, raw_value = raw_name.decode("latin-1").lower(), raw_value[:_MAX_HEADER_LENGTH]
        try:
            value = raw_value.decode()
        except UnicodeDecodeError:
            value = _escaped(raw_value) if name == "location" else raw_value.decode("latin-1")
        if name in headers and name == "location":
            value = value if value == headers[name] else ""  # two that differ lead nowhere
        elif name in headers and name != "content-type":
            value = f"{headers[name]}, {value}"[:_MAX_HEADER_LENGTH]
        headers[name] = value
    return headers


def _escaped(value: bytes) -> str:
    """An address in an encoding that nobody named: its bytes are sent back as they came."""
    return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in value)


def _target(url: str, location: str | None) -> str:
    """Where a redirect leads. Raises `Reject("bad_redirect")` where that is nowhere, no http, or not the same for every reader."""
    location = (location or "").strip()
    if not location:
        raise Reject("bad_redirect", f"without a target at {url[:200]}")
    if _TRICK.match(location):  # some see a host in `///host`, some a path
        raise Reject("bad_redirect", f"to {location[:200]!a}")
    try:
        return urls.sendable(urljoin(url, location))
    except (Reject, ValueError) as problem:
        raise Reject("bad_redirect", f"to {location[:200]!a}") from problem


def _patience(retry_after: str | None, moment: datetime) -> timedelta:
    """How long a server wants to be left alone: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), at most a day."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        wanted = timedelta(seconds=int(text[:9]))
    else:
        try:
            date = parsedate_to_datetime(text)
        except (ValueError, OverflowError):  # a zone of twenty digits
            return _PATIENCE
        wanted = (date if date.tzinfo else date.replace(tzinfo=UTC)) - moment
    return min(max(wanted, timedelta(seconds=1)), _LONGEST_PATIENCE)
