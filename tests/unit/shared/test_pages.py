"""A page is outdated any number of times and has one open row of work."""

from datetime import timedelta

from conftest import FakeClock
from sqlalchemy import Engine
from sqlmodel import Session, col, select, update

from shared import ledger
from shared.db import reading, writing
from shared.messages import Message, PageOutdated
from shared.models import Page, Work
from shared.pages import outdate
from shared.pipeline import PIPELINE
from shared.runner import Runner
from shared.stage import Again


def change(engine: Engine, clock: FakeClock, kind: str = "event", key: str = "7") -> PageOutdated:
    with writing(engine) as session:
        fact = outdate(session, kind, key, clock())
        ledger.emit(session.connection(), PIPELINE, [(fact, None, 0)], clock())
    return fact


def open_rows(engine: Engine) -> list[int]:
    with reading(engine) as session:
        return list(session.exec(select(Work.subject_id).where(col(Work.state) < 2).order_by(col(Work.subject_id))))


class Issue:
    """A publish stage without a record."""

    def __init__(self, engine: Engine, clock: FakeClock) -> None:
        self.engine, self.clock, self.changes = engine, clock, 0

    def load(self, session: Session, message: PageOutdated) -> int:
        return session.get_one(Page, message.page_id).wanted

    def run(self, given: int) -> int:
        """The page changes while its record is being made."""
        for _ in range(self.changes):
            change(self.engine, self.clock)
        self.changes = 0
        return given

    def save(self, session: Session, message: PageOutdated, done: int) -> list[Message] | Again:
        page = session.exec(select(Page).where(col(Page.id) == message.page_id).with_for_update()).one()
        page.version, page.issued_at = done, self.clock()
        session.add(page)
        return Again() if page.wanted > done else []


def issue(engine: Engine, clock: FakeClock, changes: int = 0) -> int:
    """Work everything off; returns the page's version."""
    stage = Issue(engine, clock)
    stage.changes = changes
    runner = Runner(engine=engine, pipeline=PIPELINE, stages={"publish": stage}, clock=clock)
    with reading(engine) as session:
        rows = ledger.ready(session.connection(), "publish", 10, clock())
    if rows:
        runner.deliver("publish", [row.id for row in rows])
    with reading(engine) as session:
        return session.exec(select(Page.version)).one()


def test_each_change_counts_and_one_row_of_work_absorbs_them(engine: Engine, clock: FakeClock) -> None:
    assert [change(engine, clock).wanted for _ in range(3)] == [1, 2, 3]
    change(engine, clock, "day", "2026-01-05")
    assert len(open_rows(engine)) == 2


def test_an_issue_shows_all_changes_before_it(engine: Engine, clock: FakeClock) -> None:
    for _ in range(3):
        change(engine, clock)
    assert issue(engine, clock) == 3
    assert open_rows(engine) == []


def test_a_page_is_due_at_once_or_a_second_after_its_last_issue(engine: Engine, clock: FakeClock) -> None:
    assert change(engine, clock).due_at == clock()
    issue(engine, clock)
    issued = clock()
    clock.advance(0.2)
    assert change(engine, clock).due_at == issued + timedelta(seconds=1)
    assert issue(engine, clock) == 1, "not yet due"
    clock.advance(0.8)
    assert issue(engine, clock) == 2
    clock.advance(5)
    assert change(engine, clock).due_at == clock()


def test_a_change_while_the_page_is_made_is_shown_a_moment_later(engine: Engine, clock: FakeClock) -> None:
    change(engine, clock)
    assert issue(engine, clock, changes=2) == 1
    assert len(open_rows(engine)) == 1, "the leased row absorbed the change and is ready again"
    clock.advance(1)
    assert issue(engine, clock) == 3
    assert open_rows(engine) == []


def test_outdating_counts_up_whatever_stands(engine: Engine, clock: FakeClock) -> None:
    change(engine, clock)
    with writing(engine) as session:
        session.execute(update(Page).values(version=9, wanted=9))
    assert change(engine, clock).wanted == 10
