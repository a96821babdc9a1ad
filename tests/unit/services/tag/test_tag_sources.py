"""Lines of added concepts: what is taken in, what is refused and why, and which surfaces of strangers stand for something."""

import json
from typing import Any

import pytest

from services.tag.core.sources import MAX_LINE, BadConcept, from_line, id_of, is_telling, to_line


def line(**fields: Any) -> str:
    return json.dumps({"kind": "organisation", "name": "Harbour Trust"} | fields)


def test_a_line_goes_out_as_it_came_in() -> None:
    concept, surfaces = from_line(line(surfaces=["HT", "ru:Портовый фонд"], parent="country:PT", flags="w"))
    assert (concept.id, concept.parent, concept.flags) == ("name:harbour-trust", "country:PT", "w")
    assert surfaces == ["Harbour Trust", "HT", "ru:Портовый фонд"]
    assert from_line(to_line(concept, surfaces)) == (concept, surfaces)


def test_an_id_is_the_one_that_articles_give_the_name() -> None:
    assert id_of("Sergey Shoigu") == id_of("Sergei Shoigu") == "name:sergei-shoigu"
    assert id_of("…") == ""


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("{", "no JSON"),
        ("[1]", "no JSON object"),
        ("[" * 50_000, "no JSON"),
        (line(kind="planet"), "kind 'planet'"),
        (line(kind=3), "kind is no text"),
        (line(name="…"), "without a letter"),
        (line(id="not an id"), "is no id"),
        (line(parent="x"), "is no id"),
        (line(flags="z"), "flags 'z'"),
        (line(surfaces="HT"), "no list of texts"),
        (line(surfaces=[1]), "no list of texts"),
        (line(name="x" * MAX_LINE), "longer than"),
    ],
)
def test_a_line_that_is_no_concept_is_refused_with_the_reason(wrong: str, why: str) -> None:
    with pytest.raises(BadConcept, match=why):
        from_line(wrong)


def test_invisible_characters_and_overlong_surfaces_are_left_out() -> None:
    _, surfaces = from_line(line(name="Harbour\tTrust\u202e", surfaces=["a|b", "y" * 500, "\u0007", "Harbour  Trust"]))
    assert surfaces == ["Harbour Trust"]


@pytest.mark.parametrize("surface", ["Harbour Trust", "HT", "Trust of the Harbour", "港口信託", "Société du Port"])
def test_proper_names_and_acronyms_tell(surface: str) -> None:
    assert is_telling(surface)


@pytest.mark.parametrize("surface", ["", "2016", "the president", "Target", "The And", "Monday", "of Harbour", "x " * 20])
def test_common_words_and_what_stands_in_lower_case_do_not(surface: str) -> None:
    assert not is_telling(surface)
    assert is_telling("Zurbagan", bare=True)
