"""JSON lines, one article each, as `dateline stage clean` takes them; and how an address becomes an article."""

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from services.fetch.core.bytestream import Broken, ByteStream
from services.fetch.core.entries import MAX_TITLE, moment, plain
from services.fetch.core.given import Given, Item, Refused
from shared import urls
from shared.stage import Reject

MAX_OUTLET = 200  # characters
_SPREAD = 4  # base64 and JSON's escapes make a document this much longer at most, in practice


def read_json_lines(label: str, name: str, stream: ByteStream, most: int) -> Iterator[Item]:
    """The articles of JSON lines: url, and html, text or body_b64 with content_type.

    outlet, feed_title, feed_published and fetched_at are taken too.
    """
    for where, line in _lines(label, stream, most * _SPREAD + 10_000):
        if isinstance(line, Refused):
            yield line
        elif line.strip():
            yield _json_line(where, name, line, most)


def address(url: object, label: str, **known: Any) -> Given | Refused:
    """An article by its address; the address's host is its outlet unless another is known."""
    try:
        found = urls.canonical(str(url))
    except Reject as error:
        return Refused(label=label, error_class=error.error_class, detail=error.detail)
    known["outlet"] = known.get("outlet") or urlsplit(found).hostname or found
    return Given(label=label, url=found, **known)


def too_large(most: int) -> str:
    """Why something of more than `most` bytes is refused."""
    return f"more than {most} bytes; DATELINE_FETCH_MAX_BYTES sets the limit"


def moment_of(text: object) -> datetime | None:
    """A moment in ISO 8601, in UTC; None for what is none."""
    told = moment(text)
    return datetime.fromisoformat(told) if told else None


def _lines(label: str, stream: ByteStream, most: int) -> Iterator[tuple[str, bytes | Refused]]:
    number = 0
    while True:
        number += 1
        where = f"{label}:{number}"
        try:
            line = stream.line(most)
        except Broken as problem:
            damaged = stream.damaged
            why = ("bad_encoding", str(problem)) if damaged else ("too_large", too_large(most))
            yield where, Refused(label=where, error_class=why[0], detail=why[1])
            if damaged:
                return
            continue
        if not line:
            return
        yield where, line


def _json_line(label: str, name: str, line: bytes, most: int) -> Given | Refused:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _malformed(label, f"no JSON: {error}")
    if not isinstance(record, dict):
        return _malformed(label, "an object is wanted")
    content_type = record.get("content_type") if isinstance(record.get("content_type"), str) else None
    content: bytes | None = None
    for field, kind in (("html", "text/html; charset=utf-8"), ("text", "text/plain; charset=utf-8")):
        if isinstance(record.get(field), str):
            content, content_type = record[field].encode("utf-8", "replace"), kind
    if isinstance(record.get("body_b64"), str):
        try:
            content = base64.b64decode(record["body_b64"], validate=True)
        except (binascii.Error, ValueError) as error:
            return _malformed(label, f"body_b64: {error}")
    if content is None and record.get("url") is None:
        return _malformed(label, "it has none of url, html, text and body_b64")
    if content is not None and len(content) > most:
        return Refused(label=label, error_class="too_large", detail=too_large(most))
    known: dict[str, Any] = {
        "name": name,
        "body": content,
        "content_type": content_type,
        "outlet": plain(record.get("outlet"), MAX_OUTLET),
        "title": plain(record.get("feed_title"), MAX_TITLE),
        "published": moment(record.get("feed_published")),
        "at": moment_of(record.get("fetched_at")) if content is not None else None,
    }
    if record.get("url") is None:
        return Given(label=label, **known)
    return address(record["url"], label, **known)


def _malformed(label: str, detail: str) -> Refused:
    return Refused(label=label, error_class="line_malformed", detail=detail[:500])
