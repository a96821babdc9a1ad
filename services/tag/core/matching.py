"""Finds the surfaces of concepts in a text, the longest at each place, whatever keeps them: dictionaries, or a file mapped into memory.

A gazetteer is a trie over words: it says which words may begin a surface, and follows the text from there word by word (Aho and Corasick's
idea of reading the text once, without the links back: what begins inside a mention is no mention).
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple

from services.tag.core.tokens import CAPITALS, KEYS, Tokens
from shared.remembered import Remembered

# How a surface must be written in the text: in capitals at its first or last word (a sum of both), exactly in capitals, with the Arabic
# article that it has itself, or anyhow.
ANYHOW, FIRST, LAST, EXACT, ARTICLE = 0, 1, 2, 4, 8
# What may stand between the words of one surface: "Washington, D.C.", "St. Petersburg", a quotation mark.
_LOOSE = frozenset(" ,./&+’'\"‘–-\u00a0・")
# Beginnings of Arabic words that are words of their own: and, in, for, so.
_ARABIC_PREFIXES = frozenset("وبلفك")
_ARABIC_ARTICLE = re.compile("[وفبك]?ال|و?لل")


_parted = Remembered(lambda flags: frozenset(flags.split(";")))


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of the tables. `parent`: what it lies in or belongs to; `flags`: see the properties."""

    id: str
    kind: str
    name: str
    parent: str = ""
    flags: str = ""

    @property
    def is_weak(self) -> bool:
        """Whether its bare name is no proof that it is meant."""
        return "w" in _parted[self.flags]

    @property
    def is_common(self) -> bool:
        """Whether it stands in so many articles that it says little."""
        return "n" in _parted[self.flags]

    @property
    def is_medium(self) -> bool:
        """Whether it is a newspaper, an agency or a network, which articles quote more than they report on it."""
        return "m" in _parted[self.flags]

    @property
    def adjective(self) -> str:
        """A country's adjective in English, as in `Syrian Armed Forces`; its name where there is none."""
        found = [flag[4:] for flag in self.flags.split(";") if flag.startswith("adj=")]
        return found[0] if found else self.name


class Mention(NamedTuple):
    """Tokens `start` to `end` (exclusive) name one of `concepts`."""

    start: int
    end: int
    concepts: tuple[Concept, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a surface may mean, how it must be written for that, and in which language."""

    concept: Concept
    case: int
    lang: str


class Gazetteer(ABC):
    """Concepts by id and their surfaces."""

    concepts: Mapping[str, Concept]
    digest: str = ""  # names what was added to the package's tables; nothing for these alone

    def __init__(self) -> None:
        self._starts = Remembered(self._start_of)

    @abstractmethod
    def start(self, key: str, *, is_capital: bool) -> Any:
        """What `ways` needs where a surface may begin with this word, so written; something false where none may."""

    @abstractmethod
    def ways(self, start: Any, keys: Sequence[str], at: int) -> Iterable[tuple[int, Sequence[Candidate]]]:
        """(length in tokens, candidates) of the surfaces that stand at `at`, the longest first."""

    @abstractmethod
    def candidates(self, keys: Sequence[str]) -> Sequence[Candidate]:
        """What exactly these keys may mean."""

    @abstractmethod
    def person(self, normal: tuple[str, ...]) -> Concept | None:
        """The person whose full name has this normal form (`persons.normal_form`)."""

    def find(self, tokens: Tokens, language: str | None, common: frozenset[str], *, shouted: bool = False) -> list[Mention]:
        """All mentions in order, without overlaps, the longest at each place. `common`: words that capitals alone make no acronym of."""
        found: list[Mention] = []
        end = 0
        starts = list(map(self._starts.__getitem__, tokens.raw))
        for at in compress(range(len(starts)), starts):
            if at < end:
                continue
            for length, candidates in self.ways(starts[at], tokens.keys, at):
                if length > 1 and _is_broken(tokens, at, at + length):
                    continue
                meant = _meant(tokens, at, at + length, candidates, language, common, shouted)
                if meant:
                    end = at + length
                    found.append(Mention(at, end, meant))
                    break
        return found

    def _start_of(self, word: str) -> Any:
        """What a word begins; an Arabic one whose first letter is a word of its own may count without it."""
        key, cap = KEYS[word], CAPITALS[word]
        start = self.start(key, is_capital=cap)
        return self.start(key[1:], is_capital=cap) if not start and key[0] in _ARABIC_PREFIXES and len(key) > 1 else start


def needs_capital(case: int) -> bool:
    """Whether a surface so written is found only where its first word has a capital."""
    return bool(case & FIRST)


def is_written_so(tokens: Tokens, at: int, candidate: Candidate) -> bool:
    """Whether the one token at `at` is written as this surface must be: CAR and LA in capitals."""
    return _is_written(tokens, at, at + 1, candidate.case, shouted=False, common=frozenset())


def _meant(
    tokens: Tokens, start: int, end: int, candidates: Sequence[Candidate], language: str | None, common: frozenset[str], shouted: bool
) -> tuple[Concept, ...]:
    kept: list[Concept] = []
    for one in candidates:
        case = one.case
        if (not one.lang or not language or one.lang == language) and (
            case == ANYHOW or _is_written(tokens, start, end, case, shouted, common)
        ):
            kept.append(one.concept)
    return tuple(kept) if len(kept) < 2 else tuple(dict.fromkeys(kept))


def _is_written(tokens: Tokens, start: int, end: int, case: int, shouted: bool, common: frozenset[str]) -> bool:
    if case == ANYHOW:
        return True
    if case == EXACT:
        written = tokens.raw[start]
        bare = written.replace("’", "'").removesuffix("'s").rpartition("'")[2].replace(".", "")  # l'ONU, NATO's, U.N.
        return bare.isupper() and ("." in written or not (shouted and tokens.keys[start] in common))
    if case & ARTICLE and not _ARABIC_ARTICLE.match(tokens.raw[start]):
        return False  # الرياض is Riyadh, رياض are gardens
    if case & LAST and not tokens.caps[end - 1]:
        return False
    return not (case & FIRST and not tokens.caps[start])


def _is_broken(tokens: Tokens, start: int, end: int) -> bool:
    """Whether punctuation or a line's end stands between the tokens: `…in Aleppo. Media…` is no name of two words."""
    for at in range(start + 1, end):
        gap = tokens.gap(at)
        if gap != " " and ("\n" in gap or not set(gap) <= _LOOSE):
            return True
    return False
