"""`dateline stage feed`, `robots` and `url`: a record in, a record out."""

import base64
import gzip

import pytest

from services.fetch.core.lines import feed_line, robots_line, url_line
from services.fetch.core.media import check_readable
from shared.stage import Reject

FEED = "<rss version='2.0'><channel><title>Le café</title><item><title>Une</title><link>/une</link></item></channel></rss>"


def test_a_feed_line_is_answered_with_its_entries() -> None:
    body = base64.b64encode(FEED.encode("latin-1")).decode()
    said = feed_line({"id": 7, "url": "http://daily.test/feed", "content_type": "text/xml; charset=iso-8859-1", "body_b64": body})
    assert (said["id"], said["title"]) == (7, "Le café")
    assert [(one["url"], one["title"]) for one in said["entries"]] == [("http://daily.test/une", "Une")]
    packed = base64.b64encode(gzip.compress(FEED.encode())).decode()
    headers = {"Content-Type": "text/xml", "Content-Encoding": "gzip", "Content-Location": "http://other.test/a/"}
    said = feed_line({"id": "x", "url": "http://daily.test/feed", "headers": headers, "body_b64": packed})
    assert said["entries"][0]["url"] == "http://other.test/une"


@pytest.mark.parametrize("record", [{}, {"id": 1, "url": "u"}, {"id": 1, "url": "u", "body_b64": "%"}, {"id": 1, "url": 3, "body_b64": ""}])
def test_a_line_without_what_it_needs_is_refused(record: dict[str, object]) -> None:
    with pytest.raises(Reject, match="line_malformed"):
        feed_line(record)


ROBOTS = "User-agent: dateline\nDisallow: /private\nAllow: /private/open\n\nUser-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    ("robots", "status", "agent", "path", "allowed"),
    [
        (ROBOTS, None, "dateline", "/news", True),
        (ROBOTS, 200, "Dateline", "/private/x", False),
        (ROBOTS, 200, "dateline", "/private/open", True),
        (ROBOTS, 200, "other", "/news", False),
        ("", 200, "dateline", "/", True),
        (ROBOTS, 404, "other", "/", True),
        (ROBOTS, 403, "other", "/", True),
        (ROBOTS, 500, "dateline", "/news", False),
        (ROBOTS, 503, "dateline", "/news", False),
        ("\ufeffUser-agent: *\nDisallow: /", 200, "a", "/", False),
        ("\0\1 no robots <html>", 200, "a", "/", True),
    ],
)
def test_robots_lines_follow_rfc_9309(robots: str, status: int | None, agent: str, path: str, allowed: bool) -> None:
    record = {"id": "r", "robots": robots, "status": status, "agent": agent, "url": f"http://daily.test{path}"}
    assert robots_line(record) == {"id": "r", "allowed": allowed}


def test_a_robots_txt_that_is_no_text_is_refused() -> None:
    with pytest.raises(Reject, match="robots is missing or no text"):
        robots_line({"id": "r", "robots": ["Disallow: /"], "agent": "a", "url": "http://daily.test/"})


def test_a_url_line_has_the_canonical_address_and_the_key() -> None:
    said = url_line({"id": 1, "url": "HTTP://www.Daily.test:80/a/../b?utm_source=x#y"})
    assert said == {"id": 1, "url": "http://www.daily.test/b", "key": "//daily.test/b"}
    with pytest.raises(Reject, match="url_malformed"):
        url_line({"id": 1, "url": "mailto:ann@daily.test"})


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>", "text/html; charset=utf-8"),
        (b"text", None),
        (b"text", "application/octet-stream"),
        ("<html>".encode("utf-16"), "text/html"),
        (b"# Title", "text/markdown"),
        ("<html>".encode("utf-16-le"), "text/html; charset=UTF-16LE"),
        (b"<html><title>One \x00 that strayed</title>" + b"<p>Words." * 20, "text/html"),
        (b"<html>", "text/html, text/html; charset=utf-8"),
        (b"<html>", "html"),
    ],
)
def test_texts_are_read(body: bytes, content_type: str | None) -> None:
    check_readable(body, content_type)


@pytest.mark.parametrize(
    ("body", "content_type", "error_class"),
    [
        (b"\x00\x01\x02", "text/html", "unsupported_type"),
        (bytes(range(256)) * 9, "text/html", "unsupported_type"),
        (b"...", "text/html, video/mp4", "unsupported_type"),
        (b"...", "video/mp4", "unsupported_type"),
        (b"PK\x03\x04", None, "unsupported_type"),
        (b" \n", "text/html", "empty_document"),
    ],
)
def test_what_is_no_text_is_refused_whatever_it_is_called(body: bytes, content_type: str | None, error_class: str) -> None:
    with pytest.raises(Reject, match=error_class):
        check_readable(body, content_type)
