"""JSON lines in, JSON lines out."""

import base64

import pytest

from services.clean.core import Document, clean, clean_line, clean_raw
from services.clean.core.lines import from_json, to_json
from shared.stage import Reject

TEXT = "The new bridge over the Alder was opened on Tuesday after nine years of work, the mayor said in the rain. " * 3
PAGE = f"<html lang=en><head><meta property=article:published_time content=2021-03-04T05:06:07Z></head><h1>Bridge opened</h1><p>{TEXT}</p>"


def test_the_three_ways_to_give_a_document_agree() -> None:
    packed = base64.b64encode(PAGE.encode()).decode()
    by_html = clean_line({"id": 7, "html": PAGE})
    by_bytes = clean_line({"id": 7, "body_b64": packed, "content_type": "text/html"})
    assert by_html == by_bytes
    assert by_html["id"] == 7
    assert by_html["published"] == "2021-03-04T05:06:07+00:00"
    assert by_html["published_provenance"] == "meta"
    assert clean_line({"id": 8, "text": f"Bridge Over The Alder\n\n{TEXT}"})["title"] == "Bridge Over The Alder"


def test_what_goes_through_json_comes_back_the_same() -> None:
    cleaned = clean(Document(text=PAGE, content_type="text/html"))
    assert from_json(to_json(cleaned)) == cleaned
    assert from_json(clean_raw(PAGE.encode(), content_type="text/html")) == cleaned


def test_an_event_page_comes_back_the_same() -> None:
    page = (
        "### [2015-03-04](/n)\n\n# A bridge\n\n### Source:\n\n1. [Post](http://a.test/b)\n\n"
        "### Related:\n\n1. [C](/news/2015/05/4/c.md) _Context: D, E_\n"
    )
    cleaned = clean(Document(text=page))
    assert from_json(to_json(cleaned)) == cleaned


@pytest.mark.parametrize(
    "record", [{"id": 1}, {"id": 1, "html": 5}, {"id": 1, "body_b64": "not base64!"}, {"id": 1, "text": TEXT, "fetched_at": "yesterday"}]
)
def test_a_line_that_names_no_document_is_refused(record: dict[str, object]) -> None:
    with pytest.raises(Reject, match="line_malformed"):
        clean_line(record)
