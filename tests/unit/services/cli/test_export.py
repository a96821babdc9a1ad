"""`dateline export warc`, and files through `dateline add`: what goes out comes in again, and other tools read it."""

import gzip
import subprocess
import sys
from base64 import b32encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pdf_samples import column, pdf
from sqlmodel import col, select, update
from warc_samples import HTML, record, response, warc
from warcio.archiveiterator import ArchiveIterator

from services.cli.main import main
from shared.clock import now
from shared.db import make_engine, reading, writing
from shared.models import Article, Document, Event, Source

ROOT = Path(__file__).parents[4]
STORY = """<html><head><title>{title}</title><meta property="article:published_time" content="2020-01-0{day}T08:00:00Z">
<meta property="og:type" content="article"></head><body><article><h1>{title}</h1><p>{lead}</p><p>{more}</p></article></body></html>"""
LEAD = "A ferry with 214 people on board sank off Mindoro on Thursday night, and 37 of them are missing, the coast guard said."
MORE = "Rescuers from Calapan and Puerto Galera searched the Verde Island Passage until the morning, when a storm drove them back."
OTHER = "The central bank of Iceland left its key rate at 3 per cent on Thursday, and said that prices rise more slowly than it feared."


def page(title: str, lead: str = LEAD, day: int = 3) -> bytes:
    return STORY.format(title=title, lead=lead, more=MORE if lead != OTHER else "Three of five members voted for it.", day=day).encode()


def dateline(data: Path, *words: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), *words], input=stdin, catch_exceptions=False)


