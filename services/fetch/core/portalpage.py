"""One day's news out of a page of Wikipedia's Current Events portal: wrappers, markers and comments gone, the wikitext of the list left.

The page has had three shapes (header and footer around the list; the list as a parameter of one template; an opening and a closing
template with the list between them), mixed in the archive and changed by hand. They are told apart by shape, never by date.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from shared.stage import Reject

MAX_PAGE = 2_097_152  # bytes: MediaWiki's own limit of a page (`$wgMaxArticleSize`, 2,048 KiB)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")

# The portal's two comments, as characters that no text keeps: `_cleaned` drops the whole private use area first.
_BELOW, _ABOVE = "\ue000", "\ue001"
_PRIVATE = re.compile("[\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
# Controls, bidirectional marks and everything of no width, soft hyphens too; a page in English needs none of them.
UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_BLANK = re.compile("[\t\x0b\x0c\x85\u2028\u2029]")
_NOWIKI = re.compile(r"<nowiki\s*/>|<nowiki\s*>|</nowiki\s*>", re.IGNORECASE)
_MARKUP = str.maketrans({mark: f"&#{ord(mark)};" for mark in "[]{}<>'|*;:=#\n"})

_MARKER = re.compile(r"<!--\s{0,20}All\s{1,5}news\s{1,5}items\s{1,5}(below|above)\b[^<>\n]{0,60}-->", re.IGNORECASE)
_COMMENT = re.compile("<!--|-->|\n|[\ue000\ue001]")
_REST_OF_LINE = re.compile("<!--[^\n]*")

_DAY = re.compile(r"\{\{[\s_]{0,20}(?:template:)?[\s_]{0,20}current[ _]events(?:[ _](header|footer))?[ _]{0,20}(?=[|}\n])", re.IGNORECASE)
_ARGUMENTS_END = re.compile(r"\|\s{0,20}content\s{0,20}=|\}\}|\n(?=[ \t]{0,20}(?:[*;=]|'''))", re.IGNORECASE)
_MAX_ARGUMENTS = 1000  # characters
_BRACES = re.compile(r"\{\{|\}\}")
_REDIRECT = re.compile(r"\s{0,100}#redirect\b", re.IGNORECASE)
_HTML = re.compile(r"\s{0,100}<(?:!doctype|html|\?xml)\b", re.IGNORECASE)


class _Part(NamedTuple):
    """A stretch of the page that belongs to one day. `day` is None where the page does not say which."""

    day: date | None
    text: str


def day_text(day: date | None, wikitext: str) -> str:
    """The wikitext of the day's list, comments gone; empty where the page has none. With several days on one page, the day's own.

    A page that holds one list is taken to be the day's whatever date its template names: the page's title is the authority. Raises
    `Reject("parse_limit")` for a page larger than a wiki keeps, `Reject("feed_malformed")` for a document that is no wikitext.
    """
    if len(wikitext) > MAX_PAGE or len(wikitext.encode(errors="replace")) > MAX_PAGE:
        raise Reject("parse_limit", f"more than {MAX_PAGE} bytes")
    if _HTML.match(wikitext):
        raise Reject("feed_malformed", "an HTML or XML document, no wikitext")
    if _REDIRECT.match(wikitext):
        return ""
    parts = list(_parts(_without_comments(_cleaned(wikitext))))
    if day is not None and len(parts) > 1:
        parts = [part for part in parts if part.day == day] or [part for part in parts if part.day is None]
    return "\n".join(part.text for part in parts).replace(_BELOW, "\n").replace(_ABOVE, "\n")


def _cleaned(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _BLANK.sub(" ", UNSEEN.sub("", _PRIVATE.sub("", text)))
    if "<nowiki" not in text.lower():
        return text
    kept: list[str] = []
    at, shielded = 0, False
    for tag in _NOWIKI.finditer(text):
        piece = text[at : tag.start()]
        kept.append(piece.translate(_MARKUP) if shielded and tag[0].startswith("</") else piece)
        shielded = not tag[0].startswith("</") and not tag[0].endswith("/>")
        at = tag.end()
    kept.append(text[at:])
    return "".join(kept)


def _without_comments(text: str) -> str:
    """No comments; the portal's own two as `_BELOW` and `_ABOVE`.

    A comment may span lines. One that would swallow a marker, or that nothing ends, was forgotten open: it ends with its line.
    """
    text = _MARKER.sub(lambda found: _BELOW if found[1].lower() == "below" else _ABOVE, text)
    kept: list[str] = []
    at = 0  # from here on nothing is kept yet
    opened: int | None = None
    line_end: int | None = None  # of the line on which the comment was opened
    for found in _COMMENT.finditer(text):
        mark = found[0]
        if opened is None:
            if mark == "<!--":
                kept.append(text[at : found.start()])
                opened, line_end = found.start(), None
        elif mark == "-->":
            opened, at = None, found.end()
        elif mark == "\n":
            line_end = found.start() if line_end is None else line_end
        elif mark != "<!--":
            if line_end is not None:
                kept.append(_REST_OF_LINE.sub("", text[line_end : found.start()]))
            opened, at = None, found.start()
    if opened is None:
        kept.append(text[at:])
    elif line_end is not None:
        kept.append(_REST_OF_LINE.sub("", text[line_end:]))
    return "".join(kept)


def _parts(text: str) -> Iterator[_Part]:
    """The lists of the page in order; the whole page where no wrapper stands on it."""
    openers = list(_DAY.finditer(text))
    if not openers:
        yield _Part(None, _between_markers(text))
        return
    found = False
    for number, opener in enumerate(openers):
        until = openers[number + 1].start() if number + 1 < len(openers) else len(text)
        arguments, start, holds_list = _arguments(text, opener.end(), until)
        closes = (opener[1] or "").lower() == "footer" or "bottom" in arguments
        if closes and not holds_list:
            continue
        found = True
        stretch = text[start:until]
        yield _Part(_day_of(arguments), _held(stretch) if holds_list else stretch.partition(_ABOVE)[0])
    if not found:  # a footer alone: what stands before it
        yield _Part(None, _between_markers(text[: openers[0].start()]))


def _between_markers(text: str) -> str:
    below = text.find(_BELOW) + 1
    above = text.find(_ABOVE, below)
    return text[below:] if above < 0 else text[below:above]


def _arguments(text: str, start: int, until: int) -> tuple[dict[str, str], int, bool]:
    """(the template's arguments, where what follows them begins, whether the list is one of them)."""
    end = _ARGUMENTS_END.search(text, start, min(until, start + _MAX_ARGUMENTS))
    if end is None:  # never closed: its line is all there is of it
        line_end = text.find("\n", start, until)
        stop = after = until if line_end < 0 else line_end
    else:
        stop, after = end.start(), end.end()
    named: dict[str, str] = {}
    for number, argument in enumerate(text[start:stop].split("|")):
        name, equals, value = argument.partition("=")
        if equals:
            named[name.strip().lower()] = value.strip()
        elif number:
            named[str(number)] = argument.strip()
    return named, after, end is not None and end[0] != "}}"


def _held(stretch: str) -> str:
    """The list as a template's parameter: up to its closing braces or the end marker, whichever is later: an item's braces may be wrong."""
    depth, closed = 0, -1
    for brace in _BRACES.finditer(stretch):
        depth += 1 if brace[0] == "{{" else -1
        if depth < 0:
            closed = brace.start()
            break
    end = max(closed, stretch.find(_ABOVE))
    text = stretch if end < 0 else stretch[:end]
    return text.rstrip().removesuffix("}}").rstrip(" \n|") if end < 0 else text.rstrip(" \n|")


def _day_of(arguments: dict[str, str]) -> date | None:
    year, month, day = (arguments.get(name, arguments.get(place, "")) for name, place in (("year", "1"), ("month", "2"), ("day", "3")))
    names = [name.lower()[:3] for name in MONTHS]
    try:
        number = names.index(month.lower()[:3]) + 1 if month[:1].isalpha() else int(month)
        return date(int(year), number, int(day))
    except (ValueError, OverflowError):
        return None
