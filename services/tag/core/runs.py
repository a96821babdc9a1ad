"""Runs of capitalised words: where a text in a script with capitals writes a name that no table knows."""

from collections.abc import Iterator

from services.tag.core.lexicon import Lexicon
from services.tag.core.tokens import Tokens

LONGEST_RUN = 9  # tokens; what is longer is a headline or a list
_ARTICLES = frozenset({"al", "el", "an", "ad", "ar", "as", "ash", "at"})
_JOINS = frozenset({"of", "for", "and", "the"})
_TAKES_OF = frozenset({"centers", "gulf", "bank", "republic"})


def runs(tokens: Tokens, words: Lexicon) -> Iterator[tuple[int, int]]:
    """(start, end) of every run, in order: capitalised words with the particles, hyphens and initials that belong to them."""
    at, size = 0, len(tokens)
    for cap in tokens.words_start():
        if cap < at:
            continue
        # al-Jineh begins with its article
        start = cap - 1 if cap > at and tokens.keys[cap - 1] in _ARTICLES and not tokens.caps[cap - 1] and tokens.gap(cap) == "-" else cap
        end = cap + 1
        while end < size and end - start < LONGEST_RUN:
            further = _continues(tokens, start, end, words)
            if not further:
                break
            end = further
        yield start, min(end, start + LONGEST_RUN)
        at = end


def _continues(tokens: Tokens, start: int, at: int, words: Lexicon) -> int:
    """The end of the run if it goes on at token `at`, else 0."""
    gap = tokens.gaps[at]
    abbreviated = gap == ". " and (tokens.is_initial(at - 1) or tokens.keys[at - 1] in words.honorifics or tokens.keys[at - 1] == "st")
    if gap not in (" ", "-", "–", "\u00a0") and not abbreviated:
        return 0
    if tokens.keys[at] == "v" and at + 1 < len(tokens) and tokens.caps[at + 1] and tokens.gap(at + 1) in (" ", ". "):
        return at + 2  # Obergefell v. Hodges
    if tokens.raw[at - 1].endswith(("'s", "’s")):
        return 0  # Syria's Aleppo is two names
    word, key = tokens.raw[at], tokens.keys[at]
    if tokens.caps[at]:
        return at + 1
    if word.isdigit() and tokens.keys[at - 1] == "flight":
        return at + 1
    if gap == "-" and key not in _ARTICLES:  # Turkish-backed: the name ends before; Ban Ki-moon: it goes on
        return at + 1 if len(key) <= 5 and at + 1 - start >= 3 and tokens.caps[at - 1] and key not in words.common else 0
    if key not in words.particles and key not in _JOINS:
        return 0  # most runs end here
    last = min(at + 2, len(tokens) - 1)
    for end in range(at, last + 1):
        if tokens.caps[end]:
            return end + 1 if _bridges(tokens, start, at, end, words) else 0
        if tokens.gaps[end] not in (" ", "-"):
            return 0
    return 0


def _bridges(tokens: Tokens, start: int, at: int, end: int, words: Lexicon) -> bool:
    """Whether the words in lower case between a run and the next capital join the two: de, van der; `of` after a noun that takes it."""
    between = tokens.keys[at:end]
    if tokens.gap(end) not in (" ", "-"):
        return False
    if all(key in words.particles for key in between):
        return not (between == ["as"] or between == ["at"]) or tokens.gap(end) == "-"
    if not all(key in _JOINS for key in between):
        return False
    head = tokens.keys[at - 1]
    if between[0] == "and":
        if tokens.keys[end] in words.titles or tokens.keys[end] in words.given:
            return False
        return any(key in ("of", "for") for key in tokens.keys[start:at]) and any(key in words.orgs for key in tokens.keys[start:at])
    return head in words.heads or head in _TAKES_OF or any(key in words.orgs for key in tokens.keys[start:at])
