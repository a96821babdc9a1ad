"""How good and how fast clean is on real pages, beside trafilatura, readability-lxml and resiliparse in the same run.

    python tests/benchmarks/clean_quality.py --bench ../shared/bench [--worst 20] [--json FILE] [--quick]

Quality by the benchmark's own `clean/score.py`, for all pages and for two halves: a tuning half and a checking half, by a hash of the
page's id. Rules are made while looking at the tuning half; a checking half that is worse shows where they fitted to pages. Speed is
CPU time per page, parsing included, the extractors in turn over blocks of pages, so that a busy machine is busy for all. `--quick`
leaves out all but trafilatura. `make bench BENCH=folder` shows the same rows in its report.
"""

import argparse
import hashlib
import importlib.util
import json
import lzma
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

from benchmarks.clean_figures import OURS, YARDSTICK, Extractor, table  # noqa: E402

from services.clean.core import Document, clean  # noqa: E402
from shared.stage import Reject  # noqa: E402

Row = dict[str, Any]
Extract = Callable[[Row], Row]
BLOCK = 33
DOUBT = 0.8  # confidence of a text below which half of them are not as they should be
HALVES = ("all", "tuning", "checking")


def main() -> int:
    """Print the table; 1 where the benchmark's folder is absent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=REPOSITORY.parent / "shared" / "bench")
    parser.add_argument("--worst", type=int, default=0, help="name so many of the worst pages of the tuning half")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--quick", action="store_true", help="beside trafilatura only")
    parser.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of:
        print(_memory_here(arguments.memory_of))
        return 0
    folder = arguments.bench / "clean"
    if not is_there(arguments.bench):
        print(f"no pages to measure on: {folder} is absent", file=sys.stderr)
        return 1
    score = _module(folder / "score.py")
    pages, truth = _rows(folder / "pages.jsonl.xz"), _rows(folder / "truth.jsonl.xz")
    chosen = [OURS, YARDSTICK] if arguments.quick else list(extractors())
    predictions, spent = _run(pages, chosen)
    told: dict[str, list[Extractor]] = {}
    for half in HALVES:
        part = [t for t in truth if half in ("all", half_of(t["id"]))]
        told[half] = [_figures(score, name, part, predictions[name], spent[name] / len(pages)) for name in chosen]
        print(f"{half}:\n{table(told[half])}\n")
    print(f"ratio {spent[YARDSTICK] / spent[OURS]:.2f}; {memory_mb(arguments.bench):.1f} MB above the loaded interpreter")
    print(_second_readings(list(predictions[OURS].values())))
    print(calibration(score, truth, predictions[OURS]))
    if arguments.worst:
        _, worst = score.evaluate([t for t in truth if half_of(t["id"]) == "tuning"], predictions[OURS])
        print("\n".join(f"worst {page} {f1:.3f}" for f1, page in worst[: arguments.worst]))
    if arguments.json:
        figures = {half: [asdict(row) for row in rows] for half, rows in told.items()}
        arguments.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    return 0


def is_there(bench: Path) -> bool:
    """Whether the folder has pages with their truth and a score."""
    return all((bench / "clean" / name).exists() for name in ("pages.jsonl.xz", "truth.jsonl.xz", "score.py"))


def measure(bench: Path) -> list[Extractor]:
    """A row for each extractor, over all pages of a folder that `is_there`."""
    folder = bench / "clean"
    score = _module(folder / "score.py")
    pages, truth = _rows(folder / "pages.jsonl.xz"), _rows(folder / "truth.jsonl.xz")
    predictions, spent = _run(pages, list(extractors()))
    memory = memory_mb(bench)
    return [_figures(score, name, truth, predictions[name], spent[name] / len(pages), memory if name == OURS else None) for name in spent]


def memory_mb(bench: Path) -> float:
    """The most memory that a process of its own needs above what it has with everything loaded, over all pages of the folder."""
    done = subprocess.run([sys.executable, __file__, "--memory-of", str(bench)], capture_output=True, text=True, check=True, timeout=600)
    return float(done.stdout)


def half_of(page: str) -> str:
    """The half that a page belongs to, for ever."""
    return "tuning" if hashlib.sha256(page.encode()).digest()[0] % 2 == 0 else "checking"


def extractors() -> dict[str, Extract]:
    """What is compared, by name, Dateline first: a page's {html, url} in, {title, author, date, text} out."""
    from readability import Document as Readable
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree
    from trafilatura import bare_extraction

    def trafilatura(page: Row) -> Row:
        found = bare_extraction(page["html"], url=page["url"], with_metadata=True)
        told = found.as_dict() if found is not None else {}
        return {name: told.get(name) for name in ("title", "author", "date", "text")}

    def readability(page: Row) -> Row:
        from lxml import html

        readable = Readable(page["html"])
        summary = html.fromstring(readable.summary(html_partial=True))
        return {"title": readable.short_title(), "text": "\n".join(summary.itertext())}

    def resiliparse(page: Row) -> Row:
        parsed = HTMLTree.parse(page["html"])
        return {"title": parsed.title, "text": extract_plain_text(parsed, main_content=True, alt_texts=False, links=False)}

    return {OURS: _prediction, YARDSTICK: trafilatura, "readability-lxml": readability, "resiliparse": resiliparse}


