"""What a source's answer held, remembered as short hashes: do two answers overlap, and what of the new one is new to this source?"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

MAX_REMEMBERED = 250  # entries: of a longer answer those at both ends, at one of which the newest stand
_HASH_BYTES = 5
_LATE = timedelta(days=2)  # an entry may be published so long after the time that it bears
_EARLY = timedelta(minutes=10)  # by which clocks differ


def marks(entries: Sequence[tuple[str, str | None]]) -> list[str]:
    """Short hashes of entries, each given as its address's key and its GUID, in their order. An entry is known again by either."""
    if len(entries) > MAX_REMEMBERED:
        half = MAX_REMEMBERED // 2
        entries = [*entries[:half], *entries[-half:]]
    return list(dict.fromkeys(mark for key, guid in entries for mark in marks_of(key, guid)))


def marks_of(key: str, guid: str | None) -> list[str]:
    """Those of one entry."""
    return [_hash(key)] + ([_hash(f"guid {guid}")] if guid else [])


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=_HASH_BYTES).hexdigest()


def is_gap(before: Collection[str], entries: Iterable[tuple[str, str | None]]) -> bool:
    """Whether nothing of the last answer is in this one, so that entries may have come and gone between them."""
    known = set(before)
    anything = False
    for key, guid in entries:
        anything = True
        if not known.isdisjoint(marks_of(key, guid)):
            return False
    return anything and bool(known)


def came_at(published: datetime | None, at: datetime) -> datetime:
    """When a new entry counts as come: at its own time where that is plausible, else on its arrival."""
    if published is None or not at - _LATE <= published <= at + _EARLY:
        return at
    return min(published, at)
