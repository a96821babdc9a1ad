"""Joins the names of one article: short forms with full ones, acronyms with what they stand for, persons with those of the tables."""

import re
from collections import defaultdict
from collections.abc import Sequence

from services.tag.core.gazetteer import Concept, Gazetteer, Mention
from services.tag.core.lexicon import Lexicon
from services.tag.core.names import Name, concept_of
from services.tag.core.persons import normal_form
from services.tag.core.tokens import Tokens

_SMALL = frozenset({"of", "for", "and", "the", "in", "on", "to", "de", "la", "du", "des", "y", "e", "und", "der", "die"})


def acronyms(tokens: Tokens, names: Sequence[Name], mentions: Sequence[Mention]) -> dict[str, Concept]:
    """`Full Name (ACRONYM)`: the acronyms that the text itself explains, in capitals."""
    found: dict[str, Concept] = {}
    if "(" not in tokens.text:
        return found
    ends: dict[int, Mention | Name] = {one.end: one for one in mentions}
    for name in names:
        ends.setdefault(name.end, name)
    for end, one in ends.items():
        if end >= len(tokens) or not tokens.gap(end).strip(" '’s").startswith("("):
            continue
        short = tokens.raw[end].replace(".", "")
        closed = tokens.follows(end).startswith((")", ","))
        if closed and 2 <= len(short) <= 8 and sum(map(str.isupper, short)) >= 2 and _stands_for(short, tokens.keys[one.start : end]):
            found[short] = one.concepts[0] if isinstance(one, Mention) else concept_of(one)
    return found


def _stands_for(short: str, keys: Sequence[str]) -> bool:
    """Whether an acronym's letters are initials of the words, in order (Schwartz and Hearst, 2003, made strict)."""
    initials = "".join(key[0] for key in keys if key not in _SMALL)
    letters = short.lower()
    at = 0
    for letter in initials:
        if at < len(letters) and letters[at] == letter:
            at += 1
    return bool(initials) and at >= len(letters) - (1 if len(letters) > 3 else 0) and letters[0] in initials


class Persons:
    """The full names of one article and of the tables, asked by full or short form."""

    def __init__(self, gazetteer: Gazetteer, names: Sequence[Name], mentions: Sequence[Mention]) -> None:
        self._gazetteer = gazetteer
        self._by_surname: dict[str, dict[str, Concept]] = defaultdict(dict)
        self._given: set[str] = set()
        for name in names:
            if name.kind == "person" and len(name.keys) > 1:
                concept = self.full(name)
                normal = normal_form(name.keys)
                self._given.update(normal[:-1])
                for short in (normal[-1:], normal[-2:]):  # Mistura, de Mistura
                    self._by_surname[" ".join(short)][concept.id] = concept
        alone = {name.keys[0] for name in names if len(name.keys) == 1}
        for name in names:  # an unknown given name before a surname that stands alone elsewhere
            if name.kind == "name" and len(name.keys) == 2 and name.keys[-1] in alone:
                concept = self.full(name)
                self._by_surname[normal_form(name.keys)[-1]][concept.id] = concept
        for mention in mentions:
            if mention.concepts[0].kind == "person" and mention.end - mention.start > 1:
                for surname in mention.concepts[0].id.partition(":")[2].split("-")[-1:]:
                    self._by_surname[surname][mention.concepts[0].id] = mention.concepts[0]

    def full(self, name: Name) -> Concept:
        """The concept of a full name: the tables' where the normal forms agree."""
        return self._gazetteer.person(normal_form(name.keys)) or concept_of(name)

    def short(self, name: Name) -> Concept | None:
        """The one person of this article whose surname this is; None where there is none, or more than one."""
        found = self._by_surname.get(" ".join(normal_form(name.keys)), {})
        return next(iter(found.values())) if len(found) == 1 else None

    def is_undecided(self, name: Name) -> bool:
        """Whether a word may be the surname of several persons, or only a given name, here."""
        normal = normal_form(name.keys)
        return len(self._by_surname.get(" ".join(normal), {})) > 1 or (len(normal) == 1 and normal[0] in self._given)

    def of_mention(self, mention: Mention, keys: Sequence[str]) -> Concept:
        """Whom a bare surname of the tables means here: the one other person whom the article gives that surname, else the tables' own."""
        concept = mention.concepts[0]
        if concept.kind != "person" or mention.end - mention.start > 1:
            return concept
        named = self._by_surname.get(normal_form(tuple(keys))[-1], {})
        return next(iter(named.values())) if len(named) == 1 else concept


def merge_acronym(name: Name, short: dict[str, Concept]) -> Concept | None:
    """The concept that a name of one word in capitals abbreviates."""
    return short.get(re.sub(r"[^\w]", "", name.shown)) if short and len(name.keys) == 1 else None


def is_plain_word(name: Name, lower: frozenset[str], words: Lexicon) -> bool:
    """Whether a single capitalised word is only a word: it stands in lower case elsewhere, or is no name in any article."""
    key = name.keys[0]
    return len(name.keys) == 1 and (key in lower or name.shown.lower() in lower or key in words.common or len(key) < 3)
