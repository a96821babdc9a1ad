"""What an event says of itself: its date, its headline, its description, and which of its articles repeat one another.

Everything is taken from its articles and chosen by agreement with the others; nothing is composed. All of it is a function of the set.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.link.core.closedset import order_key
from services.link.core.cluster import Key
from services.link.core.copies import groups
from services.link.core.rarity import Rarity
from services.link.core.score import COPY, Profile, Vector, cosine, vector
from shared.words import stem, stop_words, tokens

LONGEST_HEADLINE = 160  # characters; longer ones are taken only if there is no other
LONGEST_DESCRIPTION = 400
SHORTEST_DESCRIPTION = 40
AGREEMENT = 0.12  # the least likeness with the other articles that a description must have, where there are others
_SENTENCE_END = re.compile(r"(?<=[.!?。！？؟])[\"”’»)]*\s+(?=[\"“‘«(]?\w)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article as its event sees it."""

    id: int
    profile: Profile
    title: str | None
    title_derived: bool = False
    standfirst: str | None = None
    opening: str | None = None  # the first paragraphs of the text
    kind: str = "article"
    published: datetime | None = None
    published_provenance: str | None = None
    announced: datetime | None = None

    @property
    def key(self) -> Key:
        """Orders members without regard to ids."""
        return order_key(self.profile.features)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the event says."""

    date: date
    date_provenance: str
    date_confidence: str  # stated | inferred | ingestion
    headline: str
    headline_article: int
    description: str | None
    description_article: int | None
    copy_of: dict[int, int]  # an article that repeats another one's text, to that one
    independent: int


def tell(members: Sequence[Member], copies: Mapping[tuple[int, int], float]) -> Told:
    """What an event of these articles says. `copies`: (a, b) to the pair's copy score; only pairs among the members count."""
    ordered = sorted(members, key=lambda member: (member.key, member.id))
    pairs = [pair for pair, copy in copies.items() if copy >= COPY]
    # A copy that names no date is no origin where another one does; among dated ones the earliest is: `key` orders so.
    origin = groups([member.id for member in ordered], pairs)
    originals = [member for member in ordered if origin[member.id] == member.id]
    day, provenance, confidence = _date(originals)
    main = _language(originals)
    speaking = [member for member in originals if member.profile.features.language == main]
    headline = _headline(speaking, originals)
    description = _description(speaking, originals, headline)
    return Told(
        date=day,
        date_provenance=provenance,
        date_confidence=confidence,
        headline=(headline.title or "").strip() or "Untitled",
        headline_article=headline.id,
        description=description[1] if description else None,
        description_article=description[0].id if description else None,
        copy_of={article: first for article, first in origin.items() if article != first},
        independent=len(originals),
    )


def _date(originals: Sequence[Member]) -> tuple[date, str, str]:
    """An event page states the event's day; else it is the day of the first report; else no later than when an article came in."""
    dated = [member for member in originals if member.published is not None]
    for member in dated:
        if member.kind == "event_page" and member.published:
            return member.published.date(), "event_page", "stated"
    for member in dated:
        if member.published:
            return member.published.date(), member.published_provenance or "published", "stated"
    seen = min(member.announced for member in originals if member.announced) if any(member.announced for member in originals) else None
    return (seen.date() if seen else date(1970, 1, 1)), "ingestion", "ingestion"


def _language(originals: Sequence[Member]) -> str:
    """The language of most of the articles; of several, English, else the first by its code."""
    counts = Counter(member.profile.features.language for member in originals)
    return min(counts, key=lambda code: (-counts[code], code != "en", code))


def _agreement(text: Vector, own: int, others: Sequence[Member]) -> float:
    """The mean likeness of a text with the leads of the other articles."""
    found = [cosine(text, other.profile.lead) for other in others if other.id != own]
    return sum(found) / len(found) if found else 0.0


def _headline(candidates: Sequence[Member], originals: Sequence[Member]) -> Member:
    """The medoid: the article whose title agrees most with what the others say. Derived and overlong titles only for want of others."""

    def rank(member: Member) -> tuple[bool, bool, float, Key, int]:
        title = member.title or ""
        return (
            not title or member.title_derived,
            len(title) > LONGEST_HEADLINE,
            -round(_agreement(member.profile.title, member.id, originals), 6),
            member.key,
            member.id,
        )

    return min(candidates, key=rank)


def _description(candidates: Sequence[Member], originals: Sequence[Member], headline: Member) -> tuple[Member, str] | None:
    """The standfirst, or the first sentences of the text, that agrees most with the other articles.

    An imported event page's description is no candidate: it may concern another matter, and no article may support it.
    """
    best: tuple[float, Key, int, Member, str] | None = None
    for member in candidates:
        text = _opening(member)
        if member.kind == "event_page" or text is None or text == (headline.title or "").strip():
            continue
        said = _vector_of(text, member.profile.features.language, member.profile.rarity)
        others = [other for other in originals if other.id != member.id]
        agreement = round(_agreement(said, member.id, originals), 6)
        if others and agreement < AGREEMENT:
            continue
        found = (-agreement, member.key, member.id, member, text)
        if best is None or found[:3] < best[:3]:
            best = found
    return (best[3], best[4]) if best else None


def _opening(member: Member) -> str | None:
    """What an article says of itself in a sentence or two: its standfirst, else the beginning of its text."""
    title = " ".join((member.title or "").split())
    for source in (member.standfirst, member.opening):
        text = " ".join((source or "").split("\n\n")[0].split())
        if member.title_derived and text.startswith(title):
            text = text[len(title) :].strip() or " ".join(" ".join((source or "").split("\n\n")[1:2]).split())
        short = _first_sentences(text)
        if len(short) >= SHORTEST_DESCRIPTION and short != title:
            return short
    return None


def _first_sentences(text: str) -> str:
    """As many whole sentences as fit; one that is too long is cut at a word, with an ellipsis."""
    if len(text) <= LONGEST_DESCRIPTION:
        return text
    ends = [found.start() for found in _SENTENCE_END.finditer(text, 0, LONGEST_DESCRIPTION)]
    if ends:
        return text[: ends[-1]].rstrip()
    return text[:LONGEST_DESCRIPTION].rsplit(" ", 1)[0].rstrip(",;:– ") + " …"


def _vector_of(text: str, language: str, rarity: Rarity) -> Vector:
    stops = stop_words().get(language, frozenset())
    return vector({term: rarity(term) for term in sorted({stem(word) for word in tokens(text) if word not in stops})})
