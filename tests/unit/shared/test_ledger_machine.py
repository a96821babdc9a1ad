"""The ledger against a model of it, under random histories with a clock that stands still and a crash after any statement.

A crash is an exception after the n-th statement of a transaction, so that the transaction rolls back: what a killed worker leaves
behind. The model says what must be true then: nothing lost, nothing done twice, no zombie's write, only kills suffered alone charged.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from conftest import FakeClock
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Connection, Engine, event

from shared import ledger
from shared.db import make_engine, writing
from shared.ledger import Failure, State
from shared.messages import ArticleAnnounced, DocumentFetched, Message, PageOutdated
from shared.pipeline import PIPELINE

LEASE = timedelta(seconds=60)
AGE = timedelta(seconds=15)
MAX_KILLS = 3


class Crash(Exception):
    """The process ends here."""


@dataclass
class Expected:
    """One row as it must be."""

    id: int
    stage: str
    subject_id: int
    state: State = State.READY
    attempt: int = 0
    kills: int = 0
    alone: bool = False
    not_before: datetime | None = None
    hinted_at: datetime | None = None
    lease: str | None = None
    effects: int = 0  # finishes that were committed


@dataclass
class Held:
    """A lease: who took what, until when. A worker keeps on to it after it ran out: then it is a zombie."""

    id: str
    ids: list[int]
    until: datetime
    ended: bool = False


@dataclass
class World:
    """What the model remembers."""

    rows: dict[int, Expected] = field(default_factory=dict)
    leases: list[Held] = field(default_factory=list)
    attempts: int = 0


class LedgerMachine(RuleBasedStateMachine):
    """Rules are the ledger's functions; each may crash after any of its statements."""

    engine: Engine
    clock: FakeClock

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.statements_left: int | None = None
        event.listen(self.engine, "after_cursor_execute", self._count)

    def teardown(self) -> None:
        event.remove(self.engine, "after_cursor_execute", self._count)

    @initialize()
    def empty(self) -> None:
        with writing(self.engine) as session:
            for table in ("attempt", "lease", "work"):
                session.connection().exec_driver_sql(f"DELETE FROM {table}")

    def _count(self, connection: Connection, cursor: Any, sql: str, *_given: Any) -> None:
        if self.statements_left is None or sql.startswith(("BEGIN", "SET LOCAL")):
            return
        self.statements_left -= 1
        if self.statements_left < 0:
            self.statements_left = None
            raise Crash

    @contextmanager
    def _crashing(self, after: int | None) -> Iterator[list[bool]]:
        """Crash after so many statements; the list's item says whether it came to the commit."""
        committed = [True]
        self.statements_left = after
        try:
            yield committed
        except Crash:
            committed[0] = False
        finally:
            self.statements_left = None

    def _do(self, after: int | None, work: Callable[[Connection], Any]) -> Any:
        """The answer of one transaction, None where it crashed."""
        answer = None
        with self._crashing(after) as committed, writing(self.engine) as session:
            answer = work(session.connection())
        return answer if committed[0] else None

    # ------------------------------------------------------------------ rules

    crash = st.none() | st.integers(0, 5)

    @rule(
        subjects=st.lists(st.integers(1, 6), min_size=1, max_size=4),
        kind=st.sampled_from(["fetch", "clean", "publish"]),
        delay=st.sampled_from([0, 0, 30]),
        crash=crash,
    )
    def emit(self, subjects: list[int], kind: str, delay: int, crash: int | None) -> None:
        due = self.clock() + timedelta(seconds=delay)
        messages: list[Message] = []
        for subject in subjects:
            generation = 1 + sum(row.subject_id == subject and row.stage == kind for row in self.world.rows.values())
            made: dict[str, Message] = {
                "fetch": ArticleAnnounced(article_id=subject, generation=f"g{generation % 3}"),
                "clean": DocumentFetched(article_id=subject, revision=generation, sha256="ab"),
                "publish": PageOutdated(page_id=subject, wanted=generation, due_at=due),
            }
            messages.append(made[kind])
        new = self._do(crash, lambda c: ledger.emit(c, PIPELINE, [(one, None, 0) for one in messages], self.clock()))
        for work_id, stage, _ in new or []:
            subject, body = self._column(work_id, "subject_id"), self._column(work_id, "body")
            not_before = PageOutdated.model_validate_json(body).due_at if stage == "publish" else self.clock()
            self.world.rows[work_id] = Expected(work_id, stage, subject, not_before=not_before)
        if new is not None and kind == "publish":
            opened = {row.subject_id for row in self.world.rows.values() if row.stage == "publish" and row.state < State.DONE}
            assert set(subjects) <= opened, "a change of a page was lost"

    @precondition(lambda self: self.world.rows)
    @rule(data=st.data(), crash=crash)
    def claim(self, data: st.DataObject, crash: int | None) -> None:
        stage = data.draw(st.sampled_from(sorted({row.stage for row in self.world.rows.values()})))
        ids = data.draw(st.lists(st.sampled_from([*sorted(self.world.rows), 10**9]), min_size=1, max_size=6))
        wanted = sorted(
            row.id
            for row in self.world.rows.values()
            if row.id in ids and row.stage == stage and row.state == State.READY and row.not_before <= self.clock()
        )
        taken = self._do(crash, lambda c: ledger.claim(c, stage, ids, worker="w", lease=LEASE, now=self.clock()))
        if taken is None:
            return
        lease, rows = taken
        assert [row.id for row in rows] == wanted
        for one in rows:
            row = self.world.rows[one.id]
            row.state, row.lease, row.attempt = State.LEASED, lease, row.attempt + 1
            assert one.attempt == row.attempt
        if rows:
            self.world.leases.append(Held(lease, wanted, self.clock() + LEASE))

    def _lease(self, data: st.DataObject) -> tuple[Held, list[Expected]]:
        """Any lease that was ever given, a zombie's too; and the rows that are still under it."""
        held = data.draw(st.sampled_from(self.world.leases))
        return held, [self.world.rows[one] for one in held.ids if self.world.rows[one].lease == held.id]

    @precondition(lambda self: self.world.leases)
    @rule(data=st.data(), crash=crash, last=st.booleans())
    def finish(self, data: st.DataObject, crash: int | None, last: bool) -> None:
        held, ours = self._lease(data)
        part = data.draw(st.lists(st.sampled_from(held.ids), unique=True, min_size=1))
        wanted = sorted(row.id for row in ours if row.id in part and row.state == State.LEASED)

        def work(connection: Connection) -> list[int]:
            passed = ledger.fence(connection, held.id, part)
            ledger.finish(connection, passed, self.clock())
            if last:
                rest = [one for one in held.ids if one not in part]
                ledger.give_back(connection, held.id, rest, self.clock())
                ledger.end_lease(connection, held.id, self.clock())
            return passed

        passed = self._do(crash, work)
        if passed is None:
            return
        assert sorted(passed) == wanted, "the fence let a zombie through, or held the owner back"
        for row in ours:
            if row.id in wanted:
                row.state, row.effects = State.DONE, row.effects + 1
            elif last and row.state == State.LEASED and row.id not in part:
                self._ready(row, uncounted=1)
        held.ended = held.ended or last

    def _ready(self, row: Expected, *, uncounted: int, delay: float = 0) -> None:
        row.state, row.lease, row.hinted_at = State.READY, None, None
        row.attempt -= uncounted
        row.not_before = self.clock() + timedelta(seconds=delay)

    @precondition(lambda self: self.world.leases)
    @rule(data=st.data(), crash=crash, delay=st.sampled_from([None, 0, 20]), counted=st.booleans())
    def fail(self, data: st.DataObject, crash: int | None, delay: float | None, counted: bool) -> None:
        held, _ = self._lease(data)
        row = self.world.rows[data.draw(st.sampled_from(held.ids))]
        ours = row.lease == held.id and row.state == State.LEASED
        later = None if delay is None else timedelta(seconds=delay)
        failure = Failure(outcome="retry", error_class="bug", error="", delay=later, counted=counted)
        written = self._do(crash, lambda c: ledger.fail(c, held.id, row.id, failure, self.clock()))
        if written is None:
            return
        assert written == ours
        if ours:
            self.world.attempts += 1
            self._ready(row, uncounted=0 if counted else 1, delay=delay or 0)
            row.state = State.DEAD if delay is None else State.READY

    @precondition(lambda self: self.world.leases)
    @rule(data=st.data(), crash=crash)
    def give_back(self, data: st.DataObject, crash: int | None) -> None:
        held, ours = self._lease(data)
        done = self._do(crash, lambda c: [ledger.give_back(c, held.id, held.ids, self.clock())])
        for row in ours if done else []:
            if row.state == State.LEASED:
                self._ready(row, uncounted=1)

    @rule(crash=crash, twice=st.booleans())
    def expire(self, crash: int | None, twice: bool) -> None:
        """The sweep; a second scheduler may do the same with what it had read before."""
        with self.engine.connect() as connection:
            leases = ledger.expired_leases(connection, self.clock())
        assert set(leases) == {held.id for held in self.world.leases if not held.ended and held.until < self.clock()}
        for lease_id in leases * (2 if twice else 1):
            self._expire(lease_id, crash)

    def _expire(self, lease_id: str, crash: int | None) -> None:
        held = next(one for one in self.world.leases if one.id == lease_id)
        wanted = [row for row in self.world.rows.values() if row.lease == lease_id and row.state == State.LEASED and not held.ended]
        rows = self._do(crash, lambda c: ledger.expire(c, lease_id, self.clock(), max_kills=MAX_KILLS))
        if rows is None:
            return
        assert sorted(rows) == sorted((row.id, row.stage) for row in wanted)
        alone = len(held.ids) == 1
        for row in wanted:
            self.world.attempts += 1
            row.kills += alone
            row.state, row.lease, row.alone, row.hinted_at = State.READY, None, True, None
            row.attempt -= not alone
            if alone and row.kills >= MAX_KILLS:
                row.state = State.DEAD
        held.ended = True

    @rule(stage=st.sampled_from(["fetch", "clean", "publish"]), room=st.integers(1, 5), crash=crash)
    def top_up(self, stage: str, room: int, crash: int | None) -> None:
        old = self.clock() - AGE
        found = [
            row
            for _, row in sorted(self.world.rows.items())
            if row.stage == stage
            and row.state == State.READY
            and row.not_before <= self.clock()
            and (row.hinted_at is None or row.hinted_at < old)
        ][:room]
        hinted = self._do(crash, lambda c: ledger.top_up(c, stage, room, age=AGE, now=self.clock()))
        if hinted is None:
            return
        assert [(one.id, one.alone) for one in hinted] == [(row.id, row.alone) for row in found]
        for row in found:
            row.hinted_at = self.clock()

    @precondition(lambda self: any(row.state == State.DEAD for row in self.world.rows.values()))
    @rule(data=st.data(), crash=crash)
    def replay(self, data: st.DataObject, crash: int | None) -> None:
        dead = [row.id for row in self.world.rows.values() if row.state == State.DEAD]
        ids = data.draw(st.lists(st.sampled_from(dead), unique=True, min_size=1))
        replayed = self._do(crash, lambda c: ledger.replay(c, ids, self.clock()))
        for work_id, _stage in replayed or []:
            row = self.world.rows[work_id]
            self._ready(row, uncounted=row.attempt)
            row.kills = 0
        if replayed is not None:
            left = {row.id for row in self.world.rows.values() if row.id in ids and row.state == State.DEAD}
            assert all(self.world.rows[one].stage == "publish" for one in left), "only a page with an open row keeps its dead one"

    @rule(seconds=st.sampled_from([1, 16, 31, 61]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    # ------------------------------------------------------------------ what must hold

    def _column(self, work_id: int, column: str) -> Any:
        with self.engine.connect() as connection:
            return connection.exec_driver_sql(f"SELECT {column} FROM work WHERE id = {work_id}").scalar()

    @invariant()
    def the_database_is_as_the_model_says(self) -> None:
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT id, state, attempt, kills, alone, lease_id FROM work ORDER BY id").all()
            attempts = connection.exec_driver_sql("SELECT count(*) FROM attempt").scalar()
        expected = [
            (row.id, row.state, row.attempt, row.kills, int(row.alone), row.lease if row.state == State.LEASED else None)
            for _, row in sorted(self.world.rows.items())
        ]
        assert [(*row[:5], row[5] if row[1] == State.LEASED else None) for row in found] == expected
        assert attempts == self.world.attempts

    @invariant()
    def nothing_is_done_twice(self) -> None:
        assert all(row.effects <= 1 for row in self.world.rows.values())
        assert all(row.effects == 1 for row in self.world.rows.values() if row.state == State.DONE)

    @invariant()
    def a_page_has_one_open_row(self) -> None:
        opened = [row.subject_id for row in self.world.rows.values() if row.stage == "publish" and row.state < State.DONE]
        assert len(opened) == len(set(opened))

    @invariant()
    def whatever_is_held_is_under_a_lease_that_can_run_out(self) -> None:
        with self.engine.connect() as connection:
            orphans = connection.exec_driver_sql(
                "SELECT count(*) FROM work w WHERE w.state = 1 AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.id = w.lease_id)"
            ).scalar()
        assert orphans == 0


RULES = settings(stateful_step_count=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
EXAMPLES = {"sqlite": 150, "postgresql": 50}


def test_the_ledger_keeps_its_promises_in_any_order_and_after_any_crash(engine: Engine, clock: FakeClock) -> None:
    machine = type("Machine", (LedgerMachine,), {"engine": engine, "clock": clock})
    run_state_machine_as_test(machine, settings=settings(RULES, max_examples=EXAMPLES[engine.dialect.name]))


MUTANTS = {
    "fence": "SELECT id FROM work WHERE id {in_ids} AND state = 1 AND :lease <> '' ORDER BY id {lock}",
    "claim": ledger.STATEMENTS["claim"].replace("{claimable}", "id {in_ids} AND stage = :stage AND not_before <= {now}"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_machine_notices_a_broken_statement(name: str, sqlite_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof is worth something if it fails where it should."""
    monkeypatch.setattr(ledger, "STATEMENTS", {**ledger.STATEMENTS, name: MUTANTS[name]})
    ledger.statement.cache_clear()
    engine = make_engine(sqlite_url, synchronous="NORMAL")
    machine = type("Broken", (LedgerMachine,), {"engine": engine, "clock": clock})
    try:
        with pytest.raises(AssertionError):
            run_state_machine_as_test(machine, settings=settings(RULES, max_examples=1000, phases=[Phase.generate]))
    finally:
        ledger.statement.cache_clear()
        engine.dispose()
