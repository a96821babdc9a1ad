"""When a source is polled next, from its rhythm; how long after a failure; and from when on its silence is one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from services.fetch.core.rhythm import WEEK, Rhythm, burst, moment_of, rates

# The entries that are expected to wait for a poll may wait this long together. At one entry an hour that is a poll each half hour, at n
# times as many a poll √n times as often: what costs least where each poll and each hour of an entry's delay has its price.
_PATIENCE = 0.125  # hours
_SHARE = 0.5  # of what a feed holds: no more is to come between two polls, or something may have rolled out
_SPREAD = 0.15  # of an interval: the parts of one outlet drift apart
_FIRST_SPREAD = 0.5  # of the first one: what was added together is not polled together
_MOST_HASTE, _CALMER = 8.0, 0.7
_SMALL, _NEARLY = 4, 0.75  # so much of a window that is not quite small was new: a little later some would have rolled out
LONGEST_TTL = timedelta(hours=4)  # what a server asks beyond it is taken for a mistake: some news feeds say "daily"
TOLD_SLOWER, TOLD_LEAST, TOLD_MOST = 4, timedelta(hours=1), timedelta(hours=6)  # where a hub tells: so many times the interval, …
# Fractions of a failure, by what it says about the next poll. 1: it will fail too, unless somebody mends it. Below: it may well be over.
WEIGHTS: Mapping[str, float] = {
    "http_busy": 0.25,  # it says itself that it is for now
    "unreachable": 0.35,  # a restart, a network
    "too_slow": 0.35,
    "http_failed": 0.5,  # an error that somebody is about to see
    "host_unknown": 0.5,  # our name server, or theirs; or the outlet is no more
    "parse_limit": 0.75,  # the next document may be shorter
    "too_large": 0.75,
}
_FAILURE, _GONE_FOR_GOOD = 1.0, 2.0
_MOST_DOUBLINGS = 24.0
# Silence: the chance that a Poisson process is silent for so long is below 0.1 %, counted in hours that brought something, not in entries.
_SILENCE = 7.0
_ENOUGH_ENTRIES, _ENOUGH_HOURS, _ENOUGH_TIME = 8, 5.0, timedelta(days=5)
_KNOWN_WELL = timedelta(days=14)
_SHORTEST_SILENCE, _SHORTEST_OF_NEW, _LONGEST_SILENCE = timedelta(hours=6), timedelta(days=3), timedelta(days=60)


def interval(by_hour: Sequence[float], at: datetime, window: int, *, longest: timedelta, haste: float = 1.0) -> timedelta:
    """How long after `at` the next poll comes: when what is expected by then would have waited long enough, or fills half of the feed's
    `window` (entries that it holds; 0: unknown); at most `longest`. `by_hour` as `rates` gives it."""
    most = max(_SHARE, window * _SHARE) / haste if window else float("inf")
    patience = _PATIENCE / haste
    begin = place = at.timestamp() / 3600
    end = begin + longest.total_seconds() / 3600
    entries = waited = 0.0
    while place < end:
        rate, step = by_hour[int(place) % WEEK], int(place) + 1.0 - place
        if waited + entries * step + rate * step * step / 2 >= patience or entries + rate * step >= most:
            place += min(step, _until(rate, entries, patience - waited, most))
            break
        waited, entries, place = waited + entries * step + rate * step * step / 2, entries + rate * step, place + step
    return min(timedelta(hours=place - begin), longest)


def _until(rate: float, entries: float, patience: float, most: float) -> float:
    """Hours of this rate until these entries and those that come have waited for `patience` entry-hours, or are `most`."""
    if rate <= 0:
        return patience / entries if entries > 0 else float("inf")
    root = (entries * entries + 2 * rate * patience) ** 0.5
    return min((root - entries) / rate, max(0.0, most - entries) / rate)


def spread(wait: timedelta, source_id: int, *, first: bool, floor: timedelta, ceiling: timedelta) -> timedelta:
    """The interval made this source's own, always in the same way, so that no two parts of an outlet keep step: between floor and ceiling,
    and the floor where it is above the ceiling."""
    share = place_of(source_id)
    width = _FIRST_SPREAD if first else _SPREAD
    low = max(min(floor * (1 + width * share), ceiling), floor)
    high = max(ceiling * (1 - width * share), low)
    return max(min(wait * (1 + width * (share - 0.5)), high), low)


def place_of(source_id: int) -> float:
    """A number between 0 and 1 that looks like chance and is always the same."""
    return int.from_bytes(blake2b(str(source_id).encode(), digest_size=4).digest(), "big") / 2**32


def calmer(haste: float) -> float:
    """After a poll that missed nothing."""
    return max(1.0, 1 + (haste - 1) * _CALMER)


def hastier(haste: float) -> float:
    """After a poll that may have missed something."""
    return min(haste * 2, _MOST_HASTE)


def hasty(rhythm: Rhythm, *, gap: bool, new: int) -> Rhythm:
    """The rhythm with the haste that a poll calls for: more where entries may have rolled out, or nearly did."""
    near = rhythm.window >= _SMALL and new > rhythm.window * _NEARLY
    return replace(rhythm, haste=hastier(rhythm.haste) if gap or near else calmer(rhythm.haste))


def weight(error_class: str, status: int | None) -> float:
    """What a failure counts."""
    return _GONE_FOR_GOOD if status == 410 else WEIGHTS.get(error_class, _FAILURE)


def after_failure(wait: timedelta, weights: float, *, ceiling: timedelta, wanted: timedelta | None = None) -> timedelta:
    """The wait after failures of these weights in a row: twice as long for each whole one, up to the ceiling; at least what the server
    asked for. Never given up: what failed for a year is asked once per ceiling."""
    longest = max(ceiling, wait)
    slower = min(wait.total_seconds() * 2 ** min(weights, _MOST_DOUBLINGS), longest.total_seconds())
    return max(timedelta(seconds=slower), wanted or timedelta(0))


def kept_for(headers: Mapping[str, str]) -> timedelta | None:
    """How long an answer is fresh by its headers: `Cache-Control: max-age` less `Age`, else `Expires` after `Date` (RFC 9111, 4.2)."""
    wanted = [part.strip().lower().partition("=") for part in headers.get("cache-control", "").split(",")]
    names = {name: value.strip('" ') for name, _, value in wanted}
    if "no-cache" in names or "no-store" in names:
        return None
    age = names.get("max-age", "")
    if age.isascii() and age.isdigit():
        return _positive(timedelta(seconds=int(age[:9]) - _seconds(headers.get("age"))))
    try:
        return _positive(parsedate_to_datetime(headers["expires"]) - parsedate_to_datetime(headers["date"]))
    except (KeyError, ValueError, OverflowError, TypeError):  # TypeError: one of them without a zone
        return None


def _seconds(text: str | None) -> int:
    return int(text[:9]) if text and text.isascii() and text.isdigit() else 0


def _positive(wait: timedelta) -> timedelta | None:
    return wait if wait > timedelta(0) else None


def silent_from(rhythm: Rhythm, last_new_at: datetime) -> datetime | None:
    """The moment from which a source counts as silent if nothing new comes; None where too little is known of it."""
    observed = timedelta(seconds=rhythm.at - rhythm.since)
    known = rhythm.entries >= _ENOUGH_ENTRIES and rhythm.active >= _ENOUGH_HOURS and observed >= _ENOUGH_TIME
    if not known:
        return None
    shortest = _SHORTEST_SILENCE if observed >= _KNOWN_WELL else _SHORTEST_OF_NEW
    moment = moment_of(rates(rhythm), last_new_at, _SILENCE * burst(rhythm), _LONGEST_SILENCE)
    return max(moment, last_new_at + shortest)
