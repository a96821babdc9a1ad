"""The report of `make bench`: its figures beside their targets, as a table, as JSON and as a plot. Nothing here measures."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import clean_figures, fetch_figures, gazetteer_cost, link_figures, tag_figures
from benchmarks.delivery import TARGET_MS, Cost
from benchmarks.pipeline_cost import PipelineCost

RATIO, RATIO_AIM = 1.0, 0.5  # of the whole pipeline to trafilatura
PSS_MB = 1000.0
IDLE_S = 2.0
LATER_START_S = 10.0
QUALITY_HEIGHT = 7  # of the plot of clean beside others, in bars


@dataclass(frozen=True, kw_only=True)
class StackFigures:
    """The embedded stack with the sample outlets. Proportional set size in MB by process, times in seconds."""

    pss_mb: dict[str, float]
    first_start_s: float  # to the first page that is served, on an empty data folder
    later_start_s: float  # to the front page, on a data folder that has one
    idle_s: list[float]  # from fetched to published, one article at a time


@dataclass(kw_only=True)
class Report:
    """One run; it is filled as the run goes on."""

    machine: dict[str, Any]
    pipelines: list[PipelineCost] = field(default_factory=list)
    clean: list[clean_figures.Extractor] = field(default_factory=list)
    delivery: list[Cost] = field(default_factory=list)
    stack: StackFigures | None = None
    fetch: fetch_figures.FetchFigures | None = None
    gazetteer: gazetteer_cost.GazetteerCost | None = None
    tag: tag_figures.TagFigures | None = None
    link: link_figures.LinkFigures | None = None
    notes: list[str] = field(default_factory=list)  # what was not measured, and why


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A figure beside its target: met where it is at most that, or `at_least`."""

    what: str
    value: float
    target: float
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def share(self) -> float:
        """How much of what is allowed is used up: at most 1 where the target is met."""
        part, whole = (self.target, self.value) if self.at_least else (self.value, self.target)
        return part / whole if whole else 1.0 + part


def verdicts(report: Report) -> list[Verdict]:
    """Every figure that has a target."""
    found = [
        Verdict(what=f"whole pipeline / trafilatura, {cost.pages}", value=cost.total_ms / cost.trafilatura_ms, target=RATIO)
        for cost in report.pipelines
    ]
    found += [_verdict(one) for one in clean_figures.targets(report.clean)]
    for one in report.delivery:
        if one.batch > 1:
            kept = f", {one.kept:,} done rows" if one.kept else ""
            what = f"delivery, {one.database}{kept}"
            found.append(Verdict(what=what, value=one.total_ms, target=TARGET_MS[one.database], unit="ms"))
    if report.stack:
        stack = report.stack
        found.append(Verdict(what="embedded stack, proportional set size", value=sum(stack.pss_mb.values()), target=PSS_MB, unit="MB"))
        found.append(Verdict(what="later start to the front page", value=stack.later_start_s, target=LATER_START_S, unit="s"))
        if stack.idle_s:
            found.append(Verdict(what="idle, fetched to published (slowest)", value=max(stack.idle_s), target=IDLE_S, unit="s"))
    if report.fetch:
        marks = fetch_figures.targets(report.fetch)
        found += [Verdict(what=what, value=value, target=target, unit=unit) for what, value, target, unit in marks]
    if report.gazetteer:
        marks = gazetteer_cost.targets(report.gazetteer)
        found += [Verdict(what=what, value=value, target=target, unit=unit) for what, value, target, unit in marks]
    if report.tag:
        found += [_verdict(one) for one in tag_figures.targets(report.tag)]
    if report.link:
        found += [_verdict(one) for one in link_figures.targets(report.link)]
    return found


