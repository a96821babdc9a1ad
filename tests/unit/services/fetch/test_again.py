"""When pages are looked at again, and what is kept of an answer's headers."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.fetch.core.again import MOST_MORE, TRIES, first, following, one_more, repeat
from services.fetch.core.received import MAX_BYTES, MAX_HEADERS, kept_headers

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLANS = st.lists(st.integers(1, 200), min_size=1, max_size=6, unique=True).map(lambda hours: [HOUR * one for one in sorted(hours)])


@given(PLANS, st.lists(st.integers(0, 100), min_size=20, max_size=20))
def test_looks_come_in_order_and_end_however_late_they_are(plan: list[timedelta], delays: list[int]) -> None:
    look = first(plan, AT, None)
    seen = []
    while look is not None:
        seen.append(look.number)
        assert look.due_at == AT + plan[look.number - 1]
        late = look.due_at + HOUR * delays[len(seen)]
        look = following(plan, look.number, look.due_at, late)
        assert look is None or look.due_at > late
    assert seen == sorted(set(seen))
    assert seen[0] == 1


@given(PLANS)
def test_more_looks_and_repeats_are_few(plan: list[timedelta]) -> None:
    number, more = len(plan), 0
    while (look := one_more(plan, number, AT)) is not None:
        number, more = look.number, more + 1
    assert more == MOST_MORE
    tries = 0
    while (look := repeat(1, tries, AT)) is not None:
        assert look.generation == f"again:1.{look.tries}"
        tries = look.tries
    assert tries == TRIES


def test_no_plan_and_old_news_bring_no_look() -> None:
    assert first([], AT, None) is None
    assert one_more([], 0, AT) is None
    assert first([HOUR], AT, AT - 73 * HOUR) is None
    assert first([HOUR], AT, AT - 71 * HOUR) is not None


def test_headers_are_kept_in_order_within_bounds_and_without_cookies() -> None:
    received = [(b"Date", b"now"), (b"Set-Cookie", b"secret"), (b"X-Long", b"x" * MAX_BYTES), (b"X-Name", "Zürich".encode("latin-1"))]
    assert kept_headers(received) == [["Date", "now"], ["X-Name", "Zürich"]]
    assert len(kept_headers([(b"A", b"b")] * 1000)) == MAX_HEADERS
