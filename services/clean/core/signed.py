"""Who signed, as readers see it: elements that are called bylines, lines below the headline, labels and credits anywhere."""

import re
from collections.abc import Iterable

from lxml import etree

from services.clean.core import byline, dates
from services.clean.core.agencies import agency
from services.clean.core.names import is_house, split, undo_capitals, unique
from services.clean.core.near import Line, around, holders, is_elsewhere, is_within, runs
from services.clean.core.page import Page
from services.clean.core.tree import text_content
from services.clean.core.words import words

MAX_NEAR = 5  # authors of a page that states none
GAP = 4  # lines between one author's name and the next
_BYLINE_NAMES = (
    *("byline", "author", "autor", "auteur", "authour", "journalist", "writer", "reporter", "redakt", "verfasser", "forfatter", "skribent"),
    *("periodista", "yazar"),
)
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es|i|a|zy)?|auteurs?|autore|redacteurs?|redaktion|redaktor|skribent|profiles?|profil|staff|"
    r"journalist(?:e?s?)|giornalist[ai]|reporters?|correspondents?|contributors?|columnists?|writers?|yazar(?:lar)?|muhabir|penulis|firmas?|"
    r"by|mitarbeiter)/|/(?:author|autor|journalist|reporter)-",
    re.I,
)
_BETWEEN = words(", & / | · : and und et y e og och en и i та ja és și ve dan")
_PICTURED = re.compile(
    r"^\W*(?:foto|photo|bild|image|picture|illustration|grafik|kuva|ljósmynd|фото|写真|사진)\w*\s*(?:[:/]|by\b|von\b|av\b|af\b)", re.I
)
# A class that says nothing but "author": it makes names of words in scripts that know no capitals.
_SURE = re.compile(r"(?:^|[\s_-])(?:author|byline|autor|writer|reporter|journalist)(?:[\s_-]?name)?(?:\s|$)", re.I)
_BOX = re.compile(r"author[-_ ]*(?:box|bio|card|info|profile)|autor(?:en)?[-_ ]*(?:box|info|profil)", re.I)
_CREDIT = re.compile(r"^\W{0,2}([^/|.!?:]{2,40}(?:\s*[/|]\s*[^/|.!?:]{2,40}){1,3})\W{0,2}$")


def bylines(page: Page) -> list[str]:
    """Names in elements that are named as bylines, those that are marked as authors first."""
    kept: list[str] = []
    spare: list[str] = []
    home = None
    places, above = around(page.headings), holders(page.headings)
    named = page.named(_BYLINE_NAMES)[:40]
    for element in (*page.author_marks[:10], *named):
        text = _stated_text(element)
        if not 3 <= len(text) <= 160 or is_elsewhere(element, above) or _PICTURED.match(text):
            continue
        far = bool(places) and not is_within(element, places, 8)
        if far and (kept or not _BOX.search(element.get("class") or "")):
            continue
        if any(e.tag in ("figure", "figcaption", "cite") or _PICTURED.match(e.text or "") for e in _with_holders(element)):
            continue
        stated = element.get("rel") == "author" or element.get("itemprop") == "author"
        if stated and not re.search(r"[|•·\d]", text):
            names = split(text)
        else:
            lines = runs(element)
            sure = stated or (text.upper() == text.lower() and _SURE.search(element.get("class") or "") is not None)
            names = near(lines)[0] or _listed(lines, marked=sure)
        if not names:
            spare.extend(split(text) if stated and len(text) < 40 else ())
            continue
        # Names that stand elsewhere on the page are other stories' authors.
        place = element.getparent()
        place = place if place is None or place.getparent() is None else place.getparent()
        if home is None:
            home = place
        elif place is not home and place.getparent() is not home:
            break
        kept.extend(names)
    return (unique(kept) or spare)[:MAX_NEAR]


def near(told: list[Line]) -> tuple[list[str], str | None]:
    """The names behind "By" and those that link to an author's page, and the agency that stands there instead."""
    found: list[str] = []
    wire = None
    place = last = 0
    while place < len(told):
        line = told[place]
        place += 1
        if byline.is_label(line.text):
            while place < len(told) and (names := _next(told[place].text)) is not None:
                found.extend(names)
                place += 1
            wire = wire or (agency(told[place].text) if place < len(told) else None)
        elif byline.begins(line.text) or (line.href and _AUTHOR_PAGE.search(line.href)):
            found.extend(byline.people(line.text, marked=bool(line.href)))
        elif found and place - last > GAP:
            break
        else:
            continue
        last = place if found else last
    return found[:MAX_NEAR], wire


def labelled(lines: Iterable[str], last: str, site_names: frozenset[str]) -> list[str]:
    """Authors behind labels anywhere on a page; else those of a credit that ends the story ("The Post / Ann Archer"); else its editors."""
    people, editors = byline.labelled(iter(lines))
    if not people and (match := _CREDIT.match(last)):
        parts = [part.strip() for part in re.split(r"[/|]", match[1])]
        others = [part for part in parts if not is_house(part, site_names) and not agency(part)]
        people = others if len(others) < len(parts) and all(part.istitle() for part in others) else []
    return (people or editors)[:MAX_NEAR]


def _with_holders(element: etree._Element) -> list[etree._Element]:
    """An element with the two that hold it."""
    parent = element.getparent()
    above = None if parent is None else parent.getparent()
    return [e for e in (element, parent, above) if e is not None]


def _listed(lines: list[Line], *, marked: bool) -> list[str]:
    """The names of the first line that has any, and of those behind a comma or an "and", or in elements like its own."""
    found: list[str] = []
    joined = False
    kind = None
    for line in lines:
        if line.text.casefold() in _BETWEEN:
            joined = True
            continue
        names = byline.people(line.text, marked=marked) if not found or joined or (line.kind and line.kind == kind) else []
        if found and not names:
            break
        found.extend(names)
        joined = False
        kind = line.kind if names else kind
    return found


def _stated_text(element: etree._Element) -> str:
    """An element's text; of what it holds the part that is marked as the name."""
    if element.get("itemprop") == "author":
        name = element.find(".//*[@itemprop='name']")
        if name is not None:
            return " ".join((name.get("content") or text_content(name)).split())
    return text_content(element, 160)


def _next(text: str) -> list[str] | None:
    """The names of a line that goes on a list of authors; none where it is a mark or an "and", None where the list is over."""
    return [] if text.casefold() in _BETWEEN else byline.people(text, marked=True) or None


def beside(told: list[Line], site_names: frozenset[str]) -> list[str]:
    """What looks like a person and stands right before or after the first date, or right before the outlet's name."""
    for place, line in enumerate(told):
        dated = dates.is_date_line(line.text)
        if not dated and not (place and len(line.text) < 30 and is_house(line.text, site_names)):
            continue
        for other in (*told[max(place - 1, 0) : place], *(told[place + 1 : place + 2] if dated else ())):
            if other.href:
                continue
            if names := byline.people(undo_capitals(other.text)):
                return byline.people(other.text, marked=True) or names
        if dated:
            return []
    return []
