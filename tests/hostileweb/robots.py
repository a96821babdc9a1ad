"""Hosts whose robots.txt is the trap."""

import asyncio
import gzip

from hostileweb.case import ARTICLE, Case, Script, answer, endlessly, saying, story

_ALL = b"User-agent: *\nDisallow: /\n"
_NONSENSE = b"# nothing to see here\n" * 40_000


def host(number: int, name: str, end: str, robots: Script) -> Case:
    """A host with a story, if its robots.txt lets us come so far."""
    return Case(name=name, says=saying(answer(story(number).encode(), Content_Type="text/html"), close=False), page=end, robots=robots)


async def leads_on(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
    """Redirects that lead back to robots.txt."""
    writer.write(answer(b"", "302 Found", Location=path))


def cases() -> list[Case]:
    """All of them. What RFC 9309 calls unavailable forbids nothing; what it calls unreachable forbids all, for now."""
    return [
        host(60, "robots-forbids", "robots_forbidden", saying(answer(_ALL), close=False)),
        host(61, "robots-forbids-behind-much", ARTICLE, saying(answer(_NONSENSE + _ALL), close=False)),  # 500 KiB are read
        host(62, "robots-huge", ARTICLE, saying(answer(_NONSENSE * 4), close=False)),
        host(63, "robots-endless", ARTICLE, endlessly(b"HTTP/1.1 200 OK\r\n\r\n", _NONSENSE)),
        host(64, "robots-bomb", ARTICLE, saying(answer(gzip.compress(bytes(64 << 20)), Content_Encoding="gzip"))),
        host(65, "robots-page", ARTICLE, saying(answer(story(65).encode(), Content_Type="text/html"), close=False)),
        host(66, "robots-noise", ARTICLE, saying(answer(bytes(range(256)) * 400), close=False)),
        host(67, "robots-loop", ARTICLE, leads_on),
        host(68, "robots-inwards", "address_forbidden", saying(answer(b"", "302 Found", Location="http://10.0.0.8/"), close=False)),
        host(69, "robots-refused", ARTICLE, saying(answer(b"", "403 Forbidden"), close=False)),
        host(70, "robots-failing", "http_failed", saying(answer(b"", "500 Oops"), close=False)),
        host(71, "robots-slow", "too_slow", endlessly(b"HTTP/1.1 200 OK\r\n\r\n", b"#", 0.2)),
        host(72, "robots-hangs-up", "unreachable", saying(b"")),
    ]
