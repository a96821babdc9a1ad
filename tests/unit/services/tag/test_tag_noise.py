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


def test_who_wrote_and_photographed_is_no_subject() -> None:
    text = "By Ida Holm and Per Lund\n\nThe harbour of Norrland closes. NORDPHOTO/Karl Berg\n\nTell @AnnaHolm about #NorrlandHarbour."
    found = {tag.name for tag in tag_article("Harbour closes", text, "en")}
    assert not found & {"Ida Holm", "Per Lund", "Karl Berg", "AnnaHolm", "NorrlandHarbour"}


def test_words_that_lost_their_blank_are_no_name() -> None:
    text = "The mayor, Ingrid Lindqvist, spoke. Ingrid LindqvistMayor says no. Karl BergAnna too."
    found = {tag.name for tag in tag_article("Mayor speaks", text, "en")}
    assert "Ingrid Lindqvist" in found
    assert not any("LindqvistMayor" in one or "BergAnna" in one for one in found)


def test_an_outlet_that_is_only_quoted_is_no_subject() -> None:
    quoted = tag_article("Harbour closes", "The port of Oslo will close, an official told Reuters on Monday.", "en")
    assert "Reuters" not in {tag.name for tag in quoted}
    assert "Reuters" in {tag.name for tag in tag_article("Reuters opens an office in Oslo", "The agency moves in.", "en")}


def test_streets_and_figures_of_speech_are_no_places_and_disasters() -> None:
    found = {tag.name for tag in tag_article("Shops close", "A flood of complaints reached the shops on Pennsylvania Avenue.", "en")}
    assert not found & {"flood", "Pennsylvania"}
    assert "flood" in {tag.name for tag in tag_article("", "A flood of the Elbe reaches Dresden.", "en")}


def test_what_the_tables_leave_of_a_name_is_no_name() -> None:
    text = "She said that Zorblatt Reuters and the School District agreed. Harald Lund Isn't Leaving."
    found = {tag.name for tag in tag_article("", text, "en")}
    assert not found & {"Zorblatt", "School District", "Harald Lund Isn't Leaving"}


def test_a_trade_before_an_unknown_given_name_is_no_part_of_it() -> None:
    found = {tag.name for tag in tag_article("", "Beekeeper Ottilie Gance sold her hives. Baker Rosamund Clegg bought them.", "en")}
    assert {"Ottilie Gance", "Rosamund Clegg"} <= found
    assert "Nick Clegg" not in found


def test_a_name_of_one_word_in_passing_is_no_subject() -> None:
    text = "The harbour closes. " + "Ships wait in the bay and crews go ashore. " * 20 + "A cook called Zorblatt sings."
    assert "Zorblatt" not in {tag.name for tag in tag_article("Harbour closes", text, "en")}
