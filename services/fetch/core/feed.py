"""RSS and Atom, through feedparser. Run it where it can be killed: some documents keep feedparser busy for minutes."""

import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser

from services.fetch.core import charset
from services.fetch.core.entries import MAX_ENTRIES, Entry, Listing, entry, link, listing, moment_of, time_of, unmarked
from services.fetch.core.feedtime import is_misread
from services.fetch.core.pruning import pruned
from shared.stage import Reject

_XML_BASE = re.compile(rb"\bxml:base\s*=")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(rb"(?:\s|<[?!][^>]*>)*<(?:[\w.-]+:)?(?:rss|rdf|feed|channel)[\s>/]", re.IGNORECASE)
_MAX_PROLOGUE = 20_000
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:[?#]|$)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|/", re.IGNORECASE)
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_SMALL_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
# Everything that feedparser is known to raise from deep inside of it on broken documents.
_FAULTS = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RuntimeError, ArithmeticError)


def read_feed(body: bytes, content_type: str | None, url: str, *, limit: int = MAX_ENTRIES) -> Listing:
    """All entries of a feed in its order, at most `limit`.

    Links are absolute: by xml:base, then by `url`. Titles and summaries are plain text. Raises `Reject("feed_malformed")` for what is
    no feed; a broken feed gives what can be read of it.
    """
    kept, cut = pruned(charset.declared(body), limit)
    headers = {"content-type": charset.content_type(content_type, body)}
    if _XML_BASE.search(body):
        headers["content-location"] = url  # otherwise feedparser would make addresses of all GUIDs that are none
    try:
        found = feedparser.parse(io.BytesIO(kept), response_headers=headers, resolve_relative_uris=False, sanitize_html=False)
    except RecursionError as problem:
        raise Reject("parse_limit", "a feed nested too deeply") from problem
    except _FAULTS as problem:
        raise Reject("feed_malformed", f"{type(problem).__name__}: {problem}") from problem
    if not found.get("version") and not found.entries and not _ROOT.match(_COMMENT.sub(b"", kept[:_MAX_PROLOGUE])):
        raise Reject("feed_malformed", str(found.get("bozo_exception") or "no feed"))
    version = str(found.get("version"))
    return listing(
        [_entry(one, url, found.feed, version) for one in found.entries[:limit]],
        form="atom" if version.startswith("atom") else "rss",
        title=_text(found.feed, "title"),
        language=_own(found.feed, "language"),
        broken=_flaw(found),
        cut=cut or len(found.entries) > limit,
        hub=_related(found.feed, "hub", url),
        self_url=_related(found.feed, "self", url),
        ttl_s=_ttl_s(found.feed),
    )


def _flaw(found: Mapping[str, Any]) -> str | None:
    """What is wrong with the document. A charset that the header names wrongly or a media type that is no feed's harms nobody."""
    problem = _own(found, "bozo_exception")
    harmless = isinstance(problem, feedparser.CharacterEncodingOverride | feedparser.NonXMLContentType)
    return str(problem) if problem is not None and not harmless else None


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


def _entry(found: Mapping[str, Any], url: str, feed: Mapping[str, Any], version: str) -> Entry:
    published, updated = _time(found, "published") or _time(found, "created"), _time(found, "updated")
    guid = _own(found, "id")
    atom = version.startswith("atom")
    source = _own(found, "source")
    authors = _authors(found)
    if atom and not authors:  # RFC 4287, 4.2.1: those of the feed that it was taken from, then those of this one
        authors = (_authors(source) if isinstance(source, dict) else []) or _authors(feed)
    return entry(
        url=link(url, _target(found, guid, version)),
        title=_text(found, "title"),
        published=published or (None if atom else updated),  # RSS knows dc:date, which feedparser takes for an update
        updated=updated,
        authors=authors,
        summary=_summary(found),
        guid=link(url, guid) if str(guid).startswith("/") else guid,
        image=_image(found, url),
    )


def _target(found: Mapping[str, Any], guid: Any, version: str) -> Any:
    """Where the entry is to be read, as it is written."""
    target, links = _own(found, "link"), _maps(found, "links")
    if not links and target == guid:  # RSS takes a GUID for an address where nobody says that it is none
        return target if _ADDRESS.match(str(guid)) else None
    if not target:
        others = [one.get("href") for one in links if one.get("rel") == "alternate"]  # of other types than HTML
        target = next((other for other in others if other), None)
    return target or (guid if version in ("rss090", "rss10") else None)  # rdf:about


def _summary(found: Mapping[str, Any]) -> str | None:
    if not _own(found, "summary_detail"):  # without detail it is the content once more, as markup
        contents = [_value(content) for content in _maps(found, "content")]
        if contents:
            return next((text for text in contents if text), None)
    return _text(found, "summary")


def _own(found: Mapping[str, Any], name: str) -> Any:
    # Not found.get(): feedparser's mapping answers with other fields' values for some names, and warns of it.
    return dict.get(found, name) if isinstance(found, dict) else None


def _maps(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    several = _own(found, name)
    return [one for one in several if isinstance(one, dict)] if isinstance(several, list) else []


def _value(detail: Mapping[str, Any]) -> str | None:
    value = detail.get("value")
    if not isinstance(value, str):
        return None
    return value if detail.get("type") == "text/plain" else unmarked(value)


def _text(found: Mapping[str, Any], name: str) -> str | None:
    """A field as text, not yet cut to its size."""
    value, detail = _own(found, name), _own(found, f"{name}_detail")
    if isinstance(detail, dict) and (value is None or detail.get("value") == value):  # else it is Media RSS's, of the same name
        return _value(detail)
    return unmarked(value) if isinstance(value, str) else None


def _authors(found: Mapping[str, Any]) -> list[str]:
    names = [person.get("name") or person.get("email") for person in _maps(found, "authors")]
    if not any(names):
        names = [_own(found, "author")]
    return [name for name in names if isinstance(name, str)]


def _time(found: Mapping[str, Any], name: str) -> str | None:
    text, parsed = _own(found, name), _own(found, f"{name}_parsed")
    text = text if isinstance(text, str) else ""
    time = time_of(text)
    if time is None and isinstance(parsed, struct_time) and not is_misread(text):
        time = _datetime(parsed)  # in a language or an order that only feedparser knows
    return moment_of(time.replace(microsecond=0)) if time is not None else None


def _datetime(parsed: struct_time) -> datetime | None:
    try:
        return datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC)
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
    kind = str(medium.get("medium") or medium.get("type") or "")
    return kind.startswith("image") or (not kind and _PICTURE.search(str(medium.get("url") or medium.get("href"))) is not None)
