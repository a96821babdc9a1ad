"""A subtree as a list of blocks in reading order: paragraphs, headings, list items, quotes, rows of tables and captions."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree

from services.clean.core.furniture import HEADINGS, INLINE
from services.clean.core.tree import collapsed

MAX_DEPTH = 400  # below, a subtree becomes one block; Python's own stack ends near 1,000
MAX_BLOCKS = 20_000
CARD = 800  # characters of a link around blocks that is a card
CELL = 200  # characters of a cell that stands in a line with its neighbours
LINE = 60  # characters of a line of sentences that is a paragraph
FEW = 400  # elements that a card and a row of a table are built of at most

_KINDS = {"li": "item", "blockquote": "quote", "pre": "pre", "figcaption": "caption", "dt": "item", "dd": "item", "q": "quote"}
_KINDS.update(dict.fromkeys(HEADINGS, "heading"))
_WORDS = frozenset(("a", "span", "abbr", "em", "strong", "b", "i"))
_UNSEEN = re.compile(r"hidden|screen|\bsr\b|assistive|display\s*:\s*none|caption|credit|share|tooltip-?(?:text|content)", re.I)
_FULL_STOPS = frozenset(".!?…。！？”\"»")
_STOPS = frozenset(".!?…。！？|:")
_MARKS = " \t\r\n\u00a0.,;:!?)|"
_CELLS = frozenset(("td", "th"))


@dataclass(slots=True)
class Block:
    """One run of text. `links` counts its characters within links, `bold` those within strong emphasis."""

    kind: str
    text: str
    links: int
    element: etree._Element
    bold: int = 0
    reads: bool | None = None  # whether it reads like running text, once that was asked (`trim.is_sentence`)

    @property
    def density(self) -> float:
        """The share of the text that is link."""
        return self.links / len(self.text) if self.text else 0.0

    def is_set_in(self, *tags: str) -> bool:
        """Whether nearly all of the text stands in elements of the given tags."""
        return sum(len("".join(part.itertext())) for part in self.element.iter(*tags)) >= 0.8 * len(self.text)


@dataclass(slots=True)
class Walker:
    """Turns elements to blocks. `skip` is asked for each element but plain ones and says "keep", "drop" or "caption"."""

    skip: Callable[[etree._Element], str]
    blocks: list[Block] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    links: int = 0
    bold: int = 0
    linked: int = 0  # links around the blocks that are walked now: a card that is a link as a whole

    def flush(self, kind: str, element: etree._Element) -> None:
        """End the run of text collected so far."""
        if not self.parts:
            return
        text = _collapse("".join(self.parts))
        if text and len(self.blocks) < MAX_BLOCKS:
            links = len(text) if self.linked else min(self.links, len(text))
            self.blocks.append(Block(kind, text, links, element, min(self.bold, len(text))))
        self.parts.clear()
        self.links = self.bold = 0

    def walk(self, element: etree._Element, kind: str = "p", depth: int = 0) -> None:
        """Append the blocks of an element that is itself wanted."""
        kind = _KINDS.get(element.tag, kind)
        if self.parts:
            self.flush(kind, element)
        if depth > MAX_DEPTH:
            self.parts.append("".join(element.itertext()))
            self.flush(kind, element)
            return
        parts = self.parts
        if element.text:
            parts.append(element.text)
        breaks = 0
        for child in element:
            tag = child.tag
            if tag == "br":
                # Two breaks make a paragraph, one makes a line; a break with nothing but space around counts on.
                breaks += 1
                if breaks >= 2 or (kind == "p" and self._ended() and element.tag != "p"):
                    self.flush(kind, element)
                else:
                    parts.append("\n")
            elif tag in INLINE:
                if self._inline(child, kind, depth + 1):
                    breaks = 0
            else:
                breaks = 0
                verdict = self.skip(child)
                if verdict == "keep":
                    if tag == "tr":
                        self._row(child, depth + 1)
                    else:
                        self.flush(kind, element)
                        self.walk(child, kind, depth + 1)
                        self.flush(_KINDS.get(tag, kind), child)
                else:
                    self.flush(kind, element)
                    if verdict == "caption":
                        self._caption(child)
            tail = child.tail
            if tail:
                if breaks and not tail.isspace():
                    breaks = 0
                parts.append(tail)
        self.flush(kind, element)

    def _inline(self, element: etree._Element, kind: str, depth: int) -> bool:
        """Collect an inline element; a block within it ends the run. Says whether it had text."""
        said = element.keys()
        if "class" in said or "style" in said:
            verdict = self.skip(element)
            if verdict != "keep" and not self._within_sentence(element):
                if verdict == "caption":
                    self._caption(element)
                return False
        if len(element) == 0:
            text = element.text
            if not text:
                return False
            self.parts.append(text)
            self._count(element.tag, len(text))
            return True
        if depth > MAX_DEPTH:
            self.parts.append("".join(element.itertext()))
            return True
        before = len(self.parts)
        card: bool | None = None
        if element.text:
            self.parts.append(element.text)
        breaks = 0
        for child in element:
            tag = child.tag
            if tag == "br":
                breaks += 1
                if breaks == 2:
                    self._count(element.tag, sum(map(len, self.parts[before:])))
                    self.flush(kind, element)
                    before = 0
                elif breaks < 2:
                    self.parts.append("\n")
            elif tag in INLINE:
                if self._inline(child, kind, depth + 1):
                    breaks = 0
            else:
                breaks = 0
                verdict = self.skip(child)
                if verdict == "keep":
                    card = card if card is not None else element.tag == "a" and _is_card(element)
                    self.linked += card
                    if len(self.parts) > before:
                        self.flush(kind, element)
                    self.walk(child, kind, depth + 1)
                    self.linked -= card
                    before = 0
                elif verdict == "caption":
                    self._caption(child)
            tail = child.tail
            if tail:
                if breaks and not tail.isspace():
                    breaks = 0
                self.parts.append(tail)
        self._count(element.tag, sum(map(len, self.parts[before:])))
        return len(self.parts) > before

    def _ended(self) -> bool:
        """Whether the run of text is a paragraph of which a single break may be the end."""
        return self.parts[-1].rstrip()[-1:] in _FULL_STOPS and sum(map(len, self.parts)) >= LINE if self.parts else False

    def _within_sentence(self, element: etree._Element) -> bool:
        """Whether a word that is to be seen stands between those of a sentence: whatever its name says, it is one of them."""
        after = element.tail
        if element.tag not in _WORDS or not after or not after[:40].strip(_MARKS) or _UNSEEN.search(" ".join(element.values())):
            return False
        before = self.parts[-1].rstrip() if self.parts else ""
        return before != "" and before[-1] not in _STOPS

    def _count(self, tag: str, length: int) -> None:
        if tag == "a":
            self.links += length
        elif tag in ("b", "strong"):
            self.bold += length

    def _row(self, row: etree._Element, depth: int) -> None:
        """A row of a table is one block where its cells are short, else each cell is walked."""
        cells = [c for c in row if c.tag in _CELLS]
        texts = [_collapse("".join(c.itertext())) for c in cells] if len(cells) > 1 and _is_small(row) else []
        if texts and all(len(t) < CELL for t in texts):
            self.parts.append(" ".join(t for t in texts if t))
            self.links += sum(len("".join(a.itertext())) for a in row.iter("a"))
            self.flush("row", row)
            return
        for cell in row:
            if isinstance(cell.tag, str) and self.skip(cell) == "keep":
                self.walk(cell, depth=depth)

    def _caption(self, element: etree._Element) -> None:
        found = element if element.tag != "figure" else next(element.iter("figcaption"), None)
        if found is not None:
            text = " ".join("".join(found.itertext()).split())
            if text and len(text) < 2_000 and len(self.captions) < 200:
                self.captions.append(text)


def _is_card(link: etree._Element) -> bool:
    """Whether a link around blocks is a card, not one that was never closed and holds half of the page."""
    return link.get("href") is not None and _is_small(link) and sum(map(len, link.itertext())) < CARD


def _is_small(element: etree._Element) -> bool:
    """Whether an element is built of few others; nested ones are asked again and again, so no more of it is looked at."""
    return next(islice(element.iter(), FEW, None), None) is None


def _collapse(text: str) -> str:
    """White space made one blank, zero-width marks and soft hyphens dropped."""
    if not text.isascii() and ("\u00ad" in text or "\u200b" in text or "\ufeff" in text):
        text = text.replace("\u00ad", "").replace("\u200b", "").replace("\ufeff", "")
    return collapsed(text)
