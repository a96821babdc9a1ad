"""What simpler linkers make of the same articles: baselines that stand beside Dateline's in `make bench`.

Single pass over the stream by cosine with clusters' centroids within three days (Allan et al., 1998, "On-line new event detection and
tracking"; with incremental idf, as Yang et al., 1998, weighted titles and decay in time), and agglomeration of all articles at once by the
average of the pairs or by the nearest (Sokal and Michener, 1958; Sneath, 1957), over tf-idf vectors of stems without stop words. All need
one threshold; `best_of` chooses it on the articles that it may see. None of this is used by the linker.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shared.words import stem, stop_words, tokens

WINDOW_MINUTES = 3 * 1440
TITLE = 3  # how often a word of the title counts
HALF_LIFE_MINUTES = 2 * 1440  # of a likeness, by the time between
BLOCK = 2_000  # terms multiplied at once
THRESHOLDS = tuple(at / 100 for at in range(4, 80, 4))

Terms = Counter[str]
Partition = list[int]  # the group of each article


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A linker with one knob: `groups(threshold)` is its partition of the articles."""

    name: str
    groups: Callable[[float], Partition]


def baselines(titles: Sequence[str], texts: Sequence[str], minutes: Sequence[int] | None) -> list[Baseline]:
    """All of them over articles in the order of their arrival. `minutes`: when each was published; None: nobody knows."""
    both = list(zip(titles, texts, strict=True))
    plain, titled = ([terms(f"{title}\n" * often + text) for title, text in both] for often in (1, TITLE))
    alike, arriving, near = cosines(weighed(plain)), cosines(weighed_so_far(titled)), cosines(weighed(titled, damped=True))
    average, single = merges(alike, average=True), merges(alike, average=False)
    timely = merges(near if minutes is None else near * decay(minutes), average=True)
    return [
        Baseline(name="single link", groups=lambda least: cut(single, least)),
        Baseline(name="TF-IDF stream", groups=lambda least: stream(alike, minutes, least)),
        Baseline(name="TF-IDF stream, titles, decay", groups=lambda least: stream(arriving, minutes, least, HALF_LIFE_MINUTES)),
        Baseline(name="average link", groups=lambda least: cut(average, least)),
        Baseline(name="average link, titles, decay", groups=lambda least: cut(timely, least)),
    ]


def best_of(baseline: Baseline, quality: Callable[[Partition], float]) -> tuple[float, Partition]:
    """(threshold, partition) of the highest quality; `quality` looks at the tuning half alone."""
    found = ((least, baseline.groups(least)) for least in THRESHOLDS)
    return max(found, key=lambda one: quality(one[1]))


def terms(text: str) -> Terms:
    """The stems of a text without stop words."""
    stops = stop_words()["en"]
    return Counter(stem(word) for word in tokens(text) if word not in stops)


def weighed(articles: Sequence[Terms], *, damped: bool = False) -> list[dict[str, float]]:
    """tf-idf with the document frequencies of the whole set, which a stream would not know; `damped`: the logarithm of tf."""
    held = Counter(term for article in articles for term in article)
    size = len(articles)
    rarity = {term: 1 + math.log((1 + size) / (1 + number)) for term, number in held.items()}
    return [{term: _tf(count, damped) * rarity[term] for term, count in article.items()} for article in articles]


def weighed_so_far(articles: Iterable[Terms]) -> list[dict[str, float]]:
    """Damped tf-idf with the document frequencies of what arrived until then."""
    held: Counter[str] = Counter()
    found = []
    for size, article in enumerate(articles, 1):
        held.update(article.keys())
        found.append({term: _tf(count, True) * (1 + math.log((1 + size) / (1 + held[term]))) for term, count in article.items()})
    return found


def decay(minutes: Sequence[int]) -> Any:
    """The matrix of what is left of a likeness after the time between two articles."""
    at = np.array(minutes, dtype=np.float32)
    return np.exp2(-np.abs(at[:, None] - at[None, :]) / np.float32(HALF_LIFE_MINUTES))


def _tf(count: int, damped: bool) -> float:
    return 1 + math.log(count) if damped else count


