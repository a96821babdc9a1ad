"""The weekdays that an article names, read from its terms: reports that begin with different ones tell of different steps of a matter.

Weekdays are compared by name: what may be compared at all was published within days, and which date each of two reports means would
depend on their hours and time zones.
"""

from collections.abc import Mapping
from functools import cache

from services.link.core.dayname import weekday_forms
from shared.features import Features
from shared.words import stem, tokens

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# The weekdays (Monday is 0) in title and first words, and those in the whole article, as far as its features keep them.
Days = tuple[frozenset[int], frozenset[int]]


def days_of(features: Features) -> Days:
    """The weekdays that an article names."""
    told = _days(features.title, features.language) | _days(features.lead, features.language)
    return told, told | _days(features.body, features.language)


def other_day(one: Days, other: Days) -> bool:
    """Whether one of two articles that both name days begins with some of which the other names none."""
    (told, named), (told_there, named_there) = one, other
    if not (named and named_there):
        return False
    return bool((told and told.isdisjoint(named_there)) or (told_there and told_there.isdisjoint(named)))


def shown(days: Days) -> str:
    """For people: what the beginning names, else what the rest does."""
    return ", ".join(WEEKDAYS[day] for day in sorted(days[0] or days[1]))


def _days(terms: Mapping[str, int], language: str) -> frozenset[int]:
    known = _weekday_of(language)
    return frozenset(known[term] for term in known.keys() & terms.keys())


@cache
def _weekday_of(language: str) -> dict[str, int]:
    """A language's terms that stand in one day's name only; none if a day has no such term: `segunda` of `segunda-feira` means "second"."""
    found: dict[str, set[int]] = {}
    for form, day in weekday_forms(language).items():
        for term in map(stem, tokens(form)) if "-" not in form else ():
            found.setdefault(term, set()).add(day)
    clear = {term: days.pop() for term, days in found.items() if len(days) == 1}
    return clear if len({*clear.values()}) == len(WEEKDAYS) else {}
