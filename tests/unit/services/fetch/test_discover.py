"""What an address is, and where the sources of its site may be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.fetch.core.assess import Finding, assess, failure, recommend
from services.fetch.core.discover import Look, Place, is_portal, look_at, sitemaps_of, usual_places
from services.fetch.core.entries import MAX_ENTRIES

URL = "https://www.daily.test/world/"
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
PAGE = b"""<!doctype html><html lang="EN-gb"><head><title> The Daily | World </title><base href="/world/">
<link rel="alternate" type="application/rss+xml" title="World" href="feed.rss">
<link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="https://feeds.daily.test/all.atom">
<link rel="alternate" type="application/feed+json" href="/feed.json">
<link rel="alternate" hreflang="de" href="https://www.daily.test/de/">
<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed?url=x">
<link rel="alternate stylesheet" type="text/css" href="/feed.css"><link rel="alternate" type="application/rss+xml" href="javascript:x">
</head><body><a href="/rss/sport.xml"> Sport <b>feed</b></a><a href="/feedback">Write</a><a href="https://other.test/rss">Other</a>
<a href="feed.rss">again</a><a href="/story-2026">A story</a></body></html>"""


def looked(body: bytes, content_type: str | None = None, url: str = URL) -> Look:
    return look_at(body, content_type=content_type, url=url)


def feed(*entries: tuple[str, str], extra: str = "", title: str = "Daily") -> bytes:
    items = "".join(f"<item><title>{path}</title><link>{path}</link>{extra}<pubDate>{time}</pubDate></item>" for path, time in entries)
    return f"<rss version='2.0'><channel><title>{title}</title><language>en-GB</language>{items}</channel></rss>".encode()


def test_a_page_names_its_feeds() -> None:
    look = looked(PAGE)
    assert (look["kind"], look["title"], look["language"]) == ("page", "The Daily | World", "en-gb")
    assert [(place["url"], place["why"], place["title"]) for place in look["places"]] == [
        ("https://www.daily.test/world/feed.rss", "alternate", "World"),
        ("https://feeds.daily.test/all.atom", "alternate", None),
        ("https://www.daily.test/feed.json", "alternate", None),
        ("https://www.daily.test/rss/sport.xml", "link", "Sport feed"),
    ]


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        (feed(("/a", "")), "text/html", "feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "text/html", "feed"),
        (b"<urlset/>", None, "sitemap"),
        (b"<urlset><url><loc>http://a.test/</loc></url></urlset>", None, "sitemap"),
        (b"http://a.test/1\nhttp://a.test/2\n", "text/plain", "list"),
        (b"<p>words", "text/html", "page"),
        (b"words", "text/plain", "none"),
        (b"\x89PNG\x00", "image/png", "none"),
        (b"", "text/html", "none"),
    ],
)
def test_what_a_document_is_it_says_itself(body: bytes, content_type: str | None, kind: str) -> None:
    assert looked(body, content_type)["kind"] == kind


def test_a_hostile_page_gives_few_places() -> None:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/feed/{n}">' for n in range(5000))
    assert len(looked(f"<html><head>{links}</head></html>".encode())["places"]) == 40


def test_robots_txt_names_sitemaps() -> None:
    lines = ["User-agent: *", "Disallow: /", "Sitemap: https://www.daily.test/s.xml\r", "  SITEMAP : /t.xml # new", "sitemap: ftp://x/"]
    robots = "\n".join([*lines, "Sitemap: /t.xml", ""])
    assert [one["url"] for one in sitemaps_of(robots, URL)] == ["https://www.daily.test/s.xml", "https://www.daily.test/t.xml"]


def test_usual_places_are_at_the_root_and_in_the_pages_folder() -> None:
    assert [one["url"] for one in usual_places(URL, ("feed", "rss.xml"))] == [
        "https://www.daily.test/feed",
        "https://www.daily.test/rss.xml",
        "https://www.daily.test/world/feed",
        "https://www.daily.test/world/rss.xml",
    ]
    assert len(usual_places("https://www.daily.test/index.html", ("feed",))) == 1


def test_the_portal_is_known_by_its_address() -> None:
    assert is_portal("https://en.wikipedia.org/wiki/Portal:Current_events")
    assert is_portal("https://en.wikipedia.org/w/index.php?title=Portal:Current_events/2026_January_5")
    assert not is_portal("https://en.wikipedia.org/wiki/Portal:Current_affairs")
    assert not is_portal("https://daily.test/wiki/Portal:Current_events")


def judged(body: bytes, url: str = URL, *, ends_at: str | None = None, validators: bool = True, conditional: bool | None = None) -> Finding:
    place = Place(url=url, why="alternate", title=None)
    return assess(
        place,
        looked(body, url=url),
        now=NOON,
        ends_at=ends_at or url,
        conditional=conditional,
        validators=validators,
        floor=timedelta(minutes=5),
    )


def names(found: Finding) -> set[str]:
    return {problem.name for problem in found.problems}


def times(number: int, *, hours: float, start: datetime = NOON) -> list[tuple[str, str]]:
    return [(f"/{n}", f"{start - timedelta(hours=hours * n):%a, %d %b %Y %H:%M:%S} GMT") for n in range(number)]


def test_a_good_feed_has_nothing_wrong_with_it() -> None:
    found = judged(feed(*times(10, hours=2), extra="<description>One two three four five six.</description>"))
    assert found.problems == ()
    assert (found.entries, found.newest, found.every, found.language, found.texts) == (10, NOON, timedelta(hours=2), "en-gb", "teasers")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (judged(feed(("/a", ""))), {"undated"}),
        (judged(feed()), {"empty"}),
        (judged(feed(*times(3, hours=2, start=NOON - timedelta(days=60)))), {"still"}),
        (judged(feed(*times(20, hours=0.001))), {"short"}),
        (judged(feed(*times(3, hours=2)), ends_at="https://www.daily.test/new"), {"moved"}),
        (judged(feed(*times(3, hours=2)), validators=False), {"unconditional"}),
        (judged(feed(*times(3, hours=2)), conditional=False), {"ignores_conditions"}),
        (judged(feed(*times(3, hours=2), title="Comments for Daily")), {"comments"}),
        (judged(feed(*times(3, hours=2)).replace(b"<link>/1</link>", b"")), {"unlinked"}),
        (judged(feed(*times(3, hours=2)).replace(b"<title>/1</title>", b"<title>a & b</title>")), {"broken"}),
        (judged(b"http://a.test/1\nwords\n"), {"junk"}),
        (judged(PAGE), {"page"}),
        (judged(b"<urlset/>"), {"empty"}),
    ],
)
def test_what_is_wrong_has_a_name(found: Finding, expected: set[str]) -> None:
    assert names(found) == expected
    assert all(problem.meaning and problem.remedy for problem in found.problems)


def test_of_several_those_are_recommended_that_bring_something_of_their_own() -> None:
    many = feed(*times(20, hours=1))
    full = feed(*times(20, hours=1), extra=f"<description>{'word ' * 400}</description>")
    sport = feed(*[(f"/sport{path}", time) for path, time in times(5, hours=5)])
    news = b"".join(
        [
            b"<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>https://www.daily.test/x</loc>",
            b"<n:news><n:publication_date>2026-01-05</n:publication_date></n:news></url></urlset>",
        ]
    )
    findings = [
        judged(many, "https://www.daily.test/rss"),
        judged(full, "https://www.daily.test/full"),
        judged(feed(*times(3, hours=2), title="Comments on Daily"), "https://www.daily.test/comments/feed"),
        judged(sport, "https://www.daily.test/sport.rss"),
        judged(b"<urlset><url><loc>https://www.daily.test/about</loc></url></urlset>", "https://www.daily.test/sitemap.xml"),
        judged(news, "https://www.daily.test/news-sitemap.xml"),
        failure(Place(url="https://www.daily.test/feed", why="usual place", title=None), "http_gone", "404"),
    ]
    recommended = [one.url.removeprefix("https://www.daily.test/") for one in recommend(findings) if one.recommended]
    assert recommended == ["full", "sport.rss", "news-sitemap.xml"]
    only_map = [one.url for one in recommend(findings[4:5]) if one.recommended]
    assert only_map == ["https://www.daily.test/sitemap.xml"]


def test_a_finding_is_json() -> None:
    told: dict[str, Any] = judged(feed(*times(10, hours=2))).as_json()
    assert (told["every_s"], told["entries"], told["problems"]) == (7200.0, 10, ())
    assert "keys" not in told
    assert told["entries"] < MAX_ENTRIES
