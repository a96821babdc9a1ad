"""The package's own tables of concepts, and how surfaces are read: in which forms, and how each must be written in a text."""

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cache, cached_property
from importlib import resources

from services.tag.core.inflect import forms
from services.tag.core.matching import ARTICLE, EXACT, FIRST, LAST, Candidate, Concept, Gazetteer, Mention, needs_capital
from services.tag.core.persons import normal_form
from services.tag.core.tokens import is_capital, key_of, words_of

TABLES = ("countries.tsv", "places.tsv", "organisations.tsv", "persons.tsv", "topics.tsv", "towns.tsv")
LONGEST = 9  # tokens of a surface; no table has a longer one that matters

Row = tuple[Concept, Iterable[str]]  # a concept and its surfaces in the notation of the tables


# A word that begins surfaces; what it names alone, as `ways` tells it; the words that may follow it.
_Start = tuple[str, tuple[tuple[int, Sequence[Candidate]], ...], Set[str]]
_NONE: frozenset[str] = frozenset()


class Tables(Gazetteer):
    """A gazetteer in dictionaries. Immutable: `extended` makes another one.

    A surface is kept under its tokens' keys joined by blanks, and so are all its beginnings.
    """

    def __init__(self, concepts: Mapping[str, Concept], surfaces: Mapping[str, tuple[Candidate, ...]], beginnings: frozenset[str]) -> None:
        super().__init__()
        self.concepts = concepts
        self.surfaces = surfaces
        self._beginnings = beginnings
        anyhow = (path for path, known in surfaces.items() if not all(needs_capital(one.case) for one in known))
        self._small_starts = {path.partition(" ")[0] for path in anyhow}
        self._seconds: dict[str, set[str]] = {}
        for path in surfaces:
            first, _, rest = path.partition(" ")
            if rest:
                self._seconds.setdefault(first, set()).add(rest.partition(" ")[0])

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Tables":
        """A gazetteer of these concepts."""
        return cls({}, {}, frozenset()).extended(rows)

    def extended(self, rows: Iterable[Row]) -> "Tables":
        """The same with further concepts, or further surfaces of known ones."""
        concepts, surfaces, beginnings = dict(self.concepts), dict(self.surfaces), set(self._beginnings)
        for concept, written in rows:
            concept = concepts.setdefault(concept.id, concept)
            for keys, case, lang in read_surfaces(written):
                key = " ".join(keys)
                known = surfaces.get(key)
                if known is None:
                    surfaces[key] = (Candidate(concept, case, lang),)
                    for length in range(1, len(keys)):
                        beginnings.add(" ".join(keys[:length]))
                elif not is_known(concept, case, lang, known):
                    surfaces[key] = (*known, Candidate(concept, case, lang))
        return Tables(concepts, surfaces, frozenset(beginnings))

    def start(self, key: str, *, is_capital: bool) -> _Start | None:
        if key not in self._small_starts and not (is_capital and (key in self.surfaces or key in self._beginnings)):
            return None
        candidates = self.surfaces.get(key)
        return key, ((1, candidates),) if candidates else (), self._seconds.get(key, _NONE)

    def ways(self, start: _Start, keys: Sequence[str], at: int) -> Iterable[tuple[int, Sequence[Candidate]]]:
        path, alone, seconds = start
        if at + 1 >= len(keys) or keys[at + 1] not in seconds:
            return alone  # nine times in ten
        found, length = [], 1
        while True:
            candidates = self.surfaces.get(path)
            if candidates:
                found.append((length, candidates))
            if path not in self._beginnings or at + length >= len(keys):
                return reversed(found)
            path += " " + keys[at + length]
            length += 1

    def candidates(self, keys: Sequence[str]) -> Sequence[Candidate]:
        return self.surfaces.get(" ".join(keys), ())

    def person(self, normal: tuple[str, ...]) -> Concept | None:
        return self._persons.get(normal)

    @cached_property
    def _persons(self) -> dict[tuple[str, ...], Concept]:
        found: dict[tuple[str, ...], Concept] = {}
        for key, candidates in self.surfaces.items():
            for one in candidates:
                normal = full_name(one.concept, key.split(" "))
                if normal:
                    found.setdefault(normal, one.concept)
        return found


def full_name(concept: Concept, keys: Sequence[str]) -> tuple[str, ...]:
    """The normal form under which a surface is asked for as a person's full name; empty where it is none."""
    normal = normal_form(tuple(keys)) if concept.kind == "person" else ()
    return normal if len(normal) > 1 else ()  # al-Bashir has two words, and is a surname alone


def is_known(concept: Concept, case: int, lang: str, known: Iterable[Candidate]) -> bool:
    """Whether one of the `known` candidates makes another one superfluous."""
    return any(one.concept is concept and one.case <= case and one.lang == lang for one in known)


def read_surfaces(written: Iterable[str]) -> Iterable[tuple[list[str], int, str]]:
    """(keys, how it must be written, language) of every form of every surface."""
    for mark, form in _expand(written):
        raw, keys = words_of(form)
        if 0 < len(keys) <= LONGEST:
            yield keys, _case(mark, form, raw), "" if mark == "en" else mark


@cache
def built_in() -> Tables:
    """The gazetteer of the package's own tables, read once."""
    return Tables.of(row for name in TABLES for row in rows(name))


def table(name: str) -> list[list[str]]:
    """The rows of one of the package's tables, split at tabs, without comments."""
    text = resources.files("services.tag.core").joinpath("data", name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def rows(name: str) -> Iterable[Row]:
    """The concepts of one of the package's tables."""
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


def _case(mark: str, form: str, raw: Sequence[str]) -> int:
    if not mark and len(raw) == 1 and form.isupper() and len(form.replace(".", "")) <= 6:
        return EXACT
    case = ARTICLE if form.startswith("ال") else 0
    if is_capital(raw[0]):
        case |= FIRST
    if is_capital(raw[-1]):
        case |= LAST
    return case


__all__ = ["Candidate", "Concept", "Gazetteer", "Mention", "Tables", "built_in", "key_of", "table"]
