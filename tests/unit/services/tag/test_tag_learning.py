"""What pages and articles teach, and what they do not. All names are invented."""

from services.tag.core import Concept, built_in
from services.tag.core.learning import Links, Names

GUILD = Concept("name:lantern-guild", "organisation", "Lantern Guild")


def learnt(*pages: list[tuple[str, str]]) -> dict[str, list[str]]:
    links = Links()
    for page in pages:
        links.add(page)
    return {concept.id: surfaces for concept, surfaces in links.rows(built_in())}


def test_a_surface_on_which_two_pages_agree_is_learnt() -> None:
    page = [("Lantern Guild", "Guild of Lanterns")]
    assert learnt(page) == {}
    assert learnt(page, page) == {"name:lantern-guild": ["Lantern Guild", "Guild of Lanterns"]}


def test_a_link_twice_on_a_page_counts_once() -> None:
    assert learnt([("Lantern Guild", "Guild of Lanterns")] * 2) == {}


def test_what_is_no_proper_name_teaches_nothing() -> None:
    page = [("Olga Quarrin", "the president"), ("Olga Quarrin", "President Quarrin"), ("Olga Quarrin", "Quarrin")]
    assert learnt(page, page) == {"name:olga-quarrin": ["Olga Quarrin"]}


def test_a_surface_that_leads_elsewhere_too_is_not_learnt() -> None:
    one, other = [("Lantern Guild", "Old Guild")], [("Candle Guild", "Old Guild")]
    assert learnt(one, one, other, other) == {}


def test_the_tables_concepts_get_what_they_lack() -> None:
    page = [("Aleppo", "Aleppo"), ("Aleppo", "Old Bazaar Town"), ("Damascus", "Damascus")]
    assert learnt(page, page) == {"place:aleppo": ["Old Bazaar Town"]}


def test_a_name_is_learnt_once_three_outlets_use_it() -> None:
    names = Names()
    for outlet in ("a.test", "b.test", "b.test"):
        names.add(GUILD, ["Lantern Guild"], outlet)
    assert list(names.rows(built_in())) == []
    names.add(GUILD, ["Lantern Guild", "LANTERN GUILD", "guild"], "c.test")
    assert list(names.rows(built_in())) == [(GUILD, ["Lantern Guild"])]


def test_the_tables_names_and_single_words_are_not_learnt_anew() -> None:
    names = Names()
    for outlet in ("a.test", "b.test", "c.test"):
        names.add(built_in().concepts["place:aleppo"], ["Aleppo"], outlet)
        names.add(Concept("name:quarrin", "name", "Quarrin"), ["Quarrin"], outlet)
    assert list(names.rows(built_in())) == []
