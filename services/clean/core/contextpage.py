"""An event page of the Context, in the Markdown in which that site published it; items of the portal come in it too (`fetch` writes them).

    ### [2016-07-28](/news/2016/07/28/index.md)      the day
    ##### Topic                                       sometimes
    # Headline
    Description
    ### Source:        1. [Outlet](url) … 3. [Cover Image](url)
    ### Related:       1. [Headline](/news/2017/05/4/slug.md) _Context: tag, tag_
    ### Changes:       former headlines, sometimes
    _Context: [surface](<url> "Title"), …_            the page's own tags, of items of the portal alone

Known by this shape alone: a dated heading that is a link, then a headline of the first level, then sources (if there are any) or
related events.
"""

import html
import re
from datetime import UTC, datetime

from services.clean.core.document import Cleaned, ContextPage, ContextRelated, ContextSource, ContextTag

MAX_ITEMS = 200
_DAY = re.compile(r"^#{2,4}\s*\[(\d{4})-(\d{1,2})-(\d{1,2})\]\(\s*<?(\S*?)>?\s*\)\s*$")
_HEADLINE = re.compile(r"^#\s+(\S.*)$")
_SECTION = re.compile(r"^#{2,4}\s*(sources?|related|changes|formats)\s*:?\s*$", re.I)
_TOPIC = re.compile(r"^#{4,6}\s+(\S.*)$")
_LINK = re.compile(r"^\s*(?:\d{1,4}[.)]|[-*+])?\s*\[(.*)\]\(\s*(?:<([^<>]*)>|([^\s<>]+?))\s*\)\s*(.*)$")
_TAGS = re.compile(r"_Context:\s*(.*?)_\s*$", re.I)
_OWN_TAG = re.compile(r'\[((?:[^\[\]\\]|\\.){1,500})\]\(<[^<>]*>(?:\s"((?:[^"\\]|\\.){1,500})")?\)')
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_DAY_IN_PATH = re.compile(r"/(\d{4})/(\d{1,2})/(\d{1,2})(?:/|$)")


def read(text: str) -> Cleaned | None:
    """The page as an import of kind `event_page`; None for a text of any other shape.

    It has no text: its description may be of another matter (the site took it from one of the sources), so it stays in `context`. One
    that begins with the headline is not: that is the item whole, of which the headline is the beginning.
    """
    lines = text[:500_000].replace("\r\n", "\n").split("\n")[:5_000]
    start = next((i for i, line in enumerate(lines) if line.strip()), None)
    if start is None:
        return None
    day = _DAY.match(lines[start].strip())
    if day is None or not 1 <= int(day[2]) <= 12 or not 1 <= int(day[3]) <= 31:
        return None
    headline: str | None = None
    topic: str | None = None
    section = ""
    parts: dict[str, list[str]] = {"description": [], "source": [], "related": [], "changes": [], "tags": []}
    sections: set[str] = set()
    for line in lines[start + 1 :]:
        if match := _SECTION.match(line.strip()):
            section = match[1].lower().rstrip("s") if match[1].lower() != "changes" else "changes"
            sections.add(section)
        elif headline is None and (match := _HEADLINE.match(line)):
            headline, section = plain(match[1]), "description"
        elif headline is None and (match := _TOPIC.match(line)):
            topic = plain(match[1])
        elif headline is not None and (match := _TAGS.match(line.strip())):
            parts["tags"].append(match[1])
        elif section in parts and line.strip():
            parts[section].append(line.strip())
    if not headline or not sections & {"source", "related"}:
        return None
    return _cleaned(day, headline, topic, parts)


def plain(text: str) -> str:
    """Entities decoded (a source may hold them twice encoded), Markdown escapes undone, white space collapsed."""
    text = html.unescape(html.unescape(text))
    return " ".join(_ESCAPED.sub(r"\1", text).split())


def _cleaned(day: re.Match[str], headline: str, topic: str | None, parts: dict[str, list[str]]) -> Cleaned | None:
    try:
        published = datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC)
    except ValueError:
        return None
    sources: list[ContextSource] = []
    cover = None
    for line in parts["source"][:MAX_ITEMS]:
        if match := _LINK.match(line):
            name, url = plain(match[1]), _address(match)
            if name.casefold() == "cover image":
                cover = cover or url
            else:
                sources.append(ContextSource(outlet=name, url=url))
    description = plain(" ".join(parts["description"])) or None
    page = ContextPage(
        headline=headline,
        date=published.date().isoformat(),
        description=description,
        topic=topic,
        sources=tuple(sources),
        cover_image=cover,
        related=tuple(r for line in parts["related"][:MAX_ITEMS] if (r := _related(line))),
        changes=tuple(plain(re.sub(r"^\s*(?:\d+[.)]|[-*+])\s*", "", line)) for line in parts["changes"][:MAX_ITEMS]),
        tags=_own_tags(parts["tags"]),
    )
    text = description if description and description.startswith(headline.rstrip(" .")) else ""
    return Cleaned(
        title=headline,
        published=published,
        kind="event_page",
        image=cover,
        section=topic,
        language="en" if text else None,  # which both are written in; a sentence is too short to tell
        text=text,
        provenance={"title": "heading", "published": "heading"} | ({"language": "derived"} if text else {}),
        context=page,
    )


def _related(line: str) -> ContextRelated | None:
    match = _LINK.match(line)
    if match is None:
        return None
    tags = _TAGS.search(match[4])
    day = _DAY_IN_PATH.search(_address(match))
    return ContextRelated(
        date=f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}" if day else None,
        title=plain(match[1]),
        path=_address(match),
        tags=tuple(t for t in map(plain, tags[1].split(",")) if t) if tags else (),
    )


def _address(match: re.Match[str]) -> str:
    return html.unescape(match[2] or match[3])


def _own_tags(lines: list[str]) -> tuple[ContextTag, ...]:
    """Links as the portal's items have them, or plain words as in the Context's lists."""
    found = []
    for line in lines[:MAX_ITEMS]:
        links = [(surface, title or surface) for surface, title in _OWN_TAG.findall(line)] or [(word, word) for word in line.split(",")]
        found += [ContextTag(name=plain(title.replace('\\"', '"')), surface=plain(surface)) for surface, title in links]
    return tuple(tag for tag in dict.fromkeys(found) if tag.name and tag.surface)[:MAX_ITEMS]
