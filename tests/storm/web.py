"""A small web for the storm: hosts with a feed and articles each, some of them poison, served on one loopback port."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from poison import POISON

SYLLABLES = (
    *("ba", "be", "bo", "da", "del", "dor", "fa", "fen", "gar", "gol", "ha", "hel", "ik", "jo", "ka", "kel", "lan", "lor", "ma", "mer"),
    *("mon", "na", "nor", "os", "pa", "per", "quin", "ra", "rin", "sa", "sel", "ta", "tor", "ul", "va", "ven"),
)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One article of the storm's web."""

    host: str
    path: str
    title: str
    html: str
    poison: str | None

    @property
    def url(self) -> str:
        """Its address; the routes of the settings lead it here."""
        return f"http://{self.host}{self.path}"


def word(dice: random.Random) -> str:
    """An invented word."""
    return "".join(dice.choice(SYLLABLES) for _ in range(dice.choice((2, 3, 3, 4))))


def name(dice: random.Random) -> str:
    """An invented name."""
    return word(dice).capitalize()


def make_pages(articles: int, hosts: int, poisoned: int, seed: int) -> list[Page]:
    """So many articles on two thirds as many stories; stories told twice or more are told by different hosts."""
    dice = random.Random(seed)
    stories = [_story(dice) for _ in range(max(1, articles * 2 // 3))]
    kinds = [list(POISON)[number % len(POISON)] for number in range(poisoned)]
    marked = dict(zip(sorted(dice.sample(range(articles), poisoned)), kinds, strict=True))
    return [
        _page(dice, number, f"news{number % hosts}.storm.test", stories[number % len(stories)], marked.get(number))
        for number in range(articles)
    ]


def _story(dice: random.Random) -> dict[str, str]:
    """What one happening is made of: invented names and words, since stories in the same words would all be one event."""
    names = {"place": name(dice), "other": name(dice), "person": f"{name(dice)} {name(dice)}", "rival": f"{name(dice)} {name(dice)}"}
    words = {"thing": f"{word(dice)} {word(dice)}", "near": word(dice), "verb": f"{word(dice)}ed", "people": f"{word(dice)}s"}
    return names | words | {"count": str(dice.randrange(40, 9000)), "seed": str(dice.randrange(10**9))}


def _paragraphs(story: dict[str, str]) -> list[str]:
    """The same for every teller of a story, in each one's order."""
    dice = random.Random(int(story["seed"]))
    told = []
    for _ in range(6):
        what = [word(dice) for _ in range(9)]
        told.append(
            f"{story['person']} of {story['other']} {what[0]}ed the {what[1]} {what[2]} {dice.randrange(3, 99)} times, and {name(dice)} "
            f"{what[3]}ed a {what[4]} that {what[5]}s and {what[6]}s could not {what[7]}; the {what[8]} was {word(dice)}ed as well."
        )
    return told


def _page(dice: random.Random, number: int, host: str, story: dict[str, str], poison: str | None) -> Page:
    title = f"{story['place']}: {story['thing']} {story['verb']} after {story['count']} {story['people']} met {story['person']}"
    lead = (
        f"{story['place']} – The {story['thing']} near the {story['near']} of {story['place']} was {story['verb']} on {_today():%A}, "
        f"said {story['person']}, while {story['rival']} and {story['count']} {story['people']} looked on from {story['other']}."
    )
    told = _paragraphs(story)
    paragraphs = [lead, *dice.sample(told, k=len(told) - 1)]
    mark = f'<meta name="storm" content="{poison}">' if poison else ""
    body = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    html = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} | {host}</title>{mark}
        <meta property="og:title" content="{escape(title)}"><meta property="og:type" content="article">
        <meta property="article:published_time" content="{_today().isoformat()}"></head>
        <body><nav><a href="/">Home</a> <a href="/world">World</a> <a href="/sport">Sport</a></nav>
        <main><article><h1>{escape(title)}</h1><time datetime="{_today().isoformat()}">today</time>
        {body}</article></main><footer>About us. Terms. Story number {number} of this house.</footer></body></html>"""
    return Page(host=host, path=f"/news/{number}-{story['place'].lower()}", title=title, html=html, poison=poison)


def _today() -> datetime:
    return (datetime.now(UTC) - timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)


def feed(host: str, pages: list[Page]) -> str:
    """The RSS of one host."""
    date = format_datetime(_today())
    items = "".join(
        f"<item><title>{escape(page.title)}</title><link>{page.url}</link><guid>{page.url}</guid><pubDate>{date}</pubDate></item>"
        for page in pages
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{host}</title><link>http://{host}/</link>{items}</channel></rss>'


@contextmanager
def serving(pages: list[Page]) -> Iterator[int]:
    """Serve them on a free port of loopback, in threads; yields the port."""
    by_url = {page.url: page for page in pages}
    by_host: dict[str, list[Page]] = {}
    for page in pages:
        by_host.setdefault(page.host, []).append(page)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host = (self.headers.get("host") or "").split(":")[0]
            page = by_url.get(f"http://{host}{self.path}")
            if page is not None:
                self.answer(200, page.html, "text/html; charset=utf-8")
            elif self.path == "/feed.xml" and host in by_host:
                self.answer(200, feed(host, by_host[host]), "application/rss+xml")
            else:
                self.answer(404, "not here", "text/plain")

        def answer(self, status: int, text: str, kind: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            """Readers are killed in the middle of a page here."""
            with suppress(ConnectionError):
                super().handle()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
