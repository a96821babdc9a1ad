"""What an article's tags are: aliases, names taught by the text, meanings decided, whatever the writing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tag.core import MAX_TAGS, Concept, Tables, Tag, built_in, tag_article, tag_line


def tags(title: str, text: str = "", language: str | None = "en") -> dict[str, Tag]:
    """An article's tags by id."""
    return {tag.id: tag for tag in tag_article(title, text, language)}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Envoys of the U.N. met.", "org:un"),
        ("Die Vereinten Nationen warnen.", "org:un"),
        ("L'ONU prévient.", "org:un"),
        ("В ООН предупредили.", "org:un"),
        ("قالت الأمم المتحدة اليوم", "org:un"),
        ("联合国今天表示", "org:un"),
        ("Fighters of ISIS withdrew.", "org:isil"),
        ("Daesh lost ground.", "org:isil"),
        ("A stronghold of Islamic State fell.", "org:isil"),
        ("Jabhat al-Nusra split.", "org:al-nusra"),
        ("The Nusra Front split.", "org:al-nusra"),
        ("Units of al-Nusra split.", "org:al-nusra"),
        ("Hizbollah denied it.", "org:hezbollah"),
        ("The German chancellor spoke.", "country:DE"),
        ("Der deutsche Botschafter sprach mit syrischen Kindern.", "country:SY"),
        ("Les forces syriennes avancent.", "country:SY"),
        ("Las fuerzas sirias avanzan.", "country:SY"),
        ("Сирийские войска у границы.", "country:SY"),
        ("Встреча в Сирии прошла спокойно.", "country:SY"),
        ("القوات السورية في المدينة", "country:SY"),
        ("Boats left Kyiv.", "place:kyiv"),
        ("Boats left Kiev.", "place:kyiv"),
        ("The Russian Defense Ministry said so.", "org:ru-defence-ministry"),
        ("The Ministry of Defence of Russia said so.", "org:ru-defence-ministry"),
        ("Soldiers of the Syrian army rested.", "org:sy-armed-forces"),
        ("The Macron administration objected.", "org:macron-administration"),
    ],
)
def test_one_concept_has_many_surfaces(text: str, wanted: str) -> None:
    assert wanted in tags("", text, None)


def test_a_persons_forms_are_one_tag_and_another_person_stays_another() -> None:
    found = tags(
        "Shoigu and Lavrov in Geneva",
        "Sergei Shoigu arrived first. Mr Shoigu waited for Sergey Lavrov. Sergey Shoigu’s plane left at noon. Shoigu smiled.",
    )
    assert found["name:sergei-shoigu"].count == 5
    assert found["name:sergei-lavrov"].count == 2


def test_unknown_persons_are_learnt_whatever_the_transliteration() -> None:
    first = tags("", "Russian Deputy Energy Minister Aleksei Vorobyov resigned. Mr Vorobyov gave no reason.")
    second = tags("", "Alexey Vorobyov, who was minister, has resigned.")
    assert first["name:alexei-vorobyov"].count == 2
    assert "name:alexei-vorobyov" in second


def test_names_in_cyrillic_meet_those_in_latin() -> None:
    found = tags(
        "", "Отставку приняли у Алексея Кузнецова. Алексей Кузнецов уехал. С ним говорила Мария Белова, спросили и Марию Белову.", "ru"
    )
    assert found["name:alexei-kuznetsov"].count == 2
    assert found["name:maria-belova"].count == 2
    assert "name:alexei-kuznetsov" in tags("", "Mr Alexei Kuznetsov left.")


def test_nobody_is_merged_by_given_name_or_by_a_shared_surname() -> None:
    found = tags("", "Anna Petersen met Lars Petersen. Petersen said nothing. Anna left with Anna Holm.")
    assert found["name:anna-petersen"].count == 1
    assert found["name:lars-petersen"].count == 1
    assert found["name:anna-holm"].count == 1


def test_a_known_surname_of_somebody_else_is_that_person() -> None:
    found = tags("", "The spokeswoman Elena Merkel spoke. Merkel was calm.")
    assert found["name:elena-merkel"].count == 2
    assert "name:angela-merkel" not in found


def test_an_acronym_that_the_text_explains_is_its_full_name() -> None:
    found = tags("", "The Northern Harbour Workers Association (NHWA) called a strike. NHWA members met, and the NHWA won.")
    assert found["name:northern-harbour-workers-association"].count == 4
    assert not any(tag.name == "NHWA" for tag in found.values())


def test_ships_storms_and_dated_events_are_named() -> None:
    found = tags("", "The tanker MV Green Dolphin sank when Hurricane Odalys came, a year after the 2019 Lisbon floods in Portugal.")
    assert found["name:mv-green-dolphin"].kind == "craft"
    assert found["name:hurricane-odalys"].kind == "disaster"
    assert found["event:2019-lisbon-floods"].kind == "disaster"


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("Police in Tbilisi dispersed crowds; Georgia saw protests.", "country:GE", "place:georgia-us"),
        ("Voters in Atlanta and the rest of Georgia went to the polls, as in Texas.", "place:georgia-us", "country:GE"),
        ("The king of Jordan received a delegation.", "country:JO", "name:jordan"),
        ("Michael Jordan retired again.", "name:michael-jordan", "country:JO"),
        ("Floods in Valencia moved the Spanish king.", "place:valencia-es", "place:valencia"),
    ],
)
def test_meanings_are_decided_by_the_rest(text: str, wanted: str, unwanted: str) -> None:
    found = tags("", text)
    assert wanted in found
    assert unwanted not in found


