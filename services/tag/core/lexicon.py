"""The word lists behind the rules for names, read once from `data/words.txt` and `data/signs.txt`."""

from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Sets of keys (see `tokens.key_of`)."""

    common: frozenset[str]  # words that are no names though a sentence or a headline may capitalise them
    opening: frozenset[str]  # of these, the ones that are no titles either
    titles: frozenset[str]  # offices, ranks and professions that may stand before a person's name
    honorifics: frozenset[str]  # of these, the ones that make what follows a person without doubt
    particles: frozenset[str]  # de, van, al: inside a name in lower case
    orgs: frozenset[str]  # nouns at the head of an organisation's name
    places: frozenset[str]
    events: frozenset[str]
    heads: frozenset[str]  # nouns that open the name of an event or craft
    craft: frozenset[str]  # prefixes of ships' names
    given: frozenset[str]  # given names
    calendar: frozenset[str]  # days and months
    places_after: frozenset[str]  # prepositions after which a place is a place
    german: frozenset[str]  # words that show a text to be German, where every noun has a capital
    says: frozenset[str]  # what governments do: a capital before it is its country's government
    kitchen: frozenset[str]  # words among which Turkey is a bird
    signs: dict[str, frozenset[str]]  # by sign (@war, @vote): the words that make an article bear it
    telling: frozenset[str]  # the words of all signs


@cache
def lexicon() -> Lexicon:
    """The package's word lists."""
    lists = _lists("words.txt")
    signs = {f"@{name}": words for name, words in _lists("signs.txt").items()}
    return Lexicon(signs=signs, telling=frozenset().union(*signs.values()), opening=lists["common"] - lists["titles"], **lists)


def _lists(name: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    current: set[str] = set()
    for line in _lines(name):
        if line.startswith("="):
            current = found.setdefault(line[1:], set())
        else:
            current.update(line.split())
    return {one: frozenset(words) for one, words in found.items()}


def _lines(name: str) -> list[str]:
    text = resources.files("services.tag.core").joinpath("data", name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
