"""Runs of capitalised words: where a text in a script with capitals writes a name that no table knows."""

from collections.abc import Iterator

from services.tag.core.lexicon import Lexicon
from services.tag.core.tokens import Tokens, is_capital, is_caseless

LONGEST_RUN = 9  # tokens; what is longer is a headline or a list
_ARTICLES = frozenset("al el an ad ar as ash at".split())
_JOINS = frozenset("of for and the".split())


def runs(tokens: Tokens, words: Lexicon) -> Iterator[tuple[int, int]]:
    """(start, end) of every run, in order: capitalised words with the particles, hyphens and initials that belong to them."""
    at, size = 0, len(tokens)
    while at < size:
        if not _starts(tokens, at):
            at += 1
            continue
        end = at + 1
        while end < size and end - at < LONGEST_RUN:
            further = _continues(tokens, at, end, words)
            if not further:
                break
            end = further
        yield at, min(end, at + LONGEST_RUN)
        at = end


def _starts(tokens: Tokens, at: int) -> bool:
    word = tokens.raw[at]
    if is_capital(word):
        return word[0].isalpha() and not is_caseless(word)
    follows = at + 1 < len(tokens) and is_capital(tokens.raw[at + 1])
    return follows and tokens.keys[at] in _ARTICLES and tokens.gap(at + 1) == "-"  # al-Jineh


def _continues(tokens: Tokens, start: int, at: int, words: Lexicon) -> int:
    """The end of the run if it goes on at token `at`, else 0."""
    gap = tokens.gap(at)
    if gap not in (" ", "-", "–", "\u00a0") and not (gap == ". " and (tokens.is_initial(at - 1) or tokens.keys[at - 1] in words.honorifics)):
        return 0
    if tokens.text[tokens.starts[at - 1] : tokens.ends[at - 1]].endswith(("'s", "’s")):
        return 0  # Syria's Aleppo is two names
    word, key = tokens.raw[at], tokens.keys[at]
    if is_capital(word):
        return at + 1
    if word.isdigit() and tokens.keys[at - 1] == "flight":
        return at + 1
    if gap == "-" and key not in _ARTICLES:  # Turkish-backed: the name ends before; Ban Ki-moon: it goes on
        return at + 1 if len(key) <= 5 and at + 1 - start >= 3 and is_capital(tokens.raw[at - 1]) and key not in words.common else 0
    last = min(at + 2, len(tokens) - 1)
    for end in range(at, last + 1):
        if is_capital(tokens.raw[end]):
            return end + 1 if _bridges(tokens, start, at, end, words) else 0
        if tokens.gap(end) not in (" ", "-"):
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
        return any(key in ("of", "for") for key in tokens.keys[start:at]) and any(key in words.orgs for key in tokens.keys[start:at])
    return head in words.orgs or head in words.heads or any(key in words.orgs for key in tokens.keys[start:at]) or head in ("centers", "gulf", "bank", "republic")
