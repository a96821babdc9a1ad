"""The tagger beside its targets: figures, targets, table and plot. Nothing here measures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import gazetteer_cost
from benchmarks.clean_figures import Target
from benchmarks.gazetteer_cost import GazetteerCost
from benchmarks.link_figures import BLUE, DPI, GREY, ORANGE

RECALL, MOST_TAGS = 0.80, 8
HALVES = ("tuning", "checking")
LIGHT = "#9ecae1"


@dataclass(frozen=True, kw_only=True)
class Headlines:
    """The editors' labels of a set of headlines found over at most `MOST_TAGS` tags each; `spelt`: by the forms that stand there alone."""

    name: str
    wanted: int
    recall: float
    spelt: float
    tags_each: float


@dataclass(frozen=True, kw_only=True)
class TagFigures:
    """What was measured; ms of CPU for 600 words of real articles, None where there are none."""

    sets: list[Headlines]
    ms: float | None


def figures_of(told: dict[str, Any]) -> TagFigures:
    """What `tag_quality.measure` tells."""
    sets = [
        Headlines(name=name, wanted=one["wanted"], recall=one["recall"], spelt=one["without other surfaces"], tags_each=one["tags each"])
        for name, one in told.items()
        if isinstance(one, dict)
    ]
    order = {"all": 0, "tuning": 1, "checking": 2}
    by_size = sorted(sets, key=lambda one: (order.get(one.name, 3), -one.recall))
    return TagFigures(sets=by_size, ms=told.get("ms per 600 words"))


def targets(found: TagFigures) -> list[Target]:
    """The recall of the open headlines, as the lower of the two halves."""
    halves = [one for one in found.sets if one.name in HALVES]
    if not halves:
        return []
    what = f"tag, editors' tags found with at most {MOST_TAGS}, lower half"
    return [Target(what=what, value=min(one.recall for one in halves), target=RECALL)]


def table(found: TagFigures) -> str:
    """For people."""
    lines = [f"tag: the editors' own tags found, at most {MOST_TAGS} a headline"]
    lines.append(f"  {'':<22}{'wanted':>8}{'found':>8}{'by forms alone':>16}{'tags each':>11}")
    lines += [f"  {_title(one.name):<22}{one.wanted:>8}{one.recall:>8.3f}{one.spelt:>16.3f}{one.tags_each:>11.2f}" for one in found.sets]
    if found.ms is not None:
        lines.append(f"  600 words of real articles are tagged in {found.ms:.2f} ms")
    return "\n".join(lines)


def plot(found: TagFigures | None, gazetteer: GazetteerCost | None, file: Path) -> Path:
    """Recall by set of headlines, and what matching costs with the package's tables and with a million surfaces; either may be absent."""
    from matplotlib import pyplot

    parts: list[Callable[[Any], None]] = []
    if found:
        parts.append(lambda axes: _recall(axes, found.sets))
    if gazetteer:
        parts.append(lambda axes: _cost(axes, gazetteer))
    size = (5.2 * len(parts), 1.6 + 0.36 * max(len(found.sets) if found else 0, 4))
    figure, panels = pyplot.subplots(1, len(parts), figsize=size, layout="constrained", squeeze=False)
    for axes, draw in zip(panels[0], parts, strict=True):
        draw(axes)
    figure.savefig(file, dpi=DPI)
    pyplot.close(figure)
    return file


def _recall(axes: Any, sets: Sequence[Headlines]) -> None:
    for at, one in enumerate(sets):
        axes.barh(at, one.recall, color=LIGHT, height=0.7, label="other surfaces of the tables too" if at == 0 else None)
        axes.barh(at, one.spelt, color=BLUE, height=0.7, label="forms in the headline alone" if at == 0 else None)
        axes.text(one.recall, at, f" {one.recall:.3f}", va="center")
    axes.axvline(RECALL, color="black", linestyle="--", linewidth=1.2)
    axes.set_yticks(range(len(sets)), [_title(one.name) for one in sets])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.18)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes.set_xlabel(f"editors' tags found with at most {MOST_TAGS} (dashed: {RECALL:.2f} wanted)")
    axes.legend(loc="lower center", bbox_to_anchor=(0.42, 1.0), ncols=2, frameon=False, fontsize=9, columnspacing=1)


def _cost(axes: Any, cost: GazetteerCost) -> None:
    rows = ((f"{cost.surfaces:,}\nsurfaces", cost.match_ms), ("the package's\ntables", cost.tables_match_ms))
    for at, (_, whole) in enumerate(rows):
        axes.barh(at, whole, color=ORANGE, height=0.5, label="look-up" if at == 0 else None)
        axes.barh(at, cost.tokenise_ms, color=GREY, height=0.5, label="tokens" if at == 0 else None)
        axes.text(whole, at, f" {whole:.2f} ms", va="center")
    axes.axvline(gazetteer_cost.MATCH_MS, color="black", linestyle="--", linewidth=1.2)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set_ylim(1.9, -0.9)
    axes.set_xlim(0, 1.3 * max(gazetteer_cost.MATCH_MS, *(ms for _, ms in rows)))
    axes.set_xlabel(f"matching {gazetteer_cost.WORDS} words, ms CPU (dashed: at most {gazetteer_cost.MATCH_MS:g} wanted)")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, fontsize=9)


def _title(name: str) -> str:
    return name if name.startswith("own") else f"open, {name}"
