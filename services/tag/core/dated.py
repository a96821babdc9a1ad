"""Events that no table names, called as encyclopaedias call them: a year, a country, what happened (`2018 Turkish presidential election`).

The year is the article's, so nothing is named where its day is not known. An id made so is the same for all outlets and languages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from services.tag.core.infer import country_of, is_of_its_time
from services.tag.core.matching import Concept, Gazetteer, Mention
from services.tag.core.persons import slug
from services.tag.core.tokens import Tokens, tokenise


@dataclass(frozen=True, slots=True)
class _Pattern:
    """How an event is called: with the country's adjective or its name, and with which words after it."""

    words: str
    kind: str
    adjective: bool


# Where encyclopaedias put the country's name before an election, or call it otherwise.
_BY_NAME = frozenset({"country:GB", "country:US", "country:NZ", "country:CF", "country:CD", "country:DO", "country:CI", "country:TL"})
_FEDERAL = frozenset({"country:AU", "country:CA", "country:DE"})
_VOTES = {
    "topic:presidential-election": _Pattern("presidential election", "election", True),
    "topic:parliamentary-election": _Pattern("parliamentary election", "election", True),
    "topic:general-election": _Pattern("general election", "election", True),
}
_OF_PARLIAMENT = frozenset({"parliamentary election", "general election"})
_HAPPENINGS = {
    "topic:earthquake": _Pattern("earthquake", "disaster", False),
    "topic:wildfire": _Pattern("wildfires", "disaster", False),
    "topic:flood": _Pattern("floods", "disaster", False),
    "topic:coup": _Pattern("coup d'état", "event", True),
    "topic:protest": _Pattern("protests", "event", True),
}
# How the season of a storm is called, by what it is called itself.
_SEASONS = {"hurricane": "Atlantic hurricane season", "typhoon": "Pacific typhoon season"}
_EAST = frozenset({"place:hawaii-us", "place:baja-california"})  # hurricanes of the Pacific
_PATTERNS = _VOTES | _HAPPENINGS


def find_votes(tokens: Tokens, mentions: Sequence[Mention], day: date | None, gazetteer: Gazetteer) -> list[Mention]:
    """`Turkey's presidential election` and `Turkish presidential election` as that country's election of the year."""
    found: list[Mention] = []
    year = _year(tokens, day)
    for country, vote in pairwise(mentions) if year else ():
        pattern = _VOTES.get(vote.concepts[0].id)
        if pattern is None or country.concepts[0].kind != "country" or country.end != vote.start or tokens.gap(vote.start) != " ":
            continue
        if not (country.start and tokens.keys[country.start - 1].isdigit()):
            found.append(Mention(country.start, vote.end, (_named(pattern, country.concepts[0], year, gazetteer),)))
    return found


def happenings(prominent: Iterable[Concept], found: Mapping[str, Concept], day: date | None, gazetteer: Gazetteer) -> list[Concept]:
    """What happened in the one country that an article is about, unless the tables or the text named it already."""
    prominent = list(prominent)
    homes = {one.id: one for one in (country_of(one, gazetteer.concepts) or one for one in prominent) if one.kind == "country"}
    if day is None or len(homes) != 1:
        return []
    country = next(iter(homes.values()))
    named = [one for one in found.values() if one.kind in ("event", "disaster", "election") and _is_in(one, country, gazetteer)]
    events: list[Concept] = []
    for topic in prominent:
        pattern = _PATTERNS.get(topic.id)
        last = pattern.words.rpartition(" ")[2].rstrip("s") if pattern else ""
        if pattern and not any(last in one.name and is_of_its_time(one, day) for one in named):
            events.append(_named(pattern, country, str(day.year), gazetteer))
    return events


def editions(prominent: Iterable[Concept], day: date | None, gazetteer: Gazetteer) -> list[Concept]:
    """This year's edition of what is held every year or so (flag y in its row): `2016 NBA Finals`."""
    if day is None:
        return []
    names = [f"{day.year} {one.name}" for one in prominent if "y" in one.flags.split(";")]
    return [_listed(name, gazetteer) or Concept(f"event:{slug(tokenise(name).keys)}", "event", name) for name in names]


def season(found: Mapping[str, Concept], keys: Iterable[str], day: date | None, gazetteer: Gazetteer) -> list[Concept]:
    """The storms' season that an article about a hurricane or a typhoon falls into."""
    if day is None or not any(one.kind == "disaster" for one in found.values()) or not _EAST.isdisjoint(found):
        return []
    used = set(keys)
    names = [f"{day.year} {season}" for storm, season in _SEASONS.items() if storm in used]
    return [_listed(name, gazetteer) or Concept(f"event:{slug(tokenise(name).keys)}", "disaster", name) for name in names[:1]]


def _is_in(event: Concept, country: Concept, gazetteer: Gazetteer) -> bool:
    return country_of(event, gazetteer.concepts) == country or country.adjective in event.name or country.name in event.name


def _year(tokens: Tokens, day: date | None) -> str:
    if day is None:
        return ""
    keys = tokens.keys
    after = any(keys[at : at + 2] == ["next", "year"] for at in range(len(keys) - 1))
    return str(day.year + after)


def _named(pattern: _Pattern, country: Concept, year: str, gazetteer: Gazetteer) -> Concept:
    """The event under the id that the tables, or the rules for names, give to what it is called."""
    adjective = pattern.adjective and country.id not in _BY_NAME
    words = "federal election" if country.id in _FEDERAL and pattern.words in _OF_PARLIAMENT else pattern.words
    name = f"{year} {country.adjective if adjective else country.name} {words}"
    return _listed(name, gazetteer) or Concept(f"event:{slug(tokenise(name).keys)}", pattern.kind, name, country.id)


def _listed(name: str, gazetteer: Gazetteer) -> Concept | None:
    """The one concept that bears this name in the tables."""
    listed = {one.concept.id: one.concept for one in gazetteer.candidates(tokenise(name).keys)}
    return next(iter(listed.values())) if len(listed) == 1 else None
