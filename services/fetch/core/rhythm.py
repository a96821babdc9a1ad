"""How often a source brings something new, by hour of the week (UTC): primed from its entries' own times, then learnt from what comes.

Counts of new entries in 168 hours of the week decay by half in three weeks. What an hour is to bring is estimated from its own count
and, with little data, from the source's mean, its hours of the day and its days of the week: each is a Gamma-Poisson estimate shrunk
towards the one before it, so that a single entry makes no rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

WEEK = 168  # hours
HALF_LIFE = 504.0  # hours
_HORIZON = 8 * WEEK  # hours before the newest entry that a feed's own times tell of
_SHORTEST_SPAN = 300.0  # seconds: entries that all bear one time were stamped when the feed was written
_STRAYS = 10  # one in so many of a feed's entries is left out, the oldest ones: pinned to the top, they are older than its window
# Of the estimates: as if two entries had come in an hour; entries on the side of "all hours of the day (days of the week) are alike";
# weeks on the side of what these three make of an hour.
_PRIOR_ENTRIES, _PRIOR_HOURS, _ALIKE, _WEEKS = 2.0, 1.0, 3.0, 2.0
_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """What is known of a source. Times are seconds since 1970; hour h of the week is that of `hours since 1970 % 168`."""

    since: float  # the start of what was observed
    at: float  # the counts are decayed up to here
    counts: tuple[float, ...]  # of new entries, by hour of the week
    active: float = 0.0  # of hours in which something new came
    last_hour: int = -1  # the last of these, since 1970
    entries: int = 0  # ever counted
    haste: float = 1.0  # how much sooner than the rhythm says it is polled, since entries were nearly missed
    window: int = 0  # entries that the feed holds; 0: unknown

    def as_json(self) -> dict[str, Any]:
        """For the column `rhythm` of a source."""
        return {
            "since": round(self.since),
            "at": round(self.at),
            "counts": [round(count, _DIGITS) for count in self.counts],
            "active": round(self.active, _DIGITS),
            "last_hour": self.last_hour,
            "entries": self.entries,
            "haste": round(self.haste, _DIGITS),
            "window": self.window,
        }


def from_json(kept: dict[str, Any] | None) -> Rhythm | None:
    """The rhythm as it was kept."""
    return Rhythm(**{**kept, "counts": tuple(kept["counts"])}) if kept else None


def primed(times: Sequence[datetime], at: datetime) -> Rhythm:
    """What the times of a feed's entries, of its first answer at `at`, tell of its rhythm. Times after `at` are left out."""
    told = sorted(time.timestamp() for time in times if time <= at)
    told = told[len(told) // _STRAYS :]
    newest = told[-1] if told else at.timestamp()
    start = max(told[0], newest - _HORIZON * 3600) if told else newest
    if newest - start < _SHORTEST_SPAN:
        return Rhythm(since=at.timestamp(), at=at.timestamp(), counts=(0.0,) * WEEK)
    # Where the window begins with an entry, this one is none of those that came within it.
    return _counted(Rhythm(since=start, at=newest, counts=(0.0,) * WEEK), [time for time in told if time > start], newest)


def learnt(rhythm: Rhythm, times: Sequence[datetime], at: datetime) -> Rhythm:
    """The rhythm with the new entries of these times, as it stands at `at`."""
    return _counted(rhythm, sorted(time.timestamp() for time in times), max(rhythm.at, at.timestamp()))


def _counted(rhythm: Rhythm, times: Sequence[float], at: float) -> Rhythm:
    decay = 0.5 ** ((at - rhythm.at) / 3600 / HALF_LIFE)
    counts = [count * decay for count in rhythm.counts]
    active, last = rhythm.active * decay, rhythm.last_hour
    for time in times:
        weight = 0.5 ** (max(0.0, at - time) / 3600 / HALF_LIFE)
        hour = int(time // 3600)
        counts[hour % WEEK] += weight
        if hour > last:  # sorted, so each hour counts once
            active, last = active + weight, hour
    since, entries = min([rhythm.since, *times[:1]]), rhythm.entries + len(times)
    return replace(rhythm, since=since, at=at, counts=tuple(counts), active=active, last_hour=last, entries=entries)


def rates(rhythm: Rhythm) -> list[float]:
    """Entries to expect in each hour of the week."""
    counts, exposure = rhythm.counts, _exposure(rhythm)
    total = (sum(counts) + _PRIOR_ENTRIES) / (sum(exposure) + _PRIOR_HOURS)
    by_hour = [_factor(counts[hour::24], exposure[hour::24], total) for hour in range(24)]
    by_day = [_factor(counts[day : day + 24], exposure[day : day + 24], total) for day in range(0, WEEK, 24)]
    means = [total * day * hour for day in by_day for hour in by_hour]
    return [(count + _WEEKS * mean) / (weeks + _WEEKS) for count, weeks, mean in zip(counts, exposure, means, strict=True)]


def _factor(counts: Sequence[float], exposure: Sequence[float], rate: float) -> float:
    """How much more these hours bring than others."""
    return (sum(counts) + _ALIKE) / (rate * sum(exposure) + _ALIKE)


def _exposure(rhythm: Rhythm) -> list[float]:
    """How many weeks each hour of the week was observed, decayed as the counts are."""
    now = int(rhythm.at // 3600)
    observed = max(0, now - int(rhythm.since // 3600))
    weeks, rest = divmod(observed, WEEK)
    more, less = _weeks(weeks + 1), _weeks(weeks)
    ages = _decays()
    # An hour of `age` hours ago was seen once more than the others where the rest of a week reaches back to it.
    seen = [ages[age] * (more if age <= rest else less) for age in range(WEEK)]
    seen[0] -= 1 - rhythm.at / 3600 % 1  # the present hour is not over,
    seen[rest] -= (rhythm.since / 3600 % 1) * 0.5 ** (observed / HALF_LIFE)  # and the first one was not seen from its start
    first = now % WEEK
    return [max(0.0, seen[(first - hour) % WEEK]) for hour in range(WEEK)]


@cache
def _decays() -> tuple[float, ...]:
    return tuple(0.5 ** (age / HALF_LIFE) for age in range(WEEK))


def _weeks(number: int) -> float:
    """The sum of `number` weeks, each worth less than the one after it."""
    step = 0.5 ** (WEEK / HALF_LIFE)
    return float((1 - step**number) / (1 - step))


def burst(rhythm: Rhythm) -> float:
    """Entries in an hour that brings any: what comes in heaps says less by its number."""
    return max(1.0, sum(rhythm.counts) / rhythm.active) if rhythm.active > 0 else 1.0


def expected(by_hour: Sequence[float], start: datetime, end: datetime) -> float:
    """Entries to expect between two moments, by the rates of the hours of the week."""
    first, last = start.timestamp() / 3600, end.timestamp() / 3600
    if last <= first:
        return 0.0
    weeks, rest = divmod(last - first, WEEK)
    total, place, until = weeks * sum(by_hour), first, first + rest
    while place < until:
        step = min(int(place) + 1.0, until)
        total, place = total + by_hour[int(place) % WEEK] * (step - place), step
    return total


def moment_of(by_hour: Sequence[float], start: datetime, entries: float, longest: timedelta) -> datetime:
    """The moment by which so many entries are expected after `start`, at most `longest` after it."""
    weekly = sum(by_hour)
    most = longest.total_seconds() / 3600
    if weekly <= 0 or entries / weekly * WEEK > most + WEEK:
        return start + longest
    weeks, left = divmod(entries, weekly)
    begin = start.timestamp() / 3600
    place = begin + weeks * WEEK
    while True:
        rate = by_hour[int(place) % WEEK]
        step = int(place) + 1.0 - place
        if rate * step >= left:
            place += left / rate if rate > 0 else 0.0
            break
        left, place = left - rate * step, place + step
        if place - begin > most:
            break
    return start + min(longest, timedelta(hours=place - begin))
