"""A compiled gazetteer answers as the tables do that it was made from, and refuses bytes that are none. All sentences are invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tag.core import Concept, Gazetteer, Tables, built_in, tag_article
from services.tag.core.compiled import MAGIC, Compiled, WrongFormat
from services.tag.core.compiling import MAX_MEANINGS, compile_gazetteer
from services.tag.core.matching import Mention
from services.tag.core.tokens import tokenise

LANTERN = Concept("name:lantern-guild", "organisation", "Lantern Guild", "country:PT")
TEXTS = [
    ("Turkish and Russian envoys met in Geneva", "Sergey Lavrov said NATO and the EU's ministers agreed on Aleppo. The UN was told.", "en"),
    ("Berliner Senat berät", "Die syrischen Gäste kamen nach Wien. Das Auswärtige Amt der Bundesrepublik schwieg.", "de"),
    ("В Москве", "Россияне встретили в Сирии представителей Турции и ООН.", "ru"),
    ("بيان", "قالت الأمم المتحدة إن القتال في حلب وفي الرياض توقف وبالعراق أيضا", "ar"),
    ("", "Washington, D.C. and St. Petersburg; in Aleppo. Media reported. dell'ONU l'ONU U.N. Georgia, Jordan", None),
]


def compiled(*rows: tuple[Concept, list[str]], tables: bool = True) -> Compiled:
    return Compiled(b"".join(bytes(chunk) for chunk in compile_gazetteer(rows, {}, tables=tables)))


@pytest.fixture(scope="module")
def tables() -> Compiled:
    """The package's tables, compiled."""
    return compiled()


def found(gazetteer: Gazetteer, text: str, language: str | None = None) -> list[Mention]:
    return gazetteer.find(tokenise(text), language, frozenset())


def test_all_concepts_surfaces_and_persons_are_in_it(tables: Compiled) -> None:
    own = built_in()
    assert dict(tables.concepts) == dict(own.concepts)
    for path, candidates in own.surfaces.items():
        assert tuple(tables.candidates(path.split(" "))) == candidates
    assert tables.person(("sergei", "lavrov")) == own.person(("sergei", "lavrov"))
    assert tables.person(("nobody", "known")) is None
    assert tables.candidates(["no", "such"]) == tables.candidates([]) == ()
    assert "place:nowhere" not in tables.concepts
    with pytest.raises(KeyError):
        tables.concepts["place:nowhere"]


@pytest.mark.parametrize(("title", "text", "language"), TEXTS)
def test_articles_get_the_same_tags_from_it(tables: Compiled, title: str, text: str, language: str | None) -> None:
    assert tag_article(title, text, language, tables) == tag_article(title, text, language)
    assert tag_article(title, text, language)


WORDS = ["Ash", "ash", "Birch", "Cedar", "cedar", "UN", "Elm's", "وحلب", "حلب", "中"]
SURFACES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


@given(
    rows=st.lists(st.tuples(st.sampled_from(["place:a", "place:b", "name:c"]), st.lists(SURFACES, max_size=4)), max_size=8),
    text=st.lists(st.sampled_from([*WORDS, "and", "."]), max_size=12).map(" ".join),
)
def test_it_finds_what_dictionaries_find(rows: list[tuple[str, list[str]]], text: str) -> None:
    listed = [(Concept(one, "place", one), surfaces) for one, surfaces in rows]
    assert found(compiled(*listed, tables=False), text) == found(Tables.of(listed), text)


def test_added_concepts_are_found_beside_the_tables_own() -> None:
    gazetteer = compiled((LANTERN, ["Lantern Guild", "Guild of Lanterns"]), (built_in().concepts["place:aleppo"], ["Old Bazaar Town"]))
    title, text = "Guild of Lanterns opens in Old Bazaar Town", "The Lantern Guild came to Turkey."
    tags = {tag.id for tag in tag_article(title, text, "en", gazetteer)}
    assert {"name:lantern-guild", "place:aleppo", "country:TR"} <= tags
    assert gazetteer.concepts["name:lantern-guild"] == LANTERN


def test_the_digest_names_the_content() -> None:
    one, same, other = compiled((LANTERN, ["Lantern Guild"])), compiled((LANTERN, ["Lantern Guild"])), compiled((LANTERN, ["Lamp Guild"]))
    assert one.digest == same.digest != other.digest
    assert one.digest
    assert not built_in().digest


def test_a_surface_of_very_many_concepts_keeps_the_first() -> None:
    crowd = [(Concept(f"name:n{number}", "person", f"N{number}"), ["Ann Other"]) for number in range(3 * MAX_MEANINGS)]
    meant = [one.concept.id for one in compiled(*crowd, tables=False).candidates(["ann", "other"])]
    assert meant == [f"name:n{number}" for number in range(MAX_MEANINGS)]


def test_an_empty_one_finds_nothing() -> None:
    empty = compiled(tables=False)
    assert found(empty, "Nothing in Aleppo") == []
    assert list(empty.concepts) == []


def test_bytes_that_are_no_gazetteer_are_refused() -> None:
    whole = b"".join(bytes(chunk) for chunk in compile_gazetteer([(LANTERN, ["Lantern Guild"])], {}, tables=False))
    swapped = whole[: len(MAGIC)] + whole[len(MAGIC) : len(MAGIC) + 4][::-1] + whole[len(MAGIC) + 4 :]
    damaged = whole[:30] + b"?" + whole[31:]
    for wrong in (b"", b"short", b"x" * 400, whole[:-8], whole + b"12345678", swapped, damaged):
        with pytest.raises(WrongFormat):
            Compiled(wrong)
    assert Compiled(whole).is_intact
    assert not Compiled(whole[:-1] + bytes([whole[-1] ^ 1])).is_intact
