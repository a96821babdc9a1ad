"""Fits the linker's weights (services/link/core/weights.py) on a labelled stream, checks them across its halves, and prints them.

    python tests/benchmarks/fit_link.py ../shared/bench/link

Logistic regression by Newton's method with a small ridge, on all candidate pairs of views of the same articles: with and without their
texts, with and without their dates, weighed by the table alone and by table and set. A measure of likeness whose weight comes out
negative (it repeats what others say) is left out and the rest fitted again: likeness never speaks against. The second look (`COMPANY`)
is fitted on the scores that weights of the other half give. The quality printed for a half is that of a first look which never saw it and
of the second look as it stands; the weights printed saw both halves.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from link_quality import features_of, read, scores

from services.link.core import cluster, rarity
from services.link.core.closedset import candidates, near_of_set, order_key, usual_of_set
from services.link.core.copies import features_copy_score
from services.link.core.score import COPY, FLOOR, Profile, common_terms, measures, thin
from shared.features import Features

RIDGE = 3.0
HOPELESS = 0.003  # pairs below are left out: they are most, and teach nothing
LIKENESS = ("text", "overlap", "cover_less", "cover_more", "lead_less", "lead_more", "title_shared", "rare", "rare_text", "fifth")
LIKENESS += ("figures", "passages", "repeated")
NAMES = (*LIKENESS, "days", "other_day", "one_short", "both_short")
VIEWS = ((True, True, True), (True, True, False), (False, True, True), (True, False, True), (False, False, True))  # text, date, set
CHECKED = (*VIEWS, (False, True, False), (True, False, False))
WHOLE = 2  # views with text and date: what an article's company says is learnt from these


@dataclass
class View:
    """A view's candidate pairs with their measures, of one event or not, and the half they are in (2: across)."""

    dated: bool
    with_set: bool
    articles: list[Features]
    pairs: list[tuple[int, int]]
    rows: Any
    same: Any
    half: Any


def view(records: list[dict[str, Any]], events: list[str], text: bool, dated: bool, with_set: bool) -> View:
    """One of `VIEWS`."""
    articles = [features_of(record, text=text, dated=dated) for record in records]
    weigh = rarity.of_set(articles) if with_set else rarity.static()
    profiles = [Profile(features=article, rarity=weigh) for article in articles]
    pairs, rows = [], []
    for a, b in candidates(articles):
        shared = common_terms(profiles[a], profiles[b])
        if sum(shared.values()) >= thin(articles[a], articles[b], len(shared)):
            found = measures(profiles[a], profiles[b], shared)
            pairs.append((a, b))
            rows.append([found[name] for name in NAMES])
    middle = len(records) // 2
    half = np.array([0 if b < middle else 1 if a >= middle else 2 for a, b in pairs])
    return View(dated, with_set, articles, pairs, np.array(rows), np.array([events[a] == events[b] for a, b in pairs], float), half)


def fit(rows: Any, same: Any) -> Any:
    """The constant and the weights."""
    mean, spread = rows.mean(0), rows.std(0)
    spread[spread == 0] = 1
    scaled = np.hstack([np.ones((len(rows), 1)), (rows - mean) / spread])
    found = np.zeros(scaled.shape[1])
    ridge = np.r_[0, np.full(rows.shape[1], RIDGE)]
    for _ in range(40):
        likely = 1 / (1 + np.exp(-scaled @ found))
        slope = scaled.T @ (likely - same) + ridge * found
        found -= np.linalg.solve((scaled * (likely * (1 - likely))[:, None]).T @ scaled + np.diag(ridge + 1e-9), slope)
    return np.r_[found[0] - (found[1:] * mean / spread).sum(), found[1:] / spread]


def learn(views: list[View], half: int | None) -> dict[bool, Any]:
    """The weights for dated and undated pairs, of one half or of all."""
    made = {}
    for dated in (True, False):
        chosen = [(one, one.half == half if half is not None else one.half < 3) for one in views if one.dated == dated]
        rows, same = (np.concatenate([getattr(one, name)[part] for one, part in chosen]) for name in ("rows", "same"))
        kept = [at for at, name in enumerate(NAMES) if dated or name != "days"]
        hopeful = np.ones(len(rows), bool)
        while True:
            found = fit(rows[hopeful][:, kept], same[hopeful])
            wrong = [at for at, weight in zip(kept, found[1:], strict=True) if weight < 0 and NAMES[at] in LIKENESS]
            kept = [at for at in kept if at not in wrong]
            if hopeful.all() and not wrong:
                hopeful = 1 / (1 + np.exp(-found[0] - rows[:, kept] @ found[1:])) >= HOPELESS
            elif not wrong:
                break
        made[dated] = np.zeros(len(NAMES) + 1)
        made[dated][[0, *(at + 1 for at in kept)]] = found
    return made


