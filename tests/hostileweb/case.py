"""One case of the hostile web: a host, what it says, and how Dateline ends with it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Script = Callable[[str, dict[str, str], asyncio.StreamWriter], Awaitable[None]]

ARTICLE = "article"  # the document is harmless after all: the article that stands in it is read


@dataclass(frozen=True, kw_only=True)
class Case:
    """A host `NAME.test` with a feed at `/feed` and a page at `/a`, or an address of its own.

    `feed` is the error class that a poll of its feed ends with, or the number of entries that it brings; `page` is the class that its page
    ends with, or ARTICLE. None: it is not asked for.
    """

    name: str
    says: Script
    feed: str | int | None = None
    page: str | None = None
    url: str | None = None  # in place of the page's
    robots: Script | None = None  # what it says of its robots.txt; a 404 otherwise

    @property
    def feed_url(self) -> str:
        """The address of its feed."""
        return f"http://{self.name}.test/feed"

    @property
    def page_url(self) -> str:
        """The address of its page."""
        return self.url or f"http://{self.name}.test/a"


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A well-formed answer; `content_type=` becomes `Content-Type:`."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def saying(*pieces: bytes, close: bool = True) -> Script:
    """Says these bytes, whatever is asked."""

    async def script(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
        if close:
            await writer.drain()
            writer.close()

    return script


def leading(*targets: str) -> Script:
    """Leads to a target: from `/feed` and `/a` to the first, from `/1` to the second, and so on; from the last to a 404."""

    async def script(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        at = 0 if path in ("/feed", "/a") else int(path[1:]) if path[1:].isdigit() else len(targets)
        known = at < len(targets)
        writer.write(answer(b"", "302 Found", Location=targets[at]) if known else answer(b"", "404 Not Found"))

    return script


def endlessly(start: bytes, piece: bytes, pause_s: float = 0.0) -> Script:
    """Says `start`, then `piece` for ever."""

    async def script(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return script


_PLACES = ("Tornby", "Skarholm", "Vessel Bay", "Harrow Point", "Kestrel Ness", "Old Quay", "Marrow Hill", "Linden Cross")
_DEEDS = (
    "The council of {0} voted on {1} to rebuild the pier that the storm of the spring had taken, at a cost of {2} million crowns.",
    "Engineers who looked at the site found {2} cracks in its foundations, and asked the harbour master to close the eastern berth.",
    "Residents of {0} had gathered signatures since {1}; some of them have lived beside the pier for {2} years.",
    "The ferry to {0} is to sail from the northern berth meanwhile, {2} times a day, and not at all when the wind comes from the west.",
    "An opponent of the plan, who spoke for {2} fishermen, said on {1} that the money would be missed elsewhere in {0}.",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def sentences(number: int) -> list[str]:
    """Five sentences of a story, others for each number."""
    place, day = _PLACES[number % len(_PLACES)], _DAYS[number % len(_DAYS)]
    return [deed.format(place, day, number * 7 + at + 2) for at, deed in enumerate(_DEEDS)]


def headline(number: int) -> str:
    """The headline of the same story."""
    return f"{_PLACES[number % len(_PLACES)]} votes to rebuild its pier, number {number}"


def story(number: int = 0, *, head: str = "", body: str = "", title: str | None = None) -> str:
    """A page with an article."""
    text = "".join(f"<p>{sentence}</p>" for sentence in sentences(number))
    name = title or headline(number)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>{head}'
        f'<meta property="article:published_time" content="2026-01-05T09:{number % 60:02}:00Z"></head>'
        f"<body><article><h1>{name}</h1>{text}{body}</article></body></html>"
    )


def rss(*items: str, head: str = "", start: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    """A feed of these items."""
    return f'{start}<rss version="2.0"><channel><title>The Wire</title><link>http://wire.test/</link>{head}{"".join(items)}</channel></rss>'


def item(link: str, title: str = "Pier to be rebuilt", more: str = "") -> str:
    """An item of a feed."""
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def serving_both(feed: bytes | str, page: bytes | str, *, feed_type: str = "application/rss+xml", page_type: str = "text/html") -> Script:
    """Says `feed` at /feed and `page` at every other address."""
    feed, page = (one.encode() if isinstance(one, str) else one for one in (feed, page))

    async def script(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        is_feed = path == "/feed"
        writer.write(answer(feed if is_feed else page, Content_Type=feed_type if is_feed else page_type))

    return script
