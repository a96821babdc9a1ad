"""One bounded parse of a page, shared by body and metadata."""

import re

from lxml import etree

from shared.stage import Reject

MAX_BYTES = 10_000_000  # of a document, decoded; an article is far below
MAX_TAGS = 400_000  # opening and closing, counted before anything is built
MAX_ATTRIBUTES = 10_000  # of one element; libxml2 compares each with every other

_WINDOW = 1 << 15
_ENDLESS = 2 * _WINDOW
_TAG = re.compile(r"<[a-zA-Z][\w:-]{0,99}(?=\s)")


def parse(text: str) -> etree._Element:
    """The page as a tree without comments. Raises Reject `parse_limit` for what is too large, too deep or too many, `empty_document`.

    libxml2 itself bounds the depth (2,048 elements) and says so; a page beyond is refused whole, for what it cut off is unknown.
    """
    if len(text) > MAX_BYTES or (len(text) > 3 * MAX_TAGS and text.count("<") > MAX_TAGS):
        raise Reject("parse_limit", "the page is too large")
    text = _without_endless_tags(text)
    raw = text.encode("utf-8", "ignore")  # without lone surrogates
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


def _without_endless_tags(text: str) -> str:
    """A page whose tags have no more attributes than are anyone's; a picture in a `data:` address is one attribute.

    Such a tag goes on over a whole window: only a few places of a page are looked at, since a look at all of it costs as much as its parse.
    """
    parts: list[str] = []
    at = done = 0
    while at < len(text) - _WINDOW:
        if text.find("<", at, at + _WINDOW) >= 0:
            at += _WINDOW
            continue
        opened = text.rfind("<", done, at)
        after = text.find("<", at)
        closed = text.find(">", max(opened, 0), after if after >= 0 else len(text))
        name = _TAG.match(text, opened) if opened >= 0 else None
        if name and closed - opened > _ENDLESS and len(text[name.end() : closed].split(None, MAX_ATTRIBUTES)) > MAX_ATTRIBUTES:
            parts.append(text[done : name.end()])
            done = closed
        if after < 0:
            break
        at = after
    return "".join((*parts, text[done:])) if parts else text


def text_content(element: etree._Element, most: int | None = None) -> str:
    """All text within an element, white space collapsed; with `most`, nothing where it has far more characters than that."""
    if most is None:
        return " ".join("".join(element.itertext()).split())
    parts, room = [], 4 * most + 1_000  # half of a page's characters are white space
    for text in element.itertext():
        room -= len(text)
        if room < 0:
            return ""
        parts.append(text)
    return " ".join("".join(parts).split())
