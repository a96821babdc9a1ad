"""Large groups of articles without dates: joined and parted by how alike they are in proportion to how alike each is within.

A fixed threshold fits events of one size and one kind of news: where eleven outlets tell of one matter in few words, the mean over all
pairs falls below it, and two earthquakes at one place stand above it. Both are told apart by proportion: the mean likeness of texts across
two groups, divided by the geometric mean of that within each, is 1 where both are drawn from one event, however short the articles are
(the correction for attenuation: Spearman, 1904).

A group is parted where its best bipartition (by the second eigenvector of the normalised likeness: Shi and Malik, 2000) holds for words
that had no part in finding it: found by one half of the vocabulary, measured on the other. What chance found in the first half, the
second does not show.
"""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from zlib import crc32

from services.link.core.cluster import JOIN, SCALE
from services.link.core.score import Vector

LARGE = 7  # groups that together have fewer articles are left to the scores: too few to tell what is usual within
HALF_TRUST = 4  # of so many pairs and two more the mean score counts (`JOIN`) as much as the proportion (`JOINED`), of fewer it counts more
JOINED = 0.6  # the proportion from which two groups are one
PARTED = 0.72  # and below which the two halves of one are two
PRIOR, PRIOR_PAIRS = 0.3, 3  # a likeness within of small groups counts as if so many pairs more had the usual one
SMALLEST = 6  # smaller groups are not parted
MOST = 500  # nor are larger ones, for their cost
LEAST_PART = 2
BITS = (0, 3, 7)  # which divide the vocabulary in two, three times
# How much less a word counts that all articles of the group have, to find a bipartition and to measure it.
COMMON, COMMON_HELD = 0.95, 0.5
STEPS = 60  # of the power iteration
MOVES = 10

Weights = dict[str, float]


def regroup(
    groups: Iterable[Sequence[int]], texts: Mapping[int, Vector], scores: Mapping[tuple[int, int], float]
) -> list[list[int]]:
    """The groups of a partition joined and parted. `texts` by article; `scores` of the pairs that may share an event.

    The result follows from the order of the groups and of their articles, which must not come from ids.
    """
    units = {at: unit(texts[at].weights) for group in groups for at in group}
    return [part for group in _join([list(group) for group in groups], units, scores) for part in _part(group, units)]


def unit(weights: Mapping[str, float]) -> Weights:
    """Weights of length 1."""
    length = math.sqrt(math.fsum(value * value for value in weights.values())) or 1.0
    return {term: value / length for term, value in weights.items()}


def dot(a: Weights, b: Weights) -> float:
    """The inner product."""
    if len(b) < len(a):
        a, b = b, a
    return math.fsum([value * b[term] for term, value in a.items() if term in b])


def _join(groups: list[list[int]], units: Mapping[int, Weights], scores: Mapping[tuple[int, int], float]) -> list[list[int]]:
    """Join groups as long as two are alike enough in proportion, the most alike first."""
    at_of = {article: at for at, group in enumerate(groups) for article in group}
    beside: defaultdict[int, dict[int, int]] = defaultdict(dict)  # in ten-thousandths, whose sums are the same in any order
    for (a, b), score in scores.items():
        one, other = at_of[a], at_of[b]
        if one != other:
            beside[one][other] = beside[other][one] = beside[one].get(other, 0) + round(score * SCALE)
    held = dict(enumerate(groups))
    total = {at: _sum(units[article] for article in groups[at]) for at in beside}
    heap: list[tuple[float, int, int]] = []

    def push(one: int, other: int) -> None:
        sizes = len(held[one]), len(held[other])
        if sum(sizes) >= LARGE:
            across = sizes[0] * sizes[1]
            trust = (across - 1) / (across + HALF_TRUST)
            value = trust * _proportion(total[one], total[other], *sizes) / JOINED
            value += (1 - trust) * beside[one][other] / across / JOIN
            if value >= 1:
                heapq.heappush(heap, (-value, min(one, other), max(one, other)))

    for one in sorted(beside):
        for other in beside[one]:
            if one < other:
                push(one, other)
    following = len(groups)
    while heap:
        _, one, other = heapq.heappop(heap)
        if one in held and other in held:
            held[following] = held.pop(one) + held.pop(other)
            total[following] = _sum((total.pop(one), total.pop(other)))
            near: defaultdict[int, int] = defaultdict(int)
            for old in (one, other):
                for neighbour, score in beside.pop(old).items():
                    if neighbour not in (one, other):
                        near[neighbour] += score
                        beside[neighbour].pop(old)
            beside[following] = near
            for neighbour, score in near.items():
                beside[neighbour][following] = score
                push(neighbour, following)
            following += 1
    return list(held.values())


def _sum(vectors: Iterable[Weights]) -> Weights:
    total: defaultdict[str, float] = defaultdict(float)
    for one in vectors:
        for term, value in one.items():
            total[term] += value
    return dict(total)


def _proportion(one: Weights, other: Weights, size: int, other_size: int) -> float:
    """Of two groups by the sums of their articles' unit vectors, the mean likeness across in proportion to that within."""
    within = [(dot(total, total) - n) / 2 for total, n in ((one, size), (other, other_size))]
    return proportion(dot(one, other) / (size * other_size), within, (size, other_size), PRIOR, PRIOR_PAIRS)


