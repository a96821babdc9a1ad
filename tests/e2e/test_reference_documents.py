"""The five reference documents, given in any order, end on the pages that their readers expect."""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from stack import ROOT, dateline

SEEDS = ROOT.parent / "shared" / "seeds"
ORDERS = [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 0, 4, 1, 3), (1, 3, 0, 2, 4), (3, 1, 4, 0, 2)]

if not SEEDS.exists():
    pytest.skip("needs the folder ../shared: real documents stay out of the repository", allow_module_level=True)


def documents() -> list[Path]:
    return sorted(SEEDS.glob("[0-9]*.txt"))


def published(out: Path) -> dict[str, set[str]]:
    """Day: the outlets or titles on its event pages."""
    found: dict[str, set[str]] = {}
    for path in out.rglob("*-[0-9]*.json"):
        page = json.loads(path.read_text())
        if page["page"] == "event":
            found.setdefault(page["date"], set()).update(article["title"] for article in page["articles"])
    return found


@pytest.mark.parametrize("order", ORDERS)
def test_four_are_one_event_and_the_other_is_another(order: Sequence[int], tmp_path: Path) -> None:
    paths = documents()
    added = dateline(tmp_path / "data", "add", *(str(paths[at]) for at in order))
    assert added.returncode == 0, added.stderr
    assert dateline(tmp_path / "data", "publish", str(tmp_path / "out")).returncode == 0
    days = published(tmp_path / "out")
    assert {day: len(titles) for day, titles in days.items()} == {"2016-07-28": 4, "2016-11-02": 1}


def test_the_imported_page_keeps_what_it_cites_and_shows_no_foreign_description(tmp_path: Path) -> None:
    for path in itertools.chain(documents()):
        assert dateline(tmp_path / "data", "add", str(path)).returncode == 0
    assert dateline(tmp_path / "data", "publish", str(tmp_path / "out")).returncode == 0
    (page,) = [
        page
        for path in (tmp_path / "out" / "news" / "2016" / "07" / "28").glob("*-[0-9]*.json")
        if (page := json.loads(path.read_text()))["page"] == "event"
    ]
    assert len(page["citations"]) == 3
    assert page["outlets"] == 3
    assert page["description"] is not None
    assert page["description"]["outlet"] != "The Context"
    (imported,) = [article for article in page["articles"] if article["kind"] == "event_page"]
    assert imported["outlet"] == "The Context"
    related = {one["date"] for one in page["related"]}
    assert related == {"2016-11-02"}
