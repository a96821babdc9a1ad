"""The partition: a function of the set, asking for cohesion, obeying what people said."""

from hypothesis import given
from hypothesis import strategies as st

from services.link.core.cluster import Constraint, Usual, cluster, components

Edges = dict[tuple[int, int], float]


def keys(size: int) -> dict[int, tuple[int, int]]:
    return {at: (at * 7 % 5, at * 31 % 11) for at in range(size)}


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, Edges, list[int]]:
    size = draw(st.integers(2, 14))
    pairs = [(a, b) for a in range(size) for b in range(a + 1, size)]
    scores = st.sampled_from([0.0, 0.1, 0.28, 0.3, 0.5, 0.5, 0.9, 1.0])
    edges = {pair: score for pair in pairs if (score := draw(scores)) > 0}
    return size, edges, draw(st.permutations(range(size)))


@given(graphs())
def test_neither_order_nor_ids_decide(graph: tuple[int, Edges, list[int]]) -> None:
    size, edges, renamed = graph
    # Keys that differ make the answer independent of ids altogether.
    distinct = {at: (at, 0) for at in range(size)}
    plain = cluster(distinct, edges)
    shuffled = {renamed[at]: distinct[at] for at in reversed(range(size))}
    moved = {(renamed[b], renamed[a]): score for (a, b), score in reversed(edges.items())}
    assert {frozenset(renamed[at] for at in group) for group in plain} == set(cluster(shuffled, moved))


@given(graphs())
def test_each_component_by_itself_gives_the_same(graph: tuple[int, Edges, list[int]]) -> None:
    size, edges, _ = graph
    whole = set(cluster(keys(size), edges))
    parts = components(range(size), edges)
    assert {group for part in parts for group in cluster({at: keys(size)[at] for at in part}, edges)} == whole


def test_a_chain_is_no_event() -> None:
    chain = {(at, at + 1): 0.9 for at in range(9)}
    assert max(map(len, cluster(keys(10), chain))) <= 3


def test_people_may_join_and_part() -> None:
    edges = {(0, 1): 0.9}
    assert cluster(keys(3), edges, [Constraint(0, 1, together=False)]) == [frozenset({0}), frozenset({1}), frozenset({2})]
    assert frozenset({1, 2}) <= cluster(keys(3), edges, [Constraint(1, 2, together=True)])[-1]


def test_a_thousand_copies_are_one_event() -> None:
    star = {(0, at): 1.0 for at in range(1, 300)} | {(a, b): 1.0 for a in range(1, 300) for b in range(a + 1, 300)}
    assert cluster(keys(300), star) == [frozenset(range(300))]


def test_an_edge_counts_for_less_where_both_have_better_company() -> None:
    alone = cluster(keys(2), {(0, 1): 0.25})
    assert alone == [frozenset({0, 1})]
    # Two events of four, each sure of itself, every article somewhat like every other.
    one, other = range(4), range(4, 8)
    sure = {(a, b): 0.95 for group in (one, other) for a in group for b in group if a < b}
    assert cluster(keys(8), sure | {(a, b): 0.25 for a in one for b in other}) == [frozenset(one), frozenset(other)]


def test_a_large_event_is_no_crowd() -> None:
    assert cluster(keys(40), {(a, b): 0.6 for a in range(40) for b in range(a + 1, 40)}) == [frozenset(range(40))]


def test_an_event_of_more_voices_than_usual_must_be_surer() -> None:
    one, other = range(3), range(3, 6)
    sure = {(a, b): 0.9 for group in (one, other) for a in group for b in group if a < b}
    edges = sure | {(a, b): 0.3 for a in one for b in other}
    voices = {at: at for at in range(6)}
    assert cluster(keys(6), edges) == [frozenset(range(6))]
    assert cluster(keys(6), edges, usual=Usual(voices, 3)) == [frozenset(one), frozenset(other)]
    # Copies have one voice with their origin, and what is sure is not parted.
    assert cluster(keys(6), edges, usual=Usual({at: at % 3 for at in range(6)}, 3)) == [frozenset(range(6))]
    assert cluster(keys(6), dict.fromkeys(edges, 0.9), usual=Usual(voices, 3)) == [frozenset(range(6))]
