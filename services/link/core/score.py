"""Do two articles tell of one event? A score with its reasons, from these two articles and the table of word rarity alone.

A logistic regression over few, general measures (README.md has its training and its sources): how much of titles, leads and texts is
shared, weighed by rarity; how much of one text stands in the other; how far apart they were published; tags in agreement or in
conflict. Three sets of weights: both dated; one of them undated, with no time to lean on; and two languages.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from itertools import islice
from operator import mul

from services.link.core.copies import features_copy_score, shared_shingles
from services.link.core.rarity import Rarity
from services.link.core.weekday import Days, days_of, other_day, shown
from services.link.core.weights import ACROSS, ACROSS_UNDATED, DATED, KIND_WEIGHT, UNDATED
from shared.features import Features, twin_key

RULES = "4"

WINDOW_HOURS = 5 * 24  # dated articles further apart are not compared
FLOOR = 0.05  # edges below are not kept: they count as none
RARE = 4.0  # how far a term's rarity exceeds this is what counts of it in `rare`
COPY = 0.5  # the copy score from which an edge says "copy"
ALIKE_AS_COPIES = 0.1  # the likeness of texts below which nobody looks whether one repeats the other
SHORT_WORDS = 100
UNTITLED_TERMS = 10  # that stand for a title
TITLE_IN_TEXT = 1.5  # what a term of the title counts for more in the text's vector
SHOWN_TERMS = 6
SHOWN_LIKENESS = 0.05
MOST_FIGURES = 4  # more of them in agreement say nothing more

THIN = 8.6  # what the rarity of the terms that two articles share must add up to: more than any single word has
# Of two titles without a text. They have few words, so that two plain ones tell much; one, however rare, is still not enough.
THIN_TITLES, FEWEST_TITLE_TERMS = 4.0, 2
ENOUGH_TAGS = 3
TAGS_EXPECTED = 0.3  # the cosine of tags that says nothing: above it speaks for one event, below it against

# What a citation adds to the log-odds: with it a pair that other evidence puts at the floor is still below `cluster.NEAR`.
CITED = 1.5

Reason = tuple[str, str, float]
_CITATION_ALONE: Reason = ("cited", "an event page names this article as its source, and nothing else connects them", 0.0)


@dataclass(frozen=True, slots=True)
class Vector:
    """Term weights with their Euclidean length."""

    weights: dict[str, float]
    length: float


@dataclass(frozen=True, kw_only=True)
class Profile:
    """An article's features weighed by a rarity, tf-idf with a logarithmic tf: what `score` compares.

    Each part is worked out when it is first asked for: most comparisons end at the terms that two articles have in common.
    """

    features: Features
    rarity: Rarity

    @cached_property
    def terms(self) -> frozenset[str]:
        """Of title and text."""
        return frozenset(self.features.body).union(self.features.title)

    @cached_property
    def title(self) -> Vector:
        """The title's terms; of a text without a title the first ones, as most texts begin with what happened."""
        terms = self.features.title or islice(self.features.lead, UNTITLED_TERMS)
        return vector({term: self.rarity(term) for term in terms})

    @cached_property
    def lead(self) -> Vector:
        """The terms of the text's beginning and of the title."""
        return self._with_title(self.features.lead, 1.0)

    @cached_property
    def text(self) -> Vector:
        """The terms of the text and of the title."""
        return self._with_title(self.features.body, TITLE_IN_TEXT)

    @cached_property
    def tags(self) -> Vector:
        """The tags, by what their kinds say."""
        features = self.features
        return vector({tag: weight * KIND_WEIGHT.get(features.kinds[tag], 1.2) for tag, weight in features.tags.items()})

    @cached_property
    def figures(self) -> frozenset[str]:
        """Figures that say something: of three digits or more, or with a fraction, and no year."""
        numbers = self.features.numbers
        return frozenset(number for number in numbers if len(number) > 2 and not (len(number) == 4 and number[:2] in ("19", "20")))

    @cached_property
    def titled(self) -> float:
        """What the weights of the title's terms add up to."""
        return math.fsum(self.title.weights.values())

    @cached_property
    def rarities(self) -> float:
        """What the rarities of all terms add up to."""
        return math.fsum(map(self.rarity, self.terms))

    @cached_property
    def days(self) -> Days:
        """The weekdays that it names."""
        return days_of(self.features)

    @cached_property
    def twin(self) -> int:
        """The same for articles that nothing here tells apart."""
        return twin_key(self.features)

    def _with_title(self, counts: Mapping[str, int], worth: float) -> Vector:
        rarity = self.rarity
        weights = {term: rarity(term) * (1 + math.log(count)) if count > 1 else rarity(term) for term, count in counts.items()}
        for term, weight in self.title.weights.items():
            weights[term] = weights.get(term, 0.0) + worth * weight
        return vector(weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """`score`: how likely both tell of one event, 0 to 1. `copy`: how much one repeats the other; from .5 on it is a copy."""

    score: float
    copy: float
    reasons: tuple[Reason, ...]


def comparable(a: Features, b: Features) -> bool:
    """Whether two articles may share an event at all: both sample news or neither, and not days apart."""
    if a.sample != b.sample:
        return False
    return a.hour is None or b.hour is None or abs(a.hour - b.hour) <= WINDOW_HOURS


def score(a: Profile, b: Profile) -> Edge | None:
    """The edge between two articles, the same whichever is named first; None where there is nothing between them."""
    if not comparable(a.features, b.features):
        return None
    shared = common_terms(a, b)
    cited = is_cited(a.features, b.features)
    # Two titles like "Live updates" or "Fire" are alike in all their words and yet say nothing of one event.
    if a.features.language == b.features.language and math.fsum(shared.values()) < thin(a.features, b.features, len(shared)):
        return Edge(score=0.0, copy=0.0, reasons=(_CITATION_ALONE,)) if cited else None
    found = measures(a, b, shared)
    value = probability(found, a.features, b.features)
    copy = found["repeated"]
    if value < FLOOR and copy < COPY and not cited:
        return None
    lifted = with_citation(value) if cited else value
    reasons = _reasons(a, b, found, copy)
    if cited:
        reasons = ("cited", "an event page names this article as its source", round(lifted - value, 3)), *reasons
    return Edge(score=round(lifted, 4), copy=round(copy, 4), reasons=reasons)


def is_cited(a: Features, b: Features) -> bool:
    """Whether one is an event page that names the other's address as a source."""
    return not (set(a.cites).isdisjoint(b.addresses) and set(b.cites).isdisjoint(a.addresses)) if a.cites or b.cites else False


def with_citation(value: float) -> float:
    """A score with a citation added, never enough alone: where nothing else makes an edge it counts 0, and the edge is for show."""
    if value < FLOOR:
        return 0.0
    return 1.0 / (1.0 + (1.0 / value - 1.0) * math.exp(-CITED)) if value < 1.0 else value


def thin(a: Features, b: Features, shared: int) -> float:
    """What the rarity of so many shared terms must add up to for anybody to look further."""
    return THIN_TITLES if shared >= FEWEST_TITLE_TERMS and not a.words and not b.words else THIN


def common_terms(a: Profile, b: Profile) -> dict[str, float]:
    """The terms that stand in both texts or titles, with their rarity."""
    return {term: a.rarity(term) for term in a.terms & b.terms}


def probability(found: dict[str, float], a: Features, b: Features) -> float:
    """The weighted sum of the measures, through the logistic function."""
    if a.language != b.language:
        weights = ACROSS if a.is_dated and b.is_dated else ACROSS_UNDATED
    else:
        weights = DATED if a.is_dated and b.is_dated else UNDATED
    total = weights["constant"] + math.fsum(weight * found[name] for name, weight in weights.items() if name != "constant")
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def measures(a: Profile, b: Profile, shared: Mapping[str, float]) -> dict[str, float]:
    """What is compared, by name. Each is symmetric; without text or date the measure concerned is 0. `shared`: `common_terms`."""
    one, other = a.features, b.features
    text = _cosine_over(shared.keys(), a.text, b.text)
    in_text, in_lead = zip(_covered(a, b), _covered(b, a), strict=True)
    rare = [a.rarity(term) - RARE for term in a.lead.weights.keys() & b.lead.weights.keys()]
    early = [weight for term, weight in shared.items() if term in a.lead.weights or term in b.lead.weights]
    gap = abs(one.hour - other.hour) / 24 if one.hour is not None and other.hour is not None else 0.0
    short = (one.words < SHORT_WORDS) + (other.words < SHORT_WORDS)
    alike = text >= ALIKE_AS_COPIES
    return {
        "text": text,
        "overlap": math.fsum(shared.values()) / (min(a.rarities, b.rarities) or 1.0),
        "cover_less": min(in_text),
        "cover_more": max(in_text),
        "lead_less": min(in_lead),
        "lead_more": max(in_lead),
        "title_shared": math.log1p(math.fsum([a.title.weights[t] for t in a.title.weights.keys() & b.title.weights.keys()])),
        "rare": math.log1p(math.fsum([weight for weight in rare if weight > 0])),
        "rare_text": math.log1p(math.fsum([weight - RARE for weight in shared.values() if weight > RARE])),
        "fifth": nlargest(5, early)[4] if len(early) >= 5 else 0.0,
        "figures": float(min(MOST_FIGURES, len(a.figures & b.figures))),
        "passages": math.log1p(shared_shingles(one, other)) if alike else 0.0,
        "repeated": features_copy_score(one, other) if alike else 0.0,
        "days": gap,
        "other_day": float(other_day(a.days, b.days)),
        "one_short": float(short == 1),
        "both_short": float(short == 2),
        **_tag_measures(a, b),
    }


def _tag_measures(a: Profile, b: Profile) -> dict[str, float]:
    """The cosine of the tags, by itself and as what it says for or against an event where both articles have enough of them."""
    alike = cosine(a.tags, b.tags)
    enough = min(len(a.features.tags), len(b.features.tags)) >= ENOUGH_TAGS
    return {"tags": alike, "tags_agree": alike - TAGS_EXPECTED if enough else 0.0}


def vector(weights: dict[str, float]) -> Vector:
    """Weights with their length."""
    # fsum here and below: the exact sum, so that rounding does not depend on the order of a dictionary or of a set.
    return Vector(weights, math.sqrt(math.fsum(map(mul, weights.values(), weights.values()))) or 1.0)


def cosine(a: Vector, b: Vector) -> float:
    """0 to 1."""
    return _cosine_over(a.weights.keys() & b.weights.keys(), a, b)


def _cosine_over(shared: Collection[str], a: Vector, b: Vector) -> float:
    return math.fsum([a.weights[term] * b.weights[term] for term in shared]) / (a.length * b.length) if shared else 0.0


def _covered(one: Profile, other: Profile) -> tuple[float, float]:
    """The shares of a title's weight that stand in the other article, and in its title or first words."""
    if not one.titled:
        return 0.0, 0.0
    weights = one.title.weights
    return (
        math.fsum([weights[term] for term in weights.keys() & other.text.weights.keys()]) / one.titled,
        math.fsum([weights[term] for term in weights.keys() & other.lead.weights.keys()]) / one.titled,
    )


def _reasons(a: Profile, b: Profile, found: dict[str, float], copy: float) -> tuple[Reason, ...]:
    """What speaks for the edge and against it, for people."""
    reasons: list[Reason] = []
    terms = a.lead.weights.keys() & b.lead.weights.keys()
    rarest = sorted(terms, key=lambda term: (-a.rarity(term), term))[:SHOWN_TERMS]
    if rarest:
        reasons.append(("rare terms", ", ".join(rarest), round(cosine(a.lead, b.lead), 3)))
    for name, alike in (("title", cosine(a.title, b.title)), ("text", found["text"])):
        if alike >= SHOWN_LIKENESS:
            reasons.append((f"{name} alike", f"cosine {alike:.2f}", round(alike, 3)))
    tags = sorted(a.features.tags.keys() & b.features.tags.keys())
    if tags:
        reasons.append(("shared tags", ", ".join(tags[:SHOWN_TERMS]), round(found["tags"], 3)))
    figures = sorted(a.figures & b.figures)
    if figures:
        reasons.append(("shared figures", "; ".join(figures[:SHOWN_TERMS]), round(found["figures"] / MOST_FIGURES, 3)))
    if copy >= COPY:
        reasons.append(("text repeated", f"copy score {copy:.2f}", round(copy, 3)))
    if found["other_day"]:
        reasons.append(("other weekday", f"{shown(a.days)} beside {shown(b.days)}", -1.0))
    if a.features.is_dated and b.features.is_dated:
        reasons.append(("time", f"{found['days'] * 24:.1f} hours apart", round(-found["days"], 3)))
    else:
        reasons.append(("time", "at least one is undated", 0.0))
    return tuple(reasons)
