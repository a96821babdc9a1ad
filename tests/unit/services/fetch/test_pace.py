"""One host's line, whatever order its work comes in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetch.core.breaker import FIRST_REST_S, LONGEST_OUTAGE_S, LONGEST_REST_S, WEIGHTS, rest_s
from services.fetch.core.pace import FURTHEST_S, PATIENCE_S, End, Ended, HostState, Manners, Verdict, Word, enter, leave

MANNERS = Manners(at_once=2, apart_s=0.5, hold_s=10.0)


def fail(s: HostState, at: float, kind: str, token: str = "t", page: str = "") -> Word:
    """One request that fails; the word that it was given."""
    word = enter(s, at, MANNERS, token=token, page=page).word
    if word is Word.GO:
        leave(s, at, MANNERS, Ended(end=End.FAILED, weight=WEIGHTS[kind]), token=token, page=page)
    return word


def answer(s: HostState, at: float, token: str = "t", page: str = "") -> Verdict:
    """The same with an answer."""
    verdict = enter(s, at, MANNERS, token=token, page=page)
    if verdict.word is Word.GO:
        leave(s, at, MANNERS, Ended(end=End.ANSWERED, took_s=0.1), token=token, page=page)
    return verdict


@given(steps=st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=60))
def test_starts_are_apart_and_never_more_than_two_are_under_way(steps: list[tuple[float, bool]]) -> None:
    s, now, starts, inside = HostState(), 100.0, [], []
    for number, (passed, ends) in enumerate(steps):
        now += passed
        if ends and inside:
            leave(s, now, MANNERS, Ended(end=End.ANSWERED, took_s=1.0), token=inside.pop(0)[1])
        inside = [one for one in inside if one[0] + MANNERS.hold_s > now]  # a lease ends by itself
        verdict = enter(s, now, MANNERS, token=f"t{number}")
        if verdict.word is Word.GO:
            assert 0 <= verdict.wait_s <= PATIENCE_S
            starts.append(now + verdict.wait_s)
            inside.append((starts[-1], f"t{number}"))
        assert len(inside) <= MANNERS.at_once
    assert all(later - earlier >= MANNERS.apart_s - 1e-9 for earlier, later in pairwise(starts))


@given(number=st.integers(1, 3000))
def test_those_put_off_come_back_one_after_the_other_and_none_too_late(number: int) -> None:
    s = HostState(last=1000.0 + 10)
    waits = [enter(s, 1000.0, Manners(apart_s=20.0), token=f"t{one}").wait_s for one in range(number)]
    assert len(set(waits[:29])) == min(number, 29)
    assert all(20 <= wait <= 10 + FURTHEST_S for wait in waits)


@pytest.mark.parametrize(("kind", "enough"), [("too_slow", 3), ("host_unknown", 4), ("unreachable", 5), ("http_failed", 10)])
def test_how_many_failures_in_a_row_give_a_host_its_rest(kind: str, enough: int) -> None:
    s = HostState()
    words = [fail(s, 100.0 + number, kind) for number in range(enough + 1)]
    assert words == [Word.GO] * enough + [Word.RESTING]


def test_an_answer_between_them_begins_anew() -> None:
    s = HostState()
    for number in range(20):
        assert fail(s, 100.0 + 2 * number, "too_slow") is Word.GO
        assert answer(s, 101.0 + 2 * number).word is Word.GO


def test_the_rest_grows_with_each_probe_that_fails_and_ends_with_one_that_does_not() -> None:
    s, now, rests = HostState(), 100.0, []
    for number in range(3):
        fail(s, now + number, "too_slow")
    for _ in range(9):
        rests.append(s.until - (now + 2 if not rests else now))
        now = s.until
        assert fail(s, now, "unreachable") is Word.GO
    assert rests[:3] == [FIRST_REST_S, 2 * FIRST_REST_S, 4 * FIRST_REST_S]
    assert rests[-1] == LONGEST_REST_S == rest_s(100)
    now = s.until
    assert answer(s, now).word is Word.GO
    assert [answer(s, now + at).word for at in (1, 2, 3)] == [Word.GO] * 3


def test_a_probe_whose_worker_died_does_not_keep_the_host_shut() -> None:
    s = HostState(until=90.0, since=50.0, rests=1)
    assert enter(s, 100.0, MANNERS, token="dies").word is Word.GO
    assert enter(s, 105.0, MANNERS, token="b").word is Word.RESTING
    assert enter(s, 111.0, MANNERS, token="c").word is Word.GO


def test_a_probe_that_says_nothing_lets_the_next_one_look() -> None:
    s = HostState(until=90.0, since=50.0, rests=1)
    assert enter(s, 100.0, MANNERS, token="a").word is Word.GO
    leave(s, 101.0, MANNERS, Ended(end=End.UNTRIED), token="a")
    assert enter(s, 102.0, MANNERS, token="b").word is Word.GO


def test_a_host_that_is_gone_for_a_week_is_waited_for_no_longer() -> None:
    s = HostState(until=100.0 + LONGEST_OUTAGE_S + 50, since=100.0, rests=9)
    assert enter(s, 100.0 + LONGEST_OUTAGE_S - 1, MANNERS, token="a").word is Word.RESTING
    assert enter(s, 100.0 + LONGEST_OUTAGE_S + 1, MANNERS, token="a").word is Word.GONE


def test_retries_are_a_share_of_a_hosts_requests_and_a_few_a_minute() -> None:
    s, now = HostState(), 1000.0
    for number in range(8):  # pages that fail among others that do not
        fail(s, now := now + 1, "http_failed", page=f"bad{number}")
        answer(s, now := now + 1, page=f"good{number}")
    leave(s, now, MANNERS, Ended(end=End.ANSWERED), token="")
    words = [answer(s, now + number * 0.5, page=f"bad{number}").word for number in range(8)]
    allowed = words.count(Word.GO)
    assert words == [Word.GO] * allowed + [Word.RETRIES] * (8 - allowed)
    assert 3 <= allowed < 8
    assert answer(s, now + 5, page="new").word is Word.GO, "what was never tried is no retry"
    assert answer(s, now + 30, page="bad7").word is Word.GO, "three a minute come by themselves"


def test_an_address_that_succeeded_is_no_retry() -> None:
    s = HostState(budget=0.0, budget_at=999.9)
    fail(s, 1000.0, "http_failed", page="a")
    assert enter(s, 1001.0, MANNERS, token="t", page="a").word is Word.RETRIES
    s.budget = 1.0
    assert answer(s, 1002.0, page="a").word is Word.GO
    assert s.budget < 1
    assert answer(s, 1003.0, page="a").word is Word.GO


def test_who_waits_for_a_slow_host_is_sent_away_before_any_request_has_ended() -> None:
    s = HostState()
    words = [enter(s, at, MANNERS, token=f"t{at}").word for at in (100.0, 101.0, 101.5, 104.0)]
    assert words == [Word.GO, Word.GO, Word.BUSY, Word.PACED]
