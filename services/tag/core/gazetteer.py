"""The table of concepts and the search for their surfaces: one dictionary look-up for most words of a text.

A surface is kept under its tokens' keys joined by blanks; the first token's key leads to the length of the longest surface that begins
with it (a trie of depth one, after Aho and Corasick's idea of reading the text once). Matching takes the longest surface at each place.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from services.tag.core.inflect import forms
from services.tag.core.tokens import Tokens, is_capital, is_caseless, key_of, tokenise

TABLES = ("countries.tsv", "places.tsv", "organisations.tsv", "persons.tsv", "topics.tsv")
LONGEST = 9  # tokens of a surface; no table has a longer one that matters
# How a surface must be written in the text: in capitals at its first or last word (a sum of both), exactly in capitals, with the Arabic
# article that it has itself, or anyhow.
# What may stand between the words of one surface: "Washington, D.C.", "St. Petersburg", a quotation mark.
_LOOSE = frozenset(" ,./&’'\"‘–-\u00a0")
ANYHOW, FIRST, LAST, EXACT, ARTICLE = 0, 1, 2, 4, 8
# Beginnings of Arabic words that are words of their own: and, in, for, so.
_ARABIC_PREFIXES = "وبلفك"
_ARABIC_ARTICLE = re.compile("[وفبك]?ال|و?لل")


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
        return "w" in self.flags.split(";")

    @property
    def is_common(self) -> bool:
        """Whether it stands in so many articles that it says little."""
        return "n" in self.flags.split(";")

    @property
    def adjective(self) -> str:
        """A country's adjective in English, as in `Syrian Armed Forces`; its name where there is none."""
        found = [flag[4:] for flag in self.flags.split(";") if flag.startswith("adj=")]
        return found[0] if found else self.name


@dataclass(frozen=True, slots=True)
class Mention:
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


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Concepts by id and their surfaces. Immutable: `extended` makes another one."""

    concepts: dict[str, Concept] = field(repr=False)
    surfaces: dict[str, tuple[Candidate, ...]] = field(repr=False)
    first: dict[str, int] = field(repr=False)

    @classmethod
    def of(cls, rows: Iterable[tuple[Concept, Iterable[str]]]) -> "Gazetteer":
        """A gazetteer of these concepts, each with its surfaces in the notation of the tables."""
        return cls({}, {}, {}).extended(rows)

    def extended(self, rows: Iterable[tuple[Concept, Iterable[str]]]) -> "Gazetteer":
        """The same with further concepts, or further surfaces of known ones."""
        concepts, surfaces, first = dict(self.concepts), dict(self.surfaces), dict(self.first)
        for concept, written in rows:
            concept = concepts.setdefault(concept.id, concept)
            for mark, form in _expand(written):
                tokens = tokenise(form)
                if not 0 < len(tokens) <= LONGEST:
                    continue
                key = " ".join(tokens.keys)
                found = Candidate(concept, _case(mark, form, tokens), "" if mark == "en" else mark)
                known = surfaces.get(key, ())
                if not any(one.concept is concept and one.case <= found.case and one.lang == found.lang for one in known):
                    surfaces[key] = (*known, found)
                    first[tokens.keys[0]] = max(first.get(tokens.keys[0], 0), len(tokens))
        return Gazetteer(concepts, surfaces, first)

    def find(self, tokens: Tokens, language: str | None, common: frozenset[str], *, shouted: bool = False) -> list[Mention]:
        """All mentions in order, without overlaps, the longest at each place. `common`: words that capitals alone make no acronym of."""
        found: list[Mention] = []
        keys, first, at, size = tokens.keys, self.first, 0, len(tokens)
        while at < size:
            key = keys[at]
            longest = first.get(key, 0)
            if not longest and key[0] in _ARABIC_PREFIXES and key[1:] in first:
                key, longest = key[1:], first[key[1:]]
            mention = self._longest_at(tokens, at, key, min(longest, size - at), language, common, shouted) if longest else None
            if mention:
                found.append(mention)
                at = mention.end
            else:
                at += 1
        return found

    def _longest_at(
        self, tokens: Tokens, at: int, key: str, longest: int, language: str | None, common: frozenset[str], shouted: bool
    ) -> Mention | None:
        for length in range(longest, 0, -1):
            candidates = self.surfaces.get(" ".join([key, *tokens.keys[at + 1 : at + length]]))
            if candidates is None or (length > 1 and _is_broken(tokens, at, at + length)):
                continue
            meant = dict.fromkeys(
                one.concept
                for one in candidates
                if (not one.lang or not language or one.lang == language)
                and _is_written(tokens, at, at + length, one.case, shouted, common)
            )
            if meant:
                return Mention(at, at + length, tuple(meant))
        return None


@cache
def built_in() -> Gazetteer:
    """The gazetteer of the package's own tables, read once."""
    return Gazetteer.of(row for table in TABLES for row in _read(table))


def table(name: str) -> list[list[str]]:
    """The rows of one of the package's tables, split at tabs, without comments."""
    text = resources.files("services.tag.core").joinpath("data", name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def _read(name: str) -> Iterable[tuple[Concept, list[str]]]:
    for concept_id, kind, label, parent, flags, surfaces in table(name):
        yield Concept(concept_id, kind, label, parent, flags), surfaces.split("|")


def _expand(written: Iterable[str]) -> Iterable[tuple[str, str]]:
    """(language mark, form) of every surface in every form."""
    for surface in written:
        mark, colon, rest = surface.partition(":")
        if colon and len(mark) == 2 and mark.islower():
            yield from ((mark, form) for form in forms(mark, rest))
        elif surface:
            yield "", surface


def _case(mark: str, form: str, tokens: Tokens) -> int:
    bare = form.replace(".", "")
    if not mark and len(tokens) == 1 and bare.isupper() and not is_caseless(bare) and len(bare) <= 6:
        return EXACT
    case = ARTICLE if form.startswith("ال") else 0
    if is_capital(tokens.raw[0]) and not is_caseless(tokens.raw[0]):
        case |= FIRST
    if is_capital(tokens.raw[-1]) and not is_caseless(tokens.raw[-1]):
        case |= LAST
    return case


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


__all__ = ["Concept", "Gazetteer", "Mention", "built_in", "key_of", "table"]
