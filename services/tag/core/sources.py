"""Concepts that are added to the package's tables: one a line of JSON, checked, since dumps and files of others bring them.

    {"id": "name:harbour-trust", "kind": "organisation", "name": "Harbour Trust", "parent": "country:PT", "surfaces": ["HT"]}

`parent`, `flags` and `surfaces` may be absent; `id` may, too: then it is the one that the rules for names give, so that articles that were
tagged before meet those tagged after. Surfaces stand in the notation of the tables (README.md).
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from services.tag.core.lexicon import lexicon
from services.tag.core.matching import Concept
from services.tag.core.persons import name_id
from services.tag.core.tokens import is_capital, is_caseless, words_of

KINDS = frozenset(
    ("place", "country", "organisation", "armed_group", "person", "office", "event", "disaster", "election", "craft", "topic", "name")
)
MAX_LINE = 100_000  # characters
MAX_SURFACES = 200
MAX_SHOWN = 120  # characters of a name or surface
_MAX_WORDS = 9
_ID = re.compile(r"[a-z_]{2,20}:[^\s:|]{1,100}")
_FLAG = re.compile(r"[wn]|adj=[^;\t\n]{1,60}")
_ACRONYM = re.compile(r"[A-Z][A-Z&]{1,5}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")

Row = tuple[Concept, list[str]]


class BadConcept(ValueError):
    """A line that is no concept; says why."""


def to_line(concept: Concept, surfaces: Sequence[str]) -> str:
    """A concept as one line."""
    fields = {"id": concept.id, "kind": concept.kind, "name": concept.name, "parent": concept.parent, "flags": concept.flags}
    return json.dumps({name: value for name, value in fields.items() if value} | {"surfaces": list(surfaces)}, ensure_ascii=False)


def from_line(line: str) -> Row:
    """The concept of one line and its surfaces; the name is always one. Raises BadConcept."""
    if len(line) > MAX_LINE:
        raise BadConcept(f"longer than {MAX_LINE:,} characters")
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadConcept(f"no JSON: {error}") from error
    if not isinstance(given, dict):
        raise BadConcept("no JSON object")
    kind, name = _text(given, "kind"), clean_text(_text(given, "name"))
    if kind not in KINDS:
        raise BadConcept(f"kind {kind!r} is none of {', '.join(sorted(KINDS))}")
    ending = id_of(name)
    if not ending:
        raise BadConcept("a name without a letter")
    concept_id, parent, flags = _text(given, "id") or ending, _text(given, "parent"), _text(given, "flags")
    for one in filter(None, (concept_id, parent)):
        if not _ID.fullmatch(one):
            raise BadConcept(f"{one[:60]!r} is no id such as place:aleppo")
    if flags and not all(map(_FLAG.fullmatch, flags.split(";"))):
        raise BadConcept(f"flags {flags[:60]!r}: w, n and adj=… there are, joined by ;")
    surfaces = given.get("surfaces", [])
    if not isinstance(surfaces, list) or not all(isinstance(one, str) for one in surfaces):
        raise BadConcept("surfaces is no list of texts")
    kept = dict.fromkeys(filter(None, map(clean_text, [name, *surfaces[:MAX_SURFACES]])))
    return Concept(concept_id, kind, name, parent, flags), list(kept)


def clean_text(text: str) -> str:
    """A name or surface on one line, blanks made single, no invisible characters; empty where it is too long or bears the tables' bar."""
    text = " ".join(_CONTROLS.sub(" ", text).split())
    return text if len(text) <= MAX_SHOWN and "|" not in text else ""


def id_of(name: str) -> str:
    """The id that the rules for names give; empty for a name without a letter."""
    keys = words_of(name)[1]
    found = name_id(tuple(keys)) if keys else ""
    return "" if found == "name:" else found


def is_telling(surface: str, *, bare: bool = False) -> bool:
    """Whether a surface that strangers give may stand for a concept: a proper name of two words or more, or an acronym.

    One word alone is too often another word (Target, Nice, Reading); it counts where `bare` is asked for, if it is no common word.
    """
    words = lexicon()
    raw, keys = words_of(surface)
    if not 0 < len(keys) <= _MAX_WORDS or all(map(str.isdigit, keys)):
        return False
    if not (is_capital(raw[0]) or is_caseless(raw[0])):
        return False
    if len(keys) > 1:
        return not all(
            key in words.common or key in words.titles or key in words.particles or (len(key) < 2 and not is_caseless(key))
            for key in keys
        )
    key = keys[0]
    ordinary = key in words.common or key in words.given or key in words.titles or key in words.calendar or key in words.orgs
    return not ordinary and (bool(_ACRONYM.fullmatch(surface)) or (bare and len(key) > 2))


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise BadConcept(f"{name} is no text")
    return value
