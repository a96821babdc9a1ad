"""Dates as pages write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.clean.core import Document, clean
from services.clean.core.dates import from_url, plausible, read

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


def test_a_modification_before_the_publication_is_none() -> None:
    head = (
        '<meta property="article:published_time" content="2021-03-04T05:06:07Z">'
        '<meta property="article:modified_time" content="2020-03-04T05:06:07Z">'
    )
    assert clean(Document(text=page(head), content_type="text/html")).modified is None


def test_a_fetch_at_the_end_of_time_is_no_overflow() -> None:
    assert plausible(datetime(2031, 3, 4, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)) == datetime(2031, 3, 4, tzinfo=UTC)
