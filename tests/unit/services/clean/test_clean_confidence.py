"""How sure a value is: what agrees makes it surer, what contradicts less sure, and what was made up is hardly believed."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.clean.core import Cleaned, Document, clean, clean_line
from shared.confidence import in_words

TEXT = "The ferry to Skarholm sails again after the harbour was dredged for nine weeks, the harbour office said in the rain. " * 4
HEADLINE = "Ferry to Skarholm sails again"
URL = "https://alderpost.test/2021/03/04/ferry"


def page(*, head: str = "", ld: dict[str, Any] | None = None, h1: str = HEADLINE, url: str | None = None, **facts: Any) -> Cleaned:
    data = {"@type": "NewsArticle", **ld} if ld is not None else None
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>' if data else ""
    html = f"<html lang=en><head>{head}{script}</head><body><article><h1>{h1}</h1><p>{TEXT}</p><p>{TEXT}</p></article></body></html>"
    return clean(Document(text=html, content_type="text/html", url=url, **facts))


OG = f'<meta property="og:title" content="{HEADLINE}">'
DATE = '<meta property="article:published_time" content="{}T06:00:00Z">'


def test_a_title_is_the_surer_the_more_places_state_it() -> None:
    assert page(head=OG, ld={"headline": HEADLINE}).confidence["title"] == 0.99
    assert page(head=OG).confidence["title"] == 0.99
    assert page().confidence["title"] == 0.85
    other = page(head='<meta property="og:title" content="Nine weeks of dredging end">', ld={"headline": "Skarholm: boats are back"})
    assert other.confidence["title"] == 0.7


@pytest.mark.parametrize(
    ("head", "ld", "url", "sure"),
    [
        (DATE.format("2021-03-04"), {"datePublished": "2021-03-04T07:00:00+01:00"}, None, 0.99),
        ("", {"datePublished": "2021-03-04T07:00:00+01:00"}, URL, 0.99),
        ("", {"datePublished": "2021-03-04"}, None, 0.95),
        (DATE.format("2021-03-01"), {"datePublished": "2021-03-04"}, URL, 0.85),
        (DATE.format("2021-03-01"), {"datePublished": "2021-03-04"}, None, 0.7),
        ("", None, URL, 0.7),
    ],
)
def test_a_date_is_the_surer_the_more_places_state_its_day(head: str, ld: dict[str, Any] | None, url: str | None, sure: float) -> None:
    assert page(head=head, ld=ld, url=url).confidence["published"] == sure


def test_a_feed_confirms_a_day_and_is_not_sure_alone() -> None:
    day = datetime(2021, 3, 4, 9, tzinfo=UTC)
    assert page(feed_published=day).confidence["published"] == 0.7
    assert page(feed_published=day, url=URL).confidence["published"] == 0.99


def test_authors_are_surer_where_both_statements_name_them_and_less_where_nobody_signs() -> None:
    ann = {"author": {"@type": "Person", "name": "Ann Archer"}}
    assert page(head='<meta name="author" content="Ann Archer">', ld=ann).confidence["authors"] == 0.99
    assert page(ld=ann).confidence["authors"] == 0.95
    assert page(head='<meta name="author" content="Ben Bower">', ld=ann).confidence["authors"] == 0.7
    assert page(ld={"author": {"@type": "Organization", "name": "Reuters"}}).confidence["authors"] == 0.7


def test_a_language_that_the_words_bear_out_is_sure_and_one_they_refute_is_replaced() -> None:
    found = page()
    assert (found.language, found.confidence["language"]) == ("en", 0.99)
    german = clean(Document(text=f"<html lang=de><h1>{HEADLINE}</h1><p>{TEXT}</p><p>{TEXT}</p>", content_type="text/html"))
    assert (german.language, german.language_declared, german.confidence["language"]) == ("en", "de", 0.85)


def test_a_title_made_up_from_the_text_is_a_guess() -> None:
    found = clean(Document(text=TEXT))
    assert (found.provenance["title"], found.confidence["title"]) == ("derived", 0.3)
    assert in_words(found.confidence["title"]) == "a guess"


def test_each_value_with_a_provenance_has_a_confidence_in_json_too() -> None:
    told = clean_line({"html": f"<html lang=en>{OG}<h1>{HEADLINE}</h1><p>{TEXT}</p><p>{TEXT}</p>", "url": URL})
    named = {name.removesuffix("_provenance") for name in told if name.endswith("_provenance")}
    assert named >= {"title", "published", "language"}
    assert all(0 <= told[f"{name}_confidence"] <= 1 for name in named)
