"""The reference documents beside the repository, tagged as they come."""

from pathlib import Path

import pytest

from services.tag.core import Tag, tag_article

SEEDS = Path(__file__).parents[5] / "shared" / "seeds"


def tags(number: str) -> dict[str, Tag]:
    """The tags of one document by id."""
    found = sorted(SEEDS.glob(f"{number}_*.txt"))
    if not found:
        pytest.skip("the reference documents stand beside the repository, in ../shared/seeds: not here")
    return {tag.id: tag for tag in tag_article("", found[0].read_text("utf-8"), "en")}


@pytest.mark.parametrize("number", ["001", "002", "003", "004"])
def test_all_name_the_city_the_countries_the_minister_and_the_war(number: str) -> None:
    found = tags(number)
    assert {"place:aleppo", "country:RU", "country:SY", "name:sergei-shoigu"} <= set(found)
    if number != "004":  # its masthead is of another country, and is gone once cleaned
        assert "topic:syrian-civil-war" in found


def test_the_two_ministers_stay_two() -> None:
    found = tags("004")
    assert {"name:sergei-shoigu", "name:sergei-lavrov"} <= set(found)
    assert not any("lavrov" in surface.lower() for surface in found["name:sergei-shoigu"].surfaces)


@pytest.mark.parametrize("number", ["003", "004"])
def test_the_front_is_one_tag(number: str) -> None:
    assert [tag for tag in tags(number) if "nusra" in tag] == ["org:al-nusra"]
