"""Stories that stand in scripts only: JSON-LD's articleBody, Next.js flight data, page state. A fallback for when the tree is empty."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from services.clean.core import statetext
from services.clean.core.jsonld import Node, text_of
from services.clean.core.markup import Script

MAX_CHARS = 4_000_000
_FLIGHT = re.compile(r"self\.__next_f\.push\(\[\s*\d+\s*,\s*(\"(?:[^\"\\]|\\.)*\")\s*\]\s*\)")
_ROW = re.compile(r"^[0-9a-f]{1,6}:(.*)$", re.M)
_TAGS = re.compile(r"<(?:/?(?:p|div|h[1-6]|li|br|blockquote)\b[^>]{0,300})>", re.I)
_ANY_TAG = re.compile(r"<[a-zA-Z/][^<>]{0,1000}>")


def collect(scripts: list[Script]) -> list[str]:
    """The texts of those of a page's scripts that may hold a story."""
    found, room = [], MAX_CHARS
    for script in scripts:
        text = script.text
        if "application/json" in script.opening or "__next_f" in text or "_STATE__" in text[:200]:
            room -= len(text)
            if room < 0:
                break
            found.append(text)
    return found


def paragraphs(scripts: list[str], nodes: list[Node]) -> list[str]:
    """The paragraphs of the longest story found; an empty list where there is none."""
    best: list[str] = []
    for node in nodes:
        body = text_of_body(node.get("articleBody"))
        if sum(map(len, body)) > sum(map(len, best)):
            best = body
    if sum(map(len, best)) > 300:
        return best
    flight = "".join(piece for script in scripts for piece in _flight(script))
    values: Iterator[Any] = (*(_rows(flight)), *(v for script in scripts if (v := _state(script)) is not None)).__iter__()
    told: list[str] = []
    seen: set[str] = set()
    for value in values:
        for text in statetext.strings(value):
            for part in text_of_body(text):
                if part not in seen:
                    seen.add(part)
                    told.append(part)
    return told if sum(map(len, told)) > max(200, sum(map(len, best))) else best


def text_of_body(value: Any) -> list[str]:
    """Paragraphs out of a string that may hold HTML or line breaks."""
    if isinstance(value, dict):
        value = text_of(value)
    if not isinstance(value, str):
        return []
    if "&lt;" in value:
        value = html.unescape(value)
    value = html.unescape(_ANY_TAG.sub("", _TAGS.sub("\n\n", value)))
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n|\r\n|\n", value) if part.strip()]


def _flight(script: str) -> Iterator[str]:
    for match in _FLIGHT.finditer(script):
        try:
            yield json.loads(match[1])
        except ValueError:
            continue


def _rows(flight: str) -> Iterator[Any]:
    for match in _ROW.finditer(flight):
        row = match[1]
        if row[:1] in "[{":
            try:
                yield json.loads(row)
            except (ValueError, RecursionError):
                continue
        elif row.startswith("T"):
            # A text row is T, its length in hexadecimal, a comma, the text (which may run over lines).
            yield {"text": flight[match.start(1) :].partition(",")[2][: _length(row)]}


def _length(row: str) -> int:
    try:
        return min(int(row[1:].partition(",")[0], 16), MAX_CHARS)
    except ValueError:
        return 0


def _state(script: str) -> Any:
    text = script.strip()
    if not text.startswith(("{", "[")):
        start = text.find("{")
        if start < 0 or start > 300:
            return None
        text = text[start:].rstrip(" ;\n")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
