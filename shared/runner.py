"""`deliver()`: the only owner of a stage's transactions, outcomes and log context.

Claim in one statement, run outside any transaction, finish in one transaction. Rows of a batch fail each for itself. The same function
serves the Celery workers and the commands that work without a stack.
"""

import asyncio
import inspect
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import structlog
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import Session

from shared import ledger
from shared.clock import Clock, now
from shared.db import reading, writing
from shared.messages import Message
from shared.outcomes import Limits, failure, is_away, later
from shared.pipeline import Pipeline, StageSpec
from shared.stage import Again, Conflict, Reject, Stage, Superseded
from shared.timelimit import RowTimeLimit, row_limit

# Rows of an asynchronous batch are finished in company, but none waits longer than this for it.
FLUSH_ROWS = 50
FLUSH_AFTER = timedelta(milliseconds=100)
# A conflict means that another worker wrote first, so one of the two gets ahead at each turn.
MAX_CONFLICTS = 20
# When the same work is ready again after a save that was behind already.
AGAIN_AFTER = timedelta(seconds=1)
# How long a finish waits between two attempts to reach a database that is away.
DATABASE_WAIT_S = 0.5
# It gives up at this share of the lease, before the worker's watchdog (`HARD_SHARE` in shared/queue.py) takes the wait for a loop.
WAITING_SHARE = 0.8

log = structlog.get_logger()


class Hints(Protocol):
    """Where hints go. Sending may fail: the sweep does the rest."""

    def room(self, stage: str, rows: int) -> int:
        """How many of so many new rows had better be hinted at once; the rest is left to the sweep."""

    def send(self, stage: str, ids: Sequence[int]) -> None:
        """Hint these rows in one message; errors are logged and swallowed."""


class NoHints:
    """For commands that work everything off themselves."""

    def room(self, stage: str, rows: int) -> int:
        return 0

    def send(self, stage: str, ids: Sequence[int]) -> None:
        raise AssertionError("no queue, so no room in it")


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What became of a batch."""

    done: int = 0
    failed: int = 0
    lost: int = 0  # hinted rows that were not there to claim: duplicates
    emitted: tuple[tuple[int, str], ...] = ()  # (work id, stage)


@dataclass(kw_only=True, eq=False)
class Row:
    """A claimed row on its way through the sandwich."""

    claimed: ledger.Claimed
    message: Message
    ran: bool = False
    result: Any = None
    failure: ledger.Failure | None = None
    superseded: bool = False

    @property
    def id(self) -> int:
        return self.claimed.id

    @property
    def ended(self) -> bool:
        """Whether something is to be written for it."""
        return self.ran or self.superseded or self.failure is not None

    @property
    def good(self) -> bool:
        """Whether its result is to be saved."""
        return self.ran and not self.superseded and self.failure is None


@dataclass(kw_only=True)
class Runner:
    """Delivers batches to stages. One per process; `stages` maps a stage's name to what loads, runs and saves."""

    engine: Engine
    pipeline: Pipeline
    stages: Mapping[str, Stage[Any, Any, Any]]
    limits: Limits = field(default_factory=Limits)
    hints: Hints = field(default_factory=NoHints)
    clock: Clock = now
    worker: str = "one-shot"
    _loop: asyncio.Runner | None = None

    def deliver(self, stage: str, ids: Sequence[int]) -> Tally:
        """Claim what is ready among `ids`, work on it, and write what came of it. Returns what became of the batch."""
        started = time.perf_counter()
        with writing(self.engine) as session:
            lease_id, claimed = ledger.claim(
                session.connection(), stage, ids, worker=self.worker, lease=self.limits.lease, now=self.clock()
            )
        if not claimed:
            log.debug("nothing_to_claim", stage=stage, rows=len(ids))
            return Tally(lost=len(ids))
        batch = Batch(self, self.pipeline[stage], self.stages[stage], lease_id, claimed)
        batch.work()
        log.info(
            "batch_done",
            stage=stage,
            work_id=claimed[0].id,
            rows=len(claimed),
            done=batch.done,
            failed=batch.failed,
            ms=round((time.perf_counter() - started) * 1000, 1),
        )
        return Tally(done=batch.done, failed=batch.failed, lost=len(ids) - len(claimed), emitted=tuple(batch.emitted))

    def loop(self) -> asyncio.Runner:
        """The process's event loop: it lives on from batch to batch, so that connections may."""
        if self._loop is None:
            self._loop = asyncio.Runner()
        return self._loop

    def close(self) -> None:
        """End the event loop."""
        if self._loop is not None:
            self._loop.close()
            self._loop = None


