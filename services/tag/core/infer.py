"""What an article is about without saying so: standing conflicts and crises, and the country of a place, a person or an organisation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from services.tag.core.gazetteer import Concept, Gazetteer, table


@dataclass(frozen=True, slots=True)
class Rule:
    """`inferred` holds where one of `needs` and one of `evidence` (ids, or `@war` for a word of war) are found and none of `unless`."""

    inferred: str
    needs: frozenset[str]
    evidence: frozenset[str]
    unless: frozenset[str]


@cache
def rules() -> tuple[Rule, ...]:
    """The package's rules."""
    rows = [[*row, "", "", ""][:4] for row in table("rules.tsv")]
    return tuple(Rule(row[0], *(frozenset(cell.split()) for cell in row[1:])) for row in rows)


def inferred(prominent: Iterable[str], found: Iterable[str], war: bool, gazetteer: Gazetteer) -> list[Concept]:
    """The concepts that follow from those found: what a rule needs must be prominent. `war`: whether the article uses words of war."""
    named, ids = set(prominent), set(found)
    told = ids | {"@war"} if war else ids
    hits = [rule.inferred for rule in rules() if rule.needs & named and rule.evidence & told and not rule.unless & ids]
    return [gazetteer.concepts[one] for one in dict.fromkeys(hits) if one not in ids and one in gazetteer.concepts]


def country_of(concept: Concept, concepts: Mapping[str, Concept]) -> Concept | None:
    """The country that a concept lies in or belongs to; None where it is one itself or belongs to none."""
    seen = 0
    parent = concepts.get(concept.parent)
    while parent is not None and parent.kind != "country" and seen < 4:
        parent, seen = concepts.get(parent.parent), seen + 1
    return parent
