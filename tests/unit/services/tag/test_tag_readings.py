"""What a name means is decided by what stands beside it."""

import pytest

from services.tag.core import tag_article


def ids(title: str, language: str | None = "en") -> set[str]:
    """The ids of a headline's tags."""
    return {tag.id for tag in tag_article(title, None, language)}


@pytest.mark.parametrize(
    ("title", "wanted", "unwanted"),
    [
        ("Washington urges restraint", "country:US", "place:washington"),
        ("Two die in a fire in Washington", "place:washington", ""),
        ("Moscow denies the report", "country:RU", "place:moscow"),
        ("A court in Moscow denies bail", "place:moscow", ""),
        ("Paris, Texas, is hit by a tornado", "place:texas-us", "place:paris"),
        ("London, Ontario, elects a mayor", "place:ontario", "place:london"),
        ("Ministers meet in London, Germany says", "place:london", ""),
        ("Trains between London, Germany and Spain", "place:london", ""),
        ("A bus falls into a river near Aleppo, Syria", "place:aleppo", ""),
        ("Turkey and stuffing for twelve", "", "country:TR"),
        ("Turkey recalls its envoy", "country:TR", ""),
        ("Governor of Georgia opens a school in Atlanta", "place:georgia-us", "country:GE"),
        ("Georgia and Azerbaijan open a railway", "country:GE", "place:georgia-us"),
        ("Teachers who had walked all day came from Stoneman Douglas High School", "", "place:douglas"),
        ("Students of Montana Technical College march", "place:montana-us", ""),
        ("Rockets are fired from Gaza at Sderot", "place:gaza-strip", "name:gaza"),
        ("The Republic of the Congo holds a census", "country:CG", "country:CD"),
        ("Barcelona votes for a mayor", "place:barcelona", "place:barcelona-ve"),
    ],
)
def test_a_name_means_what_its_neighbours_say(title: str, wanted: str, unwanted: str) -> None:
    found = ids(title)
    assert not wanted or wanted in found
    assert not unwanted or unwanted not in found


def test_a_german_island_is_iceland_and_an_english_one_is_not() -> None:
    assert "country:IS" in ids("Vulkan auf Island bricht aus", "de")
    assert "country:IS" not in ids("Fire on Verde Island near Calapan")
