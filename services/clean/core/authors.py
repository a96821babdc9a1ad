"""Who wrote it: people first; an agency is an author of last resort, and the outlet itself the very last.

What the page states (JSON-LD, meta) is asked first. Where that names no person, the page is read as readers do: elements that are
called bylines, then the lines below the headline, then labels and credits anywhere (`near`, `labelled`: who calls knows the story).
"""

import re
from collections.abc import Iterable
from typing import Any

from services.clean.core import byline, dates, jsonld
from services.clean.core.agencies import agency
from services.clean.core.near import Line, is_elsewhere
from services.clean.core.page import Page
from services.clean.core.tree import text_content
from services.clean.core.words import phrases, words

MAX_AUTHORS = 20
MAX_WORDS = 6  # of a name
MAX_NEAR = 5  # of a page that states none
_LEAD = re.compile(
    r"^\s*(?:(?:written|reported|posted|edited|published|text|words|story|artikel|ein artikel|eine? \w+) )?(?:by|von|par|"
    r"por|di|af|av|door|oleh|od|autor(?:in)?|author|автор|текст|"
    r"作者|記者|记者|文)\s*[::：]?\s+(?=\S)|^\s*(?:作者|記者|记者|责编|責編)\s*[:：]\s*|^\s*(?:автор|autor|author|by)\s*[:：]\s*",
    re.I,
)
_MARKS = re.compile(r"\s*(?:[;；|\n、，/／&]|,(?!\s*(?:jr|sr|ph\.?d|m\.?d)\b))\s*", re.I)
_AND = re.compile(r"\s+(?:and|und|et|y|og|och|e|en|и|i|with|mit|ve|dan|ja|és|și|ir|та|και)\s+", re.I)
_NOT_A_NAME = re.compile(r"https?:|www\.|\.(?:com|org|net)/|@|\d{3,}|[<>{}=\[\]]")
_SIGNATURE = re.compile(r"\s*[^\W\d_A-Z]{2,5}(?:/[^\W\d_A-Z]{2,5})+\s*")  # "srf/hosb": who signs and for whom, in one
_PAIRED = re.compile(r"\s+[-–—|]\s+|\.\s+(?=\S)")
_GENERIC = words(
    """
    admin administrator staff editor editors editorial redaktion redaktionen redaccion redacción redação redazione rédaction la
    rédaction newsroom newsdesk webmaster online desk news team author guest contributor anonymous unknown undefined null none
    nachrichten redakcja редакция yayın agencies agenturen agencias agências agenzie agentur
    """
) | phrases(
    """
    staff writer | staff reporter | staff writers | web desk | news desk | online desk | editorial staff | editorial team
    editorial board | la redazione | die redaktion | guest author | la rédaction | with agencies
    """
)
_GENERIC_END = words("staff desk newsroom redaktion redaction redacción redazione rédaction редакция team bureau reporters editors")
_META = re.compile(r"^(?!smartbanner|app\b|apple|msapplication).*?(?:^|[.:_-])(?:authors?|articleauthor|byl|byline|creator)(?:[_-]?name)?$")
_BYLINE_NAME = re.compile(r"byline|auth?or|auteur|journalist|writer|reporter|redakt|verfasser|forfatter|skribent|periodista|yazar")
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es|i|a|zy)?|auteurs?|autore|redacteurs?|redaktion|redaktor|skribent|profiles?|profil|people|person|staff|team|"
    r"journalist(?:e?s?)|giornalist[ai]|reporters?|correspondents?|contributors?|columnists?|writers?|yazar(?:lar)?|muhabir|penulis|firmas?|"
    r"by|mitarbeiter)/",
    re.I,
)
_CREDIT = re.compile(r"^\W{0,2}([^/|.!?:]{2,40}(?:\s*[/|]\s*[^/|.!?:]{2,40}){1,3})\W{0,2}$")
looks_like_a_person = byline.is_person


def find(page: Page, site_names: frozenset[str], feed: Iterable[str] = ()) -> tuple[tuple[str, ...], str | None, str | None]:
    """Authors, where they were found, and the agency among them."""
    fallback: tuple[tuple[str, ...], str] | None = None
    rank = 0
    credit = None
    for found, provenance in _sources(page, list(feed)):
        names = _without_jobs(_unique(part for name in found for part in _apart(name, site_names)))
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


def is_house(name: str, site_names: frozenset[str]) -> bool:
    """Whether a name is the outlet's own, or nobody's."""
    folded = name.casefold().strip()
    if folded in _GENERIC or folded.rpartition(" ")[2] in _GENERIC_END:
        return True
    joined = "".join(re.findall(r"\w+", folded))
    if joined in site_names:
        return True
    return any(len(s) >= 4 and (joined.startswith(s) or joined.endswith(s)) and len(joined) <= len(s) + 12 for s in site_names)


