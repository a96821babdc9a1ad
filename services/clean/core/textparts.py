"""The lines of a plain text or of Markdown as parts: paragraphs, headings, items of lists, quotes and rows of tables."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

MAX_LINES = 100_000
WRAP = 40  # a line shorter than this was not broken by a margin
QUOTED = 0.6  # share of the lines from which on marks of quotation are a mail's, not a quote's
WRAPPED = 0.6  # share of the lines that stop in mid-sentence from which on a margin broke them
WIDEST = 140  # characters of a line of such a text
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_SETEXT = re.compile(r"^(?:={3,}|-{3,})\s*$")
_RULE = re.compile(r"^\s*(?:(?:[-*=~•]\s*){3,}|_{4,}|(?:_\s+){2,}_?)\s*$")
_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)[\w-]*\s*$")
_ITEM = re.compile(r"^(\s{0,12})(?:([-*+•])|(\d{1,5})[.)])\s+(?=\S)")
_DELIMITER = re.compile(r"^\s*\|?\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)*\|?\s*$")
_CELL = re.compile(r"(?<!\\)\|")
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\(\s*<?([^()\s<>]{1,2000})>?(?:\s+\"[^\"]{0,200}\")?\s*\)")
_IMAGE = re.compile(r"!\[([^\[\]]{0,500})\]\(\s*<?[^()\s<>]{1,2000}>?(?:\s+\"[^\"]{0,200}\")?\s*\)")
_AUTOLINK = re.compile(r"<((?:https?|mailto):[^<>\s]{3,2000})>")
_EMPHASIS = re.compile(
    r"(?<![\w*\\])(\*{1,3})(?=[^\s*])([^*\n]{0,500}?[^\s*\\])\1(?![\w*])"
    r"|(?<![\w_\\])(_{1,3})(?=[^\s_])([^_\n]{0,500}?[^\s_\\])\3(?![\w_])"
)
_CODE = re.compile(r"(?<![`\\])(`{1,2})(?!`)([^`\n]{1,300})\1(?!`)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_QUOTE = re.compile(r"^\s{0,3}>\s?")
_STRAY = re.compile(r"\s*[|¦]\s*$|^\s*[|¦]\s+")
_TERMINAL = re.compile(r"[.!?。！？…؟۔।።։။។:;][\"'”’»›)\]*_」』]*\s*\|?\s*$|[”»」』]\s*$")
_HYPHEN = re.compile(r"[^\W\d_][-\u2010]$|\u00ad$")
# Scripts that part no words by blanks: lines of them are joined without one. Of these some end no sentence with a mark.
_UNSPACED_END = re.compile(r"[\u3000-\u9fff\uff00-\uffef\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]$")
_UNMARKED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


@dataclass(slots=True)
class Part:
    """One part: `raw` with its Markdown, `text` without.

    `level` is a heading's (0 for none). `kind` is p, heading, item, quote or row; `number` an ordered item's; `cells` a row's texts;
    parts of one list, quote or table have one `group`; `depth` counts the lists around an item's own.
    """

    raw: str
    text: str
    level: int = 0
    kind: str = "p"
    number: int | None = None
    cells: tuple[str, ...] = ()
    group: object = None
    depth: int = 0


def parts(text: str, *, markdown: bool = False) -> list[Part]:
    """Parts in their order: at blank lines, and within a run of lines wherever a line ends like a sentence.

    Marks of a list are taken for such where several items stand close together, or where the text is `markdown` by declaration.
    """
    lines = text.split("\n")[:MAX_LINES]
    quoted = sum(1 for line in lines if _QUOTE.match(line))
    mail = quoted > QUOTED * sum(1 for line in lines if line.strip())
    margin = _margin(lines)
    found: list[Part] = []
    run: list[str] = []
    quote: object = None  # what the run that is collected is a part of, where it is a quote

    def end() -> None:
        found.extend(_run(run, quote, margin, markdown=markdown))
        run.clear()

    for line in lines:
        bare = _QUOTE.sub("", line)
        is_quote = bare != line and not mail
        if is_quote != (quote is not None):
            end()
            quote = object() if is_quote else None
        line = bare.expandtabs(4)
        if not line.strip():
            end()
        elif heading := _HEADING.match(line.strip()):
            end()
            if text_of := plain(heading[2]):
                found.append(Part(heading[2], text_of, len(heading[1]), "heading"))
        elif _SETEXT.match(line.strip()) and len(run) == 1 and len(run[0]) < 200:
            title = plain(run[0])
            run.clear()
            if title:
                found.append(Part(title, title, 1, "heading"))
        elif _FENCE.match(line):
            end()
        elif not _RULE.match(line) or (_DELIMITER.match(line) and run and "|" in run[-1]):
            run.append(line)
    end()
    return found


def plain(raw: str) -> str:
    """A paragraph without Markdown's marks."""
    text = raw
    if "[" in text:
        text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    text = _AUTOLINK.sub(r"\1", text)
    for _ in range(3):
        less = _EMPHASIS.sub(lambda m: m[2] or m[4], text)
        if less == text:
            break
        text = less
    text = _ESCAPE.sub(r"\1", _CODE.sub(r"\2", text))
    # Blanks are joined first: each of a long run of them would be looked at for a mark behind it.
    text = " ".join(text.replace("\u00ad", "").replace("\u200b", "").replace("\ufeff", "").split())
    return _STRAY.sub("", text).strip()


def glue(before: str, line: str) -> str:
    """Two lines that a margin broke as one; a word that was cut there is whole again."""
    return joined((before, line))


