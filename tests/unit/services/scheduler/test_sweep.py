"""A look of the scheduler: what is due becomes work once, dead workers' rows come back, queues are filled up to the mark."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path

from conftest import FakeClock
from sqlalchemy import Engine
from sqlmodel import col, select

from services.scheduler.core import messages
from services.scheduler.sweep import Sweeper
from shared import ledger
from shared.clock import now
from shared.db import reading, writing
from shared.ledger import Ready
from shared.messages import ArticleAnnounced, ArticleTagged
from shared.models import Article, Document, Heartbeat, Source, Work
from shared.outcomes import Limits
from shared.pipeline import PIPELINE
from shared.raw import RawStore


class Hints:
    """A queue that remembers, with as much room as it is given."""

    def __init__(self, room: int = 1000) -> None:
        self.left = room
        self.sent: list[tuple[str, list[int]]] = []

    def room(self, stage: str, rows: int) -> int:
        return self.left

    def send(self, stage: str, ids: Sequence[int]) -> None:
        self.sent.append((stage, list(ids)))


def sweeper(engine: Engine, clock: object, hints: Hints, *, backlog_high: int = 1000) -> Sweeper:
    return Sweeper(
        engine=engine,
        pipeline=PIPELINE,
        hints=hints,
        limits=Limits(batch=4, lease=timedelta(seconds=10)),
        queue_high=1000,
        backlog_high=backlog_high,
        hint_age=timedelta(seconds=15),
        clock=clock,  # type: ignore[arg-type]
    )


def add_source(engine: Engine, clock: object, **more: object) -> int:
    with writing(engine) as session:
        source = Source(
            kind="feed", url="http://a.test/feed", outlet="A", added_at=clock(), next_poll_at=clock(), interval_s=60, **more  # type: ignore[operator]
        )
        session.add(source)
        session.flush()
        assert source.id is not None
        return source.id


def work(engine: Engine) -> list[Work]:
    with reading(engine) as session:
        return list(session.exec(select(Work).order_by(col(Work.id))).all())


def emit(engine: Engine, clock: object, number: int) -> list[int]:
    with writing(engine) as session:
        facts = [(ArticleAnnounced(article_id=one, generation="g"), None, 0) for one in range(1, number + 1)]
        return [row[0] for row in ledger.emit(session.connection(), PIPELINE, facts, clock())]  # type: ignore[operator]


def test_a_source_that_is_due_becomes_work_once_and_its_time_moves_on(engine: Engine, clock: object) -> None:
    add_source(engine, clock)
    one, two = sweeper(engine, clock, Hints()), sweeper(engine, clock, Hints())
    one.sweep()
    two.sweep()
    assert [row.stage for row in work(engine)] == ["poll"]
    with reading(engine) as session:
        source = session.exec(select(Source)).one()
    assert source.next_poll_at == clock() + timedelta(seconds=60)  # type: ignore[operator]


def test_a_paused_source_is_left_alone(engine: Engine, clock: object) -> None:
    add_source(engine, clock, paused=True)
    sweeper(engine, clock, Hints()).sweep()
    assert work(engine) == []


def test_queues_are_filled_with_full_messages(engine: Engine, clock: object) -> None:
    ids = emit(engine, clock, 10)
    hints = Hints()
    sweeper(engine, clock, hints).sweep()
    assert hints.sent == [("fetch", ids[:4]), ("fetch", ids[4:8]), ("fetch", ids[8:])]


def test_what_was_hinted_lately_is_not_hinted_again(engine: Engine, clock: object) -> None:
    emit(engine, clock, 3)
    hints = Hints()
    look = sweeper(engine, clock, hints)
    look.sweep()
    look.sweep()
    assert len(hints.sent) == 1
    clock.advance(16)  # type: ignore[attr-defined]
    look.sweep()
    assert len(hints.sent) == 2


def test_a_queue_without_room_is_left_alone(engine: Engine, clock: object) -> None:
    emit(engine, clock, 3)
    hints = Hints(room=0)
    sweeper(engine, clock, hints).sweep()
    assert hints.sent == []


def test_a_stage_rests_while_those_after_it_have_a_backlog(engine: Engine, clock: object) -> None:
    from shared.messages import DocumentFetched

    emit(engine, clock, 3)
    with writing(engine) as session:
        facts = [(DocumentFetched(article_id=one, revision=1, sha256="0" * 64), None, 0) for one in range(5)]
        ledger.emit(session.connection(), PIPELINE, facts, clock())  # type: ignore[operator]
    hints = Hints()
    sweeper(engine, clock, hints, backlog_high=5).sweep()
    assert {stage for stage, _ in hints.sent} == {"clean"}


def test_rows_of_a_dead_worker_come_back_each_alone(engine: Engine, clock: object) -> None:
    ids = emit(engine, clock, 3)
    with writing(engine) as session:
        ledger.claim(session.connection(), "fetch", ids, worker="w", lease=timedelta(seconds=10), now=clock())  # type: ignore[operator]
    clock.advance(11)  # type: ignore[attr-defined]
    hints = Hints()
    sweeper(engine, clock, hints).sweep()
    assert hints.sent == [("fetch", [one]) for one in ids]


def test_the_scheduler_says_that_it_is_alive(engine: Engine, clock: object) -> None:
    sweeper(engine, clock, Hints()).sweep()
    with reading(engine) as session:
        assert session.get_one(Heartbeat, "scheduler").at == clock()  # type: ignore[operator]


def test_messages_put_company_together_and_the_lonely_alone() -> None:
    rows = [Ready(id=number, stage="fetch", alone=number % 2 == 0) for number in range(1, 8)]
    assert messages(rows, 3) == [[1, 3, 5], [7], [2], [4], [6]]


def test_two_schedulers_that_start_at_once_both_live(engine: Engine, clock: object) -> None:
    """The first has written its heartbeat and not committed yet when the second looks."""
    look = sweeper(engine, clock, Hints())
    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as session:
            session.add(Heartbeat(name="scheduler", at=clock()))  # type: ignore[operator]
            session.flush()
            other = pool.submit(look.beat)
            wait([other], timeout=0.3)
        other.result(20)


def test_a_document_that_no_row_names_is_removed_after_a_day(engine: Engine, clock: FakeClock, tmp_path: Path) -> None:
    raw = RawStore(tmp_path)
    kept, orphan = raw.put(b"kept"), raw.put(b"left by a crash")
    with writing(engine) as session:
        session.add(Article(url_key="a", outlet="A", announced_at=clock()))
        session.flush()
        session.add(Document(article_id=1, revision=1, sha256=kept, fetched_at=clock()))
    look = sweeper(engine, clock, Hints())
    look.raw = raw

    def look_at_all() -> None:
        for name in (kept, orphan):
            look._shelf = int(name[:4], 16) - 1
            look.sweep()

    clock.at = now()
    look_at_all()
    assert orphan in raw
    clock.advance(25 * 3600)
    look_at_all()
    assert kept in raw
    assert orphan not in raw


def test_a_rebuild_fills_a_small_part_of_a_queue_and_news_the_rest(engine: Engine, clock: object) -> None:
    facts = [ArticleTagged(article_id=one, revision=1, snapshot="s", rebuild="r1" if one <= 600 else "") for one in range(1, 901)]
    with writing(engine) as session:
        new = ledger.emit(session.connection(), PIPELINE, [(one, None, one.priority) for one in facts], clock())  # type: ignore[operator]
    rebuilt, fresh = [row.id for row in new][:600], [row.id for row in new][600:]
    hints = Hints()
    look = sweeper(engine, clock, hints, backlog_high=301)
    look.sweep()
    assert [one for _, ids in hints.sent for one in ids] == fresh + rebuilt[:250]
    hints.left, hints.sent = 450, []
    look.sweep()
    assert hints.sent == [], "until the queue is nearly empty again"
