"""Batches of one worker side by side: a slow row holds up its own batch and no other, and a death is charged to nobody in company."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from conftest import FakeClock
from sqlalchemy import Engine
from sqlmodel import Session

from shared import ledger
from shared.db import writing
from shared.ledger import State
from shared.messages import ArticleAnnounced, Message
from shared.outcomes import Limits
from shared.overlap import Overlap
from shared.pipeline import PIPELINE
from shared.runner import Runner
from shared.timelimit import Watchdog

LIMITS = Limits(lease=timedelta(seconds=60), row_limit=timedelta(seconds=20), batch=4)
SLOW = 100  # articles from this number on wait until they are let go


class Waits:
    """A stage whose slow rows wait."""

    def __init__(self) -> None:
        self.running: set[int] = set()
        self.company: dict[int, set[int]] = {}  # who else ran when this one began
        self.go = threading.Event()

    def load(self, session: Session, message: Message) -> int:
        return message.subject_id

    async def run(self, given: int) -> int:
        self.company[given] = set(self.running)
        self.running.add(given)
        while given >= SLOW and not self.go.is_set():
            await asyncio.sleep(0.005)
        self.running.discard(given)
        return given

    def save(self, session: Session, message: Message, done: int) -> list[Message]:
        return []


class Worker:
    """A worker's process without its Celery."""

    def __init__(self, engine: Engine, clock: FakeClock) -> None:
        self.engine, self.clock, self.stage = engine, clock, Waits()
        stages: dict[str, Any] = {"fetch": self.stage}
        self.runner = Runner(engine=engine, pipeline=PIPELINE, stages=stages, limits=LIMITS, clock=clock)
        self.overlap = Overlap(runner=self.runner, room=2, watchdog=Watchdog(), limit=timedelta(seconds=60))

    def announce(self, *numbers: int) -> list[int]:
        with writing(self.engine) as session:
            facts = [(ArticleAnnounced(article_id=number, generation="g"), None, 0) for number in numbers]
            return sorted(row.id for row in ledger.emit(session.connection(), PIPELINE, facts, self.clock()))

    def states(self) -> list[int]:
        return self.ask("SELECT state FROM work ORDER BY id")

    def ask(self, sql: str) -> list[Any]:
        with self.engine.connect() as connection:
            return [row[0] for row in connection.exec_driver_sql(sql)]

    def wait(self, ready: Callable[[], bool]) -> None:
        until = time.monotonic() + 20
        while not ready():
            assert time.monotonic() < until, "it never came"
            time.sleep(0.005)


@pytest.fixture
def worker(engine: Engine, clock: FakeClock) -> Iterator[Worker]:
    made = Worker(engine, clock)
    yield made
    made.stage.go.set()
    made.overlap.close()


def test_a_slow_row_does_not_hold_up_the_next_batch(worker: Worker) -> None:
    first, second = worker.announce(1, SLOW), worker.announce(2, 3)
    worker.overlap.deliver("fetch", first)
    worker.overlap.deliver("fetch", second)
    worker.wait(lambda: worker.states() == [State.DONE, State.LEASED, State.DONE, State.DONE])
    worker.stage.go.set()
    worker.wait(lambda: worker.states() == [State.DONE] * 4)
    worker.overlap.close()
    assert worker.ask("SELECT count(*) FROM lease WHERE ended_at IS NULL") == [0]


def test_no_more_begins_while_too_many_rows_run(worker: Worker) -> None:
    full, next_one = worker.announce(SLOW, SLOW + 1, SLOW + 2), worker.announce(1)
    worker.overlap.deliver("fetch", full)
    waiting = threading.Thread(target=worker.overlap.deliver, args=("fetch", next_one))
    waiting.start()
    worker.wait(lambda: len(worker.stage.running) == 3)
    assert worker.states()[-1] == State.READY
    worker.stage.go.set()
    waiting.join()
    worker.overlap.close()
    assert worker.states() == [State.DONE] * 4


def test_closing_waits_for_what_runs(worker: Worker) -> None:
    worker.overlap.deliver("fetch", worker.announce(SLOW))
    threading.Timer(0.05, worker.stage.go.set).start()
    worker.overlap.close()
    assert worker.states() == [State.DONE]


def test_what_is_not_there_to_claim_leaves_no_trace(worker: Worker) -> None:
    worker.overlap.deliver("fetch", [424242])
    worker.overlap.deliver("fetch", worker.announce(1))
    worker.overlap.close()
    assert worker.states() == [State.DONE]


def test_a_death_in_company_is_charged_to_no_row_though_it_was_alone_in_its_lease(worker: Worker, clock: FakeClock) -> None:
    (poison,) = worker.announce(SLOW)
    worker.overlap.deliver("fetch", [poison])  # and the worker dies
    clock.advance(61)
    with writing(worker.engine) as session:
        (lease,) = ledger.expired_leases(session.connection(), clock())
        ledger.expire(session.connection(), lease, clock(), max_kills=3)
    assert worker.ask("SELECT kills FROM work") == [0]
    assert worker.ask("SELECT alone FROM work") == [1]


def test_a_row_that_a_worker_died_with_runs_with_nobody_beside_it_and_is_charged(worker: Worker, clock: FakeClock) -> None:
    ids = worker.announce(1, 2, SLOW)
    with writing(worker.engine) as session:
        session.connection().exec_driver_sql(f"UPDATE work SET alone = 1 WHERE id = {ids[0]}")
    worker.overlap.deliver("fetch", [ids[2]])
    alone = threading.Thread(target=worker.overlap.deliver, args=("fetch", [ids[0]]))
    alone.start()
    worker.wait(lambda: bool(worker.stage.running))
    worker.stage.go.set()
    alone.join()
    worker.overlap.deliver("fetch", [ids[1]])
    worker.overlap.close()
    assert worker.states() == [State.DONE] * 3
    assert worker.stage.company[1] == set()
    sizes = worker.ask("SELECT ids FROM lease ORDER BY started_at")
    assert sorted(sizes) == sorted([f"[{ids[2]}, {ledger.NOBODY}]", f"[{ids[0]}]", f"[{ids[1]}, {ledger.NOBODY}]"])
