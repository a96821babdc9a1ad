"""Who wrote it: people first; an agency is an author of last resort, and the outlet itself the very last."""

import re
from collections.abc import Iterable
from typing import Any

from services.clean.core import jsonld
from services.clean.core.agencies import agency
from services.clean.core.near import Line
from services.clean.core.page import Page
from services.clean.core.tree import text_content
from services.clean.core.words import phrases, words

MAX_AUTHORS = 20
_LEAD = re.compile(
    r"^\s*(?:(?:written|reported|posted|edited|published|text|words|story|artikel|ein artikel|eine? \w+) )?(?:by|von|par|"
    r"por|di|af|av|door|oleh|od|autor(?:in)?|author|автор|текст|"
    r"作者|記者|记者|文)\s*[::：]?\s+(?=\S)|^\s*(?:作者|記者|记者|责编|責編)\s*[:：]\s*|^\s*(?:автор|autor|author|by)\s*[:：]\s*",
    re.I,
)
_SPLIT = re.compile(r"\s*(?:[;|\n、/&]|,(?!\s*(?:jr|sr|ph\.?d|m\.?d)\b)|\s(?:and|und|et|y|og|och|e|en|и|i|with|mit|ve|dan)\s)\s*", re.I)
_NOT_A_NAME = re.compile(r"https?:|www\.|\.(?:com|org|net)/|@|\d{3,}|[<>{}=\[\]]")
_GENERIC = words(
    """
    admin administrator staff editor editors editorial redaktion redaktionen redaccion redacción redação redazione rédaction la
    rédaction newsroom newsdesk webmaster online desk news team author guest contributor anonymous unknown undefined null none
    nachrichten redakcja редакция yayın
    """
) | phrases(
    """
    staff writer | staff reporter | staff writers | web desk | news desk | online desk | editorial staff | editorial team
    editorial board | la redazione | die redaktion | guest author | la rédaction
    """
)
_META = re.compile(r"(?:^|[.:_-])(?:authors?|articleauthor|byl|byline|creator)(?:[_-]?name)?$")
_BYLINE_NAME = re.compile(r"byline|author|autor|journalist|writer|reporter|redakteur", re.I)
_LINKED = jsonld.etree.XPath("//body//*[@rel='author' or @itemprop='author']")
_PARTICLES = words("de da do dos du des del della di la le van von der den ten ter zu bin ibn al el y e")
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es|i|a)?|auteurs?|profiles?|people|staff|journalists?|reporters?|contributors?|writers?|yazar)/", re.I
)
_BY_ALONE = re.compile(r"^(?:by|von|par|por|di|af|av|door|oleh|text|autor(?:in)?)\s*:?$", re.I)
_BY_LINE = re.compile(r"^(?:by|von|par|por|di|af|av|door|oleh)\s+([^\W\d_][\w.'’-]+(?:\s+[\w.'’-]+){1,4})$", re.I)


def find(page: Page, site_names: frozenset[str], feed: Iterable[str] = ()) -> tuple[tuple[str, ...], str | None, str | None]:
    """Authors, where they were found, and the agency among them."""
    fallback: tuple[tuple[str, ...], str] | None = None
    rank = 0
    credit = None
    for found, provenance in _sources(page, list(feed)):
        names = _unique(found)
        if not names:
            continue
        wires = [w for w in map(agency, names) if w]
        credit = credit or (wires[0] if wires else None)
        people = [n for n in names if not is_house(n, site_names) and not agency(n)]
        if people:
            # The outlet beside its people is no author; an agency beside them is.
            return tuple(n for n in names if not is_house(n, site_names))[:MAX_AUTHORS], provenance, credit
        worth = 2 if wires else 1
        if worth > rank:
            rank, fallback = worth, (tuple(n for n in names if worth == 1 or agency(n)), provenance)
    if fallback is None:
        return (), None, credit
    return fallback[0][:MAX_AUTHORS], fallback[1], credit


def is_house(name: str, site_names: frozenset[str]) -> bool:
    """Whether a name is the outlet's own, or nobody's."""
    folded = name.casefold().strip()
    if folded in _GENERIC:
        return True
    joined = "".join(re.findall(r"\w+", folded))
    if joined in site_names:
        return True
    return any(len(s) >= 4 and (joined.startswith(s) or joined.endswith(s)) and len(joined) <= len(s) + 12 for s in site_names)


