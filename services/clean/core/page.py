"""What a page says about itself, read once: meta elements, links, JSON-LD, headings and times."""

import re
from dataclasses import dataclass, field

from lxml import etree

from services.clean.core import jsonld
from services.clean.core.tree import text_content

MAX_META = 2_000
_HEADINGS = ("h1", "h2")
_DATED = etree.XPath(
    "//body//*[contains(@class,'date') or contains(@class,'Date') or contains(@class,'time') or contains(@class,'publi') or "
    "contains(@class,'datum') or contains(@class,'fecha') or contains(@id,'date') or @itemprop='datePublished']"
)


@dataclass
class Page:
    """One parsed page and its statements. `meta` maps a lower-case name, property or itemprop to its contents in their order."""

    root: etree._Element
    url: str | None = None
    meta: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)  # rel -> href, the first
    title_tag: str | None = None
    lang: str | None = None
    nodes: list[jsonld.Node] = field(default_factory=list)
    article: jsonld.Node = field(default_factory=dict)
    headings: list[tuple[etree._Element, str]] = field(default_factory=list)  # h1 and h2 with their texts

    def first(self, *names: str) -> str | None:
        """The first content that one of the names has, the names in order of preference."""
        for name in names:
            for value in self.meta.get(name, ()):
                if value:
                    return value
        return None

    def dated(self) -> list[etree._Element]:
        """Elements whose class or id speaks of a date, in their order."""
        return list(_DATED(self.root))


def read(root: etree._Element, url: str | None = None) -> Page:
    """Collect the statements of a tree. The tree is not changed."""
    page = Page(root=root, url=url, lang=root.get("lang") or root.get("xml:lang"))
    for count, element in enumerate(root.iter("meta", "link", "title")):
        if count >= MAX_META:
            break
        _statement(page, element)
    page.nodes = jsonld.nodes(root)
    page.article = jsonld.article_node(page.nodes) or {}
    for element in root.iter(*_HEADINGS):
        if len(page.headings) >= 60:
            break
        text = text_content(element)
        if text:
            page.headings.append((element, text))
    return page


def _statement(page: Page, element: etree._Element) -> None:
    tag = element.tag
    if tag == "meta":
        value = element.get("content")
        if value is None:
            if element.get("charset") is None:
                value = element.get("value")
            if value is None:
                return
        value = re.sub(r"\s+", " ", value[:20_000]).strip()
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = element.get(attribute)
            if name:
                page.meta.setdefault(name.strip().lower(), []).append(value)
    elif tag == "link":
        href = element.get("href")
        if href:
            for rel in (element.get("rel") or element.get("itemprop") or "").lower().split():
                page.links.setdefault(rel, href.strip())
    elif page.title_tag is None:
        parent = element.getparent()
        if parent is None or parent.tag != "svg":
            page.title_tag = text_content(element) or None
