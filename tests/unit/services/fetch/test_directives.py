"""Robots directives and TDM reservations, as publishers write them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetch.core.directives import MAX_DIRECTIVES, read, read_tdmrep, refused, reserved_by

AGENT = "Dateline"


def of_headers(*values: str) -> tuple[str, ...]:
    return read([("X-Robots-Tag", value) for value in values], b"", AGENT)


def of_head(head: str) -> tuple[str, ...]:
    return read([], f"<!DOCTYPE html><html><HEAD>{head}</head><body>".encode(), AGENT)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (("noindex, nofollow",), ("noindex", "nofollow")),
        (("NOARCHIVE",), ("noarchive",)),
        (("nocache",), ("noarchive",)),
        (("noai, noimageai",), ("noai", "noimageai")),
        (("index, follow, max-snippet:-1, max-image-preview:large, max-video-preview:-1",), ()),
        (("max-snippet: 0, max-image-preview:none",), ("max-snippet:0", "max-image-preview:none")),
        (("googlebot: noindex", "noarchive"), ("googlebot=noindex", "noarchive")),
        (("dateline: nosnippet",), ("nosnippet",)),
        (("googlebot: nofollow, otherbot: noindex, nofollow",), ("googlebot=nofollow", "otherbot=noindex", "otherbot=nofollow")),
        (("otherbot: noindex, dateline: noarchive",), ("otherbot=noindex", "noarchive")),
        (("unavailable_after: 25 Jun 2010 15:00:00 PST",), ("unavailable_after:2010-06-25T23:00:00+00:00",)),
        (
            ("noarchive, unavailable_after: Wednesday, 25-Jun-10 15:00:00 GMT, nosnippet",),
            ("noarchive", "unavailable_after:2010-06-25T15:00:00+00:00", "nosnippet"),
        ),
        (("dateline: unavailable_after: 2026-07-01T10:00:00+02:00",), ("unavailable_after:2026-07-01T08:00:00+00:00",)),
        (("unavailable_after: some day",), ("unavailable_after:9999-12-31T23:59:59+00:00",)),
        (("", ",,", ": noindex", "nonsense"), ()),
    ],
)
def test_x_robots_tag_is_read_with_and_without_a_robots_name(values: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert of_headers(*values) == found


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ('<meta name="robots" content="noindex,noarchive">', ("noindex", "noarchive")),
        ("<META CONTENT='NoSnippet' NAME='ROBOTS'/>", ("nosnippet",)),
        ("<meta name=robots content=noimageindex>", ("noimageindex",)),
        ('<meta name="dateline" content="noindex">', ("noindex",)),
        ('<meta name="googlebot-news" content="noindex">', ()),
        ('<meta name="robots" content="no&#105;ndex">', ("noindex",)),
        ('<meta property="og:title" content="Robots > us: noindex"><meta name="robots" content="noarchive">', ("noarchive",)),
        ('<meta name="robots" data-x="a > b" content="noarchive">', ("noarchive",)),
        ('<!-- <meta name="robots" content="noindex"> -->', ()),
        ('<script>var x = \'<meta name="robots" content="noindex">\'</script>', ()),
        ('<!-- old --><meta name="robots" content="noindex"><!-- -->', ("noindex",)),
        ('<meta name="description" content="robots noindex">', ()),
        (
            '<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="https://A.test/Policy.json">',
            ("tdm-reservation", "tdm-policy:https://A.test/Policy.json"),
        ),
        ('<meta name="tdm-reservation" content="0">', ()),
        ('<meta name="robots" content="unavailable_after: 2026-01-05T12:00:00Z">', ("unavailable_after:2026-01-05T12:00:00+00:00",)),
    ],
)
def test_the_heads_tags_are_read_and_what_is_commented_out_is_not(head: str, found: tuple[str, ...]) -> None:
    assert of_head(head) == found


def test_a_tag_in_the_text_is_none_of_the_heads() -> None:
    assert read([], b'<html><head></head><body><meta name="robots" content="noindex">', AGENT) == ()


def test_a_page_in_utf_16_is_read_too() -> None:
    page = '<html><head><meta name="robots" content="noindex"></head>'
    assert read([], page.encode("utf-16"), AGENT) == ("noindex",)


def test_what_refuses_a_page_is_told_from_what_only_restricts_it() -> None:
    assert refused(("noarchive", "googlebot=noindex", "noai")) is None
    assert refused(("noarchive", "none")) == "none"
    assert refused(read([("TDM-Reservation", "1")], b"", AGENT)) == "tdm-reservation"


@given(st.lists(st.text(alphabet="noindex,: \t=;googlebotunavailable_after2026-:T", max_size=60), max_size=5), st.binary(max_size=300))
def test_anything_is_read_within_bounds(values: list[str], body: bytes) -> None:
    found = of_headers(*values) + read([], b"<head><meta name=robots content='" + body + b"'></head>", AGENT)
    assert len(found) <= 2 * MAX_DIRECTIVES
    assert all(len(one) <= 300 for one in found)


@pytest.mark.parametrize(
    "piece",
    [
        b'<meta name="robots" content="noarchive">',
        b"<meta robots ",
        b"<meta name=robots content='",
        b'robots<meta a="',
        b"<!--robots",
        b"<meta name=robots " + b"a" * 1900,
    ],
)
def test_hostile_heads_are_read_to_an_end(piece: bytes) -> None:
    found = read([("X-Robots-Tag", "a:" * 100_000)], b"<head>" + piece * (260_000 // len(piece)), AGENT)
    assert found in ((), ("noarchive",))


def test_tdmrep_is_read_in_order_and_its_patterns_are_paths() -> None:
    rules = read_tdmrep(
        json.dumps(
            [
                {"location": "/open/*.html$", "tdm-reservation": 0},
                {"location": "/open/*.html", "tdm-reservation": 1, "tdm-policy": "https://a.test/p.json"},
                {"location": "/", "tdm-reservation": 1},
                "nonsense",
                {"tdm-reservation": 1},
            ]
        ).encode()
    )
    assert reserved_by(rules, "https://a.test/open/x.html") == ()
    assert reserved_by(rules, "https://a.test/open/x.html?a=b") == ("tdm-reservation", "tdm-policy:https://a.test/p.json")
    assert reserved_by(rules, "https://a.test/other") == ("tdm-reservation",)
    assert reserved_by((), "https://a.test/other") == ()


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[[[", b"[" * 100_000, b'[{"location": 1}]', b"\xff\xfe\x00"])
def test_a_tdmrep_that_is_none_reserves_nothing(body: bytes) -> None:
    assert read_tdmrep(body) == ()
