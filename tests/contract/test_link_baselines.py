"""The linkers that Dateline's is compared with: each gives a partition, and one threshold leads from one group to many."""

import pytest
from benchmarks.link_baselines import baselines, best_of

FERRY = "Ferry with sixty aboard sinks off the island of Samar"
VOTE = "Parliament of Moldova votes to raise the pension age"
TITLES = [FERRY, VOTE, f"{FERRY} in a storm", f"{VOTE} to 65", "Heat record broken in Seville"]
MINUTES = [0, 30, 60, 90, 100]


@pytest.mark.parametrize("minutes", [MINUTES, None])
def test_each_baseline_parts_the_articles_by_what_they_tell(minutes: list[int] | None) -> None:
    for baseline in baselines(TITLES, [""] * len(TITLES), minutes):
        found = baseline.groups(0.3)
        assert (found[0], found[1]) == (found[2], found[3]), baseline.name
        assert len(set(found)) == 3, baseline.name
        assert len(set(baseline.groups(0.99))) == len(TITLES), baseline.name


def test_the_threshold_is_the_one_that_does_best_on_what_it_may_see() -> None:
    baseline = baselines(TITLES, [""] * len(TITLES), MINUTES)[0]
    _, found = best_of(baseline, lambda groups: -abs(len(set(groups)) - 3))
    assert len(set(found)) == 3
