"""What a poll takes of a sitemap: what is recent. The rest is counted, so that an archive floods nobody.

An entry's day is the day of its publication, else the one that its address names, else that of its last change. An entry without any is
taken from a sitemap for news and from one that changed lately, if it is no archive by its length; from others where the last look at
the sitemap did not see it: hence the memory of short hashes. A short sitemap for news is taken whole.
"""

import re
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import blake2b
from typing import TypedDict

from services.fetch.core.entries import Child, Entry, Listing
from services.fetch.core.sitemap import MAX_SEEN, looks_like_sitemap
from services.fetch.core.source import read_source, unpacked
from shared.stage import Reject
from shared.urls import slug_date

MAX_CHILDREN = 2000  # sitemaps of one index that are considered: the most promising
MAX_SHORT = 200  # entries that a sitemap may have and not be an archive
MAX_REMEMBERED = 10_000  # undated entries of one sitemap
MEMORY_LENGTH = 150_000  # characters of a source's whole memory
_HASH_BYTES = 5
_FEEDS = ("rss", "atom", "json")
_NEWS = re.compile(r"news|latest|recent|breaking|nachrichten|actualit|noticias", re.IGNORECASE)
# 2019-05, 201905, 2019/may is left out; also yyyy=2020&mm=02&dd=07.
_DATED = re.compile(r"(?<![0-9])(20[0-9]{2})(?:[^0-9]{0,4}(0[1-9]|1[0-2]))?(?:[^0-9]{0,4}([0-2][0-9]|3[01]))?(?![0-9])")
# One moment that this many entries, and more than half of them, name as their last change is when the sitemap was written.
_STAMPED, _STAMPED_DAY = 20, 200


class Taken(TypedDict):
    """A sitemap as a poll takes it: its recent entries, newest first, and its promising sitemaps, if it is an index.

    `old` counts the entries that are not taken. `newest` is the time of the newest entry of all; `memory` stands for the undated ones.
    """

    form: str
    entries: list[Entry]
    children: list[Child]
    old: int
    cut: bool
    newest: str | None
    memory: str | None
    broken: str | None


def take(
    body: bytes, *, content_type: str | None, url: str, limit: int, since: str, lately: bool = False, memory: str | None = None
) -> Taken:
    """What a poll takes of a sitemap. `since` is the horizon, ISO 8601 in UTC; `lately` says that the sitemap changed after it;
    `memory` is what the last look returned.

    Raises Reject as `read_source` does.
    """
    body = unpacked(body)
    found = read_source("sitemap", body, content_type, url, limit=MAX_SEEN if looks_like_sitemap(body) else limit)
    short_news = found["form"] == "news_sitemap" and len(found["entries"]) <= MAX_SHORT
    recent, undated, old = (found["entries"], [], 0) if short_news else _parted(found, since)
    if found["form"] in _FEEDS:
        chosen, undated = undated, []
    else:
        chosen = _undated(undated, memory, usual=lately or found["form"] == "news_sitemap" or bool(_NEWS.search(url)))
    entries = [*recent, *chosen]
    children = promising(found["children"], since)
    return Taken(
        form=found["form"],
        entries=entries[:limit],
        children=children[:MAX_CHILDREN],
        old=old + len(undated) - (len(chosen) if undated else 0),
        cut=found["cut"] or len(entries) > limit,
        newest=next((day for one in found["entries"] if (day := one["published"] or one["updated"])), None),
        memory=remember(one["url"] or "" for one in undated) if undated else None,
        broken=found["broken"],
    )


def promising(children: Iterable[Child], since: str) -> list[Child]:
    """The sitemaps of an index that may hold recent entries, the most promising first: those that changed last; of the others those whose
    name has a recent date or says news, then from both ends, since some outlets append and some prepend.

    Names only set the order: they lie too often to leave one out.
    """
    listed = list(children)
    last = len(listed) - 1
    hints = {child["url"]: (*_hint(child["url"], since), min(place, last - place)) for place, child in enumerate(listed)}
    changed = [child for child in listed if child["lastmod"] is None or child["lastmod"] >= since]
    changed.sort(key=lambda child: hints[child["url"]])
    return sorted(changed, key=lambda child: child["lastmod"] or "", reverse=True)


def remember(addresses: Iterable[str]) -> str | None:
    """Addresses as a text by which they are known again; None where they are too many."""
    hashes = sorted({_hash(address) for address in addresses})
    return b64encode(b"".join(hashes)).decode() if len(hashes) <= MAX_REMEMBERED else None


def remembered(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """A source's memory, by sitemap, with what the present poll saw; without the longest unseen where it grows too long."""
    kept = {url: text for url, text in old.items() if url not in new} | dict(new)
    length = sum(map(len, kept.values()))
    for url in list(kept):
        if length <= MEMORY_LENGTH:
            break
        length -= len(kept.pop(url))
    return kept


def _parted(found: Listing, since: str) -> tuple[list[Entry], list[Entry], int]:
    """Recent entries, undated ones, and the number of old ones."""
    stamped = _stamps(found["entries"])
    recent: list[Entry] = []
    undated: list[Entry] = []
    old = 0
    first_day = date.fromisoformat(since[:10])
    for one in found["entries"]:
        day = None if one["published"] else slug_date(one["url"] or "")
        moment = one["published"] or (None if day or one["updated"] in stamped else one["updated"])
        if moment is None and day is None:
            undated.append(one)
        elif (moment is not None and moment >= since) or (day is not None and day >= first_day):
            recent.append(one)
        else:
            old += 1
    return recent, undated, old


def _stamps(entries: list[Entry]) -> set[str]:
    """Times of change that only say when the sitemap was written."""
    times = Counter(one["updated"] for one in entries if one["updated"])
    return {
        time
        for time, number in times.most_common(1)
        if number > (_STAMPED_DAY if "T00:00:00+" in time else _STAMPED) and number * 2 > len(entries)
    }


def _undated(entries: list[Entry], memory: str | None, *, usual: bool) -> list[Entry]:
    if memory is not None:
        seen = _hashes(memory)
        return [one for one in entries if _hash(one["url"] or "") not in seen]
    return entries if usual and len(entries) <= MAX_SHORT else []


def _hint(url: str, since: str) -> tuple[int, int, int]:
    """Smaller is more promising."""
    named = list(_DATED.finditer(url))
    if named:
        year, month, day = named[-1].groups()
        latest = int(f"{year}{month or '12'}{day or '31'}")
        return (0 if latest >= int(since[:10].replace("-", "")) else 2), 0, -latest
    return 1, 0 if _NEWS.search(url) else 1, 0


def _hash(address: str) -> bytes:
    return blake2b(address.encode("utf-8", "replace"), digest_size=_HASH_BYTES).digest()


def _hashes(memory: str) -> set[bytes]:
    try:
        joined = b64decode(memory, validate=True)
    except ValueError as problem:  # written by another version
        raise Reject("feed_malformed", f"the memory of undated entries: {problem}") from problem
    return {joined[at : at + _HASH_BYTES] for at in range(0, len(joined), _HASH_BYTES)}
