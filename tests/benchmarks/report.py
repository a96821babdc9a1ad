"""What an article costs, beside bare trafilatura extraction of the same pages in the same run.

    python tests/benchmarks/report.py [FOLDER]        (= make bench [BENCH=folder])

Measured are the whole pipeline and its stages on pages of our own and on those of FOLDER/clean/pages.jsonl.xz (`pipeline_cost.py`),
clean's quality and speed beside trafilatura, readability-lxml and resiliparse on the folder's pages (`clean_quality.py`), fetching by
itself (`fetch_figures.py`), delivery by itself (`delivery.py`), a gazetteer of a million surfaces (`gazetteer_cost.py`), the tags found
(`tag_quality.py`), the events found beside simpler linkers (`link_beside.py`), what both cost beside many events (`link_cost.py`), and the
embedded stack's memory, starts and idle latency (`stack_figures.py`). The figures go to the terminal and to build/bench/report.json,
report.png, tag.png, link_quality.png and link_cost.png. They are reported, never asserted: the end names each target as met or missed,
and the exit status is 0.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks import (  # noqa: E402
    clean_quality,
    delivery,
    fetch_figures,
    figures,
    gazetteer_cost,
    link_beside,
    link_cost,
    link_figures,
    pages,
    pipeline_cost,
    stack_figures,
    tag_figures,
    tag_quality,
)

from shared.clock import now  # noqa: E402

WARM_UP = 12  # pages
IDLE_ARTICLES = 5
MILLION = 1_000_000
PARTS = ("pipeline", "clean", "fetch", "delivery", "gazetteer", "tag", "link", "stack")


def main() -> int:
    """Measure everything, print the table, write the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="folder with clean/, link/ and tag/ of labelled cases")
    parser.add_argument("--only", choices=PARTS, help="a part of it")
    parser.add_argument("--articles", type=int, default=3200, help="articles of a run of delivery  [%(default)s]")
    parser.add_argument("--events", type=int, nargs="+", default=link_cost.EVENTS, help="active events beside which link is measured")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench", help="folder of the files")
    given = parser.parse_args()
    wanted = {given.only} if given.only else set(PARTS)
    report = figures.Report(machine=_machine())
    own = pages.own_pages(ROOT / "deploy" / "sample")
    if "pipeline" in wanted:
        _measure_pipeline(report, own, given.folder)
    if "clean" in wanted:
        _measure_clean(report, given.folder)
    if "fetch" in wanted:
        report.fetch = fetch_figures.measure(say)
    if "delivery" in wanted:
        _measure_delivery(report, given.articles)
    if "gazetteer" in wanted:
        say(f"a gazetteer of {MILLION:,} surfaces")
        report.gazetteer = gazetteer_cost.measure(MILLION)
    if "tag" in wanted:
        _measure_tag(report, given.folder)
    if "link" in wanted:
        _measure_link(report, given.folder, given.events)
    if "stack" in wanted:
        _measure_stack(report, own)
    report.machine["load after"] = _load()
    if max(os.getloadavg()[:2]) > (os.cpu_count() or 1):
        report.machine["mind"] = "the machine was busy with other things: CPU is dearer then, delivery's above all; ratios hold better"
    say("writing")
    written = figures.write(report, given.out)
    print(f"\nwritten: {', '.join(str(file) for file in written)}\n\n{figures.table(report)}")
    return 0


def say(what: str) -> None:
    """A line of progress, on standard error."""
    print(f"{time.perf_counter() - _started:6.1f} s  {what}", file=sys.stderr, flush=True)


def _measure_pipeline(report: figures.Report, own: list[pages.Page], folder: Path | None) -> None:
    warm_up, rest = pages.parted(own, WARM_UP)
    report.pipelines.append(pipeline_cost.measure("own pages", rest, warm_up, say=say))
    if folder is None:
        report.notes.append("pages of a folder (make bench BENCH=folder, with clean/pages.jsonl.xz in it)")
        return
    real = pages.pages_of(folder)
    if real is None:
        report.notes.append(f"pages of a folder: there is no {folder / 'clean' / 'pages.jsonl.xz'}")
        return
    report.pipelines.append(pipeline_cost.measure("pages of the folder", real, warm_up, say=say))


def _measure_clean(report: figures.Report, folder: Path | None) -> None:
    if folder is None or not clean_quality.is_there(folder):
        report.notes.append("clean beside other extractors (BENCH=folder with clean/pages.jsonl.xz, truth.jsonl.xz and score.py in it)")
        return
    say("clean, trafilatura, readability-lxml and resiliparse on the pages of the folder")
    report.clean = clean_quality.measure(folder)


def _measure_delivery(report: figures.Report, articles: int) -> None:
    for kind in ("sqlite", "postgresql"):
        for kept in (0, MILLION):
            say(f"delivery: {kind}, {kept:,} done rows")
            try:
                report.delivery.append(delivery.measure(kind, batch=32, kept=kept, articles=articles))
            except RuntimeError as error:
                report.notes.append(f"delivery on {kind} with {kept:,} done rows: {error}")


def _measure_tag(report: figures.Report, folder: Path | None) -> None:
    if folder is None or not tag_quality.is_there(folder):
        report.notes.append("the tags found (BENCH=folder with tag/headlines.jsonl and tag/score.py in it)")
        return
    say("tag: the editors' own tags")
    report.tag = tag_figures.figures_of(tag_quality.measure(folder))


def _measure_link(report: figures.Report, folder: Path | None, events: Sequence[int]) -> None:
    found = report.link = link_figures.LinkFigures()
    if folder is None or not link_beside.is_there(folder):
        names = f"{link_beside.STREAM} and {link_beside.GOLD}"
        report.notes.append(f"the events and copies found, beside simpler linkers (BENCH=folder with {names} in link/)")
    else:
        found.quality, found.copies = link_beside.measure(folder, say)
    try:
        found.cost = link_cost.measure(events, say=say)
    except (OSError, subprocess.SubprocessError) as error:
        report.notes.append(f"tag and link beside active events: {error}")


def _measure_stack(report: figures.Report, own: list[pages.Page]) -> None:
    try:
        report.stack = stack_figures.measure(pages.singles(own, IDLE_ARTICLES), say=say)
    except (RuntimeError, AssertionError, OSError, subprocess.TimeoutExpired) as error:
        report.notes.append(f"the embedded stack: {error or type(error).__name__}")


def _machine() -> dict[str, str]:
    return {
        "date": f"{now():%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "trafilatura": version("trafilatura"),
        "load before": _load(),
    }


def _load() -> str:
    return ", ".join(f"{one:.1f}" for one in os.getloadavg()) + " (1, 5, 15 minutes)"


_started = time.perf_counter()

if __name__ == "__main__":
    sys.exit(main())