def _run(pages: Sequence[Row], names: Sequence[str]) -> tuple[dict[str, dict[str, Row]], dict[str, float]]:
    compared = {name: extract for name, extract in extractors().items() if name in names}
    found: dict[str, dict[str, Row]] = {name: {} for name in compared}
    spent = dict.fromkeys(compared, 0.0)
    for start in range(-BLOCK, len(pages), BLOCK):  # the first block is read twice: it pays for imports
        for name, extract in compared.items():
            block = pages[max(start, 0) : max(start, 0) + BLOCK]
            started = time.process_time()
            found[name].update((page["id"], extract(page)) for page in block)
            spent[name] += time.process_time() - started if start >= 0 else 0.0
    return found, spent


def _prediction(page: Row) -> Row:
    try:
        cleaned = clean(Document(text=page["html"], content_type="text/html", url=page["url"]))
    except Reject as refusal:
        print(f"refused {page['id']}: {refusal}", file=sys.stderr)
        return {}
    published = cleaned.published.isoformat() if cleaned.published else None
    told = {"title": cleaned.title, "author": list(cleaned.authors), "date": published, "text": cleaned.text}
    told |= {"text_confidence": cleaned.text_confidence, "text_provenance": cleaned.provenance.get("text")}
    return {**told, "confidence": cleaned.confidence}


def _second_readings(predictions: list[Row]) -> str:
    """How many pages needed a second opinion on their text, and of how many the confidence is low."""
    again = sum(1 for row in predictions if row.get("text_provenance") == "reread")
    scripts = sum(1 for row in predictions if row.get("text_provenance") == "derived")
    doubted = sum(1 for row in predictions if (confidence := row.get("text_confidence")) is not None and confidence < DOUBT)
    whole = len(predictions)
    share = f"second readings {again} of {whole} ({again / whole:.1%}), scripts asked with success {scripts}"
    return f"{share}; texts below a confidence of {DOUBT} {doubted}"


def calibration(score: ModuleType, truth: list[Row], predictions: dict[str, Row]) -> str:
    """Of each level of confidence how many values are right, by the benchmark's own measures: all pages, tuning half, checking half."""
    right: dict[tuple[str, float], dict[str, list[bool]]] = {}
    for row in truth:
        told = predictions.get(row["id"]) or {}
        for name, at, same in (
            ("title", "title", lambda a, b: score.norm(a) == score.norm(b)),
            ("published", "date", lambda a, b: bool(score.days(a) & score.days(b))),
            ("authors", "author", lambda a, b: score.names(a) == score.names(b)),
        ):
            wanted = row.get("authors" if name == "authors" else at)
            if not wanted or not told.get(at):
                continue
            halves = right.setdefault((name, told["confidence"][name]), {half: [] for half in HALVES})
            for half in ("all", half_of(row["id"])):
                halves[half].append(same(wanted, told[at]))
    lines = ["confidence: right of all with it (tuning, checking)"]
    for (name, level), halves in sorted(right.items(), key=lambda one: (one[0][0], -one[0][1])):
        shares = [f"{sum(halves[half])} of {len(halves[half])}" for half in HALVES]
        lines.append(f"{name:10} {level:.2f}: {shares[0]} = {sum(halves['all']) / len(halves['all']):.0%} ({shares[1]}, {shares[2]})")
    return "\n".join(lines)


def _figures(
    score: ModuleType, name: str, truth: list[Row], predictions: dict[str, Row], seconds: float, memory: float | None = None
) -> Extractor:
    out, _ = score.evaluate(truth, predictions)
    told = {key for prediction in predictions.values() for key in prediction}
    return Extractor(
        name=name,
        pages=out["all"]["n"],
        ms=seconds * 1e3,
        **{key: out["all"][key] for key in ("f1", "precision", "recall", "accuracy")},
        below_half=out["pages_below_half"],
        title=out["title"],
        date=out["date"] if "date" in told else None,
        authors=out["author_exact"] if "author" in told else None,
        refused=sum(1 for row in truth if not predictions[row["id"]]),
        memory_mb=memory,
    )


def _memory_here(bench: Path) -> float:
    """The same in this process. Pages are read one by one, so that none but the one in work is held."""
    import psutil

    warm = "".join(f"<p>{day}: the ferry between Skarholm and the mainland sails again, the harbour office said.</p>" for day in range(9))
    clean(Document(text=f"<html><body><h1>Ferry sails again</h1>{warm}</body></html>", content_type="text/html"))
    process = psutil.Process()
    with lzma.open(bench / "clean" / "pages.jsonl.xz", "rt", encoding="utf-8") as file:
        before = most = process.memory_info().rss
        for line in file:
            _prediction(json.loads(line))
            most = max(most, process.memory_info().rss)
    return (most - before) / 1e6


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_score", path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rows(path: Path) -> list[Row]:
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


if __name__ == "__main__":
    raise SystemExit(main())
