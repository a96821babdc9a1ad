"""Lines on pages to paragraphs and a headline, by what is seen: gaps, indents, sizes.

What stands at the edge of several pages (running heads and feet) and page numbers are no part of the story.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.clean.core.textparts import ends_a_sentence, glue

MAX_TITLE = 300  # characters
_EDGE = 0.12  # of a page's height
_REPEATED = 0.3  # of the pages
_GAP = 1.35  # of the usual distance between lines: a paragraph ends there
_LARGER = 1.15  # of a size: another kind of text
_TITLE = 1.25  # of the text's size
_INDENT = 0.7  # of a line's height
_SHORT = 0.85  # of the column: a line that a paragraph's end left short
_COLUMN = 24.0  # points: lines that begin this near to each other stand in one column
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|seite|página|pagina|sida|side|стр)\.?\s*)?\d{1,4}(?:\s*(?:/|of|von|de|di|av|из)\s*\d{1,4})?\W*", re.I
)
_FIGURES = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its text, where it begins and ends in points from the page's lower left corner, and the height of its letters.

    `foot` is its end's distance from below: less than `bottom` where a word that was cut has made one line of two.
    """

    text: str
    left: float
    right: float
    bottom: float
    foot: float
    size: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page's lines in reading order, and its height in points."""

    height: float
    lines: tuple[Line, ...]


def story(pages: Sequence[Page]) -> tuple[list[str], list[str]]:
    """The paragraphs of all pages in their order, and what can be the headline: lines in large letters on the first page, largest first."""
    usual = _usual_size(pages)
    running = _running(pages, usual)
    bare = [[line for line in page.lines if not _is_running(page, line, running, usual)] for page in pages]
    titles = _titles(bare[0], usual) if bare else []
    paragraphs: list[str] = []
    last: Line | None = None
    for lines in bare:
        pitch, rights = _pitch(lines), _rights(lines)
        before, first = last, True
        for line in lines:
            if before is None or _parts(before, line, pitch, rights, turned=first):
                paragraphs.append(line.text)
            else:
                paragraphs[-1] = glue(paragraphs[-1], line.text)
            before, first = line, False
        last = before
    return paragraphs, titles


def _usual_size(pages: Iterable[Page]) -> float:
    """The height of most letters."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _running(pages: Sequence[Page], usual: float) -> set[str]:
    """What stands at the edge of several pages, figures aside."""
    seen = Counter(key for page in pages for key in {_key(line) for line in page.lines if _is_at_the_edge(page, line)})
    return {key for key, count in seen.items() if count >= 2 and count >= _REPEATED * len(pages)}


def _is_running(page: Page, line: Line, running: set[str], usual: float) -> bool:
    if not _is_at_the_edge(page, line) or line.size > _TITLE * usual:
        return False
    return _key(line) in running or _PAGE_NUMBER.fullmatch(line.text) is not None


def _is_at_the_edge(page: Page, line: Line) -> bool:
    return line.bottom < _EDGE * page.height or line.bottom + line.size > (1 - _EDGE) * page.height


def _key(line: Line) -> str:
    return _FIGURES.sub("#", line.text.casefold())


def _titles(lines: Sequence[Line], usual: float) -> list[str]:
    """Neighbouring lines in letters of one size that is larger than the text's, as one; the largest first."""
    found: list[tuple[float, str]] = []
    before: Line | None = None
    for line in lines:
        if line.size >= _TITLE * usual:
            if before is not None and abs(before.size - line.size) <= 0.05 * line.size and len(found[-1][1]) < MAX_TITLE:
                found[-1] = (line.size, glue(found[-1][1], line.text))
            else:
                found.append((line.size, line.text))
            before = line
        else:
            before = None
    found.sort(key=lambda one: -one[0])
    return [text for _, text in found if len(text) <= MAX_TITLE and re.search(r"[^\W\d_]{2}", text)]


def _pitch(lines: Sequence[Line]) -> float:
    """The usual distance between two lines of a page; 0 where there is none."""
    steps = sorted(step for above, below in pairwise(lines) if (step := above.foot - below.bottom) > 1.0)
    return steps[len(steps) // 4] if steps else 0.0  # many may be those between paragraphs


def _rights(lines: Iterable[Line]) -> dict[int, float]:
    """Where each column of a page ends, by where it begins."""
    ends: dict[int, float] = {}
    for line in lines:
        for place in (int(line.left // _COLUMN), int(line.left // _COLUMN) - 1):
            ends[place] = max(ends.get(place, 0.0), line.right)
    return ends


def _parts(before: Line, line: Line, pitch: float, rights: dict[int, float], *, turned: bool) -> bool:
    """Whether a paragraph ends between two lines. `turned`: a page does."""
    if max(before.size, line.size) > _LARGER * min(before.size, line.size):
        return True
    step = before.foot - line.bottom
    if turned or step < 0.5 * line.size:  # the next page, or the next column
        return ends_a_sentence(before.text)
    if step > _GAP * max(pitch, line.size) or line.left > before.left + _INDENT * line.size:
        return True
    end = rights.get(int(before.left // _COLUMN), before.right)
    return ends_a_sentence(before.text) and before.right - before.left < _SHORT * (end - before.left)
