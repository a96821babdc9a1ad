"""The addresses of our own pages, and what a site says about itself.

An address is root-relative and names no host, so that the same page works under any name and behind any proxy.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal
from urllib.parse import quote

Format = Literal["html", "md", "json"]
FORMATS: tuple[Format, ...] = ("html", "md", "json")
FORMAT_NAMES: dict[Format, str] = {"html": "HTML", "md": "Markdown", "json": "JSON"}
MEDIA_TYPES: dict[Format, str] = {
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
}

# What publish may put into a page's `path`. Anything else is not linked and not written to a disk.
_OWN_PATH = re.compile(r"/index|/news/[0-9]{4}/[0-9]{2}/[0-9]{2}/[^\W_][\w-]*")


@dataclass(frozen=True, kw_only=True)
class Site:
    """Who publishes. `ending` ends the links to HTML pages: nothing on the live site, `.html` where files are served as they are."""

    name: str = "Dateline"
    base_url: str | None = None  # https://news.example.org, only for <link rel=canonical>
    contact: str | None = None  # a mail address or a web address
    ending: Literal["", ".html"] = ""

    @property
    def live(self) -> bool:
        """Whether a program answers at these addresses (and `/status` exists), or only files."""
        return not self.ending


def is_own_path(path: str) -> bool:
    """Whether `path` is a page's path as shared/records.py promises it."""
    return len(path) < 512 and _OWN_PATH.fullmatch(path) is not None


def address(path: str, site: Site, fmt: Format = "html") -> str:
    """The root-relative address of the page at `path` in one format; `/` for a path that is not one of ours."""
    if not is_own_path(path):
        return "/"
    if fmt != "html":
        return f"{quote(path)}.{fmt}"
    if site.ending:
        return quote(path) + site.ending
    return quote(path.removesuffix("index") if path.endswith("/index") else path)


def day_path(day: date) -> str:
    """The path of a day's page, without ending."""
    return f"/news/{day.year:04d}/{day.month:02d}/{day.day:02d}/index"
