"""A dateline's own ways of writing: who reports is no subject of the report, and a place's capitals are no part of its name."""

from services.tag.core.tokens import Tokens
from shared.dateline import find_dateline


def agency(tokens: Tokens) -> frozenset[int]:
    """The tokens that name the agency in a dateline."""
    found = find_dateline(tokens.text)
    if found is None or found.agency is None:
        return frozenset()
    start, end = found.agency
    return frozenset(at for at in range(min(len(tokens), 40)) if start <= tokens.starts[at] < end)


def in_small(tokens: Tokens, start: int, shown: str) -> str:
    """A name at token `start` as it is shown: out of a dateline in small letters."""
    if start > 3 or not shown.isupper() or find_dateline(tokens.text) is None:
        return shown
    return shown.title()
