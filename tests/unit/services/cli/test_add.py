"""`dateline add`: what the arguments name becomes articles and documents; what is of no use is said, and the rest goes on."""

import json
from pathlib import Path

import pytest
from sqlmodel import col, select

from services.cli import add
from services.cli.add import Reader, portions
from services.cli.filing import file_all
from services.fetch.core.given import Given, Item
from services.fetch.core.source import read_source
from shared.clock import now
from shared.db import make_engine, reading, writing
from shared.ledger import State
from shared.models import Article, Document, Work

MOST = 1000  # bytes of a document


def given(*what: str) -> tuple[list[Given], list[str]]:
    reader = Reader(most=MOST, read_listing=lambda body: read_source("feed", body, None, ""))
    found = list(reader.read_all(what))
    return [one for one in found if isinstance(one, Given)], [str(one) for one in found if not isinstance(one, Given)]


def test_files_are_read_by_their_endings(tmp_path: Path) -> None:
    for name in ("a.txt", "b.md", "c.html", "d.png"):
        (tmp_path / name).write_text("Some words.")
    found, refused = given(str(tmp_path))
    assert [(one.label.rpartition("/")[2], one.content_type) for one in found] == [
        ("a.txt", "text/plain"),
        ("b.md", "text/markdown"),
        ("c.html", "text/html"),
    ]
    assert refused == []


def test_an_address_is_made_canonical_and_its_host_is_the_outlet() -> None:
    (one,), _ = given("HTTP://Example.org/story?utm_source=feed")
    assert one.url == "http://example.org/story"
    assert one.outlet == "example.org"


def test_a_feed_file_gives_its_entries(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text(
        "<rss version='2.0'><channel><title>A</title><item><title>One</title><link>http://a.org/1</link></item>"
        "<item><title>Two</title><link>javascript:alert(1)</link></item></channel></rss>"
    )
    found, refused = given(str(feed))
    assert [one.url for one in found] == ["http://a.org/1"]
    assert len(refused) == 1


def test_json_lines_are_taken_as_stage_clean_takes_them(tmp_path: Path) -> None:
    lines = tmp_path / "pages.jsonl"
    lines.write_text(
        "\n".join(
            [
                json.dumps({"id": 1, "url": "http://a.org/1", "html": "<p>Words.</p>"}),
                json.dumps({"id": 2, "text": "More words."}),
                "nonsense",
                json.dumps({"id": 3}),
                json.dumps({"id": 4, "body_b64": "%%%"}),
            ]
        )
    )
    found, refused = given(str(lines))
    assert [(one.url, one.content_type) for one in found] == [
        ("http://a.org/1", "text/html; charset=utf-8"),
        (None, "text/plain; charset=utf-8"),
    ]
    assert [line.partition(": ")[0].rpartition(":")[2] for line in refused] == ["3", "4", "5"]
    assert all("line_malformed" in line for line in refused)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.txt", None, "no such file"),
        ("http://[bad", None, "url_malformed"),
        ("picture.png", b"\x89PNG", "unsupported_type"),
        ("blank.txt", b" \n ", "empty_document"),
        ("long.txt", b"x" * (MOST + 1), "DATELINE_FETCH_MAX_BYTES"),
        ("long.jsonl", b'{"id": 1, "text": "' + b"x" * (MOST + 1) + b'"}', "DATELINE_FETCH_MAX_BYTES"),
        ("broken.xml", b"no feed at all", "feed_malformed"),
    ],
)
def test_what_is_of_no_use_is_said_in_one_sentence(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    found, refused = given(name if name.startswith("http") else str(tmp_path / name))
    assert found == []
    assert len(refused) == 1
    assert said in refused[0]
    assert name in refused[0]


def test_one_document_of_a_folder_that_is_of_no_use_spares_the_others(tmp_path: Path) -> None:
    for name, words in (("a.txt", "Words."), ("b.txt", ""), ("c.txt", "More words.")):
        (tmp_path / name).write_text(words)
    found, refused = given(str(tmp_path))
    assert [Path(one.label).name for one in found] == ["a.txt", "c.txt"]
    assert len(refused) == 1


def test_a_large_folder_is_read_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(add, "PORTION", 3)
    monkeypatch.setattr(add, "PORTION_BYTES", 100)
    some: list[Item] = [Given(label=str(size), outlet="A", body=b"x" * size) for size in (1, 99, 1, 1, 1, 1, 1)]
    assert [len(portion) for portion in portions(some)] == [2, 3, 2]


def test_the_same_document_twice_is_there_once(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    one = Given(label="a.txt", outlet="a.txt", body=b"Words.", content_type="text/plain")
    for _ in range(2):
        with writing(engine) as session:
            labels, _started = file_all(session, [one], now())
    assert list(labels.values()) == ["a.txt"]
    with reading(engine) as session:
        assert len(session.exec(select(Article)).all()) == 1
        assert len(session.exec(select(Document)).all()) == 1
        assert len(session.exec(select(Work).where(col(Work.stage) == "clean")).all()) == 1
    engine.dispose()


def test_an_address_added_again_is_fetched_again(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    one = Given(label="x", outlet="a.org", url="http://a.org/1")
    for _ in range(2):
        with writing(engine) as session:
            file_all(session, [one], now())
    with reading(engine) as session:
        assert len(session.exec(select(Article)).all()) == 1
        rows = session.exec(select(Work).where(col(Work.stage) == "fetch")).all()
    assert [row.state for row in rows] == [State.READY, State.READY]
    engine.dispose()