def split(text: str) -> list[str]:
    """Names out of a byline: "By A. One and B. Two, Berlin"."""
    text = _LEAD.sub("", " ".join(text.split()))
    return [name for part in _SPLIT.split(text) if (name := tidy(part))]


def tidy(name: str) -> str | None:
    """One name, or None where it cannot be one."""
    name = _LEAD.sub("", name).strip(" \t.,;:|-–—·•*\"'“”„()")
    words = name.split()
    if not name or len(name) > 60 or len(words) > 6 or _NOT_A_NAME.search(name) or not re.search(r"[^\W\d_]{2}", name):
        return None
    return name


def looks_like_a_person(text: str) -> bool:
    """Two to four words, each capitalised but for particles, without marks."""
    names = text.split()
    if not 2 <= len(names) <= 4 or re.search(r"[:!?|/\d]", text):
        return False
    return all(n[0].isupper() or n in _PARTICLES for n in names) and names[0][0].isupper() and not text.isupper()


def near(told: list[Line], site_names: frozenset[str]) -> tuple[str, ...]:
    """Authors out of the lines below a headline: what links to an author's page, or begins with "By"."""
    linked = [
        n for line in told if line.href and _AUTHOR_PAGE.search(line.href) and looks_like_a_person(line.text) for n in split(line.text)
    ]
    if not linked:
        for place, line in enumerate(told):
            for piece in re.split(r"\s+[|·•]\s+", line.text):
                if match := _BY_LINE.match(piece):
                    linked.extend(split(match[1]))
            if _BY_ALONE.match(line.text) and place + 1 < len(told) and looks_like_a_person(told[place + 1].text):
                linked.extend(split(told[place + 1].text))
    return tuple(n for n in _unique(linked) if not is_house(n, site_names))[:5]


def undo_capitals(name: str) -> str:
    """PETER MCKAY-OLSEN as Peter Mckay-Olsen; other names as they are."""
    if name.upper() != name or name.lower() == name or len(name) < 6:
        return name
    return re.sub(r"[^\W\d_]+", lambda m: m[0].capitalize(), name)


def _sources(page: Page, feed: list[str]) -> Iterable[tuple[list[str], str]]:
    yield _from_json(jsonld.resolve(page.article.get("author"), page.nodes)), "jsonld"
    yield _from_json(jsonld.resolve(page.article.get("creator"), page.nodes)), "jsonld"
    for name, values in page.meta.items():
        if _META.search(name) and name != "twitter:creator":
            yield [n for value in values if not _NOT_A_NAME.search(value) for n in split(value)], "meta"
    yield _bylines(page), "heading"
    yield [n for value in feed for n in split(value)], "feed"


def _from_json(value: Any) -> list[str]:
    names: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, list):
            names.extend(_from_json(item[:MAX_AUTHORS]))
            continue
        if isinstance(item, dict) and isinstance(item.get("name"), list):
            names.extend(n for v in item["name"][:MAX_AUTHORS] if isinstance(v, str) for n in split(v))
            continue
        text = jsonld.text_of(item)
        if text:
            names.extend(split(text))
    return names[: 3 * MAX_AUTHORS]


def _bylines(page: Page) -> list[str]:
    """Names in elements that are named as bylines: links to authors first, then texts that begin with "By"."""
    linked: list[str] = []
    told: list[str] = []
    kept: list[str] = []
    home = None
    for element in (*_LINKED(page.root)[:10], *page.named(_BYLINE_NAME)[:30]):
        text = text_content(element)
        if not 3 <= len(text) <= 160:
            continue
        if element.get("rel") == "author" or element.get("itemprop") == "author":
            linked.extend(split(text))
        elif match := _BY_LINE.match(text):
            told.extend(split(match[1]))
        elif looks_like_a_person(text):
            told.extend(split(text))
        if not (linked or told):
            continue
        # Names that stand elsewhere on the page are other stories' authors.
        place = element.getparent()
        place = place if place is None or place.getparent() is None else place.getparent()
        if home is None:
            home = place
        elif place is not home and place.getparent() is not home:
            break
        kept = list(linked or told)
    return kept[:5]


def _unique(names: Iterable[str]) -> list[str]:
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(name.casefold(), name)
    return list(seen.values())
