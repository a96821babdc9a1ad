"""What each statement of the ledger promises, on both databases."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from conftest import FakeClock
from sqlalchemy import Connection, Engine

from shared import ledger
from shared.db import make_engine, writing
from shared.ledger import Failure, State
from shared.messages import ArticleAnnounced, ArticleTagged, DocumentFetched, Message, PageOutdated
from shared.pipeline import PIPELINE

LEASE = timedelta(seconds=60)
AGE = timedelta(seconds=15)
LATER = Failure(outcome="retry", error_class="unreachable", error="no route", delay=timedelta(seconds=30))
NEVER = Failure(outcome="refused", error_class="http_gone", error="404", delay=None)


class Desk:
    """The ledger, each call in a transaction of its own, at the fixture clock's time."""

    def __init__(self, engine: Engine, clock: FakeClock) -> None:
        self.engine, self.clock = engine, clock

    def __call__(self, statement: Callable[..., object], *given: object, **more: object) -> object:
        with writing(self.engine) as session:
            return statement(session.connection(), *given, **more)

    def emit(self, *messages: Message) -> list[int]:
        made = self(ledger.emit, PIPELINE, [(message, None, 0) for message in messages], self.clock())
        return [row.id for row in made]  # type: ignore[attr-defined]

    def claim(self, ids: Sequence[int], stage: str = "fetch") -> tuple[str, list[ledger.Claimed]]:
        return self(ledger.claim, stage, ids, worker="w", lease=LEASE, now=self.clock())  # type: ignore[return-value]

    def expire(self, max_kills: int = 3) -> list[tuple[int, str]]:
        leases = self(ledger.expired_leases, self.clock())
        return [row for one in leases for row in self(ledger.expire, one, self.clock(), max_kills=max_kills)]  # type: ignore[attr-defined]

    def finish(self, lease: str, ids: Sequence[int]) -> list[int]:
        def statements(connection: Connection) -> list[int]:
            held = ledger.fence(connection, lease, ids)
            ledger.finish(connection, held, self.clock())
            ledger.end_lease(connection, lease, self.clock())
            return held

        return self(statements)  # type: ignore[return-value]

    def fail(self, lease: str, work_id: int, failure: Failure) -> bool:
        return bool(self(ledger.fail, lease, work_id, failure, self.clock()))

    def top_up(self, stage: str = "fetch", room: int = 100) -> list[ledger.Ready]:
        return self(ledger.top_up, stage, room, age=AGE, now=self.clock())  # type: ignore[return-value]

    def row(self, work_id: int) -> dict[str, object]:
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(f"SELECT * FROM work WHERE id = {work_id}")
            return dict(found.mappings().one())

    def attempts(self, work_id: int) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            wanted = f"SELECT attempt, outcome, error_class FROM attempt WHERE work_id = {work_id} ORDER BY id"
            return [tuple(row) for row in connection.exec_driver_sql(wanted)]


@pytest.fixture
def desk(engine: Engine, clock: FakeClock) -> Iterator[Desk]:
    return Desk(engine, clock)


def announced(number: int, generation: str = "g1") -> ArticleAnnounced:
    return ArticleAnnounced(article_id=number, generation=generation)


def outdated(page: int, wanted: int, clock: FakeClock, after: float = 0) -> PageOutdated:
    return PageOutdated(page_id=page, wanted=wanted, due_at=clock() + timedelta(seconds=after))


# --------------------------------------------------------------------------- emit


def test_emitted_work_is_ready_with_its_message_and_a_trace(desk: Desk) -> None:
    (work_id,) = desk.emit(announced(7))
    row = desk.row(work_id)
    assert (row["stage"], row["subject_id"], row["input_key"], row["state"], row["attempt"]) == ("fetch", 7, "g1", State.READY, 0)
    assert announced(7) == ArticleAnnounced.model_validate_json(str(row["body"]))
    assert row["trace_id"]


def test_the_same_work_is_written_once_whatever_became_of_it(desk: Desk) -> None:
    first = desk.emit(announced(1), announced(1), announced(2))
    assert len(first) == 2
    lease, _ = desk.claim(first)
    desk.finish(lease, first)
    assert len(desk.emit(announced(1), announced(2), announced(2, "g2"))) == 1, "the new generation only"
    assert desk.row(first[0])["state"] == State.DONE


def test_an_edit_back_to_an_earlier_document_is_new_work(desk: Desk) -> None:
    ids = desk.emit(*(DocumentFetched(article_id=1, revision=revision, sha256=sha) for revision, sha in ((1, "a"), (2, "b"), (3, "a"))))
    assert len(ids) == 3


