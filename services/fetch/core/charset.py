"""In which encoding a feed is written: what its header and its XML declaration name, as far as they can be believed."""

import codecs
import re
from functools import lru_cache

from lxml import etree

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_DECLARATION = re.compile(rb"<\?xml\b([^>]{0,300}?)\?>")
_ENCODING = re.compile(rb"""\bencoding\s*=\s*["']\s*([\w.:-]{1,40})\s*["']""", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,300}?\?>")
_WIDE = {  # the longer first: the mark of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
_ROOT = re.compile(rb"<[a-zA-Z]")
_MAX_JUNK = 4096  # what may stand before the declaration: a server's warnings, empty lines
# The escapes at the end mean other characters to the codecs that read them; `utf-7`, `hz`, `punycode` and their like fail at the rest.
# Code page 864 has an Arabic per cent sign.
_PROBE = re.sub(r"[%\\]", "", "".join(map(chr, range(32, 127)))) + "\t\r\n\\t\\u0041"


def content_type(header: str | None, body: bytes) -> str:
    """The header without a charset that cannot be this body's, or that would read markup into plain letters."""
    media, _, parameters = (header or "").partition(";")
    named = _CHARSET.search(parameters)
    if named is None or body.startswith((codecs.BOM_UTF8, *_WIDE)):
        return media.strip()
    if not _is_ascii_like(named[1]) and not (_is_wide(named[1]) and b"\0" in body[:8]):
        return media.strip()
    return f"{media.strip()}; charset={named[1]}"


def declared(body: bytes) -> bytes:
    """The document from its XML declaration on, which names an encoding that Python knows, or none.

    An encoding that only iconv knows is undone by iconv's own table, where it is one of single bytes.
    """
    body = _narrow(body).lstrip(b"\xef\xbb\xbf \t\r\n")
    found = _DECLARATION.search(body, 0, _MAX_JUNK)
    if found is None or _ROOT.search(_without_warnings(body[: found.start()])):
        return body
    rest = body[found.end() :]
    named = _ENCODING.search(found[1])
    if named is None:
        return body[found.start() :]
    name = named[1].decode("ascii", "replace")
    if _is_ascii_like(name):
        return b'<?xml version="1.0" encoding="' + named[1] + b'"?>' + rest
    table = _table(name)
    return b'<?xml version="1.0"?>' + (rest.decode("latin-1").translate(table).encode() if table else rest)


def _narrow(body: bytes) -> bytes:
    """UTF-16 and UTF-32 as UTF-8, whatever their declaration says: by their mark, or by the zeros around the first bracket."""
    for start, name in _WIDE.items():
        if body.startswith(start):
            text = body.decode(name, "replace")
            text = _XML_DECLARATION.sub("", text.lstrip("\ufeff"), count=1)
            return b'<?xml version="1.0" encoding="utf-8"?>' + text.encode("utf-8", "replace")
    return body


def _without_warnings(junk: bytes) -> bytes:
    return re.sub(rb"</?(?:b|br|p)\b[^<>]*>", b"", junk, flags=re.IGNORECASE)


@lru_cache(maxsize=256)
def _is_ascii_like(name: str) -> bool:
    try:
        return _PROBE.encode("ascii").decode(name) == _PROBE
    except (LookupError, ValueError):  # unknown, no encoding of texts, or one that cannot read this
        return False


def _is_wide(name: str) -> bool:
    try:
        return codecs.lookup(name).name.startswith(("utf-16", "utf-32"))
    except LookupError:
        return False


@lru_cache(maxsize=64)
def _table(name: str) -> dict[int, str] | None:
    """The upper half of an encoding of single bytes, as libxml2 knows it."""
    try:
        codecs.lookup(name)
        return None  # Python knows it, and it is not to be believed
    except LookupError:
        pass
    table = {}
    for byte in range(0x80, 0x100):
        document = b'<?xml version="1.0" encoding="%s"?><a>A~%c</a>' % (name.encode(), byte)
        try:
            text = etree.fromstring(document).text or ""
        except etree.XMLSyntaxError:  # no such encoding, or no such character in it
            continue
        if len(text) != 3 or not text.startswith("A~"):
            return None
        table[byte] = text[2]
    return table or None
