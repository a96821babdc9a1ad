"""The linker beside baselines and beside its targets: figures, targets, tables and plots. Nothing here measures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import link_cost
from benchmarks.clean_figures import Target
from benchmarks.link_cost import LinkCost

OURS, RUNNING = "Dateline", "Dateline, running stage"  # a closed set, with its own frequencies; the numbered table alone
TUNING, CHECKING, WHOLE = "tuning half", "checking half", "whole"
# What is wanted on other sets of these kinds: (BCubed F1, pairwise F1). No open set is without dates by nature, as ECB+ is.
ECB_LIKE = "without dates"
WANTED: dict[str, tuple[float, float | None]] = {"stream": (0.93, 0.88), ECB_LIKE: (0.90, None), "bare headlines": (0.78, None)}
COPIES_F1, QUOTES_PERCENT = 0.99, 3.0
TOGETHER_MS, AT, AT_MOST, GROWN = 3.33, 10_000, 2.0, 100_000  # 300 articles/s beside 10,000 active events
MEMORY = 1.1  # with older events outside of the window, of what it is without them
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#6b6b6b"  # told apart by the colour-blind too (Okabe and Ito, 2008)
DPI = 110


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How well a system's partition agrees with the true one: in a view of the stream, in a half of it."""

    system: str
    view: str
    half: str
    threshold: float | None  # None: it has none to be chosen
    bcubed_f1: float
    pair_f1: float
    bcubed_p: float
    bcubed_r: float
    pair_p: float
    pair_r: float
    largest: int  # articles in its largest group


@dataclass(frozen=True, kw_only=True)
class Copies:
    """Of so many copies so many found, of so many pairs that share quotations at most so many taken for copies."""

    system: str
    copies: int
    found: int
    quotes: int
    taken: int

    @property
    def f1(self) -> float:
        """Of copies among all pairs."""
        return 2 * self.found / ((self.found + self.taken + self.copies) or 1)

    @property
    def taken_percent(self) -> float:
        """Of the pairs that are no copies."""
        return 100 * self.taken / (self.quotes or 1)


@dataclass(kw_only=True)
class LinkFigures:
    """What was measured."""

    quality: list[Quality] = field(default_factory=list)
    copies: list[Copies] = field(default_factory=list)
    cost: list[LinkCost] = field(default_factory=list)


def targets(found: LinkFigures) -> list[Target]:
    """Dateline's figures that have a target. Quality counts as the lower of the two halves."""
    marks = []
    for view, (bcubed, pairwise) in WANTED.items():
        halves = [one for one in found.quality if (one.system, one.view) == (OURS, view) and one.half != WHOLE]
        if not halves:
            continue
        meant = ", ECB+'s target" if view == ECB_LIKE else ""
        lower = min(one.bcubed_f1 for one in halves)
        marks.append(Target(what=f"link, {view}, lower half, BCubed F1{meant}", value=lower, target=bcubed))
        if pairwise is not None:
            lower = min(one.pair_f1 for one in halves)
            marks.append(Target(what=f"link, {view}, lower half, pairwise F1", value=lower, target=pairwise))
    for one in found.copies:
        if one.system == OURS:
            marks.append(Target(what="copies, F1", value=one.f1, target=COPIES_F1))
            what = "quotations taken for copies"
            marks.append(Target(what=what, value=one.taken_percent, target=QUOTES_PERCENT, unit="%", at_least=False))
    return marks + _cost_targets(found.cost)


def table(found: LinkFigures) -> str:
    """For people."""
    parts = []
    if found.quality:
        parts.append(quality_table(found.quality))
    if found.copies:
        parts.append(copies_table(found.copies))
    if found.cost:
        parts.append("\n".join(["tag and link, CPU of an article beside active events", *link_cost.rows(found.cost)]))
    return "\n\n".join(parts)


def quality_table(rows: Sequence[Quality]) -> str:
    """BCubed F1 / pairwise F1 by system, view and half."""
    halves = (TUNING, CHECKING, WHOLE)
    lines = ["link beside simpler linkers: BCubed F1 / pairwise F1"]
    for view in dict.fromkeys(row.view for row in rows):
        lines.append(f"  {view:<30}" + "".join(f"{half:>16}" for half in halves) + f"{'largest':>10}{'threshold':>11}")
        for system in _systems(rows):
            own = {row.half: row for row in rows if (row.view, row.system) == (view, system)}
            told = "".join(f"{f'{own[half].bcubed_f1:.3f} / {own[half].pair_f1:.3f}':>16}" for half in halves)
            chosen = own[WHOLE].threshold
            lines.append(f"    {system:<28}{told}{own[WHOLE].largest:>10}{'–' if chosen is None else f'{chosen:.2f}':>11}")
    return "\n".join(lines)


