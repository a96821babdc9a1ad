"""The gazetteer that stands in the data folder now: mapped into memory, and taken anew when another one took its place."""

import mmap
import os
from pathlib import Path

import structlog

from services.tag.core import Gazetteer, built_in
from services.tag.core.compiled import Compiled, WrongFormat
from services.tag.core.compiling import tables_digest

FILE = "gazetteer"  # in the folder of concepts
_log = structlog.get_logger(__name__)
_Mark = tuple[int, int, int]


class Shelf:
    """Where stages of this process find their gazetteer. Without a file, the package's own tables."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = folder / FILE if folder else None
        self._mark: _Mark | None = None
        self._compiled: Compiled | None = None

    def current(self) -> Gazetteer:
        """The newest one. One call of the system where nothing changed; a file that cannot be read leaves the one before."""
        mark = self._look()
        if mark != self._mark:
            self._mark = mark
            self._compiled = self._open() if mark else None
        return self._compiled or built_in()

    def _look(self) -> _Mark | None:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _open(self) -> Compiled | None:
        assert self._path is not None
        try:
            opened = open_gazetteer(self._path)
        except (WrongFormat, OSError) as problem:
            _log.error("gazetteer_refused", file=str(self._path), reason=str(problem), remedy="dateline concepts build")
            return self._compiled
        outdated = opened.facts["tables"] != tables_digest()
        say = _log.warning if outdated else _log.info
        say("gazetteer_opened", digest=opened.digest, surfaces=opened.facts["surfaces"], other_tables=outdated)
        return opened


def open_gazetteer(path: Path) -> Compiled:
    """A compiled gazetteer, mapped. Raises WrongFormat, OSError."""
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise WrongFormat("it is empty")
        return Compiled(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