def joined(lines: Iterable[str]) -> str:
    """Lines that a margin broke as one, in linear time."""
    out: list[str] = []
    for line in lines:
        if out:
            before = out[-1]
            if _HYPHEN.search(before) and line[:1].islower():
                out[-1] = before[:-1]
            elif not _UNSPACED_END.search(before):
                out.append(" ")
        out.append(line)
    return "".join(out)


def ends_a_sentence(line: str) -> bool:
    """Whether a line ends as a sentence does."""
    return _TERMINAL.search(line) is not None


def is_unmarked(text: str) -> bool:
    """Whether a text is in a script whose sentences end without a mark, such as Thai."""
    return _UNMARKED.search(text) is not None


def width(text: str) -> int:
    """Characters, those of wide scripts twice."""
    return len(text) if text.isascii() else sum(2 if c > "\u2e80" else 1 for c in text)


def _run(run: list[str], quote: object, margin: int, *, markdown: bool) -> Iterator[Part]:
    """The parts of lines that stand together."""
    if not run:
        return
    if any(_DELIMITER.match(line) for line in run[1:]) or (markdown and all(line.lstrip().startswith("|") for line in run)):
        yield from _table(run, margin)
        return
    at = 0
    while at < len(run):
        first = next((place for place in range(at, len(run)) if _ITEM.match(run[place])), len(run))
        items, end = _items(run, first)
        if len(items) < 2 and not (items and markdown):
            yield from _paragraphs(run[at:end], quote, margin)
        else:
            yield from _paragraphs(run[at:first], quote, margin)
            yield from items
        at = end


def _paragraphs(run: list[str], quote: object, margin: int) -> Iterator[Part]:
    for raw in _joined(run, margin):
        if text := plain(raw):
            yield Part(raw, text, kind="p" if quote is None else "quote", group=quote)


def _table(run: list[str], margin: int) -> Iterator[Part]:
    group = object()
    for place, line in enumerate(run):
        if _DELIMITER.match(line):
            continue
        if "|" not in line:
            yield from _paragraphs([line], None, margin)
            continue
        raw = line.strip()
        cells = [plain(cell) for cell in _CELL.split(raw.removeprefix("|"))]
        cells = cells[:-1] if cells and not cells[-1] and raw.endswith("|") else cells
        if text := " ".join(cell for cell in cells if cell):
            heads = place + 1 < len(run) and _DELIMITER.match(run[place + 1]) is not None
            yield Part(raw, text, level=0, kind="row", cells=tuple(cells), group=group, number=0 if heads else None)


def _items(run: list[str], at: int) -> tuple[list[Part], int]:
    """The items of the list that begins at a line, each with the lines that go on with it, and the place of the line after.

    Numbers count up: a line that a margin broke before "12. May" begins no item. A line that is not indented goes on with an item only
    where that stopped in mid-sentence.
    """
    items: list[tuple[int | None, int, list[str]]] = []
    indents: list[int] = []
    expected: int | None = None
    while at < len(run):
        line = run[at]
        mark = _ITEM.match(line)
        number = int(mark[3]) if mark and mark[3] else None
        if mark and (number is None or expected is None or number in (expected, expected - 1)):
            expected = number + 1 if number is not None else expected
            items.append((number, _depth(indents, len(mark[1])), [line[mark.end() :].strip()]))
        elif not items or not (line.startswith("  ") or _is_broken(run[at - 1])):
            break
        else:
            items[-1][2].append(line.strip())
        at += 1
    group = object()
    parts = [Part(raw := joined(lines), plain(raw), kind="item", number=number, group=group, depth=depth) for number, depth, lines in items]
    return [part for part in parts if part.text], at


def _depth(indents: list[int], indent: int) -> int:
    """The depth of an item by the `indents` of the lists that are open, which are kept up to date."""
    while len(indents) > 1 and indents[-1] > indent:
        indents.pop()
    if not indents or indent > indents[-1] + 1:
        indents.append(indent)
    return len(indents) - 1


def _margin(lines: list[str]) -> int:
    """The width at which a text's lines were broken, 0 where they were not: few stop in mid-sentence, or one is much longer."""
    pairs = [line.rstrip() for line, after in pairwise(lines) if line.strip() and after.strip()]
    widest = max(map(len, lines), default=0)
    if len(pairs) < 3 or widest > WIDEST or sum(map(_is_broken, pairs)) < WRAPPED * len(pairs):
        return 0
    return max(map(len, pairs))


def _joined(run: list[str], margin: int) -> list[str]:
    """Lines of one run made paragraphs: a line that was broken by a margin goes on, one that ends like a sentence does not.

    A sentence that happens to end at the margin ends nothing: the next line's first word had no room, or begins with a small letter.
    """
    if len(run) < 2:
        return [" ".join(run)] if run else []
    broken = [_is_broken(line) for line in run[:-1]]
    wrapped = sum(broken) >= WRAPPED * len(broken) and len(run) > 3
    widest = max(len(line.rstrip()) for line in run)
    found = [[run[0].strip()]]
    for place, line in enumerate(run[1:]):
        before, line = run[place].rstrip(), line.strip()
        full = wrapped and len(before) > 0.75 * widest
        full = full or (margin > 0 and len(before) + 1 + len(line.partition(" ")[0]) > margin)
        if not run[place].endswith("  ") and (broken[place] or full or (line[:1].islower() and len(before) >= WRAP)):
            found[-1].append(line)
        else:
            found.append([line])
    return [joined(lines) for lines in found]


def _is_broken(line: str) -> bool:
    """Whether a line stops in mid-sentence because of a margin."""
    bare = line.rstrip()
    return width(bare) >= WRAP and not _TERMINAL.search(bare)
