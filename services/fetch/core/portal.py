"""Wikipedia's Current Events portal: the wikitext of one day's page to its events, and `dateline stage portal`.

A page is headings and a list of bullets of any depth. A bullet is a topic (`*[[A war]]`, with the news below it) or an item (a sentence
with its sources), which depth alone does not tell: see `_is_item`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict

from services.fetch.core.portalpage import day_text
from services.fetch.core.wikiinline import Line, PortalLink, PortalSource, plain_text, read_line, unquoted
from services.fetch.core.wikimend import HEADING, mend
from shared.stage import Reject

MAX_EVENTS = 1000  # of a day; the busiest have some sixty
MAX_BULLETS = 5000
MAX_TAGS = 20_000  # of a day's events together: topics hand theirs down
_MAX_DEPTH, _MAX_HEADING, _MAX_TOPIC, _MAX_EVENT_TAGS = 20, 200, 300, 100

_BULLET = re.compile(r"[\s:]{0,20}(?P<signs>[*#][*#:;\s]*)")
_SOURCE = re.compile(r"https?://|\[//|\{\{\s{0,20}(?:cite|ref\|)", re.IGNORECASE)
_SOURCE_ALONE = re.compile(r"\(?\[(?:https?:)?//[^\s\]]+(?:\s*\([^\]]*|\s*)\]", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…][\"”'’)\]]{0,3}$")
_STRUCTURE = ("|", "!", "{|", "&#123;|", "__", "----", "[[Category:", "[[category:")
_MIN_WORDS = 5  # of an uncited bullet outside its links, for it to be a sentence without a full stop


class PortalEvent(TypedDict):
    """`topic`: the heading; `topics`: the texts of the topic bullets around it, outermost first; `tags`: its own links, then theirs."""

    topic: str | None
    topics: list[str]
    headline: str
    tags: list[PortalLink]
    sources: list[PortalSource]


@dataclass(slots=True)
class _Bullet:
    depth: int
    wikitext: str
    heading: str | None
    bold: bool = False  # all of it
    line: Line | None = None
    children: list["_Bullet"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Above:
    """What the bullets around one say: their texts, outermost first, and their links, nearest first."""

    texts: tuple[str, ...] = ()
    links: tuple[PortalLink, ...] = ()


def portal_line(record: Mapping[str, Any]) -> dict[str, Any]:
    """`{id, date, wikitext}` to `{id, events}`. The wikitext of a page that does not exist is null, its events are none."""
    wikitext, day = record["wikitext"], record.get("date")
    if wikitext is not None and not isinstance(wikitext, str):
        raise Reject("line_malformed", "wikitext is no text")
    if day is not None and not isinstance(day, str):
        raise Reject("line_malformed", "date is no text")
    try:
        known = date.fromisoformat(day[:10]) if day else None
    except ValueError as problem:
        raise Reject("line_malformed", f"date: {problem}") from problem
    return {"id": record.get("id"), "events": read_day(known, wikitext or "")}


def read_day(day: date | None, wikitext: str) -> list[PortalEvent]:
    """The events of the portal's page of a day, in its order; an empty page has none.

    `day` tells which list is meant where several stand on the page. Linear in the text. Raises `Reject("parse_limit")` beyond the limits
    of bytes, nesting and items, `Reject("feed_malformed")` for what is no wikitext.
    """
    bullets = _bullets(mend(day_text(day, wikitext)))
    events: list[PortalEvent] = []
    for bullet in _tree(bullets):
        _tell(bullet, _Above(), events)
    if sum(len(event["tags"]) for event in events) > MAX_TAGS:
        raise Reject("parse_limit", f"more than {MAX_TAGS} tags")
    return events


def _bullets(text: str) -> list[_Bullet]:
    """The list's bullets in order, each with the heading above it."""
    bullets: list[_Bullet] = []
    heading: str | None = None
    last: _Bullet | None = None  # where the line before was a bullet
    for raw in text.split("\n"):
        line = raw.strip()
        found = _BULLET.match(line)
        if found is not None:
            last = _bullet(line, found, heading)
            if last is not None:
                bullets.append(last)
        elif not line:
            last = None
        elif (told := _heading(line)) is not None:
            title, rest = told
            heading, last = title or heading, None
            if rest:
                bullets.append(last := _Bullet(0, rest, heading))
        else:
            last = _loose(line, last, heading, bullets)
        if len(bullets) > MAX_BULLETS:
            raise Reject("parse_limit", f"more than {MAX_BULLETS} bullets")
    return bullets


def _bullet(line: str, found: re.Match[str], heading: str | None) -> _Bullet | None:
    rest = line[found.end() :].strip()
    if not rest:
        return None
    depth = min(sum(sign in "*#:" for sign in found["signs"]), _MAX_DEPTH)
    return _Bullet(depth, rest, heading, bold=_is_bold(rest))


def _loose(line: str, last: _Bullet | None, heading: str | None, bullets: list[_Bullet]) -> _Bullet | None:
    """A line that is neither bullet nor heading: the rest of the bullet before it, an item that lost its bullet, or nothing."""
    if line.startswith(_STRUCTURE):
        return None
    if last is not None and (_SOURCE_ALONE.match(line) or not _SOURCE.search(last.wikitext)):
        last.wikitext += " " + line
        return last
    if not _SOURCE.search(line):
        return None
    bullets.append(_Bullet(1, line.lstrip(": "), heading))
    return bullets[-1]


