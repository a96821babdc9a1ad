"""How many of the editors' own tags are found, and how fast.

    python tests/benchmarks/tag_quality.py --bench ../shared/bench [--missed 20] [--json FILE]

Recall over at most eight tags a headline by the benchmark's own rule (`tag/score.py`), for all headlines and for two halves by a hash of
the headline's id: tables and rules are made while looking at the tuning half. The repository's own headlines (`headlines/`) were written
before the tagger saw them, with the labels that an encyclopaedia's editors would link; the README of `services/tag` has what was found at
first sight. Speed is CPU time on the texts of the open stream.
"""

import argparse
import gzip
import hashlib
import importlib.util
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from services.tag.core import Tag, tag_article, tag_line  # noqa: E402

Row = dict[str, Any]
HEADLINES = Path("tag/headlines.jsonl")
OWN = Path(__file__).resolve().parent / "headlines"
MOST = 8
TEXTS = 300


def main() -> int:
    """Print the figures; 1 where the benchmark's folder is absent."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bench", type=Path, default=REPOSITORY.parent / "shared" / "bench")
    parser.add_argument("--missed", type=int, default=0, help="name so many of the tags missed most in the tuning half")
    parser.add_argument("--json", type=Path, help="write the figures there")
    arguments = parser.parse_args()
    if not is_there(arguments.bench):
        print(f"no headlines to measure on: {arguments.bench / HEADLINES} is absent", file=sys.stderr)
        return 1
    figures = measure(arguments.bench, arguments.missed)
    print(json.dumps(figures, indent=2))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    return 0


def is_there(bench: Path) -> bool:
    """Whether the folder has headlines and the rule by which they are scored."""
    return all((bench / "tag" / name).exists() for name in (HEADLINES.name, "score.py"))


def measure(bench: Path, named: int = 0) -> Row:
    """By set of headlines what `recall` tells, and the time where there is a stream. So many of the tags missed most are printed."""
    score = _module(bench / "tag" / "score.py")
    gold = [json.loads(line) for line in (bench / HEADLINES).read_text("utf-8").splitlines() if line.strip()]
    figures: Row = {}
    for half in ("all", "tuning", "checking"):
        figures[half], missed = recall(score, [row for row in gold if half in ("all", half_of(row["id"]))])
        if half == "tuning" and named:
            print(*(f"missed {count} {label}" for label, count in missed.most_common(named)), sep="\n")
    for batch in sorted(OWN.glob("*.tsv")):
        figures[f"own, {batch.stem}"], _ = recall(score, own(batch))
    stream = bench / "link" / "dev_stream.jsonl.gz"
    if stream.exists():
        figures["ms per 600 words"] = speed(stream)
    return figures


def half_of(headline: str) -> str:
    """The half that a headline belongs to."""
    return "checking" if int(hashlib.sha256(headline.encode()).hexdigest(), 16) % 2 else "tuning"


def own(batch: Path) -> list[Row]:
    """Headlines of this repository: date, headline, labels apart by |."""
    rows = (line.split("\t") for line in batch.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return [{"id": str(at), "date": day, "title": title, "tags": labels.split("|")} for at, (day, title, labels) in enumerate(rows)]


def recall(score: ModuleType, gold: list[Row]) -> tuple[Row, Counter[str]]:
    """The share of wanted labels found, also by the forms alone that stand in the headline, tags given, and what was missed."""
    missed: Counter[str] = Counter()
    wanted = given = spelt = 0
    for row in gold:
        tags: Any = tag_line({"id": row["id"], "title": row["title"], "date": row.get("date"), "language": "en"})["tags"]
        given += len(tags[:MOST])
        have = {score.canon(name) for tag in tags[:MOST] for name in [tag["name"], *tag["surfaces"]]}
        wanted += len(row["tags"])
        forms = {score.canon(name) for tag in tagged(row)[:MOST] for name in [tag.name, *tag.surfaces]}
        spelt += sum(score.canon(label) in forms for label in row["tags"])
        missed.update(label for label in row["tags"] if score.canon(label) not in have)
    found = {"recall": round(1 - missed.total() / wanted, 4), "without other surfaces": round(spelt / wanted, 4)}
    return found | {"wanted": wanted, "tags each": round(given / len(gold), 2)}, missed


def tagged(row: Row) -> Sequence[Tag]:
    """A headline's tags, with the forms alone that stand in it."""
    return tag_article(row["title"], None, "en", published=date.fromisoformat(row["date"]))


def speed(stream: Path) -> float:
    """CPU milliseconds per 600 words, tables loaded."""
    with gzip.open(stream, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, 2 * TEXTS)]
    texts = [(row["title"], row["text"]) for row in rows if len(row["text"].split()) > TEXTS]
    tag_article("", "Warm.", "en")
    before = time.process_time()
    for title, text in texts:
        tag_article(title, text, "en")
    spent = time.process_time() - before
    return round(spent / sum(len(text.split()) for _, text in texts) * 600 * 1e3, 2)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("tag_score", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
