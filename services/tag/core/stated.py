"""Tags that an event page states: links to a wiki's articles, chosen by people, as concepts of ours.

A link's target names the concept, its surface only says how it is called there: `[[Vladimir Putin|the president]]` teaches nothing of
presidents. A target that the tables or the rules for names know is theirs, so that the page meets the articles that name the same; any
other is a concept of its own.
"""

import re
from collections.abc import Sequence

from services.tag.core.gazetteer import Concept, Gazetteer, built_in
from services.tag.core.persons import normal_form, slug
from services.tag.core.tagger import MAX_SURFACES, MAX_TAGS, Tag, tag_article
from services.tag.core.tokens import tokenise

# What an editor found worth a link weighs as much as what stands in a title.
WEIGHT = 0.75
_WEIGHTS = {"country": 0.7, "office": 0.3, "topic": 0.6}
_QUALIFIER = re.compile(r"\s*\(([^()]*)\)$")
_SHOWN = 120  # characters of a name


def with_stated(tags: Sequence[Tag], stated: Sequence[tuple[str, str]], gazetteer: Gazetteer | None = None) -> tuple[Tag, ...]:
    """An event page's tags: those of its text, and those that it states, as (target, surface); heaviest first, at most `MAX_TAGS`."""
    known_concepts = gazetteer or built_in()
    found = {tag.id: tag for tag in tags}
    named: dict[str, tuple[Concept, dict[str, int]]] = {}
    for target, surface in stated:
        concept = concept_of(target, known_concepts)
        if concept is not None:
            surfaces = named.setdefault(concept.id, (concept, {}))[1]
            surfaces[surface] = surfaces.get(surface, 0) + 1
    for concept, surfaces in named.values():
        known = found.get(concept.id)
        weight = _WEIGHTS.get(concept.kind, WEIGHT)
        found[concept.id] = Tag(
            id=concept.id,
            name=known.name if known else concept.name,
            kind=known.kind if known else concept.kind,
            surfaces=tuple(dict.fromkeys((*(known.surfaces if known else ()), *surfaces)))[:MAX_SURFACES],
            count=max(known.count if known else 0, sum(surfaces.values())),
            weight=max(known.weight if known else 0.0, weight),
        )
    return tuple(sorted(found.values(), key=lambda tag: (-tag.weight, tag.id))[:MAX_TAGS])


def concept_of(target: str, gazetteer: Gazetteer) -> Concept | None:
    """The concept that a wiki's title names; None for one without a letter."""
    qualifier = _QUALIFIER.search(target)
    name = _QUALIFIER.sub("", target).strip()[:_SHOWN]
    keys = tokenise(name).keys
    if not keys:
        return None
    listed = _listed(keys, gazetteer)
    if qualifier and len(listed) > 1:  # Georgia (country), Georgia (U.S. state)
        kind = "country" if "country" in qualifier[1].casefold() else "place"
        listed = [concept for concept in listed if concept.kind == kind]
    if len(set(listed)) == 1:
        return listed[0]
    for tag in tag_article(None, name, gazetteer=gazetteer):
        if tag.surfaces[:1] == (name,):
            return Concept(tag.id, tag.kind, tag.name)
    place, comma, home = name.rpartition(", ")
    homes = {concept.id for concept in _listed(tokenise(home).keys, gazetteer) if concept.kind in ("country", "place")} if comma else set()
    if homes:  # Bara, Sudan
        found = concept_of(place, gazetteer)
        if found is not None and found.id not in gazetteer.concepts:
            return Concept(found.id, "place", found.name)
        if found is not None and _lies_in(found, homes, gazetteer):
            return found
    ending = slug(normal_form(tuple(keys)))
    return Concept(f"name:{ending}", "name", name) if ending else None


def _lies_in(concept: Concept, homes: set[str], gazetteer: Gazetteer) -> bool:
    """Whether one of these concepts is a parent's parent of it: Paris, Texas, is not the tables' Paris."""
    above = concept.parent
    for _ in range(5):
        if above in homes:
            return True
        parent = gazetteer.concepts.get(above)
        above = parent.parent if parent else ""
    return False


def _listed(keys: Sequence[str], gazetteer: Gazetteer) -> list[Concept]:
    return [one.concept for one in gazetteer.candidates(keys)]
