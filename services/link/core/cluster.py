"""From edges to events: each edge weighed anew in its company, then agglomeration with average linkage; a function of articles and edges.

An edge that is one of many is worth less than the same edge between articles that have nobody else, relative to what is usual in the
component: the correction by degree of Newman and Girvan (2004) and of local scaling (Zelnik-Manor and Perona, 2004), with weights learned
like those of the score. Where a matter is told for weeks, everything is somewhat like everything; in one large event all have the same
company, and nothing changes much.

Two groups are joined as long as the mean score over all pairs across them, missing edges counting 0, reaches `JOIN`: a chain of strong
edges alone does not make an event. The pair of groups with the highest mean goes first (UPGMA: Sokal and Michener, 1958). Scores are
counted in whole ten-thousandths and ties fall by what the articles say, so that neither the order of the input nor rounding decides.
"""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.link.core.weights import COMPANY

SCALE = 10_000
# Ten-thousandths:
NEAR = 2_400  # articles hang together from such an edge on: the component
JOIN = 3_250  # the mean from which two groups are one event
JOIN_UNUSUAL = 4_700  # and from which they are an event of more voices than is usual: .6 more in log-odds
USUAL = 25_000  # the sum of an article's edges that is usual in any component
ABOVE_MEAN = 1.2  # the usual sum in a component of more, in units of the mean: in one large event nobody is crowded

Key = tuple[int, int]  # an article's minute and mark: orders articles by what they are, not by their ids


@dataclass(frozen=True, slots=True)
class Constraint:
    """A person's word on two articles: `together` or never."""

    a: int
    b: int
    together: bool


@dataclass(frozen=True, slots=True)
class Usual:
    """How many articles of a set tell of one event as a rule, `most`; a copy counts as one with its origin, which `voice` names."""

    voice: Mapping[int, int]
    most: int


@dataclass(slots=True)
class _State:
    """Groups by number, each with its members, its smallest key, the sums of scores to its neighbours, and (if asked for) its voices."""

    members: dict[int, list[int]]
    key: dict[int, Key]
    sums: dict[int, dict[int, int]]
    apart: dict[int, set[int]]
    voices: dict[int, frozenset[int]] = field(default_factory=dict)
    usual: float = math.inf
    heap: list[tuple[float, Key, Key, int, int]] = field(default_factory=list)

    def enough(self, one: int, other: int) -> int:
        """The mean that makes two groups one event."""
        return JOIN_UNUSUAL if self.voices and len(self.voices[one] | self.voices[other]) > self.usual else JOIN

    def push(self, one: int, other: int) -> None:
        mean = self.sums[one][other] / (len(self.members[one]) * len(self.members[other]))
        if mean >= JOIN and mean >= self.enough(one, other) and other not in self.apart[one]:
            first, second = sorted((one, other), key=lambda group: (self.key[group], group))
            heapq.heappush(self.heap, (-mean, self.key[first], self.key[second], first, second))

    def join(self, one: int, other: int, new: int) -> None:
        self.members[new] = self.members.pop(one) + self.members.pop(other)
        self.key[new] = min(self.key[one], self.key[other])
        if self.voices:
            self.voices[new] = self.voices.pop(one) | self.voices.pop(other)
        sums: dict[int, int] = defaultdict(int)
        for old in (one, other):
            for neighbour, total in self.sums.pop(old).items():
                if neighbour not in (one, other):
                    sums[neighbour] += total
        apart = (self.apart.pop(one) | self.apart.pop(other)) - {one, other}
        self.sums[new], self.apart[new] = sums, apart
        for neighbour, total in sums.items():
            theirs = self.sums[neighbour]
            theirs.pop(one, None)
            theirs.pop(other, None)
            theirs[new] = total
        for neighbour in apart:
            self.apart[neighbour] = (self.apart[neighbour] - {one, other}) | {new}


