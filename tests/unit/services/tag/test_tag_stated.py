"""The tags that an event page states: targets of wiki links as concepts. All sentences are invented."""

import pytest

from services.tag.core import MAX_TAGS, built_in, tag_article
from services.tag.core.stated import concept_of, with_stated


@pytest.mark.parametrize(
    ("target", "id_"),
    [
        ("Iceland", "country:IS"),
        ("European Central Bank", "org:ecb"),
        ("Georgia (country)", "country:GE"),
        ("Georgia (U.S. state)", "place:georgia-us"),
        ("Washington, D.C.", "place:washington"),
        ("Paris, France", "place:paris"),
        ("Paris, Texas", "name:paris-texas"),  # the tables know another one
        ("Velda, Iceland", "name:velda"),
        ("Velda (town)", "name:velda"),
        ("2026 Velda earthquake", "event:2026-velda-earthquake"),
        ("Sergey Shoygu Bridge", "name:sergei-shoygu-bridge"),
    ],
)
def test_a_target_is_the_concept_that_articles_name(target: str, id_: str) -> None:
    found = concept_of(target, built_in())
    assert found is not None
    assert found.id == id_


@pytest.mark.parametrize("target", ["", "()", "…", "(disambiguation)"])
def test_a_target_without_a_word_is_none(target: str) -> None:
    assert concept_of(target, built_in()) is None


def test_a_page_and_an_article_meet_in_a_name_that_no_table_has() -> None:
    article = tag_article("Ferry sinks", "The ferry Shonar Tori sank on Monday, and with the Shonar Tori its crew.")
    page = with_stated((), [("Shonar Tori", "the launch")])
    assert {tag.id for tag in page} <= {tag.id for tag in article}


def test_a_surface_says_how_a_concept_is_called_and_teaches_nothing_else() -> None:
    (tag,) = with_stated((), [("Iceland", "the island"), ("Iceland", "Icelandic"), ("Iceland", "the island")])
    assert (tag.id, tag.name, tag.surfaces, tag.count) == ("country:IS", "Iceland", ("the island", "Icelandic"), 3)
    assert tag_article(None, "They came to the island.") == ()


def test_stated_tags_stand_beside_those_of_the_text_and_weigh_at_least_as_much() -> None:
    text = tag_article("Ministers of Iceland meet", "Ministers of Iceland met on Monday in Reykjavik.")
    both = {tag.id: tag for tag in with_stated(text, [("Reykjavík", "Reykjavik"), ("Althing", "parliament")])}
    before = {tag.id: tag for tag in text}
    assert before.keys() < both.keys()
    assert all(both[name].weight >= tag.weight for name, tag in before.items())
    assert both["name:althing"].surfaces == ("parliament",)
    assert len(with_stated(text, [(f"Velda {number}", "x") for number in range(90)])) == MAX_TAGS