def test_a_page_has_one_open_row_that_absorbs_later_changes(desk: Desk, clock: FakeClock) -> None:
    (first,) = desk.emit(outdated(5, 1, clock))
    assert desk.emit(outdated(5, 2, clock), outdated(5, 3, clock)) == []
    lease, _ = desk.claim([first], "publish")
    assert desk.emit(outdated(5, 4, clock)) == [], "a leased row is open too"
    desk.finish(lease, [first])
    assert len(desk.emit(outdated(5, 5, clock), outdated(5, 6, clock))) == 1


def test_nothing_emitted_costs_no_statement(desk: Desk) -> None:
    assert desk.emit() == []


# --------------------------------------------------------------------------- claim


def test_a_claim_takes_what_is_ready_and_due_once(desk: Desk, clock: FakeClock) -> None:
    ids = desk.emit(announced(1), announced(2))
    lease, rows = desk.claim([*ids, 999_999])
    assert [(row.id, row.attempt) for row in rows] == [(one, 1) for one in ids]
    assert desk.claim(ids)[1] == [], "others hold them"
    assert desk.row(ids[0])["lease_id"] == lease
    desk.finish(lease, ids)
    assert desk.claim(ids)[1] == [], "done"


def test_a_claim_of_another_stage_takes_nothing(desk: Desk) -> None:
    ids = desk.emit(announced(1))
    assert desk.claim(ids, "clean")[1] == []
    assert desk.row(ids[0])["state"] == State.READY


def test_a_claim_waits_for_the_time_that_was_set(desk: Desk, clock: FakeClock) -> None:
    (page,) = desk.emit(outdated(1, 1, clock, after=1))
    assert desk.claim([page], "publish")[1] == []
    clock.advance(1)
    assert len(desk.claim([page], "publish")[1]) == 1


def test_a_claim_never_takes_an_expired_lease(desk: Desk, clock: FakeClock) -> None:
    ids = desk.emit(announced(1))
    desk.claim(ids)
    clock.advance(3600)
    assert desk.claim(ids)[1] == []


def test_a_claim_that_takes_nothing_leaves_no_lease(desk: Desk, clock: FakeClock) -> None:
    desk.claim([12345])
    clock.advance(3600)
    assert desk.expire() == []


# --------------------------------------------------------------------------- finish, fail, give back: the fence


def test_a_finish_under_a_lost_lease_changes_nothing(desk: Desk, clock: FakeClock) -> None:
    ids = desk.emit(announced(1), announced(2))
    lost, _ = desk.claim(ids)
    clock.advance(61)
    desk.expire()
    assert desk.finish(lost, ids) == []
    assert not desk.fail(lost, ids[0], NEVER)
    desk(ledger.give_back, lost, ids, clock())
    held, rows = desk.claim(ids)
    assert len(rows) == 2
    assert desk.finish(lost, ids) == []
    assert desk.finish(held, ids) == ids


def test_a_failure_that_may_pass_comes_back_at_its_time(desk: Desk, clock: FakeClock) -> None:
    (one,) = desk.emit(announced(1))
    lease, _ = desk.claim([one])
    assert desk.fail(lease, one, LATER)
    assert desk.claim([one])[1] == []
    clock.advance(30)
    assert desk.claim([one])[1][0].attempt == 2
    assert desk.attempts(one) == [(1, "retry", "unreachable")]


def test_a_refusal_is_dead_at_once_with_its_class(desk: Desk) -> None:
    (one,) = desk.emit(announced(1))
    lease, _ = desk.claim([one])
    desk.fail(lease, one, NEVER)
    row = desk.row(one)
    assert (row["state"], row["error_class"], row["error"]) == (State.DEAD, "http_gone", "404")
    assert row["done_at"] is not None
    assert desk.attempts(one) == [(1, "refused", "http_gone")]


def test_what_is_put_off_counts_no_attempt_and_leaves_a_trace(desk: Desk, clock: FakeClock) -> None:
    (one,) = desk.emit(announced(1))
    for _ in range(3):
        lease, rows = desk.claim([one])
        assert rows[0].attempt == 1
        put_off = Failure(outcome="put_off", error_class="http_busy", error="", delay=timedelta(seconds=5), counted=False)
        desk.fail(lease, one, put_off)
        clock.advance(5)
    assert len(desk.attempts(one)) == 3


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d of a pair", "x" * 100_000])
def test_hostile_text_in_an_error_is_kept_as_far_as_a_database_can(desk: Desk, text: str) -> None:
    (one,) = desk.emit(announced(1))
    lease, _ = desk.claim([one])
    assert desk.fail(lease, one, Failure(outcome="refused", error_class="url_malformed", error=text, delay=None))
    assert 0 < len(str(desk.row(one)["error"])) <= ledger.ERROR_CHARS


