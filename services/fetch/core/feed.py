"""RSS and Atom, through feedparser. Run it where it can be killed: some documents keep feedparser busy for minutes."""

import io
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser

from services.fetch.core.entries import MAX_ENTRIES, MAX_TITLE, Entry, Listing, entry, link, moment_of, plain, unmarked
from shared.stage import Reject

_ITEM = re.compile(rb"<(?:[a-zA-Z0-9_]+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[a-zA-Z0-9_]+:)?(?:item|entry)\s*>", re.IGNORECASE)
# feedparser looks for mail addresses in authors' names, in a time that grows with the square of a word's length.
_ENDLESS_WORD = re.compile(rb"[\w.+-]{5001,}")
_MAX_WORD = 5000  # above the length of any address: one that was shortened is still refused
_CHARSET = re.compile(
    r"utf-?(?:8|16|32)(?:-?[lb]e)?|(?:us-)?ascii|iso-?8859-\d+|latin-?1|windows-\d+|cp\d+|koi8-[ru]|gb\w+|big5\w*|euc-\w+|shift_jis"
)
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
    return Listing(
        title=_text(found.feed, "title", MAX_TITLE),
        entries=[_entry(one, url, atom=str(found.get("version")).startswith("atom")) for one in found.entries[:limit]],
        children=[],
        cut=cut or len(found.entries) > limit,
    )


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
        summary = _text(found, "summary", 0)
    published, updated = _time(_own(found, "published_parsed") or _own(found, "created_parsed")), _time(_own(found, "updated_parsed"))
    return entry(
        url=link(url, _own(found, "link")),
        title=_text(found, "title", 0),
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


def _text(found: Mapping[str, Any], name: str, limit: int) -> str | None:
    """A field as plain text; `limit` 0: not yet cut to its size."""
    detail = _own(found, f"{name}_detail")
    value = _value(detail) if isinstance(detail, dict) else _own(found, name)
    return plain(value, limit) if limit else value


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
