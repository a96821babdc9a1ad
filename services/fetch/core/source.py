"""Read a source's document, of whatever kind it is."""

from typing import Any

from services.fetch.core.entries import MAX_ENTRIES, Listing
from services.fetch.core.feed import read_feed
from services.fetch.core.jsonfeed import looks_like_json, read_json_feed
from services.fetch.core.sitemap import looks_like_sitemap, read_sitemap
from shared.encodings import decode, is_gzip

_MAX_UNPACKED = 60_000_000  # 50 MB is what the sitemaps' specification allows


def read_source(kind: str, body: bytes, content_type: str | None, url: str, *, limit: int = MAX_ENTRIES) -> Listing:
    """The entries of a feed or a sitemap (`kind`: feed or sitemap; what the document says of itself goes before).

    Raises Reject: feed_malformed, parse_limit, and too_large or bad_encoding of a compressed file.
    """
    if is_gzip(body):
        body = decode(body, "gzip", _MAX_UNPACKED)
    if looks_like_sitemap(body) or kind == "sitemap":
        return read_sitemap(body, url, limit=limit)
    if looks_like_json(body):
        return read_json_feed(body, url, limit=limit)
    return read_feed(body, content_type, url, limit=limit)


def read_source_json(body: bytes, *, kind: str, content_type: str | None, url: str, limit: int) -> dict[str, Any]:
    """`read_source` as the sandbox calls it."""
    return dict(read_source(kind, body, content_type, url, limit=limit))
