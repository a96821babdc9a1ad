"""`make bench`'s report on invented figures: what it shows, and that a missed target is never hidden."""

import json
from pathlib import Path

from benchmarks.clean_figures import OURS, YARDSTICK, Extractor
from benchmarks.delivery import Cost
from benchmarks.figures import Report, StackFigures, table, verdicts, write
from benchmarks.pages import own_pages, pages_of, parted
from benchmarks.pipeline_cost import PipelineCost

STAGES = {"poll": 1.0, "fetch": 2.0, "clean": 3.0, "tag": 2.0, "link": 2.0, "publish": 2.0}
SAMPLE = Path(__file__).parents[2] / "deploy" / "sample"


def report(*, trafilatura_ms: float = 24.0, delivery_ms: float = 0.5, idle_s: float = 0.5) -> Report:
    """Invented figures of one run."""
    pipeline = PipelineCost(
        pages="own pages",
        outlets=3,
        articles=10,
        published=9,
        events=4,
        fell_out={"not_an_article": 1},
        page_bytes=100_000,
        trafilatura_ms=trafilatura_ms,
        stage_ms=STAGES,
        rows=dict.fromkeys(STAGES, 10),
        start_ms=900.0,
        wall_s=2.0,
    )
    delivery = Cost(database="sqlite", batch=32, kept=0, articles=100, cpu_ms={"workers": delivery_ms}, wall_s=1.0)
    stack = StackFigures(pss_mb={"web": 60.0, "clean": 90.0}, first_start_s=2.0, later_start_s=3.0, idle_s=[0.1, idle_s])
    return Report(machine={"date": "2026-01-05"}, pipelines=[pipeline], delivery=[delivery], stack=stack, notes=["postgresql: no wheel"])


def test_ratios_are_against_trafilatura() -> None:
    told = table(report())
    assert "0.500" in next(line for line in told.splitlines() if "whole pipeline  " in line)
    assert "5.0 articles/s" in told
    assert "9 filed in 4 events; fell out: 1 not_an_article" in told


def test_met_and_missed_targets_are_told_apart() -> None:
    assert all(one.met for one in verdicts(report()))
    missed = report(trafilatura_ms=6.0, delivery_ms=0.9, idle_s=2.5)
    assert [one.what for one in verdicts(missed) if not one.met] == [
        "whole pipeline / trafilatura, own pages",
        "delivery, sqlite",
        "idle, fetched to published (slowest)",
    ]
    assert table(missed).count("MISSED") == 3


def extractor(name: str, ms: float, **told: float) -> Extractor:
    """Invented figures of one extractor."""
    return Extractor(name=name, pages=10, ms=ms, below_half=0, **{"f1": 0.98, "precision": 0.98, "recall": 0.98, "accuracy": 0.5} | told)


def test_clean_stands_beside_others_with_what_each_of_them_tells() -> None:
    rows = [extractor(OURS, 2.0, title=0.95, memory_mb=20.0), extractor(YARDSTICK, 24.0, title=0.7), extractor("resiliparse", 1.0)]
    told = table(Report(machine={}, clean=rows)).splitlines()
    assert next(line for line in told if line.strip().startswith(OURS)).split()[-2:] == ["2.00", "12.00"]
    assert next(line for line in told if "resiliparse" in line).split()[5:8] == ["–", "–", "–"]
    assert all(one.met for one in verdicts(Report(machine={}, clean=rows)))
    slow = [extractor(OURS, 4.0, title=0.9), *rows[1:]]
    missed = [one.what for one in verdicts(Report(machine={}, clean=slow)) if not one.met]
    assert missed == ["clean, title exact", "clean, times as fast as trafilatura"]


def test_what_was_not_measured_is_said() -> None:
    assert "not measured: postgresql: no wheel" in table(report())
    assert "not measured" not in table(Report(machine={}))


def test_files_hold_sums_ratios_and_verdicts(tmp_path: Path) -> None:
    numbers, picture, *_ = write(report(), tmp_path / "bench")
    told = json.loads(numbers.read_text())
    assert told["pipelines"][0]["ratio"]["whole"] == 0.5
    assert told["delivery"][0]["total_ms"] == 0.5
    assert {one["met"] for one in told["verdicts"]} == {True}
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_report_of_a_part_can_be_written(tmp_path: Path) -> None:
    part = report()
    part.pipelines, part.stack, part.clean = [], None, [extractor(OURS, 2.0), extractor(YARDSTICK, 24.0)]
    assert all(file.stat().st_size for file in write(part, tmp_path))


def test_own_pages_are_the_same_each_time_and_of_real_size() -> None:
    pages = own_pages(SAMPLE)
    assert pages == own_pages(SAMPLE)
    assert len({page.url for page in pages}) == len(pages) >= 60
    assert all(80_000 < len(page.html.encode()) < 120_000 for page in pages)
    warm_up, others = parted(pages, 12)
    assert len(warm_up) == 12
    assert len(others) == len(pages) - 12
    assert not {page.host for page in warm_up} & {page.host for page in others}


def test_a_folder_without_pages_gives_none(tmp_path: Path) -> None:
    assert pages_of(tmp_path) is None
