"""What goes wrong between the sockets: HTTP that is slow, endless, cut, contradictory, or no HTTP at all."""

import asyncio

from hostileweb.case import ARTICLE, Case, answer, endlessly, item, rss, saying, story

_PAGE = story(1).encode()
_FEED = rss(item("http://wire.test/a")).encode()
_HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_CHUNKED = _HTML + b"Transfer-Encoding: chunked\r\n\r\n"
_TLS_ALERT = b"\x15\x03\x01\x00\x02\x02\x0a"


async def silence(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
    """Take the request and say nothing."""
    while not writer.is_closing():
        await asyncio.sleep(0.1)


async def slow_redirects(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
    """One redirect after the other, each in time."""
    await asyncio.sleep(1)
    writer.write(answer(b"", "302 Found", Location=path + "x"))


def both(name: str, error_class: str, *pieces: bytes) -> Case:
    """A host that says the same of feed and page, and ends the same way with both."""
    return Case(name=name, says=saying(*pieces), feed=error_class, page=error_class)


def endless(name: str, start: bytes, piece: bytes) -> Case:
    """A host that does not stop, whatever it is asked for."""
    return Case(name=name, says=endlessly(start, piece), feed="too_large", page="too_large")


def page(name: str, end: str, *pieces: bytes) -> Case:
    """A host that says the same bytes, asked for its page alone."""
    return Case(name=name, says=saying(*pieces), page=end)


def status(number: str, end: str) -> Case:
    """A host that answers its page with this status."""
    return both(f"status-{number.partition(' ')[0]}", end, answer(_PAGE, number, Content_Type="text/html"))


def cases() -> list[Case]:
    """All of them."""
    return [
        Case(name="silent", says=silence, feed="too_slow", page="too_slow"),
        Case(name="slow-headers", says=endlessly(b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n", 0.2), feed="too_slow", page="too_slow"),
        Case(name="slow-body", says=endlessly(_HTML + b"Content-Length: 9000\r\n\r\n", b".", 0.2), feed="too_slow", page="too_slow"),
        Case(name="slow-redirects", says=slow_redirects, feed="too_slow", page="too_slow"),
        endless("endless-chunks", _CHUNKED, b"8000\r\n" + b"x" * 0x8000 + b"\r\n"),
        endless("endless-body", _HTML + b"\r\n", b"<p>more</p>" * 3000),
        endless("tiny-chunks", _CHUNKED, b"1\r\nx\r\n" * 4000),
        endless("chunk-extensions", _CHUNKED, b"1;" + b"e" * 9000 + b"\r\nx\r\n"),
        endless("one-chunk-header", _CHUNKED + b"5;", b"e" * 9000),
        endless("trailers", _CHUNKED + b"2\r\nhi\r\n0\r\n", b"X-Trailer: 1\r\n" * 100),
        endless("interim-answers", b"", b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" * 50),
        endless("header-flood", _HTML, b"X-Flood: 1\r\n" * 100),
        both("many-headers", "too_large", _HTML + b"X-Flood: 1\r\n" * 1000 + b"\r\n" + _PAGE),
        endless("endless-header", _HTML + b"X-Flood: ", b"y" * 9000),
        both("announced-huge", "too_large", _HTML + b"Content-Length: 99999999999\r\n\r\n" + _PAGE),
        both("cut-body", "unreachable", _HTML + b"Content-Length: 99999\r\n\r\n" + _PAGE),
        both("cut-chunk", "unreachable", _CHUNKED + b"fff\r\n<p>The council"),
        both("cut-headers", "unreachable", b"HTTP/1.1 200 OK\r\nContent-Type: te"),
        both("hangs-up", "unreachable", b""),
        both("chunk-of-2-to-the-76", "unreachable", _CHUNKED + b"fffffffffffffffffff\r\n" + b"x" * 9000),
        both("chunk-size-is-no-number", "http_failed", _CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"),
        both("chunk-is-longer", "http_failed", _CHUNKED + b"2\r\nhello\r\n0\r\n\r\n"),
        both("length-negative", "http_failed", _HTML + b"Content-Length: -1\r\n\r\n" + _PAGE),
        both("length-twice", "http_failed", _HTML + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + _PAGE),
        both("length-of-words", "http_failed", _HTML + b"Content-Length: five\r\n\r\n" + _PAGE),
        page("length-doubled", ARTICLE, _HTML + b"Content-Length: %d, %d\r\n\r\n" % (len(_PAGE), len(_PAGE)) + _PAGE),
        page("length-and-chunks", ARTICLE, _CHUNKED[:-2] + b"Content-Length: 7\r\n\r\n%x\r\n" % len(_PAGE) + _PAGE + b"\r\n0\r\n\r\n"),
        page("more-than-announced", ARTICLE, answer(_PAGE, Content_Type="text/html") + answer(b"second")),
        both("unknown-transfer", "http_failed", _HTML + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        both("http-0-9", "http_failed", _PAGE + b"\r\n\r\n"),
        both("ssh", "http_failed", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
        both("binary", "http_failed", bytes(range(256)) * 40 + b"\r\n\r\n"),
        both("http-9-9", "http_failed", b"HTTP/9 OK\r\n\r\n"),
        both("tls-port", "http_failed", _TLS_ALERT + b"\r\n\r\n"),
        Case(name="plain-port", says=saying(answer(_PAGE)), page="unreachable", url="https://plain-port.test/a"),
        both("nul-in-header", "http_failed", b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\nhi"),
        both("space-in-header-name", "http_failed", b"HTTP/1.1 200 OK\r\nX y : a\r\nContent-Length: 2\r\n\r\nhi"),
        both("status-1000", "http_failed", b"HTTP/1.1 1000 What\r\nContent-Length: 2\r\n\r\nhi"),
        both("status-000", "http_failed", b"HTTP/1.1 000 What\r\nContent-Length: 2\r\n\r\nhi"),
        both("switching", "http_failed", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\nhi"),
        status("999 Denied", "http_failed"),
        status("206 Partial Content", "http_failed"),
        status("304 Not Modified", "http_failed"),
        status("300 Multiple Choices", "bad_redirect"),
        status("401 Unauthorized", "http_refused"),
        status("403 Forbidden", "http_refused"),
        status("404 Not Found", "http_gone"),
        status("410 Gone", "http_gone"),
        status("451 Unavailable For Legal Reasons", "http_gone"),
        status("500 Internal Server Error", "http_failed"),
        Case(name="status-204", says=saying(b"HTTP/1.1 204 No Content\r\n\r\n"), feed="feed_malformed", page="empty_document"),
        Case(name="status-205", says=saying(answer(b"", "205 Reset Content")), feed="feed_malformed", page="empty_document"),
        Case(name="nothing-in-it", says=saying(answer(b"", Content_Type="text/html")), feed="feed_malformed", page="empty_document"),
        Case(
            name="refreshes",
            says=saying(answer(_PAGE, Content_Type="text/html", Refresh="0;url=http://10.0.0.8/", Set_Cookie="id=1; Domain=test")),
            page=ARTICLE,
        ),
        Case(name="harmless-chunks", says=saying(_CHUNKED + b"%x;a=b\r\n" % len(_FEED) + _FEED + b"\r\n0\r\nX-T: 1\r\n\r\n"), feed=1),
    ]
