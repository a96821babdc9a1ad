"""WARC files: which records are articles, what is left out, and what a damaged or hostile file costs."""

import gzip
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
from warc_samples import HTML, record, response, warc
from warcio.archiveiterator import ArchiveIterator

from services.fetch.core.bytestream import ByteStream
from services.fetch.core.files import read_file
from services.fetch.core.given import Given, LeftOut, Refused
from services.fetch.core.warc import MAX_BROKEN, next_record

MOST = 100_000
PAGE = b"<html><title>One</title><p>Words.</p></html>"


def read(body: bytes, name: str = "crawl.warc.gz") -> tuple[list[Given], list[Refused], dict[str, int]]:
    def nothing(_: bytes) -> None:
        raise AssertionError("an archive holds no feeds to be read")

    items = list(read_file(name, BytesIO(body), nothing, most=MOST))  # type: ignore[arg-type]
    left = [dict(one.reasons) for one in items if isinstance(one, LeftOut)]
    return [one for one in items if isinstance(one, Given)], [one for one in items if isinstance(one, Refused)], left[0] if left else {}


def pages(count: int) -> list[dict[str, object]]:
    return [response(f"http://daily{number}.test/{number}", PAGE + b" %d" % number) for number in range(count)]


@pytest.mark.parametrize("packed", ["each", "whole", "not"])
def test_responses_become_documents_with_address_time_and_headers(packed: str) -> None:
    body = warc([response("HTTP://Daily.test/a?utm_source=x", PAGE, HTML | {"ETag": '"7"'})], gzip=packed == "each")
    (one,), refused, left = read(gzip.compress(body) if packed == "whole" else body)
    assert (one.url, one.outlet, one.body, one.content_type) == ("http://daily.test/a", "daily.test", PAGE, "text/html; charset=utf-8")
    assert one.found_at == "HTTP://Daily.test/a?utm_source=x"
    assert one.at == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert one.status == 200
    assert ("etag", '"7"') in one.headers
    assert refused == []
    assert left == {"warcinfo": 1}


def test_what_is_no_article_material_is_counted_by_its_reason() -> None:
    records = [
        response("http://a.test/gone", PAGE, status="404 Not Found"),
        response("http://a.test/moved", b"", status="301 Moved Permanently"),
        response("http://a.test/p.png", b"\x89PNG", {"Content-Type": "image/png"}),
        response("http://a.test/q.png", b"\x89PNG", {"Content-Type": "text/html"}),
        response("http://a.test/robots.txt", b"User-agent: *", {"Content-Type": "text/plain"}),
        response("http://a.test/feed", b"<?xml version='1.0'?><rss></rss>", {"Content-Type": "text/xml"}),
        response("http://a.test/blank", b"  "),
        response("http://a.test/long", b"x" * (MOST + 1)),
        response("http://a.test/longer", b"x" * (MOST * 3)),
        record("revisit", "http://a.test/a"),
        record("request", "http://a.test/a", b"GET /a HTTP/1.1\r\n\r\n", "application/http; msgtype=request"),
        record("response", "dns:a.test", b"20200102 a.test. 60 IN A 192.0.2.1", "text/dns"),
        record("resource", "urn:pageinfo:http://a.test/a", b"{}", "application/json"),
    ]
    found, refused, left = read(warc(records))
    assert (found, refused) == ([], [])
    assert left == {
        "warcinfo": 1,
        "status 404": 1,
        "status 301": 1,
        "image/png": 1,
        "text/html": 1,
        "robots.txt": 1,
        "feeds and sitemaps": 1,
        "empty": 1,
        "too large (DATELINE_FETCH_MAX_BYTES)": 2,
        "revisit": 1,
        "request": 1,
        "answers of other protocols": 1,
        "resources without an address": 1,
    }


CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (CHUNKED, {"Transfer-Encoding": "chunked"}),
        (PAGE, {"Transfer-Encoding": "chunked"}),  # decoded by the crawler, the header left
        (gzip.compress(PAGE), {"Content-Encoding": "gzip"}),
        (PAGE, {"Content-Encoding": "gzip"}),
        (PAGE, {"Content-Encoding": "br"}),
    ],
)
def test_bodies_are_unpacked_however_the_crawler_kept_them(body: bytes, headers: dict[str, str]) -> None:
    (one,), _, _ = read(warc([response("http://a.test/a", body, HTML | headers)]))
    assert one.body == PAGE


