"""Names that mean different things in different articles: chambers, parties, countries and states, places beside their like."""

from datetime import date

import pytest

from services.tag.core import tag_article, tag_line


def names(text: str, day: date | None = None, title: str = "") -> set[str]:
    return {tag.name for tag in tag_article(title, text, "en", published=day)}


@pytest.mark.parametrize(
    ("text", "meant", "foreign"),
    [
        ("The president of Peru resigns after Congress opens an inquiry.", "Peruvian Congress", "United States Congress"),
        ("President Barack Obama addresses Congress on the budget.", "United States Congress", "Peruvian Congress"),
        ("In Manila, the House of Representatives of the Philippines votes.", "Philippines", "United States House of Representatives"),
        ("Delhi wakes up to a defeat of Congress in India.", "Indian National Congress", "United States Congress"),
    ],
)
def test_a_chamber_is_that_of_the_country_spoken_of(text: str, meant: str, foreign: str) -> None:
    assert meant in names(text)
    assert foreign not in names(text)


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("The Liberal Party of Justin Trudeau leads in Canada.", "org:liberal-party-of-canada"),
        ("In Australia the Liberal Party chooses Malcolm Turnbull.", "org:liberal-party-of-australia"),
        ("The Labour Party of New Zealand chooses Jacinda Ardern.", "org:new-zealand-labour-party"),
        ("A new leader takes over the Labour Party.", "org:labour-party-uk"),
    ],
)
def test_a_partys_name_means_the_one_of_the_country_spoken_of(text: str, party: str) -> None:
    assert party in {tag.id for tag in tag_article("", text, "en")}


def test_a_partys_name_means_none_in_a_country_whose_parties_are_unknown() -> None:
    assert "org:socialist-party-france" not in {tag.id for tag in tag_article("", "In Kathmandu, Nepal, the Socialist Party splits.", "en")}


def test_officials_tell_the_state_from_the_country_of_that_name() -> None:
    assert "place:georgia-us" in {tag.id for tag in tag_article("", "Georgia's governor calls out the guard in ten counties.", "en")}
    assert "country:GE" in {tag.id for tag in tag_article("", "Georgia's parliament dismisses the prime minister.", "en")}


def test_a_small_town_is_no_rival_of_a_country_of_its_name() -> None:
    assert "country:LR" in {tag.id for tag in tag_article("", "Liberia closes its schools.", "en")}


def test_a_town_that_stands_before_its_own_province_stays() -> None:
    assert {"Lac-Mégantic", "Quebec"} <= names("A train burns in Lac-Mégantic, Quebec.")
    assert "place:paris" not in {tag.id for tag in tag_article("", "Flooding closes a road near Paris, Texas.", "en")}


def test_a_direction_makes_another_place_of_a_known_one() -> None:
    found = names("The storm reaches Puntland and Eastern Puntland before noon.")
    assert {"Puntland", "Eastern Puntland"} <= found


def test_a_sentence_of_many_names_is_no_title_in_capitals() -> None:
    assert "Rosa Lindqvist" in names("", title="Rosa Lindqvist wins the Norrland Trophy.")
    assert "Cyclone Zorblatt" in names("", title="The Solomon Islands and Vanuatu are hit by Cyclone Zorblatt.")
    assert "Storm Hits" not in names("", title="Winter Storm Hits Eastern Norrland Coast")


def test_an_airlines_first_word_belongs_to_its_flight() -> None:
    assert "Air Norrland Flight 151" in names("Air Norrland Flight 151 lands safely in Oslo.")


def test_who_is_elected_president_is_elected_in_that_countrys_election() -> None:
    assert "2015 Tanzanian presidential election" in names("A minister is elected president of Tanzania.", date(2015, 10, 29))
    assert "2015 Tanzanian presidential election" not in names("The president of Tanzania opens a road.", date(2015, 10, 29))


def test_an_office_and_its_country_are_both_named() -> None:
    tags = {tag.name: tag.count for tag in tag_article("", "The U.S. President and the Prime Minister of the Netherlands meet.", "en")}
    assert tags["United States"]
    assert "Prime Minister of the Netherlands" in tags


def test_a_vote_is_known_by_its_older_name_too() -> None:
    line = tag_line({"id": "1", "title": "", "text": "The 2015 Danish general election is called.", "language": "en", "date": "2015-05-27"})
    tags = line["tags"]
    assert isinstance(tags, list)
    assert any("Danish general election, 2015" in tag["surfaces"] for tag in tags)


def test_a_court_case_is_one_name() -> None:
    assert "Ashworth v. Penrose" in names("The court decides Ashworth v. Penrose in favour of the tenant.")


def test_a_noun_with_a_capital_makes_one_name_with_its_place() -> None:
    assert "Lisbon Zoo" in names("Two lions are born at the Lisbon Zoo.")
    assert "St. Louis County" in names("A fair opens in St. Louis County.")


def test_a_form_in_small_letters_is_no_abbreviation() -> None:
    found = {tag.id for tag in tag_article("", "The La Rioja Province of Argentina opens a winery.", "en")}
    assert "place:los-angeles" not in found


def test_what_is_held_every_year_has_its_number() -> None:
    assert "86th Academy Awards" in names("A drama leads the 86th Academy Awards.")


def test_elections_of_regions_are_named_by_country_and_year() -> None:
    assert "2015 French regional elections" in names("Voters go to the polls in the French regional elections.", date(2015, 12, 6))
    assert "2014 Egyptian constitutional referendum" in names("Egypt holds a referendum on a new constitution.", date(2014, 1, 14))


def test_a_hurricane_of_the_west_coast_is_none_of_the_atlantic() -> None:
    found = names("A hurricane reaches Jalisco in Mexico.", date(2015, 10, 23))
    assert "2015 Pacific hurricane season" in found
    assert "2015 Atlantic hurricane season" not in found


def test_a_general_election_that_chooses_a_president_has_two_names() -> None:
    line = tag_line({"id": "1", "title": "Ghana's presidential election is won by a lawyer.", "language": "en", "date": "2016-12-09"})
    tags = line["tags"]
    assert isinstance(tags, list)
    surfaces = {surface for tag in tags for surface in tag["surfaces"]}
    assert {"2016 Ghanaian general election", "Ghanaian presidential election, 2016"} <= surfaces


def test_who_leads_a_party_is_no_part_of_its_name() -> None:
    found = names("A rally of the Homeland Front of Marine Le Pen in Lyon.")
    assert "Homeland Front" in found
    assert "Marine Le Pen" in found
