"""What every kind of source comes down to: entries in order, as JSON, each field plain and bounded."""

import html
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypedDict
from urllib.parse import urljoin

from services.fetch.core.feedtime import written
from shared.urls import MAX_LENGTH

MAX_ENTRIES = 1000  # of one poll
MAX_TITLE, MAX_SUMMARY, MAX_GUID, MAX_AUTHOR, MAX_AUTHORS = 1000, 10_000, 2000, 200, 50
_SHORTEST_TTL_S, _LONGEST_TTL_S = 60, 86_400
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}")
_MAX_MARKUP = 200_000  # characters of one field that are looked at

# Control characters, line separators, bidirectional overrides and isolates, zero-width spaces. Joiners and direction marks stay:
# Persian, Arabic and Hebrew need them.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_SCRIPT = re.compile(r"<(script|style|applet)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DECLARATION = re.compile(r"<[!?][^<>]*>|<!--[^<>]*\Z")  # a comment without an end ends like one
_BLOCK = re.compile(
    r"</?(?:address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|img|li|ol|p|pre|section|table|t[dhr]|ul)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_ABSOLUTE = re.compile(r"https?://[a-zA-Z0-9.-]+/(?:[!-~]*[!-\"$->@-~])?")
_BASIC = re.compile(r"\d{9,}")  # seconds, not a date and a time without marks between them
# What software writes where it knows no date: year 0, 1 or 1900, the epoch (on both sides of Greenwich), and 9999 for ever.
_FIRST_YEAR, _LAST_YEAR = 1901, 2100
_FARTHEST = timedelta(hours=14)  # a zone from Greenwich
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


class Child(TypedDict):
    """A sitemap as its index names it. `lastmod` is ISO 8601 in UTC."""

    url: str
    lastmod: str | None


class Junk(TypedDict):
    """Something in the place of an entry that is none. `reason` is an error class."""

    reason: str
    detail: str
    text: str


class Listing(TypedDict):
    """A source's document.

    `form` is rss, atom, json, sitemap, news_sitemap, index or list. `children` are the sitemaps that a sitemap index names, newest first;
    `cut` says that entries were left out, `junk` is what stood in the place of entries. `hub` is the WebSub hub that the document names
    and `self_url` the address to subscribe to; `ttl_s` the seconds for which it says that it stays as it is. `broken` says what is wrong
    with a document that could be read in spite of it.
    """

    form: str
    title: str | None
    language: str | None
    entries: list[Entry]
    children: list[Child]
    junk: list[Junk]
    cut: bool
    hub: str | None
    self_url: str | None
    ttl_s: int | None
    broken: str | None


def listing(
    entries: list[Entry],
    *,
    form: str = "",
    title: str | None = None,
    language: str | None = None,
    children: Iterable[Child] = (),
    junk: Iterable[Junk] = (),
    cut: bool = False,
    hub: str | None = None,
    self_url: str | None = None,
    ttl_s: float | None = None,
    broken: str | None = None,
) -> Listing:
    """A listing with its texts plain and bounded, its language one that BCP 47 could mean, its time to live between a minute and a day."""
    told = (language or "").strip().replace("_", "-").lower() if isinstance(language, str) else ""
    return Listing(
        form=form,
        title=plain(title, MAX_TITLE),
        language=told if _LANGUAGE.fullmatch(told) else None,
        entries=entries,
        children=list(children),
        junk=list(junk),
        cut=cut,
        hub=hub,
        self_url=self_url,
        ttl_s=int(min(max(ttl_s, _SHORTEST_TTL_S), _LONGEST_TTL_S)) if ttl_s else None,
        broken=plain(broken, MAX_AUTHOR),
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
        end = markup.rfind("-->") + 3  # none ends behind it: looking for each one's end would take the square of the length
        markup = _COMMENT.sub("", markup[:end]) + markup[end:]
        markup = _DECLARATION.sub("", _SCRIPT.sub("", markup))
        markup = _TAG.sub("", _BLOCK.sub(" ", markup))
    return html.unescape(markup) if "&" in markup else markup


def link(base: str, target: Any) -> str | None:
    """An absolute http(s) address, or None."""
    if not isinstance(target, str) or not target.strip():
        return None
    if _ABSOLUTE.fullmatch(target) and len(target) <= MAX_LENGTH:
        return target  # most are; to join an address costs fifteen times as much
    try:
        url = urljoin(base, target.strip())
    except ValueError:
        return None
    if len(url) > MAX_LENGTH or not url.lower().startswith(("http://", "https://")) or _UNSEEN.search(url):
        return None
    return url


def moment(text: Any) -> str | None:
    """ISO 8601 of a time as `time_of` reads it, or None where it only says that nobody knew it."""
    time = time_of(text) if isinstance(text, str) else None
    return moment_of(time) if time is not None else None


def time_of(text: str) -> datetime | None:
    """A time in W3C's profile of ISO 8601 (`2016`, `2016-07-28`, `2016-07-28T09:30Z`, …) or as feeds write it; UTC where no offset is
    given."""
    text = text.strip()[:80]
    if re.fullmatch(r"\d{4}(-\d{2})?", text):
        text += "-01" if "-" in text else "-01-01"
    if not _BASIC.fullmatch(text):
        try:
            return datetime.fromisoformat(re.sub(r" (?=[+-]\d\d)| (?=Z$)", "", text))
        except ValueError:
            pass
    return written(text)


def moment_of(time: datetime) -> str | None:
    """The time in UTC, or None where it only says that nobody knew it."""
    if abs(time.utcoffset() or timedelta()) > _FARTHEST:
        return None
    try:
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if not _FIRST_YEAR <= time.year <= _LAST_YEAR or time.date() in _EPOCH:
        return None
    return time.isoformat()
