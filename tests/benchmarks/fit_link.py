"""Fits the linker's weights (services/link/core/weights.py) on the first half of a labelled stream and prints them.

    python tests/benchmarks/fit_link.py ../shared/bench/link

Logistic regression by Newton's method with a small ridge, on all candidate pairs of views of the same articles: with and without their
texts, with and without their dates, weighed by the table alone and by table and set. A measure of likeness whose weight comes out
negative (it repeats what others say) is left out and the rest fitted again: likeness never speaks against.
"""

import gzip
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from services.link.core import rarity
from services.link.core.closedset import candidates
from services.link.core.score import measures, profile
from shared.features import Features, make_features

RIDGE = 3.0
DATED = ("title", "lead", "text", "cover_less", "cover_more", "title_shared", "rare", "repeated", "days", "one_short", "both_short")
LIKENESS = ("title", "lead", "text", "cover_less", "cover_more", "title_shared", "rare", "repeated")
UNDATED = tuple(name for name in DATED if name != "days")


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a file of gzipped JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def features_of(record: dict[str, Any], *, text: bool = True, dated: bool = True) -> Features:
    """An article's features, with or without its text and date."""
    published = datetime.fromisoformat(record["date"]).replace(tzinfo=UTC) if dated else None
    return make_features(title=record["title"], text=record["text"] if text else "", published=published, language="en")


def pairs_of(articles: list[Features], events: list[str], weigh: rarity.Rarity, names: tuple[str, ...]) -> tuple[Any, Any]:
    """The measures of all candidate pairs, and which are of one event."""
    profiles = [profile(article, weigh) for article in articles]
    pairs = candidates(articles)
    rows = [[found[name] for name in names] for found in (measures(profiles[a], profiles[b]) for a, b in pairs)]
    return np.array(rows), np.array([events[a] == events[b] for a, b in pairs], float)


def fit(rows: Any, same: Any) -> Any:
    """The constant and the weights."""
    mean, spread = rows.mean(0), rows.std(0)
    spread[spread == 0] = 1
    scaled = np.hstack([np.ones((len(rows), 1)), (rows - mean) / spread])
    weights = np.zeros(scaled.shape[1])
    ridge = np.r_[0, np.full(rows.shape[1], RIDGE)]
    for _ in range(40):
        found = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (found - same) + ridge * weights
        weights -= np.linalg.solve((scaled * (found * (1 - found))[:, None]).T @ scaled + np.diag(ridge + 1e-9), slope)
    return np.r_[weights[0] - (weights[1:] * mean / spread).sum(), weights[1:] / spread]


def main(folder: str) -> None:
    """Print both sets of weights as Python."""
    records = read(Path(folder) / "dev_stream.jsonl.gz")
    truth = {line["id"]: line["event"] for line in read(Path(folder) / "dev_gold.jsonl.gz")}
    half = sorted(records, key=lambda record: record["date"])[: len(records) // 2]
    events = [truth[record["id"]] for record in half]
    for title, names, dated in (("DATED", DATED, True), ("UNDATED", UNDATED, False)):
        views = []
        for text in (True, False):
            articles = [features_of(record, text=text, dated=dated) for record in half]
            views += [pairs_of(articles, events, weigh, names) for weigh in (rarity.static(), rarity.of_set(articles))]
        rows, same = np.vstack([rows for rows, _ in views]), np.concatenate([same for _, same in views])
        kept = list(range(len(names)))
        while True:
            weights = fit(rows[:, kept], same)
            wrong = [at for at, weight in zip(kept, weights[1:], strict=True) if weight < 0 and names[at] in LIKENESS]
            if not wrong:
                break
            kept = [at for at in kept if at not in wrong]
        print(f"{title}: dict[str, float] = {{")
        for name, weight in zip(("constant", *(names[at] for at in kept)), weights, strict=True):
            print(f'    "{name}": {weight:.2f},')
        print("}")


if __name__ == "__main__":
    main(sys.argv[1])
