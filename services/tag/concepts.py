"""The folder of added concepts: one file of JSON lines a source, and the gazetteer compiled from all of them."""

import fcntl
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.tag.core.compiling import compile_gazetteer
from services.tag.core.matching import Concept
from services.tag.core.sources import BadConcept, from_line, to_line
from services.tag.shelf import FILE, open_gazetteer
from shared.replacing import replaced

SUFFIX = ".jsonl"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
Row = tuple[Concept, list[str]]


class Folder:
    """Sources by name. What is written takes its place whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def gazetteer(self) -> Path:
        """Where the compiled one stands."""
        return self.path / FILE

    def sources(self) -> list[str]:
        """The names of the sources, in order."""
        return sorted(file.stem for file in self.path.glob(f"*{SUFFIX}") if NAME.fullmatch(file.stem))

    def file(self, source: str) -> Path:
        """A source's file."""
        return self.path / f"{source}{SUFFIX}"

    def rows(self, source: str) -> Iterator[Row]:
        """A source's concepts. Lines that are none are left out: `write` takes none in, but files may be edited."""
        with self.file(source).open(encoding="utf-8", errors="replace") as file:
            yield from read_lines(file, lambda _number, _why: None)

    def write(self, source: str, rows: Iterable[Row]) -> Counter[str]:
        """Replace a source; counts its concepts and surfaces, and leaves none that has no concept."""
        counts: Counter[str] = Counter()
        self.path.mkdir(parents=True, exist_ok=True)
        with replaced(self.file(source)) as out:
            for concept, surfaces in rows:
                out.write(to_line(concept, surfaces).encode() + b"\n")
                counts["concepts"] += 1
                counts["surfaces"] += len(surfaces)
        if not counts:
            self.remove(source)
        return counts

    def remove(self, source: str) -> None:
        """Remove a source."""
        self.file(source).unlink(missing_ok=True)

    def build(self, watched: Callable[[Iterable[Row]], Iterable[Row]] = iter) -> Mapping[str, Any]:
        """Compile all sources with the package's tables into the gazetteer that workers use from now on; the facts of its header. Without a
        source there is none, and workers use the tables. `watched`: sees the rows pass. Raises `compiling.TooMany`.
        """
        names = self.sources()
        if not names:
            self.gazetteer.unlink(missing_ok=True)
            return {}
        self.path.mkdir(parents=True, exist_ok=True)
        with self._alone():
            chunks = compile_gazetteer(watched(row for name in names for row in self.rows(name)), {"sources": names})
            with replaced(self.gazetteer) as out:
                for chunk in chunks:
                    out.write(chunk)
            return open_gazetteer(self.gazetteer).facts

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One build after the other, so that the last one saw all sources."""
        with (self.path / ".build").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield


def read_lines(lines: Iterable[str], refuse: Callable[[int, str], None]) -> Iterator[Row]:
    """The concepts of JSON lines; `refuse` is told the number of a line that is none, and why."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield from_line(line)
            except BadConcept as why:
                refuse(number, str(why))
