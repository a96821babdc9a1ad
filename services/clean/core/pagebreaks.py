"""Text saved from PDF files: running heads and feet, page numbers, and paragraphs that go on over a page."""

import re
from collections import Counter

from services.clean.core.textparts import WRAP, ends_a_sentence

EDGE = 3  # lines at a page's top and bottom where heads and feet stand
LONGEST = 120  # characters of one
OFTEN = 0.5  # of the pages
_NUMBER = re.compile(
    r"\W*(?:page|seite|página|pagina|sida|side|strona|strana|oldal|sayfa|halaman|стр(?:аница|\.)?|σελ(?:ίδα|\.)?|صفحة|עמוד|第|p\.)?\s*"
    r"\d{1,4}(?:\s*(?:/|of|von|sur|de|di|av|af|z|из|από|من|מתוך|ページ|页|頁|쪽)\s*\d{0,4})?\W*",
    re.I,
)
_NAMED_NUMBER = re.compile(
    r"\s*(?:[-–—]\s*\d{1,4}\s*[-–—]|\(?(?:page|seite|página|pagina|sida|side|стр\.?|страница|σελίδα)\s+\d{1,4}\b.{0,12})\s*", re.I
)
_DIGITS = re.compile(r"\d+")


def without(text: str) -> tuple[str, list[str]]:
    """The text without what stands at the edges of its pages, and these lines, each once.

    Pages end at form feeds; where there are none, at lines that are nothing but a page's number, said to be one, twice at least.
    """
    if "\x0c" not in text:
        text = _marked(text)
    pages = [page.split("\n") for page in text.split("\x0c")]
    if len(pages) < 2:
        return text, []
    pages = [page for page in map(_bare, pages) if page]
    counts = Counter(key for page in pages for key in {_key(line) for line in _edges(page)})
    running = {key for key, count in counts.items() if key and count >= max(2, OFTEN * len(pages))}
    gone: dict[str, None] = {}
    out: list[str] = []
    for page in pages:
        kept = _trimmed(page, running, gone)
        if not kept:
            continue
        # A sentence that the page's end cuts goes on; anything else ends there.
        if out and (ends_a_sentence(out[-1]) or len(out[-1].rstrip()) < WRAP):
            out.append("")
        out.extend(kept)
    return "\n".join(out), list(gone)


def _marked(text: str) -> str:
    """The text with a form feed after each line that is a page's number."""
    lines = text.split("\n")
    numbers = [place for place, line in enumerate(lines) if len(line) < 60 and _NAMED_NUMBER.fullmatch(line)]
    if len({lines[place].strip() for place in numbers}) < 2:
        return text
    for place in numbers:
        lines[place] += "\x0c"
    return "\n".join(lines).replace("\x0c\n", "\x0c")


def _bare(page: list[str]) -> list[str]:
    """A page without blank lines at its ends."""
    start, end = 0, len(page)
    while start < end and not page[start].strip():
        start += 1
    while end > start and not page[end - 1].strip():
        end -= 1
    return page[start:end]


def _edges(page: list[str]) -> list[str]:
    filled = [line for line in page if line.strip()]
    return [line for line in (*filled[:EDGE], *filled[-EDGE:]) if len(line.strip()) < LONGEST]


def _key(line: str) -> str:
    return _DIGITS.sub("#", " ".join(line.split()).casefold())


def _trimmed(page: list[str], running: set[str], gone: dict[str, None]) -> list[str]:
    """A page's lines without those at its edges that run through the pages; they go to `gone`."""

    def is_running(line: str) -> bool:
        bare = line.strip()
        return len(bare) < LONGEST and (_key(line) in running or _NUMBER.fullmatch(bare) is not None)

    for end in (0, -1):
        for _ in range(EDGE):
            page = _bare(page)
            if not page or not is_running(page[end]):
                break
            gone.setdefault(" ".join(page[end].split()))
            page = page[1:] if end == 0 else page[:-1]
    return _bare(page)
