"""Which other events an event is connected with, and through which tags.

A shared tag counts by its rarity (inverse document frequency, Spärck Jones 1972) and its weight in both events; nearness in time
multiplies. Generic tags add to a relation and never make one: this is what filled the Context's pages with ten times "Chinese".
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

MOST_RELATED = 10
# A tag that more than this share of all articles bears is generic; in a small chronicle, one that more than GENERIC_LEAST bear.
GENERIC_SHARE = 0.03
GENERIC_LEAST = 12
# Kinds that connect events even where many articles bear them are none: a person or a conflict of the day is not generic, a country is.
ALWAYS_GENERIC_KINDS = frozenset({"country"})
# After so many days a relation counts half as much: the next turn of a story often comes after months.
HALF_TIME_DAYS = 120.0
LEAST_STRENGTH = 0.12


@dataclass(frozen=True, kw_only=True)
class Weighted:
    """A tag of an event: `weight` 0 to 1 in the event's articles, `frequency` the articles of the chronicle that bear it."""

    id: str
    name: str
    kind: str
    weight: float
    frequency: int


@dataclass(frozen=True, kw_only=True)
class Other:
    """Another event that shares at least one tag: its tags' weights by id."""

    id: int
    day: date
    headline: str
    tags: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Relation:
    """How strongly (0 to 1) and through which tags, the strongest first."""

    other: Other
    tags: tuple[Weighted, ...]
    strength: float


def is_generic(tag: Weighted, total: int) -> bool:
    """Whether a tag relates nothing by itself in a chronicle of `total` articles."""
    return tag.kind in ALWAYS_GENERIC_KINDS or tag.frequency > max(GENERIC_LEAST, GENERIC_SHARE * total)


def relations(day: date, tags: Sequence[Weighted], others: Sequence[Other], total: int) -> tuple[Relation, ...]:
    """At most MOST_RELATED relations of an event of `day`, the strongest first; ties by nearness, then by id."""
    rarity = {tag.id: math.log((total + 1) / (tag.frequency + 0.5)) for tag in tags}
    full = sum(tag.weight * max(rarity[tag.id], 0.0) for tag in tags) or 1.0
    found = []
    for other in others:
        shared = [tag for tag in tags if tag.id in other.tags]
        if all(is_generic(tag, total) for tag in shared):
            continue
        share = sum(math.sqrt(tag.weight * other.tags[tag.id]) * max(rarity[tag.id], 0.0) for tag in shared) / full
        gap = abs((other.day - day).days)
        strength = min(1.0, share) * 0.5 ** (gap / HALF_TIME_DAYS)
        if strength >= LEAST_STRENGTH:
            shared.sort(key=lambda tag: (-rarity[tag.id] * tag.weight, tag.id))
            found.append((-strength, gap, other.id, Relation(other=other, tags=tuple(shared), strength=round(strength, 3))))
    return tuple(relation for *_, relation in sorted(found, key=lambda one: one[:3])[:MOST_RELATED])
