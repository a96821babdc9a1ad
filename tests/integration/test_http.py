"""The bounded client against a server that does everything wrong."""

import asyncio
import gzip
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hostile import Script, answer, serving

from shared.http import Answer, Fetcher
from shared.stage import Reject, Retry

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


async def names(host: str, port: int) -> Sequence[str]:
    """A name server of the test's own."""
    known = {
        "private.example": ["10.0.0.8"],
        "mixed.example": ["93.184.215.14", "127.0.0.1"],
        "mapped.example": ["::ffff:127.0.0.1"],
        "metadata.example": ["169.254.169.254"],
        "home.example": ["127.0.0.1"],
    }
    if host not in known:
        raise OSError("Name or service not known")
    return known[host]


def fetch(script: Script, url: str, *, deadline: float = 5, allow: str = "", **conditions: str) -> Answer:
    """What the client makes of `url`; `*.test` leads to the server, `PORT` in `url` and `allow` is its port."""

    async def run() -> Answer:
        async with (
            serving(script) as port,
            Fetcher(
                user_agent="Dateline/test",
                max_bytes=100_000,
                deadline=timedelta(seconds=deadline),
                connect_timeout=timedelta(seconds=2),
                max_redirects=4,
                allowed=frozenset([allow.replace("PORT", str(port))]),
                routes={"*.test": f"127.0.0.1:{port}"},
                resolver=names,
                clock=lambda: NOON,
            ) as fetcher,
        ):
            return await fetcher.get(url.replace("PORT", str(port)), **conditions)

    return asyncio.run(run())


