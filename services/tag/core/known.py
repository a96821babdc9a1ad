"""Under which surfaces the package's tables know a concept: for readers of `stage tag`, who may call it otherwise than the article did."""

from collections.abc import Iterator
from functools import cache

from services.tag.core.gazetteer import TABLES, table
from services.tag.core.institutions import phrases
from services.tag.core.tokens import is_caseless

_MARK = 3  # characters of a language's mark


@cache
def _written() -> dict[str, tuple[str, ...]]:
    """The surfaces of every concept as written, those in Latin letters first."""
    found: dict[str, tuple[str, ...]] = {}
    for name in TABLES:
        for row in table(name):
            surfaces = [_unmarked(one) for one in row[5].split("|")]
            found[row[0]] = tuple(sorted(surfaces, key=lambda one: not one.isascii() and is_caseless(one)))
    return found


def known_as(concept_id: str) -> tuple[str, ...]:
    """The surfaces of the concept; of a country's institution those that its pattern finds; nothing for a learnt name."""
    return (*_written().get(concept_id, ()), *_of_institution(concept_id))


def _of_institution(concept_id: str) -> Iterator[str]:
    code, dash, ending = concept_id.removeprefix("org:").partition("-")
    country = _adjectives().get(code, "") if dash and concept_id.startswith("org:") else ""
    if country:
        yield from (f"{country} {phrase}" for phrase in phrases(ending))


@cache
def _adjectives() -> dict[str, str]:
    flags = {row[0].partition(":")[2].lower(): row[4].split(";") for row in table("countries.tsv")}
    return {code: one[4:] for code, its in flags.items() for one in its if one.startswith("adj=")}


def _unmarked(surface: str) -> str:
    return surface[_MARK:] if surface[2:_MARK] == ":" and surface[:2].islower() else surface