def work(data: Path, *words: str, stdin: bytes | None = None) -> "subprocess.CompletedProcess[str]":
    """The command as a process of its own, which works off what it adds."""
    command = [sys.executable, "-m", "services.cli", "--data", str(data), *words]
    done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT, timeout=120)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode())


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two reports of one event, a report of another in two revisions, and what is no article."""
    records = [
        response("http://www.daily.test/ferry?utm_source=x", page("Ferry sinks off Mindoro, 37 missing"), HTML | {"ETag": '"1"'}),
        response("http://courier.test/mindoro", page("37 missing as Mindoro ferry sinks")),
        response("http://courier.test/rate", page("Iceland keeps its key rate", OTHER)),
        response("http://courier.test/rate", page("Iceland keeps key rate at 3 per cent", OTHER), at="2020-01-02T09:00:00Z"),
        response("http://courier.test/logo.png", b"\x89PNG", {"Content-Type": "image/png"}),
        record("request", "http://courier.test/rate", b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request"),
    ]
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(warc(records))
    return path


def chronicle(data: Path) -> tuple[list[dict[str, Any]], list[tuple[str, str, list[str | None]]]]:
    """The articles, and the events with the titles of theirs."""
    engine = make_engine(f"sqlite:///{data / 'dateline.db'}")
    names = ("url_key", "url", "outlet", "title", "text", "published_at", "revision", "announced_at", "kind", "authors")
    with reading(engine) as session:
        articles = session.exec(select(Article).order_by(col(Article.url_key))).all()
        told = [{name: getattr(one, name) for name in names} for one in articles]
        events = session.exec(select(Event).where(Event.state == "live")).all()
        groups = [
            (one.date.isoformat(), one.headline, sorted(str(a.title) for a in articles if a.event_id == one.id)) for one in events
        ]
    engine.dispose()
    return told, sorted(groups)


def test_an_archive_is_taken_in_and_what_is_left_out_of_it_is_counted(tmp_path: Path, archive: Path) -> None:
    done = work(tmp_path / "a", "add", str(archive))
    assert done.returncode == 0, done.stdout
    assert "3 articles, 3 of them with something new" in done.stdout
    assert f"left out {archive}: 1 image/png, 1 request, 1 warcinfo" in done.stdout
    articles, events = chronicle(tmp_path / "a")
    assert [(one["url"], one["outlet"], one["revision"]) for one in articles] == [
        ("http://courier.test/mindoro", "courier.test", 1),
        ("http://courier.test/rate", "courier.test", 2),
        ("http://www.daily.test/ferry", "www.daily.test", 1),
    ]
    assert articles[1]["title"] == "Iceland keeps key rate at 3 per cent"
    assert articles[0]["announced_at"].isoformat() == "2020-01-02T03:04:05+00:00"
    assert sorted(len(titles) for _, _, titles in events) == [1, 2]
    again = work(tmp_path / "a", "add", str(archive))
    assert "3 articles, 0 of them with something new" in again.stdout
    assert chronicle(tmp_path / "a") == (articles, events)


def test_an_export_taken_in_elsewhere_makes_the_same_chronicle(tmp_path: Path, archive: Path) -> None:
    lines = tmp_path / "note.txt"
    lines.write_text(f"Ferry Sinks Off Mindoro\n\n{LEAD}\n\n{MORE}\n")
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(pdf([[(72, 760, 22, "Iceland leaves its rate alone"), *column([OTHER[:64], OTHER[64:]])]]))
    assert work(tmp_path / "a", "add", str(archive), str(lines), str(paper)).returncode == 0
    for name in ("out.warc.gz", "out.warc"):
        out = tmp_path / name
        assert "6 documents written" in dateline(tmp_path / "a", "export", "warc", str(out)).output
        assert work(tmp_path / f"b{name}", "add", str(out)).returncode == 0
        assert chronicle(tmp_path / f"b{name}") == chronicle(tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_an_export_is_read_by_other_tools(tmp_path: Path, archive: Path) -> None:
    lines = tmp_path / "note.txt"
    lines.write_text(f"Ferry Sinks Off Mindoro\n\n{LEAD}\n")
    dateline(tmp_path / "a", "add", str(archive), str(lines), "--no-wait")
    ids = []
    for name in ("one.warc.gz", "two.warc.gz"):
        out = tmp_path / name
        dateline(tmp_path / "a", "export", "warc", str(out))
        with out.open("rb") as file:
            records = []
            for one in ArchiveIterator(file, check_digests="raise"):
                records.append((one.rec_type, one.rec_headers, one.http_headers, one.content_stream().read()))
        ids.append([told.get_header("WARC-Record-ID") for kind, told, _, _ in records if kind != "warcinfo"])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 5
    assert [kind for kind, _, _, _ in records] == ["warcinfo", "response", "response", "response", "response", "resource"]
    _, told, head, body = records[1]
    assert told.protocol == "WARC/1.1"
    assert told.get_header("WARC-Target-URI") == "http://www.daily.test/ferry?utm_source=x"
    assert told.get_header("WARC-Date") == "2020-01-02T03:04:05.000000Z"
    assert told.get_header("WARC-Payload-Digest") == "sha256:" + b32encode(sha256(body).digest()).decode()
    assert body == page("Ferry sinks off Mindoro, 37 missing")
    assert head.get_header("ETag") == '"1"'
    assert head.get_header("Content-Length") == str(len(body))


def test_encodings_that_the_body_no_longer_has_are_kept_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc"
    packed = gzip.compress(page("Ferry sinks"))
    path.write_bytes(warc([response("http://a.test/1", packed, HTML | {"Content-Encoding": "gzip"})], gzip=False))
    dateline(tmp_path / "a", "add", str(path), "--no-wait")
    out = tmp_path / "out.warc"
    dateline(tmp_path / "a", "export", "warc", str(out))
    with out.open("rb") as file:
        _, one = ((one.http_headers, one.content_stream().read()) for one in ArchiveIterator(file))
    head, body = one
    assert body == page("Ferry sinks")
    assert head.get_header("Content-Encoding") is None
    assert head.get_header("X-Crawler-Content-Encoding") == "gzip"


def test_what_is_exported_can_be_chosen_and_noarchive_is_honoured(tmp_path: Path, archive: Path) -> None:
    data = tmp_path / "a"
    dateline(data, "add", str(archive), "--no-wait")
    assert "3 documents written" in dateline(data, "export", "warc", "--outlet", "courier.test", str(tmp_path / "x.warc")).output
    assert "0 documents written" in dateline(data, "export", "warc", "--since", "2020-01-03", str(tmp_path / "x.warc")).output
    day = ("--since", "2020-01-02", "--until", "2020-01-02")
    assert "4 documents written" in dateline(data, "export", "warc", *day, str(tmp_path / "x.warc")).output
    assert "0 documents written" in dateline(data, "export", "warc", "--until", "2020-01-01", str(tmp_path / "x.warc")).output
    engine = make_engine(f"sqlite:///{data / 'dateline.db'}")
    with writing(engine) as session:
        session.add(session.exec(select(Document).where(Document.revision == 2)).one().sqlmodel_update({"directives": ["noarchive"]}))
    done = dateline(data, "export", "warc", str(tmp_path / "x.warc"))
    assert "3 documents written" in done.output
    assert "left out 1 whose publishers ask for noarchive" in done.output
    with writing(engine) as session:
        source = Source(kind="feed", url="http://courier.test/feed", outlet="courier.test", added_at=now(), rights="ignore")
        session.add(source)
        session.flush()
        session.execute(update(Article).values(source_id=source.id))
    engine.dispose()
    assert "4 documents written" in dateline(data, "export", "warc", str(tmp_path / "x.warc")).output


def test_what_an_archives_publishers_reserve_is_honoured(tmp_path: Path) -> None:
    path, data = tmp_path / "crawl.warc", tmp_path / "a"
    reserved = page("Reserved").replace(b"<head>", b"<head><meta name='robots' content='noarchive'>")
    headers = HTML | {"X-Robots-Tag": "noarchive, nosnippet", "Set-Cookie": "id=7"}
    records = [response("http://a.test/1", page("One"), headers), response("http://a.test/2", reserved)]
    records.append(response("http://a.test/3", page("Three")))
    path.write_bytes(warc(records, gzip=False))
    dateline(data, "add", str(path), "--no-wait")
    done = dateline(data, "export", "warc", str(tmp_path / "x.warc"))
    assert "1 documents written" in done.output
    assert "left out 2 whose publishers ask for noarchive" in done.output
    engine = make_engine(f"sqlite:///{data / 'dateline.db'}")
    with reading(engine) as session:
        first = session.exec(select(Article).where(Article.url == "http://a.test/1")).one()
        assert first.directives == ["noarchive", "nosnippet"]
        kept = session.exec(select(Document).where(Document.article_id == first.id)).one()
    engine.dispose()
    assert "id=7" not in str(kept.headers)


def test_an_export_that_fails_leaves_the_file_that_was_there(tmp_path: Path, archive: Path) -> None:
    data, out = tmp_path / "a", tmp_path / "out.warc"
    dateline(data, "add", str(archive), "--no-wait")
    out.write_bytes(b"an earlier export")
    for broken in (data / "raw").rglob("*.zst"):
        broken.unlink()
        broken.mkdir()  # a disk that fails
    assert dateline(data, "export", "warc", str(out)).exit_code == 1
    assert out.read_bytes() == b"an earlier export"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
    assert dateline(data, "export", "warc", str(tmp_path / "nowhere" / "x.warc")).exit_code == 1


def test_standard_input_and_output_are_files_too(tmp_path: Path, archive: Path) -> None:
    dateline(tmp_path / "a", "add", "-", "--no-wait", stdin=archive.read_bytes())
    out = dateline(tmp_path / "a", "export", "warc", "-")
    assert out.stdout_bytes.startswith(b"WARC/1.1\r\n")
    assert "3 articles" in dateline(tmp_path / "b", "add", "-", "--no-wait", stdin=out.stdout_bytes).output
    paper = pdf([[(72, 760, 22, "Iceland leaves its rate alone"), *column([OTHER[:64], OTHER[64:]])]])
    assert work(tmp_path / "b", "add", "-", stdin=gzip.compress(paper)).returncode == 0
    assert "Iceland leaves its rate alone" in [one["title"] for one in chronicle(tmp_path / "b")[0]]