@pytest.mark.parametrize(
    "text", ["Georgia was mentioned once.", "They told us that turkey and chad may be reading.", "He went to the us side."]
)
def test_what_cannot_be_decided_is_left_out(text: str) -> None:
    assert not any(tag.kind in ("country", "place") for tag in tags("", text).values())


def test_capitals_of_headlines_make_no_names() -> None:
    assert set(tags("Minister Quietly Reminds Angry Farmers Of Promised Money")) <= {"topic:prime-minister", "topic:farmers"}
    assert "name:ines-quiroga" in tags("Ines Quiroga Loses Patience", "Critics say that Ines Quiroga lost patience.")
    shouted = tags("PUTIN TELLS US WHO IS IT")
    assert "name:vladimir-putin" in shouted
    assert {"country:US", "org:who", "org:isil"}.isdisjoint(shouted)


def test_the_first_word_of_a_sentence_is_no_name() -> None:
    assert not tags("", "Rescuers searched all night. Nobody was found. Yesterday it rained.")


def test_german_nouns_are_no_names() -> None:
    found = tags(
        "", "Der Streit um die Brücke ist vorbei, sagte Bürgermeisterin Sabine Althoff. Das Rathaus und der Bauhof sind froh.", "de"
    )
    assert "name:sabine-althoff" in found
    assert not [tag for tag in found.values() if tag.kind == "name"]


def test_the_war_is_found_without_its_name() -> None:
    assert "topic:syrian-civil-war" in tags("Shells fall on Aleppo as truce ends")
    assert "topic:syrian-civil-war" not in tags("Pistachio harvest begins in Syria")


def test_a_place_brings_its_country() -> None:
    found = tags("Ferry runs aground off Funchal")
    assert found["country:PT"].surfaces == ()
    assert found["country:PT"].weight < found["place:funchal"].weight


def test_what_the_title_says_weighs_more() -> None:
    found = tags("Quake shakes Peru", "The capital was spared. " * 30 + "Aid came from Chile.")
    assert found["country:PE"].weight > found["country:CL"].weight
    assert all(0 <= tag.weight <= 1 for tag in found.values())


def test_a_common_topic_in_passing_is_none() -> None:
    text = "The minister opened the session. " * 30 + "He had come by helicopter. A mosque and a second mosque stand nearby."
    found = tags("Session opened", text)
    assert "topic:helicopter" not in found
    assert "topic:mosque" in found


def test_further_concepts_can_be_given_as_data() -> None:
    wider = built_in().extended([(Concept("org:reed-society", "organisation", "Reed Society"), ["Reed Society", "de:schilfisch"])])
    assert [tag.id for tag in tag_article("The Reed Society met", "", "en", wider)] == ["org:reed-society"]
    assert "org:reed-society" in {tag.id for tag in tag_article("", "Die schilfischen Gäste kamen.", "de", wider)}
    assert "org:reed-society" not in tags("The Reed Society met")
    assert Tables.of([]).concepts == {}


def test_a_line_in_gives_a_line_out() -> None:
    line = tag_line({"id": 7, "title": "Truce in Yemen", "text": None, "language": 3})
    assert line["id"] == 7
    assert json.loads(json.dumps(line))["tags"][0].keys() == {"id", "name", "kind", "surfaces", "count", "weight", "relations"}


@pytest.mark.parametrize(
    "text",
    [
        "word " * 200_000,
        "Aa " * 100_000,
        "al-" * 50_000 + "B",
        "(" * 100_000,
        "U." * 50_000,
        "Anna de la " * 20_000,
        " ".join(f"Met Anna Name{at} there." for at in range(10_000)),
        "\n" * 100_000,
        "'" * 100_000 + "s",
    ],
    ids=range(9),
)
def test_huge_texts_are_bounded(text: str) -> None:
    found = tag_article(text[:500], text, "en")
    assert len(found) <= MAX_TAGS
    assert all(len(tag.id) < 120 and len(tag.surfaces) <= 8 for tag in found)


PIECES = (
    "Syria",
    "al-Nusra",
    "Mr.",
    "Anna",
    "de",
    "Ban",
    "U.S.",
    "(",
    ")",
    "'",
    "-",
    ".",
    "\n",
    "2016",
    "floods",
    "Flight",
    "Армия",
    "Сергея",
)
MORE_PIECES = ("联合国", "حلب", "l'ONU", "USS", "(UN)", "I", "Ministry", "of", "ь", "ª", "İ")


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=300),
    st.one_of(st.text(max_size=400), st.lists(st.sampled_from(PIECES + MORE_PIECES)).map(" ".join)),
    st.sampled_from([None, "en", "de", "ru", "xx", ""]),
)
def test_any_text_is_tagged_the_same_twice(title: str, text: str, language: str | None) -> None:
    found = tag_article(title, text, language)
    assert found == tag_article(title, text, language)
    assert len(found) <= MAX_TAGS
    assert len({tag.id for tag in found}) == len(found)
    assert [tag.weight for tag in found] == sorted((tag.weight for tag in found), reverse=True)
