"""A source's course: what a poll changes of it. Rhythm and next time, validators, memory, silence, holes to be filled."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from services.fetch.announcing import Announced, time_of
from services.fetch.core import rhythm as rhythms
from services.fetch.core import schedule
from services.fetch.core.rhythm import Rhythm
from services.fetch.core.window import is_gap, marks
from services.fetch.reading import Due, Reading
from shared.messages import SourceDue
from shared.models import Source

# Once a day a source is asked without validators, since some servers repeat theirs after changes. One that did is believed a month later.
UNCONDITIONAL = timedelta(days=1)
DISTRUST = timedelta(days=30)
_MISSED = timedelta(hours=1)  # an entry that is older than the last poll by more, and was not there, was hidden from it
_NOT_ASKED_AGAIN = timedelta(seconds=30)
WITH_HOLES = frozenset(("feed", "sitemap"))  # kinds whose holes the site's sitemaps may fill
# Holes: a backfill is asked for once a gap, and again where it failed; of a feed that gaps at every poll, once an hour for all of them.
BACKFILL_APART, BACKFILL_TRIES = timedelta(hours=1), 3
_AFTER = timedelta(milliseconds=1)  # the backfill's row in the ledger of polls is not the poll's own
_STATE = "schedule"  # the key of what is remembered here in `Source.state`, which is its reader's otherwise


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Of all intervals."""

    floor: timedelta
    ceiling: timedelta
    horizon: timedelta  # of sitemaps: what is older is not read


def memory(state: dict[str, Any] | None) -> dict[str, Any]:
    """What the schedule remembers of a source. `moved`: {to, since, times}; `distrust`: when its validators were caught; `hole`: {from, at,
    tries, site}, `backfill_at`, `sitemaps`."""
    return dict((state or {}).get(_STATE, {}))


def is_conditional(source: Source, at: datetime) -> bool:
    """Whether this poll sends the validators that are known."""
    distrust = memory(source.state).get("distrust")
    if distrust is not None and at - datetime.fromisoformat(distrust) < DISTRUST:
        return False
    return source.unconditional_at is not None and at - source.unconditional_at < UNCONDITIONAL


def has_gap(source: Source, done: Reading, said: Announced, bounds: Bounds) -> bool:
    """Whether entries may have come and gone unseen since the last poll."""
    if done.error_class is not None or source.last_ok_at is None:
        return False
    if source.kind == "feed":
        return done.whole and is_gap(source.seen, said.entries)
    # A sitemap holds more than is taken of it, so it need not overlap; but what is older than the horizon was never looked at.
    return source.kind == "sitemap" and done.at - source.last_ok_at > bounds.horizon


def follow(
    source: Source, done: Reading, said: Announced, came: Sequence[datetime], *, gap: bool, told: bool, bounds: Bounds
) -> list[SourceDue]:
    """Write on the source what a poll at its time found. `came`: when that came which is new to it; `told`: a hub tells what is new.

    Returns the backfill that is to be tried, if any.
    """
    if not done.asked:
        source.next_poll_at = done.at + max(done.wait or timedelta(0), _NOT_ASKED_AGAIN)
        return []
    first = source.last_ok_at is None
    source.last_polled_at = done.at
    source.error_class, source.error = done.error_class, done.error
    if done.error_class is not None:
        _failed(source, done, bounds)
        return []
    kept = memory(source.state)
    _remember_address(kept, done)
    _remember_validators(source, kept, done, came, first=first)
    backfill = _holes(source, kept, done, gap=gap)
    own = {name: value for name, value in (source.state or {} if done.state is None else done.state).items() if name != _STATE}
    source.state = own | ({_STATE: kept} if kept else {}) or None
    source.failures, source.failure_weight, source.last_ok_at = 0, 0.0, done.at
    rhythm = learn(source, done, said, came, gap=gap)
    _reschedule(source, done, rhythm, told=told, first=first, bounds=bounds)
    if said.entries and done.whole:
        source.seen = marks(said.entries)
    return backfill


def take_in(source: Source, done: Reading, said: Announced, came: Sequence[datetime]) -> None:
    """Write what came beside the schedule, from a hub: it moves neither the next time nor the validators."""
    if done.error_class is not None or source.rhythm is None:  # the first poll will tell of these entries as well
        return
    learn(source, done, said, came, gap=False, is_poll=False)
    if said.entries:
        source.seen = list(dict.fromkeys([*marks(said.entries), *source.seen]))[:500]


def filled(source: Source, done: Reading) -> None:
    """Write how a backfill went. The hole that it was to fill may have grown since; then it stays."""
    kept = memory(source.state)
    hole = kept.get("hole")
    if done.error_class is None and done.state is not None and "sitemaps" in done.state:
        kept["sitemaps"] = done.state["sitemaps"]
    if hole is not None and datetime.fromisoformat(hole["at"]) <= done.at:
        if done.error_class is None or hole["tries"] + 1 >= BACKFILL_TRIES or not _may_pass(done):
            del kept["hole"]
        else:
            kept["hole"] = hole | {"tries": hole["tries"] + 1}
    # The portal is read whole by its own reader, whose memory goes on; of other kinds another reader looked elsewhere.
    own = done.state if source.kind not in WITH_HOLES else None
    source.state = (own or source.state or {}) | ({_STATE: kept} if kept else {})


def _may_pass(done: Reading) -> bool:
    return done.error_class in schedule.WEIGHTS or not done.asked


def _failed(source: Source, done: Reading, bounds: Bounds) -> None:
    source.failures += 1
    source.failure_weight += schedule.weight(done.error_class or "", done.status)
    wait = schedule.after_failure(timedelta(seconds=source.interval_s), source.failure_weight, ceiling=bounds.ceiling, wanted=done.wait)
    source.next_poll_at = done.at + wait