def test_a_bomb_is_left_out_and_what_claims_to_be_packed_and_is_broken_is_refused() -> None:
    bomb = gzip.compress(b"x" * 50_000_000)
    records = [
        response("http://a.test/bomb", bomb, HTML | {"Content-Encoding": "gzip"}),
        response("http://a.test/torn", b"\x1f\x8b\x08torn", HTML | {"Content-Encoding": "gzip"}),
        response("http://a.test/a", PAGE),
    ]
    tracemalloc.start()
    found, refused, left = read(warc(records))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [one.url for one in found] == ["http://a.test/a"]
    assert [(one.error_class, "http://a.test/torn" in one.label) for one in refused] == [("bad_encoding", True)]
    assert left["too large (DATELINE_FETCH_MAX_BYTES)"] == 1
    assert peak < 5_000_000


@pytest.mark.parametrize("packed", [True, False])
def test_of_a_file_that_is_cut_short_what_was_read_is_kept_and_it_is_said(packed: bool) -> None:
    whole = warc(pages(20), gzip=packed)
    found, refused, _ = read(whole[: len(whole) * 3 // 4])
    assert 10 < len(found) < 20
    assert [one.error_class for one in refused] == ["archive_malformed"]
    assert "cut short" in refused[0].detail


def test_a_damaged_member_costs_no_other_record() -> None:
    whole = bytearray(warc(pages(20)))
    starts = [at for at in range(len(whole)) if whole.startswith(b"\x1f\x8b\x08", at)]
    middle = (starts[10] + starts[11]) // 2
    whole[middle : middle + 20] = b"\x55" * 20
    found, refused, _ = read(bytes(whole))
    assert len(found) == 19
    assert [one.error_class for one in refused] == ["archive_malformed"]


@pytest.mark.parametrize("length", [b"99", b"9999", b"none", b"-5"])
def test_a_length_that_is_wrong_costs_one_record(length: bytes) -> None:
    whole = warc(pages(20), gzip=False)
    parts = whole.split(b"Content-Length: ")
    at = len(b"Content-Length: ".join(parts[:6]))
    end = whole.index(b"\r\n", at + 16)
    found, refused, _ = read(whole[: at + 16] + length + whole[end:])
    assert len(found) == 19
    assert len(refused) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"WARC/1.0\r\n" + b"X-A: b\r\n" * 100_000,
        b"WARC/1.0\r\nX-A: " + b"b" * 3_000_000,
        b"WARC/1.0\r\nContent-Length: 999999999999999999999999\r\n\r\n",
        b"WARC/1.0\r\nContent-Length: 99999999999\r\n\r\nxyz",
        b"WARC/1.0 " * 500_000,
        b"WARC/1.0\r\n\r\n" * 100_000,
        b"WARC/1.0\r\nContent-Length: 3\r\n\r\nxyzuvw" * 50_000,
        gzip.compress(b"WARC/1.0\r\nX: " + b"\x00" * 30_000_000),
        b"\x1f\x8b\x08" * 500_000,
    ],
)
def test_a_hostile_file_takes_little_memory(body: bytes) -> None:
    tracemalloc.start()
    found, refused, _ = read(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == []
    assert 1 <= len(refused) <= MAX_BROKEN + 1
    assert peak < 2_000_000


def test_the_same_records_are_read_as_by_warcio() -> None:
    whole = warc([*pages(5), record("resource", "http://a.test/x", PAGE), record("metadata", "http://a.test/x", b"a: b", "text/plain")])

    def ours() -> Iterator[tuple[str, str, bytes | None]]:
        stream = ByteStream(BytesIO(whole))
        while (one := next_record(stream, MOST)) is not None:
            yield one.kind, one.target, one.block

    theirs = [
        (one.rec_type, one.rec_headers.get_header("WARC-Target-URI") or "", one.content_stream().read())
        for one in ArchiveIterator(BytesIO(whole), no_record_parse=True)
    ]
    assert list(ours()) == theirs
