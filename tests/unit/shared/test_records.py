"""The contract with readers: its JSON Schema says what is new, and what was written before it is still read."""

import json
from datetime import UTC, date, datetime
from typing import Any

from shared.records import PAGE, EventPage

OLD: dict[str, Any] = {
    "version": 1,
    "page": "event",
    "id": 17,
    "path": "/news/2031/05/14/ferry-sails-again-17",
    "headline": "Ferry sails again",
    "date": "2031-05-14",
    "date_provenance": "jsonld",
    "date_confidence": "stated",
    "image": {"text": "The quay", "outlet": "Alder Post", "url": "https://alderpost.test/quay.jpg"},
    "articles": [{"id": 1, "title": "Ferry sails again", "url": None, "outlet": "Alder Post", "published_provenance": "jsonld"}],
    "outlets": 1,
    "independent": 1,
    "issued_at": "2031-05-14T12:00:00Z",
}


def test_a_record_that_was_written_before_confidences_is_still_read() -> None:
    page = PAGE.validate_json(json.dumps(OLD))
    assert isinstance(page, EventPage)
    assert (page.date, page.issued_at) == (date(2031, 5, 14), datetime(2031, 5, 14, 12, tzinfo=UTC))
    article = page.articles[0]
    assert (article.published_confidence, article.paywalled, article.section, article.keywords) == (None, False, None, ())
    assert page.image is not None
    assert (page.image.text, page.image.credit, page.image.width) == ("The quay", None, None)


def test_the_schema_knows_what_is_shown_and_demands_nothing_new_of_old_records() -> None:
    schemas = PAGE.json_schema()["$defs"]
    article, image = schemas["Article"], schemas["Image"]
    new = {"published_confidence", "title_confidence", "authors_confidence", "paywalled", "section", "keywords"}
    assert new <= set(article["properties"])
    assert not new & set(article["required"])
    assert set(image["required"]) == {"text", "outlet"}
    assert {"credit", "width", "height"} <= set(image["properties"])


def test_what_is_written_is_read_as_the_same() -> None:
    page = PAGE.validate_python(
        OLD | {"image": OLD["image"] | {"credit": "Ann Archer", "width": 800, "height": 600}, "changes": ("Ferry lies still",)}
    )
    assert PAGE.validate_json(page.model_dump_json()) == page
