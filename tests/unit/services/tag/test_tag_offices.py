"""Offices are named with their countries, and say whom a bare surname means at the time."""

from datetime import date
from typing import Any

import pytest

from services.tag.core import Tag, built_in, tag_article, tag_line
from services.tag.core.offices import relations, terms


def tags(title: str, published: date | None = None) -> dict[str, Tag]:
    """A headline's tags by id."""
    return {tag.id: tag for tag in tag_article(title, None, "en", published=published)}


@pytest.mark.parametrize(
    ("title", "office"),
    [
        ("Turkish president opens a bridge", "office:tr-president"),
        ("The Prime Minister of Norway resigns", "office:no-prime-minister"),
        ("Russian Defence Minister visits the coast", "office:ru-defence-minister"),
        ("The President of the United States lands", "topic:us-president"),
    ],
)
def test_an_office_is_named_with_its_country(title: str, office: str) -> None:
    assert office in tags(title)


def test_a_bare_surname_is_who_was_in_office() -> None:
    title = "Abe dissolves Japan's lower house"
    assert "name:shinzo-abe" in tags(title, date(2017, 9, 28))
    assert "name:shinzo-abe" not in tags(title, date(2002, 9, 28))
    assert "name:shinzo-abe" not in tags(title)
    assert "name:shinzo-abe" not in tags("Abe opens a bakery in Lyon", date(2017, 9, 28))  # nothing speaks of Japan


def test_a_family_name_that_stands_first_counts() -> None:
    assert "name:park-geun-hye" in tags("South Korean prosecutors question President Park", date(2016, 12, 1))


def test_the_article_s_own_person_goes_before_the_office() -> None:
    found = tags("Hiroshi Abe beats Japan's champion; Abe had trained in secret", date(2017, 9, 28))
    assert "name:hiroshi-abe" in found
    assert "name:shinzo-abe" not in found


def test_who_held_an_office_then_is_a_relation() -> None:
    shoigu = built_in().concepts["name:sergei-shoigu"]
    assert ("holds", "office:ru-defence-minister") in relations(shoigu, date(2016, 7, 28))
    assert ("holds", "office:ru-defence-minister") not in relations(shoigu, date(2025, 7, 28))
    assert list(relations(shoigu, None)) == [("in", "country:RU")]


def test_a_line_tells_relations_and_other_surfaces() -> None:
    line: Any = tag_line({"id": 1, "title": "Shoigu speaks of corridors in Aleppo", "date": "2016-07-28T09:00:00Z"})
    found = {tag["id"]: tag for tag in line["tags"]}
    assert ["in", "country:SY"] in found["place:aleppo"]["relations"]
    assert ["holds", "office:ru-defence-minister"] in found["name:sergei-shoigu"]["relations"]
    assert found["place:aleppo"]["surfaces"][0] == "Aleppo"
    assert {"Alep", "阿勒颇"} <= set(found["place:aleppo"]["surfaces"])


@pytest.mark.parametrize("written", ["", "yesterday", "2016-13-45", None, 20160728])
def test_a_date_that_is_none_is_no_date(written: object) -> None:
    line: Any = tag_line({"id": 1, "title": "Police search Paris for gunmen", "date": written})
    assert {tag["id"] for tag in line["tags"]} >= {"place:paris"}


def test_every_term_in_the_tables_can_be_read() -> None:
    holders = [one for one in built_in().concepts.values() if "o=" in one.flags and one.kind == "person"]
    assert len(holders) > 200
    for one in holders:
        for term in terms(one.flags):
            assert term.office
            assert term.until is None or term.since <= term.until, one.id


def test_states_and_towns_have_their_offices() -> None:
    names = {tag.name for tag in tag_article("A new Mayor of London meets Texas Governor Greg Abbott", None, "en")}
    assert {"Mayor of London", "Governor of Texas", "London", "Texas"} <= names


def test_a_pattern_finds_the_institution_of_the_tables() -> None:
    ids = {tag.id for tag in tag_article("Pakistan's Supreme Court rules", None, "en")}
    assert "org:supreme-court-of-pakistan" in ids
