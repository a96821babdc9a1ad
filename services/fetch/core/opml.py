"""Lists of subscriptions as OPML 2.0 (opml.org/spec2.opml), in and out.

Read as readers' programs write it: outlines in folders, an address in `xmlUrl`, a name in `title` or `text`. `category` holds our kind of
source; other readers take it for a category and see an outline of type `rss`, or of a type that they do not know and leave alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lxml import etree

from services.fetch.core.entries import plain
from shared import urls
from shared.stage import Reject

MAX_BYTES = 50_000_000
MAX_OUTLINES = 100_000
MAX_OUTLET = 200
MAX_DEPTH = 20  # folders within one another that are remembered
KINDS = ("feed", "sitemap", "list", "portal")
_NO_TEXT = str.maketrans(dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)))


class Subscription(NamedTuple):
    """A source as a list of subscriptions names it. `folder` are the outlines around it, from the outermost."""

    kind: str
    url: str
    outlet: str
    language: str | None
    folder: tuple[str, ...] = ()


class Unread(NamedTuple):
    """An outline that is no source, or a fault of the document: an error class, and what is wrong."""

    reason: str
    detail: str


class Opml(NamedTuple):
    """What a document holds, each address once."""

    subscriptions: list[Subscription]
    unread: list[Unread]


def read_opml(body: bytes) -> Opml:
    """The sources of a document, in its order, and what of it is of no use. A broken document gives what can be read of it.

    Raises `Reject`: too_large, and opml_malformed for what is no OPML.
    """
    if len(body) > MAX_BYTES:
        raise Reject("too_large", f"{len(body)} bytes")
    # No entities, no DTD, no network; the parser's own limits of depth and size stay on.
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=True, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise Reject("opml_malformed", f"XML: {problem}") from problem
    if root is None or _name(root) != "opml":
        raise Reject("opml_malformed", "no XML" if root is None else f"a document of <{_name(root)[:40]}>")
    faults = [one for one in parser.error_log if one.level >= etree.ErrorLevels.ERROR]
    unread = [Unread("opml_malformed", f"line {faults[0].line}: {faults[0].message}")] if faults else []
    found: dict[str, Subscription] = {}
    for number, (outline, folder) in enumerate(_outlines(root)):
        if number >= MAX_OUTLINES:
            unread.append(Unread("too_large", f"more than {MAX_OUTLINES} outlines: the rest was not read"))
            break
        read = _read(outline, folder)
        if isinstance(read, Unread):
            unread.append(read)
        elif read is not None:
            found.setdefault(urls.sendable(read.url), read)
    return Opml(list(found.values()), unread)


def write_opml(sources: Iterable[Subscription], *, title: str, at: datetime) -> bytes:
    """A document that `read_opml` reads back as the same kinds, addresses, outlets, languages and folders."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title.translate(_NO_TEXT)
    etree.SubElement(head, "dateCreated").text = format_datetime(at)
    folders: dict[tuple[str, ...], etree._Element] = {(): etree.SubElement(root, "body")}
    for one in sources:
        name = one.outlet.translate(_NO_TEXT)
        kind = "rss" if one.kind == "feed" else one.kind
        facts = {"type": kind, "text": name, "title": name, "xmlUrl": one.url, "category": one.kind}
        outline = etree.SubElement(_within(folders, one.folder), "outline", facts)
        if one.language:
            outline.set("language", one.language)
    whole: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return whole


def _within(folders: dict[tuple[str, ...], etree._Element], path: tuple[str, ...]) -> etree._Element:
    """The outline of a folder, made at its first source."""
    for depth in range(1, len(path) + 1):
        if path[:depth] not in folders:
            name = path[depth - 1].translate(_NO_TEXT)
            folders[path[:depth]] = etree.SubElement(folders[path[: depth - 1]], "outline", text=name, title=name)
    return folders[path]


def _outlines(root: Any) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Every outline with the names of those around it, in the document's order. Not by recursion: a document may be deep."""
    around: Sequence[tuple[Any, tuple[str, ...]]] = [(one, ()) for one in root if _name(one) in ("body", "outline")]
    waiting = list(reversed(around))
    while waiting:
        one, folder = waiting.pop()
        inside = folder
        if _name(one) == "outline":
            yield one, folder
            inside = (*folder, _label(one) or "")[:MAX_DEPTH]
        waiting += [(child, inside) for child in reversed(one) if _name(child) == "outline"]


def _read(outline: Any, folder: tuple[str, ...]) -> Subscription | Unread | None:
    """What an outline says; None where it is a folder or a note."""
    fields = {name.lower(): value.strip() for name, value in outline.attrib.items()}
    label, kind = _label(outline), fields.get("type", "").lower()
    url = fields.get("xmlurl") or (fields.get("url", "") if fields.get("category") in KINDS else "")
    if not url:
        if kind in ("rss", "atom") or ("htmlurl" in fields and not len(outline)):
            return Unread("opml_malformed", f"{label or 'an outline'}: no xmlUrl")
        return None
    try:
        urls.sendable(url)
    except Reject as problem:
        return Unread(problem.error_class, f"{label or 'an outline'}: {plain(url, 200)}")
    language = fields.get("language", "").lower()
    said = fields.get("category", "").strip("/").lower()
    return Subscription(
        kind=said if said in KINDS else kind if kind in KINDS else "feed",
        url=url,
        outlet=label or urlsplit(url).hostname or url,
        language=language if language and language.replace("-", "").isalnum() and len(language) <= 20 else None,
        folder=folder,
    )


def _label(outline: Any) -> str | None:
    """Its name. Other readers write the address in its place where they know none."""
    ours = outline.get("category") in KINDS
    names = (plain(outline.get(name), MAX_OUTLET) for name in ("title", "text"))
    return next((name for name in names if name and (ours or not name.lower().startswith(("http://", "https://")))), None)


def _name(element: Any) -> str:
    tag = getattr(element, "tag", None)
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
