"""The features of an article: bounded, the same every time, the same after a round trip."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.features import BODY_TERMS, KEYS, SKETCH, TAGS, from_json, index_keys, key_of, make_features
from shared.words import guess_language, stem, tokens

LAUNCH = datetime(2031, 5, 4, 9, 30, tzinfo=UTC)


@given(st.text(max_size=200), st.text(max_size=2000))
@example("ͺͺ", "\ufdfa")  # which decompose to blanks and to four words
def test_any_text_gives_features_that_survive_json(title: str, text: str) -> None:
    made = make_features(title=title, text=text, published=LAUNCH)
    assert from_json(made.to_json()) == made
    assert index_keys(made) == index_keys(from_json(made.to_json()))


def test_a_huge_text_stays_bounded() -> None:
    text = " ".join(f"Name{number} met Other{number}." for number in range(100_000))
    made = make_features(title="x " * 5000, text=text, tags=[(f"t{n}", 0.5, "person") for n in range(10_000)])
    assert len(made.body) <= BODY_TERMS
    assert len(made.sketch) <= SKETCH
    assert len(made.tags) <= TAGS
    assert len(index_keys(made)) <= KEYS
    assert len(made.to_json()) < 20_000


def test_nothing_at_all_gives_no_keys() -> None:
    assert index_keys(make_features(title=None, text=None)) == {}


def test_keys_fit_a_signed_bigint() -> None:
    keys = index_keys(make_features(title="Volcano Katlavik erupts", text="Ash over Brunholm closes the airfield at Vestdal."))
    assert keys
    assert all(-(2**63) <= key < 2**63 for key in keys)


def test_sample_and_real_news_share_no_key() -> None:
    said = {"title": "Volcano Katlavik erupts", "text": "Ash over Brunholm closes the airfield at Vestdal."}
    assert not set(index_keys(make_features(**said, sample=True))) & set(index_keys(make_features(**said)))


def test_common_words_are_not_indexed() -> None:
    said = "The president said the government will help people"
    rare = "Katlavik"
    told = index_keys(make_features(title=said, text=f"{rare}."))
    assert not told.keys() & {key_of(f"r{stem(word)}") for word in said.lower().split()}
    assert key_of(f"r{stem(rare.lower())}") in told
    # A bare title has nothing else.
    assert index_keys(make_features(title=said, text="")).keys() >= {key_of("rpresident"), key_of("rgovernment")}


def test_the_day_is_the_utc_day() -> None:
    evening = datetime.fromisoformat("2031-05-04T23:30-05:00")
    late = make_features(title="a", text="b", published=evening)
    assert late.day == LAUNCH.date().replace(day=5)
    assert make_features(title="a", text="b").day is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("minister's", "ministers"),
        ("elected", "electing"),
        ("parties", "party"),
        ("élysée", "elysee"),
        ("l’élysée", "elysee"),
        ("gas", "gas"),
    ],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_unspaced_scripts_become_pairs() -> None:
    assert tokens("東京都知事 2031") == ["東京", "京都", "都知", "知事", "2031"]


def test_marks_are_a_part_of_the_word_and_letters_without_spaces_are_taken_by_fives() -> None:
    """Letters alone stand in any text: all articles in Hindi or Thai were one event."""
    assert tokens("हिन्दी में, 25 খবর") == ["हिन्दी", "में", "25", "খবর"]
    assert tokens("พายุแรง 1.5 km") == ["พายุแ", "ายุแร", "ยุแรง", "1.5", "km"]
    assert tokens("東京 พายุ") == ["東京", "พายุ"]


def test_what_stays_of_a_possessive_behind_unspaced_script_is_no_term() -> None:
    made = make_features(title=None, text="東京’s Tower", published=None)
    assert set(made.body) == {"東京", "tower"}
    assert index_keys(made)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Regierung hat am Montag den Haushalt für das Jahr beschlossen", "de"),
        ("Le gouvernement a présenté lundi son budget pour les écoles", "fr"),
        ("El gobierno presentó el lunes los presupuestos para las escuelas", "es"),
        ("The government presented its budget for the schools on Monday", "en"),
    ],
)
def test_the_language_is_guessed_from_function_words(text: str, language: str) -> None:
    assert guess_language(tokens(text)) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [("塔什干签署用水条约", "zh"), ("東京で地震が", "ja"), ("서울에서 지진이 났다", "ko"), ("Η Αθήνα καίγεται", "el"), ("Fire", "en")],
)
def test_the_language_is_guessed_from_the_script_where_no_function_word_is_known(text: str, language: str) -> None:
    assert guess_language(tokens(text)) == language


def test_hindi_and_bengali_are_told_by_their_function_words() -> None:
    assert guess_language(tokens("तूफान ने केबल कार की रस्सी तोड़ दी")) == "hi"
    assert guess_language(tokens("ঝড়ে দড়ি ছিঁড়ে গেছে এবং তার পর")) == "bn"


def test_a_stated_language_stands_though_its_stop_words_are_unknown() -> None:
    """Else two articles in two languages are compared as if both were English."""
    assert make_features(title="Zemljotres u Skoplju", text="", language="sr-Latn").language == "sr"
    assert make_features(title="Tremor", text="", language="x").language == "en"


def test_a_tag_that_stands_in_every_third_article_is_no_key_of_the_index() -> None:
    """It would find a third of the chronicle; a rare name, an acronym and a rare place still find each other, across languages too."""

    def keys(tag: str, kind: str) -> set[int]:
        return set(index_keys(make_features(title="", text="", tags=[(tag, 0.9, kind)])))

    assert not keys("org:white-house", "organisation")
    assert not keys("name:barack-obama", "person")
    assert keys("name:ilse-marquand", "person")
    assert keys("org:who", "organisation")
    assert keys("place:tolvane", "place")


def test_an_event_page_and_what_it_cites_meet_in_the_index() -> None:
    article = make_features(title="Ash over Brunholm", text="", addresses=["//outlet.test/ash"])
    page = make_features(title="Eruption", text="", cited=["//outlet.test/ash", "//other.test/eruption"])
    assert set(index_keys(article)) & set(index_keys(page)) == set(article.addresses)
    assert from_json(page.to_json()) == page


def test_figures_are_the_same_in_languages_with_a_decimal_comma() -> None:
    german = make_features(title="EZB senkt den Zins auf 1,75 Prozent", text="Betroffen sind 12,400,000 Konten.", language="de")
    english = make_features(title="ECB cuts its rate to 1.75 percent", text="It concerns 12,400,000 accounts.", language="en")
    assert german.numbers == english.numbers == ("1.75", "12400000")