def cluster(
    articles: Mapping[int, Key],
    edges: Mapping[tuple[int, int], float],
    constraints: Iterable[Constraint] = (),
    near: int = NEAR,
    usual: Usual | None = None,
) -> list[frozenset[int]]:
    """The partition of `articles` (id to key) by their `edges` ((a, b) to score, each pair once). Sorted by the groups' smallest ids."""
    order = sorted(articles, key=lambda article: (articles[article], article))
    number = {article: at for at, article in enumerate(order)}
    state = _State(
        members={at: [article] for at, article in enumerate(order)},
        key={at: articles[article] for at, article in enumerate(order)},
        sums={at: {} for at in range(len(order))},
        apart={at: set() for at in range(len(order))},
    )
    if usual is not None:
        state.usual, state.voices = usual.most, {at: frozenset((usual.voice[article],)) for at, article in enumerate(order)}
    given = list(constraints)
    for (a, b), score in _in_company(articles, edges, given, near).items():
        one, other = number[a], number[b]
        state.sums[one][other] = state.sums[other][one] = score
    following = _obey(state, number, given, len(order))
    for one, neighbours in state.sums.items():
        for other in neighbours:
            if one < other:
                state.push(one, other)
    while state.heap:
        _, _, _, one, other = heapq.heappop(state.heap)
        if one not in state.members or other not in state.members:
            continue
        state.join(one, other, following)
        for neighbour in state.sums[following]:
            state.push(following, neighbour)
        following += 1
    return sorted((frozenset(members) for members in state.members.values()), key=min)


def _in_company(
    articles: Mapping[int, Key], edges: Mapping[tuple[int, int], float], constraints: Iterable[Constraint], near: int
) -> dict[tuple[int, int], int]:
    """The edges within components, in ten-thousandths, as their company makes them."""
    inside = {(a, b): round(score * SCALE) for (a, b), score in edges.items() if a != b and a in articles and b in articles}
    joined = {(rule.a, rule.b): 1.0 for rule in constraints if rule.together}
    parts = components(articles, {**edges, **joined} if joined else edges, near)
    part_of = {article: at for at, part in enumerate(parts) for article in part}
    within: defaultdict[int, dict[tuple[int, int], int]] = defaultdict(dict)
    for pair, score in inside.items():
        if part_of[pair[0]] == part_of[pair[1]]:
            within[part_of[pair[0]]][pair] = score
    sizes = Counter(part_of.values())
    found: dict[tuple[int, int], int] = {}
    for part, held in within.items():
        company: Counter[int] = Counter()
        for (a, b), score in held.items():
            company[a] += score
            company[b] += score
        usual = max(USUAL, ABOVE_MEAN * company.total() / sizes[part])
        for (a, b), score in held.items():
            found[a, b] = again(score, company[a] + company[b] - 2 * score, usual)
    return found


def again(score: int, others: int, usual: float) -> int:
    """A score in the company of `others`, the sum of both articles' other edges, where an article's edges add up to `usual`."""
    share = min(max(score, 1), SCALE - 1) / SCALE
    total = COMPANY["constant"] + COMPANY["score"] * math.log(share / (1 - share)) + COMPANY["others"] * others / usual
    return round(SCALE / (1 + math.exp(-max(-30.0, min(30.0, total)))))


def _obey(state: _State, number: Mapping[int, int], given: list[Constraint], following: int) -> int:
    """Join what a person joined, and note what a person parted."""
    group = {at: at for at in state.members}
    for rule in given:
        if rule.together and rule.a in number and rule.b in number:
            one, other = group[number[rule.a]], group[number[rule.b]]
            if one != other:
                state.join(one, other, following)
                for at, held in group.items():
                    if held in (one, other):
                        group[at] = following
                following += 1
    for rule in given:
        if not rule.together and rule.a in number and rule.b in number:
            one, other = group[number[rule.a]], group[number[rule.b]]
            if one != other:
                state.apart[one].add(other)
                state.apart[other].add(one)
    return following


def components(articles: Iterable[int], edges: Mapping[tuple[int, int], float], near: int = NEAR) -> list[set[int]]:
    """The connected components over edges of at least `near`.

    Company is counted and groups are joined only within one. So a new article touches the components of its strong edges, and nothing else.
    """
    neighbours: dict[int, list[int]] = {article: [] for article in articles}
    for (a, b), score in edges.items():
        if round(score * SCALE) >= near and a in neighbours and b in neighbours:
            neighbours[a].append(b)
            neighbours[b].append(a)
    found: list[set[int]] = []
    seen: set[int] = set()
    for start in neighbours:
        if start not in seen:
            part, todo = {start}, [start]
            while todo:
                fresh = [other for other in neighbours[todo.pop()] if other not in part]
                part.update(fresh)
                todo += fresh
            seen |= part
            found.append(part)
    return found
