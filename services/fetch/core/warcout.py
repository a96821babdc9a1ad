"""Documents as records of a WARC 1.1 file (ISO 28500:2017), as other tools and our own import read it."""

import re
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from services.fetch.core.entries import plain
from services.fetch.core.warc import ANNOUNCED, FEED_PUBLISHED, FEED_TITLE, OUTLET

VERSION = "WARC/1.1"
UNREGISTERED = "urn:sha256:"  # the target of a document that came without an address
# What described the body on its way and no longer holds, since bodies are kept as they were unpacked. Crawlers keep such fields under this
# prefix, and write the length anew.
_CHANGED = frozenset(("content-encoding", "transfer-encoding"))
_PREFIX = "X-Crawler-"
_REASONS = {200: "OK", 203: "Non-Authoritative Information", 206: "Partial Content"}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_MAX_FIELD = 2000


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One revision of an article and what is known of it. `announced` is the article's own address, `url` where it led in the end."""

    article_id: int
    revision: int
    sha256: str
    fetched_at: datetime
    outlet: str
    url: str | None = None
    announced: str | None = None
    content_type: str | None = None
    status: int | None = None
    headers: Sequence[Sequence[str]] | None = None
    feed_title: str | None = None
    feed_published_at: datetime | None = None


def write_info(writer: WARCWriter, name: str, software: str, at: datetime) -> None:
    """The record that stands first and tells what wrote the file."""
    info = {"software": software, "format": "WARC File Format 1.1", "conformsTo": "https://iipc.github.io/warc-specifications/"}
    record = writer.create_warcinfo_record(name, info)
    record.rec_headers.replace_header("WARC-Record-ID", record_id(f"warcinfo {name} {at.isoformat()}"))
    record.rec_headers.replace_header("WARC-Date", _iso(at))
    writer.write_record(record)


def write_document(writer: WARCWriter, kept: Kept, body: bytes) -> None:
    """A document as a response where its answer is known, else as a resource. The same document always has the same record id."""
    target = kept.url or kept.announced or UNREGISTERED + kept.sha256
    fields = {
        "WARC-Record-ID": record_id(f"{target} {kept.sha256} {_iso(kept.fetched_at)} {kept.article_id} {kept.revision}"),
        "WARC-Date": _iso(kept.fetched_at),
        "WARC-Payload-Digest": "sha256:" + b32encode(bytes.fromhex(kept.sha256)).decode(),
        OUTLET: plain(kept.outlet, _MAX_FIELD),
        ANNOUNCED: plain(kept.announced, _MAX_FIELD) if kept.announced != target else None,
        FEED_TITLE: plain(kept.feed_title, _MAX_FIELD),
        FEED_PUBLISHED: _iso(kept.feed_published_at) if kept.feed_published_at else None,
    }
    known: dict[str, Any] = {"warc_headers_dict": {name: value for name, value in fields.items() if value}}
    known |= {"payload": BytesIO(body), "length": len(body)}
    if kept.status is None or not target.startswith(("http://", "https://")):
        known["warc_content_type"] = plain(kept.content_type, _MAX_FIELD) or "application/octet-stream"
        record = writer.create_warc_record(target, "resource", **known)
    else:
        status = f"{kept.status} {_REASONS.get(kept.status, '')}".rstrip()
        head = StatusAndHeaders(status, http_headers(kept, len(body)), protocol="HTTP/1.1")
        record = writer.create_warc_record(target, "response", http_headers=head, **known)
    writer.write_record(record)


def http_headers(kept: Kept, size: int) -> list[tuple[str, str]]:
    """The answer's headers for a body of `size` bytes as it is kept; those that no longer hold under another name."""
    given = kept.headers or ([("Content-Type", kept.content_type)] if kept.content_type else [])
    told = []
    for name, value in given:
        if _NAME.fullmatch(name) and name.lower() != "content-length":
            name = name.title()
            told.append((_PREFIX + name if name.lower() in _CHANGED else name, " ".join(value.split())))
    return [*told, ("Content-Length", str(size))]


def record_id(text: str) -> str:
    """A WARC-Record-ID that is this text's for ever: an UUID of version 8 (RFC 9562) out of its hash."""
    digest = bytearray(sha256(b"dateline " + text.encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    digits = digest.hex()
    return f"<urn:uuid:{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}>"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