def test_what_was_not_started_goes_back_uncounted(desk: Desk, clock: FakeClock) -> None:
    ids = desk.emit(announced(1), announced(2))
    lease, _ = desk.claim(ids)
    desk(ledger.give_back, lease, ids[:1], clock())
    assert desk.claim(ids)[1][0].attempt == 1
    assert desk.row(ids[1])["lease_id"] == lease


def test_done_work_forgets_its_earlier_failure(desk: Desk, clock: FakeClock) -> None:
    (one,) = desk.emit(announced(1))
    lease, _ = desk.claim([one])
    desk.fail(lease, one, LATER)
    clock.advance(30)
    lease, _ = desk.claim([one])
    desk.finish(lease, [one])
    assert (desk.row(one)["state"], desk.row(one)["error_class"]) == (State.DONE, None)


# --------------------------------------------------------------------------- the sweep


def test_a_lease_lasts_until_its_time_and_ends_once(desk: Desk, clock: FakeClock) -> None:
    ids = desk.emit(announced(1))
    lease, _ = desk.claim(ids)
    clock.advance(59)
    assert desk.expire() == []
    clock.advance(2)
    both = [desk(ledger.expire, lease, clock(), max_kills=3) for _ in range(2)]
    assert both == [[(ids[0], "fetch")], []], "two schedulers at once: the second finds nothing to do"


def test_only_kills_suffered_alone_are_charged(desk: Desk, clock: FakeClock) -> None:
    poison, mate = desk.emit(announced(1), announced(2))
    for _ in range(5):
        desk.claim([poison, mate])
        clock.advance(61)
        desk.expire()
        assert {desk.row(one)["kills"] for one in (poison, mate)} == {0}
    assert [row.alone for row in desk.top_up()] == [True, True]
    for kills in (1, 2, 3):
        assert desk.row(poison)["state"] == State.READY
        desk.claim([poison])
        clock.advance(61)
        desk.expire()
        assert desk.row(poison)["kills"] == kills
    assert (desk.row(poison)["state"], desk.row(poison)["error_class"]) == (State.DEAD, "killed")
    lease, rows = desk.claim([mate])
    assert rows[0].attempt == 1
    desk.finish(lease, [mate])
    assert [outcome for _, outcome, _ in desk.attempts(poison)] == ["killed"] * 8


def test_an_expired_batch_leaves_its_finished_rows_alone(desk: Desk, clock: FakeClock) -> None:
    done, held = desk.emit(announced(1), announced(2))
    lease, _ = desk.claim([done, held])

    def early(connection: Connection) -> None:
        ledger.finish(connection, ledger.fence(connection, lease, [done]), clock())

    desk(early)
    clock.advance(61)
    assert desk.expire() == [(held, "fetch")]
    assert (desk.row(done)["state"], desk.row(done)["alone"]) == (State.DONE, 0)


def test_a_queue_is_topped_up_by_priority_and_age_to_its_room_and_not_again_soon(desk: Desk, clock: FakeClock) -> None:
    ids = desk.emit(*(announced(number) for number in range(5)))
    assert [row.id for row in desk.top_up(room=3)] == ids[:3]
    assert [row.id for row in desk.top_up(room=3)] == ids[3:]
    assert desk.top_up() == []
    assert not desk(ledger.has_unhinted, "fetch", age=AGE, now=clock())
    clock.advance(16)
    assert desk(ledger.has_unhinted, "fetch", age=AGE, now=clock())
    assert [row.id for row in desk.top_up()] == ids


def test_a_top_up_leaves_out_what_is_held_done_or_due_later(desk: Desk, clock: FakeClock) -> None:
    held, ended, later, ready = desk.emit(*(announced(number) for number in range(4)))
    desk.claim([held])
    lease, _ = desk.claim([ended])
    desk.finish(lease, [ended])
    lease, _ = desk.claim([later])
    desk.fail(lease, later, LATER)
    assert [row.id for row in desk.top_up()] == [ready]