def _heading(line: str) -> tuple[str, str] | None:
    """(the heading's words, what follows them on the line), or None for a line that is no heading."""
    line = line.lstrip(": ")
    rest = ""
    if line.startswith(HEADING):
        title = line[1:]
    elif line.startswith(";"):
        title, rest = _definition(line.lstrip("; "))
    elif line.startswith("=") and line.rstrip().endswith("="):
        title = line.strip("= ")
    elif line.startswith("'''") and not _SOURCE.search(line) and _is_bold(line):
        title = line
    else:
        return None
    title = _words(title[: 5 * _MAX_HEADING])
    if not re.search(r"\w", title):
        title = ""
    return (title, rest) if len(title) <= _MAX_HEADING else None


def _is_bold(line: str) -> bool:
    """Bold from its beginning to its end, or never ended: no sentence with a bold word."""
    line = line.rstrip(": ")
    if not line.startswith("'''"):
        return False
    inner = line.strip("'")
    return not inner or (line.endswith("'''") and "'''" not in inner) or ("'''" not in inner and not _SENTENCE_END.search(inner))


def _definition(line: str) -> tuple[str, str]:
    """`A: b`, which MediaWiki shows as a term and its definition. A colon in a link or an address parts nothing."""
    depth = 0
    for place, character in enumerate(line[: 5 * _MAX_HEADING]):
        depth += (character in "[{") - (character in "]}")
        if character == ":" and depth <= 0 and line[place + 1 : place + 2] in ("", " ", "[", "'"):
            return line[:place], line[place + 1 :].strip(" '") if line.startswith("'") else line[place + 1 :].strip()
    return line, ""


def _words(wikitext: str) -> str:
    marked = any(sign in wikitext for sign in "[{")
    return (read_line(wikitext).text if marked else plain_text(unquoted(wikitext), 1000)).strip(": ")


def _tree(bullets: Sequence[_Bullet]) -> list[_Bullet]:
    """The bullets below each other: a bullet's parent is the nearest before it, under the same heading, that is less deep."""
    roots: list[_Bullet] = []
    open_ones: list[_Bullet] = []
    heading, changed = None, False  # by a bullet that is bold and holds nothing: a heading in the list
    before: _Bullet | None = None
    for number, bullet in enumerate(bullets):
        if before is None or bullet.heading != before.heading:
            open_ones, changed = [], False
        before = bullet
        below = bullets[number + 1] if number + 1 < len(bullets) else None
        holds = below is not None and below.heading == bullet.heading and below.depth > bullet.depth
        bullet.line = read_line(bullet.wikitext)
        line = bullet.line
        if bullet.bold and not holds and not line.sources and len(line.text) <= _MAX_HEADING and not _SENTENCE_END.search(line.text):
            heading, changed, open_ones = line.text.strip(": "), True, []
            continue
        while open_ones and open_ones[-1].depth >= bullet.depth and (line.text or not line.sources):
            open_ones.pop()
        if not line.text and line.sources:  # sources on a line of their own
            if open_ones and open_ones[-1].line is not None:
                open_ones[-1].line.sources += line.sources
            continue
        (open_ones[-1].children if open_ones else roots).append(bullet)
        open_ones.append(bullet)
        if changed:
            bullet.heading, before = heading, _Bullet(0, "", bullet.heading)
    return roots


def _is_item(line: Line, holds: bool) -> bool:
    """What has a source is an item. Without one, a bullet with others below it is a topic, and so is one that says nothing but names."""
    if line.sources:
        return True
    if holds or line.text.endswith(":") or not line.text:
        return False
    return line.outside >= _MIN_WORDS or (line.outside > 1 and _SENTENCE_END.search(line.text) is not None)


def _tell(bullet: _Bullet, above: _Above, events: list[PortalEvent]) -> None:
    line = bullet.line
    if line is None:
        return
    below = above
    if _is_item(line, bool(bullet.children)):
        if len(events) >= MAX_EVENTS:
            raise Reject("parse_limit", f"more than {MAX_EVENTS} events")
        events.append(
            PortalEvent(
                topic=bullet.heading,
                topics=list(above.texts),
                headline=line.text,
                tags=_distinct((*line.links, *above.links)),
                sources=_once(line.sources),
            )
        )
        below = _Above(above.texts, (*line.topics, *above.links)) if line.topics else above
    elif line.text:
        text = line.text.rstrip(": ")[:_MAX_TOPIC]
        below = _Above((*above.texts, text), tuple(_distinct((*line.links, *above.links))))
    for child in bullet.children:
        _tell(child, below, events)


def _distinct(links: Sequence[PortalLink]) -> list[PortalLink]:
    return list({(link["name"], link["surface"]): link for link in reversed(links)}.values())[::-1][:_MAX_EVENT_TAGS]


def _once(sources: Sequence[PortalSource]) -> list[PortalSource]:
    """No source twice under one name; one address under two names is two, as the page has it."""
    return list({(source["outlet"], source["url"]): source for source in sources}.values())
