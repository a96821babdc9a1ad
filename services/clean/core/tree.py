"""One bounded parse of a page, shared by body and metadata."""

from lxml import etree

from shared.stage import Reject

MAX_BYTES = 10_000_000  # of a document, decoded; an article is far below
MAX_TAGS = 400_000  # opening and closing, counted before anything is built


def parse(text: str) -> etree._Element:
    """The page as a tree without comments. Raises Reject `parse_limit` for what is too large, too deep or too many, `empty_document`.

    libxml2 itself bounds the depth (2,048 elements) and says so; a page beyond is refused whole, for what it cut off is unknown.
    """
    if len(text) > MAX_BYTES or (len(text) > 3 * MAX_TAGS and text.count("<") > MAX_TAGS):
        raise Reject("parse_limit", "the page is too large")
    if "\x00" in text:
        text = text.replace("\x00", "")
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


def text_content(element: etree._Element) -> str:
    """All text within an element, white space collapsed."""
    return " ".join("".join(element.itertext()).split())
