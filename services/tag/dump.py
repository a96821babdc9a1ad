"""Reads a Wikidata dump of any size line by line, and goes on where it was stopped."""

import bz2
import gzip
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from services.tag.concepts import Row
from services.tag.core.matching import Gazetteer
from services.tag.core.wikidata import MAX_LINE, Entity, concept_of, read_entity
from shared.replacing import replaced

KEPT_EVERY = 20_000  # lines, after which a stopped import goes on
MAX_ENTITIES = 2_000_000
_NEEDED = (b'"claims"', b'"labels"')  # a line without them is not parsed


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is taken from a dump. `languages`: of names and surfaces, the first that an entity has gives its name; `min_links`: the fewest
    wikis that know it.
    """

    languages: tuple[str, ...]
    min_links: int
    most: int = MAX_ENTITIES


class Import:
    """One pass over a dump into a file of entities in `folder`; then their concepts, the best known first."""

    def __init__(self, dump: Path, folder: Path, wanted: Wanted) -> None:
        self._dump, self._wanted = dump, wanted
        self._entities = folder / ".wikidata.entities"
        self._state = folder / ".wikidata.state"
        self.lines = self.kept = 0
        folder.mkdir(parents=True, exist_ok=True)

    def read(self, tell: Callable[[int], None], *, afresh: bool = False) -> None:
        """Read the dump to its end, from where an earlier import of the same dump was stopped. `tell`: bytes of the file read so far.

        Raises OSError and EOFError where the file cannot be read or ends early; what was read until then is kept.
        """
        begun = {} if afresh else self._begun()
        self.lines, self.kept = begun.get("lines", 0), begun.get("kept", 0)
        with self._dump.open("rb") as packed, self._entities.open("r+b" if begun else "wb") as out:
            out.truncate(begun.get("bytes", 0))
            out.seek(0, os.SEEK_END)
            with closing(_unpacked(packed, self._dump.name)) as file:
                for _ in range(self.lines):
                    if not _skip(file):
                        break
                    tell(packed.tell())
                for line in _lines(file):
                    self._take(line, out)
                    if self.lines % KEPT_EVERY == 0:
                        self._keep(out)
                    tell(packed.tell())
                    if self.kept >= self._wanted.most:
                        break
            self._keep(out)

    def rows(self, known: Gazetteer) -> Iterator[Row]:
        """The concepts of what was read, the best known first: of two that bear one name the better known has it."""
        places: list[tuple[int, int]] = []
        codes: dict[str, str] = {}
        with self._entities.open("rb") as file:
            at = 0
            for line in file:
                entity = Entity.from_line(line.decode())
                places.append((-entity.links, at))
                if entity.iso:
                    codes[entity.item] = entity.iso
                at += len(line)
            taken: set[str] = set()
            for _, at in sorted(places):
                file.seek(at)
                row = concept_of(Entity.from_line(file.readline().decode()), codes, known, taken)
                if row is not None:
                    taken.add(row[0].id)
                    yield row

    def forget(self) -> None:
        """Remove what only a stopped import needs."""
        self._entities.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)

    def _take(self, line: bytes, out: IO[bytes]) -> None:
        self.lines += 1
        entity = read_entity(line, self._wanted.languages, self._wanted.min_links) if self._may_be_wanted(line) else None
        if entity is not None:
            out.write(entity.to_line().encode() + b"\n")
            self.kept += 1

    def _may_be_wanted(self, line: bytes) -> bool:
        """Told without parsing, which takes thirty times as long: most entities of the whole dump are known to too few wikis."""
        wikis = line.count(b'"site":')
        too_few = 0 < wikis < self._wanted.min_links or (self._wanted.min_links > 0 and b'"sitelinks":{}' in line)
        return not too_few and all(one in line for one in _NEEDED)

    def _what(self) -> list[Any]:
        """What must be the same for an import to go on: the file, and what is taken from it."""
        found = self._dump.stat()
        return [str(self._dump.resolve()), found.st_size, found.st_mtime_ns, list(self._wanted.languages), self._wanted.min_links]

    def _begun(self) -> dict[str, Any]:
        try:
            begun: dict[str, Any] = json.loads(self._state.read_text())
        except (OSError, ValueError):
            return {}
        there = self._entities.exists() and self._entities.stat().st_size >= begun.get("bytes", 0)
        return begun if begun.get("what") == self._what() and there else {}

    def _keep(self, out: IO[bytes]) -> None:
        out.flush()
        os.fsync(out.fileno())
        with replaced(self._state) as state:
            state.write(json.dumps({"what": self._what(), "lines": self.lines, "kept": self.kept, "bytes": out.tell()}).encode())


def _unpacked(file: IO[bytes], name: str) -> IO[bytes]:
    if name.endswith(".gz"):
        return cast(IO[bytes], gzip.open(file))
    return cast(IO[bytes], bz2.open(file)) if name.endswith(".bz2") else file


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of at most `MAX_LINE` bytes; of longer ones the beginning, which is no JSON."""
    while line := file.readline(MAX_LINE + 1):
        if not line.endswith(b"\n") and len(line) > MAX_LINE:
            _skip(file)
        yield line


def _skip(file: IO[bytes]) -> bool:
    """Past the end of the line; False at the end of the file."""
    read = False
    while part := file.readline(MAX_LINE + 1):
        read = True
        if part.endswith(b"\n"):
            break
    return read


def parse_languages(text: str) -> Sequence[str]:
    """`en,de,fr` as codes. Raises ValueError."""
    codes = [one.strip().lower() for one in text.split(",") if one.strip()]
    if not codes or not all(one.replace("-", "").isalpha() and len(one) <= 12 for one in codes):
        raise ValueError(f"{text!r} is no list of languages such as en,de,fr")
    return list(dict.fromkeys(codes))
