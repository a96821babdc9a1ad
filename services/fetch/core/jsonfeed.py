"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import json
from typing import Any

from services.fetch.core.entries import MAX_ENTRIES, Entry, Listing, entry, link, listing, moment, unmarked
from shared.stage import Reject


def looks_like_json(body: bytes) -> bool:
    """Whether this can only be JSON."""
    return body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read_json_feed(body: bytes, url: str, *, limit: int = MAX_ENTRIES) -> Listing:
    """All items of a JSON Feed in its order, at most `limit`. Raises `Reject("feed_malformed")` for what is none."""
    try:
        found = json.loads(body)
    except RecursionError as problem:
        raise Reject("parse_limit", "JSON nested too deeply") from problem
    except ValueError as problem:
        raise Reject("feed_malformed", f"JSON: {problem}") from problem
    items = found.get("items") if isinstance(found, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in str(found.get("version", ""))[:200]:
        raise Reject("feed_malformed", "JSON, but no JSON Feed")
    return listing(
        [_entry(item, url, _authors(found)) for item in items[:limit] if isinstance(item, dict)],
        form="json",
        title=found.get("title"),
        language=found.get("language"),
        cut=len(items) > limit,
        hub=_hub(found.get("hubs"), url),
        self_url=link(url, found.get("feed_url")),
    )


def _hub(hubs: Any, url: str) -> str | None:
    """The first hub that speaks WebSub."""
    for hub in hubs if isinstance(hubs, list) else []:
        if isinstance(hub, dict) and str(hub.get("type", ""))[:20].lower() in ("websub", "pubsubhubbub"):
            return link(url, hub.get("url"))
    return None


def _authors(named: dict[str, Any]) -> list[str]:
    """Of an item or of the feed: `authors` (1.1) or `author` (1.0)."""
    people = named.get("authors") if isinstance(named.get("authors"), list) else [named.get("author")]
    names = [person.get("name") for person in people or [] if isinstance(person, dict)]
    return [name for name in names if isinstance(name, str)]


def _entry(item: dict[str, Any], url: str, feeds_authors: list[str]) -> Entry:
    summary = item.get("summary") or item.get("content_text")
    markup = item.get("content_html")
    guid = item.get("id")
    return entry(
        url=link(url, item.get("url") or item.get("external_url")),
        title=item.get("title"),
        published=moment(item.get("date_published")),
        updated=moment(item.get("date_modified")),
        authors=_authors(item) or feeds_authors,
        summary=summary if isinstance(summary, str) else (unmarked(markup) if isinstance(markup, str) else None),
        guid=str(guid) if isinstance(guid, str | int | float) else None,
        image=link(url, item.get("image") or item.get("banner_image")),
    )
