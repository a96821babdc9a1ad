"""When an announcement says something new, and when two addresses under one GUID are one article."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from typing import NamedTuple

from services.fetch.core.entries import Entry

_SAME_DAY = timedelta(hours=12)


def announcement(entry: Entry) -> str:
    """A short text that changes when the entry's time or title does: the same announcement again is no work, an edit is new work.

    The time of the update stands before the time of publication, since that is what an outlet changes with an edit.
    """
    said = f"{entry['updated'] or entry['published'] or ''}\n{entry['title'] or ''}"
    return sha256(said.encode()).hexdigest()[:16]


def guid_keys(source_id: int, entries: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """By address's key: a short hash of the source and of the entry's GUID, which only names something within its feed.

    Entries are given as key and GUID. A GUID that stands at two addresses of one document names neither.
    """
    guids = {key: guid for key, guid in reversed([*entries]) if guid}  # the first entry of an address has the say
    number = Counter(guids.values())
    return {key: _guid_key(source_id, guid) for key, guid in guids.items() if number[guid] == 1}


def _guid_key(source_id: int, guid: str) -> str:
    return blake2b(f"{source_id} {guid}".encode("utf-8", "replace"), digest_size=10).hexdigest()


class Said(NamedTuple):
    """What a feed says of an article."""

    title: str | None
    published: datetime | None


def is_moved(before: Said, now: Said) -> bool:
    """Whether two entries that had one GUID in one feed at two times, at two addresses, are one article.

    Feeds write the same GUID for each day's briefing, so it is not enough: the time of publication must be the same (to the second, and no
    midnight, which stands for a day), or the title, and then no other day's. Where it is not certain they stay two.
    """
    same_title = before.title is not None and before.title == now.title
    if before.published is None or now.published is None:
        return same_title
    if before.published == now.published:
        return same_title or not _is_day(now.published)
    return same_title and abs(now.published - before.published) < _SAME_DAY


def _is_day(time: datetime) -> bool:
    return (time.hour, time.minute, time.second) == (0, 0, 0)
