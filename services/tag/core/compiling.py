"""Writes what `compiled.py` reads: concepts and surfaces as one run of bytes, the same bytes for the same rows."""

import json
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib import resources
from itertools import accumulate
from typing import Any, TypeAlias

from services.tag.core.compiled import ALIGNED, CAPITAL, MAGIC, ORDER
from services.tag.core.gazetteer import TABLES, Row, full_name, read_surfaces, rows
from services.tag.core.matching import Concept, needs_capital

MAX_SURFACES = 3_000_000  # some 2.5 GB while it is made
MAX_MEANINGS = 16  # of one surface: nothing could decide between more
_NUMBERS = "I"  # of an array of integers of 32 bits

_READERS = ("tokens.py", "inflect.py", "persons.py", "gazetteer.py", "compiling.py", "compiled.py")

Numbers: TypeAlias = "array[int]"
Chunk: TypeAlias = "bytes | array[int]"


class TooMany(ValueError):
    """More surfaces than a gazetteer may hold."""


@cache
def tables_digest() -> str:
    """Names the package's tables and how their surfaces are read, as they are: a file that was compiled from others is outdated."""
    package = resources.files("services.tag.core")
    read = [package.joinpath("data", name) for name in TABLES] + [package.joinpath(name) for name in _READERS]
    return sha256(b"\0".join(file.read_bytes() for file in read)).hexdigest()[:12]


def compile_gazetteer(further: Iterable[Row], notes: Mapping[str, Any], *, tables: bool = True) -> list[Chunk]:
    """The package's tables (unless told otherwise) and `further` rows as the parts of one file, in order. Rows of an id that is known
    add surfaces to it. `notes`: facts for the header. Raises TooMany.
    """
    gathered = _Gathered()
    if tables:
        for name in TABLES:
            gathered.add(rows(name))
    gathered.add(further)
    words, numbers = _table(gathered.words())
    sections: dict[str, Chunk] = {f"words.{part}": chunk for part, chunk in words.items()}
    sections |= _trie(gathered.surfaces, numbers)
    concepts, ids = _table(gathered.concepts)
    sections |= {f"concepts.{part}": chunk for part, chunk in concepts.items()}
    in_order = sorted(gathered.concepts.values(), key=lambda concept: ids[concept.id])
    records = [_record(concept).encode() for concept in in_order]
    sections |= {"records.first": array(_NUMBERS, [0, 0]), "records.ends": _ends(records), "records.blob": b"".join(records)}
    names, order = _table(gathered.persons)
    sections |= {f"persons.{part}": chunk for part, chunk in names.items()}
    who = sorted(gathered.persons, key=order.__getitem__)
    sections["who"] = array(_NUMBERS, [ids[gathered.persons[name]] for name in who])
    renumbered = [ids[concept] for concept in gathered.concepts]
    sections["candidates"] = array("Q", (one >> 32 << 32 | renumbered[one & 0xFFFFFFFF] for one in sections["candidates"]))
    facts = {**notes, "concepts": len(in_order), "surfaces": len(gathered.surfaces), "tables": tables_digest()}
    return _laid_out(sections, facts | {"languages": gathered.languages})


class _Gathered:
    """Concepts in the order in which they came, and for each surface its candidates, packed."""

    def __init__(self) -> None:
        self.concepts: dict[str, Concept] = {}
        self.surfaces: dict[str, tuple[int, ...]] = {}
        self.persons: dict[str, str] = {}  # normal form: id
        self.languages: list[str] = [""]
        self._numbers: dict[str, int] = {}

    def add(self, further: Iterable[Row]) -> None:
        for concept, written in further:
            concept = self.concepts.setdefault(concept.id, concept)
            number = self._numbers.setdefault(concept.id, len(self._numbers))
            for keys, case, lang in read_surfaces(written):
                path = " ".join(keys)
                known = self.surfaces.get(path, ())
                if len(known) >= MAX_MEANINGS or any(_makes_superfluous(one, number, case, self._language(lang)) for one in known):
                    continue
                self.surfaces[path] = (*known, number | case << 32 | self._language(lang) << 40)
                normal = full_name(concept, keys)
                if normal:
                    self.persons.setdefault(" ".join(normal), concept.id)
                if len(self.surfaces) > MAX_SURFACES:
                    raise TooMany(f"more than {MAX_SURFACES:,} surfaces")

    def words(self) -> Iterable[str]:
        """Every word of every surface."""
        return {word for path in self.surfaces for word in path.split(" ")}

    def _language(self, lang: str) -> int:
        if lang not in self.languages:
            self.languages.append(lang)
        return self.languages.index(lang)


