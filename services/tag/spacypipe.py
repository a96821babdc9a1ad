"""Loads a spaCy pipeline, where spaCy is installed: the patterns of its rulers, and the names that its recogniser finds in texts.

spaCy is no dependency: `pip install spacy` and a pipeline beside Dateline. It is asked when concepts are gathered, never while an article
is tagged: a recogniser takes ten times as long for a text as all of tag, and two versions of it make two chronicles of one set of articles.
"""

import json
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from services.tag.concepts import Row
from services.tag.core.sources import BadConcept, is_telling
from services.tag.core.spacyrules import KINDS, named, row_of

RULERS = ("entity_ruler", "span_ruler")
MAX_TEXT = 60_000  # characters of an article
MAX_LINE = 100_000


class NoPipeline(Exception):
    """spaCy is not installed, or there is no such pipeline; says which."""


def load(name: str) -> Any:
    """The pipeline of an installed package or a folder. Raises NoPipeline."""
    try:
        spacy = import_module("spacy")
    except ImportError as error:
        raise NoPipeline("spaCy is not installed: pip install spacy (Dateline does without it)") from error
    try:
        return spacy.load(name)
    except (OSError, ValueError, ImportError) as error:
        raise NoPipeline(f"{name}: {str(error).partition(chr(10))[0][:300]}") from error


def patterns(pipeline: Any) -> Iterator[Row]:
    """The concepts of a pipeline's rulers."""
    for name in pipeline.pipe_names:
        component = pipeline.get_pipe(name)
        if name in RULERS or hasattr(component, "patterns"):
            yield from _rows(component.patterns)


def patterns_of_file(file: Path) -> Iterator[Row]:
    """The concepts of a ruler's `patterns.jsonl`; needs no spaCy. Raises BadConcept with the number of a line that is no pattern."""
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                given = json.loads(line) if len(line) <= MAX_LINE else None
            except (ValueError, RecursionError) as error:
                raise BadConcept(f"line {number}: no JSON: {error}") from error
            if not isinstance(given, dict):
                raise BadConcept(f"line {number}: no pattern")
            yield from _rows([given])


def recognised(pipeline: Any, texts: Iterable[str]) -> Iterator[list[Row]]:
    """For each text the names that the recogniser finds in it, those that are telling."""
    for document in pipeline.pipe((text[:MAX_TEXT] for text in texts), batch_size=16):
        found = [named(" ".join(one.text.split()), KINDS[one.label_]) for one in document.ents if one.label_ in KINDS]
        yield [row for row in found if row is not None and is_telling(row[1][0])]


def _rows(listed: Iterable[Any]) -> Iterator[Row]:
    for pattern in listed:
        row = row_of(pattern)
        if row is not None:
            yield row
