"""One bounded parse of a page, shared by body and metadata."""

import re

from lxml import etree

from shared.stage import Reject

MAX_BYTES = 10_000_000  # of a document, decoded; an article is far below
MAX_TAGS = 400_000  # opening and closing, counted before anything is built
MAX_ATTRIBUTES = 10_000  # of one element; libxml2 compares each with every other

_WINDOW = 1 << 15
_ENDLESS_TAG = re.compile(r"<([a-zA-Z][\w:-]{0,99})\s([^<>]{65536,}?)>")


def parse(text: str) -> etree._Element:
    """The page as a tree without comments. Raises Reject `parse_limit` for what is too large, too deep or too many, `empty_document`.

    libxml2 itself bounds the depth (2,048 elements) and says so; a page beyond is refused whole, for what it cut off is unknown.
    """
    if len(text) > MAX_BYTES or (len(text) > 3 * MAX_TAGS and text.count("<") > MAX_TAGS):
        raise Reject("parse_limit", "the page is too large")
    if "\x00" in text:
        text = text.replace("\x00", "")
    if _has_endless_tag(text):
        text = _ENDLESS_TAG.sub(_bare, text)
    raw = text.encode("utf-8", "replace")
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


def _has_endless_tag(text: str) -> bool:
    """Whether a tag goes on over a whole window: a look at a few places of a page, since a look at all of it costs as much as its parse."""
    at = 0
    while at < len(text) - _WINDOW:
        if text.find("<", at, at + _WINDOW) >= 0:
            at += _WINDOW
            continue
        opened = text.rfind("<", 0, at)
        if opened >= 0 and text.find(">", opened, at) < 0:
            return True
        at = text.find("<", at)
        if at < 0:
            break
    return False


def _bare(tag: re.Match[str]) -> str:
    """The tag without its attributes where they are too many to be anyone's; a picture in a `data:` address is one attribute."""
    return f"<{tag[1]}>" if len(tag[2].split(None, MAX_ATTRIBUTES)) > MAX_ATTRIBUTES else tag[0]


def text_content(element: etree._Element) -> str:
    """All text within an element, white space collapsed."""
    return " ".join("".join(element.itertext()).split())