def copies_table(rows: Sequence[Copies]) -> str:
    """Copies found, quotations taken for copies."""
    lines = ["copies and quotations"]
    for row in rows:
        told = f"F1 {row.f1:.3f}, {row.found} of {row.copies} copies found, {row.taken} of {row.quotes:,} quotations taken for copies"
        lines.append(f"  {row.system:<28}{told}")
    return "\n".join(lines)


def plots(found: LinkFigures, folder: Path) -> list[Path]:
    """Write what was measured as pictures into the folder; their paths."""
    made = []
    if found.quality:
        made.append(plot_quality(found.quality, found.copies, folder / "link_quality.png"))
    if found.cost:
        made.append(plot_cost(found.cost, folder / "link_cost.png"))
    return made


def plot_quality(rows: Sequence[Quality], copied: Sequence[Copies], file: Path) -> Path:
    """A panel a view: systems one below the other, both scores of both halves, and what is wanted; below it what is told of copies."""
    from matplotlib import pyplot

    systems, views = _systems(rows), list(dict.fromkeys(row.view for row in rows))
    size = (3.4 + 2.5 * len(views), 2.3 + 0.4 * len(systems))
    figure, panels = pyplot.subplots(1, len(views), figsize=size, layout="constrained", squeeze=False, sharex=True)
    for axes, view in zip(panels[0], views, strict=True):
        _quality_panel(axes, [row for row in rows if row.view == view], systems, view, named=axes is panels[0][0])
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False, handletextpad=0.1, columnspacing=1.2)
    panels[0][0].set_xlim(min(row.pair_f1 for row in rows) - 0.03, 1.0)
    if copied:
        told = (f"{row.system} {row.found} of {row.copies} and {row.taken} of {row.quotes:,}" for row in copied)
        figure.supxlabel("Copies found and quotations taken for copies:\n" + "; ".join(told), fontsize=10, color=GREY)
    figure.savefig(file, dpi=DPI)
    pyplot.close(figure)
    return file


def plot_cost(costs: Sequence[LinkCost], file: Path) -> Path:
    """ms of an article by the number of active events, tag below link, with what is wanted; below it the memory."""
    from matplotlib import pyplot

    active, later = [one for one in costs if not one.older], [one for one in costs if one.older]
    figure, (axes, memory) = pyplot.subplots(2, 1, figsize=(9, 6.2), height_ratios=[3, 1], sharex=True, layout="constrained")
    events, tags, both = [one.events for one in active], [one.tag_ms for one in active], [one.total_ms for one in active]
    axes.fill_between(events, tags, color=ORANGE, alpha=0.25)
    axes.plot(events, tags, color=ORANGE, marker="s", label="tag")
    axes.fill_between(events, tags, both, color=BLUE, alpha=0.2)
    axes.plot(events, both, color=BLUE, marker="o", label="tag and link")
    for one in active:
        axes.annotate(f"{one.total_ms:.1f} ms", (one.events, one.total_ms), xytext=(0, 8), textcoords="offset points", ha="center")
        axes.annotate(f"{one.tag_ms:.1f}", (one.events, one.tag_ms), xytext=(0, 6), textcoords="offset points", ha="center", color=GREY)
    for one in later:
        axes.plot(one.events, one.total_ms, color="black", marker="D", mfc="none", ls="", ms=9, label=_later(one))
    axes.axhline(TOGETHER_MS, color="black", linestyle="--", linewidth=1.2, label=f"wanted at {AT:,}: {TOGETHER_MS:.2f} ms, 300 articles/s")
    base = next((one for one in active if one.events == AT), None)
    most = AT_MOST * base.total_ms if base and max(events) >= GROWN else 0.0
    if most:
        label = f"wanted at {GROWN:,}: at most {AT_MOST:g} × what it is at {AT:,}"
        axes.plot([GROWN * 0.6, GROWN * 1.6], [most, most], color="black", linestyle=":", linewidth=2, label=label)
    axes.set_ylim(0, 1.5 * max(*both, TOGETHER_MS, most))
    axes.set_ylabel("CPU of an article, ms")
    axes.legend(loc="upper left", frameon=False)
    measured = [one for one in active if one.peak_mb is not None]
    memory.plot([one.events for one in measured], [one.peak_mb for one in measured], color=BLUE, marker="o")
    for one in [*measured, *(other for other in later if other.peak_mb is not None)]:
        above = not one.older
        if one.older:
            memory.plot(one.events, one.peak_mb, color="black", marker="D", mfc="none", ls="", ms=9)
        place = (0, 8 if above else -17)
        memory.annotate(f"{one.peak_mb:.0f} MB", (one.events, one.peak_mb), xytext=place, textcoords="offset points", ha="center")
    memory.set_ylim(0, 1.45 * max((one.peak_mb or 0 for one in costs), default=1) + 1)
    memory.set_ylabel("memory, MB")
    memory.set_xscale("log")
    memory.set_xticks(events, [f"{number:,}" for number in events])
    memory.minorticks_off()
    memory.set_xlim(min(events) / 1.6, max(events) * 1.9)
    memory.set_xlabel("active events, an article each (logarithmic)")
    figure.savefig(file, dpi=DPI)
    pyplot.close(figure)
    return file


