"""One look: leases that ran out, sources and subscriptions that are due, queues with room, files nobody names. Two at once are safe."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import randrange

import structlog
from sqlalchemy import Engine
from sqlalchemy.dialects import postgresql, sqlite

from services.scheduler import due, tidying
from services.scheduler.core import messages
from shared import ledger
from shared.clock import Clock, now
from shared.db import reading, writing
from shared.models import Heartbeat
from shared.outcomes import Limits
from shared.pipeline import Pipeline
from shared.raw import RawStore
from shared.runner import Hints, end_expired

HEARTBEAT = "scheduler"
HEARTBEAT_EVERY = timedelta(seconds=3)
ORPHAN_AGE = timedelta(days=1)
SHELVES = 65_536  # folders of the raw store: at one a second, all are looked at in 18 hours
MOST_DUE = 500  # sources made work of in one look: the rest follows in the next second
MOST_WAITING = 2000  # polls that wait for a worker: no more are added then
TIDY_EVERY = timedelta(seconds=30)
FORGET_EVERY = timedelta(hours=1)
RENEW_EVERY = timedelta(seconds=15)
JUST_PUT = timedelta(hours=1)
REBUILD_SHARE = 4  # one in so many of the rows that a queue may hold

log = structlog.get_logger()


@dataclass(kw_only=True)
class Sweeper:
    """What a look needs. `queue_high` and `backlog_high` are numbers of rows."""

    engine: Engine
    pipeline: Pipeline
    hints: Hints
    limits: Limits
    queue_high: int
    backlog_high: int
    hint_age: timedelta
    raw: RawStore | None = None  # where its folder can be reached
    clock: Clock = now
    _beat: datetime | None = None
    _tidy_at: datetime | None = None
    _renewed_at: datetime | None = None
    _forget_at: datetime | None = None
    # Anywhere, so that schedulers which are restarted often come round, too.
    _shelf: int = field(default_factory=lambda: randrange(SHELVES))

    def sweep(self) -> None:
        """Look once."""
        self.beat()
        self.expire()
        self.poll_what_is_due()
        self.renew_leases()
        for stage in self._hungry():
            self.top_up(stage)
        self.remove_orphans()
        self.tidy()
        self.forget_work()

    def beat(self) -> None:
        """Say that a scheduler is alive: one-shot commands leave their work to the stack then."""
        at = self.clock()
        if self._beat and at - self._beat < HEARTBEAT_EVERY:
            return
        with writing(self.engine, durable=False) as session:
            # Not a look and an insert: of two schedulers that start at once on PostgreSQL, one would die of the other's row.
            insert = (sqlite if self.engine.dialect.name == "sqlite" else postgresql).insert(Heartbeat).values(name=HEARTBEAT, at=at)
            session.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"at": at}))
        self._beat = at

    def expire(self) -> None:
        """End the leases of workers that are gone."""
        end_expired(self.engine, self.clock, max_kills=self.limits.max_kills)

    def poll_what_is_due(self) -> None:
        """Make work of the sources whose time has come, and move their next time on, in one transaction.

        Not more than the workers get done: where polls wait in heaps, as while no worker polls, a source's next one would only join them.
        """
        at = self.clock()
        with reading(self.engine) as session:
            connection = session.connection()
            if not due.is_any(connection, at) or ledger.backlog(connection, ("poll",), MOST_WAITING, at) >= MOST_WAITING:
                return
        with writing(self.engine) as session:
            facts = due.take(session.connection(), at, MOST_DUE)
            ledger.emit(session.connection(), self.pipeline, [(fact, None, 0) for fact in facts], at)

    def renew_leases(self) -> None:
        """Make work of the subscriptions that end soon: a hub's lease may be shorter than the time between two polls."""
        at = self.clock()
        if self._renewed_at and at - self._renewed_at < RENEW_EVERY:
            return
        self._renewed_at = at
        with reading(self.engine) as session:
            if not due.renewals(session.connection(), at, 1, lock=False):
                return
        with writing(self.engine) as session:
            facts = due.renewals(session.connection(), at, MOST_DUE)
            ledger.emit(session.connection(), self.pipeline, [(fact, None, 0) for fact in facts], at)

    def _hungry(self) -> list[str]:
        """The stages that have something to be hinted, the last one first. One transaction for all: an idle look costs little else."""
        at = self.clock()
        with reading(self.engine) as session:
            connection = session.connection()
            return [one for one in reversed(self.pipeline.names) if ledger.has_unhinted(connection, one, age=self.hint_age, now=at)]

    def top_up(self, stage: str) -> None:
        """Fill a stage's queue up to the mark, unless the stages after it have more than enough to do."""
        room = self.hints.room(stage, self.queue_high)
        if room <= 0:
            return
        at = self.clock()
        with reading(self.engine) as session:
            if ledger.backlog(session.connection(), self.pipeline.after(stage), self.backlog_high, at) >= self.backlog_high:
                log.info("stage_rests", stage=stage, reason="the stages after it have a backlog")
                return
        with writing(self.engine, durable=False) as session:
            rows = ledger.top_up(session.connection(), stage, room, age=self.hint_age, now=at, rebuilt=False)
            # What is new waits behind what is in the queue: a rebuild fills a small part of it only.
            rest = min(room - len(rows), room - self.queue_high + self.queue_high // REBUILD_SHARE)
            if rest > 0:
                rows += ledger.top_up(session.connection(), stage, rest, age=self.hint_age, now=at)
        for ids in messages(rows, self.pipeline[stage].batch or self.limits.batch):
            self.hints.send(stage, ids)
        log.debug("topped_up", stage=stage, rows=len(rows))

    def tidy(self) -> None:
        """Remove old rows of polls, and bytes that may be kept no longer: some at each look."""
        at = self.clock()
        if self._tidy_at and at < self._tidy_at:
            return
        with reading(self.engine) as session:
            polls, expired = tidying.has_old_polls(session, at), self.raw is not None and tidying.has_expired(session, at)
        if polls or expired:
            with writing(self.engine) as session:
                tidying.forget_polls(session, at)
                hashes = tidying.expire(session, at) if expired else []
            self._remove(hashes, at)
        else:  # nothing more for now
            self._tidy_at = at + TIDY_EVERY

    def forget_work(self) -> None:
        """Remove old rows of work that nothing asks for any more: some at each look, until there are no more for now."""
        at = self.clock()
        if self._forget_at and at < self._forget_at:
            return
        with reading(self.engine) as session:
            ids = tidying.old_work(session, at)
        if ids:
            with writing(self.engine) as session:
                ledger.forget(session.connection(), ids)
            log.info("work_forgotten", rows=len(ids))
        else:
            self._forget_at = at + FORGET_EVERY

    def _remove(self, hashes: Sequence[str], at: datetime) -> None:
        if self.raw is None:
            return
        for name in hashes:
            self.raw.remove(name, older_than=(at - JUST_PUT).timestamp())
            log.info("raw_expired", sha256=name)

    def remove_orphans(self) -> None:
        """Remove documents that no row names, as a crash between the file and its row leaves them: one small folder at each look."""
        if self.raw is None:
            return
        self._shelf = (self._shelf + 1) % SHELVES
        for path in self.raw.orphans(self._shelf, self._known, older_than=(self.clock() - ORPHAN_AGE).timestamp()):
            path.unlink(missing_ok=True)
            log.info("orphan_removed", file=path.name)

    def _known(self, hashes: Sequence[str]) -> set[str]:
        with reading(self.engine) as session:
            return tidying.named(session, hashes)
