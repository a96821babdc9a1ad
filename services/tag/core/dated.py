"""Events that no table names, called as encyclopaedias call them: a year, a country, what happened (`2018 Turkish presidential election`).

The year is the article's, so nothing is named where its day is not known. An id made so is the same for all outlets and languages.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from services.tag.core.gazetteer import built_in
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
# Where the president is elected together with parliament, so that one election has two names.
_TOGETHER = frozenset(
    f"country:{code}"
    for code in (
        *("PA", "CL", "BR", "GT", "HN", "PE", "BO", "AR", "CR", "EC", "UY", "PY", "MX", "NI"),
        *("KE", "TZ", "NG", "ZM", "MW", "GH", "SL", "LR", "ZW", "NA", "MZ", "AO"),
    )
)
_VOTE_OF_A_YEAR = re.compile(r"(\d{4}) (.+ (?:elections?|referendum))")
_PRESIDENTIAL, _GENERAL = " presidential election", " general election"
# Adjectives that encyclopaedias prefer to those of peoples.
_ADJECTIVES = {"Kazakh": "Kazakhstani", "Kyrgyz": "Kyrgyzstani", "Tajik": "Tajikistani", "Uzbek": "Uzbekistani", "Saudi": "Saudi Arabian"}
_SMALLER = frozenset({"regional", "municipal", "local", "legislative", "provincial", "state", "senate", "gubernatorial"})
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
_PACIFIC = frozenset(  # where hurricanes are those of the Pacific
    f"place:{name}"
    for name in (
        *("hawaii-us", "baja-california", "baja-california-sur", "sinaloa", "nayarit", "jalisco", "colima", "michoacan"),
        *("guerrero", "oaxaca", "acapulco", "puerto-vallarta", "mazatlan", "cabo-san-lucas"),
    )
)
_PATTERNS = _VOTES | _HAPPENINGS


def find_votes(tokens: Tokens, mentions: Sequence[Mention], day: date | None, gazetteer: Gazetteer) -> list[Mention]:
    """`Turkey's presidential election` and `Turkish presidential election` as that country's election of the year."""
    found: list[Mention] = []
    if day is None or not mentions:
        return found
    year = _year(tokens, day)
    for country, vote in pairwise(mentions):
        pattern = _VOTES.get(vote.concepts[0].id)
        if pattern is None or country.concepts[0].kind != "country" or country.end != vote.start or tokens.gap(vote.start) != " ":
            continue
        if not (country.start and tokens.keys[country.start - 1].isdigit()):
            found.append(Mention(country.start, vote.end, (_named(pattern, country.concepts[0], year, gazetteer),)))
    return found + [_smaller(tokens, one, year) for one in mentions if _is_smaller(tokens, one)]


def other_names(event: str) -> list[str]:
    """How else encyclopaedias call a vote: with its year last until 2018; general, where it chooses president and parliament.

    Of what is held every year the year may stand last too: `Norrland Song Contest 2014`.
    """
    vote = _VOTE_OF_A_YEAR.fullmatch(event)
    if vote is None:
        year, _, rest = event.partition(" ")
        return [f"{rest} {year}"] if year.isdigit() and len(year) == 4 and rest else []
    names = [vote[2]]
    adjective, _, kind = vote[2].partition(_PRESIDENTIAL)
    if not kind and any(built_in().concepts[country].adjective == adjective for country in _TOGETHER):
        names.append(adjective + _GENERAL)
    people = vote[2].partition(" ")[0]
    names += [name.replace(people, _ADJECTIVES[people], 1) for name in names if people in _ADJECTIVES]
    return [*(f"{vote[1]} {name}" for name in names[1:]), *(f"{name}, {vote[1]}" for name in names)]


def _is_smaller(tokens: Tokens, country: Mention) -> bool:
    """Whether an election of regions or towns stands after a country: `French regional elections`."""
    after = tokens.keys[country.end : country.end + 2]
    if country.concepts[0].kind != "country" or (country.start and tokens.keys[country.start - 1].isdigit()):
        return False
    return len(after) == 2 and after[0] in _SMALLER and after[1] in ("election", "elections")


def _smaller(tokens: Tokens, country: Mention, year: str) -> Mention:
    home = country.concepts[0]
    name = f"{year} {home.adjective} {tokens.keys[country.end]} {tokens.keys[country.end + 1]}"
    return Mention(country.start, country.end + 2, (Concept(f"event:{slug(tokenise(name).keys)}", "election", name, home.id),))


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
        if topic.id == "topic:referendum" and "topic:constitution" in found:
            pattern, last = _Pattern("constitutional referendum", "election", True), "referendum"
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
    if day is None or not any(one.kind == "disaster" or one.name.partition(" ")[0].lower() in _SEASONS for one in found.values()):
        return []
    used = set(keys)
    names = [f"{day.year} {season}" for storm, season in _SEASONS.items() if storm in used]
    if not _PACIFIC.isdisjoint(found):
        names = [name.replace("Atlantic", "Pacific") for name in names]
    return [_listed(name, gazetteer) or Concept(f"event:{slug(tokenise(name).keys)}", "disaster", name) for name in names[:1]]


def _is_in(event: Concept, country: Concept, gazetteer: Gazetteer) -> bool:
    return country_of(event, gazetteer.concepts) == country or country.adjective in event.name or country.name in event.name


def _year(tokens: Tokens, day: date) -> str:
    """Of a vote that an article of this day speaks of."""
    keys = tokens.keys
    after = "next" in keys and any(keys[at : at + 2] == ["next", "year"] for at in range(len(keys) - 1))
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
