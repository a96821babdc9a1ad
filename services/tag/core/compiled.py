"""A gazetteer of any size in one run of bytes, such as a file mapped into memory: opened at once, shared by all processes that map it.

The layout (integers of 32 bits in the machine's order, candidates of 64; sections begin at multiples of 8; the header names them):

    words      a table of strings (see `Strings`)            starts     for each word the node that it leads to from the root, or 0;
                                                                  its highest bit: no surface there begins with a small letter
    labels     for each node the word that leads to it        children   for each node its first child; one more at the end
    meanings   for each node its first candidate; one more    candidates concept | case << 32 | language << 40
    concepts   a table of strings: ids                        records    a table of strings: a concept's five fields, by tabs
    persons    a table of strings: full names' normal forms   who        for each of these its concept

The nodes are a trie of words numbered breadth first, so that a node's children stand side by side in the order of their words: a child is
found by bisection, and no pointer is kept for it (after Jacobson's level-order trees, 1989). `compiling.py` writes it.
"""

import json
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from services.tag.core.matching import Candidate, Concept, Gazetteer
from shared.remembered import MOST, Remembered

MAGIC = b"DLGAZ001"
ORDER = 0x01020304  # tells the machine's order of bytes
ALIGNED = 8
CAPITAL = 0x80000000
_PREFIX = len(MAGIC) + 12
Section = memoryview


class WrongFormat(ValueError):
    """These bytes are no compiled gazetteer, or one that another version or kind of machine made."""


class Strings:
    """Strings by number and numbers by string, in a hash table whose buckets are sorted: `first` string of each bucket, `ends` in `blob`.

    Buckets are a power of two, chosen by CRC 32; a crowded one is bisected, so that no choice of strings makes it slow.
    """

    def __init__(self, first: Section, ends: Section, blob: Section) -> None:
        self._first, self._ends, self._blob = first, ends, blob
        self._mask = len(first) - 2

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        return str(self._blob[self._ends[number] : self._ends[number + 1]], "utf-8")

    def find(self, text: str) -> int:
        """The number of a string, -1 for none."""
        wanted = text.encode("utf-8", "surrogatepass")
        bucket = zlib.crc32(wanted) & self._mask
        low, high = self._first[bucket], self._first[bucket + 1]
        ends, blob = self._ends, self._blob
        while low < high:
            middle = (low + high) // 2
            found = bytes(blob[ends[middle] : ends[middle + 1]])
            if found == wanted:
                return middle
            if found < wanted:
                low = middle + 1
            else:
                high = middle
        return -1


class Concepts(Mapping[str, Concept]):
    """The concepts of a compiled gazetteer, each read when asked for."""

    def __init__(self, ids: Strings, records: Strings) -> None:
        self._ids, self._records = ids, records
        self._by_id: dict[str, Concept | None] = {}

    def of(self, number: int) -> Concept:
        """The concept of this number."""
        return Concept(*self._records[number].split("\t"))

    def get(self, concept_id: str, default: Any = None) -> Any:
        if concept_id not in self._by_id:
            if len(self._by_id) >= MOST:
                self._by_id.clear()
            number = self._ids.find(concept_id)
            self._by_id[concept_id] = None if number < 0 else self.of(number)
        return self._by_id[concept_id] or default

    def __getitem__(self, concept_id: str) -> Concept:
        found: Concept | None = self.get(concept_id)
        if found is None:
            raise KeyError(concept_id)
        return found

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return map(self._ids.__getitem__, range(len(self._ids)))


