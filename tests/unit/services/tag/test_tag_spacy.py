"""Patterns of spaCy's rulers, and a pipeline made here where spaCy is installed. All names are invented."""

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from services.tag import spacypipe
from services.tag.core.sources import BadConcept
from services.tag.core.spacyrules import row_of
from services.tag.spacypipe import NoPipeline, load, patterns, patterns_of_file, recognised

PATTERNS: list[dict[str, Any]] = [
    {"label": "ORG", "pattern": "Harbour Trust"},
    {"label": "PERSON", "pattern": [{"LOWER": "olga"}, {"TEXT": "Quarrin"}], "id": "olga-quarrin"},
    {"label": "GPE", "pattern": [{"ORTH": "Zurbagan"}]},
    {"label": "ORG", "pattern": [{"LOWER": "harbour"}, {"OP": "?"}]},
    {"label": "MONEY", "pattern": "ten thousand"},
]
KNOWN = {("name:harbour-trust", "organisation"), ("name:olga-quarrin", "person"), ("name:zurbagan", "place")}
needs_spacy = pytest.mark.skipif(find_spec("spacy") is None, reason="spaCy is not installed: it is optional")


def test_patterns_that_match_one_text_are_concepts(tmp_path: Path) -> None:
    path = tmp_path / "patterns.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in PATTERNS) + "\n\n")
    rows = list(patterns_of_file(path))
    assert {(concept.id, concept.kind) for concept, _ in rows} == KNOWN
    assert rows[1][1] == ["Olga Quarrin"]


@pytest.mark.parametrize("wrong", ["{", "[]", "3", "x" * 200_000, '{"label": "ORG", "pattern": [3]}'])
def test_a_file_that_holds_no_patterns_is_refused(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "patterns.jsonl"
    path.write_text(wrong)
    with pytest.raises(BadConcept):
        list(patterns_of_file(path))


@pytest.mark.parametrize("pattern", [{}, {"label": "ORG"}, {"label": "ORG", "pattern": "…"}, {"label": "ORG", "pattern": [{}] * 40}])
def test_patterns_without_a_name_are_passed_over(pattern: dict[str, Any]) -> None:
    assert row_of(pattern) is None


@pytest.mark.skipif(find_spec("spacy") is not None, reason="spaCy is installed")
def test_without_spacy_the_reason_is_said() -> None:
    with pytest.raises(NoPipeline, match="pip install spacy"):
        load("en_core_web_sm")


@needs_spacy
def test_a_pipeline_brings_its_rulers_patterns_and_names_what_it_recognises(tmp_path: Path) -> None:
    made = import_module("spacy").blank("en")
    made.add_pipe("entity_ruler").add_patterns(PATTERNS)
    made.to_disk(tmp_path / "pipeline")
    loaded = load(str(tmp_path / "pipeline"))
    assert {(concept.id, concept.kind) for concept, _ in patterns(loaded)} == KNOWN
    names = list(recognised(loaded, ["The Harbour Trust hired Olga Quarrin for ten thousand.", "Nothing."]))
    assert [[concept.id for concept, _ in one] for one in names] == [["name:harbour-trust", "name:olga-quarrin"], []]


@needs_spacy
def test_a_pipeline_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoPipeline, match="nowhere"):
        spacypipe.load(str(tmp_path / "nowhere"))
