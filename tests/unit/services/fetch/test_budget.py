"""Which sitemaps of an index a poll reads: what brings news in turn, the unknown with the rest, the dead ever more seldom."""

from datetime import UTC, datetime, timedelta

from services.fetch.core.budget import (
    Candidate,
    KnownSitemap,
    Queue,
    after_failing,
    after_no_change,
    after_reading,
    is_of_site,
)
from services.fetch.core.entries import Child

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def queue(*known: KnownSitemap, at: datetime = NOON, budget: int = 5) -> Queue:
    return Queue({one.url: one for one in known}, at, at - 3 * DAY, budget)


def child(url: str, lastmod: datetime | None = None) -> Child:
    return {"url": url, "lastmod": lastmod.isoformat() if lastmod else None}


def names(found: Queue) -> list[str]:
    told = []
    while (one := found.next()) is not None:
        told.append(one.url)
    return told


def candidate(known: KnownSitemap, lastmod: datetime | None = None) -> Candidate:
    return Candidate(url=known.url, lastmod=lastmod, known=known, parent="index", depth=1, place=0)


def test_the_newest_come_first_and_what_is_old_or_unchanged_not_at_all() -> None:
    found = queue(KnownSitemap(url="same", lastmod=NOON, read_at=NOON - DAY))
    children = [child("old", NOON - 9 * DAY), child("new", NOON - HOUR), child("same", NOON), child("newest", NOON), child("undated")]
    found.offer(children, parent="index", depth=1)
    assert names(found) == ["newest", "new", "undated"]


def test_those_that_bring_news_take_turns_and_leave_a_part_to_the_unknown() -> None:
    """An index that stamps all its sitemaps with the present time is no reason to read the same five for ever."""
    known = [KnownSitemap(url=f"k{number}", lastmod=NOON - DAY, read_at=NOON - number * HOUR) for number in range(1, 9)]
    found = queue(*known)
    stamped = [child(f"k{number}", NOON) for number in range(1, 9)] + [child(f"u{number}", NOON) for number in range(100)]
    found.offer(stamped, parent="i", depth=1)
    first = [found.next() for _ in range(5)]
    assert [one.url for one in first if one] == ["k8", "k7", "k6", "k5", "u0"]


def test_what_failed_or_brought_nothing_sleeps_longer_and_longer() -> None:
    known, at = KnownSitemap(url="dead"), NOON
    sleeps = []
    for _ in range(6):
        known = after_failing(candidate(known), at, dead=True)
        assert known.asleep_until is not None
        sleeps.append(known.asleep_until - at)
        assert names(queue(known, at=at)) == []
        at = known.asleep_until
    assert sleeps == [6 * HOUR, DAY, 4 * DAY, 16 * DAY, 30 * DAY, 30 * DAY]
    still = KnownSitemap(url="still")
    for expected in (6 * HOUR, 12 * HOUR, DAY):
        still = after_reading(candidate(still), at, etag=None, last_modified=None, fruitful=False, newest=None, whole=True)
        assert still.asleep_until == at + expected
        at = at + expected


def test_an_archive_is_left_alone_for_long_unless_its_index_says_that_it_changes() -> None:
    old = NOON - 400 * DAY
    for lastmod, sleep in ((None, 7 * DAY), (NOON, DAY)):
        one = candidate(KnownSitemap(url="archive"), lastmod)
        found = after_reading(one, NOON, etag=None, last_modified=None, fruitful=False, newest=old, whole=True)
        assert found.asleep_until == NOON + sleep


def test_a_good_one_that_fails_once_is_still_asked_before_the_unknown() -> None:
    good = KnownSitemap(url="good", read_at=NOON - HOUR, etag='"1"')
    failed = after_failing(candidate(good), NOON, dead=False)
    later = NOON + HOUR
    found = queue(failed, at=later)
    found.offer([child("good"), child("unknown", later)], parent="index", depth=1)
    assert names(found) == ["good", "unknown"]
    again = after_no_change(candidate(failed), later)
    assert (again.failures, again.asleep_until, again.etag) == (0, None, '"1"')


def test_what_is_not_read_to_its_end_is_read_again() -> None:
    one = candidate(KnownSitemap(url="long"), NOON)
    state = after_reading(one, NOON, etag='"1"', last_modified=None, fruitful=True, newest=None, whole=False)
    found = queue(state, at=NOON + HOUR)
    found.offer([child("long", NOON)], parent="index", depth=1)
    assert names(found) == ["long"]
    assert state.etag is None


def test_an_index_names_sitemaps_of_its_own_site_alone() -> None:
    index = "https://www.daily.co.uk/index.xml"
    assert is_of_site("http://news.daily.co.uk/a.xml", index)
    assert is_of_site("https://daily.co.uk/a.xml", index)
    assert not is_of_site("https://weekly.co.uk/a.xml", index)
    assert not is_of_site("https://daily.com/a.xml", index)
    assert not is_of_site("http://10.0.0.1/a.xml", "http://10.0.0.2/index.xml")
    assert not is_of_site("http://user:x@daily.co.uk/", index)