def saying(*pieces: bytes, close: bool = True) -> Script:
    async def script(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
        if close:
            writer.close()

    return script


def leading(**targets: str) -> Script:
    """Redirects by path; other paths answer with their name."""

    async def script(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        target = targets.get(path.strip("/"))
        writer.write(answer(path.encode()) if target is None else answer(b"", "302 Found", Location=target))

    return script


def refused(script: Script, url: str = "http://news.test/a", **more: object) -> str:
    with pytest.raises(Reject) as refusal:
        fetch(script, url, **more)  # type: ignore[arg-type]
    return refusal.value.error_class


def put_off(script: Script, url: str = "http://news.test/a", **more: object) -> Retry:
    with pytest.raises(Retry) as delay:
        fetch(script, url, **more)  # type: ignore[arg-type]
    return delay.value


def test_a_page_comes_with_its_final_address_and_its_chain() -> None:
    got = fetch(leading(a="/b?utm_source=x", **{"b?utm_source=x": "http://other.test/c"}), "http://news.test/a#top")
    assert got.url == "http://other.test/c"
    assert got.chain == ("http://news.test/a", "http://news.test/b?utm_source=x")
    assert (got.status, got.body) == (200, b"/c")


def test_the_host_header_and_the_user_agent_are_ours() -> None:
    async def script(_path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(answer(repr(headers).encode(), Set_Cookie="id=1", X_Twice="a"))

    body = fetch(script, "http://news.test:8080/a").body.decode()
    assert "'host': 'news.test:8080'" in body
    assert "'user-agent': 'dateline/test'" in body
    assert "cookie" not in body


def test_a_document_that_stands_is_not_sent_again() -> None:
    async def script(_path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        known = headers.get("if-none-match") == '"v1"' and "if-modified-since" in headers
        writer.write(b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n' if known else answer(b"new"))

    got = fetch(script, "http://news.test/a", etag='"v1"', last_modified="Mon, 05 Jan 2026 11:00:00 GMT")
    assert (got.status, got.body, got.headers["etag"]) == (304, b"", '"v1"')
    assert fetch(script, "http://news.test/a", etag='"v1"\r\nX-Evil: 1').body == b"new"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://10.0.0.8/",
            "http://127.0.0.1:PORT/",
            "http://[::1]:PORT/",
            "http://[::ffff:127.0.0.1]:PORT/",
            "http://169.254.169.254/latest/",
        ),
        *(
            "http://private.example/",
            "http://mixed.example/",
            "http://mapped.example/",
            "http://metadata.example/",
            "http://home.example:PORT/",
        ),
    ],
)
def test_an_inner_address_is_refused_at_the_first_hop_and_at_every_later_one(url: str) -> None:
    assert refused(saying(answer(b"secret")), url) == "address_forbidden"

    async def script(_path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"", "302 Found", Location=url.replace("PORT", "8123")))

    assert refused(script) == "address_forbidden"


def test_an_exception_is_for_one_host_and_port() -> None:
    assert fetch(saying(answer(b"mine")), "http://home.example:PORT/", allow="home.example:PORT").body == b"mine"
    assert fetch(saying(answer(b"mine")), "http://127.0.0.1:PORT/", allow="127.0.0.1:PORT").body == b"mine"
    assert refused(saying(answer(b"mine")), "http://127.0.0.1:PORT/", allow="home.example:PORT") == "address_forbidden"
    assert refused(saying(answer(b"mine")), "http://home.example:PORT/", allow="home.example:1") == "address_forbidden"


@pytest.mark.parametrize(
    "target",
    [
        *(
            "/a",
            "/b",
            "file:///etc/passwd",
            "ftp://news.test/",
            "javascript:alert(1)",
            "http://user:pw@news.test/",
            "http:\\\\news.test\\",
            "",
        ),
        *("http://2130706433/", "//0x7f.1/", "/loop"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_refused(target: str) -> None:
    assert refused(leading(a=target, b="/a", loop="/a")) == "bad_redirect"


def test_redirects_are_counted() -> None:
    async def script(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"", "301 Moved", Location=path + "a"))

    assert refused(script) == "bad_redirect"


async def drip(writer: asyncio.StreamWriter, piece: bytes) -> None:
    while not writer.is_closing():
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n"])
def test_one_deadline_stands_over_slow_headers_and_bodies(start: bytes) -> None:
    async def script(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await drip(writer, b"X-Slow: 1\r\n" if b"\r\n\r\n" not in start else b".")

    assert put_off(script, deadline=0.4).error_class == "too_slow"


def test_the_deadline_stands_over_the_whole_chain() -> None:
    async def script(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(answer(b"", "302 Found", Location=path + "a"))

    assert put_off(script, deadline=0.8).error_class == "too_slow"


def test_an_endless_body_is_cut() -> None:
    async def script(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()

    assert refused(script) == "too_large"


@pytest.mark.parametrize(
    "piece",
    [
        b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" * 100,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1;" + b"e" * 9000 + b"\r\nx\r\n",
    ],
)
def test_bytes_that_are_no_body_are_counted_too(piece: bytes) -> None:
    async def script(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(piece)
        while not writer.is_closing():
            writer.write(piece[-9007:] if b"chunked" in piece else piece)
            await writer.drain()

    assert refused(script) == "too_large"


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 150_000,
        b"HTTP/1.1 200 OK\r\n" + b"X-Flood: 1\r\n" * 300 + b"Content-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-Trailer: 1\r\n" * 20_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 90_000,
    ],
    ids=["one header", "headers", "trailers", "chunks of one byte"],
)
def test_what_stands_around_a_body_is_capped(said: bytes) -> None:
    assert refused(saying(said)) == "too_large"


def test_size_is_capped_on_the_wire_and_decoded() -> None:
    assert refused(saying(answer(b"x" * 100_001))) == "too_large"
    assert refused(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n")) == "too_large"
    assert refused(saying(answer(gzip.compress(bytes(20_000_000)), Content_Encoding="gzip"))) == "too_large"
    assert len(fetch(saying(answer(gzip.compress(bytes(100_000)), Content_Encoding="gzip")), "http://news.test/").body) == 100_000


def test_encodings_that_lie_are_refused() -> None:
    twice = gzip.compress(gzip.compress(b"news"))
    assert refused(saying(answer(twice, Content_Encoding="gzip, gzip"))) == "bad_encoding"
    assert refused(saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\n\r\n" + twice)) == "bad_encoding"
    assert refused(saying(answer(b"news", Content_Encoding="gzip"))) == "bad_encoding"
    assert refused(saying(answer(b"news", Content_Encoding="br"))) == "bad_encoding"


@pytest.mark.parametrize(
    ("said", "error_class"),
    [
        (b"<html>no headers at all</html>\r\n\r\n", "http_failed"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "http_failed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "http_failed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "http_failed"),
        (b"", "unreachable"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "unreachable"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "unreachable"),
        (answer(b"", "500 Oops"), "http_failed"),
        (answer(b"", "503 Busy"), "http_busy"),
    ],
)
def test_what_is_broken_is_tried_again_later(said: bytes, error_class: str) -> None:
    delay = put_off(saying(said))
    assert (delay.error_class, delay.counted) == (error_class, True)


def test_hosts_that_are_not_there_are_tried_again_later() -> None:
    assert put_off(saying(b""), "http://nowhere.example/").error_class == "host_unknown"
    assert put_off(saying(b""), "http://home.example:1/", allow="home.example:1").error_class == "unreachable"


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        ("404 Not Found", "http_gone"),
        ("410 Gone", "http_gone"),
        ("451 No", "http_gone"),
        ("401 Who", "http_refused"),
        ("403 No", "http_refused"),
    ],
)
def test_what_the_server_denies_is_refused_for_good(status: str, error_class: str) -> None:
    assert refused(saying(answer(b"", status))) == error_class


@pytest.mark.parametrize(
    ("wanted", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Mon, 05 Jan 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 05 Jan 2026 11:00:00 GMT", timedelta(seconds=1)),
        ("7200", timedelta(hours=2)),
        ("99999999999", timedelta(days=1)),
        ("Fri, 01 Jan 2027 00:00:00 GMT", timedelta(days=1)),
        ("soon", timedelta(minutes=5)),
        ("Mon, 05 Jan 2026 12:10:00 +" + "9" * 20, timedelta(minutes=5)),
    ],
)
def test_a_server_that_asks_for_patience_gets_it_uncounted(wanted: str, wait: timedelta) -> None:
    for status in ("429 Slow Down", "503 Busy"):
        delay = put_off(saying(answer(b"", status, Retry_After=wanted)))
        assert (delay.error_class, delay.after, delay.counted) == ("http_busy", wait, False)


def test_a_malformed_address_is_never_sent() -> None:
    assert refused(saying(b""), "http://user:pw@news.test/") == "url_malformed"
    assert refused(saying(b""), "gopher://news.test/") == "url_malformed"
