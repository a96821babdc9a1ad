"""Which other events an event is connected with, through which tags, and which of them are one story with it.

A shared tag counts by its rarity (inverse document frequency, Spärck Jones 1972) and its weight in both events, likeness of texts adds,
nearness in time multiplies: the same seen from either event. Generic tags add to a relation and never make one: this is what filled the
Context's pages with ten times "Chinese".
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise, takewhile

from shared.features import GENERIC_KINDS
from shared.words import guess_language, idf, stem, stop_words, tokens

MOST_RELATED = 10
# Of these so many are kept for the earlier events and as many for the later ones; what one side leaves the other may have.
EACH_SIDE = MOST_RELATED // 2
# A tag that more than this share of all articles bears is generic; in a small chronicle, one that more than GENERIC_LEAST bear.
GENERIC_SHARE = 0.03
GENERIC_LEAST = 12
# A place that the table of word rarity knows as common (Europe, Paris) is generic too, in a small chronicle as in a large one.
COMMON_PLACE = 3.0
# A tag relates by itself where both events are about it; where one merely mentions it, only together with another one.
ABOUT, MENTIONED = 0.25, 0.1
TWO_MENTIONED = 0.25  # what two such tags and more must say together
# After so many days a relation counts half as much: the next turn of a story often comes after months.
HALF_TIME_DAYS = 120.0
LEAST_STRENGTH = 0.12
ENOUGH = 0.8  # so much evidence is a strength of 63 %, twice as much 86 %
GENERIC_WORTH = 0.4  # what is left of a generic tag's evidence
TEXT_WORTH = 0.6  # what texts that are wholly alike add
TEXT_FOR_TAGS = 0.3  # the likeness that stands for a rare tag where only generic ones are shared
TEXTS_LOOKED_AT = 200  # events, the likeliest by their tags
# A story: events that share two rare tags, or one that is itself a happening and another tag; no further apart from one to the next.
STORY_KINDS = frozenset({"event", "conflict", "disaster", "election", "trial", "summit", "tournament"})
STORY_LEAST, STORY_LEAST_OF_HAPPENING = 0.5, 0.25
STORY_GAP_DAYS, STORY_DAYS = 21, 90
FEWEST_STEPS, MOST_STEPS = 3, 12  # with the event itself


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
    """Another event: the weights of the tags that it shares with this one, by id; `first`, when its first report was published.

    `text`: the highest score between an article of the one and an article of the other, 0 to 1.
    """

    id: int
    day: date
    headline: str
    tags: Mapping[str, float]
    first: datetime | None = None
    text: float = 0.0

    @property
    def order(self) -> tuple[date, bool, float, str, int]:
        """What events are ordered by in time: their days, then their first reports."""
        return self.day, self.first is None, self.first.timestamp() if self.first else 0.0, self.headline, self.id


@dataclass(frozen=True, kw_only=True)
class Relation:
    """How strongly (0 to 1) and through which tags, the strongest first; whether the other event came before."""

    other: Other
    tags: tuple[Weighted, ...]
    strength: float
    before: bool


def is_generic(tag: Weighted, total: int) -> bool:
    """Whether a tag relates nothing by itself in a chronicle of `total` articles."""
    if tag.kind in GENERIC_KINDS or (tag.kind == "place" and _is_common(tag.name)):
        return True
    return tag.frequency > max(GENERIC_LEAST, GENERIC_SHARE * total)


def relations(own: Other, tags: Sequence[Weighted], others: Sequence[Other], total: int) -> tuple[Relation, ...]:
    """At most MOST_RELATED relations of an event, the strongest first, of earlier and of later events alike; ties by nearness.

    `tags` are the event's own, `total` the articles of the chronicle.
    """
    found = []
    for other, shared, by_tags in _likeliest(tags, others, total):
        text = max(other.text, likeness(own.headline, other.headline))
        if text < TEXT_FOR_TAGS and not _is_about_the_same(other, shared, total):
            continue
        gap = abs((other.day - own.day).days)
        strength = -math.expm1(-(by_tags + TEXT_WORTH * text) / ENOUGH) * 0.5 ** (gap / HALF_TIME_DAYS)
        if strength >= LEAST_STRENGTH:
            relation = Relation(other=other, tags=shared, strength=round(strength, 3), before=other.order < own.order)
            found.append((-relation.strength, gap, other.order, relation))
    found.sort(key=lambda one: one[:3])
    ranked = [relation for *_, relation in found]
    earlier, later = [one for one in ranked if one.before], [one for one in ranked if not one.before]
    kept = earlier[: max(EACH_SIDE, MOST_RELATED - len(later))] + later[: max(EACH_SIDE, MOST_RELATED - len(earlier))]
    return tuple(one for one in ranked if one in kept)


def storyline(own: Other, tags: Sequence[Weighted], others: Sequence[Other], total: int) -> tuple[Relation, ...]:
    """The other events of the story that this event is a step of, in the order of time; none where there are fewer than FEWEST_STEPS.

    From one step to the next it is no more than STORY_GAP_DAYS, so that last year's election is another story.
    """
    steps = []
    for other, shared, by_tags in _likeliest(tags, others, total):
        gap = abs((other.day - own.day).days)
        if gap <= STORY_DAYS and _is_same_story(other, shared, total):
            strength = round(-math.expm1(-by_tags / ENOUGH) * 0.5 ** (gap / HALF_TIME_DAYS), 3)
            steps.append(Relation(other=other, tags=shared, strength=strength, before=other.order < own.order))
    steps.sort(key=lambda one: one.other.order)
    earlier = _unbroken(own.day, [one for one in reversed(steps) if one.before])
    later = _unbroken(own.day, [one for one in steps if not one.before])
    best = sorted(earlier + later, key=lambda one: (-one.strength, one.other.order))[: MOST_STEPS - 1]
    return tuple(sorted(best, key=lambda one: one.other.order)) if len(best) + 1 >= FEWEST_STEPS else ()


def _unbroken(day: date, steps: Sequence[Relation]) -> list[Relation]:
    """Those that are reached from `day` without a gap; the nearest come first."""
    days = [day, *(one.other.day for one in steps)]
    near = [abs((following - before).days) <= STORY_GAP_DAYS for before, following in pairwise(days)]
    return list(steps[: len(list(takewhile(bool, near)))])


def _likeliest(tags: Sequence[Weighted], others: Sequence[Other], total: int) -> list[tuple[Other, tuple[Weighted, ...], float]]:
    """(event, shared tags, how much they say) of the events that share most."""
    found = []
    for other in others:
        both = (tag for tag in tags if min(tag.weight, other.tags.get(tag.id, 0.0)) >= MENTIONED)
        shared = sorted(both, key=lambda tag: (-_worth(tag, other, total), tag.id))
        if shared:
            found.append((other, tuple(shared), math.fsum(_worth(tag, other, total) for tag in shared)))
    found.sort(key=lambda one: (-one[2], one[0].order))
    return found[:TEXTS_LOOKED_AT]


def _is_about_the_same(other: Other, shared: Sequence[Weighted], total: int) -> bool:
    rare = [tag for tag in shared if not is_generic(tag, total)]
    if any(min(tag.weight, other.tags[tag.id]) >= ABOUT for tag in rare):
        return True
    return len(rare) > 1 and math.fsum(_worth(tag, other, total) for tag in rare) >= TWO_MENTIONED


@lru_cache(maxsize=10_000)
def _is_common(name: str) -> bool:
    return max((idf(stem(word)) for word in tokens(name)), default=0.0) < COMMON_PLACE


def _worth(tag: Weighted, other: Other, total: int) -> float:
    """What a shared tag says, 0 to 1: how rare it is among all articles, and how much it weighs in both events."""
    rarity = max(0.0, math.log((total + 1) / (tag.frequency + 0.5)) / math.log(total + 2))
    worth = math.sqrt(tag.weight * other.tags[tag.id]) * min(1.0, rarity)
    return worth * GENERIC_WORTH if is_generic(tag, total) else worth


def _is_same_story(other: Other, shared: Sequence[Weighted], total: int) -> bool:
    rare = [tag for tag in shared if not is_generic(tag, total)]
    said = math.fsum(_worth(tag, other, total) for tag in rare)
    if any(tag.kind in STORY_KINDS for tag in rare):
        return len(shared) > 1 and said >= STORY_LEAST_OF_HAPPENING
    return len(rare) > 1 and said >= STORY_LEAST


def likeness(one: str, other: str) -> float:
    """The cosine of two headlines, their words weighed by rarity."""
    a, b = _terms(one), _terms(other)
    shared = math.fsum(a[term] * b[term] for term in a.keys() & b.keys())
    lengths = math.sqrt(math.fsum(weight**2 for weight in a.values()) * math.fsum(weight**2 for weight in b.values()))
    return shared / lengths if lengths else 0.0


@lru_cache(maxsize=10_000)
def _terms(headline: str) -> Mapping[str, float]:
    said = tokens(headline)
    stops = stop_words().get(guess_language(said), frozenset())
    return {term: idf(term) for term in (stem(word) for word in said if word not in stops)}
