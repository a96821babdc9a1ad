"""Pages of our own for every kind of page and text, each with the expected result beside it: `pages/NAME.html` and `pages/NAME.json`.

A JSON file says `what` the page is for, how it is given (`document`: what goes into `Document`, and `encoding`, in which the file,
kept as UTF-8, is sent) and what is `expected`: values of the answer of `dateline stage clean` (`text` as a list of paragraphs,
`markdown` as a list of lines), `error` for a refusal, or, where a paragraph's place is not the point, `contains` and `lacks` (strings of
the text) and `joined` (the text, whatever its breaks).
"""

import json
from pathlib import Path
from typing import Any

import pytest

from services.clean.core import Document, clean
from services.clean.core.lines import to_json
from shared.stage import Reject

PAGES = Path(__file__).parent / "pages"
NAMES = sorted(path.stem for path in PAGES.glob("*.json"))


def told(name: str) -> dict[str, Any]:
    """What is expected of a page, and how it is given."""
    found: dict[str, Any] = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def document(name: str, given: dict[str, Any]) -> Document:
    """The page as it is received. A byte order mark comes with UTF-16 alone."""
    source = next(path for path in PAGES.glob(f"{name}.*") if path.suffix != ".json").read_bytes().decode("utf-8")
    known = {key: value for key, value in given.items() if key != "encoding"}
    return Document(body=source.encode(given.get("encoding", "utf-8")), **known)


def outcome(given: Document) -> dict[str, Any]:
    """The answer as JSON, or the class of the refusal."""
    try:
        return to_json(clean(given))
    except Reject as refusal:
        return {"error": refusal.error_class}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_comes_out_as_is_written_beside_it(name: str) -> None:
    page = told(name)
    expected, found = page["expected"], outcome(document(name, page["document"]))
    assert ("error" in expected, expected.get("error")) == ("error" in found, found.get("error")), page["what"]
    text = found.pop("text", "")
    if "text" in expected:
        assert text.split("\n\n") == expected.pop("text"), page["what"]
    if "markdown" in expected:
        assert found["markdown"].split("\n") == expected.pop("markdown"), page["what"]
    if "joined" in expected:
        assert text.split() == " ".join(expected.pop("joined")).split(), page["what"]
    assert [one for one in expected.pop("contains", ()) if one not in text] == [], page["what"]
    assert [one for one in expected.pop("lacks", ()) if one in text] == [], page["what"]
    assert {key: found.get(key) for key in expected} == expected, page["what"]


def test_there_is_a_page_for_each_json_and_a_json_for_each_page() -> None:
    assert len(NAMES) > 60
    assert sorted(path.stem for path in PAGES.iterdir() if path.suffix != ".json") == NAMES
