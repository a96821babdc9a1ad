"""A watched folder: its files as they were at the last look, and which of them are to be read now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.fetch.core.files import type_of

# What programs call a file that they are still writing.
PARTIAL = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".swp", "~")


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what a changed file is known: its size, and when it was last written, in nanoseconds since 1970."""

    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A file at the last look. `taken` are the articles that were taken out of it, where there are more; None where all were."""

    stamp: Stamp
    taken: int | None = None


def from_state(state: Mapping[str, Any] | None) -> dict[str, Seen]:
    """The files of a source's `state`, by their paths below the folder. What is no such entry is left out, and so read again."""
    files = (state or {}).get("files")
    found = {}
    for path, told in files.items() if isinstance(files, dict) else ():
        if isinstance(told, list) and 2 <= len(told) <= 3 and all(isinstance(one, int) for one in told):
            found[path] = Seen(Stamp(told[0], told[1]), told[2] if len(told) == 3 else None)
    return found


def to_state(seen: Mapping[str, Seen]) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "files": {
            path: [one.stamp.size, one.stamp.changed_ns, *([one.taken] if one.taken is not None else [])] for path, one in seen.items()
        }
    }


def is_watched(name: str) -> bool:
    """Whether a file of this name is looked at: hidden ones and those that somebody is still writing are not."""
    return not name.startswith(".") and not name.lower().endswith(PARTIAL)


def is_readable(name: str) -> bool:
    """Whether the name's ending is one of those that are read."""
    return type_of(name) is not None


def due(found: Mapping[str, Stamp], seen: Mapping[str, Seen], *, now_ns: int, settled_ns: int) -> list[str]:
    """The files to be read, by their paths: those begun before first, then the new and the changed ones in the order of their paths.

    One that was written less than `settled_ns` ago is left for the next time: somebody may be writing it still.
    """
    changed = [path for path, stamp in found.items() if path not in seen or seen[path].stamp != stamp or seen[path].taken is not None]
    settled = [path for path in changed if not 0 <= now_ns - found[path].changed_ns < settled_ns]
    return sorted(settled, key=lambda path: (not _is_begun(path, found, seen), path))


def _is_begun(path: str, found: Mapping[str, Stamp], seen: Mapping[str, Seen]) -> bool:
    return path in seen and seen[path].taken is not None and seen[path].stamp == found[path]


def still_there(seen: Mapping[str, Seen], found: Iterable[str]) -> dict[str, Seen]:
    """Without the files that are gone: one that comes back is read again."""
    there = set(found)
    return {path: one for path, one in seen.items() if path in there}
