"""The rows of one lease on their way through a stage: loaded, run, saved, each failing for itself.

`shared/runner.py` claims them and makes the batch; together these two own a stage's transactions, outcomes and log context. A long file
on purpose: loading, running and saving share a row's state, and whoever asks what becomes of a row finds it in one place.
"""

import asyncio
import inspect
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import ValidationError
from sqlmodel import Session

from shared import ledger
from shared.db import reading, writing
from shared.logs import unit_of_work
from shared.messages import Message
from shared.outcomes import failure, is_away, later
from shared.pipeline import StageSpec
from shared.stage import Again, Conflict, Reject, Stage, Superseded, Touching
from shared.timelimit import RowTimeLimit, async_row_limit, row_limit, time_limits

if TYPE_CHECKING:
    from shared.runner import Runner

# Rows of an asynchronous batch are finished in company, and hints sent in company; none waits longer than this for it.
FLUSH_ROWS = 50
FLUSH_AFTER = timedelta(milliseconds=100)
# A conflict means that another worker wrote first, so one of the two gets ahead at each turn.
MAX_CONFLICTS = 20
# So many rows of a serial batch may be loaded twice.
MOST_LOADED_TWICE = 2
# When the same work is ready again after a save that was behind already.
AGAIN_AFTER = timedelta(seconds=1)
# How long a finish waits between two attempts to reach a database that is away.
DATABASE_WAIT_S = 0.5
# It gives up at this share of the lease, before the worker's watchdog (`HARD_SHARE` in shared/queue.py) takes the wait for a loop.
WAITING_SHARE = 0.8
# So much of the lease a row may take, what it waits for others and for its own parser included.
LONGEST_SHARE = 0.7

UNREAD = Message()  # stands for a message that could not be read

log = structlog.get_logger()


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


def _nobody() -> None:
    """Nobody waits for rows to end."""


