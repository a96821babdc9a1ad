"""Good outlets beside the hostile ones, and outlets that reach for what is others'."""

import asyncio
from collections.abc import Iterable

from hostileweb.case import Case, Script, answer, headline, item, rss, story

OUTLETS, STORIES = 3, 6
# 10,000 addresses of one host that never asked for them, and the stories of a good outlet under titles of the thief's own.
GREEDY, THIEF, VICTIM = "greedy", "thief", "victim"


def stories(outlet: int) -> list[str]:
    """The addresses of a good outlet's stories."""
    return [f"http://good-{outlet}.test/{outlet * STORIES + at}" for at in range(STORIES)]


def _good(outlet: int) -> Script:
    items = [item(url, headline(100 + outlet * STORIES + at), f"<guid>story-{at}</guid>") for at, url in enumerate(stories(outlet))]

    async def script(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        if path == "/feed":
            writer.write(answer(rss(*items).encode(), Content_Type="application/rss+xml", ETag=f'"{outlet}"'))
        else:
            writer.write(answer(story(100 + int(path[1:])).encode(), Content_Type="text/html; charset=utf-8"))

    return script


def _feed(*items: str) -> Script:
    async def script(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(answer(rss(*items).encode(), Content_Type="text/xml") if path == "/feed" else answer(b"", "404 Not Found"))

    return script


def outlets(cases: Iterable[Case]) -> dict[str, Script]:
    """Hosts by name: the good ones, the greedy one and the thief, and `links`, whose feed announces every hostile page."""
    pages = [item(case.page_url.replace("\t", "&#9;"), f"About {case.name}") for case in cases if case.page is not None]
    stolen = [item(url, "Buy now", "<guid>story-0</guid>") for url in stories(0)]
    return {
        **{f"good-{number}": _good(number) for number in range(OUTLETS)},
        "links": _feed(*pages),
        GREEDY: _feed(*(item(f"http://{VICTIM}.test/{number}") for number in range(10_000))),
        THIEF: _feed(*stolen),
    }
