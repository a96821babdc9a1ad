"""A dateline's own ways of writing: who reports is no subject of the report, and a place's capitals are no part of its name."""

from services.tag.core.tokens import Tokens
from shared.dateline import Dateline, find_dateline

MAX_STANDFIRST = 1_000  # characters: the dateline may follow it
_LONGEST = 40  # tokens of a dateline


def agency(tokens: Tokens) -> frozenset[int]:
    """The tokens that name the agency in a dateline."""
    at, found = _find(tokens.text)
    if found is None or found.agency is None:
        return frozenset()
    start, end = found.agency
    starts = tokens.starts
    first = next((one for one, begins in enumerate(starts) if begins >= at), len(tokens))
    return frozenset(one for one in range(first, min(len(tokens), first + _LONGEST)) if at + start <= starts[one] < at + end)


def in_small(tokens: Tokens, start: int, shown: str) -> str:
    """A name at token `start` as it is shown: out of a dateline in small letters."""
    if not shown.isupper():
        return shown
    at, found = _find(tokens.text)
    return shown.title() if found is not None and at <= tokens.starts[start] < at + found.end else shown


def _find(text: str) -> tuple[int, Dateline | None]:
    """Where the first or the second paragraph begins with a dateline, and that dateline."""
    found = find_dateline(text)
    second = text.find("\n\n", 0, MAX_STANDFIRST) + 2
    return (0, found) if found is not None or second < 2 else (second, find_dateline(text[second : second + MAX_STANDFIRST]))
