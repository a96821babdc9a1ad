"""The pages that `make bench` measures on: its own, and those of a folder where one is given.

Its own are the texts of the sample outlets (`deploy/sample`), each within a hundred kilobytes of furniture as real pages carry it
(`furniture.py`). Of 165 real pages the median had 130 kB, 800 elements, of these 130 links, 21 paragraphs and 135 `div`, and a third of
its bytes in scripts and styles; the furniture is measured out to come near that. Every run sees the same pages.
"""

import json
import lzma
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import furniture

from services.cli.sample import Article, Outlet, load_sample
from services.cli.sample.moments import fill_dates

SUFFIX = "bench.test"  # the domain of all hosts here, which the settings lead to a loopback port
# What the sample's relative dates count from, so that the pages are the same in every run.
EPOCH = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SIZE = 100_000


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page to serve: its address under `SUFFIX`, its HTML, and what its outlet's feed says of it."""

    url: str
    html: str
    headline: str
    published: datetime | None = None

    @property
    def host(self) -> str:
        """The host's name."""
        return urlsplit(self.url).hostname or ""


def own_pages(sample: Path) -> list[Page]:
    """The sample's articles in furniture, outlet after outlet; wire copies included."""
    return [_own_page(outlet, article) for outlet in load_sample(sample).outlets for article in outlet.articles]


def pages_of(folder: Path) -> list[Page] | None:
    """The pages of `FOLDER/clean/pages.jsonl.xz` ({id, url, html}), each host under an invented name; None where there is no such file.

    They belong to their publishers: nothing of them is written but into the temporary folder of a run.
    """
    file = folder / "clean" / "pages.jsonl.xz"
    if not file.exists():
        return None
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    hosts: dict[str, str] = {}
    pages: dict[str, Page] = {}
    for number, row in enumerate(rows):
        at = urlsplit(row["url"] or f"http://unknown/{number}")
        host = hosts.setdefault(at.netloc, f"outlet{len(hosts):03}.{SUFFIX}")
        path = at.path if at.path.strip("/") else f"/page/{number}"
        url = f"http://{host}{path}" + (f"?{at.query}" if at.query else "")
        pages.setdefault(url, Page(url=url, html=row["html"], headline=f"Page {number}"))
    return list(pages.values())


def feed(pages: list[Page]) -> str:
    """An RSS feed that announces these pages of one host."""
    from email.utils import format_datetime
    from html import escape

    items = "".join(
        f"<item><title>{escape(page.headline)}</title><link>{escape(page.url)}</link><guid>{escape(page.url)}</guid>"
        + (f"<pubDate>{format_datetime(page.published)}</pubDate>" if page.published else "")
        + "</item>\n"
        for page in pages
    )
    host = pages[0].host
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>{host}</title><link>http://{host}/</link>'
        f"<description>News</description>\n{items}</channel></rss>\n"
    )


def by_host(pages: list[Page]) -> dict[str, list[Page]]:
    """The pages of each host."""
    found: dict[str, list[Page]] = {}
    for page in pages:
        found.setdefault(page.host, []).append(page)
    return found


def _own_page(outlet: Outlet, article: Article) -> Page:
    published = article.published.at(EPOCH)
    host = f"{outlet.host.removesuffix('.test').replace('.', '-')}.{SUFFIX}"
    url = f"http://{host}/{published:%Y/%m/%d}/{article.slug}"
    body = fill_dates(article.body, EPOCH, outlet.language)
    paragraphs = [" ".join(part.removeprefix("## ").split()) for part in body.split("\n\n")]
    dice = random.Random(f"{outlet.host}/{article.slug}")
    html = furniture.page(outlet, article, url=url, published=published, paragraphs=paragraphs, size=SIZE, dice=dice)
    return Page(url=url, html=html, headline=article.title, published=published)


def parted(pages: list[Page], warm_up: int) -> tuple[list[Page], list[Page]]:
    """(some pages to warm up on, under a host of their own; the others)."""
    step = max(1, len(pages) // warm_up)
    some = pages[::step][:warm_up]
    moved = [replace(page, url=page.url.replace(f"//{page.host}/", f"//warm-up.{SUFFIX}/{number}/")) for number, page in enumerate(some)]
    return moved, [page for page in pages if page not in some]


def singles(pages: list[Page], count: int) -> list[Page]:
    """So many pages of different events, each under a host of its own."""
    step = max(1, len(pages) // count)
    some = pages[::step][:count]
    return [replace(page, url=page.url.replace(f"//{page.host}/", f"//single{number}.{SUFFIX}/")) for number, page in enumerate(some)]
