"""Clean beside other extractors in the same run: a row of figures each, targets, table and plot. Nothing here measures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

OURS, YARDSTICK = "Dateline", "trafilatura"
# What Dateline's row is to reach; the last three are at most, not at least.
F1, ACCURACY, TITLE, DATE, AUTHORS, FASTER = 0.975, 0.42, 0.92, 0.985, 0.92, 8.0
BELOW_HALF, MEMORY_MB = 0, 60.0
_COLUMNS = ("f1", "precision", "recall", "accuracy", "title", "date", "authors")


@dataclass(frozen=True, kw_only=True)
class Extractor:
    """How one extractor did. Shares are of pages, but for those of text; None: it does not tell this. CPU is per page, parsing included."""

    name: str
    pages: int
    ms: float
    f1: float
    precision: float
    recall: float
    accuracy: float  # pages whose text is exactly the true one
    below_half: int  # pages whose F1 is below one half
    title: float | None = None
    date: float | None = None
    authors: float | None = None
    refused: int = 0
    memory_mb: float | None = None  # the most that it needed above the interpreter with everything loaded


@dataclass(frozen=True, kw_only=True)
class Target:
    """One figure of Dateline's beside what it is to be."""

    what: str
    value: float
    target: float
    unit: str = ""
    at_least: bool = True


def targets(rows: Sequence[Extractor]) -> list[Target]:
    """Dateline's figures that have a target."""
    own = next((row for row in rows if row.name == OURS), None)
    other = next((row for row in rows if row.name == YARDSTICK), None)
    if own is None:
        return []
    found = [Target(what="clean, F1", value=own.f1, target=F1), Target(what="clean, accuracy", value=own.accuracy, target=ACCURACY)]
    for name, value, target in (("title exact", own.title, TITLE), ("date", own.date, DATE), ("authors exact", own.authors, AUTHORS)):
        if value is not None:
            found.append(Target(what=f"clean, {name}", value=value, target=target))
    found.append(Target(what="clean, pages below half", value=own.below_half, target=BELOW_HALF, at_least=False))
    if other is not None:
        found.append(Target(what="clean, times as fast as trafilatura", value=other.ms / own.ms, target=FASTER, unit="x"))
    if own.memory_mb is not None:
        found.append(Target(what="clean, memory above the interpreter", value=own.memory_mb, target=MEMORY_MB, unit="MB", at_least=False))
    return found


def table(rows: Sequence[Extractor]) -> str:
    """All rows for people, quality and speed side by side."""
    yardstick = next((row.ms for row in rows if row.name == YARDSTICK), None)
    pages = rows[0].pages if rows else 0
    lines = [f"clean beside other extractors, {pages} pages of the folder"]
    lines.append(f"  {'':<18}" + "".join(f"{name:>11}" for name in (*_COLUMNS, "below half", "ms CPU", "faster")))
    for row in rows:
        told = "".join(f"{_share(getattr(row, name)):>11}" for name in _COLUMNS)
        faster = f"{yardstick / row.ms:.2f}" if yardstick else "–"
        lines.append(f"  {row.name:<18}{told}{row.below_half:>11}{row.ms:>11.2f}{faster:>11}")
    own = next((row for row in rows if row.name == OURS and row.memory_mb is not None), None)
    if own is not None:
        lines.append(f"  {OURS} needed {own.memory_mb:.0f} MB above the loaded interpreter; it refused {own.refused} of the pages")
    return "\n".join(lines)


def plot(axes: Any, rows: Sequence[Extractor]) -> None:
    """Quality over cost: the further up and to the left, the better."""
    for row in rows:
        own = row.name == OURS
        axes.scatter(row.ms, row.f1, s=90, color="#2a7f3f" if own else "#8a8a8a", zorder=3)
        title = "" if row.title is None else f", titles {row.title:.2f}"
        told = f"{row.name}\n{row.ms:.1f} ms, F1 {row.f1:.3f}{title}"
        white = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.annotate(told, (row.ms, row.f1), xytext=(9, 5), textcoords="offset points", fontsize=9, bbox=white)
    axes.axhline(F1, color="black", linewidth=1, linestyle="--")
    yardstick = next((row.ms for row in rows if row.name == YARDSTICK), None)
    if yardstick:
        axes.axvline(yardstick / FASTER, color="black", linewidth=1, linestyle="--")
    axes.set_xscale("log")
    axes.margins(x=0.5, y=0.25)
    axes.set_xlabel("ms CPU per page (dashed: the targets)")
    axes.set_ylabel("F1 of the text")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
