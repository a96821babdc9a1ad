"""What the schedule costs when nothing else happens: CPU of the scheduler's looks with many sources, in % of a core.

    python tests/benchmarks/scheduler_cost.py [--sources N] [--seconds N] [--only sqlite|postgresql]

Sources with a rhythm of 15 to 60 minutes, a look a second at a clock that runs ahead, so that an hour takes seconds; what becomes due is
polled at once by somebody else, whose time does not count. SQLite in a file with synchronous=FULL, or PostgreSQL, whose server's time is
counted too. The target is that of the issue: below 1 % of a core for 10,000 sources.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT), str(ROOT / "tests/benchmarks")]

from delivery import cpu_s, database  # noqa: E402
from sqlalchemy import Engine  # noqa: E402

from services.fetch.core.schedule import place_of  # noqa: E402
from services.scheduler.sweep import Sweeper  # noqa: E402
from shared.db import make_engine, writing  # noqa: E402
from shared.logs import configure  # noqa: E402
from shared.migrations import upgrade  # noqa: E402
from shared.models import Source  # noqa: E402
from shared.outcomes import Limits  # noqa: E402
from shared.pipeline import PIPELINE  # noqa: E402
from shared.raw import RawStore  # noqa: E402

TARGET_PERCENT = 1.0
WORKED_OFF_EVERY = 5  # seconds
START = datetime(2026, 1, 5, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One measurement."""

    database: str
    sources: int
    seconds: int  # of the clock that runs ahead: so many looks
    polls: int
    cpu_s: float
    server_cpu_s: float

    @property
    def percent(self) -> float:
        """Of a core, database server included."""
        return 100 * (self.cpu_s + self.server_cpu_s) / self.seconds


class Clock:
    """It moves by a second at each look."""

    at = START

    def __call__(self) -> datetime:
        return self.at


class NoQueue:
    """A queue with room that nobody reads from: Redis costs its own time."""

    def room(self, stage: str, rows: int) -> int:
        """All that is asked for."""
        return rows

    def send(self, stage: str, ids: Sequence[int]) -> None:
        """Nowhere."""


def fill(engine: Engine, number: int) -> None:
    """Sources, their next times spread over their intervals."""
    with writing(engine) as session:
        for one in range(number):
            interval = 900 + int(2700 * place_of(one))
            due = START + timedelta(seconds=interval * place_of(one + number))
            address = f"http://host{one % 4000}.test/feed{one}"
            session.add(Source(kind="feed", url=address, outlet=str(one), added_at=START, next_poll_at=due, interval_s=interval))


def measure(kind: str, sources: int, seconds: int) -> Cost:
    """Look once for each of so many seconds."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url, pids = stack.enter_context(database(kind, folder))
        engine = make_engine(url)
        stack.callback(engine.dispose)
        upgrade(engine)
        fill(engine, sources)
        clock, raw = Clock(), RawStore(folder / "raw")
        look = Sweeper(
            engine=engine,
            pipeline=PIPELINE,
            hints=NoQueue(),
            limits=Limits(),
            queue_high=2048,
            backlog_high=20_000,
            hint_age=timedelta(seconds=15),
            raw=raw,
            clock=clock,
        )
        look.sweep()
        own = server = 0.0
        polls = 0
        for start in range(0, seconds, WORKED_OFF_EVERY):
            before, began = cpu_s(pids), time.process_time()
            for second in range(start, start + WORKED_OFF_EVERY):
                clock.at = START + timedelta(seconds=second)
                look.sweep()
            own, server = own + time.process_time() - began, server + cpu_s(pids) - before
            polls += _work_off(engine)
        return Cost(database=kind, sources=sources, seconds=seconds, polls=polls, cpu_s=own, server_cpu_s=server)


def _work_off(engine: Engine) -> int:
    """End the polls that are open, as workers would."""
    with writing(engine) as session:
        return session.connection().exec_driver_sql("UPDATE work SET state = 2 WHERE state < 2 AND stage = 'poll'").rowcount


def main() -> int:
    """Measure, print, and say whether the target is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    good = True
    configure(level="warning", form="json")
    for kind in (given.only,) if given.only else ("sqlite", "postgresql"):
        cost = measure(kind, given.sources, given.seconds)
        each = 1000 * (cost.cpu_s + cost.server_cpu_s) / max(cost.polls, 1)
        print(
            f"{kind:10} {cost.sources} sources, {cost.polls} polls due in {cost.seconds} s: {cost.percent:.2f} % of a core"
            f" ({cost.cpu_s:.2f} s of the scheduler, {cost.server_cpu_s:.2f} s of the server; {each:.2f} ms a poll)"
        )
        good = good and cost.percent < TARGET_PERCENT
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
