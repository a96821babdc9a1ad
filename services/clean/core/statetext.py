"""The paragraphs in the state that a page's program was given: React's elements, rich text of content systems, plain lists of strings.

What is a story there is told as on a page: strings that read like sentences, under keys that speak of text; and the story has a home:
where most of them stand in the same way (under the same keys, whatever their number in a list), what stands before and after is another's.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

MAX_VALUES = 50_000
MAX_PARTS = 2_000  # strings of one paragraph
LONG = 60  # characters from which a sentence counts wherever it stands
SHORT = 15
HOME = 0.5  # share of the characters from which on one way is the story's
_KEYS = re.compile(r"body|content|text|paragraph|html|children|value|story|article", re.I)
_SENTENCE = re.compile(r"[.!?。！？…؟।]")
_ENDS = re.compile(r"[.!?。！？…؟।][\"'”’»」)]*\s*$")
_BLOCK = re.compile(
    r"(?:p|para|paragraph|block|text-?block|h[1-6]|heading(?:-?\d)?|header|blockquote|quote|pull-?quote|li|list-?item)", re.I
)
_TYPES = ("type", "_type", "nodeType", "tagName", "tag", "name", "kind", "__typename", "blockName")
_PARTS = ("children", "content", "nodes", "spans", "inlines", "items")
_LEAVES = ("text", "value", "content", "children", "data")
_NO_TEXT = ("http", "{", "[", "/", "function", "data:")


def strings(value: Any) -> list[str]:
    """A state's strings that are a story's paragraphs (or its HTML), in their order."""
    found = list(_candidates(value))
    ways = Counter(way for text, way in found if len(text) > LONG)
    kept = [(text, way) for text, way in found if len(text) > LONG or ways[way] > 1]
    weights: Counter[int] = Counter()
    for text, way in kept:
        weights[way] += len(text)
    if not kept:
        return []
    home, weight = weights.most_common(1)[0]
    if weight >= HOME * sum(weights.values()):
        places = [place for place, (_, way) in enumerate(kept) if way == home]
        kept = kept[places[0] : places[-1] + 1]
    return [text for text, _ in kept]


def _candidates(value: Any) -> Iterator[tuple[str, int]]:
    """Strings that can be a paragraph, each with the way to it."""
    todo: list[tuple[Any, bool, int]] = [(value, False, 0)]
    seen = 0
    while todo and seen < MAX_VALUES:
        item, wanted, way = todo.pop()
        seen += 1
        if isinstance(item, str):
            if wanted and _reads(item):
                yield item, way
        elif isinstance(item, dict):
            parts = _parts(item)
            if parts is not None:
                todo.append(("".join(_leaves(parts)), True, hash((way, "paragraph"))))
                continue
            todo.extend((v, bool(_KEYS.search(k)), hash((way, k))) for k, v in reversed(list(item.items())[:2_000]))
        elif isinstance(item, list):
            if len(item) == 4 and item[0] == "$" and isinstance(item[3], dict) and _is_block(item[1]):
                children = item[3].get("children")
                if isinstance(children, list):
                    todo.append(("".join(_leaves(children)), True, hash((way, "children"))))
                    continue
            todo.extend((v, wanted or isinstance(v, (list, dict)), way) for v in reversed(item[:5_000]))


def _reads(text: str) -> bool:
    if len(text) < SHORT or text.startswith(_NO_TEXT) or not _SENTENCE.search(text):
        return False
    return len(text) > LONG or (" " in text and _ENDS.search(text) is not None)


def _parts(item: dict[str, Any]) -> list[Any] | None:
    """The parts of a paragraph that is kept as runs of text: strings, and objects of which each has a text; None for anything else."""
    if not any(_is_block(item.get(name)) for name in _TYPES):
        return None
    for name in _PARTS:
        parts = item.get(name)
        if isinstance(parts, list) and parts and all(isinstance(p, str) or (isinstance(p, dict) and _has_text(p)) for p in parts[:50]):
            return parts
    return None


def _has_text(part: dict[str, Any]) -> bool:
    """Whether a part is a run of text or a link around some, and no block of its own."""
    if any(_is_block(part.get(name)) for name in _TYPES):
        return False
    return any(isinstance(part.get(name), (str, list)) for name in _LEAVES)


def _is_block(name: Any) -> bool:
    return isinstance(name, str) and len(name) < 30 and _BLOCK.fullmatch(name) is not None


def _leaves(parts: Any) -> Iterator[str]:
    """The strings within a paragraph, in their order."""
    todo = [parts]
    seen = 0
    while todo and seen < MAX_PARTS:
        item = todo.pop()
        seen += 1
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            todo.append(next((item[name] for name in _LEAVES if isinstance(item.get(name), (str, list))), None))
        elif isinstance(item, list):
            if len(item) == 4 and item[0] == "$":
                todo.append(item[3].get("children") if isinstance(item[3], dict) else None)
            else:
                todo.extend(reversed(item[:MAX_PARTS]))
