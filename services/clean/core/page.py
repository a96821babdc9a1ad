"""What a page says about itself, read once: meta elements, links, JSON-LD, headings and times."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from lxml import etree

from services.clean.core import jsonld
from services.clean.core.furniture import NOT_TEXT
from services.clean.core.markup import Script
from services.clean.core.tree import collapsed, text_content

MANY_PARTED = 1_000  # scripts, controls and the like that stood in the tree
MAX_META = 2_000
_NAMES = frozenset(("property", "name", "itemprop", "http-equiv"))
MAX_HEADINGS = 60
_TYPED = etree.XPath("/html/body/descendant::*[@itemprop]")
_PUBLISHED = etree.XPath("/html/body/descendant::*[@itemprop='datePublished']")
_DATED = ("date", "time", "publi", "datum", "fecha")


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
    scripts: list[Script] = field(default_factory=list)  # one of them may hold the story
    headings: list[tuple[etree._Element, str]] = field(default_factory=list)  # h1 and h2 with their texts
    microdata: bool = True  # whether any element may have an `itemprop`
    site_names: frozenset[str] = frozenset()  # every way in which the site calls itself (`metadata.site_names`)

    def first(self, *names: str) -> str | None:
        """The first content that one of the names has, the names in order of preference."""
        for name in names:
            for value in self.meta.get(name, ()):
                if value:
                    return value
        return None

    def named(self, words: tuple[str, ...]) -> list[etree._Element]:
        """Elements of the body whose class (or id, where they have none) holds one of the words, in any case, in their order."""
        names = self.names
        # One search through all names at once: most of a page's hundreds of names match nothing.
        distinct = list(dict.fromkeys(name for name in names if name))
        joined = "\0".join(distinct).lower()
        matched = set()
        for word in words:
            place = joined.find(word)
            while place >= 0:
                matched.add(distinct[joined.count("\0", 0, place)])
                place = joined.find(word, (joined.find("\0", place) + 1) or len(joined))
        return [element for element, name in zip(self.elements, names, strict=True) if name in matched] if matched else []

    @cached_property
    def elements(self) -> list[etree._Element]:
        """The body's elements in their order: kept, they are not made anew by each of the looks at the tree."""
        body = self.root.find("body")
        return [] if body is None else list(body.iter())

    @cached_property
    def names(self) -> list[str | None]:
        """What each of the elements is called, read at the first question: half of the pages are never asked."""
        return [element.get("class") or element.get("id") for element in self.elements]

    @cached_property
    def author_marks(self) -> list[etree._Element]:
        """Elements that say that they are an author (rel, itemprop), in their order within each of the two ways."""
        linked = [e for e in self.root.iter("a") if e.get("rel") == "author"]
        if not self.microdata:
            return linked
        return [*linked, *(e for e in _TYPED(self.root) if e.get("itemprop") == "author" and e.get("rel") != "author")]

    @cached_property
    def published_marks(self) -> list[etree._Element]:
        """Elements that say by microdata when the page was published."""
        return list(_PUBLISHED(self.root))

    def dated(self) -> list[etree._Element]:
        """Elements whose class or id speaks of a date, in their order."""
        return self.named(_DATED)


def read(root: etree._Element, url: str | None = None, cut: Iterable[Script] = ()) -> Page:
    """Collect the statements of a tree and of the scripts that were `cut` out before it was built.

    What is never text is taken out of the tree: scripts, styles, forms' controls, drawings.
    """
    page = Page(root=root, url=url, lang=root.get("lang") or root.get("xml:lang"))
    scripts: list[etree._Element] = []
    metas: list[etree._Element] = []
    links: list[etree._Element] = []
    headings: list[etree._Element] = []
    unread: list[etree._Element] = []
    kinds = dict.fromkeys(NOT_TEXT, unread) | {"script": scripts, "meta": metas, "link": links, "h1": headings, "h2": headings}
    for element in root.iter(*kinds):  # one walk for all: each costs as much as the next
        kinds[element.tag].append(element)
    page.scripts = [*cut, *(Script(e.get("type") or "", text, 0, len(text)) for e in scripts if (text := e.text))]
    page.nodes = jsonld.nodes(page.scripts)
    etree.strip_elements(root, *NOT_TEXT, with_tail=False)
    if len(unread) + len(scripts) > MANY_PARTED:
        _join_texts(root)
    for element in metas[:MAX_META]:
        _meta(page, element)
    for element in links[:MAX_META]:
        href = element.get("href")
        if href:
            for rel in (element.get("rel") or element.get("itemprop") or "").lower().split():
                page.links.setdefault(rel, href.strip())
    page.title_tag = next((text for element in islice(root.iter("title"), 20) if (text := text_content(element))), None)
    for element in headings:
        if len(page.headings) >= MAX_HEADINGS:
            break
        text = text_content(element)
        if text and _is_below(root, element):
            page.headings.append((element, text))
    addresses = (url, page.links.get("canonical"), page.first("og:url"))
    page.article = jsonld.article_node(page.nodes, frozenset(one for one in addresses if one)) or {}
    return page


def _join_texts(root: etree._Element) -> None:
    """Make one text of each run that parts which are gone have cut: lxml walks back over all texts beside one to find whose it is."""
    for element in root.iter():
        if element.text is not None:
            element.text = element.text
        if element.tail is not None:
            element.tail = element.tail


def _meta(page: Page, element: etree._Element) -> None:
    content, names = None, []
    for attribute, value in element.items():
        if attribute == "content":
            content = collapsed(value[:20_000])
        elif attribute in _NAMES and value:
            names.append(value.strip().lower())
    if content is not None:
        for name in names:
            page.meta.setdefault(name, []).append(content)


def _is_below(root: etree._Element, element: etree._Element) -> bool:
    """Whether an element is still in the tree."""
    return next(reversed(list(element.iterancestors())), None) is root
