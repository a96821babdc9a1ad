"""What an edit changed in an article: paragraph by paragraph, bounded in time and size whatever the two texts are."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.clean.core.document import Cleaned

MAX_CELLS = 250_000  # pairs of paragraphs that are compared: some 50 ms
MAX_LINES = 200
MAX_LINE = 2_000  # characters of a paragraph that are shown
MAX_CHARS = 40_000  # of all lines
CONTEXT = 80  # characters of the unchanged paragraph beside a change
ELLIPSIS = "…"

Line = tuple[str, str]  # sign (`+`, `-` or a space), paragraph

# A word with whatever sticks to it, so that each visible change counts; in scripts without spaces, a character.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")


@dataclass(frozen=True, kw_only=True)
class Former:
    """What stood of an article before."""

    revision: int
    title: str | None
    standfirst: str | None
    text: str | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is different now. `added` and `removed` are words that one side has and the other has not, wherever they stand."""

    title_before: str | None
    title: str | None
    diff: tuple[Line, ...]
    added: int
    removed: int


def compare(former: Former, cleaned: Cleaned) -> Change | None:
    """The change between two revisions; None where title and text read the same, whatever their spacing.

    The standfirst is compared as the text's first paragraph, since a page's new markup may make the one of the other.
    """
    before, after = _paragraphs(former.standfirst, former.text), _paragraphs(cleaned.standfirst, cleaned.text)
    if before == after and _plain(former.title) == _plain(cleaned.title):
        return None
    old, new = _words(before), _words(after)
    return Change(
        title_before=former.title,
        title=cleaned.title,
        diff=tuple(_bounded(collapsed(paragraph_diff(before, after)))),
        added=sum((new - old).values()),
        removed=sum((old - new).values()),
    )


def paragraph_diff(before: Sequence[str], after: Sequence[str]) -> list[Line]:
    """All paragraphs of both, each with its sign, in order: a longest common subsequence keeps its place (Wagner and Fischer, 1974).

    Where the paragraphs between what both begin and end with are too many to be compared, all of them count as changed.
    """
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    lines: list[Line] = [(" ", one) for one in before[:start]]
    if len(old) * len(new) > MAX_CELLS:
        lines += [("-", one) for one in old] + [("+", one) for one in new]
    else:
        lines += _common(old, new)
    return lines + [(" ", one) for one in before[len(before) - end :]]


def collapsed(lines: Sequence[Line]) -> Iterator[Line]:
    """The changes, each with the beginning of the unchanged paragraph before and after it; a lone ellipsis stands for what is left out."""
    near = {at + step for at, (sign, _) in enumerate(lines) if sign != " " for step in (-1, 0, 1)}
    left_out = False
    for at, (sign, text) in enumerate(lines if near else ()):
        if at not in near:
            left_out = True
            continue
        if left_out:
            yield " ", ELLIPSIS
        left_out = False
        yield sign, text if sign != " " else _cut(text, CONTEXT)
    if left_out:
        yield " ", ELLIPSIS


def settled(facts: dict[str, object]) -> dict[str, object]:
    """An article's facts without what pages change at every request: the time of their making, and what stands behind an image's name.

    `facts` bear the names of shared.models.Article's columns. Equal ones are the same article, so nothing need follow from them.
    """
    besides = ("modified_at", "provenance", "details", "outlet", "cleaned_revision")
    kept = {name: value for name, value in facts.items() if name not in besides}
    return kept | {"image": _name(kept.get("image")), "context": json.dumps(kept.get("context"), sort_keys=True)}


def _name(image: object) -> str | None:
    try:
        return urlsplit(image)._replace(query="", fragment="").geturl() if isinstance(image, str) else None
    except ValueError:
        return None


def _paragraphs(standfirst: str | None, text: str | None) -> list[str]:
    found = [_plain(standfirst), *(_plain(one) for one in (text or "").split("\n\n"))]
    return [one for one in found if one]


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())


def _words(paragraphs: Sequence[str]) -> Counter[str]:
    return Counter(word for one in paragraphs for word in _WORD.findall(one))


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many paragraphs both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _common(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    """What is left of `old` and what came, around the longest sequence that both have."""
    lengths = [[0] * (len(new) + 1)]  # of that sequence, from each pair of places on to the end
    for a in reversed(old):
        below, row = lengths[-1], [0] * (len(new) + 1)
        for at in range(len(new) - 1, -1, -1):
            row[at] = below[at + 1] + 1 if a == new[at] else max(below[at], row[at + 1])
        lengths.append(row)
    lengths.reverse()
    lines: list[Line] = []
    i = j = 0
    while i < len(old) or j < len(new):
        if i < len(old) and j < len(new) and old[i] == new[j]:
            lines.append((" ", old[i]))
            i, j = i + 1, j + 1
        elif i < len(old) and (j == len(new) or lengths[i + 1][j] >= lengths[i][j + 1]):
            lines.append(("-", old[i]))
            i += 1
        else:
            lines.append(("+", new[j]))
            j += 1
    return lines


def _bounded(lines: Iterator[Line]) -> Iterator[Line]:
    left = MAX_CHARS
    for number, (sign, text) in enumerate(lines, start=1):
        if number == MAX_LINES or left <= 0:
            yield " ", ELLIPSIS
            return
        shown = _cut(text, MAX_LINE)
        left -= len(shown)
        yield sign, shown


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 2].rstrip() + " " + ELLIPSIS
