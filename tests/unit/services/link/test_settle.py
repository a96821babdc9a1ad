"""Which id goes on: the largest overlap keeps it, merges redirect, splits tell their parts."""

from services.link.core.settle import settle


def test_new_articles_make_a_new_event() -> None:
    assert settle({}, [{1, 2}]).ids == (None,)


def test_a_growing_event_keeps_its_id() -> None:
    plan = settle({7: {1, 2}}, [{1, 2, 3}])
    assert plan.ids == (7,)
    assert not plan.merged
    assert not plan.split
    assert not plan.gone


def test_a_merge_redirects_the_smaller() -> None:
    plan = settle({7: {1}, 9: {2, 3}}, [{1, 2, 3}])
    assert plan.ids == (9,)
    assert plan.merged == {7: 0}


def test_of_equal_ones_the_older_stays() -> None:
    assert settle({9: {2}, 7: {1}}, [{1, 2}]).ids == (7,)


def test_the_larger_part_of_a_split_keeps_the_id() -> None:
    plan = settle({7: {1, 2, 3}}, [{3}, {1, 2}])
    assert plan.ids == (None, 7)
    assert not plan.merged


def test_an_event_that_lost_all_to_several_tells_its_parts() -> None:
    plan = settle({1: {10, 11, 12}, 2: {20, 21, 22}, 3: {30, 31}}, [{10, 11, 12, 30}, {20, 21, 22, 31}])
    assert plan.ids == (1, 2)
    assert plan.split == {3: (0, 1)}


def test_an_event_without_articles_is_gone() -> None:
    assert settle({1: {10}}, []).gone == (1,)
