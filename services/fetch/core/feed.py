"""RSS and Atom, through feedparser. Run it where it can be killed: some documents keep feedparser busy for minutes."""

import io
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser

from services.fetch.core.entries import MAX_ENTRIES, Entry, Listing, entry, link, listing, moment_of, unmarked
from shared.stage import Reject

_ITEM = re.compile(rb"<(?:[a-zA-Z0-9_]+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[a-zA-Z0-9_]+:)?(?:item|entry)\s*>", re.IGNORECASE)
# feedparser looks for mail addresses in authors' names, in a time that grows with the square of a word's length.
_ENDLESS_WORD = re.compile(rb"[\w.+-]{5001,}")
_MAX_WORD = 5000  # above the length of any address: one that was shortened is still refused
_CHARSET = re.compile(
    r"utf-?(?:8|16|32)(?:-?[lb]e)?|(?:us-)?ascii|iso-?8859-\d+|latin-?1|windows-\d+|cp\d+|koi8-[ru]|gb\w+|big5\w*|euc-\w+|shift_jis"
)
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_SMALL_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
# Everything that feedparser is known to raise from deep inside of it on broken documents.
_FAULTS = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RuntimeError, ArithmeticError)


def read_feed(body: bytes, content_type: str | None, url: str, *, limit: int = MAX_ENTRIES) -> Listing:
    """All entries of a feed in its order, at most `limit`.

    Links are absolute: by xml:base, then by `url`. Titles and summaries are plain text. Raises `Reject("feed_malformed")` for what is
    no feed; a broken feed gives what can be read of it.
    """
    kept, cut = _first_items(body, limit)
    kept = _ENDLESS_WORD.sub(lambda word: word[0][:_MAX_WORD], kept)
    headers = {"content-location": url, "content-type": _content_type(content_type)}
    try:
        found = feedparser.parse(io.BytesIO(kept), response_headers=headers, resolve_relative_uris=False, sanitize_html=False)
    except RecursionError as problem:
        raise Reject("parse_limit", "a feed nested too deeply") from problem
    except _FAULTS as problem:
        raise Reject("feed_malformed", f"{type(problem).__name__}: {problem}") from problem
    if not found.get("version") and not found.entries:
        raise Reject("feed_malformed", str(found.get("bozo_exception") or "no feed"))
    return listing(
        [_entry(one, url, atom=str(found.get("version")).startswith("atom")) for one in found.entries[:limit]],
        title=_text(found.feed, "title"),
        cut=cut or len(found.entries) > limit,
        hub=_related(found.feed, "hub", url),
        self_url=_related(found.feed, "self", url),
        ttl_s=_ttl_s(found.feed),
    )


def _related(feed: Mapping[str, Any], relation: str, url: str) -> str | None:
    targets = (link(url, one.get("href")) for one in _maps(feed, "links") if str(one.get("rel")).lower() == relation)
    return next((target for target in targets if target), None)


def _ttl_s(feed: Mapping[str, Any]) -> float | None:
    """Seconds: by RSS 2.0's `ttl`, in minutes, or RSS 1.0's syndication module."""
    minutes = _number(feed, "ttl")
    if minutes is not None:
        return minutes * 60
    period = _PERIODS.get(str(_own(feed, "sy_updateperiod")).strip().lower())
    return period / (_number(feed, "sy_updatefrequency") or 1) if period else None


def _number(feed: Mapping[str, Any], name: str) -> int | None:
    text = str(_own(feed, name)).strip()
    return int(text) if _SMALL_NUMBER.fullmatch(text) else None


def _first_items(body: bytes, limit: int) -> tuple[bytes, bool]:
    """The document without its items after the first `limit`, so that a million of them cost nothing (ASCII-like encodings)."""
    for number, found in enumerate(_ITEM.finditer(body)):
        if number == limit:
            end = found.start()
            for last in _ITEM_END.finditer(body, end):
                end = last.end()
            return body[: found.start()] + body[end:], True
    return body, False


def _content_type(content_type: str | None) -> str:
    """The header, without a charset that is none: codecs such as `utf-7` or `punycode` are for attackers only."""
    media, _, parameters = (content_type or "").partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([\w-]+)", parameters, re.IGNORECASE)
    if charset is None or not _CHARSET.fullmatch(charset[1].lower()):
        return media.strip()
    return f"{media.strip()}; charset={charset[1]}"


def _entry(found: Mapping[str, Any], url: str, *, atom: bool) -> Entry:
    summary = next((text for content in _maps(found, "content") if (text := _value(content))), None)
    if _own(found, "summary_detail") or summary is None:  # without detail it is the content once more, as markup
        summary = _text(found, "summary")
    published, updated = _time(_own(found, "published_parsed") or _own(found, "created_parsed")), _time(_own(found, "updated_parsed"))
    return entry(
        url=link(url, _own(found, "link")),
        title=_text(found, "title"),
        published=published or (None if atom else updated),  # RSS knows dc:date, which feedparser takes for an update
        updated=updated,
        authors=_authors(found),
        summary=summary,
        guid=_own(found, "id"),
        image=_image(found, url),
    )


def _own(found: Mapping[str, Any], name: str) -> Any:
    # Not found.get(): feedparser's mapping answers with other fields' values for some names, and warns of it.
    return dict.get(found, name) if isinstance(found, dict) else None


def _maps(found: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    several = _own(found, name)
    return [one for one in several if isinstance(one, dict)] if isinstance(several, list) else []


def _value(detail: Mapping[str, Any]) -> str | None:
    value = detail.get("value")
    if not isinstance(value, str):
        return None
    return unmarked(value) if detail.get("type") in ("text/html", "application/xhtml+xml") else value


def _text(found: Mapping[str, Any], name: str) -> str | None:
    """A field as text, not yet cut to its size."""
    detail = _own(found, f"{name}_detail")
    return _value(detail) if isinstance(detail, dict) else _own(found, name)


def _authors(found: Mapping[str, Any]) -> list[str]:
    people = [*_maps(found, "authors")]
    names = [person.get("name") or person.get("email") for person in people]
    if not any(names):
        names = [_own(found, "author")]
    return [name for name in names if isinstance(name, str)]


def _time(parsed: Any) -> str | None:
    if not isinstance(parsed, struct_time):
        return None
    try:
        return moment_of(datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def _image(found: Mapping[str, Any], url: str) -> str | None:
    """The first picture that the entry names: Media RSS, an enclosure, a thumbnail, an image of its own."""
    candidates = [one.get("url") for one in _maps(found, "media_content") if _is_image(one)]
    candidates += [one.get("href") for one in _maps(found, "links") if one.get("rel") == "enclosure" and _is_image(one)]
    candidates += [one.get("url") for one in _maps(found, "media_thumbnail")]
    own = _own(found, "image")
    candidates += [own.get("href") or own.get("url")] if isinstance(own, dict) else []
    return next((image for candidate in candidates if (image := link(url, candidate))), None)


def _is_image(medium: Mapping[str, Any]) -> bool:
    return medium.get("medium") == "image" or str(medium.get("type", "")).startswith("image/")
