"""What an article is about without saying so: wars, crises and events of its time, and the country of a place or an organisation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import pairwise

from services.tag.core.gazetteer import Concept, Gazetteer, table
from services.tag.core.lexicon import Lexicon
from services.tag.core.tokens import FIRST_UNSPACED, is_unspaced

# What lasted no longer is inferred for an article of its time only; a war of many years, or one that its row marks (s), also where the
# article's date is not known.
_SHORT = timedelta(days=2200)
_AFTERWARDS = timedelta(days=10)  # reports lag behind
_SAMPLE = 60  # tokens that tell whether a text is written without blanks
_PLACING = frozenset({"place", "armed_group", "event"})
_ABOVE = 4  # steps from a concept to its country


@dataclass(frozen=True, slots=True)
class Rule:
    """`inferred` holds where one of `needs`, one of `evidence` and one of `further` are found, and none of `unless`.

    All are ids or signs (`@war`: a word of war); an empty `evidence` or `further` asks for nothing.
    """

    inferred: str
    needs: frozenset[str]
    evidence: frozenset[str]
    unless: frozenset[str]
    further: frozenset[str]


@cache
def rules() -> dict[str, tuple[Rule, ...]]:
    """The package's rules by each concept that they need."""
    found: dict[str, list[Rule]] = {}
    for row in table("rules.tsv"):
        cells = [frozenset(cell.split()) - {"*"} for cell in [*row[1:], "", "", "", ""][:4]]
        rule = Rule(row[0], *cells)
        for one in sorted(rule.needs):
            found.setdefault(one, []).append(rule)
    return {one: tuple(its) for one, its in found.items()}


def signs(keys: Iterable[str], ids: Iterable[str], words: Lexicon) -> set[str]:
    """The signs that an article of these words and concepts bears. In scripts without blanks two words are read as one."""
    keys = list(keys)
    used = {*keys, *ids}
    if max(keys[:_SAMPLE], default="") >= FIRST_UNSPACED and any(map(is_unspaced, keys[:_SAMPLE])):
        used.update(map("".join, pairwise(keys)), map("".join, zip(keys, keys[1:], keys[2:], strict=False)))
    used &= words.telling
    return {sign for sign, its in words.signs.items() if not its.isdisjoint(used)}


def inferred(prominent: Iterable[str], found: Iterable[str], borne: set[str], day: date | None, gazetteer: Gazetteer) -> list[Concept]:
    """The concepts that follow from those found, in the order of their ids: what a rule needs must be prominent.

    `borne`: the article's signs; `day`: of its publication, None where unknown.
    """
    ids = set(found)
    named = set(prominent)
    named |= {home.id for home in (_home(gazetteer.concepts[one], gazetteer) for one in named if one in gazetteer.concepts) if home}
    told = ids | named | borne
    hits: set[str] = set()
    for one in named:
        for rule in rules().get(one, ()):
            if _follows(rule, told):
                hits.add(rule.inferred)
        whole = part_of(gazetteer.concepts[one]) if one in gazetteer.concepts else ""
        if whole:
            hits.add(whole)
    known = (gazetteer.concepts[one] for one in sorted(hits - ids) if one in gazetteer.concepts)
    return [concept for concept in known if is_of_its_time(concept, day)]


def _home(concept: Concept, gazetteer: Gazetteer) -> Concept | None:
    """The country that an article speaks of by naming this; a company's or a person's home is none."""
    return country_of(concept, gazetteer.concepts) if concept.kind in _PLACING else None


def _follows(rule: Rule, told: set[str]) -> bool:
    if rule.evidence and rule.evidence.isdisjoint(told):
        return False
    return rule.unless.isdisjoint(told) and (not rule.further or not rule.further.isdisjoint(told))


def part_of(concept: Concept) -> str:
    """The id of the greater event that an event belongs to: of the war for its battle; "" for none."""
    return _flags(concept.flags).get("part", "") if "=" in concept.flags else ""


def is_of_its_time(concept: Concept, day: date | None) -> bool:
    """Whether an article of that day may be about this event without naming it."""
    if "from=" not in concept.flags:
        return True
    if day is None:
        return lasted_long(concept)
    began, ended = window(concept.flags)
    return began <= day <= ended + _AFTERWARDS


def lasted_long(concept: Concept) -> bool:
    """Whether an event took many years, or is one that its row marks as known to everybody (s), or of which no dates are known."""
    if "from=" not in concept.flags:
        return True
    began, ended = window(concept.flags)
    return ended - began > _SHORT or "s" in concept.flags.split(";")


@lru_cache(maxsize=4096)
def window(flags: str) -> tuple[date, date]:
    """The first and the last day of an event, of the flags in its row."""
    its = _flags(flags)
    return date.fromisoformat(its["from"]), date.fromisoformat(its["to"])


def _flags(flags: str) -> dict[str, str]:
    return {name: value for name, equals, value in (flag.partition("=") for flag in flags.split(";")) if equals}


def above(concept: Concept, concepts: Mapping[str, Concept]) -> list[Concept]:
    """What a concept lies in or belongs to, nearest first: the place, then the country of a battle."""
    found: list[Concept] = []
    parent = concepts.get(concept.parent)
    while parent is not None and len(found) < _ABOVE:
        found.append(parent)
        parent = concepts.get(parent.parent)
    return found


def country_of(concept: Concept, concepts: Mapping[str, Concept]) -> Concept | None:
    """The country that a concept lies in or belongs to; None where it is one itself or belongs to none."""
    seen = 0
    parent = concepts.get(concept.parent)
    while parent is not None and parent.kind != "country" and seen < _ABOVE:
        parent, seen = concepts.get(parent.parent), seen + 1
    return parent
