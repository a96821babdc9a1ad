"""`dateline run` on a fresh data folder: the sample becomes a chronicle; a second run changes nothing; nothing is left behind."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from stack import ROOT, dateline, get, running, wait_for

from services.cli.sample import load_sample
from services.cli.sample.wiki import standing


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data folder after `run --until-idle`, and what it printed."""
    data = tmp_path_factory.mktemp("run") / "data"
    done = dateline(data, "run", "--until-idle", "--port", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    return data, done.stdout


def count(data: Path, sql: str) -> int:
    with sqlite3.connect(data / "dateline.db") as connection:
        found: int = connection.execute(sql).fetchone()[0]
    connection.close()
    return found


def figures(output: str) -> dict[str, str]:
    """The summary's lines, by name."""
    return {match[1]: match[2] for match in re.finditer(r"^(\w[\w ]*?) {2,}(\S.*)$", output, re.M)}


def state(data: Path) -> dict[str, int]:
    tables = {"article": "article", "document": "document", "event": "event", "page": "page", "edge": "edge", "article_tag": "article_tag"}
    return {name: count(data, f"SELECT count(*) FROM {table}") for name, table in tables.items()} | {
        "revisions": count(data, "SELECT sum(revision) FROM article"),
        "versions": count(data, "SELECT sum(version) FROM page"),
    }


def test_the_summary_counts_what_became_of_the_sample(finished: tuple[Path, str]) -> None:
    data, output = finished
    shown = figures(output)
    assert int(shown["articles"]) == count(data, "SELECT count(*) FROM article") >= 60
    assert int(shown["events"]) >= 15
    assert int(shown["copies"]) >= 5
    assert "address_forbidden" in shown["refused"]
    assert "robots_forbidden" in shown["refused"]
    assert shown["quarantined"].startswith("0")
    assert "http_failed" in shown["sources"]


def test_everything_ended_and_every_article_stands_on_its_page(finished: tuple[Path, str]) -> None:
    data, _ = finished
    assert count(data, "SELECT count(*) FROM work WHERE state < 2 AND input_key NOT LIKE 'again:%'") == 0
    assert count(data, "SELECT count(*) FROM lease WHERE ended_at IS NULL") == 0
    with sqlite3.connect(data / "dateline.db") as connection:
        on_pages = [
            article["id"]
            for (record,) in connection.execute("SELECT record FROM page WHERE kind = 'event' AND record IS NOT NULL")
            for article in json.loads(record).get("articles", ())
        ]
        filed = [row[0] for row in connection.execute("SELECT id FROM article WHERE event_id IS NOT NULL")]
        refused = connection.execute("SELECT count(*) FROM work WHERE state = 3").fetchone()[0]
        articles = connection.execute("SELECT count(*) FROM article").fetchone()[0]
    connection.close()
    assert sorted(on_pages) == sorted(filed)
    assert len(filed) + refused == articles


def test_a_second_run_brings_nothing_new(finished: tuple[Path, str]) -> None:
    data, _ = finished
    before = state(data)
    again = dateline(data, "run", "--until-idle", "--port", "0")
    assert again.returncode == 0, again.stdout + again.stderr
    assert state(data) == before


def test_the_article_that_nobody_may_read_tells_why(finished: tuple[Path, str]) -> None:
    data, _ = finished
    done = dateline(data, "trace", "http://10.0.0.8/shop/print-edition")
    assert done.returncode == 0, done.stderr
    assert "refused by fetch: address_forbidden" in done.stdout
    listed = json.loads(dateline(data, "dead", "list", "--json").stdout)
    assert {row["error_class"] for row in listed} == {"address_forbidden", "robots_forbidden"}


def test_replay_brings_the_dead_back_and_they_may_die_again(finished: tuple[Path, str]) -> None:
    data, _ = finished
    (row,) = json.loads(dateline(data, "dead", "list", "--class", "address_forbidden", "--json").stdout)
    again = dateline(data, "dead", "replay", str(row["id"]))
    assert again.returncode == 1  # it was refused again, and that is said
    assert "address_forbidden" in again.stderr
    shown = json.loads(dateline(data, "dead", "show", str(row["id"]), "--json").stdout)
    assert [attempt["outcome"] for attempt in shown["attempts"]][-2:] == ["refused", "refused"]


def test_published_files_are_the_chronicle(finished: tuple[Path, str], tmp_path: Path) -> None:
    data, _ = finished
    done = dateline(data, "publish", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    saved = sorted((tmp_path / "out" / "news").rglob("*-[0-9]*.json"))
    pages = [path for path in saved if json.loads(path.read_text())["page"] == "event"]
    assert len(pages) == count(data, "SELECT count(*) FROM event WHERE state = 'live'")
    one: dict[str, Any] = json.loads(pages[0].read_text())
    for ending in ("html", "md"):
        text = pages[0].with_suffix(f".{ending}").read_text()
        assert one["articles"][0]["outlet"] in text
    front = (tmp_path / "out" / "index.html").read_text()
    links = re.findall(r'href="(/news/[^"]+)"', front)
    assert links
    for link in links:
        assert (tmp_path / "out" / link.lstrip("/").partition("#")[0]).exists(), link


def test_events_are_those_that_the_authors_meant(finished: tuple[Path, str]) -> None:
    """All but one pair: a government that loses an election one day and resigns on the next is told in the same words."""
    data, _ = finished
    sample = load_sample(ROOT / "deploy" / "sample")
    epoch = datetime.fromisoformat((data / "sample-epoch").read_text().strip())
    meant = {url: one.event for url, one in sample.truth(epoch).items() if not one.refused}
    with sqlite3.connect(data / "dateline.db") as connection:
        filed = dict(connection.execute("SELECT coalesce(canonical_url, url), event_id FROM article WHERE event_id IS NOT NULL").fetchall())
    connection.close()
    of_event: dict[str, set[int]] = {}
    of_page: dict[int, set[str]] = {}
    for url, name in meant.items():
        if url in filed:
            of_event.setdefault(name, set()).add(filed[url])
            of_page.setdefault(filed[url], set()).add(name)
    assert len(of_event) > 25
    assert {name: pages for name, pages in of_event.items() if len(pages) > 1} == {}
    assert [names for names in of_page.values() if len(names) > 1] == [{"iceland-election", "iceland-resignation"}]


def test_the_portal_s_items_join_the_articles_that_tell_of_the_same(finished: tuple[Path, str], tmp_path: Path) -> None:
    data, _ = finished
    assert dateline(data, "publish", str(tmp_path / "out")).returncode == 0
    sample = load_sample(ROOT / "deploy" / "sample")
    epoch = datetime.fromisoformat((data / "sample-epoch").read_text().strip())
    intended = {url: one.event for url, one in sample.truth(epoch).items()}
    (wiki,) = (outlet for outlet in sample.outlets if outlet.days)
    items = {event for day in standing(wiki.days, epoch + sample.last_moment(), epoch).values() for event in day.events}
    joined: dict[str, set[str]] = {}
    for path in (tmp_path / "out" / "news").rglob("*-[0-9]*.json"):
        page = json.loads(path.read_text())
        if page["page"] != "event" or not any(article["kind"] == "event_page" for article in page["articles"]):
            continue
        found = {intended[article["url"]] for article in page["articles"] if article["url"] in intended}
        cited = {intended[one["url"]] for one in page["citations"]}
        joined[page["headline"]] = found
        assert cited <= found
        assert page["topic"]
        assert page["tags"]
        for ending in ("html", "md"):
            text = path.with_suffix(f".{ending}").read_text()
            assert page["topic"] in text
            assert all(tag["name"] in text for tag in page["tags"])
            assert all(one["url"] in text for one in page["citations"])
            assert wiki.name in text
    assert set().union(*joined.values()) >= items - {"grastein-light"}
    (alone,) = (headline for headline, found in joined.items() if not found)
    assert alone.startswith("Gråstein Light")
    assert len(joined) == len(items)


def test_the_running_stack_serves_pages_and_takes_what_is_added(finished: tuple[Path, str], tmp_path: Path) -> None:
    data, _ = finished
    with running(data, "--no-sample", DATELINE_LOG_LEVEL="info") as stack:
        front = wait_for(stack["site"], '"/news/')
        link = next(one for one in re.findall(r'href="(/news/[^"]+)"', front) if re.search(r"-\d+$", one))
        status, body = get(stack["site"].rstrip("/") + link)
        assert status == 200
        assert "<h1" in body
        assert json.loads(get(stack["site"] + "healthz")[1])["ok"] is True
        note = tmp_path / "harvest.txt"
        note.write_text(
            "Farmers in Ostrava count a record plum harvest\n\nFarmers around Ostrava have brought in more plums this autumn than in any"
            " year since records began, the growers' association of Moravia said on Tuesday.\n\nThe association counted 41,000 tonnes."
        )
        added = dateline(data, "add", str(note))
        assert added.returncode == 0, added.stderr
        told = dateline(data, "trace", json.loads(dateline(data, "status", "--json").stdout) and "sha256:" + _hash(note))
        assert "on its page" in told.stdout
        second = dateline(data, "run", "--port", "0")
        assert second.returncode == 1
        assert "runs on" in second.stderr
        pids = list(stack["pids"].values())
    left = subprocess.run(["ps", "-o", "pid=", "-p", ",".join(map(str, pids))], capture_output=True, text=True).stdout.split()
    assert left == []


def test_what_is_killed_comes_back_and_nothing_outlives_the_supervisor(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, "--no-sample") as stack:
        for name in ("redis", "web", "clean"):
            os.kill(stack["pids"][name], signal.SIGKILL)
        note = tmp_path / "note.txt"
        note.write_text("A museum of bread opens\n\nBakers in Tarnow, in the south of Poland, have opened a museum of bread.\n")
        added = dateline(data, "add", str(note))
        assert added.returncode == 0, added.stderr
        wait_for(stack["site"], '"/news/')
        told = json.loads((data / "stack.json").read_text())
        assert told["broker"] == stack["broker"]
        assert all(alive(pid) for pid in told["pids"].values()), told["pids"]
        assert "flower" in told["pids"]
        os.kill(stack["process"].pid, signal.SIGKILL)
        stack["process"].wait()
        deadline = time.monotonic() + 5
        while any(alive(pid) for pid in told["pids"].values()):
            assert time.monotonic() < deadline, told["pids"]
            time.sleep(0.1)
        assert "no stack runs here" in dateline(data, "status").stdout


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be asked does not."""
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()[:1] not in ("", "Z")


def test_the_sample_leaves_with_one_command(finished: tuple[Path, str], tmp_path: Path) -> None:
    """Last in this file: it takes the chronicle of the others away, in a copy."""
    shutil.copytree(finished[0], tmp_path / "data")
    data = tmp_path / "data"
    done = dateline(data, "sources", "remove", "--sample")
    assert done.returncode == 0, done.stderr
    left = {table: count(data, f"SELECT count(*) FROM {table} WHERE sample") for table in ("article", "event", "source", "index_entry")}
    assert left == {"article": 0, "event": 0, "source": 0, "index_entry": 0}
    with sqlite3.connect(data / "dateline.db") as connection:
        records = [json.loads(row[0]) for row in connection.execute("SELECT record FROM page WHERE kind != 'event'")]
    connection.close()
    assert not any(event["sample"] for record in records for day in record.get("days", [record]) for event in day["events"])


def _hash(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["run", "--sources", "missing.toml"], 1, "missing.toml"),
        (["worker", "nonsense"], 2, "no stage nonsense"),
        (["trace", "http://nobody.example/1"], 1, "no article"),
        (["dead", "replay"], 2, "--all"),
        (["explain", "nonsense"], 2, "no error class"),
        (["sources", "add", "ftp://example.org/feed"], 2, "cannot be polled"),
    ],
)
def test_misuse_gets_one_clear_sentence(tmp_path: Path, words: list[str], status: int, said: str) -> None:
    done = dateline(tmp_path / "data", *words)
    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATELINE_PORT", "many"),
        ("DATELINE_LEASE", "-5"),
        ("DATELINE_ROUTES", "{"),
        ("DATELINE_LOG_FORMAT", "xml"),
        ("DATELINE_BATCH", "0"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    done = dateline(tmp_path / "data", "status", **{name: value})
    assert done.returncode == 2
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_sources_file_is_named_with_the_entry(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[source]]\nurl = "http://a.org/feed"\noutlet = "A"\n[[source]]\nurl = 5\noutlet = "B"\n')
    done = dateline(tmp_path / "data", "run", "--sources", str(path))
    assert done.returncode == 1
    assert "source 2" in done.stderr
    assert "url" in done.stderr
