"""What a poll takes of a sitemap: what is recent; an archive floods nobody."""

import gzip

import pytest

from services.fetch.core.horizon import MAX_REMEMBERED, MAX_SHORT, MEMORY_LENGTH, Taken, promising, remember, remembered, take

URL = "https://daily.test/sitemap.xml"
SINCE = "2026-01-02T12:00:00+00:00"
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def sitemap(*entries: tuple[str, str | None], news: bool = False) -> bytes:
    def one(path: str, time: str | None) -> str:
        inside = f"<news:news><news:publication_date>{time}</news:publication_date></news:news>" if news else f"<lastmod>{time}</lastmod>"
        return f"<url><loc>https://daily.test{path}</loc>{inside if time else ''}</url>"

    return f"<urlset {NEWS}>{''.join(one(*entry) for entry in entries)}</urlset>".encode()


def taken(body: bytes, *, url: str = URL, lately: bool = False, memory: str | None = None, limit: int = 1000) -> Taken:
    return take(body, content_type=None, url=url, limit=limit, since=SINCE, lately=lately, memory=memory)


def paths(found: Taken) -> list[str]:
    return [(one["url"] or "").removeprefix("https://daily.test") for one in found["entries"]]


def test_old_entries_are_counted_and_not_taken() -> None:
    archive = [(f"/a{number}", f"2019-05-{number % 28 + 1:02}T08:{number % 60:02}:00Z") for number in range(5000)]
    found = taken(sitemap(*archive, ("/new", "2026-01-05"), ("/newer", "2026-01-05T10:00:00Z")))
    assert paths(found) == ["/newer", "/new"]
    assert (found["old"], found["cut"], found["newest"]) == (5000, False, "2026-01-05T10:00:00+00:00")


def test_the_day_of_publication_goes_before_the_day_of_a_change() -> None:
    """Whole archives are touched by a new layout: an old story is old however lately its page changed."""
    found = taken(sitemap(("/2019/05/03/harbour", "2026-01-05T10:00:00Z"), ("/2026/01/05/bridge", "2019-01-01"), ("/x", "2026-01-04")))
    assert paths(found) == ["/x", "/2026/01/05/bridge"]
    assert found["old"] == 1


def test_one_moment_in_all_entries_is_when_the_sitemap_was_written() -> None:
    found = taken(sitemap(*[(f"/a{number}", "2026-01-05T11:59:58Z") for number in range(300)]))
    assert (paths(found), found["old"]) == ([], 300)
    few = taken(sitemap(*[(f"/a{number}", "2026-01-05T11:59:58Z") for number in range(10)]))
    assert len(paths(few)) == 10
    today = taken(sitemap(*[(f"/a{number}", "2026-01-05") for number in range(150)]))  # a busy day, written without a time
    assert len(paths(today)) == 150


def test_a_short_sitemap_for_news_is_taken_whole() -> None:
    assert paths(taken(sitemap(("/new", "2026-01-05"), ("/old", "2025-11-05"), news=True))) == ["/new", "/old"]
    long = [(f"/a{number}", f"2019-05-01T08:{number % 60:02}:00Z") for number in range(MAX_SHORT + 1)]
    assert paths(taken(sitemap(*long, ("/new", "2026-01-05"), news=True))) == ["/new"]


@pytest.mark.parametrize(
    ("url", "lately", "number", "expected"),
    [
        (URL, False, 10, 0),
        (URL, True, 10, 10),
        (URL, True, MAX_SHORT + 1, 0),
        ("https://daily.test/sitemap-news.xml", False, 10, 10),
    ],
)
def test_undated_entries_are_taken_of_what_is_news_or_changed_lately(url: str, lately: bool, number: int, expected: int) -> None:
    found = taken(sitemap(*[(f"/a{count}", None) for count in range(number)]), url=url, lately=lately)
    assert (len(found["entries"]), found["old"]) == (expected, number - expected)


def test_of_an_undated_archive_the_next_poll_takes_what_came_since() -> None:
    first = taken(sitemap(*[(f"/a{number}", None) for number in range(3000)]))
    assert (first["entries"], first["old"]) == ([], 3000)
    then = taken(sitemap(("/new", None), *[(f"/a{number}", None) for number in range(3000)]), memory=first["memory"])
    assert (paths(then), then["old"]) == (["/new"], 3000)


def test_the_memory_has_bounds() -> None:
    assert remember(str(number) for number in range(MAX_REMEMBERED + 1)) is None
    full = remember(str(number) for number in range(MAX_REMEMBERED)) or ""
    kept = remembered({"a": full, "b": full}, {"c": full})
    assert "c" in kept
    assert sum(map(len, kept.values())) <= MEMORY_LENGTH
    assert remembered({"a": "1"}, {"a": "2"}) == {"a": "2"}


def test_texts_and_feeds_are_sitemaps_too() -> None:
    text = b"\xef\xbb\xbfhttps://daily.test/2026/01/05/a\r\nhttps://daily.test/2012/01/05/b\r\n\r\nhttps://daily.test/c\r\n"
    assert [paths(taken(body)) for body in (text, gzip.compress(text))] == [["/2026/01/05/a"]] * 2
    feed = (
        "<rss version='2.0'><channel><item><link>/a</link><pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item>"
        "<item><link>/b</link><pubDate>Mon, 05 Jan 2015 10:00:00 GMT</pubDate></item><item><link>/c</link></item></channel></rss>"
    )
    assert paths(taken(feed.encode())) == ["/a", "/c"]


def test_fifty_thousand_sitemaps_come_down_to_the_promising_ones() -> None:
    names = [f"<sitemap><loc>/s/{number}.xml</loc><lastmod>20{number % 20:02}-01-05</lastmod></sitemap>" for number in range(49_990)]
    index = f"<sitemapindex>{''.join(names)}<sitemap><loc>/s/new.xml</loc><lastmod>2026-01-05</lastmod></sitemap></sitemapindex>"
    assert [child["url"] for child in taken(index.encode())["children"]] == ["https://daily.test/s/new.xml"]


def test_without_dates_names_and_ends_give_the_order() -> None:
    names = ["p1", "p2", "2019-05", "news", "p3", "2026-01", "p4"]
    children = promising([{"url": f"https://daily.test/{name}.xml", "lastmod": None} for name in names], SINCE)
    assert [child["url"].rpartition("/")[2][:-4] for child in children] == ["2026-01", "news", "p1", "p4", "p2", "p3", "2019-05"]
