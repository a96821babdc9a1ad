"""The lines between the headline and the story: where pages that tell machines nothing put their date and their byline."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from services.clean.core.trim import words_of

MAX_ELEMENTS = 400
MAX_LINES = 60
MAX_LINE = 200
MAX_TEXTS = 20_000
_TEXTS = etree.XPath("/html/body/descendant::text()", smart_strings=False)
_SIDES = frozenset(("aside", "nav", "footer", "blockquote"))  # in an article's head, they may hold its byline
_ELSEWHERE = re.compile(
    r"related|recommend|teaser|promo|popular|trending|most[-_ ]?(?:read|viewed|recent)|sidebar|comment|recirc|carousel|swiper|latest|quote"
)


@dataclass(slots=True)
class Line:
    """One run of text, the address that it links to, and the tag and class of the element that it opens."""

    text: str
    href: str | None = None
    kind: tuple[str, str | None] | None = None


def lines(heading: etree._Element | None, first: list[etree._Element]) -> list[Line]:
    """Short runs of text from the headline on to the last of the story's `first` blocks, in their order.

    The first block may be a standfirst that nothing marks as one: bylines stand behind it as often as before it.
    """
    if heading is None:
        return []
    found: list[Line] = []
    above, elsewhere = set(heading.iterancestors()), set()
    for seen, element in enumerate(_following(heading)):
        parent = element.getparent()
        if parent in elsewhere or (element.tag not in _SIDES and _is_named_elsewhere(element) and element not in above):
            elsewhere.add(element)
            continue
        if (first and element is first[-1]) or seen > MAX_ELEMENTS or len(found) >= MAX_LINES:
            break
        _collect(element, found, tail=True)
    return found


def _following(element: etree._Element) -> Iterator[etree._Element]:
    """What an element holds, then all that follows it, in the order of the document."""
    yield from element.iterdescendants()
    here: etree._Element | None = element
    while here is not None:
        for sibling in here.itersiblings():
            yield from sibling.iter()
        here = here.getparent()


def heading(headings: list[tuple[etree._Element, str]], title: str | None) -> etree._Element | None:
    """The heading that says most of what the title says; where none says half of it, the only h1."""
    wanted = set(words_of(title))
    best, best_share = None, 0.5
    for element, text in headings:
        said = set(words_of(text))
        share = 2 * len(wanted & said) / (len(wanted) + len(said)) if said else 0.0
        if share > best_share:
            best, best_share = element, share
    firsts = [element for element, _ in headings if element.tag == "h1"]
    return firsts[0] if best is None and len(firsts) == 1 else best


def runs(element: etree._Element) -> list[Line]:
    """The short runs of text within one element, in their order."""
    found: list[Line] = []
    for seen, part in enumerate(element.iter()):
        if seen >= MAX_ELEMENTS:
            break
        _collect(part, found, tail=part is not element)
    return found


def _collect(element: etree._Element, found: list[Line], *, tail: bool) -> None:
    href = element.get("href") if element.tag == "a" else None
    text = element.text
    if text and len(text) < 2_000 and (line := " ".join(text.split())) and len(line) < MAX_LINE:
        found.append(Line(line, href, (element.tag, element.get("class"))))
    text = element.tail if tail else None
    if text and len(text) < 2_000 and (line := " ".join(text.split())) and len(line) < MAX_LINE:
        found.append(Line(line))


def texts(root: etree._Element) -> list[str]:
    """Every short run of text of the page, for labels that stand anywhere ("Author: Ann Archer"); bounded."""
    found: list[str] = []
    for text in _TEXTS(root)[:MAX_TEXTS]:
        if 1 < len(text) < 400 and not text.isspace() and len(text := " ".join(text.split())) <= MAX_LINE:
            found.append(text)
    return found


def is_elsewhere(element: etree._Element | None, above: set[etree._Element]) -> bool:
    """Whether an element or one that holds it is called after other stories or comments: its date and byline are not the story's.

    `above` is what holds the headline (`holders`); its name says nothing of what else it holds.
    """
    for _ in range(6):
        if element is None or element in above or element.tag in ("body", "html"):
            return False
        if _is_named_elsewhere(element):
            return True
        element = element.getparent()
    return False


def _is_named_elsewhere(element: etree._Element) -> bool:
    name = element.get("class")
    return element.tag in _SIDES or (name is not None and _says_elsewhere(name))


@lru_cache(maxsize=4_096)
def _says_elsewhere(name: str) -> bool:
    return _ELSEWHERE.search(name.lower()) is not None


def holders(headings: list[tuple[etree._Element, str]]) -> set[etree._Element]:
    """All that holds the first h1."""
    first = next((e for e, _ in headings if e.tag == "h1"), None)
    return set() if first is None else set(first.iterancestors())


def around(headings: list[tuple[etree._Element, str]]) -> list[etree._Element]:
    """What holds the headline, four levels up, short of the whole page: what belongs to the story is mostly within."""
    element = next((e for e, _ in headings if e.tag == "h1"), None)
    found: list[etree._Element] = []
    while element is not None and len(found) < 4:
        element = element.getparent()
        if element is None or element.tag in ("body", "main", "html"):
            break
        found.append(element)
    return found


def is_within(element: etree._Element, places: list[etree._Element], levels: int = 5) -> bool:
    """Whether one of the places holds an element, at most so many levels above it."""
    for _ in range(levels):
        parent = element.getparent()
        if parent is None:
            return False
        if any(parent is item for item in places):
            return True
        element = parent
    return False
