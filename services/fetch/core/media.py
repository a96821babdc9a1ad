"""Which documents can be an article's."""

import re

from services.fetch.core.sitemap import looks_like_sitemap
from shared.stage import Reject

PDF = b"%PDF-"
_READ = re.compile(r"text/(?:html|plain|markdown|x-markdown|xml)|application/(?:xhtml\+xml|xml|(?:x-)?pdf)", re.IGNORECASE)
_UNKNOWN = frozenset(("", "application/octet-stream", "binary/octet-stream", "application/x-unknown", "unknown/unknown"))
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")  # UTF-16 and UTF-32, whose texts hold zero bytes
_WIDE_BY_NAME = re.compile(r"charset\s*=\s*[\"']?(?:utf-?(?:16|32)|ucs-?[24]|iso-10646)", re.IGNORECASE)
_BINARY = (b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")
# Bytes that no text needs (WHATWG MIME Sniffing, 3: "binary data byte"), and of how many bytes one may be such by mistake.
_NO_TEXT = bytes(range(0x09)) + b"\x0b" + bytes(range(0x0E, 0x1B)) + bytes(range(0x1C, 0x20))
_STRAY = 64
_FEED = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:rss|feed|rdf:RDF)\b", re.S)


def check_readable(body: bytes, content_type: str | None) -> None:
    """Raises `Reject("unsupported_type")` for what is neither text nor PDF, whatever it is called, and `Reject("empty_document")`.

    A PDF file is one by its first bytes, whatever it is called.
    """
    if not body.strip():
        raise Reject("empty_document")
    if is_pdf(body):
        return
    media = _media(content_type or "")
    if media not in _UNKNOWN and not _READ.fullmatch(media):
        raise Reject("unsupported_type", media[:100])
    if body.startswith(_WIDE) or _WIDE_BY_NAME.search(content_type or ""):
        return
    start = body[:1024]
    if body.startswith(_BINARY) or (len(start) - len(start.translate(None, _NO_TEXT))) * _STRAY > len(start):
        raise Reject("unsupported_type", f"binary, called {media[:100] or 'nothing'}")


def _media(content_type: str) -> str:
    """The media type; of several in one header the last, as in browsers. What has no `/` names none."""
    media = content_type.rpartition(",")[2].partition(";")[0].strip().lower()
    return media if "/" in media else ""


def is_pdf(body: bytes) -> bool:
    """Whether a file is PDF: its mark stands at the start, or behind a few bytes that do not belong there."""
    return body.startswith(PDF) or (not body.lstrip().startswith(b"<") and PDF in body[:1024] and b"obj" in body[:4096])


def is_listing(body: bytes) -> bool:
    """Whether this is a feed or a sitemap."""
    return looks_like_sitemap(body) or _FEED.match(body, 0, 4096) is not None
