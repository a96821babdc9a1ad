"""Which of its articles speaks for an event: whose title is its headline, whose sentences are its description.

Both are chosen by agreement, as a summary by extraction is by centrality (Radev et al., 2004: the words that most articles of a cluster
use), and by form: news before commentary, a plain statement before a question or a quotation, the first reports before what followed.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from services.link.core.closedset import order_key
from services.link.core.cluster import Key
from services.link.core.score import Profile
from shared.dateline import find_dateline
from shared.words import stem, stop_words, tokens

EVENT_PAGE = "event_page"
LONGEST_HEADLINE = 160  # characters; longer ones are taken only if there is no other
LONGEST_DESCRIPTION = 400
SHORTEST_DESCRIPTION = 40
AGREEMENT = 0.25  # the least share of a description that other articles must say too, where there are others in its language
FADES_HOURS = 36.0  # a report so long after the first one speaks half as much for the event
MOST_WEIGHT = 4.0
LENGTH = 0.4
COMMENTARY = frozenset({"opinion", "live", "gallery"})
AS_COMMENT, AS_QUESTION, AS_QUOTATION = 0.5, 0.6, 0.75  # what is left of an agreement
BY_STANDFIRST = 0.9  # a standfirst adds to its own title; the first sentence of the text states the matter
_SENTENCE_END = re.compile(r"(?<=[.!?。！？؟])[\"”’»)]*\s+(?=[\"“‘«(]?\w)")
_SENTENCE_END_UNSPACED = re.compile(r"(?<=[。！？])")
_ABBREVIATED = re.compile(r"(?:\b[^\W\d_]|\b(?:Mrs?|Ms|Dr|Rep|Sen|Gov|Gen|Col|Lt|St|Jr|No|Prof|vs))\.$")
_QUESTION = re.compile(r"[?？؟]|^(?:how|why|what|who|wie|warum|was|wer|comment|pourquoi|c[oó]mo|por qu[eé]|qu[eé]|как|почему|что)\b", re.I)
_QUOTATION = re.compile("^[\"'“‘«„「]")


@dataclass(frozen=True, kw_only=True)
class Member:
    """An article as its event sees it. What it says of itself is worked out once: its event is told anew with each article that joins."""

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
    quotable: bool = True  # its publisher lets its sentences be shown

    @property
    def is_item(self) -> bool:
        """Whether it is an item of the portal: an event page that has its own words, told from reports. The Context's have none."""
        return self.kind == EVENT_PAGE and bool(self.opening)

    @property
    def key(self) -> Key:
        """Orders members without regard to ids."""
        return order_key(self.profile.features)

    @cached_property
    def openings(self) -> tuple[tuple[str, float, list[str]], ...]:
        """What it says of itself in a sentence or two, what each is worth, and its terms: the beginning of its text, its standfirst."""
        return tuple((text, worth, _terms(text, self)) for text, worth in _openings(self))


class Agreement:
    """How far a line says what the articles of an event say, in titles and first paragraphs."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._said = {member.id: member.profile.lead.weights.keys() for member in members}
        self._counts = Counter(term for said in self._said.values() for term in said)

    def share(self, terms: Collection[str], member: Member) -> float:
        """How much of a line's weight the other articles say too, on average: 0 to 1; of what only one says, how much its title has."""
        return self._measure(terms, member, 1.0)

    def strength(self, terms: Collection[str], member: Member) -> float:
        """Grows with all that the others say too, and falls, more slowly, with what they do not."""
        return self._measure(terms, member, LENGTH)

    def _measure(self, terms: Collection[str], member: Member, power: float) -> float:
        # A name's rarity is capped: it tells events apart, and yet says less of what happened than two plain words.
        weights = {term: min(MOST_WEIGHT, member.profile.rarity(term)) for term in terms}
        whole = math.fsum(weights.values())
        mass = math.fsum(weight * self._support(term, member) for term, weight in weights.items())
        return mass / whole**power if whole else 0.0

    def _support(self, term: str, member: Member) -> float:
        others = len(self._said) - 1
        if not others:
            return float(term in member.profile.title.weights)
        return (self._counts[term] - (term in self._said[member.id])) / others


