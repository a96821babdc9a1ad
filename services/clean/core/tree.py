"""One bounded parse of a page, shared by body and metadata."""

import re

from lxml import etree

from shared.stage import Reject

MAX_BYTES = 10_000_000  # of a document, decoded; an article is far below
MAX_TAGS = 400_000  # opening and closing, counted before anything is built
MAX_ATTRIBUTES = 10_000  # of one element; libxml2 compares each with every other

_WINDOW = 1 << 15
_ENDLESS = 2 * _WINDOW
_TAG = re.compile(rb"<[a-zA-Z][\w:-]{0,99}(?=\s)")


def parse(page: str | bytes) -> etree._Element:
    """The page, as text or in UTF-8, as a tree without comments.

    Raises Reject `parse_limit` for what is too large, too deep or too many, `empty_document`.
    libxml2 itself bounds the depth (2,048 elements) and says so; a page beyond is refused whole, for what it cut off is unknown.
    """
    raw = page.encode("utf-8", "ignore") if isinstance(page, str) else page
    if len(raw) > MAX_BYTES or (len(raw) > 3 * MAX_TAGS and raw.count(b"<") > MAX_TAGS):
        raise Reject("parse_limit", "the page is too large")
    raw = _without_endless_tags(raw)
    if b"\x00" in raw:
        raw = raw.replace(b"\x00", b"")
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, recover=True, huge_tree=True, collect_ids=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise Reject("empty_document", "the page holds no elements") from error
    if root is None:
        raise Reject("empty_document", "the page holds no elements")
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise Reject("parse_limit", "the page is nested too deeply")
    return root


def _without_endless_tags(page: bytes) -> bytes:
    """A page whose tags have no more attributes than are anyone's; a picture in a `data:` address is one attribute.

    Such a tag goes on over a whole window: only a few places of a page are looked at, since a look at all of it costs as much as its parse.
    """
    parts: list[bytes] = []
    at = done = 0
    while at < len(page) - _WINDOW:
        if page.find(b"<", at, at + _WINDOW) >= 0:
            at += _WINDOW
            continue
        opened = page.rfind(b"<", done, at)
        after = page.find(b"<", at)
        closed = page.find(b">", max(opened, 0), after if after >= 0 else len(page))
        name = _TAG.match(page, opened) if opened >= 0 else None
        if name and closed - opened > _ENDLESS and len(page[name.end() : closed].split(None, MAX_ATTRIBUTES)) > MAX_ATTRIBUTES:
            parts.append(page[done : name.end()])
            done = closed
        if after < 0:
            break
        at = after
    return b"".join((*parts, page[done:])) if parts else page


def collapsed(text: str) -> str:
    """A text with white space made one blank and none at its ends; most of a page's runs of text are written so already."""
    return text.strip(" ") if text.isprintable() and "  " not in text else " ".join(text.split())


def text_content(element: etree._Element, most: int | None = None) -> str:
    """All text within an element, white space collapsed; with `most`, nothing where it has far more characters than that."""
    if most is None:
        return collapsed("".join(element.itertext()))
    parts, room = [], 4 * most + 1_000  # half of a page's characters are white space
    for text in element.itertext():
        room -= len(text)
        if room < 0:
            return ""
        parts.append(text)
    return collapsed("".join(parts))