def score(one: View, learnt: dict[bool, Any]) -> Any:
    """What the weights make of a view's pairs."""
    return 1 / (1 + np.exp(-learnt[one.dated][0] - one.rows @ learnt[one.dated][1:]))


def company(one: View, found: Any, part: Any) -> tuple[list[list[float]], list[float]]:
    """Pairs of a component: the log-odds of their score and the measure of their company; of one event or not."""
    edges = {pair: min(value, 0.9999) for pair, value, inside in zip(one.pairs, found, part, strict=True) if inside and value >= FLOOR}
    same = dict(zip(one.pairs, one.same, strict=True))
    rows, truth = [], []
    for members in cluster.components({at for pair in edges for at in pair}, edges):
        held = {pair: value for pair, value in edges.items() if pair[0] in members and pair[1] in members}
        others = {at: sum(value for pair, value in held.items() if at in pair) for at in members}
        usual = max(cluster.USUAL / cluster.SCALE, cluster.ABOVE_MEAN * sum(others.values()) / len(members))
        for (a, b), value in held.items():
            rows.append([float(np.log(value / (1 - value))), (others[a] + others[b] - 2 * value) / usual])
            truth.append(same[a, b])
    return rows, truth


def second(views: list[View], learnt: dict[int, dict[bool, Any]]) -> Any:
    """The weights of the second look, from scores by weights of the other half."""
    rows: list[list[float]] = []
    truth: list[float] = []
    for one in views[:WHOLE]:
        for half in (0, 1):
            more, same = company(one, score(one, learnt[1 - half]), one.half == half)
            rows += more
            truth += same
    return fit(np.array(rows), np.array(truth))


def partition(one: View, found: Any) -> list[int]:
    """Each article's group."""
    edges = {pair: float(round(value, 4)) for pair, value in zip(one.pairs, found, strict=True) if value >= FLOOR}
    near = near_of_set(len(one.articles), edges) if one.with_set else cluster.NEAR
    keys = {at: order_key(article) for at, article in enumerate(one.articles)}
    groups = cluster.cluster(keys, edges, near=near)
    if one.with_set and one.dated:
        copied = [(a, b) for a, b in edges if features_copy_score(one.articles[a], one.articles[b]) >= COPY]
        groups = cluster.cluster(keys, edges, near=near, usual=usual_of_set(groups, keys, copied))
    label = {at: number for number, group in enumerate(groups) for at in group}
    return [label[at] for at in range(len(one.articles))]


def shown(title: str, names: tuple[str, ...], found: Any) -> str:
    """Weights as Python."""
    kept = {name: round(float(weight), 2) for name, weight in zip(("constant", *names), found, strict=True) if weight}
    return f"{title}: dict[str, float] = {json.dumps(kept)}"


def main(folder: str) -> None:
    """Check across the halves, then print the weights of the whole."""
    records = sorted(read(Path(folder) / "dev_stream.jsonl.gz"), key=lambda record: record["date"])
    truth = {line["id"]: line["event"] for line in read(Path(folder) / "dev_gold.jsonl.gz")}
    events = [truth[record["id"]] for record in records]
    middle = len(records) // 2
    checked = [view(records, events, *chosen) for chosen in CHECKED]
    views = checked[: len(VIEWS)]
    learnt = {half: learn(views, half) for half in (0, 1)}
    for half, part in ((0, slice(middle)), (1, slice(middle, None))):
        print(f"half {half}")
        for chosen, one in zip(CHECKED, checked, strict=True):
            quality = scores(events[part], partition(one, score(one, learnt[1 - half]))[part])
            figures = "  ".join(f"{key} {value:.3f}" for key, value in quality.items())
            print(f"  text {chosen[0]!s:5} date {chosen[1]!s:5} set {chosen[2]!s:5} {figures}")
    whole = learn(views, None)
    print(shown("DATED", NAMES, whole[True]))
    print(shown("UNDATED", NAMES, whole[False]))
    print(shown("COMPANY", ("score", "others"), second(views, learnt)))


if __name__ == "__main__":
    main(sys.argv[1])