def test_what_failed_is_hinted_again_as_soon_as_it_is_due(desk: Desk, clock: FakeClock) -> None:
    (one,) = desk.emit(announced(1))
    desk.top_up()
    lease, _ = desk.claim([one])
    desk.fail(lease, one, Failure(outcome="retry", error_class="bug", error="", delay=timedelta(seconds=1)))
    clock.advance(1)
    assert [row.id for row in desk.top_up()] == [one]


def test_new_work_is_marked_as_hinted_within_room_where_it_is_due(desk: Desk, clock: FakeClock) -> None:
    messages = [announced(1), announced(2), announced(3), outdated(1, 1, clock), outdated(2, 1, clock, after=1)]
    room = {"fetch": 2, "publish": 9}
    new = desk(ledger.emit, PIPELINE, [(one, None, 0) for one in messages], clock(), room)
    assert [(row.stage, row.hinted) for row in new] == [("fetch", True)] * 2 + [("fetch", False), ("publish", True), ("publish", False)]
    assert [row.id for row in desk.top_up()] == [new[2].id]
    assert desk.top_up("publish") == []
    clock.advance(1)
    assert [row.id for row in desk.top_up("publish")] == [new[4].id]


def test_a_backlog_is_what_is_ready_and_due_up_to_a_mark(desk: Desk, clock: FakeClock) -> None:
    desk.emit(*(announced(number) for number in range(5)), outdated(1, 1, clock), outdated(2, 1, clock, after=9))
    assert desk(ledger.backlog, ["fetch", "publish"], 100, clock()) == 6
    assert desk(ledger.backlog, ["fetch", "publish"], 3, clock()) == 4


def test_dead_work_comes_back_as_if_never_tried(desk: Desk, clock: FakeClock) -> None:
    one, alive = desk.emit(announced(1), announced(2))
    lease, _ = desk.claim([one])
    desk.fail(lease, one, NEVER)
    assert desk(ledger.replay, [one, alive], clock()) == [(one, "fetch")]
    assert desk.claim([one])[1][0].attempt == 1


def test_of_a_pages_dead_rows_one_comes_back_and_none_beside_an_open_one(desk: Desk, clock: FakeClock) -> None:
    dead = []
    for wanted in (1, 2):
        dead += desk.emit(outdated(1, wanted, clock))
        lease, _ = desk.claim(dead[-1:], "publish")
        desk.fail(lease, dead[-1], NEVER)
    assert desk(ledger.replay, dead, clock()) == [(dead[1], "publish")]
    assert desk(ledger.replay, dead, clock()) == []


# --------------------------------------------------------------------------- the hot statements' plans


def test_no_statement_walks_through_work_that_is_done(sqlite_url: str) -> None:
    """With a million rows done, that costs hundreds of milliseconds: rows are found by number, or through the index of open ones."""
    engine = make_engine(sqlite_url)
    given = dict.fromkeys(re.findall(r":([a-z_]+)", str([ledger.statement(name, "sqlite") for name in ledger.STATEMENTS])), 0)
    for name in ledger.STATEMENTS:
        with engine.connect() as connection:
            sql = "EXPLAIN QUERY PLAN " + ledger.statement(name, "sqlite")
            plan = [str(row[3]) for row in connection.exec_driver_sql(sql, given | {"ids": "[1]", "rows": "[]"})]
        long = r"SCAN (work|lease|attempt|o|l)|SEARCH \w+ USING INDEX sqlite_\w+ \(stage=\?\)"
        walks = [step for step in plan if re.fullmatch(long, step)]
        assert not walks, (name, plan)
    engine.dispose()


def test_a_rebuild_goes_after_what_is_new_and_nothing_rests_for_it(desk: Desk) -> None:
    def emit(articles: Sequence[int], rebuild: str = "") -> list[ledger.New]:
        facts = [ArticleTagged(article_id=one, revision=1, snapshot="s", rebuild=rebuild) for one in articles]
        return desk(ledger.emit, PIPELINE, [(one, None, one.priority) for one in facts], desk.clock(), {"link": 3})

    assert not any(row.hinted for row in emit(range(1, 6), "r1")), "they are left to the sweep"
    fresh = [row.id for row in emit(range(11, 16))]
    assert desk(ledger.backlog, ["link"], 100, desk.clock()) == len(fresh), "they are no backlog"
    hinted = desk(ledger.top_up, "link", 100, age=AGE, now=desk.clock(), rebuilt=False)
    assert [row.id for row in hinted] == fresh[3:]
    assert len(desk.top_up("link", room=3)) == 3
    ready = desk(ledger.ready, "link", 6, desk.clock())
    assert [row.id for row in ready][:5] == fresh
