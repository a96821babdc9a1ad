"""Batches of one worker side by side: a slow row holds up its own batch, and no other.

A batch of a stage that waits (a coroutine function as `run`) is worked on in one event loop, in a thread of its own. The next message is
taken as soon as few rows are left running, so a stranger's server that answers after twenty seconds keeps a few places of the window
and no worker. Each batch has its own lease, fence and end, as if a process of its own worked on it.

A row that a worker died with runs alone in the process: else its company would be charged with the next death.
"""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from shared import ledger
from shared.batch import Batch
from shared.db import reading
from shared.timelimit import Watchdog

if TYPE_CHECKING:
    from shared.runner import Runner

log = structlog.get_logger()


@dataclass(kw_only=True, eq=False)
class Overlap:
    """`room`: the next batch begins while no more than so many rows are running. `limit`: the hard limit of a batch."""

    runner: "Runner"
    room: int
    watchdog: Watchdog
    limit: timedelta
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _batches: dict[asyncio.Task[None], Batch] = field(default_factory=dict, init=False)
    _moved: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def deliver(self, stage: str, ids: Sequence[int]) -> None:
        """Begin with a batch, as soon as there is room for it. Returns before it is worked off, but for a row that must run alone."""
        self._wait(self._begin(stage, ids))

    def close(self) -> None:
        """Wait for what runs, then end the thread."""
        if self._loop is None or self._thread is None:
            return
        self._wait(self._drained())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = self._thread = None

    def _wait(self, work: Coroutine[Any, Any, None]) -> None:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            # A daemon: a worker that is to stop at once leaves its rows to their leases.
            self._thread = threading.Thread(target=self._loop.run_forever, name="overlap", daemon=True)
            self._thread.start()
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    # ------------------------------------------------------------------ in the loop's thread

    async def _begin(self, stage: str, ids: Sequence[int]) -> None:
        alone = len(ids) == 1 and self._is_alone(ids[0])
        while self._running() > (0 if alone else self.room):
            self._moved.clear()
            await self._moved.wait()
        mark = self.watchdog.begin(self.limit)
        try:
            batch = self.runner.claim(stage, ids, company=not alone)
        except BaseException:
            self.watchdog.end(mark)
            raise
        if batch is None:
            self.watchdog.end(mark)
            return
        batch.moved = self._moved.set
        task = asyncio.create_task(self._work(batch, mark))
        self._batches[task] = batch
        if alone:
            await task

    async def _work(self, batch: Batch, mark: object) -> None:
        try:
            await batch.work_beside()
            self.runner.tell(batch)
        except Exception:
            # Rows fail for themselves within the batch. What is left is a database that stays away, or a mistake of ours; nobody waits
            # for this task, so it is logged here, as Celery does elsewhere: the lease runs out, and the sweep sends the rows again.
            log.exception("batch_failed", stage=batch.spec.name, lease_id=batch.lease_id)
        finally:
            self.watchdog.end(mark)
            task = asyncio.current_task()
            if task is not None:
                self._batches.pop(task, None)
            self._moved.set()

    async def _drained(self) -> None:
        while self._batches:
            await asyncio.wait(set(self._batches))

    def _running(self) -> int:
        return sum(batch.running() for batch in self._batches.values())

    def _is_alone(self, work_id: int) -> bool:
        with reading(self.runner.engine) as session:
            return ledger.is_alone(session.connection(), work_id)
