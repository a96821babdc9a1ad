"""Words, their keys, and what stands between them. All texts are invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tag.core.tokens import is_shouted, tokenise, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The U.S. envoy", ["The", "U.S.", "envoy"]),
        ("in the D.R. Congo", ["in", "the", "D.R.", "Congo"]),
        ("It ended. A. Miller left", ["It", "ended", "A", "Miller", "left"]),
        ("Syria's l’Allemagne rock'n'roll", ["Syria's", "l’Allemagne", "rock'n'roll"]),
        ("'quoted' 3rd-place __x__", ["quoted", "3rd", "place", "x"]),
        ("バラク・オバマ", ["バ", "ラ", "ク", "オ", "バ", "マ"]),
        ("1990年のBBC放送", ["1990", "年", "の", "BBC", "放", "送"]),
        ("…", []),
        ("", []),
    ],
)
def test_words_as_they_are_written(text: str, words: list[str]) -> None:
    assert tokenise(text).raw == words


LETTERS = st.text(st.sampled_from("Ab.S1_'’ 中é\n-س"), max_size=16)


@given(LETTERS)
def test_places_and_gaps_make_up_the_text(text: str) -> None:
    tokens = tokenise(text)
    assert [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)] == tokens.raw
    assert tokens.gaps[:1] == ["\n"] * bool(tokens)
    for at in range(1, len(tokens)):
        assert tokens.gap(at) == text[tokens.ends[at - 1] : tokens.starts[at]][:4]
    assert len(tokens.keys) == len(tokens.caps) == len(tokens.gaps) == len(tokens)


@given(LETTERS)
def test_words_without_places_are_the_same_words(text: str) -> None:
    tokens = tokenise(text)
    assert words_of(text) == (tokens.raw, tokens.keys)


@pytest.mark.parametrize(
    ("text", "shouted"),
    [
        ("FLOODS HIT THE COAST OF MADEIRA", True),
        ("FLOODS HIT COAST, says a minister", False),
        ("Floods hit the coast, the UN and the EU say", False),
        ("UN EU", False),
        ("中国 NASA ESA IBM", True),
    ],
)
def test_a_text_in_capitals_is_told(text: str, shouted: bool) -> None:
    assert is_shouted(tokenise(text)) is shouted