def proportion(across: float, within: Sequence[float], sizes: Sequence[int], prior: float, weight: float) -> float:
    """`across` is a mean, `within` are sums over pairs. Both groups' means are drawn to their common one, and that to `prior`."""
    counts = [size * (size - 1) / 2 for size in sizes]
    common = (sum(within) + weight * prior) / (sum(counts) + weight)
    means = [(total + weight * common) / (count + weight) for total, count in zip(within, counts, strict=True)]
    return across / math.sqrt(means[0] * means[1]) if min(means) > 0 else 1.0


def _part(group: list[int], units: Mapping[int, Weights]) -> list[list[int]]:
    """A group, parted as long as it falls in two."""
    if not SMALLEST <= len(group) <= MOST:
        return [group]
    vectors = [units[article] for article in group]
    if math.fsum([_held_by(vectors, bit, side) for bit in BITS for side in (0, 1)]) >= PARTED * 2 * len(BITS):
        return [group]
    sides = _bipartition(_likeness(vectors, COMMON))
    parts = [[article for article, side in zip(group, sides, strict=True) if side == one] for one in (False, True)]
    return [deeper for part in parts for deeper in _part(part, units)] if min(map(len, parts)) >= LEAST_PART else [group]


def _held_by(vectors: Sequence[Weights], bit: int, side: int) -> float:
    """How well the best bipartition by one half of the words holds for the other. A bit of a word's hash tells in which half it is."""
    halves: tuple[list[Weights], list[Weights]] = ([], [])
    for one in vectors:
        split: tuple[Weights, Weights] = ({}, {})
        for term, value in one.items():
            split[(crc32(term.encode("utf-8", "surrogatepass")) >> bit) & 1][term] = value
        halves[0].append(split[side])
        halves[1].append(split[1 - side])
    return _held(_likeness(halves[1], COMMON_HELD), _bipartition(_likeness(halves[0], COMMON)))


def _likeness(vectors: Sequence[Weights], common: float) -> list[list[float]]:
    """The cosines of all pairs, 0 with itself, a word that all have weighing less by `common`; one that only one has joins nothing."""
    size = len(vectors)
    found = Counter(term for one in vectors for term in one)
    made = [unit({term: value * (1 - common * found[term] / size) for term, value in one.items()}) for one in vectors]
    shared = [{term: value for term, value in one.items() if found[term] > 1} for one in made]
    rows = [[0.0] * size for _ in vectors]
    for a in range(size):
        for b in range(a):
            rows[a][b] = rows[b][a] = dot(shared[a], shared[b])
    return rows


def _bipartition(rows: Sequence[Sequence[float]]) -> list[bool]:
    """The signs of the second eigenvector of the normalised matrix, then each article moved to the side that it is more like."""
    size = len(rows)
    degrees = [math.sqrt(math.fsum(row) + 1e-9) for row in rows]
    length = math.sqrt(math.fsum(one * one for one in degrees))
    first = [one / length for one in degrees]
    scaled = [[value / (one * other) for value, other in zip(row, degrees, strict=True)] for row, one in zip(rows, degrees, strict=True)]
    found = [math.cos(1.0 + 2.0 * at) for at in range(size)]
    for _ in range(STEPS):
        along = math.fsum([one * other for one, other in zip(found, first, strict=True)])
        found = [one - along * other for one, other in zip(found, first, strict=True)]
        # The sum with itself makes the largest eigenvalue, not the largest in size, win.
        found = [one + math.fsum([a * b for a, b in zip(row, found, strict=True)]) for row, one in zip(scaled, found, strict=True)]
        length = math.sqrt(math.fsum(one * one for one in found)) or 1.0
        found = [one / length for one in found]
    sides = [one > 0 for one in found]
    if len(set(sides)) == 1:
        sides[0] = not sides[0]
    return _moved(rows, sides)


def _moved(rows: Sequence[Sequence[float]], sides: list[bool]) -> list[bool]:
    for _ in range(MOVES):
        moved = False
        for at, row in enumerate(rows):
            means = []
            for side in (False, True):
                values = [value for other, value in enumerate(row) if other != at and sides[other] == side]
                means.append(math.fsum(values) / len(values) if values else -1.0)
            better = means[1] > means[0]
            if better != sides[at] and sides.count(sides[at]) > 1:
                sides[at], moved = better, True
        if not moved:
            break
    return sides


def _held(rows: Sequence[Sequence[float]], sides: Sequence[bool]) -> float:
    """The proportion of a bipartition by other words than those that found it."""
    parts = [[at for at, side in enumerate(sides) if side == one] for one in (False, True)]
    across = math.fsum([rows[a][b] for a in parts[0] for b in parts[1]]) / (len(parts[0]) * len(parts[1]))
    within = [math.fsum([rows[a][b] for a in part for b in part]) / 2 for part in parts]
    pairs = sum(len(part) * (len(part) - 1) / 2 for part in parts)
    return proportion(across, within, [len(part) for part in parts], sum(within) / pairs if pairs else 0.0, 1)
