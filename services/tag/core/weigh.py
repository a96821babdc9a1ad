"""How much a concept says about an article: its place in it, how often it is named, and how rarely its like is."""

from dataclasses import dataclass, field

from services.tag.core.gazetteer import Concept
from services.tag.core.infer import lasted_long

_BASE = {
    "event": 0.62,
    "person": 0.58,
    "armed_group": 0.60,
    "country": 0.58,
    "place": 0.56,
    "organisation": 0.52,
    "disaster": 0.52,
    "election": 0.50,
    "craft": 0.50,
    "topic": 0.40,
    "name": 0.36,
    "office": 0.14,
}
_COMMON = 0.18  # a concept marked as common weighs so much less
_INFERRED_WAR = 0.80  # of many years: what most articles about it share
_INFERRED_EVENT = 0.70
_SUPPOSED_EVENT = 0.58  # named by its year and country
_IMPLIED = 0.40  # a country by what lies in it, a place by what happened there
_IMPLIED_BY_PERSON = 0.32


@dataclass(slots=True)
class Evidence:
    """Where a concept stands in an article. `implied_by`: how many mentions of what lies in it imply it."""

    concept: Concept
    is_inferred: bool = False
    is_supposed: bool = False
    count: int = 0
    implied_by: int = 0
    implied_first: bool = False  # by what the title or the lead names
    in_title: bool = False
    in_lead: bool = False
    first: float = 1.0  # place of the first mention in the field, 0 to 1
    surfaces: dict[str, int] = field(default_factory=dict)

    def add(self, surface: str, *, in_title: bool, at: int, size: int, lead: int) -> None:
        """Count one mention at token `at` of `size`."""
        self.is_inferred = self.is_supposed = False
        self.count += 1
        self.surfaces[surface] = self.surfaces.get(surface, 0) + 1
        self.in_title = self.in_title or in_title
        self.in_lead = self.in_lead or in_title or at < lead
        place = 0.0 if in_title and size < 20 else at / size
        if place < self.first:
            self.first = place

    def imply(self, other: "Evidence") -> None:
        """Note that `other` lies in this or belongs to it."""
        if other.concept.kind != "person":
            self.implied_by += max(other.count, 1)
            self.implied_first = self.implied_first or other.in_title or (other.is_inferred and not other.implied_by)


def weight(entry: Evidence, *, has_title: bool) -> float:
    """0 to 1."""
    concept = entry.concept
    if entry.is_supposed:
        return _SUPPOSED_EVENT
    if entry.is_inferred and concept.kind not in ("country", "place"):
        return round((_INFERRED_WAR if lasted_long(concept) else _INFERRED_EVENT) - (_COMMON if concept.is_common else 0), 3)
    if entry.is_inferred:
        base = _IMPLIED + (0.08 if entry.implied_first else 0) if entry.implied_by else _IMPLIED_BY_PERSON
        return round(min(0.62, base + 0.04 * entry.implied_by), 3)
    value = _BASE.get(concept.kind, 0.4)
    if concept.is_common:
        value -= _COMMON
    if concept.kind == "name" and any(" " in surface for surface in entry.surfaces):
        value += 0.08
    if entry.in_title:
        value += 0.16
    elif entry.in_lead:
        value += 0.08 if has_title else 0.16
    value += 0.16 * (1 - 1 / entry.count) + 0.08 * (1 - entry.first)
    return round(max(0.02, min(1.0, value)), 3)