def cosines(vectors: Sequence[dict[str, float]]) -> Any:
    """The matrix of cosines between sparse vectors. A term that only one of them holds counts in its length alone."""
    held = Counter(term for vector in vectors for term in vector)
    place = {term: at for at, term in enumerate(sorted(term for term, number in held.items() if number > 1))}
    lengths = [math.sqrt(sum(value * value for value in vector.values())) or 1.0 for vector in vectors]
    entries = sorted(
        (place[term], at, value / lengths[at]) for at, vector in enumerate(vectors) for term, value in vector.items() if term in place
    )
    columns, rows, values = (np.array([entry[part] for entry in entries], dtype=kind) for part, kind in enumerate((int, int, np.float32)))
    found = np.zeros((len(vectors), len(vectors)), dtype=np.float32)
    for start in range(0, len(place), BLOCK):
        first, last = np.searchsorted(columns, (start, start + BLOCK))
        dense = np.zeros((len(vectors), BLOCK), dtype=np.float32)
        dense[rows[first:last], columns[first:last] - start] = values[first:last]
        found += dense @ dense.T
    np.fill_diagonal(found, 1.0)
    return found


def stream(alike: Any, minutes: Sequence[int] | None, least: float, half_life: float | None = None) -> Partition:
    """Each article in turn joins the cluster with the nearest centroid, if it is near enough, else it begins one.

    Only clusters that an article joined within the window are looked at; with a half-life, those that waited longer count less.
    """
    size = len(alike)
    sums, squares, last = np.zeros_like(alike), np.zeros(size), np.zeros(size)  # by cluster
    group_of: Partition = []
    made = oldest = 0
    for at in range(size):
        now = minutes[at] if minutes else 0
        while oldest < made and last[oldest] < now - WINDOW_MINUTES:
            oldest += 1
        gaps = now - last[oldest:made]
        near = np.where(gaps <= WINDOW_MINUTES, sums[oldest:made, at] / np.sqrt(squares[oldest:made]), -1.0)
        if half_life:
            near = near * 0.5 ** (gaps / half_life)
        best = oldest + int(near.argmax()) if len(near) else made
        if best == made or near[best - oldest] < least:
            best = made
            made += 1
        squares[best] += 2 * sums[best, at] + 1.0
        sums[best] += alike[at]
        last[best] = now
        group_of.append(best)
    return group_of


def merges(alike: Any, *, average: bool) -> list[tuple[int, int, float]]:
    """The tree of an agglomeration: pairs of articles whose groups are joined, with the likeness of these groups.

    By chains of nearest neighbours (Murtagh, 1983): each step looks at one row, so that all of it costs the square of the number.
    """
    near = alike.astype(np.float64)
    np.fill_diagonal(near, -np.inf)
    sizes = np.ones(len(near))
    found: list[tuple[int, int, float]] = []
    chain: list[int] = []
    alive = set(range(len(near)))
    while len(alive) > 1:
        if not chain:
            chain.append(min(alive))
        at = chain[-1]
        best = int(near[at].argmax())
        if len(chain) > 1 and near[at, chain[-2]] >= near[at, best]:
            best = chain[-2]
        if len(chain) < 2 or best != chain[-2]:
            chain.append(best)
            continue
        del chain[-2:]
        found.append((at, best, float(near[at, best])))
        if average:
            joined = (sizes[at] * near[at] + sizes[best] * near[best]) / (sizes[at] + sizes[best])
        else:
            joined = np.maximum(near[at], near[best])
        joined[at] = joined[best] = -np.inf
        near[at], near[:, at] = joined, joined
        near[best], near[:, best] = -np.inf, -np.inf
        sizes[at] += sizes[best]
        alive.remove(best)
    return found


def cut(tree: Sequence[tuple[int, int, float]], least: float) -> Partition:
    """The groups that stand after all joins of at least that likeness. The tree has one join fewer than there are articles."""
    root = list(range(len(tree) + 1))

    def find(article: int) -> int:
        while root[article] != article:
            root[article] = root[root[article]]
            article = root[article]
        return article

    for a, b, likeness in tree:
        if likeness >= least:
            root[find(b)] = find(a)
    return [find(article) for article in range(len(root))]
