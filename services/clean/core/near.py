"""The lines between the headline and the story: where pages that tell machines nothing put their date and their byline."""

import re
from dataclasses import dataclass

from lxml import etree

MAX_ELEMENTS = 400
MAX_LINES = 60
MAX_LINE = 200
MAX_TEXTS = 20_000
_ELSEWHERE = re.compile(r"relat|recommend|teaser|promo|popular|trending|most|sidebar|comment|recirc|carousel|swiper|latest", re.I)


@dataclass(frozen=True, slots=True)
class Line:
    """One run of text, and the address that it links to."""

    text: str
    href: str | None = None


def lines(root: etree._Element, heading: etree._Element | None, first: etree._Element | None) -> list[Line]:
    """Short runs of text from the headline on, to the story's first block, in their order."""
    if heading is None:
        return []
    found: list[Line] = []
    inside = False
    seen = 0
    for element in root.iter():
        if element is heading:
            inside = True
            continue
        if not inside:
            continue
        seen += 1
        if element is first or seen > MAX_ELEMENTS or len(found) >= MAX_LINES:
            break
        href = element.get("href") if element.tag == "a" else None
        for text, where in ((element.text, href), (element.tail, None)):
            if text and len(text) < 2_000 and (line := " ".join(text.split())) and len(line) < MAX_LINE:
                found.append(Line(line, where))
    return found


def texts(root: etree._Element) -> list[str]:
    """Every short run of text of the page, for labels that stand anywhere ("Author: Ann Archer"); bounded."""
    body = root.find("body")
    found: list[str] = []
    for seen, text in enumerate(body.itertext() if body is not None else ()):
        if seen >= MAX_TEXTS:
            break
        if 1 < len(text) < 400 and not text.isspace() and len(text := " ".join(text.split())) <= MAX_LINE:
            found.append(text)
    return found


def is_elsewhere(element: etree._Element | None) -> bool:
    """Whether an element or one that holds it is called after other stories or comments: its date and byline are not the story's."""
    for _ in range(6):
        if element is None or element.tag in ("body", "html"):
            return False
        if element.tag in ("aside", "nav", "footer") or _ELSEWHERE.search(element.get("class") or ""):
            return True
        element = element.getparent()
    return False