def headline(candidates: Sequence[Member], members: Sequence[Member]) -> Member:
    """The candidate whose title speaks for `members` best. Derived and overlong ones, and the portal's sentences, for want of others."""
    agreement, first = Agreement(members), _first(members)

    def rank(member: Member) -> tuple[bool, bool, bool, float, Key, int]:
        title = (member.title or "").strip()
        strength = agreement.strength(member.profile.title.weights.keys(), member) * _form(title) * _standing(member, first)
        wanting = not title or member.title_derived
        return (wanting, member.is_item, len(title) > LONGEST_HEADLINE, -round(strength, 6), member.key, member.id)

    return min(candidates, key=rank)


def description(candidates: Sequence[Member], members: Sequence[Member], chosen: Member) -> tuple[Member, str] | None:
    """The standfirst or first sentence that speaks for `members` best; None where no candidate has one that others confirm.

    The description of the Context's event page is no candidate: it may concern another matter, and no article may support it. An item of
    the portal is one. `chosen`: the headline's article, whose title the description does not repeat.
    """
    agreement, first = Agreement(members), _first(members)
    best: tuple[float, Key, int] | None = None
    found: tuple[Member, str] | None = None
    for member in candidates:
        if not member.quotable or (member.kind == EVENT_PAGE and not member.is_item):
            continue
        for text, worth, terms in member.openings:
            repeats = text.rstrip(".") == (chosen.title or "").strip().rstrip(".")
            if repeats or (len(members) > 1 and agreement.share(terms, member) < AGREEMENT):
                continue
            strength = agreement.strength(terms, member) * worth * _standing(member, first)
            rank = (-round(strength, 6), member.key, member.id)
            if best is None or rank < best:
                best, found = rank, (member, text)
    return found


def first_words(member: Member) -> str | None:
    """What stands for the title of an article that has none: the beginning of its text, cut at a word."""
    text = " ".join((member.opening or member.standfirst or "").split())
    if len(text) <= LONGEST_HEADLINE:
        return text or None
    return text[:LONGEST_HEADLINE].rsplit(" ", 1)[0].rstrip(",;:– ") + " …"


def _first(members: Iterable[Member]) -> datetime | None:
    return min((member.published for member in members if member.published), default=None)


def _form(title: str) -> float:
    if _QUESTION.search(title):
        return AS_QUESTION
    return AS_QUOTATION if _QUOTATION.match(title) else 1.0


def _standing(member: Member, first: datetime | None) -> float:
    """What its kind and its time leave of an article's word. An undated one may have been the first as well."""
    hours = (member.published - first).total_seconds() / 3600 if member.published and first else 0.0
    return (AS_COMMENT if member.kind in COMMENTARY else 1.0) * 0.5 ** (hours / FADES_HOURS)


def _openings(member: Member) -> list[tuple[str, float]]:
    title = " ".join((member.title or "").split())
    found = []
    for source, worth in ((member.opening, 1.0), (member.standfirst, BY_STANDFIRST)):
        paragraphs = [" ".join(paragraph.split()) for paragraph in (source or "").split("\n\n")]
        dateline = find_dateline(paragraphs[0])
        text = paragraphs[0][dateline.end :] if dateline else paragraphs[0]
        if member.title_derived and text.startswith(title):
            text = text[len(title) :].strip() or "".join(paragraphs[1:2])
        short = _first_sentences(text)
        if len(short) >= SHORTEST_DESCRIPTION and short != title:
            found.append((short, worth))
    return found


def _first_sentences(text: str) -> str:
    """As many whole sentences as fit; one that is too long is cut at a word, with an ellipsis."""
    if len(text) <= LONGEST_DESCRIPTION:
        return text
    for pattern in (_SENTENCE_END, _SENTENCE_END_UNSPACED):
        ends = [found.start() for found in pattern.finditer(text, 0, LONGEST_DESCRIPTION) if not _ABBREVIATED.search(text[: found.start()])]
        if ends:
            return text[: ends[-1]].rstrip()
    return text[:LONGEST_DESCRIPTION].rsplit(" ", 1)[0].rstrip(",;:– ") + " …"


def _terms(text: str, member: Member) -> list[str]:
    stops = stop_words().get(member.profile.features.language, frozenset())
    return sorted({stem(word) for word in tokens(text) if word not in stops})
