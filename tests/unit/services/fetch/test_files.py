"""Files of every kind: what they are by their first bytes and names, and what is said of those that are of no use."""

import gzip
import json
from datetime import UTC, datetime
from io import BytesIO

import pytest

from services.fetch.core.files import read_file, type_of
from services.fetch.core.given import Given, Item
from services.fetch.core.media import check_readable
from services.fetch.core.source import read_source
from shared.stage import Reject

MOST = 10_000
RSS = b"<?xml version='1.0'?><rss version='2.0'><channel><item><title>One</title><link>http://a.test/1</link></item></channel></rss>"
JSON_FEED = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": [{"id": "1", "url": "http://a.test/1"}]})
SITEMAP = b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>http://a.test/1</loc></url></urlset>"
INDEX = b"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>http://a.test/s.xml</loc></sitemap></sitemapindex>"
LIST = b"# what to read\n\nhttp://a.test/1\n  https://a.test/2  # twice a day\n"
PDF = b"%PDF-1.4\n1 0 obj\n"


def read(body: bytes, name: str) -> list[Item]:
    return list(read_file(name or "standard input", BytesIO(body), lambda one: read_source("feed", one, None, ""), most=MOST, name=name))


def kinds(body: bytes, name: str) -> list[tuple[str | None, str | None]]:
    return [(one.url, one.content_type) if isinstance(one, Given) else (None, str(one)) for one in read(body, name)]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("name", "body", "found"),
    [
        ("a.txt", b"Just words.", [(None, "text/plain")]),
        ("a.html", b"<!doctype html><p>x", [(None, "text/html")]),
        ("a.pdf", PDF, [(None, "application/pdf")]),
        ("a.xml", RSS, [("http://a.test/1", None)]),
        ("a.xml", SITEMAP, [("http://a.test/1", None)]),
        ("a.json", JSON_FEED.encode(), [("http://a.test/1", None)]),
        ("a.jsonl", b'\n {"url": "http://a.test/1"}\n', [("http://a.test/1", None)]),
        ("a.txt", LIST, [("http://a.test/1", None), ("https://a.test/2", None)]),
        ("a.urls", LIST, [("http://a.test/1", None), ("https://a.test/2", None)]),
    ],
)
def test_a_file_is_what_its_name_or_its_beginning_says(
    name: str, body: bytes, found: list[tuple[str | None, str | None]], named: bool, packed: bool
) -> None:
    if packed:
        name, body = name + ".gz", gzip.compress(body)
    assert kinds(body, name if named else "") == found


@pytest.mark.parametrize(
    ("name", "body", "found"),
    [
        ("paper.txt", PDF, "application/pdf"),
        ("paper.html", PDF, "application/pdf"),
        ("page.xml", b"<!DOCTYPE html><title>x</title>", "text/html"),
        ("story.txt", b"See http://a.test/1\nhttp://a.test/2\n", "text/plain"),
        ("story.txt", b"# A headline\n\nAnd words.", "text/plain"),
    ],
)
def test_what_a_file_holds_goes_before_what_it_is_called(name: str, body: bytes, found: str) -> None:
    assert kinds(body, name) == [(None, found)]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("picture.png", b"\x89PNG", "unsupported_type: its name ends in none of .txt"),
        ("blank.txt", b" \n", "empty_document"),
        ("long.txt", b"x" * (MOST + 1), "DATELINE_FETCH_MAX_BYTES"),
        ("bomb.txt.gz", gzip.compress(b"x" * 30_000_000), "DATELINE_FETCH_MAX_BYTES"),
        ("torn.txt.gz", gzip.compress(b"Words and words, of which some are missing.")[:-9], "bad_encoding: the file is cut short"),
        ("twice.txt.gz", gzip.compress(gzip.compress(b"Words.")), "bad_encoding: packed twice"),
        ("index.xml", INDEX, "an index of 1 sitemaps"),
        ("none.xml", b"<rss version='2.0'><channel><title>A</title></channel></rss>", "empty_document: it has no entries"),
        ("a.warc", b"no archive", "archive_malformed: no record begins"),
        ("wide.jsonl", b"[" * 100_000, "too_large"),
        ("deep.jsonl", b"[" * 9_000, "line_malformed"),
        ("a.urls", b"ftp://a.test/1\n", "feed_malformed"),
    ],
)
def test_what_is_of_no_use_is_said_once(name: str, body: bytes, said: str) -> None:
    ((url, told),) = kinds(body, name)
    assert url is None
    assert told is not None
    assert told.startswith(name)
    assert said in told


def test_a_mistyped_line_makes_no_article_of_a_list() -> None:
    seen = read(LIST + b"htp://a.test/3\n", "a.txt")
    assert [one.url for one in seen if isinstance(one, Given)] == ["http://a.test/1", "https://a.test/2"]
    assert kinds(b"http://a.test/1\nhttp://a.test/2\nBoth speak of the pier.", "a.txt") == [(None, "text/plain")]


def test_a_line_of_a_list_that_is_no_address_is_refused_alone() -> None:
    found = kinds(b"http://a.test/1\nsee also\nhttp://a.test/2\n", "a.urls")
    assert [url for url, _ in found] == ["http://a.test/1", "http://a.test/2", None]


def test_a_line_that_is_too_long_spares_those_that_follow() -> None:
    texts = ["x" * (MOST * 6), "Words.", "x" * (MOST + 1), "More."]
    found = read("\n".join(json.dumps({"text": text}) for text in texts).encode(), "a.jsonl")
    assert [one.body if isinstance(one, Given) else str(one)[:20] for one in found] == [
        "a.jsonl:1: too_large",
        b"Words.",
        "a.jsonl:3: too_large",
        b"More.",
    ]


def test_json_lines_may_say_what_a_feed_said_and_when_it_was_fetched() -> None:
    line = {"url": "http://a.test/1", "html": "<p>x", "outlet": "The A", "feed_title": "One", "fetched_at": "2020-01-02T03:04:05+01:00"}
    (one,) = read(json.dumps(line | {"feed_published": "2020-01-02", "content_type": 7}).encode(), "a.jsonl")
    assert isinstance(one, Given)
    assert (one.outlet, one.title, one.published) == ("The A", "One", "2020-01-02T00:00:00+00:00")
    assert one.at == datetime(2020, 1, 2, 2, 4, 5, tzinfo=UTC)


def test_endings_that_are_read() -> None:
    assert type_of("a.TXT") == "text/plain"
    assert type_of("a.html.gz") == "text/html"
    assert type_of("crawl-1.warc.gz") == "warc"
    assert type_of("a.gz") is None
    assert type_of("a.txt.part") is None
    assert type_of("README") is None


def test_pdf_is_fetched_whatever_it_is_called_and_other_binaries_are_not() -> None:
    check_readable(PDF, "application/pdf")
    check_readable(PDF, "text/html")
    check_readable(PDF, "application/octet-stream")
    with pytest.raises(Reject, match="unsupported_type"):
        check_readable(b"PK\x03\x04", "application/pdf")