class Compiled(Gazetteer):
    """A gazetteer over bytes that `compiling.compile_gazetteer` made."""

    def __init__(self, buffer: Any) -> None:
        """Raises WrongFormat."""
        super().__init__()
        view = memoryview(buffer)
        self.facts = read_facts(view)
        self.digest: str = self.facts["digest"]
        self._view = view
        sections = {name: self._section(*place) for name, place in self.facts["sections"].items()}
        self._words = _strings(sections, "words")
        self.concepts: Concepts = Concepts(_strings(sections, "concepts"), _strings(sections, "records"))
        self._persons, self._who = _strings(sections, "persons"), sections["who"]
        self._labels, self._children = sections["labels"], sections["children"]
        self._meanings, self._candidates = sections["meanings"], sections["candidates"]
        self._languages: list[str] = self.facts["languages"]
        self._begins = sections["starts"]
        self._numbers = Remembered(self._words.find)
        self._read: dict[int, tuple[Candidate, ...]] = {}

    @property
    def is_intact(self) -> bool:
        """Whether the bytes are those that were written; reads all of them."""
        start = min(place[0] for place in self.facts["sections"].values())
        return zlib.crc32(self._view[start:]) == self.facts["crc"]

    def start(self, key: str, *, is_capital: bool) -> int:
        word = self._numbers[key]
        start: int = self._begins[word] if word >= 0 else 0
        return start & ~CAPITAL if is_capital or not start & CAPITAL else 0

    def ways(self, start: int, keys: Sequence[str], at: int) -> Iterable[tuple[int, Sequence[Candidate]]]:
        found: list[tuple[int, Sequence[Candidate]]] = []
        children, meanings, labels = self._children, self._meanings, self._labels
        node, size = start, len(keys)
        first = at
        while True:
            at += 1
            if meanings[node] != meanings[node + 1]:
                found.append((at - first, self._read.get(node) or self._meant(node)))
            low, high = children[node], children[node + 1]
            word = self._numbers[keys[at]] if low < high and at < size else -1
            if word < 0:
                break
            node = bisect_left(labels, word, low, high)
            if node == high or labels[node] != word:
                break
        found.reverse()
        return found

    def candidates(self, keys: Sequence[str]) -> Sequence[Candidate]:
        node = self.start(keys[0], is_capital=True) if keys else 0
        for key in keys[1:]:
            low, high = self._children[node], self._children[node + 1]
            word = self._numbers[key] if node else -1
            node = bisect_left(self._labels, word, low, high) if word >= 0 else high
            node = node if node < high and self._labels[node] == word else 0
        return self._meant(node) if node else ()

    def person(self, normal: tuple[str, ...]) -> Concept | None:
        number = self._persons.find(" ".join(normal))
        return None if number < 0 else self.concepts.of(self._who[number])

    def _meant(self, node: int) -> tuple[Candidate, ...]:
        if len(self._read) >= MOST:
            self._read.clear()
        packed = self._candidates[self._meanings[node] : self._meanings[node + 1]]
        made = tuple(Candidate(self.concepts.of(one & 0xFFFFFFFF), one >> 32 & 0xFF, self._languages[one >> 40]) for one in packed)
        self._read[node] = made
        return made

    def _section(self, start: int, size: int, kind: Literal["B", "I", "Q"]) -> Section:
        return self._view[start : start + size].cast(kind)


def read_facts(view: memoryview) -> dict[str, Any]:
    """The header: `digest`, `sections`, and what the writer noted. Raises WrongFormat."""
    if len(view) < _PREFIX or bytes(view[: len(MAGIC)]) != MAGIC:
        raise WrongFormat("no gazetteer that this version reads")
    order, size, crc = view[len(MAGIC) : _PREFIX].cast("I")
    if order != ORDER:
        raise WrongFormat("made on a machine with another order of bytes")
    head = bytes(view[_PREFIX : _PREFIX + size])
    if zlib.crc32(head) != crc:
        raise WrongFormat("its header is damaged")
    facts: dict[str, Any] = json.loads(head)
    if len(view) != facts["size"]:
        raise WrongFormat(f"{len(view)} bytes instead of {facts['size']}")
    return facts


def _strings(sections: Mapping[str, Section], name: str) -> Strings:
    return Strings(sections[f"{name}.first"], sections[f"{name}.ends"], sections[f"{name}.blob"])
