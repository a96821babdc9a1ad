"""What people decided: obeyed in any order, contradictions found, ids and pinned words as they said."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.link.core.cluster import cluster
from services.link.core.constraints import MOST_PAIRS, Pin, Rule, apply, constraints, contradicted, pairs, preferred
from services.link.core.event import Told
from services.link.core.settle import settle

Edges = dict[tuple[int, int], float]


@st.composite
def decided(draw: st.DrawFn) -> tuple[int, Edges, list[Rule[int]]]:
    """A graph, and rules put on one after the other, those left out that contradict what stands."""
    size = draw(st.integers(2, 12))
    every = [(a, b) for a in range(size) for b in range(a + 1, size)]
    edges = {pair: score for pair in every if (score := draw(st.sampled_from([0.0, 0.0, 0.3, 0.6, 0.95]))) > 0}
    standing: list[Rule[int]] = []
    for number, ((a, b), together) in enumerate(draw(st.lists(st.tuples(st.sampled_from(every), st.booleans()), max_size=8)), start=1):
        rule = Rule(a, b, together, number)
        if contradicted(standing, [rule]) is None:
            standing.append(rule)
    return size, edges, standing


@given(decided(), st.randoms(use_true_random=False))
def test_any_order_gives_one_partition_that_obeys_everybody(case: tuple[int, Edges, list[Rule[int]]], random: object) -> None:
    size, edges, rules = case
    keys = {at: (at * 3 % 7, at) for at in range(size)}
    groups = cluster(keys, edges, constraints(rules))
    of = {article: at for at, group in enumerate(groups) for article in group}
    assert all((of[rule.a] == of[rule.b]) is rule.together for rule in rules)
    mixed_rules, mixed_edges, mixed_keys = list(rules), list(edges.items()), list(keys.items())
    for one in (mixed_rules, mixed_edges, mixed_keys):
        random.shuffle(one)  # type: ignore[attr-defined]
    turned = [Rule(rule.b, rule.a, rule.together, rule.correction) for rule in mixed_rules]
    assert cluster(dict(mixed_keys), dict(mixed_edges), constraints(turned)) == groups


@given(decided(), st.integers(0, 11), st.integers(0, 11), st.booleans())
def test_a_rule_is_refused_exactly_where_no_partition_obeys_all(
    case: tuple[int, Edges, list[Rule[int]]], a: int, b: int, together: bool
) -> None:
    size, edges, standing = case
    if a >= size or b >= size or a == b:
        return
    rules = [*standing, Rule(a, b, together, 99)]
    groups = cluster({at: (at, 0) for at in range(size)}, edges, constraints(rules))
    of = {article: at for at, group in enumerate(groups) for article in group}
    can_hold = all((of[rule.a] == of[rule.b]) is rule.together for rule in rules)
    against = contradicted(standing, rules[-1:])
    assert (against is None) is can_hold
    assert against is None or against in standing, "the earlier decision is named"


def test_the_latest_of_several_that_stand_against_it_is_named() -> None:
    standing = [Rule("a", "b", True, 1), Rule("b", "c", True, 2)]
    assert contradicted(standing, [Rule("a", "c", False, 0)]) == standing[1]
    assert contradicted([], [Rule("a", "b", True, 0), Rule("a", "b", False, 0)]) == Rule("a", "b", False, 0)


@pytest.mark.parametrize(
    ("kind", "left", "right", "said"),
    [
        ("merge", [1, 2], [3], {(1, 2, True), (1, 3, True)}),
        ("pin", [1], [2, 3], {(1, 2, True), (1, 3, True)}),
        ("pin", [1], [], set()),
        ("split", [1, 2], [3, 4], {(1, 2, True), (1, 3, False), (1, 4, False)}),
        ("forbid", [1, 2], [3, 4], {(1, 3, False), (1, 4, False), (2, 3, False), (2, 4, False)}),
    ],
)
def test_a_correction_is_said_in_few_pairs(kind: str, left: Sequence[int], right: Sequence[int], said: set[tuple[int, int, bool]]) -> None:
    assert set(pairs(kind, left, right)) == said


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [("merge", [1], []), ("split", [], [1]), ("forbid", [1], [1]), ("rename", [1], [2]), ("forbid", range(MOST_PAIRS), [-1, -2])],
)
def test_what_says_nothing_or_too_much_is_refused(kind: str, left: Sequence[int], right: Sequence[int]) -> None:
    with pytest.raises(ValueError, match=r"."):
        pairs(kind, left, right)


def test_the_event_that_a_merge_names_first_goes_on_though_it_is_smaller() -> None:
    rules = [Rule(1, 2, True, 5, keep=7), Rule(1, 9, True, 8, keep=3)]
    assert preferred(rules) == (3, 7)
    old = {7: {1}, 2: {2, 3, 4}}
    assert settle(old, [{1, 2, 3, 4}]).ids == (2,)
    plan = settle(old, [{1, 2, 3, 4}], preferred(rules))
    assert (plan.ids, plan.merged) == ((7,), {2: 0})


def told() -> Told:
    return Told(
        date=date(2031, 3, 4),
        date_provenance="jsonld",
        date_confidence="stated",
        headline="Found by rule",
        headline_article=1,
        description="As it was reported.",
        description_article=1,
        copy_of={},
        independent=2,
    )


def test_what_is_pinned_is_said_and_the_later_decision_holds() -> None:
    pins = [
        Pin(1, 4, (("headline_article", 2),)),
        Pin(1, 2, (("date", "2031-03-01"), ("headline", "By hand"))),
        Pin(2, 6, (("image_article", 2),)),
    ]
    said = apply(told(), pins, {1: "One", 2: "Two"})
    assert (said.headline, said.headline_article, said.image_article) == ("Two", 2, 2)
    assert (said.date, said.date_provenance, said.description) == (date(2031, 3, 1), "editor", "As it was reported.")
    assert said.pinned == {"date": 2, "headline": 4, "image": 6}
    by_hand = apply(told(), [Pin(1, 2, (("headline", "By hand"),))], {1: "One"})
    assert (by_hand.headline, by_hand.headline_article) == ("By hand", None)


def test_an_article_that_is_elsewhere_now_decides_nothing() -> None:
    assert apply(told(), [Pin(1, 4, (("headline_article", 2), ("image_article", 2)))], {1: "One"}) == told()
