"""robots.txt: what stands while it is fresh, while it cannot be read, and after a month of that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetch.core.robotscopy import LEAST_FRESH_S, LONGEST_FRESH_S, Copy, answered, failed, fresh_s, packed, standing, unpacked

DAY = 86_400.0
PRIVATE = b"User-agent: *\nDisallow: /private"
PAGE, SECRET = "http://a.test/page", "http://a.test/private/page"


def allowed(copy: Copy, now: float, url: str = PAGE) -> bool | None:
    """None: nobody knows, so nothing is."""
    rules = standing(copy, now)
    return None if rules is None else rules.allows(url, "dateline")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (None, LONGEST_FRESH_S),
        ("public", LONGEST_FRESH_S),
        ("max-age=3600", 3600),
        ("public, Max-Age = 3600", 3600),
        ('max-age="1800"', 1800),
        ("s-maxage=7200", LONGEST_FRESH_S),
        ("max-age=0", LEAST_FRESH_S),
        ("no-store", LEAST_FRESH_S),
        ("max-age=5000, no-cache", LEAST_FRESH_S),
        ("max-age=999999999", LONGEST_FRESH_S),
        ("max-age=-1", LONGEST_FRESH_S),
        ("max-age=99999999999999999999", LONGEST_FRESH_S),
    ],
)
def test_a_copy_is_used_as_long_as_its_host_says_and_never_longer_than_a_day(said: str | None, seconds: float) -> None:
    assert fresh_s(said) == seconds


def test_a_file_rules_and_a_missing_one_forbids_nothing() -> None:
    there, missing = answered(1000, 200, PRIVATE), answered(1000, 404, b"")
    assert [allowed(there, 1000, url) for url in (PAGE, SECRET)] == [True, False]
    assert [allowed(missing, 1000, url) for url in (PAGE, SECRET)] == [True, True]


def test_what_was_never_read_forbids_everything_for_a_month() -> None:
    copy = failed(1000, None, "http_failed")
    assert allowed(copy, 1000) is None
    assert allowed(failed(1000 + 29 * DAY, copy, "http_failed"), 1000 + 29 * DAY) is None
    assert allowed(failed(1000 + 31 * DAY, copy, "http_failed"), 1000 + 31 * DAY) is True


def test_the_last_copy_stands_in_while_the_file_cannot_be_reached() -> None:
    copy = failed(1000 + DAY, answered(1000, 200, PRIVATE), "unreachable")
    assert [allowed(copy, 1000 + DAY, url) for url in (PAGE, SECRET)] == [True, False]
    late = failed(1000 + 29 * DAY, copy, "unreachable")
    assert allowed(late, 1000 + 29 * DAY, SECRET) is False
    assert allowed(late, 1000 + 32 * DAY, SECRET) is True, "unreachable for a month"


def test_a_reading_that_fails_is_tried_again_later_and_later_but_within_the_hour() -> None:
    copy, now, waits = None, 1000.0, []
    for _ in range(10):
        copy = failed(now, copy, "http_failed")
        waits.append(copy.until - now)
        now = copy.until
    assert waits[:3] == [60, 120, 240]
    assert waits[-1] == 3600
    assert failed(now, None, "http_busy", 9000).until == now + 9000
    again = answered(now, 200, PRIVATE)
    assert (again.failing_since, again.failures) == (0, 0)


@given(body=st.binary(max_size=3000), now=st.floats(1, 1e10), failures=st.integers(0, 3))
def test_a_copy_survives_its_keeping(body: bytes, now: float, failures: int) -> None:
    copy = answered(now, 200, body)
    for _ in range(failures):
        copy = failed(now, copy, "unreachable")
    assert unpacked(packed(copy)) == copy


@given(kept=st.binary(max_size=200))
def test_what_somebody_else_wrote_is_no_copy(kept: bytes) -> None:
    assert unpacked(kept) is None


def test_a_bomb_in_the_cache_is_no_copy_or_a_bounded_one() -> None:
    import zlib

    found = unpacked(zlib.compress(b'{"status": 200}\n' + b"#" * 50_000_000))
    assert found is None or len(found.body) < 600_000
