"""`dateline events`: each command as somebody types it, in a data folder where no stack runs."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select
from stack import dateline, running, wait_for

from services.cli.main import main
from shared.db import make_engine, reading
from shared.models import CorrectedPair

QUAKE = (
    "The quake of magnitude 6.4 struck near Tolvane at 04:12 and brought down part of the covered market, governor Ilse Marquand said. "
    "Rescue teams from Brenhold searched the rubble with dogs; eleven people were pulled out alive. Schools in Tolvane stay shut."
)
AGAIN = (
    "Eleven people were pulled alive from the rubble of the covered market in Tolvane, hours after a quake of magnitude 6.4. Governor "
    "Ilse Marquand thanked the teams from Brenhold and their dogs. Trains to Tolvane run again from Thursday."
)
REGATTA = (
    "The yacht Peregrine won the regatta of Sant Elmo by nine seconds after skipper Dario Conti took a risky line past the mole. "
    "Conti said that the wind had turned in the last minute, and that his crew of six had seen it first."
)
SAID = (
    (QUAKE, "Quake of 6.4 brings down covered market in Tolvane"),
    (AGAIN, "Tolvane quake: eleven pulled out of market"),
    (REGATTA, "Peregrine wins Sant Elmo regatta"),
)


class Desk:
    """Types commands."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def type(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["--data", str(self.data), *words])

    def decide(self, *words: str) -> str:
        """A command that must go well; what it says."""
        done = self.type("events", *words, "--who", "Ada", "--why", "as the mayor told us")
        assert done.exit_code == 0, done.output
        return done.output

    def told(self, *words: str) -> Any:
        done = self.type("events", *words, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def of(self, start: str) -> int:
        """The event with an article whose title starts so."""
        stories = [self.told("show", str(one["id"])) for one in self.told("list")]
        return int(next(one["id"] for one in stories if any(said["title"].startswith(start) for said in one["articles"])))

    def articles(self, event: int) -> dict[str, int]:
        return {one["title"].split()[0]: one["id"] for one in self.told("show", str(event))["articles"]}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    lines = [{"url": f"http://outlet{at}.test/news/{at}", "html": page(title, text)} for at, (text, title) in enumerate(SAID)]
    file = tmp_path / "three.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in lines))
    made = Desk(tmp_path / "data")
    deadline = time.monotonic() + 60
    while sum(one["articles"] for one in made.told("list")) < len(SAID):  # a busy machine may put one off
        assert time.monotonic() < deadline
        # In a process of its own, since parsers are started for it.
        done = dateline(made.data, "add", str(file))
        assert done.returncode == 0, done.stderr
    return made


def page(title: str, text: str) -> str:
    meta = '<meta property="article:published_time" content="2031-03-04T12:00:00Z">'
    return f"<html><head><title>{title}</title>{meta}</head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"


def test_every_edge_is_explained(desk: Desk) -> None:
    story = desk.told("show", str(desk.of("Quake")))
    assert len(story["articles"]) == 2
    [edge] = story["edges"]
    assert edge["score"] > 0.3
    assert edge["rules"]
    assert edge["within"]
    assert {"name", "detail", "weight"} == edge["reasons"][0].keys()
    assert edge["said"]["for"][0].startswith("titles and first words are")
    assert "Brenhold, dogs" in edge["said"]["for"][0]  # as they are written, not their stems
    assert "both give the figures 6.4" in edge["said"]["for"]
    page = desk.type("events", "show", str(story["id"])).output
    assert f"{edge['a']} outlet0.test – {edge['b']} outlet1.test: {edge['score']:.2f}" in page
    assert all(f"  + {said}" in page for said in edge["said"]["for"])
    lonely = desk.of("Peregrine")
    assert "no edges between its articles; --outside" in desk.type("events", "show", str(lonely)).output
    assert desk.type("events", "show", "999").exit_code == 1


def test_merge_undo_and_what_is_exported(desk: Desk) -> None:
    quake, regatta = desk.of("Quake"), desk.of("Peregrine")
    assert f"event {regatta}: articles" in desk.decide("merge", str(regatta), str(quake))
    assert [one["id"] for one in desk.told("list")] == [regatta]
    assert desk.told("show", str(quake))["merged_into"] == regatta
    story = desk.told("show", str(regatta))
    assert [edge["decided"] for edge in story["edges"]].count({"1": "merge"}) == 2
    assert [(one["who"], one["why"], one["same"]) for one in story["corrections"]] == [("Ada", "as the mayor told us", 2)]
    lines = [json.loads(line) for line in desk.type("events", "pairs", "--texts").stdout.splitlines()]
    assert [(one["label"], one["who"], one["kind"]) for one in lines] == [("same", "Ada", "merge")] * 2
    assert all(one[side]["title"] and one[side]["text"] and one[side]["url"] for one in lines for side in ("a", "b"))
    desk.decide("undo", "1")
    assert desk.of("Peregrine") != desk.of("Quake")
    assert desk.type("events", "pairs").stdout == ""
    assert desk.told("corrections") == []
    [undone] = desk.told("corrections", "--all")
    assert (undone["undone_by"], undone["undone_why"]) == ("Ada", "as the mayor told us")
    assert desk.type("events", "undo", "1", "--why", "again").exit_code == 1


def test_split_forbid_and_a_contradiction(desk: Desk) -> None:
    quake = desk.of("Quake")
    articles = desk.articles(quake)
    desk.decide("split", str(quake), str(articles["Tolvane"]))
    assert desk.of("Tolvane") != desk.of("Quake")
    refused = desk.type("events", "merge", str(desk.of("Tolvane")), str(desk.of("Quake")), "--why", "no")
    assert refused.exit_code == 1
    assert "correction_contradicts" in refused.output
    assert "correction 1 (split by Ada" in refused.output
    desk.decide("forbid", str(desk.of("Peregrine")), "http://outlet0.test/news/0")
    assert [one["different"] for one in desk.told("corrections")] == [1, 1]
    labelled = [json.loads(line) for line in desk.type("events", "pairs").stdout.splitlines()]
    read = {(one["a"]["key"], one["b"]["key"], one["label"] == "same") for one in labelled}
    engine = make_engine(f"sqlite:///{desk.data / 'dateline.db'}")
    with reading(engine) as session:  # what is exported says again what was decided
        assert read == {(pair.a, pair.b, pair.together) for pair in session.exec(select(CorrectedPair))}
        assert len(read) == 2
    engine.dispose()
    for wrong in (("split", str(desk.of("Quake")), "http://outlet2.test/news/2"), ("forbid", "1", "1"), ("merge", "1")):
        assert desk.type("events", *wrong, "--why", "no").exit_code == 2, wrong


def test_pin_fixes_what_an_event_says(desk: Desk) -> None:
    quake = desk.of("Quake")
    desk.decide("pin", str(quake), "--headline", "Market falls in Tolvane", "--date", "2031-03-03")
    [line] = [one for one in desk.told("list") if one["id"] == quake]
    assert (line["headline"], line["date"], line["fixed"]) == ("Market falls in Tolvane", "2031-03-03", "date, headline")
    desk.decide("pin", str(quake))
    assert [(one["kind"], one["same"]) for one in desk.told("show", str(quake))["corrections"]] == [("pin", 0), ("pin", 1)]
    out = desk.data.parent / "site"
    assert desk.type("publish", str(out)).exit_code == 0
    [html] = (out / "news/2031/03/03").glob("market-falls*.html")
    assert "Decided by people" in html.read_text()
    assert "as the mayor told us" in html.with_suffix(".md").read_text()
    trace = desk.type("trace", "http://outlet0.test/news/0").output
    assert "edit" in trace


def test_a_running_stack_obeys_and_shows_it_at_once(desk: Desk) -> None:
    quake, regatta = desk.of("Quake"), desk.of("Peregrine")
    with running(desk.data, "--no-sample") as stack:
        done = dateline(desk.data, "events", "merge", str(regatta), str(quake), "--who", "Ada", "--why", "one and the same evening")
        assert done.returncode == 0, done.stderr
        assert f"event {regatta}: articles" in done.stdout
        [line] = json.loads(dateline(desk.data, "events", "list", "--json").stdout)
        assert line["id"] == regatta
        wait_for(f"{stack['site'].rstrip('/')}/news/2031/03/04/{regatta}", "one and the same evening")