def _makes_superfluous(packed: int, number: int, case: int, language: int) -> bool:
    return packed & 0xFFFFFFFF == number and packed >> 32 & 0xFF <= case and packed >> 40 == language


def _table(texts: Iterable[str]) -> tuple[dict[str, Chunk], dict[str, int]]:
    """A table of strings (`compiled.Strings`), and each string's number in it."""
    encoded = [(text.encode("utf-8", "surrogatepass"), text) for text in texts]
    buckets = 1
    while buckets < len(encoded):
        buckets *= 2
    placed = sorted((zlib.crc32(one) & (buckets - 1), one, text) for one, text in encoded)
    counts = [0] * (buckets + 1)
    for bucket, _, _ in placed:
        counts[bucket + 1] += 1
    chunks: dict[str, Chunk] = {
        "first": array(_NUMBERS, accumulate(counts)),
        "ends": _ends([one for _, one, _ in placed]),
        "blob": b"".join(one for _, one, _ in placed),
    }
    return chunks, {text: number for number, (_, _, text) in enumerate(placed)}


def _ends(encoded: Sequence[bytes]) -> Numbers:
    return array(_NUMBERS, accumulate(map(len, encoded), initial=0))


def _trie(surfaces: Mapping[str, tuple[int, ...]], numbers: Mapping[str, int]) -> dict[str, Chunk]:
    """The nodes, level by level: sorted by words, what shares a beginning stands together, and each level comes in the parents' order."""
    entries = sorted((tuple(map(numbers.__getitem__, path.split(" "))), packed) for path, packed in surfaces.items())
    labels, children, meanings = array(_NUMBERS, [0]), array(_NUMBERS, [0]), array(_NUMBERS, [0])  # counts first
    starts, candidates = array(_NUMBERS, bytes(4 * len(numbers))), array("Q")
    at = array(_NUMBERS, bytes(4 * len(entries)))
    alive: Sequence[int] = range(len(entries))
    depth = 0
    while alive:
        longer, last = array(_NUMBERS), (-1, -1)
        for entry in alive:
            words, packed = entries[entry]
            here = (at[entry], words[depth])
            if here != last:
                children[here[0]] += 1
                labels.append(here[1])
                children.append(0)
                meanings.append(0)
                if depth == 0:
                    starts[here[1]] = (len(labels) - 1) | CAPITAL
                last = here
            at[entry] = len(labels) - 1
            if len(words) == depth + 1:
                meanings[-1] = len(packed)
                candidates.extend(packed)
                if not all(needs_capital(one >> 32 & 0xFF) for one in packed):
                    starts[words[0]] &= ~CAPITAL
            else:
                longer.append(entry)
        alive, depth = longer, depth + 1
    return {
        "starts": starts,
        "labels": labels,
        "children": array(_NUMBERS, accumulate(children, initial=1)),
        "meanings": array(_NUMBERS, accumulate(meanings, initial=0)),
        "candidates": candidates,
    }


def _record(concept: Concept) -> str:
    fields = (concept.id, concept.kind, concept.name, concept.parent, concept.flags)
    return "\t".join(" ".join(field.split("\t")) for field in fields)


def _laid_out(sections: Mapping[str, Chunk], facts: Mapping[str, Any]) -> list[Chunk]:
    digest, crc, size, laid = sha256(json.dumps([*facts["languages"], facts["tables"]]).encode()), 0, 0, []
    places: dict[str, list[Any]] = {}
    for name, chunk in sections.items():
        raw = memoryview(chunk).cast("B")
        padding = bytes(-len(raw) % ALIGNED)
        places[name] = [size, len(raw), chunk.typecode if isinstance(chunk, array) else "B"]
        size += len(raw) + len(padding)
        laid += [chunk, padding]
        for part in (raw, padding):
            digest.update(part)
            crc = zlib.crc32(part, crc)
    named = {**facts, "digest": digest.hexdigest()[:12], "crc": crc}
    prefix = len(MAGIC) + 12
    room = len(json.dumps(named)) + 64 * len(places) + 64  # the header holds where the sections stand, so its length comes first
    start = -(-(prefix + room) // ALIGNED) * ALIGNED
    named |= {"sections": {name: [start + place[0], *place[1:]] for name, place in places.items()}, "size": start + size}
    head = json.dumps(named).encode().ljust(start - prefix)
    return [MAGIC + array(_NUMBERS, [ORDER, len(head), zlib.crc32(head)]).tobytes() + head, *laid]