class Batch:
    """The rows of one lease."""

    def __init__(
        self, runner: "Runner", spec: StageSpec, stage: Stage[Any, Any, Any], lease_id: str, claimed: Sequence[ledger.Claimed]
    ) -> None:
        self.runner, self.spec, self.stage, self.lease_id = runner, spec, stage, lease_id
        self.until = time.monotonic() + runner.limits.lease.total_seconds() * WAITING_SHARE
        self.last_start = time.monotonic() + runner.limits.lease.total_seconds() / 2
        self.done = self.failed = 0
        self.emitted: list[tuple[int, str]] = []
        self.closed = False
        self.room: dict[str, int] | None = None
        self.to_hint: dict[str, list[int]] = {}
        self.hint_at = 0.0
        self.moved: Callable[[], None] = _nobody  # told when rows have ended
        self.started = time.monotonic()
        self.rows = [self._open(row) for row in claimed]

    def work(self) -> None:
        """Run all rows and finish them; what was not started goes back uncounted."""
        with time_limits():
            if inspect.iscoroutinefunction(self.stage.run):
                self.runner.loop().run(self._run_together())
            elif self.spec.serial:
                self._run_serially()
            else:
                self._run_in_turn()
        self._end()

    async def work_beside(self) -> None:
        """The same for a stage that waits, beside other batches in one event loop (`shared/overlap.py`)."""
        await self._run_together()
        self._end()

    def running(self) -> int:
        """How many rows have not ended."""
        return sum(not row.ended for row in self.rows)

    def _end(self) -> None:
        if not self.closed:
            with writing(self.runner.engine) as session:
                self._close(session)
        self._send_hints()

    def _open(self, claimed: ledger.Claimed) -> Row:
        row = Row(claimed=claimed, message=UNREAD)
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
        """Each row is loaded after whatever it touches was saved; rows that share nothing are saved in one transaction.

        A row that shares something with one that is not saved yet is loaded twice. Where rows of a batch touch one another often, the
        second load costs more than the transaction that it spares, so from the second such row on each is saved for itself.
        """
        company: list[Row] = []
        taken: set[Hashable] = set()
        touches: Callable[[Any], Set[Hashable]] | None = self.stage.touches if isinstance(self.stage, Touching) else None
        again = 0 if touches else MOST_LOADED_TWICE
        for row in self.rows:
            if time.monotonic() >= self.last_start:
                break
            loaded = self._load([row])
            if touches and loaded and not taken.isdisjoint(touches(loaded[0][1])):
                again += 1
                self._finish_together(company)
                company, taken = [], set()
                loaded = self._load([row])
            for one, given in loaded:
                taken |= touches(given) if touches else set()
                self._run(one, given)
            company.append(row)
            if again >= MOST_LOADED_TWICE:
                self._finish_together(company, last=row is self.rows[-1])
                company, taken = [], set()
        if company:
            self._finish_together(company, last=company[-1] is self.rows[-1])

    async def _run_together(self) -> None:
        tasks = {asyncio.create_task(self._run_async(row, given)): row for row, given in self._load(self.rows)}
        ended = [row for row in self.rows if row.ended]
        waiting, since = set(tasks), time.monotonic()
        try:
            while waiting:
                patience = max(0.0, since + FLUSH_AFTER.total_seconds() - time.monotonic()) if ended else None
                finished, waiting = await asyncio.wait(waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                if not ended:
                    since = time.monotonic()
                ended += [tasks[task] for task in finished]
                self.moved()
                if waiting and (len(ended) >= FLUSH_ROWS or (ended and time.monotonic() - since >= FLUSH_AFTER.total_seconds())):
                    self._finish_together(ended)
                    ended = []
        finally:
            for task in waiting:  # nobody would write what comes of them
                task.cancel()
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
            limits = self.runner.limits
            async with async_row_limit(limits.row_limit, limits.lease * LONGEST_SHARE):
                with self._guard(row):
                    row.result = await self.stage.run(given)
                    row.ran = True
        except TimeoutError:
            self._note_time_limit(row)

    @contextmanager
    def _guard(self, row: Row) -> Iterator[None]:
        """The one border at which whatever a stage raises becomes this row's failure, and nobody else's."""
        outside = unit_of_work.set(self._context(row))
        try:
            yield
        except Exception as error:  # noqa: BLE001
            self._note(row, error)
        finally:
            unit_of_work.reset(outside)

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
        while True:
            try:
                return self._finish(rows, last=last)
            except Exception as error:  # noqa: BLE001 - whose it is shows when each row is written alone
                if not is_away(error):
                    log.info("batch_parted", stage=self.spec.name, rows=len(rows), error=f"{type(error).__name__}: {error}"[:300])
                    break
                self._wait_for_database(error)
        for row in rows:
            self._finish_alone(row)
        return None

    def _wait_for_database(self, error: Exception) -> None:
        """The results are good and still ours: wait a moment, but raise the error when the lease is nearly over."""
        if time.monotonic() > self.until:
            raise error
        log.warning("database_away", stage=self.spec.name, lease_id=self.lease_id, error=str(error)[:300])
        time.sleep(DATABASE_WAIT_S)

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
                    self._wait_for_database(error)
                elif not row.good:
                    raise  # its failure cannot be written either: the lease runs out
                else:
                    self._note(row, error)  # a save that fails alone is this row's failure
            else:
                return

    def _finish(self, rows: Sequence[Row], *, last: bool = False) -> None:
        runner, now = self.runner, self.runner.clock()
        room = self._room(len(self.rows) if self.spec.serial else len(rows))
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
                    messages += [(fact, self._trace(row, fact), fact.priority) for fact in facts]
            session.flush()
            ledger.finish(connection, done, now)
            ledger.give_back(connection, self.lease_id, again, now, delay=AGAIN_AFTER)
            ledger.finish(connection, [row.id for row in ours if row.superseded], now, ledger.State.SUPERSEDED)
            for row in ours:
                if row.failure:
                    ledger.fail(connection, self.lease_id, row.id, row.failure, now)
            # After the rows' ends: what one page's save says of a page that was saved before it in this batch needs a row of its own.
            new = ledger.emit(connection, runner.pipeline, messages, now, room)
            if last:
                self._close(session)
        self.closed = self.closed or last
        self._keep(new)
        self._report(ours, len(rows) - len(ours))

    def _close(self, session: Session) -> None:
        """End the lease; rows that were not started are ready again."""
        now = self.runner.clock()
        ledger.give_back(session.connection(), self.lease_id, [row.id for row in self.rows if not row.ended], now)
        ledger.end_lease(session.connection(), self.lease_id, now)

    def _save(self, session: Session, row: Row) -> "Sequence[Message] | Again":
        outside = unit_of_work.set(self._context(row))
        try:
            return self.stage.save(session, row.message, row.result)
        finally:
            unit_of_work.reset(outside)

    def _trace(self, row: Row, fact: Message) -> str | None:
        """An article's work bears one trace id from its announcement on; what a poll announces starts a trace of its own."""
        return row.claimed.trace_id if fact.subject == row.message.subject else None

    # ------------------------------------------------------------------ hints

    def _room(self, rows: int) -> Mapping[str, int]:
        """How many rows of each next stage may be hinted; asked anew after each sending."""
        if self.room is None:
            consumers = self.runner.pipeline.consumers(self.spec.produces)
            self.room = {spec.name: self.runner.hints.room(spec.name, rows) for spec in consumers}
        return self.room

    def _keep(self, new: Sequence[ledger.New]) -> None:
        """Note what was committed; send its hints, which a serial batch collects for a moment, since small messages cost most."""
        now = time.monotonic()
        for row in new:
            self.emitted.append((row.id, row.stage))
            if row.hinted:
                self.hint_at = self.hint_at if self.to_hint else now + FLUSH_AFTER.total_seconds()
                self.to_hint.setdefault(row.stage, []).append(row.id)
                if self.room is not None:
                    self.room[row.stage] -= 1
        if not self.spec.serial or (self.to_hint and now > self.hint_at):
            self._send_hints()

    def _send_hints(self) -> None:
        for stage, ids in self.to_hint.items():
            size = self.runner.pipeline[stage].batch or self.runner.limits.batch
            for at in range(0, len(ids), size):
                self.runner.hints.send(stage, ids[at : at + size])
        self.to_hint, self.room = {}, None

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
