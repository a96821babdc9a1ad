"""deliver(): what becomes of a batch, with stages made for the purpose, on both databases."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from conftest import FakeClock
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from shared import ledger
from shared.batch import MAX_CONFLICTS
from shared.db import writing
from shared.ledger import State
from shared.logs import unit_of_work
from shared.messages import ArticleAnnounced, ArticleTagged, DocumentFetched, Message, PageOutdated, SourceDue
from shared.outcomes import Limits
from shared.pipeline import PIPELINE
from shared.runner import Runner, work_off
from shared.stage import Again, Conflict, Reject, Retry, Superseded

LIMITS = Limits(lease=timedelta(seconds=60), row_limit=timedelta(seconds=10), retry_base=timedelta(seconds=5), max_attempts=3, batch=4)

Step = Callable[[Message], Any]


def nothing(message: Message) -> Any:
    """A step that does nothing."""


@dataclass(kw_only=True)
class Fake:
    """A stage that writes one line per save into the table `effect`, and does what a test gives it besides."""

    on_load: Step = nothing
    on_run: Step = nothing
    on_save: Step = nothing
    runs: list[int] = field(default_factory=list)

    def load(self, session: Session, message: Message) -> Message:
        self.on_load(message)
        return message

    def run(self, given: Message) -> Message:
        self.runs.append(given.subject_id)
        self.on_run(given)
        return given

    def save(self, session: Session, message: Message, done: Message) -> Any:
        session.execute(text("INSERT INTO effect(subject_id) VALUES (:id)"), {"id": message.subject_id})
        return self.on_save(message) or []


class FakeAsync(Fake):
    """The same with a coroutine."""

    async def run(self, given: Message) -> Message:  # type: ignore[override]
        self.runs.append(given.subject_id)
        await (self.on_run(given) or asyncio.sleep(0))
        return given


@dataclass
class Post:
    """Keeps hints, and looks at each one whether its rows can be seen by others by then."""

    engine: Engine
    rooms: dict[str, int] = field(default_factory=dict)
    sent: list[tuple[str, list[int]]] = field(default_factory=list)

    def room(self, stage: str, rows: int) -> int:
        return self.rooms.get(stage, 1000)

    def send(self, stage: str, ids: Sequence[int]) -> None:
        with self.engine.connect() as connection:
            seen = connection.exec_driver_sql(f"SELECT count(*) FROM work WHERE id IN ({','.join(map(str, ids))})").scalar()
        assert seen == len(ids), "hinted before the commit"
        self.sent.append((stage, list(ids)))


@dataclass
class Office:
    """A runner over stages of a test, and what there is to see of it."""

    engine: Engine
    clock: FakeClock

    def __post_init__(self) -> None:
        with writing(self.engine) as session:
            session.execute(text("CREATE TABLE effect(subject_id integer NOT NULL)"))
        self.post = Post(self.engine)

    def runner(self, limits: Limits = LIMITS, **stages: Any) -> Runner:
        return Runner(engine=self.engine, pipeline=PIPELINE, stages=stages, limits=limits, hints=self.post, clock=self.clock)

    def emit(self, *messages: Message, trace: str | None = None) -> list[int]:
        with writing(self.engine) as session:
            given = [(message, trace, 0) for message in messages]
            return sorted(row.id for row in ledger.emit(session.connection(), PIPELINE, given, self.clock()))

    def announce(self, *numbers: int) -> list[int]:
        return self.emit(*(ArticleAnnounced(article_id=number, generation="g") for number in numbers))

    def ask(self, sql: str) -> list[Any]:
        with self.engine.connect() as connection:
            return [row[0] if len(row) == 1 else tuple(row) for row in connection.exec_driver_sql(sql)]

    def states(self) -> list[int]:
        return self.ask("SELECT state FROM work ORDER BY id")

    def effects(self) -> list[int]:
        return self.ask("SELECT subject_id FROM effect ORDER BY subject_id")

    def commits(self) -> list[str]:
        seen: list[str] = []
        event.listen(self.engine, "commit", lambda connection: seen.append("commit"))
        return seen


@pytest.fixture
def office(engine: Engine, clock: FakeClock) -> Office:
    return Office(engine, clock)


def raising(error: BaseException, *numbers: int) -> Step:
    """Raise for these subjects only."""

    def step(message: Message) -> None:
        if message.subject_id in numbers:
            raise error

    return step


def fetched(message: Message) -> list[Message]:
    return [DocumentFetched(article_id=message.subject_id, revision=1, sha256="ab")]


# --------------------------------------------------------------------------- a good batch


def test_a_batch_is_claimed_in_one_transaction_and_finished_in_one(office: Office) -> None:
    ids = office.announce(1, 2, 3)
    commits = office.commits()
    tally = office.runner(fetch=Fake(on_save=fetched)).deliver("fetch", ids)
    assert (tally.done, tally.failed, tally.lost, len(tally.emitted)) == (3, 0, 0, 3)
    assert commits == ["commit", "commit"]
    assert office.effects() == [1, 2, 3]
    assert office.ask("SELECT count(*) FROM lease WHERE ended_at IS NULL") == [0]
    assert office.ask("SELECT count(*) FROM attempt") == [0], "what ends well leaves no attempt"


def test_work_that_is_done_or_does_not_exist_is_lost_and_harmless(office: Office) -> None:
    runner, ids = office.runner(fetch=Fake()), office.announce(1)
    runner.deliver("fetch", ids)
    tally = runner.deliver("fetch", [*ids, 424242])
    assert (tally.done, tally.lost) == (0, 2)
    assert office.effects() == [1]


def test_hints_follow_the_commit_within_room_and_in_messages_of_the_batch(office: Office) -> None:
    office.post.rooms["clean"] = 5
    office.runner(fetch=Fake(on_save=fetched)).deliver("fetch", office.announce(*range(1, 8)))
    assert [(stage, len(ids)) for stage, ids in office.post.sent] == [("clean", 4), ("clean", 1)]
    assert office.ask("SELECT count(*) FROM work WHERE stage = 'clean' AND hinted_at IS NOT NULL") == [5]


def test_a_serial_batch_collects_its_hints(office: Office, clock: FakeClock) -> None:
    """Each of its rows is committed for itself; a message for each would cost more than the work."""

    def page(message: Message) -> list[Message]:
        return [PageOutdated(page_id=message.subject_id, wanted=1, due_at=clock())]

    commits = office.commits()
    ids = office.emit(*(ArticleTagged(article_id=number, revision=1, snapshot="s") for number in (1, 2, 3)))
    office.runner(link=Fake(on_save=page)).deliver("link", ids)
    assert [(stage, len(ids)) for stage, ids in office.post.sent] == [("publish", 3)]
    assert commits == ["commit"] * 5, "emit, claim, and each row"


@pytest.mark.parametrize(
    ("touched", "commits", "loads"),
    [
        ({1: {1}, 2: {2}, 3: {3}, 4: {4}}, 1, 4),
        ({1: {1, 9}, 2: {2}, 3: {3, 9}, 4: {4}}, 2, 5),
        ({1: {9}, 2: {9}, 3: {9}, 4: {9}}, 4, 6),
    ],
)
def test_rows_of_a_serial_batch_that_share_nothing_are_saved_in_company(
    office: Office, touched: dict[int, set[int]], commits: int, loads: int
) -> None:
    """A row that shares something with an earlier one is loaded after that one was saved."""
    loaded: list[tuple[int, list[int]]] = []

    class Touches(Fake):
        def touches(self, given: Message) -> set[int]:
            return touched[given.subject_id]

    stage = Touches(on_load=lambda message: loaded.append((message.subject_id, office.effects())))
    ids = office.emit(*(ArticleTagged(article_id=number, revision=1, snapshot="s") for number in touched))
    seen = office.commits()
    assert office.runner(link=stage).deliver("link", ids).done == 4
    assert office.effects() == [1, 2, 3, 4]
    assert len(loaded) == loads
    last = dict(loaded)
    assert all(before in last[one] for one in touched for before in range(1, one) if touched[one] & touched[before])
    assert len(seen) == 1 + commits


def test_without_room_nothing_is_hinted_and_nothing_lost(office: Office) -> None:
    office.post.rooms["clean"] = 0
    office.runner(fetch=Fake(on_save=fetched)).deliver("fetch", office.announce(1))
    assert office.post.sent == []
    assert office.ask("SELECT state FROM work WHERE stage = 'clean' AND hinted_at IS NULL") == [State.READY]


def test_work_that_is_due_later_is_not_hinted_now(office: Office, clock: FakeClock) -> None:
    def page(message: Message) -> list[Message]:
        return [PageOutdated(page_id=message.subject_id, wanted=1, due_at=clock() + timedelta(seconds=message.subject_id - 1))]

    ids = office.emit(*(PageOutdated(page_id=number, wanted=1, due_at=clock()) for number in (11, 12)))
    stage = Fake(on_save=lambda message: page(PageOutdated(page_id=message.subject_id - 10, wanted=1, due_at=clock())))
    office.runner(publish=stage).deliver("publish", ids)
    (now,) = office.ask("SELECT id FROM work WHERE subject_id = 1")
    assert office.post.sent == [("publish", [now])]


def test_an_article_keeps_its_trace_and_each_announced_article_starts_one(office: Office, clock: FakeClock) -> None:
    def announces(message: Message) -> list[Message]:
        return [ArticleAnnounced(article_id=number, generation="g") for number in (1, 2)]

    runner = office.runner(poll=Fake(on_save=announces), fetch=Fake(on_save=fetched), clean=Fake())
    office.emit(SourceDue(source_id=1, due_at=clock()), trace="poll's own")
    work_off(runner)
    traces = {stage: office.ask(f"SELECT trace_id FROM work WHERE stage = '{stage}' ORDER BY subject_id") for stage in ("fetch", "clean")}
    assert traces["fetch"] == traces["clean"]
    assert len({"poll's own", *traces["fetch"]}) == 3


def test_every_step_runs_with_the_works_context_bound_for_logs(office: Office) -> None:
    seen: list[Mapping[str, Any]] = []

    def look(message: Message) -> None:
        seen.append(unit_of_work.get({}))

    (work_id,) = office.announce(7)
    office.runner(fetch=Fake(on_load=look, on_run=look, on_save=look)).deliver("fetch", [work_id])
    assert len(seen) == 3
    assert all((one["stage"], one["work_id"], one["subject_id"]) == ("fetch", work_id, 7) and one["trace_id"] for one in seen)
    assert unit_of_work.get({}) == {}


def test_working_off_goes_through_all_stages_until_nothing_is_due(office: Office) -> None:
    office.announce(*range(1, 11))
    runner = office.runner(fetch=Fake(on_save=fetched), clean=Fake(on_run=raising(Reject("empty_document"), 3)))
    assert work_off(runner) == 19
    assert sorted(office.states()) == [State.DONE] * 19 + [State.DEAD]


def test_working_off_stops_when_told(office: Office) -> None:
    office.announce(*range(1, 11))
    assert work_off(office.runner(fetch=Fake()), until=lambda: bool(office.effects())) == 4, "one batch"


# --------------------------------------------------------------------------- each row fails for itself


@pytest.mark.parametrize("step", ["on_load", "on_run", "on_save"])
@pytest.mark.parametrize(
    ("error", "state", "error_class"),
    [
        (Reject("http_gone", "404"), State.DEAD, "http_gone"),
        (Retry("unreachable"), State.READY, "unreachable"),
        (ZeroDivisionError("division"), State.READY, "bug"),
        (TimeoutError("a socket's"), State.READY, "bug"),
        (MemoryError(), State.READY, "parse_limit"),
        (RecursionError("too deep"), State.READY, "parse_limit"),
    ],
)
def test_a_failing_row_fails_alone(office: Office, step: str, error: Exception, state: State, error_class: str) -> None:
    ids = office.announce(1, 2, 3)
    tally = office.runner(fetch=Fake(**{step: raising(error, 2)})).deliver("fetch", ids)
    assert (tally.done, tally.failed) == (2, 1)
    assert office.effects() == [1, 3]
    assert office.ask("SELECT state, error_class FROM work ORDER BY id") == [
        (State.DONE, None),
        (state, error_class),
        (State.DONE, None),
    ]


def test_a_save_that_the_database_refuses_fails_alone(office: Office) -> None:
    class Writes(Fake):
        def save(self, session: Session, message: Message, done: Message) -> Any:
            value = None if message.subject_id == 2 else message.subject_id
            session.execute(text("INSERT INTO effect(subject_id) VALUES (:id)"), {"id": value})
            return []

    tally = office.runner(fetch=Writes()).deliver("fetch", office.announce(1, 2, 3))
    assert (tally.done, tally.failed) == (2, 1)
    assert office.effects() == [1, 3]
    (traceback,) = office.ask("SELECT error FROM work WHERE state = 0")
    assert "IntegrityError" in traceback


def test_a_load_that_the_database_refuses_spoils_no_other_row(office: Office) -> None:
    """PostgreSQL answers nothing more in a transaction with a failed statement."""

    class Reads(Fake):
        def load(self, session: Session, message: Message) -> Message:
            table = "nowhere" if message.subject_id == 2 else "work"
            session.execute(text(f"SELECT count(*) FROM {table}"))
            return message

    tally = office.runner(fetch=Reads()).deliver("fetch", office.announce(1, 2, 3))
    assert (tally.done, tally.failed) == (2, 1)
    assert office.ask("SELECT error_class FROM work WHERE subject_id = 2") == ["bug"]


def test_a_message_that_cannot_be_read_is_dead_with_its_class(office: Office) -> None:
    ids = office.announce(1, 2)
    with writing(office.engine) as session:
        session.execute(text("""UPDATE work SET body = '{"article_id": "many"}' WHERE subject_id = 1"""))
    stage = Fake()
    office.runner(fetch=stage).deliver("fetch", ids)
    assert office.ask("SELECT state, error_class FROM work ORDER BY id") == [(State.DEAD, "message_malformed"), (State.DONE, None)]
    assert stage.runs == [2]


def test_a_counted_retry_waits_four_times_longer_each_time_and_ends_dead(office: Office, clock: FakeClock) -> None:
    ids = office.announce(1)
    runner = office.runner(fetch=Fake(on_run=raising(Retry("unreachable"), 1)))
    for wait in (5, 20):
        runner.deliver("fetch", ids)
        clock.advance(wait - 1)
        assert runner.deliver("fetch", ids).lost == 1
        clock.advance(1)
    runner.deliver("fetch", ids)
    assert office.ask("SELECT state, error_class, attempt FROM work") == [(State.DEAD, "unreachable", 3)]
    assert office.ask("SELECT outcome FROM attempt ORDER BY id") == ["retry", "retry", "dead"]


def test_an_uncounted_retry_never_ends_dead(office: Office, clock: FakeClock) -> None:
    ids = office.announce(1)
    runner = office.runner(fetch=Fake(on_run=raising(Retry("http_busy", after=timedelta(seconds=60), counted=False), 1)))
    for _ in range(10):
        assert runner.deliver("fetch", ids).failed == 1
        clock.advance(60)
    assert office.ask("SELECT state, error_class, attempt FROM work") == [(State.READY, "http_busy", 0)]


def test_hostile_text_in_a_refusal_is_stored(office: Office) -> None:
    refusal = Reject("url_malformed", "http://\0\udcff/")
    office.runner(fetch=Fake(on_run=raising(refusal, 1))).deliver("fetch", office.announce(1))
    assert office.ask("SELECT state, error_class FROM work") == [(State.DEAD, "url_malformed")]


# --------------------------------------------------------------------------- overtaken


def test_an_overtaken_row_ends_superseded_and_writes_nothing(office: Office) -> None:
    office.runner(fetch=Fake(on_save=raising(Superseded(), 1))).deliver("fetch", office.announce(1, 2))
    assert office.states() == [State.SUPERSEDED, State.DONE]
    assert office.effects() == [2]


def test_a_conflict_runs_again_at_once_uncounted(office: Office) -> None:
    troubles = [Conflict(), Conflict()]

    def trouble(message: Message) -> None:
        if message.subject_id == 2 and troubles:
            raise troubles.pop()

    stage = Fake(on_save=trouble)
    tally = office.runner(fetch=stage).deliver("fetch", office.announce(1, 2))
    assert tally.done == 2
    assert office.effects() == [1, 2]
    assert stage.runs.count(2) == 2
    assert office.ask("SELECT max(attempt) FROM work") == [1]


def test_endless_conflicts_put_the_row_off_uncounted(office: Office) -> None:
    stage = Fake(on_save=raising(Conflict(), 1))
    office.runner(fetch=stage).deliver("fetch", office.announce(1))
    assert office.ask("SELECT state, error_class, attempt FROM work") == [(State.READY, "conflicts", 0)]
    assert len(stage.runs) <= MAX_CONFLICTS + 1


def test_a_result_that_is_behind_already_stands_and_the_same_work_is_ready_again(office: Office, clock: FakeClock) -> None:
    ids = office.announce(1)
    runner = office.runner(fetch=Fake(on_save=lambda message: Again(fetched(message))), clean=Fake())
    runner.deliver("fetch", ids)
    assert office.effects() == [1]
    assert office.ask("SELECT stage, state, attempt FROM work ORDER BY id") == [("fetch", State.READY, 0), ("clean", State.READY, 0)]
    assert runner.deliver("fetch", ids).lost == 1
    clock.advance(1)
    assert runner.deliver("fetch", ids).done == 1


def test_a_page_outdated_by_a_page_of_the_same_batch_gets_a_row_of_its_own(office: Office, clock: FakeClock) -> None:
    """Its own row ends in the same transaction, so it cannot absorb what comes after its save."""

    def neighbour(message: Message) -> list[Message]:
        return [PageOutdated(page_id=1, wanted=2, due_at=clock())] if message.subject_id == 2 else []

    ids = office.emit(*(PageOutdated(page_id=number, wanted=1, due_at=clock()) for number in (1, 2)))
    office.runner(publish=Fake(on_save=neighbour)).deliver("publish", ids)
    assert office.ask("SELECT subject_id, input_key FROM work WHERE state = 0") == [(1, "2")]


# --------------------------------------------------------------------------- time


def test_an_endless_loop_is_ended_at_the_rows_limit(office: Office) -> None:
    def loop(message: Message) -> None:
        while message.subject_id == 1:
            pass

    limits = Limits(row_limit=timedelta(seconds=0.2), max_attempts=1)
    office.runner(limits, fetch=Fake(on_run=loop)).deliver("fetch", office.announce(1, 2))
    assert office.ask("SELECT state, error_class FROM work ORDER BY id") == [(State.DEAD, "time_limit"), (State.DONE, None)]


def test_a_coroutine_is_ended_at_the_rows_limit(office: Office) -> None:
    limits = Limits(row_limit=timedelta(seconds=0.2), max_attempts=1)
    stage = FakeAsync(on_run=lambda message: asyncio.sleep(60 if message.subject_id == 1 else 0))
    runner = office.runner(limits, fetch=stage)
    runner.deliver("fetch", office.announce(1, 2))
    runner.close()
    assert office.ask("SELECT state, error_class FROM work ORDER BY id") == [(State.DEAD, "time_limit"), (State.DONE, None)]


def test_none_is_started_after_half_the_lease_and_those_go_back_uncounted(office: Office) -> None:
    stage = Fake(on_run=lambda message: time.sleep(0.6))
    tally = office.runner(Limits(lease=timedelta(seconds=1)), fetch=stage).deliver("fetch", office.announce(1, 2, 3))
    assert tally.done == 1
    assert office.ask("SELECT state, attempt FROM work ORDER BY id") == [(State.DONE, 1), (State.READY, 0), (State.READY, 0)]
    assert office.ask("SELECT count(*) FROM lease WHERE ended_at IS NULL") == [0]


def test_a_worker_past_its_lease_writes_nothing(office: Office, clock: FakeClock) -> None:
    ids = office.announce(1, 2)

    def overtaken(message: Message) -> None:
        """While this worker works on row 1, its lease runs out and another worker does everything."""
        if message.subject_id != 1:
            return
        clock.advance(61)
        with writing(office.engine) as session:
            for lease_id in ledger.expired_leases(session.connection(), clock()):
                ledger.expire(session.connection(), lease_id, clock(), max_kills=3)
        assert office.runner(fetch=Fake(on_save=fetched)).deliver("fetch", ids).done == 2

    tally = office.runner(fetch=Fake(on_run=overtaken, on_save=fetched)).deliver("fetch", ids)
    assert (tally.done, tally.failed, tally.emitted) == (0, 0, ())
    assert office.effects() == [1, 2]
    assert office.ask("SELECT count(*) FROM work WHERE stage = 'clean'") == [2]


def test_what_ends_early_in_a_concurrent_batch_is_written_before_the_rest_ends(office: Office) -> None:
    async def wait_for_the_other(message: Message) -> None:
        for _ in range(200):
            if message.subject_id == 1 or State.DONE in office.states():
                return
            await asyncio.sleep(0.02)
        raise AssertionError("row 1 was never written")

    runner = office.runner(fetch=FakeAsync(on_run=wait_for_the_other, on_save=fetched))
    assert runner.deliver("fetch", office.announce(1, 2)).done == 2
    runner.close()
    assert office.effects() == [1, 2]


def test_a_concurrent_batch_fails_row_by_row_too(office: Office) -> None:
    async def refuse(message: Message) -> None:
        if message.subject_id == 2:
            raise Reject("robots_forbidden")

    runner = office.runner(fetch=FakeAsync(on_run=refuse, on_save=raising(Conflict(), 3)))
    tally = runner.deliver("fetch", office.announce(1, 2, 3))
    runner.close()
    assert (tally.done, tally.failed) == (1, 2)
    assert office.ask("SELECT error_class FROM work ORDER BY id") == [None, "robots_forbidden", "conflicts"]


# --------------------------------------------------------------------------- the database goes away


def test_a_good_result_waits_for_a_database_that_is_away(office: Office) -> None:
    """The work is done and still ours: it is not thrown away because the database restarts."""
    tries: list[int] = []

    class Writes(Fake):
        def save(self, session: Session, message: Message, done: Message) -> Any:
            tries.append(message.subject_id)
            if len(tries) <= 2:
                if office.engine.dialect.name == "postgresql":
                    session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
                busy = sqlite3.OperationalError("database is locked")
                busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
                raise OperationalError("INSERT", {}, busy)
            return super().save(session, message, done)

    stage = Writes()
    assert office.runner(fetch=stage).deliver("fetch", office.announce(1, 2)).done == 2
    assert stage.runs == [1, 2], "nothing was worked out twice"
    assert office.effects() == [1, 2]
    assert office.ask("SELECT count(*) FROM attempt") == [0]


def test_a_read_that_finds_the_database_away_is_put_off_uncounted(office: Office) -> None:
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
    stage = Fake(on_load=raising(OperationalError("SELECT", {}, locked), 1))
    office.runner(fetch=stage).deliver("fetch", office.announce(1, 2))
    rows = office.ask("SELECT state, error_class, attempt FROM work ORDER BY id")
    assert rows == [(State.READY, "database_away", 0), (State.DONE, None, 1)]
