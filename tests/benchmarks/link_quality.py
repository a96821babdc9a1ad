"""Prints the linker's quality on a labelled stream: BCubed and pairwise F1 of the half that was tuned on and of the other.

    python tests/benchmarks/link_quality.py ../shared/bench/link

Beside the stream as it is, three views that the same configuration must bear: without dates, bare headlines, and both.
"""

import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.link.core import rarity
from services.link.core.closedset import link
from shared.features import Features, make_features


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a file of gzipped JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def features_of(record: dict[str, Any], *, text: bool = True, dated: bool = True) -> Features:
    """An article's features, with or without its text and date."""
    published = datetime.fromisoformat(record["date"]).replace(tzinfo=UTC) if dated else None
    return make_features(title=record["title"], text=record["text"] if text else "", published=published, language=record.get("language"))


def scores(truth: Sequence[str], found: Sequence[int]) -> dict[str, float]:
    """BCubed (Bagga and Baldwin, 1998) and pairwise precision, recall and F1 of a partition."""
    size = len(truth)
    cell, true, made = Counter(zip(truth, found, strict=True)), Counter(truth), Counter(found)
    precision = sum(n * n / made[b] for (_, b), n in cell.items()) / size
    recall = sum(n * n / true[a] for (a, _), n in cell.items()) / size

    def pairs(counts: Counter[Any]) -> float:
        return sum(n * (n - 1) / 2 for n in counts.values())

    hits = pairs(cell)
    pair_precision, pair_recall = hits / (pairs(made) or 1), hits / (pairs(true) or 1)
    return {
        "bcubed_f1": 2 * precision * recall / (precision + recall),
        "pair_f1": 2 * pair_precision * pair_recall / ((pair_precision + pair_recall) or 1),
        "bcubed_p": precision,
        "bcubed_r": recall,
        "pair_p": pair_precision,
        "pair_r": pair_recall,
        "largest": max(made.values()),
    }


def main(folder: str) -> None:
    """Print a table: view, half, the scores."""
    records = sorted(read(Path(folder) / "dev_stream.jsonl.gz"), key=lambda record: record["date"])
    truth = {line["id"]: line["event"] for line in read(Path(folder) / "dev_gold.jsonl.gz")}
    events = [truth[record["id"]] for record in records]
    middle = len(records) // 2
    views = (("stream", True, True), ("undated", True, False), ("headlines", False, True), ("bare, undated", False, False))
    for name, text, dated in views:
        articles = [features_of(record, text=text, dated=dated) for record in records]
        for how, weigh in (("table and set", None), ("table alone", rarity.static())):
            started = time.process_time()
            linked = link(articles, rarity_of=weigh)
            rate = len(articles) / (time.process_time() - started)
            label = {article: at for at, group in enumerate(linked.groups) for article in group}
            found = [label[at] for at in range(len(records))]
            for half, part in (("tuning", slice(middle)), ("checking", slice(middle, None)), ("whole", slice(None))):
                shown = "  ".join(f"{key} {value:.3f}" for key, value in scores(events[part], found[part]).items())
                print(f"{name:14} {how:14} {half:9} {shown}")
            print(f"{'':39} largest component {linked.largest_component}, {len(linked.edges)} edges, {rate:.0f} articles/s")


if __name__ == "__main__":
    main(*sys.argv[1:])
