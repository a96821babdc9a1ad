"""Whole sets of articles: any order, the same events; the reference documents; copies and quotes."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from link_samples import ALL, FERRY, NOON, features

from services.link.core.closedset import link
from services.link.core.stream import copies_line, link_lines
from shared.features import make_features

STREAM = Path(__file__).parents[5] / "shared" / "bench" / "link" / "dev_stream.jsonl.gz"
NAMES = sorted(ALL)


def line(name: str) -> dict[str, Any]:
    title, text, hours = ALL[name]
    return {"id": name, "title": title, "text": text, "date": f"2031-03-04T{12 + hours}:00:00Z"}


def partition(answers: list[dict[str, Any]]) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for answer in answers:
        groups.setdefault(answer["event"], set()).add(answer["id"])
    return {frozenset(group) for group in groups.values()}


@given(st.permutations(NAMES), st.sets(st.sampled_from(NAMES)))
def test_any_order_gives_the_same_events(order: list[str], undated: set[str]) -> None:
    found = link([features(name, dated=name not in undated) for name in order])
    groups = {frozenset(order[at] for at in group) for group in found.groups}
    assert groups == {frozenset(FERRY), *(frozenset({name}) for name in ALL if name not in FERRY)}


def test_a_slice_of_the_open_stream_gives_the_same_events_in_any_order() -> None:
    if not STREAM.exists():
        pytest.skip("../shared/bench/link is absent")
    with gzip.open(STREAM, "rt", encoding="utf-8") as lines:
        records = [json.loads(one) for one, _ in zip(lines, range(250), strict=False)]
    plain = list(link_lines(records))
    for seed in range(3):
        shuffled = random.Random(seed).sample(records, len(records))
        assert partition(list(link_lines(shuffled))) == partition(plain)


def test_lines_name_the_event_by_its_earliest_article_and_the_copy_by_its_origin() -> None:
    found = {answer["id"]: answer for answer in link_lines([line(name) for name in reversed(NAMES)])}
    assert {found[name]["event"] for name in FERRY} == {"ferry_wire"}
    assert found["ferry_copy"]["copy_of"] == "ferry_wire"
    assert found["ferry_paper"]["copy_of"] is None
    assert found["ferry_paper"]["reasons"]
    assert found["bridge"]["event"] == "bridge"
    assert found["bridge"]["reasons"] == []


def test_a_bad_line_is_answered_in_its_place_and_the_rest_go_on() -> None:
    found = list(link_lines([line("bridge"), {"id": 5, "title": "x", "date": "last Tuesday"}, {"id": 6, "tags": [1]}, line("vote")]))
    assert [answer["id"] for answer in found] == ["bridge", 5, 6, "vote"]
    assert [answer.get("error", {}).get("class") for answer in found] == [None, "line_malformed", "line_malformed", None]


def test_a_quoted_paragraph_makes_no_copy() -> None:
    wire = ALL["ferry_wire"][1]
    quoting = (
        "What went wrong on the bridge of the ferry? Our reporter went through the harbour's log of the night. The pilot had asked for a "
        "second tug at ten past four, and none was free. A retired officer of the line calls the crossing in winter a lottery. "
        + wire.split(". ")[0]
        + ". The union wants fog rules as strict as those of the airports, and points to three near misses since the new timetable began."
    )
    assert copies_line({"pair": 1, "a": {"text": wire}, "b": {"text": quoting}}) == {"pair": 1, "copy": False}
    cut = wire.rsplit(". ", 1)[0].replace("thick fog", "dense fog")
    assert copies_line({"pair": 2, "a": {"text": wire}, "b": {"text": "(Norwire) " + cut}})["copy"]


def test_nothing_and_everything_empty_is_filed() -> None:
    assert link([]).groups == []
    empty = [make_features(title=None, text=None) for _ in range(50)]
    assert len(link(empty).groups) == 50


def test_where_most_have_mates_a_weaker_likeness_will_do() -> None:
    lonely = [features(name) for name in ("ferry_wire", "other_ferry")]
    told = [" ".join(f"{part}{at}" for part in ("kel", "mor", "tal", "ved", "sur", "pim", "dak", "lon")) for at in range(120)]
    singles = [make_features(title=words, text=words, published=NOON) for words in told]
    twins = [make_features(title=words, text=words, published=NOON) for words in told[:60] for _ in range(2)]
    sparse, dense = ({group for group in link([*lonely, *rest]).groups if min(group) < 2} for rest in (singles, twins))
    assert sparse == {frozenset({0}), frozenset({1})}
    assert dense == {frozenset({0, 1})}


def test_many_identical_articles_are_compared_once() -> None:
    same = [features("ferry_wire") for _ in range(200)]
    found = link([*same, features("ferry_paper")])
    assert found.groups == [frozenset(range(201))]
    assert len(found.edges) == 200
