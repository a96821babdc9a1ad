"""Which sitemaps of an index a poll reads, and what it remembers of them.

An index may name fifty thousand, most of them archives, many of them dead. A sitemap is judged by what it brought, not by its name: one
that brought recent entries is asked again, in turn with its like; one that brought none sleeps, longer and longer; so does one that fails.
A part of each poll's budget goes to those not read yet, the newest first, so that neither starves the other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.fetch.core.entries import Child
from shared import urls
from shared.stage import Reject

MAX_DEPTH = 3  # indexes, one in the other
_FRUITLESS, _LONGEST_SLEEP = timedelta(hours=6), timedelta(days=30)
_LONGEST_DATED_SLEEP = timedelta(days=1)  # of one whose index says that it changes
_ARCHIVE_AGE, _ARCHIVE_SLEEP = timedelta(days=30), timedelta(days=7)
_FAILED, _DEAD = timedelta(minutes=15), timedelta(hours=6)  # the first sleep; four times as long after each further failure
_FORGIVEN = 2  # failures in a row after which a sitemap that brought something is still asked before the unknown ones


@dataclass(frozen=True, kw_only=True)
class KnownSitemap:
    """A sitemap that an index named, as earlier polls found it."""

    url: str
    lastmod: datetime | None = None  # as the index said when it was read
    etag: str | None = None
    last_modified: str | None = None
    read_at: datetime | None = None  # last read, or found unchanged
    failures: int = 0  # in a row
    asleep_until: datetime | None = None

    def is_fruitful(self) -> bool:
        """Whether it brought recent entries when it was read last."""
        return self.read_at is not None and (self.asleep_until is None or 0 < self.failures <= _FORGIVEN)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A sitemap that may be read now."""

    url: str
    lastmod: datetime | None
    known: KnownSitemap
    parent: str | None  # the index that names it; None: an earlier poll found it
    depth: int
    place: int  # in its index, the most promising first


@dataclass
class Queue:
    """The candidates of one poll. `known` are the sitemaps of earlier ones; `since` is the horizon."""

    known: Mapping[str, KnownSitemap]
    at: datetime
    since: datetime
    budget: int
    _waiting: dict[str, Candidate] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _fruitful: int = 0

    def __post_init__(self) -> None:
        """Those that brought something and whose index says nothing of their changes are asked, whoever still names them."""
        for one in self.known.values():
            if one.lastmod is None and one.is_fruitful() and not self._sleeps(one):
                self._waiting[one.url] = Candidate(url=one.url, lastmod=None, known=one, parent=None, depth=1, place=0)

    def offer(self, children: Iterable[Child], *, parent: str, depth: int) -> None:
        """What an index names: what is new, changed or silent of its changes becomes a candidate."""
        for place, child in enumerate(children):
            url, lastmod = child["url"], datetime.fromisoformat(child["lastmod"]) if child["lastmod"] else None
            known = self.known.get(url) or KnownSitemap(url=url)
            unchanged = lastmod is not None and known.lastmod == lastmod and known.failures == 0 and known.read_at is not None
            if unchanged or url in self._taken or self._sleeps(known) or (lastmod is not None and lastmod < self.since):
                continue
            self._waiting[url] = Candidate(url=url, lastmod=lastmod, known=known, parent=parent, depth=depth, place=place)

    def next(self) -> Candidate | None:
        """The sitemap to be read next. Of those that brought something the one read longest ago; then the newest of the others."""
        fruitful = [one for one in self._waiting.values() if one.known.is_fruitful()]
        others = [one for one in self._waiting.values() if not one.known.is_fruitful()]
        room = self.budget - self.budget // 3 if others else self.budget
        if fruitful and (self._fruitful < room or not others):
            self._fruitful += 1
            chosen = min(fruitful, key=lambda one: (one.known.read_at or self.at, _newest_first(one), one.place))
        elif others:
            chosen = min(others, key=_promise)
        else:
            return None
        self._taken.add(chosen.url)
        return self._waiting.pop(chosen.url)

    def is_empty(self) -> bool:
        """Whether nothing is left to be read."""
        return not self._waiting

    def waits(self, parent: str) -> bool:
        """Whether something that this index names is still to be read."""
        return any(one.parent == parent for one in self._waiting.values())

    def is_taken(self, url: str) -> bool:
        """Whether this poll has read it already."""
        return url in self._taken

    def _sleeps(self, one: KnownSitemap) -> bool:
        return one.asleep_until is not None and one.asleep_until > self.at


def _newest_first(one: Candidate) -> float:
    return -one.lastmod.timestamp() if one.lastmod is not None else 0.0


def _promise(one: Candidate) -> tuple[bool, bool, float, int]:
    """Smaller is read first: what was never tried, what is dated, the newest, as the index ranks them."""
    tried = one.known.read_at is not None or one.known.failures > 0
    return tried, one.lastmod is None, _newest_first(one), one.place


def after_reading(
    one: Candidate, at: datetime, *, etag: str | None, last_modified: str | None, fruitful: bool, newest: datetime | None, whole: bool
) -> KnownSitemap:
    """What is remembered of a sitemap that was read. Not `whole`: it has more for the next poll, which is to read it once more."""
    asleep = None if fruitful else at + _fruitless(one, at, newest)
    return KnownSitemap(
        url=one.url,
        lastmod=one.lastmod if whole else None,
        etag=etag if whole else None,
        last_modified=last_modified if whole else None,
        read_at=at,
        asleep_until=asleep,
    )


def after_no_change(one: Candidate, at: datetime) -> KnownSitemap:
    """What is remembered of a sitemap that answered 304."""
    asleep = None if one.known.is_fruitful() else at + _fruitless(one, at, None)
    return replace(one.known, lastmod=one.lastmod, read_at=at, failures=0, asleep_until=asleep)


def after_failing(one: Candidate, at: datetime, *, dead: bool) -> KnownSitemap:
    """What is remembered of a sitemap that could not be read. `dead`: it says that it never can be."""
    failures = one.known.failures + 1
    sleep = min((_DEAD if dead else _FAILED) * 4 ** min(failures - 1, 8), _LONGEST_SLEEP)
    return replace(one.known, failures=failures, asleep_until=at + sleep)


def _fruitless(one: Candidate, at: datetime, newest: datetime | None) -> timedelta:
    """How long one sleeps that brought nothing: twice as long as since the last look."""
    sleep = max(2 * (at - one.known.read_at), _FRUITLESS) if one.known.read_at is not None else _FRUITLESS
    if newest is not None and at - newest > _ARCHIVE_AGE:
        sleep = max(sleep, _ARCHIVE_SLEEP)
    return min(sleep, _LONGEST_DATED_SLEEP if one.lastmod is not None else _LONGEST_SLEEP)


def is_of_site(url: str, *bases: str) -> bool:
    """Whether an address is on the site of one of the others: their host, or a host of the same registered domain."""
    try:
        mine = urls.site(urls.host_port(url)[1])
        return any(mine == urls.site(urls.host_port(base)[1]) for base in bases)
    except Reject:
        return False
