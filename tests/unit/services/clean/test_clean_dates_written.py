"""Dates of many countries as pages of our own write them, and days that only other evidence completes."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.clean.core import Cleaned, Document, clean, relative
from services.clean.core.dates import month_in_url, read

AFTERNOON = datetime(2021, 3, 12, 14, 5, tzinfo=UTC)
DAY = datetime(2021, 3, 12, tzinfo=UTC)
TEXT = "".join(
    f"<p>The council met on the bridge for the {place} time and spoke of the river for an hour, as the minutes tell.</p>"
    for place in ("first", "second", "third", "fourth", "fifth")
)


def page(line: str = "", head: str = "", path: str = "town/bridge-4711", **facts: object) -> Cleaned:
    story = f"<article><h1>Bridge opened</h1>{line}<div>{TEXT}</div></article>"
    html = f"<html lang=en><head><title>Bridge opened</title>{head}</head><body>{story}</body></html>"
    return clean(Document(text=html, content_type="text/html", url=f"https://alderpost.test/{path}", **facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        *("12 Mart 2021 Cuma 14.05", "Güncelleme: 12.03.2021 14:05", "12 de março de 2021 às 14h05"),
        "piątek, 12 marca 2021 r. godz. 14:05",
        *("2021年3月12日14時05分", "2021年3月12日 午後2時5分", "2021년 3월 12일 오후 2시 5분", "2021-03-12 오후 2:05:11"),
        *("2021年3月12日（星期五）下午2:05", "12 มี.ค. 2564 14:05 น.", "12/03/2564 14:05", "Παρασκευή, 12 Μαρ 2021, 14:05"),
        *("12. mars 2021 kl. 14.05", "12. maaliskuuta 2021 klo 14.05", "12.3.2021 14.05", "venerdì 12 marzo 2021 | 14.05"),
        *("Tue 12 Mar 2021 14.05 GMT", "3/12/2021 2:05:00 PM", "2021-03-12 02:05:00 PM"),
        *("١٢ مارس ٢٠٢١ - 14:05", "12 मार्च 2021, 02:05 PM"),
        *("1615557900", "1615557900000", "/Date(1615557900000)/", "2021-03-12T140500+0000", "20210312T140500Z", "2:05 PM, Mar 12, 2021"),
    ],
)
def test_a_moment_is_read_as_many_countries_write_it(text: str) -> None:
    assert read(text) == AFTERNOON


@pytest.mark.parametrize(
    "text", ["12-Mar-21", "12 tháng 3, 2021", "2564-03-12", "12. ožu 2021.", "12 lis 2021", "1er mars 2021", "12.03.21"]
)
def test_a_day_is_read_as_many_countries_write_it(text: str) -> None:
    expected = {"12 lis 2021": datetime(2021, 11, 12, tzinfo=UTC), "1er mars 2021": datetime(2021, 3, 1, tzinfo=UTC)}
    assert read(text) == expected.get(text, DAY)


def test_zones_and_hours_are_read_without_colons_and_minutes() -> None:
    assert read("12/3/2021, 14:05 (GMT+7)") == AFTERNOON.replace(tzinfo=timezone(timedelta(hours=7)))
    assert read("2021-03-12T14:05:00\u221205:00") == AFTERNOON.replace(tzinfo=timezone(timedelta(hours=-5)))
    assert read("March 12, 2021, 2 p.m.") == AFTERNOON.replace(minute=0)
    assert read("12.03.2021 - 13.03.2021") == DAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thursday", datetime(2021, 3, 4, tzinfo=UTC)),
        ("Donnerstag, 14:05 Uhr", datetime(2021, 3, 4, 14, 5, tzinfo=UTC)),
        ("quinta-feira", datetime(2021, 3, 4, tzinfo=UTC)),
        ("Wednesday", datetime(2021, 3, 10, tzinfo=UTC)),
        ("4 March, 14:05", datetime(2021, 3, 4, 14, 5, tzinfo=UTC)),
        ("Mar 4", datetime(2021, 3, 4, tzinfo=UTC)),
        ("3月4日 14:05", datetime(2021, 3, 4, 14, 5, tzinfo=UTC)),
        ("24 December", datetime(2020, 12, 24, tzinfo=UTC)),
        ("Friday night lights", None),
        ("The 12 best March walks", None),
        ("30 February", None),
        ("Sunday Times", None),
    ],
)
def test_a_weekday_or_a_day_without_its_year_is_the_last_one(text: str, expected: datetime | None) -> None:
    wednesday = datetime(2021, 3, 10, 12, tzinfo=UTC)
    assert relative.recent(text, wednesday) == expected
    line = f"<div><span>{text}</span></div>"
    assert page(line, fetched_at=wednesday).published == expected
    modified = '<meta property="article:modified_time" content="2021-03-10T12:00:00Z">'
    assert page(line, modified, fetched_at=wednesday + timedelta(days=300)).published == expected
    assert page(line).published is None  # nobody knows of which week


def test_the_month_of_an_address_completes_a_day() -> None:
    assert page("<div><span>4 March</span></div>", path="2021/03/bridge-opened").published == datetime(2021, 3, 4, tzinfo=UTC)
    assert month_in_url("https://alderpost.test/2021/13/x") is None


def test_new_year_at_midnight_gives_way_to_any_other_date() -> None:
    stated = '<meta property="article:published_time" content="2021-01-01T00:00:00Z">'
    assert page(head=stated).published == datetime(2021, 1, 1, tzinfo=UTC)
    assert page('<time datetime="2021-03-12T14:05:00Z">12 March</time>', stated).published == AFTERNOON


@pytest.mark.parametrize("default", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00", "0", "-62135596800", "2099-01-01T10:00:00Z"])
def test_what_programs_write_without_a_date_is_none(default: str) -> None:
    assert page(head=f'<meta name="datePublished" content="{default}">', fetched_at=AFTERNOON).published is None


def test_what_tells_of_an_update_is_read_last() -> None:
    later = '<div class="date">Updated: 13 March 2021 10:00</div><div class="date">12 March 2021 14:05</div>'
    assert page(later).published == AFTERNOON
    assert page('<p class="date">Aktualisiert: 13.03.2021 10:00 – Veröffentlicht: 12.03.2021 14:05</p>').published == AFTERNOON
    times = "<p>Updated <time>13 March 2021</time></p><p>Published <time>12 March 2021, 14:05</time></p>"
    assert page(times).published == AFTERNOON


@pytest.mark.parametrize(
    "shown",
    [
        '<span itemprop="datePublished" content="2021-03-12T14:05:00Z">yesterday</span>',
        '<abbr itemprop="datePublished" title="2021-03-12T14:05:00Z">12.3.21</abbr>',
        '<span itemprop="datePublished">12 March 2021, 14:05</span>',
        '<span class="post-date" title="2021-03-12T14:05:00Z">a while ago</span>',
    ],
)
def test_microdata_and_titles_of_elements_date_a_page(shown: str) -> None:
    assert page(f"<div>{shown}</div>").published == AFTERNOON
