"""A portal's item as an event page in the Context's Markdown, which `clean` reads (services/clean/core/contextpage.py).

    ### [2016-07-28](address of the day's page)
    ##### Topic
    # Headline
    The item, whole
    ### Source:        1. [Outlet](<url>)
    _Context: [surface](<address> "Title of the wiki's article"), …_
"""

import re
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from services.fetch.core.mediawiki import Site

if TYPE_CHECKING:
    from services.fetch.core.portal import PortalEvent

LONGEST_HEADLINE = 160  # characters; a longer item's headline is its first sentence
_SHORTEST_HEADLINE = 25
_SENTENCE_END = re.compile(r"(?:[^\W\d_]{3}|\d|%)[\"”’)\]]{0,3}[.!?][\"”’)]{0,2}(?=\s+[\"“‘(]?[A-Z\d])")
_TITLES = re.compile(r"\b(?:Prof|Capt|Lieut|Messrs|Corp|Dept|Univ|Assn|Gens|Govt)\.$")
_FULL_STOP = re.compile(r"((?:[^\W\d_]{2}|[\d%)\]\"”’])[\"”’)\]]{0,2})\.$")
_MARKUP = re.compile(r"[\\`*_\[\]#]")
_AT_START = re.compile(r"^([+=-])|^(\d{1,9})([.)])")


def event_page(site: Site, day: date, event: "PortalEvent") -> str:
    """The Markdown of an item of the page of `day`."""
    said = event["headline"]
    topic = event["topic"] or next(iter(event["topics"]), None)
    lines = [f"### [{day.isoformat()}](<{_address(site.address(site.title(day)))}>)", ""]
    lines += [f"##### {_text(topic)}", ""] if topic else []
    lines += [f"# {_text(headline(said))}", "", _text(said), "", "", "### Source:", ""]
    for number, source in enumerate(event["sources"], start=1):
        lines.append(f"{number}. [{_text(source['outlet'] or outlet_of(source['url']))}](<{_address(source['url'])}>)")
    tags = (
        f'[{_text(tag["surface"])}](<{_address(site.address(tag["name"]))}> "{_text(tag["name"]).replace(chr(34), chr(92) + chr(34))}")'
        for tag in event["tags"]
    )
    lines += ["", f"_Context: {', '.join(tags)}_"] if event["tags"] else []
    return "\n".join([*lines, ""])


def headline(said: str) -> str:
    """An item's headline: the item itself, or its first sentence where it is long; without a full stop."""
    if len(said) > LONGEST_HEADLINE:
        for end in _SENTENCE_END.finditer(said):
            if end.end() >= _SHORTEST_HEADLINE and not _TITLES.search(said[: end.end()]):
                said = said[: end.end()]
                break
    return _FULL_STOP.sub(r"\1", said)


def outlet_of(url: str) -> str:
    """The host of a cited address, for an outlet that the portal does not name."""
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url


def _text(foreign: str) -> str:
    """Foreign text as Markdown that reads as just that text, on one line."""
    line = _MARKUP.sub(r"\\\g<0>", " ".join(foreign.split()).replace("&", "&amp;")).replace("<", "&lt;").replace(">", "&gt;")
    return _AT_START.sub(lambda at: f"\\{at[1]}" if at[1] else f"{at[2]}\\{at[3]}", line)


def _address(url: str) -> str:
    return url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C").replace("](", "%5D(")
