"""How good and how fast clean is on real pages, beside trafilatura in the same run.

    python tests/benchmarks/clean_quality.py --bench ../shared/bench [--worst 20] [--json FILE]

Quality by the benchmark's own `clean/score.py`, for all pages and for two halves: a tuning half and a checking half, by a hash of the
page's id. Rules are made while looking at the tuning half; a checking half that is worse shows where they fitted to pages. Speed is
CPU time per page, parsing included, both extractors in turn over blocks of pages, so that a busy machine is busy for both.
"""

import argparse
import hashlib
import importlib.util
import json
import lzma
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from services.clean.core import Cleaned, Document, clean  # noqa: E402
from shared.stage import Reject  # noqa: E402

Row = dict[str, Any]
BLOCK = 33


def main() -> int:
    """Print the table; 1 where the benchmark's folder is absent."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bench", type=Path, default=REPOSITORY.parent / "shared" / "bench")
    parser.add_argument("--worst", type=int, default=0, help="name so many of the worst pages of the tuning half")
    parser.add_argument("--json", type=Path, help="write the figures there")
    arguments = parser.parse_args()
    folder = arguments.bench / "clean"
    if not (folder / "pages.jsonl.xz").exists():
        print(f"no pages to measure on: {folder} is absent", file=sys.stderr)
        return 1
    score = _module(folder / "score.py")
    pages, truth = _rows(folder / "pages.jsonl.xz"), _rows(folder / "truth.jsonl.xz")
    ours, theirs, spent = _run(pages)
    figures: Row = {"ms_per_page": {name: round(seconds / len(pages) * 1e3, 2) for name, seconds in spent.items()}}
    figures["ratio"] = round(spent["trafilatura"] / spent["dateline"], 2)
    for name, predictions in (("dateline", ours), ("trafilatura", theirs)):
        for half in ("all", "tuning", "checking"):
            chosen = [t for t in truth if half in ("all", half_of(t["id"]))]
            figures[f"{name} {half}"] = _figures(score, chosen, predictions)
    _show(figures)
    if arguments.worst:
        _, worst = score.evaluate([t for t in truth if half_of(t["id"]) == "tuning"], ours)
        print("\n".join(f"worst {page} {f1:.3f}" for f1, page in worst[: arguments.worst]))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    return 0


def half_of(page: str) -> str:
    """The half that a page belongs to, for ever."""
    return "tuning" if hashlib.sha256(page.encode()).digest()[0] % 2 == 0 else "checking"


def _run(pages: list[Row]) -> tuple[dict[str, Row], dict[str, Row], dict[str, float]]:
    from trafilatura import bare_extraction

    def theirs_of(page: Row) -> Row:
        found = bare_extraction(page["html"], url=page["url"], with_metadata=True)
        told = found.as_dict() if found is not None else {}
        return {name: told.get(name) for name in ("title", "author", "date", "text")}

    found: dict[str, dict[str, Row]] = {"dateline": {}, "trafilatura": {}}
    spent = dict.fromkeys(found, 0.0)
    for start in range(-BLOCK, len(pages), BLOCK):  # the first block is read twice: it pays for imports
        for name, extract in (("dateline", _prediction), ("trafilatura", theirs_of)):
            block = pages[max(start, 0) : max(start, 0) + BLOCK]
            started = time.process_time()
            found[name].update((page["id"], extract(page)) for page in block)
            spent[name] += time.process_time() - started if start >= 0 else 0.0
    return found["dateline"], found["trafilatura"], spent


def _prediction(page: Row) -> Row:
    try:
        cleaned: Cleaned = clean(Document(text=page["html"], content_type="text/html", url=page["url"]))
    except Reject as refusal:
        print(f"refused {page['id']}: {refusal}", file=sys.stderr)
        return {}
    published = cleaned.published.isoformat() if cleaned.published else None
    return {"title": cleaned.title, "author": list(cleaned.authors), "date": published, "text": cleaned.text}


def _figures(score: ModuleType, truth: list[Row], predictions: dict[str, Row]) -> Row:
    out, _ = score.evaluate(truth, predictions)
    return {
        "pages": out["all"]["n"],
        "f1": out["all"]["f1"],
        "precision": out["all"]["precision"],
        "recall": out["all"]["recall"],
        "accuracy": out["all"]["accuracy"],
        "below_half": out["pages_below_half"],
        **{name: out[name] for name in ("title", "date", "author_exact")},
    }


def _show(figures: Row) -> None:
    tables = {name: row for name, row in figures.items() if isinstance(row, dict) and "f1" in row}
    columns = list(next(iter(tables.values())))
    print(f"{'':22}" + "".join(f"{name:>13}" for name in columns))
    for name, row in tables.items():
        print(f"{name:22}" + "".join(f"{row[column]!s:>13}" for column in columns))
    print(f"\nCPU ms per page: {figures['ms_per_page']}; ratio {figures['ratio']}")


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
