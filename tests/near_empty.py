"""A worker or a scheduler over stages that do next to nothing: what remains is delivery.

Run as `python tests/near_empty.py worker STAGE…` or `… scheduler`, with the DATELINE_ settings in the environment. Five stages hand an
article on from `fetch` to `publish`; each save writes one line into the table `effect`, whose key `(stage, subject_id)` is *not* unique,
so that what is done twice is seen.
"""

import os
import sys
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session

from shared import logs
from shared.clock import now
from shared.db import make_engine, writing
from shared.messages import ArticleCleaned, ArticleTagged, DocumentFetched, Message, PageOutdated
from shared.outcomes import Limits
from shared.pipeline import PIPELINE
from shared.queue import RedisHints, make_app, redis_client, run_worker
from shared.runner import Runner
from shared.settings import Settings

STAGES = ("fetch", "clean", "tag", "link", "publish")
EFFECT = "CREATE TABLE IF NOT EXISTS effect(stage text NOT NULL, subject_id bigint NOT NULL)"


@dataclass(frozen=True)
class NearEmpty:
    """One line of effect, one message for the next stage."""

    stage: str
    writes: bool = True

    def load(self, session: Session, message: Message) -> Message:
        return message

    def run(self, given: Message) -> Message:
        return given

    def touches(self, given: Message) -> set[int]:
        """As in `link`, whose rows are loaded one after the other where they touch one another."""
        return {given.subject_id}

    def save(self, session: Session, message: Message, done: Message) -> list[Message]:
        if self.writes:
            session.connection().exec_driver_sql(insert(session), {"stage": self.stage, "subject_id": message.subject_id})
        return following(self.stage, message.subject_id)


def insert(session: Session) -> str:
    """One statement in each database's style of parameters."""
    values = "%(stage)s, %(subject_id)s" if session.connection().dialect.name == "postgresql" else ":stage, :subject_id"
    return f"INSERT INTO effect(stage, subject_id) VALUES ({values})"


def following(stage: str, subject_id: int) -> list[Message]:
    """What the next stage consumes."""
    match stage:
        case "fetch":
            return [DocumentFetched(article_id=subject_id, revision=1, sha256="ab" * 32)]
        case "clean":
            return [ArticleCleaned(article_id=subject_id, revision=1, rules=1)]
        case "tag":
            return [ArticleTagged(article_id=subject_id, revision=1, snapshot="1")]
        case "link":
            return [PageOutdated(page_id=subject_id, wanted=1, due_at=now())]
    return []


def limits(settings: Settings) -> Limits:
    """Delivery's part of the settings."""
    return Limits(
        lease=settings.lease,
        row_limit=settings.row_limit,
        max_attempts=settings.max_attempts,
        retry_base=settings.retry_base,
        batch=settings.batch,
    )


def prepare(engine: Engine) -> None:
    """The table of effects."""
    with writing(engine) as session:
        session.execute(text(EFFECT))


def main(role: str, *stages: str) -> int:
    settings = Settings()
    logs.configure(level=settings.log_level, form="json")
    engine = make_engine(settings.database_url, synchronous=settings.sqlite_synchronous)
    assert settings.broker
    app = make_app(settings.broker, PIPELINE)
    hints = RedisHints(app=app, redis=redis_client(settings.broker), high=settings.queue_high, batch=settings.batch)
    if role == "scheduler":
        from services.scheduler import worker
        from services.scheduler.sweep import Sweeper

        sweeper = Sweeper(
            engine=engine,
            pipeline=PIPELINE,
            hints=hints,
            limits=limits(settings),
            queue_high=settings.queue_high,
            backlog_high=settings.backlog_high,
            hint_age=settings.hint_age,
        )
        worker.run(sweeper, every_s=settings.sweep.total_seconds())
        return 0
    made: dict[str, Any] = {name: NearEmpty(name, os.environ.get("NEAR_EMPTY_WRITES") != "0") for name in STAGES}
    runner = Runner(engine=engine, pipeline=PIPELINE, stages=made, limits=limits(settings), hints=hints, worker=f"near-empty-{stages[0]}")
    return run_worker(app, runner, stages, memory_mb=settings.worker_memory_mb, log_level=settings.log_level)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
