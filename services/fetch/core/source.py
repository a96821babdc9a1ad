"""Read a source's document, of whatever kind it is."""

import re
from typing import Any

from services.fetch.core.addresslist import looks_like_addresses, read_addresses
from services.fetch.core.entries import MAX_ENTRIES, Listing
from services.fetch.core.jsonfeed import looks_like_json, read_json_feed
from services.fetch.core.sitemap import looks_like_sitemap, read_sitemap
from shared.encodings import decode, is_gzip

_MAX_UNPACKED = 60_000_000  # 50 MB is what the sitemaps' specification allows
_FEED = re.compile(rb"<(?:[a-zA-Z0-9_]+:)?(?:rss|feed|RDF)[\s>]")


def unpacked(body: bytes) -> bytes:
    """The document without the gzip around it that sitemaps may have. Raises Reject: too_large, bad_encoding."""
    return decode(body, "gzip", _MAX_UNPACKED) if is_gzip(body) else body


def read_source(kind: str, body: bytes, content_type: str | None, url: str, *, limit: int = MAX_ENTRIES, start: int = 0) -> Listing:
    """The entries of a source (`kind`: feed, sitemap or list; what the document says of itself goes before).

    A sitemap may be an RSS or Atom feed, or a text of addresses (sitemaps.org). `start` is where a list goes on.
    Raises Reject: feed_malformed, parse_limit, and too_large or bad_encoding of a compressed file.
    """
    body = unpacked(body)
    if looks_like_sitemap(body):
        return read_sitemap(body, url, limit=limit)
    if kind == "list" or (kind == "sitemap" and looks_like_addresses(body)):
        return read_addresses(body, limit=limit, start=start)
    if looks_like_json(body):
        return read_json_feed(body, url, limit=limit)
    if kind == "sitemap" and not _FEED.search(body, 0, 4096):
        return read_sitemap(body, url, limit=limit)
    # feedparser is for the process that parses: those who only name this module need not load it.
    from services.fetch.core.feed import read_feed

    return read_feed(body, content_type, url, limit=limit)


def read_source_json(body: bytes, *, kind: str, content_type: str | None, url: str, limit: int, start: int = 0) -> dict[str, Any]:
    """`read_source` as the sandbox calls it, without summaries: they are most of a feed, and no poll looks at them."""
    found = read_source(kind, body, content_type, url, limit=limit, start=start)
    for one in found["entries"]:
        one["summary"] = None
    return dict(found)
