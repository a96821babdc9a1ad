"""`deliver()`: the only owner of a stage's transactions, outcomes and log context.

Claim in one statement, run outside any transaction, finish in one transaction. Rows of a batch fail each for itself. The same function
serves the Celery workers and the commands that work without a stack.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from sqlalchemy import Engine

from shared import ledger
from shared.batch import Batch
from shared.clock import Clock, now
from shared.db import reading, writing
from shared.outcomes import Limits
from shared.pipeline import Pipeline
from shared.stage import Stage

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
        batch = self.claim(stage, ids)
        if batch is None:
            return Tally(lost=len(ids))
        batch.work()
        self.tell(batch)
        return Tally(done=batch.done, failed=batch.failed, lost=len(ids) - len(batch.rows), emitted=tuple(batch.emitted))

    def claim(self, stage: str, ids: Sequence[int], *, company: bool = False) -> Batch | None:
        """A batch of what is ready among `ids`; None where nothing is. `company`: see `ledger.claim`."""
        with writing(self.engine, durable=False) as session:
            lease_id, claimed = ledger.claim(
                session.connection(), stage, ids, worker=self.worker, lease=self.limits.lease, now=self.clock(), company=company
            )
        if not claimed:
            log.debug("nothing_to_claim", stage=stage, rows=len(ids))
            return None
        return Batch(self, self.pipeline[stage], self.stages[stage], lease_id, claimed)

    def tell(self, batch: Batch) -> None:
        """The one line of the log about a batch that was worked off."""
        log.info(
            "batch_done",
            stage=batch.spec.name,
            work_id=batch.rows[0].id,
            rows=len(batch.rows),
            done=batch.done,
            failed=batch.failed,
            ms=round((time.monotonic() - batch.started) * 1000, 1),
        )

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


def end_expired(engine: Engine, clock: Clock, *, max_kills: int) -> None:
    """End the leases of whoever is gone: their rows are ready again, or dead."""
    with reading(engine) as session:
        leases = ledger.expired_leases(session.connection(), clock())
    for lease_id in leases:
        with writing(engine) as session:
            rows = ledger.expire(session.connection(), lease_id, clock(), max_kills=max_kills)
        log.warning("lease_expired", lease_id=lease_id, rows=len(rows), work_ids=[work_id for work_id, _ in rows][:20])


def work_off(runner: Runner, *, until: Callable[[], bool] = lambda: False) -> int:
    """Deliver whatever is ready and due, stage after stage, until nothing is or `until()` says so. Returns the rows done.

    For commands that find no stack running, and so no scheduler that ends the leases of commands that were killed.
    """
    total, found = 0, True
    while found and not until():
        found = False
        end_expired(runner.engine, runner.clock, max_kills=runner.limits.max_kills)
        for name in runner.pipeline.names:
            with reading(runner.engine) as session:
                rows = ledger.ready(session.connection(), name, runner.pipeline[name].batch or runner.limits.batch, runner.clock())
            company = [row.id for row in rows if not row.alone]
            for ids in ([company] if company else []) + [[row.id] for row in rows if row.alone]:
                found = True
                total += runner.deliver(name, ids).done
    return total
