"""What `dateline stage feed`, `robots` and `url` make of one JSON line: a record in, a record out. Raises Reject."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from services.fetch.core.entries import link
from services.fetch.core.robots import robots_allow
from services.fetch.core.source import read_source
from shared import urls
from shared.encodings import decode
from shared.stage import Reject

MAX_LINE_ENTRIES = 10_000  # a document asked for by hand is given whole, within reason
_MAX_BODY = 60_000_000


def feed_line(record: Mapping[str, Any]) -> dict[str, Any]:
    """`{id, url, content_type?, headers?, body_b64}` to `{id, title, entries}`."""
    url, headers = _text(record, "url"), record.get("headers")
    given = {str(name).lower(): str(value) for name, value in headers.items()} if isinstance(headers, Mapping) else {}
    content_type = record.get("content_type") or given.get("content-type")
    try:
        body = base64.b64decode(_text(record, "body_b64"), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise Reject("line_malformed", f"body_b64: {problem}") from problem
    body = decode(body, given.get("content-encoding", ""), _MAX_BODY)
    base = link(url, given.get("content-location")) or url
    listing = read_source("feed", body, str(content_type) if content_type else None, base, limit=MAX_LINE_ENTRIES)
    return {"id": record.get("id"), "title": listing["title"], "entries": listing["entries"]}


def robots_line(record: Mapping[str, Any]) -> dict[str, Any]:
    """`{id, robots, status?, agent, url}` to `{id, allowed}`."""
    status = record.get("status")
    if status is not None and not isinstance(status, int):
        raise Reject("line_malformed", "status is no number")
    text = _text(record, "robots") if record.get("robots") is not None else ""
    allowed = robots_allow(text, 200 if status is None else status, _text(record, "agent"), _text(record, "url"))
    return {"id": record.get("id"), "allowed": allowed}


def url_line(record: Mapping[str, Any]) -> dict[str, Any]:
    """`{id, url}` to `{id, url, key}`: the canonical address, and a key that is equal for the same article alone."""
    url = _text(record, "url")
    return {"id": record.get("id"), "url": urls.canonical(url), "key": urls.key(url)}


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise Reject("line_malformed", f"{name} is missing or no text")
    return value
