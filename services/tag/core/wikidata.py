"""Concepts out of a Wikidata dump (https://www.wikidata.org/wiki/Wikidata:Database_download, CC0): one entity a line of JSON.

An entity's kind comes from what it is an instance of (P31), where that is one of some well-known classes, else from what is told of it: who
was born is a person, what has coordinates and a country is a place, what was founded and has a seat an organisation. Names and topics
whose nature is not told so are left out: they would only make strangers alike.
"""

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.tag.core.infer import country_of
from services.tag.core.matching import Concept, Gazetteer
from services.tag.core.sources import MAX_SURFACES, clean_text, id_of, is_telling
from services.tag.core.tokens import words_of

MAX_LINE = 8_000_000  # bytes; the longest entities have some four million
# Classes by kind. A person of fiction, a page of a wiki, a name as such are none of ours.
_CLASSES = {
    "country": "Q6256 Q3624078",
    "person": "Q5",
    "place": "Q515 Q486972 Q3957 Q532 Q1549591 Q5119 Q10864048 Q35657 Q82794 Q23442 Q4022 Q8502 Q23397 Q165 Q15284",
    "armed_group": "Q17149090 Q176799 Q772547",
    "organisation": "Q43229 Q4830453 Q783794 Q891723 Q6881511 Q7278 Q484652 Q163740 Q327333 Q192350 Q3918 Q476028"
    " Q11032 Q22687 Q46970 Q79913",
    "office": "Q4164871 Q294414",
    "disaster": "Q7944 Q8065 Q8068 Q169950 Q744913 Q8092 Q3839081 Q44512 Q12184 Q3241045",
    "election": "Q40231 Q858439 Q1076105 Q43109",
    "event": "Q198 Q180684 Q178561 Q2223653 Q645883 Q273120 Q45382",
    "craft": "Q11446 Q40218 Q11436 Q17205 Q2811 Q174736",
}
_KIND_OF = {item: kind for kind, items in _CLASSES.items() for item in items.split()}
_NOTHING = frozenset(("Q4167410", "Q13406463", "Q4167836", "Q11266439", "Q101352", "Q202444", "Q15632617", "Q95074"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """What is kept of an entity. `countries`: items that it lies in or belongs to; `iso`: a country's code; `links`: wikis that know it."""

    item: str
    kind: str
    name: str
    surfaces: tuple[str, ...]
    countries: tuple[str, ...]
    iso: str
    links: int

    def to_line(self) -> str:
        """One line of the file that an import writes on its way."""
        return json.dumps([self.item, self.kind, self.name, self.surfaces, self.countries, self.iso, self.links], ensure_ascii=False)

    @classmethod
    def from_line(cls, line: str) -> "Entity":
        item, kind, name, surfaces, countries, iso, links = json.loads(line)
        return cls(item=item, kind=kind, name=name, surfaces=tuple(surfaces), countries=tuple(countries), iso=iso, links=links)


def read_entity(line: bytes, languages: Sequence[str], min_links: int) -> Entity | None:
    """The entity of one line of a dump; None for what is no concept of ours, or no entity at all. `languages`: the first gives the name."""
    line = line.strip().rstrip(b",")
    if len(line) > MAX_LINE or not line.startswith(b"{"):
        return None
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict) or given.get("type") != "item" or not _is_item(given.get("id")):
        return None
    links = len(_mapping(given.get("sitelinks")))
    claims = _mapping(given.get("claims"))
    kind = _kind(claims)
    if links < min_links or not kind:
        return None
    labels = [(code, text) for code in languages if (text := _value(_mapping(given.get("labels")).get(code)))]
    if not labels:
        return None
    name = labels[0][1]
    bare = kind not in ("person", "office")
    found = [(code, text) for code, text in labels if is_telling(text, bare=bare or text == name)]
    for code in languages:
        listed = _mapping(given.get("aliases")).get(code)
        found += [(code, text) for one in (listed if isinstance(listed, list) else [])[:50] if is_telling(text := _value(one))]
    surfaces = tuple(dict.fromkeys(f"ru:{text}" if code == "ru" else text for code, text in found))[:MAX_SURFACES]
    if not surfaces or not id_of(name):
        return None
    countries = (*_items(claims, "P17"), *_items(claims, "P27"), *_items(claims, "P495"))
    iso = next((text for text in _texts(claims, "P297") if len(text) == 2 and text.isascii() and text.isupper()), "")
    iso = iso if kind == "country" else ""
    return Entity(item=given["id"], kind=kind, name=name, surfaces=surfaces, countries=countries[:3], iso=iso, links=links)


def concept_of(entity: Entity, codes: Mapping[str, str], known: Gazetteer, taken: Container[str]) -> tuple[Concept, list[str]] | None:
    """An entity as a concept: the tables' own where it is the same, so that two names of one thing do not become two things. What the
    tables know by a surface stays theirs.

    `codes`: countries' ISO codes by item; `taken`: ids of better known entities. None where one of these, or the tables, have the name.
    """
    home = next((f"country:{codes[one]}" for one in entity.countries if one in codes), "")
    home = home if home in known.concepts else ""
    concept = known.concepts.get(f"country:{entity.iso}") if entity.kind == "country" else _same(entity, home, known)
    if concept is None:
        concept_id = id_of(entity.name)
        if entity.kind == "country" or concept_id in taken or concept_id in known.concepts:
            return None
        is_bare = len(_keys(entity.name)) == 1 and not entity.name.isupper()
        concept = Concept(concept_id, entity.kind, entity.name, home, "w" if is_bare else "")
    surfaces = [one for one in entity.surfaces if all(meant.concept.id == concept.id for meant in known.candidates(_keys(one)))]
    return (concept, surfaces) if surfaces else None


def _same(entity: Entity, home: str, known: Gazetteer) -> Concept | None:
    """The concept of the tables that an entity is: of its name, kind and country."""
    listed = {one.concept for one in known.candidates(_keys(entity.name)) if one.concept.kind == entity.kind}
    if len(listed) != 1:
        return None
    found = listed.pop()
    country = country_of(found, known.concepts)
    return found if not home or country is None or country.id == home else None


def _keys(surface: str) -> list[str]:
    return words_of(surface.removeprefix("ru:"))[1]


def _kind(claims: Mapping[str, Any]) -> str:
    classes = _items(claims, "P31")
    if not _NOTHING.isdisjoint(classes):
        return ""
    kinds = [_KIND_OF[one] for one in classes if one in _KIND_OF]
    if kinds:
        return kinds[0]
    if "P569" in claims:  # date of birth
        return "person"
    if "P625" in claims and "P17" in claims and "P571" not in claims:  # coordinates, country; no inception
        return "place"
    return "organisation" if "P571" in claims and ("P159" in claims or "P112" in claims) else ""  # inception; seat, founder


def _items(claims: Mapping[str, Any], prop: str) -> tuple[str, ...]:
    return tuple(one["id"] for one in _values(claims, prop) if isinstance(one, dict) and _is_item(one.get("id")))


def _texts(claims: Mapping[str, Any], prop: str) -> Iterator[str]:
    return (one for one in _values(claims, prop) if isinstance(one, str))


def _values(claims: Mapping[str, Any], prop: str) -> Iterator[Any]:
    """The values of a property that hold: those of preferred rank first, none that is deprecated."""
    listed = claims.get(prop)
    stated = [one for one in listed[:50] if isinstance(one, dict)] if isinstance(listed, list) else []
    for rank in ("preferred", "normal"):
        for one in stated:
            if one.get("rank", "normal") == rank:
                yield _mapping(_mapping(one.get("mainsnak")).get("datavalue")).get("value")


def _is_item(given: Any) -> bool:
    return isinstance(given, str) and given[:1] == "Q" and given[1:].isdecimal() and len(given) < 15


def _value(given: Any) -> str:
    value = _mapping(given).get("value")
    return clean_text(value) if isinstance(value, str) else ""


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, dict) else {}