def _remember_address(kept: dict[str, Any], done: Reading) -> None:
    """A redirect that is for good is followed and told: whether to believe it is for a person to say."""
    if done.moved_to is None:
        kept.pop("moved", None)
        return
    before = kept.get("moved")
    if before is None or before["to"] != done.moved_to:
        before = {"to": done.moved_to, "since": done.at.isoformat(), "times": 0}
    kept["moved"] = before | {"times": before["times"] + 1}


def _remember_validators(source: Source, kept: dict[str, Any], done: Reading, came: Sequence[datetime], *, first: bool) -> None:
    if not done.conditional:
        source.unconditional_at = done.at
        if not first and came and _lied(source, done, came):
            kept["distrust"] = done.at.isoformat()
        elif "distrust" in kept and done.at - datetime.fromisoformat(kept["distrust"]) >= DISTRUST:
            del kept["distrust"]
    source.etag, source.last_modified = done.etag, done.last_modified


def _lied(source: Source, done: Reading, came: Sequence[datetime]) -> bool:
    """Whether the validators that are known stood still while something new came, or hid what the poll before should have shown."""
    if source.etag or done.etag:
        if source.etag == done.etag:
            return True
    elif source.last_modified and source.last_modified == done.last_modified:
        return True
    if source.last_polled_at is None or not (source.etag or source.last_modified):
        return False
    hidden = source.last_polled_at - _MISSED
    return sum(time < hidden for time in came) >= 2


def _holes(source: Source, kept: dict[str, Any], done: Reading, *, gap: bool) -> list[SourceDue]:
    if gap and source.last_ok_at is not None:
        since = kept.get("hole", {}).get("from") or source.last_ok_at.isoformat()
        kept["hole"] = {"from": since, "at": done.at.isoformat(), "tries": 0, "site": _site(done) or source.url}
    last = kept.get("backfill_at")
    if "hole" not in kept or (last is not None and done.at - datetime.fromisoformat(last) < BACKFILL_APART):
        return []
    kept["backfill_at"] = done.at.isoformat()
    return [SourceDue(source_id=source.id or 0, due_at=done.at + _AFTER, mode="backfill")]


def _site(done: Reading) -> str | None:
    """The site on which most entries stand: a feed may be served from elsewhere."""
    sites: dict[str, int] = {}
    for one in done.entries:
        at = urlsplit(one["url"] or "")
        if at.scheme in ("http", "https") and at.netloc:
            site = f"{at.scheme}://{at.netloc}/"
            sites[site] = sites.get(site, 0) + 1
    return max(sites, key=lambda site: sites[site]) if sites else None


def learn(source: Source, done: Reading, said: Announced, came: Sequence[datetime], *, gap: bool, is_poll: bool = True) -> Rhythm:
    """Count what came, and write from when on silence is one. That moment stands still while nothing comes."""
    rhythm = rhythms.from_json(source.rhythm)
    if rhythm is None:
        told = [time for one in done.entries if (time := time_of(one["published"])) is not None and time <= done.at]
        rhythm = rhythms.primed(told, done.at)
        source.last_new_at = max(told, default=done.at if said.entries or came else None)
    else:
        rhythm = rhythms.learnt(rhythm, came, done.at)
        source.last_new_at = max([*came, *([source.last_new_at] if source.last_new_at else [])], default=None)
        if is_poll and done.status != 304:
            rhythm = schedule.hasty(rhythm, gap=gap, new=len(came))
    if source.last_new_at is not None and (came or source.rhythm is None):
        source.silent_from = schedule.silent_from(rhythm, source.last_new_at)
    rhythm = rhythms.learnt(rhythm, [], done.at)
    if is_poll and said.entries:
        rhythm = replace(rhythm, window=len(said.entries) if done.whole else 0)
    source.rhythm = rhythm.as_json()
    return rhythm


def _reschedule(source: Source, done: Reading, rhythm: Rhythm, *, told: bool, first: bool, bounds: Bounds) -> None:
    asked = min(done.ttl, schedule.LONGEST_TTL) if done.ttl else None
    if done.status != 304 or source.ttl_s is None:  # what says that nothing changed often says nothing else
        source.ttl_s = int(asked.total_seconds()) if asked else None
    if source.sample or done.again is not None:  # the sample's rhythm is part of the sample
        source.next_poll_at = done.at + (timedelta(seconds=source.interval_s) if done.again is None else done.again)
        return
    wait = schedule.interval(rhythms.rates(rhythm), done.at, rhythm.window, haste=rhythm.haste, longest=bounds.ceiling)
    if told:
        wait = max(wait, min(max(wait * schedule.TOLD_SLOWER, schedule.TOLD_LEAST), schedule.TOLD_MOST))
    # Who misses entries by taking a source at its word no longer does.
    least = max(bounds.floor, timedelta(seconds=source.ttl_s or 0) / rhythm.haste)
    wait = schedule.spread(wait, source.id or 0, first=first, floor=least, ceiling=bounds.ceiling)
    source.interval_s = max(1, int(wait.total_seconds()))
    source.next_poll_at = done.at + wait


def heard(given: Due, done: Reading) -> Reading:
    """The reading with what the server's answer says beside its document: how long it is fresh, where it moved to, its status."""
    answer = given.heard.answer
    conditional = given.etag is not None or given.last_modified is not None
    if answer is None:
        return replace(done, conditional=conditional)
    ttl = max((one for one in (done.ttl, schedule.kept_for(answer.headers)) if one), default=None)
    return replace(done, conditional=conditional, ttl=ttl, moved_to=answer.moved_to, status=done.status or answer.status)
