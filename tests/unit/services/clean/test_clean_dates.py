"""Dates as pages write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.clean.core import Document, clean, relative
from services.clean.core.dates import Hint, from_url, is_date_line, plausible, read

TEXT = "<p>" + "The council met on the bridge and spoke of the river for an hour, as the minutes tell. " * 6 + "</p>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-03-04T05:06:07+02:00", datetime(2021, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=2)))),
        ("2021-03-04T05:06:07.123Z", datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2021-03-04 05:06", datetime(2021, 3, 4, 5, 6, tzinfo=UTC)),
        ("20210304", datetime(2021, 3, 4, tzinfo=UTC)),
        ("March 4, 2021", datetime(2021, 3, 4, tzinfo=UTC)),
        ("Thu, 04 Mar 2021 05:06:07 GMT", datetime(2021, 3, 4, 5, 6, tzinfo=UTC)),
        ("Updated 4th of March 2021 at 3:05 pm", datetime(2021, 3, 4, 15, 5, tzinfo=UTC)),
        ("4. März 2021, 17:30 Uhr", datetime(2021, 3, 4, 17, 30, tzinfo=UTC)),
        ("Do 04.03.21 | 14:07 Uhr", datetime(2021, 3, 4, 14, 7, tzinfo=UTC)),
        ("4 марта 2021, 09:15", datetime(2021, 3, 4, 9, 15, tzinfo=UTC)),
        ("le 4 août 2021", datetime(2021, 8, 4, tzinfo=UTC)),
        ("4 de marzo de 2021", datetime(2021, 3, 4, tzinfo=UTC)),
        ("2021年3月4日 08:00", datetime(2021, 3, 4, 8, 0, tzinfo=UTC)),
        ("31/12/2021", datetime(2021, 12, 31, tzinfo=UTC)),
        ("12/31/2021", datetime(2021, 12, 31, tzinfo=UTC)),
    ],
)
def test_what_pages_write_is_read(text: str, expected: datetime) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "4. března 2021",
        "2021. március 4.",
        "2021 m. kovo 4 d.",
        "2021. gada 4. martā",
        "4 Μαρτίου 2021",
        "٤ مارس ٢٠٢١",
        "4 मार्च 2021",
        "4 มีนาคม 2564",
        "۱۴ اسفند ۱۳۹۹",
        "1399/12/14",
        "令和3年3月4日",
        "民國110年3月4日",
        "2021. 3. 4.",
        "04-Mar-2021",
        "Thu Mar 04 00:00:00 UTC 2021",
        "1614816000",
        "1614816000000",
    ],
)
def test_calendars_and_scripts_of_many_countries_are_read(text: str) -> None:
    assert read(text) == datetime(2021, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("March 4, 2021 10:05 a.m. ET", -5),
        ("July 4, 2021 10:05 a.m. ET", -4),
        ("4 July 2021 10:05 CEST", 2),
        ("4 July 2021 10:05 IST", 5.5),
        ("Sun Jul 04 2021 10:05:00 GMT+0300 (EEST)", 3),
        ("20210704T100500+0900", 9),
    ],
)
def test_zones_are_read_with_their_daylight_time(text: str, offset: float) -> None:
    found = read(text)
    assert found is not None
    assert (found.hour, found.utcoffset()) == (10, timedelta(hours=offset))


def test_a_half_of_the_day_may_stand_before_the_hour() -> None:
    assert read("2021. 3. 4. 오후 3:05") == datetime(2021, 3, 4, 15, 5, tzinfo=UTC)
    assert read("2021年3月4日 午前12:05") == datetime(2021, 3, 4, 0, 5, tzinfo=UTC)


def test_a_weekday_and_a_country_tell_how_an_ambiguous_day_is_meant() -> None:
    assert read("Thursday 3/4/2021") == datetime(2021, 3, 4, tzinfo=UTC)
    assert read("Saturday 3/4/2021") == datetime(2021, 4, 3, tzinfo=UTC)
    assert read("3/4/2021", Hint(month_first=True)) == datetime(2021, 3, 4, tzinfo=UTC)
    assert read("3.4.2021", Hint(month_first=True)) == datetime(2021, 4, 3, tzinfo=UTC)


def test_a_caption_that_names_a_day_is_no_date_line() -> None:
    assert is_date_line("Published on Thursday, 4 March 2021")
    assert not is_date_line("Soldiers on the bridge over the river near the town, 4 March 2021")


@pytest.mark.parametrize("text", ["", "Thursday", "31.02.2021", "2021-13-45", "call 01 23 45 67", "9" * 5_000])
def test_what_names_no_day_is_none(text: str) -> None:
    assert read(text) is None


def test_an_ambiguous_day_is_read_with_the_help_of_the_address() -> None:
    assert read("8/1/2016", from_url("http://paper.test/news/2016/08/01/bridge.html")) == datetime(2016, 8, 1, tzinfo=UTC)
    assert read("8/1/2016") == datetime(2016, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.test/2021/03/04/bridge",
        "https://a.test/2021/mar/04/bridge",
        "https://a.test/n/20210304-bridge",
        "https://a.test/c-2021-03-04.html",
    ],
)
def test_addresses_name_days(url: str) -> None:
    assert from_url(url) == datetime(2021, 3, 4, tzinfo=UTC)


def test_impossible_dates_are_refused() -> None:
    fetched = datetime(2021, 3, 4, 12, tzinfo=UTC)
    assert plausible(fetched + timedelta(days=2), fetched) is None
    assert plausible(fetched + timedelta(hours=20), fetched) is not None
    assert plausible(datetime(1970, 1, 1, tzinfo=UTC)) is None
    assert plausible(datetime(2000, 1, 1, tzinfo=UTC)) is None


def page(head: str, body: str = "") -> str:
    return f"<html><head><title>Bridge opened</title>{head}</head><body><h1>Bridge opened</h1>{body}<article>{TEXT}</article></body></html>"


def published(html: str, **facts: object) -> tuple[datetime | None, str | None]:
    cleaned = clean(Document(text=html, content_type="text/html", **facts))  # type: ignore[arg-type]
    return cleaned.published, cleaned.provenance.get("published")


def test_the_page_wins_over_the_feed_and_the_feed_over_the_address() -> None:
    feed = datetime(2021, 3, 3, tzinfo=UTC)
    url = "https://a.test/2021/03/02/bridge"
    meta = '<meta property="article:published_time" content="2021-03-04T05:06:07Z">'
    assert published(page(meta), url=url, feed_published=feed) == (datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC), "meta")
    assert published(page(""), url=url, feed_published=feed) == (feed, "feed")
    assert published(page(""), url=url) == (datetime(2021, 3, 2, tzinfo=UTC), "url")


def test_a_date_in_the_future_gives_way_to_the_next_candidate() -> None:
    meta = '<meta property="article:published_time" content="2031-03-04T05:06:07Z">'
    found = published(page(meta, '<time datetime="2021-03-04">today</time>'), fetched_at=datetime(2021, 3, 4, tzinfo=UTC))
    assert found == (datetime(2021, 3, 4, tzinfo=UTC), "time")


def test_the_line_below_the_headline_is_the_last_resort() -> None:
    assert published(page("", "<div><span>By Ann Archer</span><span>4 March 2021</span></div>")) == (
        datetime(2021, 3, 4, tzinfo=UTC),
        "text",
    )


def test_dates_of_other_stories_are_not_taken() -> None:
    related = '<div class="related"><time datetime="2020-01-02">x</time><span class="date">2 January 2020</span></div>'
    own = '<div><span class="date">4 March 2021</span></div>'
    assert published(page("", related + own)) == (datetime(2021, 3, 4, tzinfo=UTC), "text")


def test_a_label_anywhere_dates_a_page_that_does_not_do_it_elsewhere() -> None:
    html = page("").replace("</article>", "</article><ul><li><b>Published</b> 4 March 2021</li></ul>")
    assert published(html) == (datetime(2021, 3, 4, tzinfo=UTC), "text")


def test_an_american_page_is_read_as_one_and_a_day_that_has_not_come_as_the_other() -> None:
    meta = '<meta name="date" content="03/04/2021">'
    american = page(meta).replace("<html>", '<html lang="en-US">')
    assert published(american, url="https://a.test.com/x")[0] == datetime(2021, 3, 4, tzinfo=UTC)
    assert published(american, url="https://a.test.de/x")[0] == datetime(2021, 4, 3, tzinfo=UTC)
    fetched = datetime(2021, 3, 5, tzinfo=UTC)
    assert published(page(meta), url="https://a.test.de/x", fetched_at=fetched)[0] == datetime(2021, 3, 4, tzinfo=UTC)


def test_a_modification_before_the_publication_is_none() -> None:
    head = (
        '<meta property="article:published_time" content="2021-03-04T05:06:07Z">'
        '<meta property="article:modified_time" content="2020-03-04T05:06:07Z">'
    )
    assert clean(Document(text=page(head), content_type="text/html")).modified is None


def test_a_fetch_at_the_end_of_time_is_no_overflow() -> None:
    assert plausible(datetime(2031, 3, 4, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)) == datetime(2031, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 hours ago", datetime(2021, 3, 4, 10, 30, tzinfo=UTC)),
        ("Published 3 days ago", datetime(2021, 3, 1, 12, 30, tzinfo=UTC)),
        ("vor 3 Stunden", datetime(2021, 3, 4, 9, 30, tzinfo=UTC)),
        ("hace 2 días", datetime(2021, 3, 2, 12, 30, tzinfo=UTC)),
        ("il y a une heure", datetime(2021, 3, 4, 11, 30, tzinfo=UTC)),
        ("3小时前", datetime(2021, 3, 4, 9, 30, tzinfo=UTC)),
        ("5분 전", datetime(2021, 3, 4, 12, 25, tzinfo=UTC)),
        ("gestern, 14:05 Uhr", datetime(2021, 3, 3, 14, 5, tzinfo=UTC)),
        ("Today", datetime(2021, 3, 4, tzinfo=UTC)),
        ("3 min read", None),
        ("12 comments", None),
        ("for 2 hours", None),
    ],
)
def test_moments_told_from_now_need_a_now(text: str, expected: datetime | None) -> None:
    now = datetime(2021, 3, 4, 12, 30, tzinfo=UTC)
    assert relative.read(text, now) == expected
    html = page("", f"<div><span>By Ann Archer</span><span>{text}</span></div>")
    assert published(html) == (None, None)
    assert published(html, fetched_at=now) == ((expected, "text") if expected else (None, None))
