"""A story as simple Markdown (CommonMark, tables as GitHub has them): no links, no emphasis, nothing but what is what."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from services.clean.core.blocks import Block
from services.clean.core.furniture import HEADINGS

_NEAR = 4  # steps from a block to the heading, item or row that it stands in
_DEEPEST = 60  # steps from an item to the lists around it
_MARK = re.compile(r"([\\`*_<\[\]])")
_START = re.compile(r"(?:([#>+=-])|(\d{1,9})([.)])(?=\s|$))")


@dataclass(slots=True)
class Piece:
    """A part of a story. `level` is a heading's or an item's depth; `number` an ordered item's; pieces of one `group` stand close together.

    `kind` is p, heading, item, quote or row. `cells` has a row's texts; `heads` says that they head a table.
    """

    kind: str
    text: str
    level: int = 0
    number: int | None = None
    group: object = None
    cells: tuple[str, ...] = ()
    heads: bool = False
    goes_on: bool = False  # of an item: its second paragraph


def render(pieces: Iterable[Piece]) -> str:
    """The pieces as Markdown, blocks parted by a blank line."""
    out: list[str] = []
    last: Piece | None = None
    for piece in pieces:
        same = last is not None and last.kind == piece.kind and piece.group is not None and last.group is piece.group
        if out:
            out.append(_between(piece) if same else "\n\n")
        out.append(_line(piece, opens=not same))
        last = piece
    return "".join(out)


def escaped(text: str) -> str:
    """A text in which nothing is Markdown."""
    if _MARK.search(text):
        text = _MARK.sub(r"\\\1", text)
    begins = _START.match(text)
    if begins is None:
        return text
    return (f"\\{begins[1]}" if begins[1] else f"{begins[2]}\\{begins[3]}") + text[begins.end() :]


def of_blocks(blocks: Sequence[Block]) -> str:
    """A page's blocks as Markdown."""
    return render(_pieces(blocks))


def _between(piece: Piece) -> str:
    if piece.kind == "quote":
        return "\n>\n"
    return "\n\n" if piece.goes_on else "\n"


def _line(piece: Piece, *, opens: bool) -> str:
    if piece.kind == "heading":
        return f"{'#' * min(max(piece.level, 2), 6)} {escaped(piece.text)}"
    if piece.kind == "quote":
        return f"> {escaped(piece.text)}"
    if piece.kind == "item":
        indent = "   " * piece.level
        mark = "   " if piece.goes_on else "- " if piece.number is None else f"{piece.number}. "
        return f"{indent}{mark}{escaped(piece.text)}"
    if piece.kind == "row":
        return _row(piece, opens=opens)
    return escaped(piece.text)


def _row(piece: Piece, *, opens: bool) -> str:
    cells = [escaped(cell).replace("|", "\\|") for cell in piece.cells] or [escaped(piece.text).replace("|", "\\|")]
    line = f"| {' | '.join(cells)} |"
    if not opens:
        return line
    rule = f"| {' | '.join('---' for _ in cells)} |"
    if piece.heads:
        return f"{line}\n{rule}"
    return f"| {' | '.join('' for _ in cells)} |\n{rule}\n{line}"


def _pieces(blocks: Sequence[Block]) -> Iterable[Piece]:
    counted: dict[etree._Element, int] = {}  # the items of a list that were seen
    item: etree._Element | None = None
    for block in blocks:
        if block.kind == "item":
            before, item = item, _nearest(block.element, ("li", "dt", "dd"))
            yield _item(block, item, counted, goes_on=item is not None and item is before)
            continue
        item = None
        if block.kind == "heading":
            element = _nearest(block.element, HEADINGS)
            yield Piece("heading", block.text, level=int(element.tag[1]) if element is not None else 2)
        elif block.kind == "quote":
            yield Piece("quote", block.text, group=_nearest(block.element, ("blockquote", "q"), _DEEPEST))
        elif block.kind == "row":
            cells = [cell for cell in block.element if cell.tag in ("td", "th")]
            texts = tuple(" ".join("".join(cell.itertext()).split()) for cell in cells)
            heads = bool(cells) and all(cell.tag == "th" for cell in cells)
            yield Piece("row", block.text, cells=texts, heads=heads, group=_nearest(block.element, ("table",)))
        else:
            yield Piece("p", block.text)


def _item(block: Block, item: etree._Element | None, counted: dict[etree._Element, int], *, goes_on: bool) -> Piece:
    if item is None:
        return Piece("item", block.text)
    around = list(islice(item.iterancestors("ul", "ol", "dl", "menu"), _DEEPEST))
    if not around:
        return Piece("item", block.text, goes_on=goes_on)
    own = around[0]
    if not goes_on:
        counted[own] = counted.get(own, _start(own)) + 1
    number = counted.get(own) if own.tag == "ol" else None
    # A list within a list that has no items of its own is no deeper.
    return Piece("item", block.text, level=sum(1 for one in around[1:] if one in counted), number=number, group=around[-1], goes_on=goes_on)


def _start(listed: etree._Element) -> int:
    """The number before that of a list's first item."""
    value = listed.get("start") or "1"
    return int(value) - 1 if value.isascii() and value.isdigit() and len(value) < 7 else 0


def _nearest(element: etree._Element | None, tags: Iterable[str], most: int = _NEAR) -> etree._Element | None:
    """The element itself or the nearest around it that bears one of the tags."""
    for _ in range(most):
        if element is None:
            return None
        if element.tag in tags:
            return element
        element = element.getparent()
    return None