def table(report: Report) -> str:
    """The report for people. Its end names each target, and what was not measured."""
    parts = ["\n".join(f"{name:<14}{value}" for name, value in report.machine.items())]
    parts += [_pipeline_table(cost, report.delivery) for cost in report.pipelines]
    if report.clean:
        parts.append(clean_figures.table(report.clean))
    if report.delivery:
        lines = ["delivery, near-empty stages over a real Redis"]
        for one in report.delivery:
            spent = ", ".join(f"{name} {ms:.2f}" for name, ms in one.cpu_ms.items())
            lines.append(f"  {one.database:<11} batch {one.batch:<3} {one.kept:>9,} done rows {one.total_ms:>6.2f} ms/article  ({spent})")
        parts.append("\n".join(lines))
    if report.stack:
        parts.append(_stack_table(report.stack))
    if report.fetch:
        parts.append(fetch_figures.table(report.fetch))
    if report.gazetteer:
        parts.append(gazetteer_cost.show(report.gazetteer))
    if report.tag:
        parts.append(tag_figures.table(report.tag))
    if report.link:
        parts.append(link_figures.table(report.link))
    return "\n\n".join(part for part in [*parts, summary(report)] if part)


def summary(report: Report) -> str:
    """A line for each target, met or missed, and for each part that was not measured."""
    marks = verdicts(report)
    met = sum(one.met for one in marks)
    lines = [f"targets: {met} of {len(marks)} met, {len(marks) - met} missed"]
    lines += [f"  {'met   ' if one.met else 'MISSED'}  {one.what:<64}{_value(one)}" for one in marks]
    return "\n".join([*lines, *(f"  not measured: {note}" for note in report.notes)])


def write(report: Report, folder: Path) -> tuple[Path, ...]:
    """Write `report.json`, `report.png` and the pictures of tag and link into the folder; their paths, these two first."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers, picture = folder / "report.json", folder / "report.png"
    numbers.write_text(json.dumps(as_json(report), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    plot(report, picture)
    others = link_figures.plots(report.link, folder) if report.link else []
    if report.tag or report.gazetteer:
        others.append(tag_figures.plot(report.tag, report.gazetteer, folder / "tag.png"))
    return numbers, picture, *others


def as_json(report: Report) -> dict[str, Any]:
    """All figures, with the sums, ratios and verdicts that the table shows."""
    found = asdict(report)
    for row, cost in zip(found["pipelines"], report.pipelines, strict=True):
        row["total_ms"] = cost.total_ms
        row["ratio"] = {name: ms / cost.trafilatura_ms for name, ms in [*cost.stage_ms.items(), ("whole", cost.total_ms)]}
        row["articles_per_s"] = cost.articles / cost.wall_s
    for row, one in zip(found["delivery"], report.delivery, strict=True):
        row["total_ms"] = one.total_ms
    found["verdicts"] = [asdict(one) | {"met": one.met} for one in verdicts(report)]
    return found


def plot(report: Report, file: Path) -> None:
    """The stages' ratios stacked beside trafilatura, clean's quality over its cost beside others, other figures as shares of targets."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    others = [one for one in verdicts(report) if one.unit]
    parts: list[tuple[float, Callable[[Any], None]]] = []
    if report.pipelines:
        parts.append((2 * len(report.pipelines), lambda axes: _plot_ratios(axes, report.pipelines)))
    if report.clean:
        parts.append((QUALITY_HEIGHT, lambda axes: clean_figures.plot(axes, report.clean)))
    parts.append((max(1, len(others)), lambda axes: _plot_shares(axes, others)))
    heights = [height for height, _ in parts]
    size = (11, 3.2 + 0.55 * sum(heights))
    figure, axes = pyplot.subplots(len(parts), 1, figsize=size, height_ratios=heights, layout="constrained", squeeze=False)
    for (_, draw), own in zip(parts, axes[:, 0], strict=True):
        draw(own)
    figure.suptitle(f"Dateline: what an article costs ({report.machine.get('date', '')})")
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def _verdict(one: clean_figures.Target) -> Verdict:
    return Verdict(what=one.what, value=one.value, target=one.target, unit=one.unit, at_least=one.at_least)


