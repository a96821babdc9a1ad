"""What is cut out of a page's text before it is parsed: what is never a story's text, and two thirds of the characters of a page of today.

Scripts, styles, drawings, comments, and lists of links: a long `nav`, `footer`, `aside` or site's `header`, and `ul` without a word
beside its links. Parsing costs more than all that follows, so that what nobody will read is not parsed. Only what is certain is cut:
elements that are closed, written in small letters, and read as browsers read them (https://html.spec.whatwg.org/#script-data-state).
From the first doubt on the page is left to the parser, so that a broken script swallows no more here than it does there.
"""

import re
from typing import NamedTuple

MAX_CUTS = 5_000  # a page of today has a hundred
MAX_PIECE = 100_000  # characters of one drawing or list
SHORT = 1_500  # characters of a footer that may be an article's own: its date, its author, its licence
FEW = 3  # paragraphs that a list of links may hold
FEWEST = 5  # links of a list that is cut

# The first letter is looked at alone: most tags of a page are told apart by it, in half of the time.
_OPENING = re.compile(r"<(?=[asnfhu!])(?:(?:script|style|svg|nav|footer|aside|header|ul)(?=[\s>])|!--)")
_ENDS = {
    "<script": "</script>", "<style": "</style>", "<svg": "</svg>", "<nav": "</nav>", "<footer": "</footer>", "<aside": "</aside>",
    "<header": "</header>", "<!--": "-->",
}  # fmt: skip
_RAW = frozenset(("<script", "<style"))
_RAW_END = re.compile(r"</(?:script|style)[\s/]*+>", re.I)
# Outside of its links, nothing but the boxes of its items.
_LINKS = re.compile(
    r"<ul\b[^>]*+>(?:\s*+<(?:/?(?:li|div|span|i|b)\b[^>]*+>"
    r"|a\b[^>]*+>[^<]*+(?:</?(?:div|span|i|b|em|strong|small|img)\b[^>]*+>[^<]*+){0,50}</a>)){0,2000}\s*+</ul>"
)
_TOLD = re.compile(r"<(?:h1|article|main|time|meta|address|figcaption)\b")  # what no list of links has


class Script(NamedTuple):
    """A script: what its opening tag says, and where in the page its text stands; most are never looked at again."""

    opening: str
    page: str
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.page[self.start : self.end]


def cut(page: str) -> tuple[bytes, list[Script]]:
    """What remains of a page for the parser, in UTF-8, and its scripts in their order.

    It is encoded piece by piece, without lone surrogates: most pieces of a page are ASCII, which is a mere copy, where the whole is not.
    """
    parts: list[bytes] = []
    scripts: list[Script] = []
    copied = at = 0
    for _ in range(MAX_CUTS):
        opening = _OPENING.search(page, at)
        if opening is None:
            break
        start, at = opening.span()
        name = opening[0]
        if name in _RAW:
            inner = page.find(">", at) + 1
            end = _raw_end(page, name, inner) if inner else -1
            if end >= 0 and name == "<script":
                scripts.append(Script(page[at:inner], page, inner, end))
        elif name == "<!--":
            end = page.find("-->", start + 2)
        else:
            end = _links_end(page, start) if name == "<ul" else _piece_end(page, name, at)
            if end < 0:
                continue
        if end < 0:
            break
        if start > copied:
            parts.append(page[copied:start].encode("utf-8", "ignore"))
        copied = at = page.find(">", end) + 1
    parts.append(page[copied:].encode("utf-8", "ignore"))
    return b"".join(parts), scripts


def _raw_end(page: str, name: str, start: int) -> int:
    """Where the text of a script or style ends; -1 where there is a doubt."""
    end = page.find(_ENDS[name], start)
    if end < 0 or page.find(name, start, end) < 0:
        return end
    # It speaks of another of its kind: in a string, in a comment, or since its own end is written otherwise.
    other = _RAW_END.search(page, start, end)
    if other is not None:
        end = other.start()
    return -1 if page.find("<!--", start, end) >= 0 else end


def _links_end(page: str, start: int) -> int:
    """Where the end tag of a `ul` of mere links stands; -1 for another, and for a few links, which may be an article's authors."""
    links = _LINKS.match(page, start)
    if links is None or page.count("</a>", start, links.end()) < FEWEST or page.find("author", start, links.end()) >= 0:
        return -1
    return links.end() - 1


def _piece_end(page: str, name: str, start: int) -> int:
    """Where the end tag of a drawing or a list stands; -1 where it is missing or far away, and for one that may tell of the article."""
    end = page.find(_ENDS[name], start, start + MAX_PIECE)
    if end < 0 or page.find(name, start, end) >= 0:
        return -1
    # An article has a header of its own; a site's has a menu.
    told = name != "<svg" and not (_is_list(page, start, end) and (name != "<header" or page.find("<nav", start, end) >= 0))
    return -1 if told else end


def _is_list(page: str, start: int, end: int) -> bool:
    """Whether a `nav`, `footer`, `aside` or `header` is a site's list of links: long, and without anything that tells of an article."""
    return (
        end - start > SHORT
        and _TOLD.search(page, start, end) is None
        and page.find("author", start, end) < 0
        and page.count("</p>", start, end) <= FEW
    )
