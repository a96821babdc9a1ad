"""The tables are sound: what they say of one another exists, and no surface is lost."""

from collections.abc import Sequence

from services.tag.core import built_in
from services.tag.core.gazetteer import TABLES, Candidate, table
from services.tag.core.infer import country_of, part_of, rules, window
from services.tag.core.lexicon import lexicon

KINDS = {"place", "country", "organisation", "armed_group", "person", "office", "event", "disaster", "election", "craft", "topic", "name"}


def test_every_row_is_of_a_known_kind_and_has_a_parent_that_exists() -> None:
    concepts = built_in().concepts
    assert {concept.kind for concept in concepts.values()} <= KINDS
    assert [one.id for one in concepts.values() if one.parent and one.parent not in concepts] == []


def test_no_concept_stands_twice() -> None:
    ids = [row[0] for name in TABLES for row in table(name)]
    assert len(ids) == len(set(ids))


def test_rules_speak_of_concepts_and_signs_that_exist() -> None:
    concepts, signs = built_in().concepts, lexicon().signs
    every = {rule for its in rules().values() for rule in its}
    assert {rule.inferred for rule in every} - concepts.keys() == set()
    named = set[str]().union(*(rule.needs | rule.evidence | rule.unless | rule.further for rule in every))
    assert {one for one in named - concepts.keys() - signs.keys() if not one.endswith("-armed-forces")} == set()


def test_every_event_ends_after_it_began_and_belongs_to_one_that_exists() -> None:
    concepts = built_in().concepts
    events = [one for one in concepts.values() if "from=" in one.flags]
    assert len(events) > 300
    for one in events:
        began, ended = window(one.flags)
        assert began <= ended, one.id
    assert [one.id for one in events if part_of(one) and part_of(one) not in concepts] == []


def test_no_surface_means_two_things_that_nothing_could_tell_apart() -> None:
    decided = {"place", "country", "person"}  # by the other concepts of an article
    concepts = built_in().concepts

    def are_parties(candidates: Sequence[Candidate]) -> bool:  # parties of several countries: by the country that an article speaks of
        countries = [country_of(one.concept, concepts) for one in candidates if one.concept.kind == "organisation"]
        return len(countries) == len(candidates) and None not in countries and len(set(countries)) == len(countries)

    shared = {
        surface: sorted({one.concept.id for one in candidates})
        for surface, candidates in built_in().surfaces.items()
        if len({(one.concept.id, one.case) for one in candidates if one.concept.kind not in decided}) > 1
        and len({one.case for one in candidates}) == 1
        and len({one.concept.id for one in candidates}) > 1
        and not are_parties(candidates)
    }
    assert shared == {}


def test_no_place_stands_twice_beside_the_whole_world() -> None:
    """A strait with a country and the same without one would be found for neither."""
    concepts = built_in().concepts
    twins = [
        surface
        for surface, candidates in built_in().surfaces.items()
        if {one.concept.kind for one in candidates} == {"place"}
        and len({one.concept.id for one in candidates}) == 2
        and not any(one.concept.is_weak for one in candidates)
        and any(country_of(one.concept, concepts) is None for one in candidates)
    ]
    assert twins == []