def _cost_targets(costs: Sequence[LinkCost]) -> list[Target]:
    active = {one.events: one for one in costs if not one.older}
    marks = []
    if AT in active:
        what = f"tag and link beside {AT:,} active events, CPU"
        marks.append(Target(what=what, value=active[AT].total_ms, target=TOGETHER_MS, unit="ms", at_least=False))
    if AT in active and GROWN in active:
        what, ratio = f"tag and link beside {GROWN:,} / {AT:,} active events", active[GROWN].total_ms / active[AT].total_ms
        marks.append(Target(what=what, value=ratio, target=AT_MOST, unit="×", at_least=False))
    for one in costs:
        alone = active.get(one.events)
        if one.older and alone and alone.peak_mb and one.peak_mb:
            what = f"memory beside {one.events:,} events, with {one.older:,} older ones / alone"
            marks.append(Target(what=what, value=one.peak_mb / alone.peak_mb, target=MEMORY, unit="×", at_least=False))
    return marks


def _quality_panel(axes: Any, rows: Sequence[Quality], systems: Sequence[str], view: str, *, named: bool) -> None:
    wanted = WANTED.get(view, (None, None))
    kinds = (("BCubed", "bcubed_f1", BLUE, "o", -0.14), ("pairwise", "pair_f1", ORANGE, "s", 0.14))
    for (name, measure, colour, marker, shift), line in zip(kinds, wanted, strict=True):
        if line is not None:
            axes.axvline(line, color=colour, linestyle="--", linewidth=1.3, zorder=1)
            side = "left" if measure == "bcubed_f1" else "right"
            axes.text(line, -0.62, f" {line:.2f} ".replace("0.", "."), color=colour, ha=side, va="center", fontsize=10)
        for half, face, size in ((TUNING, "white", 9), (CHECKING, colour, 6)):
            own = {row.system: getattr(row, measure) for row in rows if row.half == half}
            style: dict[str, Any] = {"ls": "", "marker": marker, "color": colour, "mfc": face, "ms": size, "zorder": 3}
            axes.plot([own[system] for system in systems], [at + shift for at in range(len(systems))], label=f"{name}, {half}", **style)
    axes.set_yticks(range(len(systems)), systems if named else [""] * len(systems))
    for at, label in enumerate(axes.get_yticklabels()):
        label.set_fontweight("bold" if systems[at] in (OURS, RUNNING) else "normal")
    axes.axhspan(-0.5, sum(system in (OURS, RUNNING) for system in systems) - 0.5, color="#f0f0f0", zorder=0)
    axes.set_ylim(len(systems) - 0.4, -0.9)
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)
    axes.set_title(view + (" (wanted: of ECB+)" if view == ECB_LIKE else ""), fontsize=11)
    axes.set_xlabel("F1; dashed: wanted")


def _systems(rows: Sequence[Quality]) -> list[str]:
    return list(dict.fromkeys(row.system for row in rows))


def _later(one: LinkCost) -> str:
    return f"a month later, {one.older:,} events outside of the window"
