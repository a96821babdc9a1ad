"""Who held which office when: names an office with its country, and decides whom a bare surname means by who was in office that day.

Terms stand in the rows of the persons (`o=president 2013-08 2021-08`, months; without an end the term goes on).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import pairwise

from services.tag.core.gazetteer import table
from services.tag.core.matching import Concept, Mention
from services.tag.core.persons import normal_form, slug
from services.tag.core.tokens import Tokens, tokenise

# Offices that every country has, by the tables' concepts of them.
_OFFICES = {
    "topic:president": "President",
    "topic:vice-president": "Vice President",
    "topic:prime-minister": "Prime Minister",
    "topic:chancellor": "Chancellor",
    "topic:foreign-minister": "Foreign Minister",
    "topic:defence-minister": "Defence Minister",
    "topic:interior-minister": "Interior Minister",
    "topic:finance-minister": "Finance Minister",
    "topic:king": "Monarch",
}
_LOCAL = {"topic:mayor": "Mayor", "topic:governor": "Governor"}
_KNOWN = {("country:US", "topic:president"): "topic:us-president", ("country:US", "topic:vice-president"): "topic:us-vice-president"}
# Countries whose name takes an article after `of`.
_WITH_ARTICLE = frozenset(
    f"country:{code}" for code in ("GB", "US", "PH", "NL", "CZ", "GM", "MV", "CD", "CG", "CF", "AE", "BS", "DO", "MH", "KM", "SB", "SC")
)
_FAMILY_FIRST = frozenset({"country:CN", "country:HK", "country:KP", "country:KR", "country:TW", "country:VN", "country:KH"})


@dataclass(frozen=True, slots=True)
class Term:
    """A person's time in an office; `until` is None where it goes on. Months: the first day of the month each."""

    office: str
    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        """Whether the office was held in that day's month."""
        month = day.replace(day=1)
        return self.since <= month and (self.until is None or month <= self.until)


@lru_cache(maxsize=4096)
def terms(flags: str) -> tuple[Term, ...]:
    """The terms that a person's flags tell, in the order of the table."""
    found = []
    for flag in flags.split(";"):
        name, equals, rest = flag.partition("=")
        if name == "o" and equals:
            words = rest.split()
            months = [word for word in words if word[:4].isdigit()]
            office = " ".join(word for word in words if not word[:4].isdigit())
            found.append(Term(office, date.fromisoformat(f"{months[0]}-01"), date.fromisoformat(f"{months[1]}-01") if months[1:] else None))
    return tuple(found)


def find_offices(tokens: Tokens, mentions: Sequence[Mention], concepts: Mapping[str, Concept]) -> list[Mention]:
    """`Turkish president`, `President of Turkey`: the country's office, where a country stands beside it."""
    found: list[Mention] = []
    for before, after in pairwise(mentions):
        gap = [*tokens.keys[before.end : after.start]]
        first, second = before.concepts[0], after.concepts[0]
        if not gap and first.kind == "country" and second.id in _OFFICES and tokens.gap(after.start) == " ":
            found.append(Mention(before.start, after.end, (_office(first, second.id, concepts),)))
        elif gap in (["of"], ["of", "the"]) and first.id in _OFFICES and second.kind == "country":
            found.append(Mention(before.start, after.end, (_office(second, first.id, concepts),)))
        elif gap == ["of"] and first.id in _LOCAL and second.kind == "place":
            found.append(Mention(before.start, after.end, (_local(second, first.id),)))
        elif not gap and first.kind == "place" and second.id == "topic:governor" and tokens.gap(after.start) == " ":
            found.append(Mention(before.start, after.end, (_local(first, second.id),)))
    return found


def _local(place: Concept, generic: str) -> Concept:
    """Who governs a state or a town: `Mayor of London`."""
    office = f"office:{place.id.partition(':')[2]}-{generic.partition(':')[2]}"
    return Concept(office, "office", f"{_LOCAL[generic]} of {place.name}", place.id)


def _office(country: Concept, generic: str, concepts: Mapping[str, Concept]) -> Concept:
    known = concepts.get(_KNOWN.get((country.id, generic), ""))
    name = _OFFICES[generic]
    article = "the " if country.id in _WITH_ARTICLE else ""
    return known or Concept(office_id(country.id, name), "office", f"{name} of {article}{country.name}", country.id)


def office_id(country: str, name: str) -> str:
    """The id of a country's office."""
    return f"office:{country.rpartition(':')[2].lower()}-{slug(tokenise(name).keys)}"


def in_office(keys: Sequence[str], day: date | None, homes: Collection[str]) -> str:
    """The id of the one person of this surname who held an office that day in one of these countries; "" for none or several."""
    surname = normal_form(tuple(keys))
    if day is None or len(surname) != 1:
        return ""
    found = {one for one, home, its in _by_surname().get(surname[0], ()) if home in homes and any(term.covers(day) for term in its)}
    return found.pop() if len(found) == 1 else ""


@cache
def _by_surname() -> dict[str, list[tuple[str, str, tuple[Term, ...]]]]:
    found: dict[str, list[tuple[str, str, tuple[Term, ...]]]] = {}
    for row in table("persons.tsv"):
        its = terms(row[4]) if "o=" in row[4] else ()
        if its:
            parts = normal_form(tuple(tokenise(row[2]).keys))
            surname = parts[0] if row[3] in _FAMILY_FIRST else parts[-1]
            found.setdefault(surname, []).append((row[0], row[3], its))
    return found


def relations(concept: Concept, day: date | None) -> Iterable[tuple[str, str]]:
    """What a concept is to others: (`in`, id of a place or owner), (`part of`, id of a war), (`holds`, id of an office held that day)."""
    if concept.parent:
        yield "in", concept.parent
    for flag in concept.flags.split(";"):
        if flag.startswith("part="):
            yield "part of", flag[5:]
    if concept.kind == "person" and day is not None:
        yield from (("holds", office_id(concept.parent, term.office)) for term in terms(concept.flags) if term.covers(day))