def _pipeline_table(cost: PipelineCost, delivery: Sequence[Cost]) -> str:
    fell = ", ".join(f"{count} {name}" for name, count in sorted(cost.fell_out.items()))
    lines = [
        f"{cost.pages}: {cost.articles} articles of {cost.outlets} outlets, median page {cost.page_bytes / 1000:.0f} kB;"
        f" {cost.published} filed in {cost.events} events" + (f"; fell out: {fell}" if fell else ""),
        f"  {'':<32}{'rows':>6}{'ms CPU/article':>16}{'ratio':>8}",
        _row("trafilatura, text and metadata", None, cost.trafilatura_ms, cost),
    ]
    lines += [_row(name, cost.rows.get(name), ms, cost) for name, ms in cost.stage_ms.items()]
    lines.append(_row("whole pipeline", None, cost.total_ms, cost))
    queued = next((one for one in delivery if one.database == "sqlite" and one.batch > 1 and not one.kept), None)
    if queued:
        # The ledger's statements are in both, so this is more than a stack spends.
        lines.append(_row("  and delivery over Redis, at most", None, cost.total_ms + queued.total_ms, cost))
    rate = cost.articles / cost.wall_s
    lines.append(f"  {rate:.1f} articles/s in one process with its parser; a cold start costs {cost.start_ms / 1000:.2f} s of CPU once")
    return "\n".join(lines)


def _row(name: str, rows: int | None, ms: float, cost: PipelineCost) -> str:
    return f"  {name:<34}{'' if rows is None else rows:>4}{ms:>16.2f}{ms / cost.trafilatura_ms:>8.3f}"


def _stack_table(stack: StackFigures) -> str:
    biggest = ", ".join(f"{name} {size:.0f}" for name, size in sorted(stack.pss_mb.items(), key=lambda one: -one[1]))
    idle = ", ".join(f"{seconds:.2f}" for seconds in stack.idle_s)
    return "\n".join(
        [
            "embedded stack with the sample outlets",
            f"  proportional set size {sum(stack.pss_mb.values()):.0f} MB  ({biggest})",
            f"  first page {stack.first_start_s:.1f} s after a start on an empty folder",
            f"  front page {stack.later_start_s:.1f} s after a later start",
            f"  idle, from fetched to published: {idle} s",
        ]
    )


def _value(one: Verdict) -> str:
    value = f"{one.value:>9.3f}" if one.at_least and one.target < 1 else f"{one.value:>9.2f}"
    return f"{value} {one.unit:<3} target {'at least ' if one.at_least else ''}{one.target:g}"


def _plot_ratios(axes: Any, costs: Sequence[PipelineCost]) -> None:
    from matplotlib import colormaps

    colours = colormaps["tab10"].colors  # type: ignore[attr-defined]
    labels = []
    for at, cost in enumerate(costs):
        labels += [f"trafilatura\n{cost.pages}", f"Dateline\n{cost.pages}"]
        axes.barh(2 * at, 1.0, color="#b8b8b8")
        axes.text(1.0, 2 * at, f" {cost.trafilatura_ms:.1f} ms", va="center", fontsize=9)
        left = 0.0
        for number, (stage, ms) in enumerate(cost.stage_ms.items()):
            width = ms / cost.trafilatura_ms
            axes.barh(2 * at + 1, width, left=left, color=colours[number], label=stage if at == 0 else None)
            if width > 0.04:
                axes.text(left + width / 2, 2 * at + 1, f"{ms:.1f}", ha="center", va="center", fontsize=8, color="white")
            left += width
        axes.text(left, 2 * at + 1, f" {cost.total_ms:.1f} ms = {left:.2f}", va="center", fontsize=9)
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.margins(x=0.16)
    axes.axvline(RATIO, color="black", linewidth=1, linestyle="--")
    axes.axvline(RATIO_AIM, color="black", linewidth=1, linestyle=":")
    axes.set_xlabel("CPU per article, trafilatura = 1 (dashed: the target, dotted: the aim); in the bars: ms")
    if costs:
        axes.legend(ncols=6, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)


def _plot_shares(axes: Any, others: Sequence[Verdict]) -> None:
    for at, one in enumerate(others):
        share = one.share
        axes.barh(at, share, color=link_figures.BLUE if one.met else link_figures.ORANGE)
        axes.text(share, at, f" {one.value:.2f} {one.unit} of {one.target:g}" + ("" if one.met else ": missed"), va="center", fontsize=9)
    axes.set_yticks(range(len(others)), [one.what for one in others])
    axes.invert_yaxis()
    axes.margins(x=0.45)
    axes.axvline(1.0, color="black", linewidth=1, linestyle="--")
    axes.set_xlabel("share of the target (dashed)")
