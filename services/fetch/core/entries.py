"""What every kind of source comes down to: entries in order, as JSON, each field plain and bounded."""

import html
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, TypedDict
from urllib.parse import urljoin

from shared.urls import MAX_LENGTH

MAX_ENTRIES = 1000  # of one poll
MAX_TITLE, MAX_SUMMARY, MAX_GUID, MAX_AUTHOR, MAX_AUTHORS = 1000, 10_000, 2000, 200, 50
_SHORTEST_TTL_S, _LONGEST_TTL_S = 60, 86_400
_MAX_MARKUP = 200_000  # characters of one field that are looked at

# Control characters, line separators, bidirectional overrides and isolates, zero-width spaces. Joiners and direction marks stay:
# Persian, Arabic and Hebrew need them.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_SCRIPT = re.compile(r"<(script|style)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<[!?][^<>]*>", re.DOTALL)
_BLOCK = re.compile(
    r"</?(?:address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|img|li|ol|p|pre|section|table|t[dhr]|ul)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
# What software writes where it knows no date: year 0, 1 or 1900, the epoch (on both sides of Greenwich), and 9999 for ever.
_FIRST_YEAR, _LAST_YEAR = 1901, 2100
_EPOCH = (date(1969, 12, 31), date(1970, 1, 1))


class Entry(TypedDict):
    """One article as a source names it. Times are ISO 8601 in UTC."""

    url: str | None
    title: str | None
    published: str | None
    updated: str | None
    authors: list[str]
    summary: str | None
    guid: str | None
    image: str | None


class Listing(TypedDict):
    """A source's document.

    `children` are the sitemaps that a sitemap index names, newest first; `cut` says that entries were left out. `hub` is the WebSub hub
    that the document names and `self_url` the address to subscribe to; `ttl_s` the seconds for which it says that it stays as it is.
    """

    title: str | None
    entries: list[Entry]
    children: list[str]
    cut: bool
    hub: str | None
    self_url: str | None
    ttl_s: int | None


def listing(
    entries: list[Entry],
    *,
    title: str | None = None,
    children: Iterable[str] = (),
    cut: bool = False,
    hub: str | None = None,
    self_url: str | None = None,
    ttl_s: float | None = None,
) -> Listing:
    """A listing with its title plain and bounded, and its time to live between a minute and a day."""
    return Listing(
        title=plain(title, MAX_TITLE),
        entries=entries,
        children=list(children),
        cut=cut,
        hub=hub,
        self_url=self_url,
        ttl_s=int(min(max(ttl_s, _SHORTEST_TTL_S), _LONGEST_TTL_S)) if ttl_s else None,
    )


def entry(
    *,
    url: str | None = None,
    title: str | None = None,
    published: str | None = None,
    updated: str | None = None,
    authors: Iterable[str | None] = (),
    summary: str | None = None,
    guid: str | None = None,
    image: str | None = None,
) -> Entry:
    """An entry with every field bounded. Texts are plain already, times are from `moment` or `moment_of`."""
    names = dict.fromkeys(name for author in authors if (name := plain(author, MAX_AUTHOR)))
    return Entry(
        url=url,
        title=plain(title, MAX_TITLE),
        published=published,
        updated=updated,
        authors=list(names)[:MAX_AUTHORS],
        summary=plain(summary, MAX_SUMMARY),
        guid=plain(guid, MAX_GUID),
        image=image,
    )


def plain(text: Any, limit: int) -> str | None:
    """One line of text without characters that cannot be seen; None where nothing is left."""
    if not isinstance(text, str):
        return None
    return " ".join(_UNSEEN.sub("", text[:_MAX_MARKUP]).split())[:limit].rstrip() or None


def unmarked(markup: str) -> str:
    """The text of a piece of HTML: scripts and comments gone, blocks parted by a blank, references undone."""
    markup = markup[:_MAX_MARKUP]
    if "<" in markup:
        markup = _COMMENT.sub("", _SCRIPT.sub("", markup))
        markup = _TAG.sub("", _BLOCK.sub(" ", markup))
    return html.unescape(markup) if "&" in markup else markup


def link(base: str, target: Any) -> str | None:
    """An absolute http(s) address, or None."""
    if not isinstance(target, str) or not target.strip():
        return None
    try:
        url = urljoin(base, target.strip())
    except ValueError:
        return None
    if len(url) > MAX_LENGTH or not url.lower().startswith(("http://", "https://")) or _UNSEEN.search(url):
        return None
    return url


def moment(text: Any) -> str | None:
    """ISO 8601 of a time in W3C's profile of it (`2016`, `2016-07-28`, `2016-07-28T09:30Z`, …); UTC where no offset is given."""
    if not isinstance(text, str):
        return None
    text = text.strip()[:40]
    if re.fullmatch(r"\d{4}(-\d{2})?", text):
        text += "-01" if "-" in text else "-01-01"
    try:
        return moment_of(datetime.fromisoformat(text))
    except ValueError:
        return None


def moment_of(time: datetime) -> str | None:
    """The time in UTC, or None where it only says that nobody knew it."""
    try:
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if not _FIRST_YEAR <= time.year <= _LAST_YEAR or time.date() in _EPOCH:
        return None
    return time.isoformat()
