"""What an event says of itself: its date, its headline, its description, and which of its articles repeat one another.

Everything is taken from its articles and chosen by agreement with the others; nothing is composed. All of it is a function of the set.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.link.core import choice
from services.link.core.choice import EVENT_PAGE, Member
from services.link.core.copies import groups
from services.link.core.day import happened
from services.link.core.score import COPY
from services.link.core.twins import one_voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the event says."""

    date: date
    date_provenance: str
    date_confidence: str  # stated | inferred | ingestion
    headline: str
    headline_article: int | None  # None: an editor wrote it
    description: str | None
    description_article: int | None
    copy_of: dict[int, int]  # an article that repeats another one's text, to that one
    independent: int
    image_article: int | None = None  # whose picture an editor chose
    pinned: dict[str, int] = field(default_factory=dict)  # what editors fixed, to their correction


def tell(members: Sequence[Member], copies: Mapping[tuple[int, int], float], head: Mapping[int, int] | None = None) -> Told:
    """What an event of these articles says.

    `copies`: (a, b) to the pair's copy score; only pairs among the members count. `head`: for each the one that leads its twins and
    reprints (`twins.py`); all of them have one voice.
    """
    # An event page says what others reported: no report is a copy of it, whatever their times.
    ordered = sorted(members, key=lambda member: (member.kind == EVENT_PAGE, member.key, member.id))
    pairs = [pair for pair, copy in copies.items() if copy >= COPY]
    # A copy that names no date is no origin where another one does; among dated ones the earliest is: `key` orders so.
    origin = groups([member.id for member in ordered], pairs)
    originals = [member for member in ordered if origin[member.id] == member.id]
    day, provenance, confidence = happened([member for member in ordered if member.kind == EVENT_PAGE], originals)
    main = _language(originals)
    # Copies have a voice too: whoever takes up a text or retitles it agrees with it. Those that say the same on the same day have one.
    heard = set(one_voice([member.id for member in ordered], head, [m.id for m in originals]) if head else origin)
    voices = [member for member in ordered if member.id in heard and member.profile.features.language == main]
    speaking = [member for member in voices if origin[member.id] == member.id]
    headline = choice.headline(speaking, voices)
    description = choice.description(speaking, voices, headline)
    return Told(
        date=day,
        date_provenance=provenance,
        date_confidence=confidence,
        headline=(headline.title or "").strip() or choice.first_words(headline) or "Untitled",
        headline_article=headline.id,
        description=description[1] if description else None,
        description_article=description[0].id if description else None,
        copy_of={article: first for article, first in origin.items() if article != first},
        independent=len(originals),
    )


def _language(originals: Sequence[Member]) -> str:
    """The language of most of the articles; of several, English, else the first by its code."""
    counts = Counter(member.profile.features.language for member in originals)
    return min(counts, key=lambda code: (-counts[code], code != "en", code))
