"""Concepts out of spaCy (https://spacy.io): the patterns of an entity ruler or span ruler, and what a pipeline's recogniser names.

Plain data in: `services/tag/spacypipe.py` loads the pipeline, where spaCy is installed.
"""

from collections.abc import Mapping
from typing import Any

from services.tag.core.matching import Concept
from services.tag.core.sources import BadConcept, clean_text, id_of

# Labels of spaCy's own pipelines: OntoNotes 5 in English and Chinese, WikiNER's in most other languages.
KINDS = {
    "PERSON": "person",
    "PER": "person",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "ORG": "organisation",
    "EVENT": "event",
}
_WHOLE = ("ORTH", "TEXT")
MAX_TOKENS = 9


def row_of(pattern: Mapping[str, Any]) -> tuple[Concept, list[str]] | None:
    """The concept of one pattern, `{"label", "pattern", "id"?}`. None for a label that is no concept of ours, and for patterns that match
    more than one text: of these only a recogniser can tell what they find. Raises BadConcept.
    """
    kind = KINDS.get(str(pattern.get("label", "")).upper())
    surface = clean_text(_text(pattern.get("pattern")))
    given = pattern.get("id")
    if kind is None or not surface:
        return None
    return named(surface, kind, given if isinstance(given, str) else "")


def named(surface: str, kind: str, given: str = "") -> tuple[Concept, list[str]] | None:
    """A concept by the name that stands in a text. `given`: an id as rulers have it, a slug or a name of the whole."""
    name = clean_text(given.replace("-", " ").replace("_", " ").title() if given and given.islower() else given) or surface
    concept_id = id_of(name)
    return (Concept(concept_id, kind, name), [surface]) if concept_id else None


def _text(pattern: Any) -> str:
    if isinstance(pattern, str):
        return pattern
    if not isinstance(pattern, list) or not 0 < len(pattern) <= MAX_TOKENS:
        return ""
    words = []
    for token in pattern:
        if not isinstance(token, dict):
            raise BadConcept("a pattern's token is no object")
        whole = [value for name, value in token.items() if name.upper() in _WHOLE and isinstance(value, str)]
        lower = [value.title() for name, value in token.items() if name.upper() == "LOWER" and isinstance(value, str)]
        if len(token) != 1 or not (whole or lower):
            return ""
        words += whole or lower
    return " ".join(words)
