"""Events named by pattern: a year, a place, a noun of happening, as `2011 Sikkim earthquake` or `November 2015 attacks in Paris`."""

import re
from collections.abc import Sequence

from services.tag.core.gazetteer import Concept, Mention
from services.tag.core.lexicon import Lexicon
from services.tag.core.persons import slug
from services.tag.core.tokens import Tokens

_YEARS = frozenset(map(str, range(1900, 2100)))
_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th)")
_ROMAN = re.compile("[IVXLC]+")
_LONGEST = 6
_DISASTERS = frozenset(
    {
        "earthquake",
        "flood",
        "floods",
        "flooding",
        "wildfire",
        "wildfires",
        "fire",
        "fires",
        "bushfires",
        "landslide",
        "landslides",
        "avalanche",
    }
    | {"eruption", "tsunami", "hurricane", "typhoon", "cyclone", "tornado"}
)
_VOTES = frozenset({"election", "elections", "referendum"})


def find_events(tokens: Tokens, mentions: Sequence[Mention], words: Lexicon) -> list[Mention]:
    """Mentions of events that begin with a year; those that the tables know under that name are left to the tables."""
    known = {at for mention in mentions if mention.concepts[0].kind == "event" for at in range(mention.start, mention.end)}
    found: list[Mention] = []
    for at in () if _YEARS.isdisjoint(tokens.keys) else range(len(tokens)):
        if tokens.keys[at] not in _YEARS or at in known:
            continue
        end = _end(tokens, at, words)
        if end:
            start = at - 1 if at and tokens.keys[at - 1] in words.calendar and tokens.gap(at) == " " else at
            head = tokens.keys[end - 1]
            kind = "disaster" if head in _DISASTERS else "election" if head in _VOTES else "event"
            found.append(Mention(start, end, (Concept(f"event:{slug(tokens.keys[at:end])}", kind, tokens.span(start, end)),)))
    found += [_numbered(tokens, one, one.start, one.end + 1) for one in mentions if _has_number(tokens, one)]
    return found + [_numbered(tokens, one, one.start - 1, one.end) for one in mentions if _has_ordinal(tokens, one)]


def _has_number(tokens: Tokens, mention: Mention) -> bool:
    """Whether an event's name goes on with its number, as in `Super Bowl XLIX`."""
    at = mention.end
    if mention.concepts[0].kind != "event" or at >= len(tokens) or tokens.gap(at) != " ":
        return False
    return len(tokens.raw[at]) > 1 and _ROMAN.fullmatch(tokens.raw[at]) is not None


def _has_ordinal(tokens: Tokens, mention: Mention) -> bool:
    """Whether an event's name begins with its number, as in `86th Academy Awards`."""
    before = mention.start - 1
    if mention.concepts[0].kind != "event" or before < 0 or tokens.gap(mention.start) != " ":
        return False
    return _ORDINAL.fullmatch(tokens.keys[before]) is not None


def _numbered(tokens: Tokens, mention: Mention, start: int, end: int) -> Mention:
    event = Concept(f"event:{slug(tokens.keys[start:end])}", "event", tokens.span(start, end), mention.concepts[0].id)
    return Mention(start, end, (event,))


def _end(tokens: Tokens, at: int, words: Lexicon) -> int:
    """The end of the event's name that begins with the year at `at`; 0 for none."""
    named = False
    for next_ in range(at + 1, min(at + _LONGEST, len(tokens))):
        if tokens.gap(next_) not in (" ", "-", "–"):
            return 0
        if tokens.keys[next_] in words.events and named:
            return next_ + 1
        named = named or tokens.caps[next_]
    return 0