def split(text: str) -> list[str]:
    """Names out of a byline: "By A. One and B. Two, Berlin"."""
    text = _LEAD.sub("", byline.bare(text))
    names: list[str] = []
    for part in re.split(r"[;,]", text) if "/" in text else ():
        if _SIGNATURE.fullmatch(part) and not any(map(agency, part.strip().split("/"))):
            names.append(part.strip())
            text = text.replace(part, "", 1)
    for part in _MARKS.split(text):
        found = [tidy(piece) for piece in _AND.split(part)]
        # A long part with an "and" is names only where each half looks like one: else it tells who somebody is.
        if len(part.split()) <= MAX_WORDS or all(piece and byline.is_person(piece, marked=True) for piece in found):
            names.extend(piece for piece in found if piece)
    return names


def tidy(name: str) -> str | None:
    """One name, or None where it cannot be one."""
    name = _LEAD.sub("", name).strip(" \t.,;:|-–—·•*\"'“”„()")
    words = name.split()
    if not name or len(name) > 60 or len(words) > MAX_WORDS or _NOT_A_NAME.search(name) or not re.search(r"[^\W\d_]{2}", name):
        return None
    return name


def near(told: list[Line], site_names: frozenset[str], *, stated: bool = False) -> tuple[tuple[str, ...], str | None]:
    """Authors out of the lines below a headline: behind "By", linked to an author's page, or, where none is `stated`, beside the date.

    And the agency that stands in their place.
    """
    found: list[str] = []
    wire = None
    place = 0
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
    if not found and not stated:
        found.extend(_beside_date(told))
    return tuple(n for n in _unique(found) if not is_house(n, site_names) and not agency(n))[:MAX_NEAR], wire


def labelled(lines: Iterable[str], last: str, site_names: frozenset[str]) -> tuple[str, ...]:
    """Authors behind labels anywhere on a page; else those of a credit that ends the story ("The Post / Ann Archer"); else its editors."""
    people, editors = byline.labelled(iter(lines))
    if not people and (match := _CREDIT.match(last)):
        parts = [part.strip() for part in re.split(r"[/|]", match[1])]
        others = [part for part in parts if not is_house(part, site_names) and not agency(part)]
        people = others if len(others) < len(parts) and all(part.istitle() for part in others) else []
    return tuple(n for n in _unique(people or editors) if not is_house(n, site_names) and not agency(n))[:MAX_NEAR]


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
            yield [n for value in values if not _NOT_A_NAME.search(byline.bare(value)) for n in split(value)], "meta"
    yield _bylines(page), "heading"
    yield [n for value in feed for n in split(value)], "feed"


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


def _bylines(page: Page) -> list[str]:
    """Names in elements that are named as bylines, those that link to authors first."""
    kept: list[str] = []
    spare: list[str] = []
    home = None
    named = page.named(_BYLINE_NAME)[:40]
    for element in (*page.author_marks[:10], *named):
        text = _stated_text(element)
        if not 3 <= len(text) <= 160 or is_elsewhere(element):
            continue
        stated = element.get("rel") == "author" or element.get("itemprop") == "author"
        if stated and not re.search(r"[|•·\d]", text):
            names = split(text)
        else:
            names = byline.people(text, marked=stated or byline.begins(text))
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
    return (_unique(kept) or spare)[:MAX_NEAR]


def _stated_text(element: jsonld.etree._Element) -> str:
    """An element's text; of what it holds the part that is marked as the name."""
    if element.get("itemprop") == "author":
        name = element.find(".//*[@itemprop='name']")
        if name is not None:
            return " ".join((name.get("content") or text_content(name)).split())
    return text_content(element)


def _next(text: str) -> list[str] | None:
    """The names of a line that goes on a list of authors; none where it is a mark or an "and", None where the list is over."""
    if text.casefold().strip() in (",", "&", "/", "|", "and", "und", "et", "y", "e", "og", "och", "en", "и", "i", ":"):
        return []
    return byline.people(text, marked=True) or None


def _beside_date(told: list[Line]) -> list[str]:
    """What looks like a person and stands right before or after the first date."""
    for place, line in enumerate(told):
        if re.search(r"\d{4}", line.text) and dates.read(line.text):
            for other in (*told[max(place - 1, 0) : place], *told[place + 1 : place + 2]):
                if not other.href and (names := byline.people(other.text)):
                    return names
            return []
    return []


def _apart(name: str, site_names: frozenset[str]) -> list[str]:
    """A name without the outlet, agency or profession that is written behind it: "Ann Archer - The Alder Post"."""
    parts = _PAIRED.split(name) if len(name) > 8 and re.search(r"[-–—|.]\s", name) else [name]
    if len(parts) < 2:
        return [name]
    kept = [p for p in parts if not is_house(p, site_names) and not agency(p) and not byline.is_job(p)]
    return kept if 0 < len(kept) < len(parts) and len(kept[0]) > 3 else [name]


def _without_jobs(names: list[str]) -> list[str]:
    """Without professions, where people are named too."""
    return [n for n in names if not byline.is_job(n)] or names


def _unique(names: Iterable[str]) -> list[str]:
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(name.casefold(), name)
    return list(seen.values())
