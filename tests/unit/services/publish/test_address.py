"""Addresses of events: readable words, cut at a word, whatever the script."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.publish.core.address import SLUG_CHARS, day_path, event_path, slug


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("Überschwemmung in Łódź: 3 Tote", "uberschwemmung-in-lodz-3-tote"),
        ("Incendios en Pedrógão Grande", "incendios-en-pedrogao-grande"),
        ("Землетрясение в Непале", "zemletryasenie-v-nepale"),
        ("Country's president won’t resign", "countrys-president-wont-resign"),
        ("停火协议", "event"),
        ("", "event"),
    ],
)
def test_slug(headline: str, expected: str) -> None:
    assert slug(headline) == expected


def test_a_long_headline_is_cut_at_a_word() -> None:
    assert slug("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen") == (
        "one-two-three-four-five-six-seven-eight-nine-ten-eleven-twelve-thirteen-fourteen"
    )


@given(st.text())
@example("A℠")
def test_a_slug_is_always_safe_in_a_path(headline: str) -> None:
    made = slug(headline)
    assert made
    assert len(made) <= SLUG_CHARS
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not made.startswith("-")


def test_paths_are_padded_so_that_they_sort_by_date() -> None:
    assert event_path(date(2016, 10, 3), "Ceasefire", 7) == "/news/2016/10/03/ceasefire-7"
    assert day_path(date(2016, 10, 3)) == "/news/2016/10/03/index"


def test_figures_alone_are_no_slug() -> None:
    assert slug("渡轮倾覆 11人溺亡4人失踪") == "event"
    assert slug("غرق 23 شخصًا") == "event"
    assert slug("9/11") == "event"
    assert slug("G20 meets") == "g20-meets"
