"""Which documents can be an article's."""

import re

from shared.stage import Reject

_READ = re.compile(r"text/(?:html|plain|markdown|x-markdown|xml)|application/(?:xhtml\+xml|xml)", re.IGNORECASE)
_UNKNOWN = frozenset(("", "application/octet-stream", "binary/octet-stream", "application/x-unknown", "unknown/unknown"))
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")  # UTF-16 and UTF-32, whose texts hold zero bytes
_BINARY = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")  # those that may begin without a zero byte


def check_readable(body: bytes, content_type: str | None) -> None:
    """Raises `Reject("unsupported_type")` for what is no text, whatever it is called, and `Reject("empty_document")`."""
    if not body.strip():
        raise Reject("empty_document")
    media = (content_type or "").partition(";")[0].strip().lower()
    if media not in _UNKNOWN and not _READ.fullmatch(media):
        raise Reject("unsupported_type", media[:100])
    if body.startswith(_WIDE):
        return
    if body.startswith(_BINARY) or b"\x00" in body[:1024]:
        raise Reject("unsupported_type", f"binary, called {media[:100] or 'nothing'}")
