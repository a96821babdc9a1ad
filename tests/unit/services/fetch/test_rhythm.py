"""How often a source brings something new, when it is polled next, and from when on its silence is one."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetch.core import rhythm as rhythms
from services.fetch.core import schedule
from services.fetch.core.rhythm import Rhythm

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FLOOR, CEILING = 5 * MINUTE, DAY


def every(step: timedelta, number: int, last: datetime = NOW) -> list[datetime]:
    return [last - step * back for back in range(number)]


def primed(times: list[datetime]) -> Rhythm:
    return rhythms.learnt(rhythms.primed(times, NOW), [], NOW)


def wait(rhythm: Rhythm, at: datetime = NOW, window: int = 30) -> timedelta:
    return schedule.interval(rhythms.rates(rhythm), at, window, haste=rhythm.haste, longest=CEILING)


def weekly(rhythm: Rhythm) -> float:
    return sum(rhythms.rates(rhythm))


@pytest.mark.parametrize("step", [10 * MINUTE, HOUR, 12 * HOUR])
def test_a_feeds_own_times_tell_how_often_it_brings_something(step: timedelta) -> None:
    assert weekly(primed(every(step, 40))) == pytest.approx(7 * DAY / step, rel=0.2)


def test_an_old_entry_that_is_pinned_to_the_top_does_not_slow_the_rhythm_down() -> None:
    times = every(HOUR / 2, 30)
    pinned = [*times[:29], NOW - 400 * DAY]
    assert weekly(primed(pinned)) == pytest.approx(weekly(primed(times)), rel=0.1)


def test_entries_that_were_all_stamped_when_the_feed_was_written_tell_nothing() -> None:
    assert primed([NOW] * 30).entries == 0
    assert weekly(primed([NOW] * 30)) == weekly(primed([]))


def test_more_entries_shorten_the_wait_and_fewer_lengthen_it() -> None:
    waits = [wait(primed(every(step, 40))) for step in (2 * MINUTE, 20 * MINUTE, 3 * HOUR, 53 * HOUR)]
    assert waits == sorted(waits)
    assert waits[0] < 10 * MINUTE
    assert HOUR < waits[-1] <= CEILING


def test_a_source_that_sleeps_at_night_is_left_alone_at_night() -> None:
    days = [NOW - DAY * back for back in range(1, 40)]
    rhythm = primed([day.replace(hour=hour, minute=minute) for day in days for hour in range(8, 18) for minute in (5, 25, 45)])
    assert wait(rhythm, NOW.replace(hour=1)) > 3 * wait(rhythm, NOW.replace(hour=9))


def test_what_was_observed_for_a_day_makes_no_rule_of_the_other_days() -> None:
    rates = rhythms.rates(primed(every(HOUR, 24)))
    assert min(rates) > max(rates) / 5


def test_a_source_that_fell_still_is_asked_ever_more_seldom_but_asked() -> None:
    rhythm = primed(every(HOUR, 40))
    waits = [wait(rhythms.learnt(rhythm, [], NOW + DAY * days), NOW + DAY * days) for days in (0, 7, 30, 120)]
    assert all(one < other for one, other in pairwise(waits))
    assert waits[-1] <= CEILING


def test_what_comes_is_learnt_and_what_was_long_ago_forgotten() -> None:
    rhythm = primed(every(DAY, 30))
    busy = rhythm
    for hours in range(24 * 14):
        at = NOW + HOUR * hours
        busy = rhythms.learnt(busy, [at, at - MINUTE], at)
    assert weekly(busy) > 10 * weekly(rhythm)


def test_the_rhythm_survives_its_column() -> None:
    rhythm = primed(every(7 * MINUTE, 200))
    again = rhythms.from_json(rhythm.as_json())
    assert again is not None
    assert weekly(again) == pytest.approx(weekly(rhythm), rel=0.001)
    assert rhythms.from_json(None) is None


def test_no_more_than_half_of_what_a_feed_holds_is_expected_between_two_polls() -> None:
    rhythm = primed(every(HOUR / 60, 300))
    rates = rhythms.rates(rhythm)
    for window in (2, 6, 300):
        later = NOW + schedule.interval(rates, NOW, window, longest=CEILING)
        assert rhythms.expected(rates, NOW, later) <= window / 2 + 0.01


def test_haste_shortens_the_wait_and_calms_down() -> None:
    rhythm = primed(every(HOUR, 40))
    hasty = schedule.hasty(rhythm, gap=True, new=0)
    assert wait(hasty) < wait(rhythm)
    for _ in range(20):
        hasty = schedule.hasty(hasty, gap=False, new=0)
    assert wait(hasty) == pytest.approx(wait(rhythm), rel=0.01)


times_strategy = st.lists(st.integers(0, 90 * 86_400).map(lambda seconds: NOW - timedelta(seconds=seconds)), max_size=60)


@given(times_strategy, st.integers(0, 400), st.integers(0, 1000), st.floats(1, 8), st.integers(1, 100_000), st.booleans())
def test_the_next_poll_is_never_outside_its_bounds(
    times: list[datetime], days: int, window: int, haste: float, source: int, first: bool
) -> None:
    at = NOW + DAY * days
    rhythm = rhythms.learnt(rhythms.primed(times, NOW), [], at)
    rates = rhythms.rates(rhythm)
    assert all(rate > 0 for rate in rates)
    found = schedule.interval(rates, at, window, haste=haste, longest=CEILING)
    assert FLOOR <= schedule.spread(found, source, first=first, floor=FLOOR, ceiling=CEILING) <= CEILING


@given(st.integers(1, 10_000), st.floats(0, 200_000), st.integers(1, 100_000), st.integers(1, 100_000))
def test_spreading_keeps_the_bounds_even_where_they_are_odd(source: int, seconds: float, floor: int, ceiling: int) -> None:
    low, high = timedelta(seconds=floor), timedelta(seconds=ceiling)
    found = schedule.spread(timedelta(seconds=seconds), source, first=False, floor=low, ceiling=high)
    assert low <= found <= max(low, high)


def test_parts_of_one_outlet_drift_apart() -> None:
    waits = {schedule.spread(FLOOR, source, first=False, floor=FLOOR, ceiling=CEILING) for source in range(100)}
    assert len(waits) == 100
    assert {schedule.spread(HOUR, 7, first=False, floor=FLOOR, ceiling=CEILING) for _ in range(5)} == {
        schedule.spread(HOUR, 7, first=False, floor=FLOOR, ceiling=CEILING)
    }


def test_failures_slow_a_source_down_by_their_kind_and_never_end_it() -> None:
    def after(error_class: str, times: int, status: int | None = None) -> timedelta:
        return schedule.after_failure(HOUR / 4, times * schedule.weight(error_class, status), ceiling=CEILING)

    assert HOUR / 4 < after("http_busy", 1) < after("unreachable", 1) < after("http_failed", 1) < after("feed_malformed", 1)
    assert after("http_gone", 1, 404) < after("http_gone", 1, 410)
    assert after("http_gone", 1000, 410) == after("http_busy", 1000) == CEILING
    assert schedule.after_failure(HOUR, 1, ceiling=CEILING, wanted=5 * HOUR) == 5 * HOUR


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": "max-age=600", "age": "200"}, 400),
        ({"cache-control": "max-age=100", "age": "200"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "max-age=nonsense"}, None),
        ({"expires": "Mon, 05 Jan 2026 12:10:00 GMT", "date": "Mon, 05 Jan 2026 12:00:00 GMT"}, 600),
        ({"expires": "0", "date": "Mon, 05 Jan 2026 12:00:00 GMT"}, None),
        ({"expires": "Mon, 05 Jan 2026 12:10:00", "date": "Mon, 05 Jan 2026 12:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_headers_say_how_long_an_answer_is_fresh(headers: dict[str, str], seconds: int | None) -> None:
    assert schedule.kept_for(headers) == (timedelta(seconds=seconds) if seconds else None)


def silence(times: list[datetime]) -> timedelta | None:
    found = schedule.silent_from(rhythms.primed(times, NOW), max(times))
    return None if found is None else found - max(times)


def test_a_source_is_silent_against_its_own_rhythm() -> None:
    hourly, daily = silence(every(HOUR, 24 * 40)), silence(every(DAY, 40))
    assert hourly is not None
    assert daily is not None
    assert 6 * HOUR <= hourly <= DAY
    assert 4 * DAY <= daily <= 12 * DAY


def test_little_history_raises_no_alarm() -> None:
    assert silence(every(HOUR, 30)) is None, "one day"
    assert silence(every(7 * DAY, 6)) is None, "six entries"
    assert silence([NOW] * 50) is None


def test_what_comes_in_heaps_is_not_silent_between_them() -> None:
    heaps = [NOW - DAY * back - timedelta(seconds=one) for back in range(40) for one in range(12)]
    found = silence(heaps)
    assert found is not None
    assert found > 2 * DAY


def test_a_feed_that_stopped_long_ago_is_silent_at_once() -> None:
    last = NOW - 365 * DAY
    found = schedule.silent_from(rhythms.primed(every(8 * HOUR, 60, last), NOW), last)
    assert found is not None
    assert found < NOW