class Batch:
    """The rows of one lease."""

    def __init__(
        self, runner: Runner, spec: StageSpec, stage: Stage[Any, Any, Any], lease_id: str, claimed: Sequence[ledger.Claimed]
    ) -> None:
        self.runner, self.spec, self.stage, self.lease_id = runner, spec, stage, lease_id
        self.until = time.monotonic() + runner.limits.lease.total_seconds() * WAITING_SHARE
        self.last_start = time.monotonic() + runner.limits.lease.total_seconds() / 2
        self.done = self.failed = 0
        self.emitted: list[tuple[int, str]] = []
        self.closed = False
        self.rows = [self._open(row) for row in claimed]

    def work(self) -> None:
        """Run all rows and finish them; what was not started goes back uncounted."""
        if inspect.iscoroutinefunction(self.stage.run):
            self.runner.loop().run(self._run_together())
        elif self.spec.serial:
            self._run_serially()
        else:
            self._run_in_turn()
        if not self.closed:
            with writing(self.runner.engine) as session:
                self._close(session)

    def _open(self, claimed: ledger.Claimed) -> Row:
        row = Row(claimed=claimed, message=Message())
        try:
            row.message = self.spec.consumes.model_validate_json(claimed.body or "")
        except ValidationError as error:
            self._note(row, Reject("message_malformed", str(error)))
        return row

    # ------------------------------------------------------------------ running

    def _run_in_turn(self) -> None:
        for row, given in self._load(self.rows):
            if time.monotonic() < self.last_start:
                self._run(row, given)
        self._finish_together([row for row in self.rows if row.ended], last=True)

    def _run_serially(self) -> None:
        for row in self.rows:
            if time.monotonic() < self.last_start:
                for _, given in self._load([row]):
                    self._run(row, given)
                self._finish_together([row])

    async def _run_together(self) -> None:
        tasks = {asyncio.create_task(self._run_async(row, given)): row for row, given in self._load(self.rows)}
        ended = [row for row in self.rows if row.ended]
        waiting, since = set(tasks), time.monotonic()
        while waiting:
            patience = max(0.0, since + FLUSH_AFTER.total_seconds() - time.monotonic()) if ended else None
            finished, waiting = await asyncio.wait(waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if not ended:
                since = time.monotonic()
            ended += [tasks[task] for task in finished]
            if waiting and (len(ended) >= FLUSH_ROWS or (ended and time.monotonic() - since >= FLUSH_AFTER.total_seconds())):
                self._finish_together(ended)
                ended = []
        self._finish_together(ended, last=True)

    def _load(self, rows: Sequence[Row]) -> list[tuple[Row, Any]]:
        """What the rows' runs are given; rows that fail here, or failed before, are left out."""
        loaded = []
        with reading(self.runner.engine) as session:
            for row in rows:
                if not row.ended:
                    with self._guard(row):
                        loaded.append((row, self.stage.load(session, row.message)))
                    if row.failure is not None:
                        session.close()  # PostgreSQL answers nothing more in a transaction that failed: the next row begins a new one
        return loaded

    def _run(self, row: Row, given: Any) -> None:
        try:
            with self._guard(row), row_limit(self.runner.limits.row_limit):
                row.result = self.stage.run(given)
                row.ran = True
        except RowTimeLimit:
            self._note_time_limit(row)

    async def _run_async(self, row: Row, given: Any) -> None:
        try:
            async with asyncio.timeout(self.runner.limits.row_limit.total_seconds()):
                with self._guard(row):
                    row.result = await self.stage.run(given)
                    row.ran = True
        except TimeoutError:
            self._note_time_limit(row)

    @contextmanager
    def _guard(self, row: Row) -> Iterator[None]:
        """The one border at which whatever a stage raises becomes this row's failure, and nobody else's."""
        with structlog.contextvars.bound_contextvars(**self._context(row)):
            try:
                yield
            except Exception as error:  # noqa: BLE001
                self._note(row, error)

    def _context(self, row: Row) -> dict[str, Any]:
        return {"stage": self.spec.name, "work_id": row.id, "subject_id": row.claimed.subject_id, "trace_id": row.claimed.trace_id}

    def _note(self, row: Row, error: Exception) -> None:
        if isinstance(error, Superseded):
            row.superseded = True
        else:
            row.failure = failure(error, attempt=row.claimed.attempt, limits=self.runner.limits)

    def _note_time_limit(self, row: Row) -> None:
        limits = self.runner.limits
        error = f"took longer than {limits.row_limit.total_seconds():g} s"
        row.failure = later("time_limit", error, attempt=row.claimed.attempt, limits=limits)

    # ------------------------------------------------------------------ finishing

    def _finish_together(self, rows: Sequence[Row], *, last: bool = False) -> None:
        """Write what came of these rows in one transaction; where one of them cannot be written, each in one of its own."""
        try:
            self._finish(rows, last=last)
        except Exception as error:  # noqa: BLE001 - whose it is shows when each row is written alone
            log.info("batch_parted", stage=self.spec.name, rows=len(rows), error=f"{type(error).__name__}: {error}"[:300])
            for row in rows:
                self._finish_alone(row)

    def _finish_alone(self, row: Row) -> None:
        conflicts = 0
        while True:
            try:
                self._finish([row])
            except Conflict:
                conflicts += 1
                row.ran = False
                if conflicts > MAX_CONFLICTS or inspect.iscoroutinefunction(self.stage.run):
                    row.failure = later("conflicts", "", attempt=row.claimed.attempt, limits=self.runner.limits, counted=False)
                for _, given in self._load([row]):
                    self._run(row, given)
            except Exception as error:
                if is_away(error):
                    # The result is good and still ours: wait for the database as long as the lease lasts.
                    if time.monotonic() > self.until:
                        raise
                    log.warning("database_away", error=str(error)[:300], **self._context(row))
                    time.sleep(DATABASE_WAIT_S)
                elif not row.good:
                    raise  # its failure cannot be written either: the lease runs out
                else:
                    self._note(row, error)  # a save that fails alone is this row's failure
            else:
                return

    def _finish(self, rows: Sequence[Row], *, last: bool = False) -> None:
        runner, now = self.runner, self.runner.clock()
        room = {spec.name: runner.hints.room(spec.name, len(rows)) for spec in runner.pipeline.consumers(self.spec.produces)}
        with writing(runner.engine) as session:
            connection = session.connection()
            held = set(ledger.fence(connection, self.lease_id, [row.id for row in rows]))
            ours = [row for row in rows if row.id in held]
            done: list[int] = []
            again: list[int] = []
            messages: list[tuple[Message, str | None, int]] = []
            for row in ours:
                if row.good:
                    saved = self._save(session, row)
                    (again if isinstance(saved, Again) else done).append(row.id)
                    facts = saved.messages if isinstance(saved, Again) else saved
                    messages += [(fact, self._trace(row, fact), 0) for fact in facts]
            session.flush()
            ledger.finish(connection, done, now)
            ledger.give_back(connection, self.lease_id, again, now, delay=AGAIN_AFTER)
            ledger.finish(connection, [row.id for row in ours if row.superseded], now, ledger.State.SUPERSEDED)
            for row in ours:
                if row.failure:
                    ledger.fail(connection, self.lease_id, row.id, row.failure, now)
            # After the rows' ends: what one page's save says of a page that was saved before it in this batch needs a row of its own.
            new = ledger.emit(connection, runner.pipeline, messages, now)
            hints = self._choose_hints(new, room)
            due = ledger.mark_hinted(connection, [work_id for _, ids in hints for work_id in ids], now)
            if last:
                self._close(session)
        self.closed = self.closed or last
        self.emitted += new
        for stage, ids in hints:
            if ids := [work_id for work_id in ids if work_id in due]:
                runner.hints.send(stage, ids)
        self._report(ours, len(rows) - len(ours))

    def _close(self, session: Session) -> None:
        """End the lease; rows that were not started are ready again."""
        now = self.runner.clock()
        ledger.give_back(session.connection(), self.lease_id, [row.id for row in self.rows if not row.ended], now)
        ledger.end_lease(session.connection(), self.lease_id, now)

    def _save(self, session: Session, row: Row) -> "Sequence[Message] | Again":
        with structlog.contextvars.bound_contextvars(**self._context(row)):
            return self.stage.save(session, row.message, row.result)

    def _trace(self, row: Row, fact: Message) -> str | None:
        """An article's work bears one trace id from its announcement on; what a poll announces starts a trace of its own."""
        return row.claimed.trace_id if fact.subject == row.message.subject else None

    def _choose_hints(self, new: Sequence[tuple[int, str]], room: Mapping[str, int]) -> list[tuple[str, list[int]]]:
        by_stage: dict[str, list[int]] = {}
        for work_id, stage in new:
            by_stage.setdefault(stage, []).append(work_id)
        hints = []
        for stage, ids in by_stage.items():
            size = self.runner.pipeline[stage].batch or self.runner.limits.batch
            ids = ids[: room.get(stage, 0)]
            hints += [(stage, ids[at : at + size]) for at in range(0, len(ids), size)]
        return hints

    def _report(self, ours: Sequence[Row], lost: int) -> None:
        for row in ours:
            if row.failure is None:
                self.done += 1
                continue
            self.failed += 1
            tell = log.warning if row.failure.delay is None else log.info
            why = {"outcome": row.failure.outcome, "error_class": row.failure.error_class, "error": row.failure.error[-500:]}
            tell("work_failed", **self._context(row), **why)
        if lost:
            log.warning("lease_lost", stage=self.spec.name, rows=lost, lease_id=self.lease_id)


def work_off(runner: Runner, *, until: Callable[[], bool] = lambda: False) -> int:
    """Deliver whatever is ready and due, stage after stage, until nothing is or `until()` says so. Returns the rows done.

    For commands that find no stack running.
    """
    total, found = 0, True
    while found and not until():
        found = False
        for name in runner.pipeline.names:
            with reading(runner.engine) as session:
                rows = ledger.ready(session.connection(), name, runner.pipeline[name].batch or runner.limits.batch, runner.clock())
            company = [row.id for row in rows if not row.alone]
            for ids in ([company] if company else []) + [[row.id] for row in rows if row.alone]:
                found = True
                total += runner.deliver(name, ids).done
    return total
