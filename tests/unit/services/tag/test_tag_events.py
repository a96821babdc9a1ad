"""Wars, crises, elections and disasters are found without their names, by what an article speaks of and when it appeared."""

from datetime import date

import pytest

from services.tag.core import Tag, tag_article


def tags(title: str, published: date | None = None, language: str | None = "en") -> dict[str, Tag]:
    """A headline's tags by id."""
    return {tag.id: tag for tag in tag_article(title, None, language, published=published)}


@pytest.mark.parametrize(
    ("title", "language", "war"),
    [
        ("Shells fall on the market of Qamishli", "en", "topic:syrian-civil-war"),
        ("A roadside bomb in Kandahar kills two teachers", "en", "topic:war-in-afghanistan"),
        ("Gunmen attack a checkpoint outside Baidoa", "en", "topic:somali-civil-war"),
        ("Une frappe sur Taëz tue trois civils à Sanaa", "fr", "topic:yemeni-civil-war"),
        ("Combates en Alepo: mueren siete civiles", "es", "topic:syrian-civil-war"),
        ("Обстрел пригорода Алеппо продолжался всю ночь", "ru", "topic:syrian-civil-war"),
        ("قصف على حلب", "ar", "topic:syrian-civil-war"),
        ("叙利亚政府军在阿勒颇推进", "zh", "topic:syrian-civil-war"),
    ],
)
def test_a_place_of_war_and_a_word_of_war_tell_which_war(title: str, language: str, war: str) -> None:
    assert war in tags(title, language=language)


def test_peace_in_the_same_places_is_no_war() -> None:
    assert "topic:syrian-civil-war" not in tags("A new museum of mosaics opens in Aleppo")
    assert "topic:war-in-afghanistan" not in tags("Apricot harvest in Kandahar is the best in years")


def test_a_war_that_was_over_is_not_inferred() -> None:
    assert "topic:syrian-civil-war" in tags("Rebels shell Homs", date(2014, 5, 2))
    assert "topic:syrian-civil-war" not in tags("Gunman attacks a cafe in Homs", date(2031, 5, 2))


def test_what_took_days_is_inferred_for_articles_of_those_days_only() -> None:
    title = "Police search flats in Paris for the gunmen"
    assert "topic:november-2015-paris-attacks" in tags(title, date(2015, 11, 16))
    assert "topic:november-2015-paris-attacks" not in tags(title, date(2018, 11, 16))
    assert "topic:november-2015-paris-attacks" not in tags(title)


def test_a_battle_belongs_to_its_war_and_brings_its_place() -> None:
    found = tags("Battle of Mosul enters its fourth month", date(2017, 1, 20))
    assert found["topic:battle-of-mosul"].count == 1
    assert "topic:iraqi-civil-war" in found
    assert "country:IQ" in found


def test_the_war_weighs_more_than_its_battle_and_less_than_what_is_named() -> None:
    found = tags("Shelling in Aleppo kills nine", date(2016, 11, 20))
    assert found["topic:syrian-civil-war"].weight > found["topic:battle-of-aleppo"].weight
    assert found["place:aleppo"].weight >= found["topic:syrian-civil-war"].weight


def test_a_campaign_is_found_without_the_words_election_and_year() -> None:
    assert "topic:us-election-2016" in tags("Donald Trump and Hillary Clinton meet for a last debate", date(2016, 10, 19))
    assert "topic:us-election-2016" not in tags("Donald Trump opens a debate on farm prices", date(2018, 10, 19))


@pytest.mark.parametrize(
    ("title", "day", "event", "name"),
    [
        ("Turkey's presidential election goes to a second round", date(2023, 5, 15), None, "2023 Turkish presidential election"),
        ("Ghanaian presidential election: counting begins", date(2020, 12, 8), "event:2020-ghanaian-presidential-election", None),
        ("Posters for the Malawian presidential election next year", date(2018, 12, 3), None, "2019 Malawian presidential election"),
        ("Australia's federal election is called for May", date(2019, 4, 11), None, "2019 Australian federal election"),
        ("Earthquake destroys two villages in Tajikistan", date(2015, 12, 8), None, "2015 Tajikistan earthquake"),
        ("Wildfires close roads in Portugal", date(2019, 7, 22), None, "2019 Portugal wildfires"),
    ],
)
def test_an_event_is_called_by_year_and_country(title: str, day: date, event: str | None, name: str | None) -> None:
    found = tags(title, day)
    assert event is None or event in found
    assert name is None or name in {tag.name for tag in found.values()}


def test_outlets_of_two_languages_call_one_election_the_same() -> None:
    english = tags("Polish presidential election goes to a runoff", date(2025, 5, 19))
    german = tags("Stichwahl bei der polnischen Präsidentschaftswahl", date(2025, 5, 19), "de")
    assert {one for one in english.keys() & german.keys() if one.startswith("event:")} == {"event:2025-polish-presidential-election"}


def test_nothing_is_named_by_its_year_without_a_date_or_in_two_countries() -> None:
    assert not [one for one in tags("Earthquake destroys two villages in Tajikistan") if one.startswith("event:")]
    both = tags("Earthquake destroys villages in Tajikistan and Kyrgyzstan", date(2015, 12, 8))
    assert not [one for one in both if one.startswith("event:")]


def test_an_event_that_the_tables_know_is_not_named_twice() -> None:
    found = tags("Aftershocks follow the earthquake near Kathmandu in Nepal", date(2015, 4, 27))
    assert "topic:april-2015-nepal-earthquake" in found
    assert not [one for one in found if one.startswith("event:")]


def test_storms_belong_to_their_season() -> None:
    assert "2017 Atlantic hurricane season" in {tag.name for tag in tags("Hurricane Lee turns north", date(2017, 9, 20)).values()}
    assert "2018 Pacific typhoon season" in {tag.name for tag in tags("Typhoon Trami nears Okinawa", date(2018, 9, 28)).values()}


def test_what_is_held_every_year_has_editions() -> None:
    assert "2016 NBA Finals" in {tag.name for tag in tags("Cavaliers win the NBA Finals", date(2016, 6, 19)).values()}
    assert "Super Bowl XLIX" in {tag.name for tag in tags("Rain is forecast for Super Bowl XLIX in Arizona").values()}


def test_a_landmark_brings_its_city() -> None:
    assert "place:istanbul" in tags("Blast at Atatürk Airport")
    assert "place:london" in tags("Crowds on Westminster Bridge")


def test_the_country_inside_a_name_is_heard() -> None:
    assert "country:RU" in tags("Inquiry into Russian meddling goes on")
    assert {"country:FR", "org:fr-police"} <= tags("French police search a farm").keys()
    assert {"place:idlib-governorate", "place:idlib"} <= tags("Snow falls in Idlib Governorate").keys()


def test_an_armed_group_speaks_for_its_war() -> None:
    names = {tag.name for tag in tag_article("Boko Haram names a new leader", None, "en", published=date(2015, 3, 7))}
    assert "Boko Haram insurgency" in names


def test_the_season_of_a_hurricane_that_the_tables_know() -> None:
    names = {tag.name for tag in tag_article("Hurricane Irma reaches the Florida Keys", None, "en", published=date(2017, 9, 10))}
    assert "2017 Atlantic hurricane season" in names
