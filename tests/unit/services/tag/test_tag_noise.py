"""What is no tag: forms of address, agencies, capitals of a dateline, nouns that only look like names."""

import pytest

from services.tag.core import Tag, tag_article
from shared.dateline import find_dateline


def tags(text: str, title: str | None = None, language: str | None = "en") -> dict[str, Tag]:
    return {tag.id: tag for tag in tag_article(title, text, language)}


def test_a_form_of_address_is_no_ship() -> None:
    found = tags("The envoy, Ms Oberlin, spoke in Lisbon. Ms Oberlin left at noon.")
    assert not [tag for tag in found.values() if tag.name.startswith("Ms ")]
    assert "craft" in {tag.kind for tag in tags("The ferry MS Skarvoy left Bergen on Monday.").values()}


def test_a_dateline_names_its_place_in_small_letters_and_no_agency() -> None:
    found = tags("SKARVOY, Norway, March 3 (Fjordwire) - A ferry ran aground on Monday, the harbour of Skarvoy said.")
    assert found["name:skarvoy"].name == "Skarvoy"
    assert "name:fjordwire" not in found


def test_a_dateline_after_the_standfirst_counts_too() -> None:
    found = tags("Everybody was brought ashore.\n\nSKARVOY, Norway (Fjordwire): A ferry ran aground at Skarvoy.")
    assert found["name:skarvoy"].name == "Skarvoy"
    assert "name:fjordwire" not in found


def test_an_article_about_an_agency_keeps_it() -> None:
    assert "name:fjordwire" in tags("The agency Fjordwire was sold on Monday. Fjordwire has forty reporters.")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("SKARVOY, Norway (Fjordwire): A ferry ran aground.", True),
        ("SKARVOY, Nov. 3 (Fjordwire) -- A ferry ran aground.", True),
        ("SKARVOY — A ferry ran aground.", True),
        ("NATO said on Monday (Tuesday in Asia) that it would wait.", False),
        ("The council (which met on Monday) agreed.", False),
        ("A ferry - the third this year - ran aground.", False),
        ("", False),
    ],
)
def test_a_dateline_begins_with_a_place_in_capitals(text: str, is_one: bool) -> None:
    assert (find_dateline(text) is not None) == is_one


def test_an_office_with_its_field_is_no_part_of_a_name() -> None:
    found = tags("Water Minister Oskar Lindqvist and Commodore Ada Brandt met in Oslo. Mr Lindqvist smiled.")
    assert found["name:oskar-lindqvist"].name == "Oskar Lindqvist"
    assert "name:ada-brandt" in found


def test_nouns_in_a_short_german_title_are_no_names() -> None:
    text = "Die Notenbank hat am Montag den Zins gesenkt. Das hilft vielen Kunden, sagte die Leiterin der Bank in Wien."
    found = tag_article("Leitzins sinkt, Sparer klagen", text, None)
    assert not {tag.name for tag in found} & {"Leitzins", "Sparer"}


def test_arabic_words_that_share_their_letters_with_a_city_are_no_city() -> None:
    found = tags("افتتحت مدينة صغيرة ثلاث رياض أطفال بلا مراسم.", language="ar")
    assert not {"place:madinah", "place:riyadh", "place:jerusalem"} & found.keys()
    assert {"place:riyadh", "place:madinah"} <= tags("سافر الوزير من الرياض إلى المدينة المنورة.", language="ar").keys()


def test_a_ship_that_bears_a_presidents_name_is_not_he() -> None:
    assert "name:omar-bashir" not in tags("The sand carrier struck the launch near Dhaka. The master of the Al-Bashir was held.")
    assert "name:omar-bashir" in tags("Sudan's ruler Omar al-Bashir spoke in Khartoum. Mr al-Bashir promised peace.")
