"""An edge in words: each reason on its side, words as they are written, and who repeats whom."""

import pytest

from services.cli.edges import Known, Side, apart, as_written, in_words, repeats, sure

KREL = {"place:krel": "Krel"}
ONE = Known(id=1, title="Bridge shut", language="en", words={"bridg": "Bridge", "krel": "KREL"}, tags={**KREL, "x": "X", "y": "Y"})
TWO = Known(id=2, title="Bridge closed", language="en", words={"krel": "Krel"}, tags={**KREL, "v": "V", "w": "W"})
GERMAN = Known(id=3, title="Brücke gesperrt", language="de", tags=KREL)


def reason(name: str, detail: str, weight: float) -> dict[str, object]:
    return {"name": name, "detail": detail, "weight": weight}


def test_each_reason_stands_on_its_side() -> None:
    said = in_words(
        [
            reason("cited", "an event page names this article as its source", 0.1),
            reason("rare terms", "bridg, krel", 0.41),
            reason("title alike", "cosine 0.30", 0.3),
            reason("text alike", "cosine 0.52", 0.52),
            reason("shared figures", "1.75; 240", 0.5),
            reason("text repeated", "copy score 0.50", 0.5),
            reason("other weekday", "Tuesday beside Thursday", -1.0),
            reason("time", "31.0 hours apart", -1.292),
        ],
        ONE,
        TWO,
    )
    assert said["for"] == [
        "an event page names this article as its source",
        "titles and first words are 41% alike; the rarest words in both: Bridge, Krel",
        "the titles are 30% alike",
        "the texts are 52% alike",
        "both give the figures 1.75; 240",
        "at least 60% of the shorter text stands word for word in the longer one",
    ]
    assert said["against"] == ["they begin with different days: Tuesday beside Thursday", "published 31 hours apart"]
    assert said["beside"] == []


@pytest.mark.parametrize(
    ("weight", "side", "said"),
    [
        (0.6, "for", "both are about Krel (tags 60% alike)"),
        (0.1, "against", "most of what they are about differs, both only Krel (tags 10% alike)"),
    ],
)
def test_tags_speak_for_an_event_or_against_it(weight: float, side: Side, said: str) -> None:
    assert said in in_words([reason("shared tags", "place:krel", weight)], ONE, TWO)[side]


def test_across_languages_words_are_told_beside_and_tags_speak_for_it() -> None:
    reasons = [reason("rare terms", "krel", 0.1), reason("shared tags", "place:krel", 0.2), reason("time", "1.0 hours apart", -0.04)]
    said = in_words(reasons, ONE, GERMAN)
    assert said["for"] == ["both are about Krel (tags 20% alike)"]
    assert said["against"] == []
    assert said["beside"][1:] == ["published 1 hour apart", "in two languages (en, de): names, tags and figures count, other words hardly"]


def test_titles_without_a_common_word_and_a_missing_date_are_told() -> None:
    said = in_words([reason("text alike", "cosine 0.52", 0.52), reason("time", "at least one is undated", 0.0)], ONE, TWO)
    assert said["against"] == ["the titles have hardly a word in common"]
    assert said["beside"] == ["at least one has no date, so that more must agree"]


def test_a_reason_that_nobody_knows_is_told_as_it_is() -> None:
    assert in_words([reason("moon", "full", -0.2)], ONE, GERMAN)["against"] == ["moon: full"]


def test_who_repeats_whom() -> None:
    copy, other = Known(id=4, copy_of=1), Known(id=5, copy_of=1)
    assert repeats(ONE, copy) == repeats(copy, ONE) == "4 is a copy of 1"
    assert repeats(copy, other) == "both are copies of 1"
    assert repeats(ONE, Known(id=6, follows=1)) == "6 says nearly the same as 1"
    assert repeats(ONE, TWO) is None


def test_pairs_without_an_edge_leave_out_what_goes_with_another() -> None:
    known = {1: ONE, 2: TWO, 3: GERMAN, 6: Known(id=6, follows=1)}
    assert apart([1, 2, 3, 6], {(1, 2), (1, 6)}, known) == [(1, 3), (2, 3)]


def test_words_stand_as_they_are_written_first_but_not_in_capitals() -> None:
    found = as_written("KREL: percentages rose by 1.75 in Krel, the percentage said.")
    assert {found["krel"], found["1.75"], "percentages"} <= set(found.values())
    assert found["krel"] == "Krel"
    assert as_written("The ECB’s rate; the ECB cuts")["ecb"] == "ECB"


def test_a_score_has_a_word() -> None:
    assert [sure(score) for score in (0.95, 0.7, 0.4, 0.1)] == ["nearly certain", "likely", "doubtful", "hardly"]
