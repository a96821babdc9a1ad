"""What is new in an answer, and when two addresses under one GUID are one article."""

from datetime import UTC, datetime, timedelta

import pytest

from services.fetch.core.announce import Said, guid_keys, is_moved
from services.fetch.core.entries import Entry, entry
from services.fetch.core.holes import likely, within
from services.fetch.core.window import MAX_REMEMBERED, came_at, is_gap, marks

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MORNING = NOW.replace(hour=0)


def entries(*numbers: int) -> list[tuple[str, str | None]]:
    return [(f"//a.test/{number}", f"tag:{number}") for number in numbers]


def test_an_answer_with_nothing_of_the_last_one_has_a_gap() -> None:
    seen = marks(entries(3, 2, 1))
    assert is_gap(seen, entries(6, 5, 4))
    assert not is_gap(seen, entries(5, 4, 3))
    assert not is_gap(seen, entries())
    assert not is_gap([], entries(1))


def test_an_entry_is_known_again_by_its_address_or_its_guid() -> None:
    seen = marks(entries(1))
    assert not is_gap(seen, [("//a.test/1", None)])
    assert not is_gap(seen, [("//elsewhere.test/1", "tag:1")])


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_a_long_answer_the_newest_entries_are_remembered_whatever_its_order(newest_first: bool) -> None:
    long = entries(*range(2000))
    following = entries(*range(10, 2010))
    seen = marks(long[::-1] if newest_first else long)
    assert len(seen) == 2 * MAX_REMEMBERED
    assert not is_gap(seen, following[::-1] if newest_first else following)


def test_a_new_entry_counts_at_its_own_time_where_that_is_plausible() -> None:
    assert came_at(NOW - HOUR, NOW) == NOW - HOUR
    assert came_at(NOW + HOUR / 60, NOW) == NOW, "clocks differ"
    assert came_at(NOW + HOUR, NOW) == came_at(NOW - 100 * HOUR, NOW) == came_at(None, NOW) == NOW


def test_a_guid_names_something_only_where_it_stands_once_in_a_document() -> None:
    found = guid_keys(1, [("//a.test/1", "x"), ("//a.test/2", "x"), ("//a.test/3", "y"), ("//a.test/4", None)])
    assert list(found) == ["//a.test/3"]
    assert found["//a.test/3"] != guid_keys(2, [("//a.test/3", "y")])["//a.test/3"], "it is scoped by its feed"


@pytest.mark.parametrize(
    ("before", "now", "moved"),
    [
        (Said("Bridge opens", NOW), Said("Bridge opens at last", NOW), True),
        (Said("Bridge opens", NOW), Said("Bridge opens", NOW + HOUR), True),
        (Said("Bridge opens", None), Said("Bridge opens", NOW), True),
        (Said("Bridge opens", None), Said("Bridge closes", None), False),
        (Said(None, None), Said(None, None), False),
        (Said("Morning briefing", NOW), Said("Morning briefing", NOW + 24 * HOUR), False),
        (Said("Bridge opens", MORNING), Said("Harbour closes", MORNING), False),
        (Said("Bridge opens", MORNING), Said("Bridge opens", MORNING), True),
        (Said("Bridge opens", NOW), Said("Harbour closes", NOW + HOUR), False),
    ],
)
def test_a_guid_alone_makes_no_two_articles_one(before: Said, now: Said, moved: bool) -> None:
    assert is_moved(before, now) is moved


def told(url: str, *, published: datetime | None = None, updated: datetime | None = None) -> Entry:
    return entry(
        url=url, published=published.isoformat() if published else None, updated=updated.isoformat() if updated else None, title=None
    )


def test_a_hole_takes_what_the_site_itself_dates_within_it() -> None:
    start = NOW - 5 * HOUR
    given = [
        told("http://www.a.test/early", published=NOW - 6 * HOUR),
        told("http://www.a.test/one", published=NOW - 4 * HOUR),
        told("http://a.test/two", updated=NOW - HOUR),
        told("http://a.test/2020/01/05/edited-lately", updated=NOW - HOUR),
        told("http://b.test/foreign", published=NOW - HOUR),
        told("http://a.test/", updated=NOW - HOUR),
        told("http://a.test/undated"),
        told("http://a.test/tomorrow", published=NOW + 24 * HOUR),
    ]
    assert [one["url"] for one in within(given, "http://a.test/", start, NOW)] == ["http://a.test/two", "http://www.a.test/one"]


def test_sitemaps_for_news_are_asked_first() -> None:
    news, whole, videos = (f"http://a.test/{name}.xml" for name in ("news", "sitemap", "video-sitemap"))
    assert likely([videos, whole, news, whole]) == [news, whole, videos]
