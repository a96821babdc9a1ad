"""The lines between the headline and the story: where pages that tell machines nothing put their date and their byline."""

from dataclasses import dataclass

from lxml import etree

MAX_ELEMENTS = 400
MAX_LINES = 60
MAX_LINE = 200


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
