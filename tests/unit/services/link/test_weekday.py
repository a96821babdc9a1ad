"""Weekdays in two reports, and what they say for or against one event."""

from datetime import UTC, datetime

import pytest

from services.link.core import rarity
from services.link.core.score import Edge, Profile, score
from services.link.core.weekday import days_of, other_day, shown
from shared.features import Features, make_features

NOON = datetime(2031, 3, 6, 12, tzinfo=UTC)


def told(text: str, language: str = "en", title: str = "Quarry vote in Tolvane") -> Features:
    return make_features(title=title, text=text, published=NOON, language=language)


def edge(one: Features, other: Features) -> Edge:
    found = score(Profile(features=one, rarity=rarity.static()), Profile(features=other, rarity=rarity.static()))
    assert found is not None
    return found


def test_another_weekday_at_the_beginning_speaks_against_one_event_and_is_told() -> None:
    tuesday, same, thursday = (
        told(f"The council of Tolvane {did} the Grasmoor quarry on {day}, councillor Ide Marsk said.")
        for did, day in (("heard residents about", "Tuesday"), ("listened to neighbours of", "Tuesday"), ("voted to close", "Thursday"))
    )
    assert edge(tuesday, same).score > edge(tuesday, thursday).score
    assert ("other weekday", "Tuesday beside Thursday", -1.0) in edge(tuesday, thursday).reasons
    assert "other weekday" not in {name for name, _, _ in edge(tuesday, same).reasons}


def test_a_report_that_names_both_days_is_at_odds_with_neither() -> None:
    both = days_of(told("On Thursday the council voted to close the quarry about which it had heard residents on Tuesday."))
    one, other = (days_of(told(f"The council of Tolvane met on {day}.")) for day in ("Tuesday", "Wednesday"))
    assert not other_day(one, both)
    assert other_day(other, both)
    assert not other_day(one, days_of(told("The council of Tolvane met.")))


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("de", "Der Rat von Tolvane stimmte am Donnerstag ab.", "Thursday"),
        ("fr", "Le conseil de Tolvane a voté dimanche.", "Sunday"),
        ("ru", "Совет проголосовал в среду.", "Wednesday"),
        ("zh", "议会星期五投票。", "Friday"),
        ("pt", "O conselho votou pela segunda vez.", ""),
        ("xx", "Thursday", ""),
    ],
)
def test_weekdays_are_known_in_many_languages_and_guessed_in_none(language: str, text: str, day: str) -> None:
    assert shown(days_of(told(text, language, title=""))) == day
