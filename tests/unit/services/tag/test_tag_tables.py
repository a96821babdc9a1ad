"""The tables are sound: what they say of one another exists, and no surface is lost."""

from services.tag.core import built_in
from services.tag.core.gazetteer import TABLES, table
from services.tag.core.infer import rules

KINDS = {"place", "country", "organisation", "armed_group", "person", "office", "event", "disaster", "election", "craft", "topic", "name"}


def test_every_row_is_of_a_known_kind_and_has_a_parent_that_exists() -> None:
    concepts = built_in().concepts
    assert {concept.kind for concept in concepts.values()} <= KINDS
    assert [one.id for one in concepts.values() if one.parent and one.parent not in concepts] == []


def test_no_concept_stands_twice() -> None:
    ids = [row[0] for name in TABLES for row in table(name)]
    assert len(ids) == len(set(ids))


def test_rules_infer_concepts_that_exist() -> None:
    concepts = built_in().concepts
    assert [rule.inferred for rule in rules() if rule.inferred not in concepts] == []
