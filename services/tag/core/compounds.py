"""Runs of capitals that join the tables' names with other words: what of them is one name, and what is not."""

from services.tag.core.lexicon import Lexicon
from services.tag.core.matching import Mention
from services.tag.core.tokens import Tokens

_DIRECTIONS = frozenset(
    {"north", "south", "east", "west", "northern", "southern", "eastern", "western", "central", "upper", "lower", "greater"}
)


def without_owner(tokens: Tokens, start: int, end: int, covered: dict[int, Mention]) -> int:
    """The end of a name before the person whose it is: `Homeland Front of Marine Le Pen`."""
    for at in range(start + 1, end - 1):
        owner = covered.get(at + 1)
        if tokens.keys[at] == "of" and owner and owner.start == at + 1 and owner.end == end and owner.concepts[0].kind == "person":
            return at
    return end


def is_named_by_noun(tokens: Tokens, start: int, end: int, covered: dict[int, Mention], words: Lexicon) -> bool:
    """Whether names of the tables and a noun with a capital make another name: `Lisbon Zoo`, where topics of the tables know the noun."""
    noun = covered[end - 1]
    is_noun = noun.start == end - 1 > start and noun.concepts[0].kind == "topic" and noun.concepts[0].is_common
    known = tokens.keys[end - 1] in words.orgs or tokens.keys[end - 1] in words.places
    return is_noun and known and covered[start].end == end - 1 and covered[start].concepts[0].kind == "place"


def is_part(tokens: Tokens, start: int, end: int, covered: dict[int, Mention]) -> bool:
    """Whether a direction makes of a place of the tables another one: `Eastern Samar`."""
    place = covered.get(start + 1)
    if place is None or start in covered or tokens.keys[start] not in _DIRECTIONS or tokens.opens(start):
        return False
    return place.start == start + 1 and place.end == end and place.concepts[0].kind == "place"


def is_surname(mention: Mention | None, end: int) -> bool:
    """Whether a mention that ends here is a surname of the tables."""
    return mention is not None and mention.start == end - 1 and mention.concepts[0].kind == "person"
