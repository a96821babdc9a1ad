"""The day of an event: what its reports name, what they cannot mean, and what is said of how it is known."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.link.core import rarity
from services.link.core.choice import Member
from services.link.core.dayname import day_told
from services.link.core.event import tell
from services.link.core.score import Profile
from shared.features import make_features

FRIDAY = datetime(2031, 3, 7, 8, tzinfo=UTC)
THURSDAY = date(2031, 3, 6)


def member(number: int, text: str, published: datetime | None = FRIDAY, *, language: str = "en", kind: str = "article") -> Member:
    title = f"Dam in Velda, report {number}"
    made = make_features(title=title, text=text, published=published, language=language)
    return Member(
        id=number,
        profile=Profile(features=made, rarity=rarity.static()),
        title=title,
        opening=text,
        kind=kind,
        published=published,
        published_provenance="jsonld" if published else None,
    )


def dated(*members: Member) -> tuple[date, str, str]:
    told = tell(members, {})
    assert tell(tuple(reversed(members)), {}) == told, "the order of the articles plays no part"
    return told.date, told.date_provenance, told.date_confidence


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The dam broke on Thursday, the mayor said.", "en"),
        ("The dam broke yesterday.", "en"),
        ("The dam broke on March 6.", "en"),
        ("The dam broke on 6 March 2031 at dawn.", "en"),
        ("Am Donnerstag brach der Damm.", "de"),
        ("Am Donnerstagabend brach der Damm.", "de"),
        ("Der Damm brach am 6. März.", "de"),
        ("Le barrage a cédé jeudi.", "fr"),
        ("La presa se rompió el jueves.", "es"),
        ("La presa se rompió el 6 de marzo.", "es"),
        ("A barragem cedeu na quinta-feira.", "pt"),
        ("Плотина прорвалась в четверг.", "ru"),
        ("大坝周四决口。", "zh"),
    ],
)
def test_a_day_is_read_in_the_words_of_its_language(text: str, language: str) -> None:
    assert day_told(text, language, FRIDAY.date()) == THURSDAY


@pytest.mark.parametrize(
    "text",
    [
        "The council will meet on Thursday to discuss the dam.",
        "The road stays closed until Thursday.",
        "The minister is expected in Velda on Thursday.",
        "The dam is to be visited every Thursday.",
        "The Thursday Times wrote of the dam.",
        "The dam broke on 31 February.",
        "The dam of 6 March 1988 was rebuilt.",
        "The dam broke on Saturday.",  # six days back, or today where the writer is
    ],
)
def test_a_day_ahead_a_name_or_an_impossible_one_says_nothing(text: str) -> None:
    assert day_told(text, "en", FRIDAY.date()) is None


def test_what_is_announced_on_a_day_is_told_by_it_whatever_lies_ahead() -> None:
    assert day_told("The minister said on Thursday that the dam will be rebuilt.", "en", FRIDAY.date()) == THURSDAY


def test_last_thursday_is_not_today() -> None:
    assert day_told("The dam broke last Thursday.", "en", THURSDAY) is None
    assert day_told("The dam broke last Thursday.", "en", FRIDAY.date()) == THURSDAY


def test_reports_that_agree_on_the_day_before_date_the_event_and_say_that_it_is_inferred() -> None:
    one, other = member(1, "The dam broke on Thursday."), member(2, "Am Donnerstag brach der Damm.", language="de")
    assert dated(one, other) == (THURSDAY, "told", "inferred")


def test_reports_that_disagree_leave_the_day_of_the_first_of_them() -> None:
    one, other = member(1, "The dam broke on Thursday."), member(2, "The dam broke on Wednesday.")
    assert dated(one, other) == (FRIDAY.date(), "jsonld", "stated")


def test_one_voice_among_many_is_too_few() -> None:
    silent = [member(number, "The dam broke.") for number in (2, 3, 4)]
    assert dated(member(1, "The dam broke on Thursday."), *silent) == (FRIDAY.date(), "jsonld", "stated")


def test_a_report_never_dates_an_event_after_its_first_report() -> None:
    later = member(2, "The dam broke on Friday.", FRIDAY + timedelta(hours=2))
    assert dated(member(1, "A dam broke.", FRIDAY - timedelta(days=1)), later)[0] == THURSDAY


def test_an_undated_report_counts_its_weekday_back_from_those_that_have_a_date() -> None:
    assert dated(member(1, "The dam broke on Thursday.", None), member(2, "The dam of Velda is gone.", FRIDAY)) == (
        THURSDAY,
        "told",
        "inferred",
    )


def test_an_event_page_states_the_day_whatever_reports_say() -> None:
    page = member(3, "", datetime(2031, 3, 5, tzinfo=UTC), kind="event_page")
    assert dated(member(1, "The dam broke on Thursday."), page) == (date(2031, 3, 5), "event_page", "stated")


def test_without_any_date_a_written_one_with_its_year_serves_and_a_weekday_does_not() -> None:
    assert dated(replace(member(1, "The dam broke on 6 March 2031.", None), announced=FRIDAY)) == (THURSDAY, "told", "inferred")
    assert dated(replace(member(1, "The dam broke on Thursday.", None), announced=FRIDAY))[1:] == ("ingestion", "ingestion")
