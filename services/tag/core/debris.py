"""Capitals that are no names of a text: who wrote it and took its pictures, tags and handles, words that lost the blank between them."""

from services.tag.core.lexicon import Lexicon
from services.tag.core.tokens import Tokens
from shared.remembered import Remembered

_PICTURES = frozenset({"AP", "AFP", "Reuters", "REUTERS", "Getty", "EPA"})  # whose name stands after the photographer's
_LONGEST_BYLINE = 12  # tokens
_SHORTEST_JOINED = 4  # letters before the second capital: not McCain, not YouTube


def is_debris(tokens: Tokens, start: int, end: int, words: Lexicon) -> bool:
    """Whether the run of capitals at tokens `start` to `end` names nothing that the text is about."""
    if tokens.raw[start] == "By":
        return _is_byline(tokens, start)
    if end < len(tokens) and tokens.gap(end) == "/" and tokens.raw[end] in _PICTURES:
        return True
    seamed = list(filter(_SEAMS.__getitem__, tokens.raw[start:end]))
    return _is_credit(tokens, start) or (bool(seamed) and any(_is_joined(tokens, word, words) for word in seamed))


def _is_credit(tokens: Tokens, start: int) -> bool:
    """`By Ida Holm and Per Lund` at the beginning of a line, `REUTERS/Ida Holm`, `© 2019 The Norrland Ledger`, `@IdaHolm`, `#Norrland`."""
    if not start:
        return tokens.parts[0].endswith(("@", "#"))
    gap = tokens.gap(start)
    if "©" in gap or "copyright" in tokens.keys[max(0, start - 4) : start]:
        return True
    if gap != " " and (gap.endswith(("@", "#")) or (gap == "/" and tokens.raw[start - 1].isupper())):
        return True
    at = start - 1
    while at >= 0 and start - at < _LONGEST_BYLINE and (tokens.caps[at] or tokens.keys[at] == "and"):
        if tokens.raw[at] == "By":
            return _is_byline(tokens, at)
        at -= 1
    return False


def _is_byline(tokens: Tokens, by: int) -> bool:
    """Whether `By` begins a line of names alone."""
    if by and "\n" not in tokens.gap(by):
        return False
    at = by + 1
    while at < len(tokens) and at - by < _LONGEST_BYLINE and "\n" not in tokens.gap(at):
        if not (tokens.caps[at] or tokens.keys[at] == "and"):
            return False
        at += 1
    return at - by > 2


def _seam(word: str) -> int:
    """Where a capital stands behind a small letter, at the last such place; 0 for none."""
    return next((at for at in range(len(word) - 2, 2, -1) if word[at].isupper() and word[at - 1].islower()), 0)


_SEAMS = Remembered(_seam)


def _is_joined(tokens: Tokens, word: str, words: Lexicon) -> bool:
    """Whether two words stand together without the blank that markup had between them: `HolmIda`, `HolmSenate` beside `Holm`."""
    cut = _SEAMS[word]
    return word[cut:].lower() in words.given or (cut >= _SHORTEST_JOINED and word[:cut] in tokens.raw)
