"""Who wrote it: people first; an agency is an author of last resort, and the outlet itself the very last.

What the page states (JSON-LD, meta) is asked first, then the feed. Where they name no person, the page is read as readers do (`signed`):
elements that are called bylines, then the lines below the headline, then labels and credits anywhere.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from services.clean.core import byline, jsonld, signed
from services.clean.core.agencies import agency
from services.clean.core.names import MAX_BYLINE, NOT_A_NAME, is_house, split, undo_capitals, unique
from services.clean.core.near import Line
from services.clean.core.page import Page
from services.clean.core.words import phrases

__all__ = ("MAX_AUTHORS", "find", "looks_like_a_person", "shown", "split", "undo_capitals", "unsigned")

MAX_AUTHORS = 20
_META = re.compile(
    r"^(?!smartbanner|app\b|apple|msapplication).*?(?:^|[.:_-])(?:authors?|articleauthor|byl|bylines?|creator|writer|reporter)(?:[_:-]?name)?$"
)
_PAIRED = re.compile(r"\s+[-–—|]\s+|\.\s+(?=\S)|\s+(?:for|für|pour|para)\s+")
_PAIR_SIGN = re.compile(r"(?:[-–—|.]|\b(?:for|für|pour|para))\s")
_WRITTEN_BY = phrases(
    """
    written by | author | verfasst von | geschrieben von | autor | écrit par | rédigé par | auteur | escrito por | scritto da
    geschreven door | skrevet av | skrevet af | skrivet av | författare | kirjoittanut | kirjoittaja | yazan | yazar | napisane przez
    napisał | napsal | написано | автор | написано автором | ditulis oleh | oleh | γράφτηκε από | συντάκτης | كتب بواسطة
    執筆者 | 作成者 | 作者 | 글쓴이
    """
)
looks_like_a_person = byline.is_person


def find(page: Page, site_names: frozenset[str], feed: Iterable[str] = ()) -> tuple[tuple[str, ...], str | None, str | None]:
    """Authors that are stated, where they were found, and the agency among them."""
    return _chosen(_sources(page, list(feed)), site_names)


def shown(
    page: Page, lines: list[Line], texts: Callable[[], list[str]], last: str, *, stated: bool
) -> tuple[tuple[str, ...], str | None, str | None]:
    """The same of what readers see: `lines` below the headline, all the page's `texts`, the story's `last` paragraph.

    Words that nothing marks as a byline count only where nobody is `stated`.
    """
    named = _chosen([(signed.bylines(page), "heading")], page.site_names)
    if named[0] and not unsigned(named[0], page.site_names):
        return named
    names, wire = signed.near(lines)
    for less_sure in (
        lambda: names,
        lambda: [] if stated else signed.beside(lines, page.site_names),
        lambda: signed.labelled(texts(), last, page.site_names),
    ):
        found = _chosen([(less_sure(), "text")], page.site_names)
        if found[0] and not unsigned(found[0], page.site_names):
            return found
    return (*named[:2], wire or named[2])


def _chosen(sources: Iterable[tuple[list[str], str]], site_names: frozenset[str]) -> tuple[tuple[str, ...], str | None, str | None]:
    fallback: tuple[tuple[str, ...], str] | None = None
    rank = 0
    credit = None
    for found, provenance in sources:
        names = _without_jobs(unique(part for name in found for part in _apart(name, site_names)))
        if not names:
            continue
        wires = [w for w in map(agency, names) if w]
        credit = credit or (wires[0] if wires else None)
        if any(not is_house(n, site_names) and not agency(n) for n in names):
            # The outlet beside its people is no author; an agency beside them is.
            return tuple(n for n in names if not is_house(n, site_names))[:MAX_AUTHORS], provenance, credit
        worth = 2 if wires else 1
        if worth > rank:
            rank, fallback = worth, (tuple(n for n in names if worth == 1 or agency(n)), provenance)
    if fallback is None:
        return (), None, credit
    return fallback[0][:MAX_AUTHORS], fallback[1], credit


def unsigned(names: Iterable[str], site_names: frozenset[str]) -> bool:
    """Whether no person is among the authors."""
    return all(is_house(n, site_names) or agency(n) for n in names)


def _sources(page: Page, feed: list[str]) -> Iterable[tuple[list[str], str]]:
    yield _from_json(jsonld.resolve(page.article.get("author"), page.nodes)), "jsonld"
    yield _from_json(jsonld.resolve(page.article.get("creator"), page.nodes)), "jsonld"
    for name, values in page.meta.items():
        if _names_author(name):
            yield [n for value in values if not NOT_A_NAME.search(byline.bare(value[:MAX_BYLINE])) for n in split(value)], "meta"
    for number in "12":  # what WordPress tells for cards
        if (page.first(f"twitter:label{number}") or "").casefold() in _WRITTEN_BY:
            yield split(page.first(f"twitter:data{number}") or ""), "meta"
    persons = [node for node in page.nodes[:60] if "Person" in jsonld.types(node)]
    if len(persons) == 1:  # nobody is called the article's author, but this one is described beside it
        yield _from_json(persons), "jsonld"
    yield [n for value in feed for n in split(value)], "feed"


@lru_cache(maxsize=4_096)
def _names_author(name: str) -> bool:
    """Whether a meta element of this name states an author: sites all over the world share a few hundred names."""
    return name != "twitter:creator" and _META.search(name) is not None


def _from_json(value: Any) -> list[str]:
    names: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, list):
            names.extend(_from_json(item[:MAX_AUTHORS]))
            continue
        if isinstance(item, dict):
            if isinstance(item.get("@list"), list):
                names.extend(_from_json(item["@list"][:MAX_AUTHORS]))
                continue
            if isinstance(item.get("name"), list):
                names.extend(n for v in item["name"][:MAX_AUTHORS] if isinstance(v, str) for n in split(v))
                continue
            if not item.get("name") and isinstance(item.get("familyName"), str):
                item = f"{item.get('givenName') or ''} {item['familyName']}"
        text = jsonld.text_of(item)
        if text:
            names.extend(split(text))
    return names[: 3 * MAX_AUTHORS]


def _apart(name: str, site_names: frozenset[str]) -> list[str]:
    """A name without the outlet, agency or profession that is written behind it: "Ann Archer - The Alder Post"."""
    parts = _PAIRED.split(name) if len(name) > 8 and _PAIR_SIGN.search(name) else [name]
    if len(parts) < 2:
        return [name]
    kept = [p for p in parts if not is_house(p, site_names) and not agency(p) and not byline.is_job(p)]
    return kept if 0 < len(kept) < len(parts) and len(kept[0]) > 3 else [name]


def _without_jobs(names: list[str]) -> list[str]:
    """Without professions, where people are named too."""
    return [n for n in names if not byline.is_job(n)] or names
