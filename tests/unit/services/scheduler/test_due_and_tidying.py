"""Sources that are due, in heaps and while others change them; what is kept for a while only."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from conftest import FakeClock
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select, update
from test_sweep import Hints, sweeper, work

from services.scheduler import due, sweep, tidying
from shared import ledger, websub
from shared.db import reading, writing
from shared.messages import SourceDue
from shared.models import Article, Attempt, Document, Poll, Source, SourcePage, Subscription, Work
from shared.raw import RawStore

DAY = timedelta(days=1)


def add_sources(engine: Engine, at: datetime, number: int) -> list[int]:
    with writing(engine) as session:
        rows = []
        for one in range(number):
            row = Source(kind="feed", url=f"http://{one}.test/", outlet="A", added_at=at, interval_s=60 + one)
            row.next_poll_at = at - timedelta(seconds=one)
            rows.append(row)
        session.add_all(rows)
        session.flush()
        return [row.id or 0 for row in rows]


def times(engine: Engine) -> list[datetime | None]:
    with reading(engine) as session:
        return list(session.exec(select(Source.next_poll_at).order_by(col(Source.id))).all())


def test_each_source_moves_on_by_its_own_rhythm_the_longest_waiting_first(engine: Engine, clock: FakeClock) -> None:
    ids = add_sources(engine, clock.at, 5)
    with writing(engine) as session:
        taken = due.take(session.connection(), clock.at, 3)
    assert sorted(one.source_id for one in taken) == ids[2:]
    assert {one.source_id: one.due_at for one in taken} == {ids[at]: clock.at - timedelta(seconds=at) for at in (2, 3, 4)}
    assert times(engine) == [clock.at, clock.at - timedelta(seconds=1)] + [clock.at + timedelta(seconds=60 + at) for at in (2, 3, 4)]


def test_two_schedulers_make_each_poll_once(engine: Engine, clock: FakeClock) -> None:
    ids = add_sources(engine, clock.at, 40)
    with ThreadPoolExecutor(2) as pool:
        for found in [pool.submit(sweeper(engine, clock, Hints()).poll_what_is_due) for _ in range(2)]:
            found.result(30)
    assert sorted(row.subject_id for row in work(engine)) == ids


def test_a_source_that_was_paused_held_back_or_removed_meanwhile_is_no_work(engine: Engine, clock: FakeClock) -> None:
    paused, held, removed, kept = add_sources(engine, clock.at, 4)
    with writing(engine) as session:
        session.execute(update(Source).where(col(Source.id) == paused).values(paused=True))
        session.execute(update(Source).where(col(Source.id) == held).values(next_poll_at=None))
        session.delete(session.get_one(Source, removed))
    sweeper(engine, clock, Hints()).sweep()
    assert [SourceDue.model_validate_json(row.body or "").source_id for row in work(engine)] == [kept]


def test_polls_do_not_pile_up_while_nobody_polls(engine: Engine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "MOST_WAITING", 10)
    add_sources(engine, clock.at, 10)
    look = sweeper(engine, clock, Hints(room=0))
    for _ in range(5):
        look.sweep()
        clock.advance(600)
    assert len(work(engine)) == 10


def subscribe(engine: Engine, source: int, asked: datetime, lease: timedelta, state: str = "active") -> None:
    known = Subscription(source_id=source, hub="https://hub.test/", topic="t", token=str(source), secret="s", asked_at=asked, state=state)
    known.until = asked + lease
    with writing(engine) as session:
        session.add(known)


def asked_again(engine: Engine) -> list[int]:
    facts = [SourceDue.model_validate_json(row.body or "") for row in work(engine)]
    return [one.source_id for one in facts if one.mode == "subscribe"]


@pytest.mark.parametrize(
    ("lease", "after"),
    [
        (timedelta(minutes=10), timedelta(minutes=5)),
        (timedelta(hours=4), timedelta(hours=2)),
        (timedelta(days=1), timedelta(hours=12)),
        (timedelta(days=8), timedelta(days=6)),
    ],
    ids=str,
)
def test_a_lease_is_renewed_in_time_whenever_the_next_poll_is(engine: Engine, clock: FakeClock, lease: timedelta, after: timedelta) -> None:
    (source,) = add_sources(engine, clock.at, 1)
    with writing(engine) as session:
        session.execute(update(Source).values(next_poll_at=clock.at + timedelta(days=30)))
    asked = clock.at
    subscribe(engine, source, asked, lease)
    look = sweeper(engine, clock, Hints())
    clock.at = asked + after - timedelta(seconds=1)
    look.renew_leases()
    assert (asked_again(engine), websub.renewal(asked, asked + lease)) == ([], asked + after)
    clock.at = asked + after + timedelta(seconds=20)
    look.renew_leases()
    clock.advance(20)
    look.renew_leases()
    assert asked_again(engine) == [source]  # once
    clock.at = asked + lease - timedelta(seconds=1)  # the hub did not call back
    look.renew_leases()
    assert asked_again(engine) == [source, source]


def test_all_leases_that_end_together_are_renewed_at_once(engine: Engine, clock: FakeClock) -> None:
    ids = add_sources(engine, clock.at + DAY, 300)
    for one in ids:
        subscribe(engine, one, clock.at, timedelta(minutes=20))
    clock.advance(660)
    sweeper(engine, clock, Hints()).renew_leases()
    assert sorted(asked_again(engine)) == ids


def test_what_is_paused_failed_or_over_is_not_renewed(engine: Engine, clock: FakeClock) -> None:
    paused, failed, over = add_sources(engine, clock.at + DAY, 3)
    with writing(engine) as session:
        session.execute(update(Source).where(col(Source.id) == paused).values(paused=True))
    subscribe(engine, paused, clock.at, timedelta(minutes=20))
    subscribe(engine, failed, clock.at, timedelta(minutes=20), state="failed")
    subscribe(engine, over, clock.at, timedelta(minutes=5))
    clock.advance(660)
    sweeper(engine, clock, Hints()).renew_leases()
    assert asked_again(engine) == []  # an over one waits for the source's next poll


def polls(engine: Engine) -> int:
    with reading(engine) as session:
        return session.exec(select(func.count()).select_from(Poll)).one()


def test_old_polls_are_forgotten_step_by_step(engine: Engine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "POLLS_AT_ONCE", 4)
    (source,) = add_sources(engine, clock.at + DAY * 30, 1)
    with writing(engine) as session:
        for hour in range(24 * 9, 24 * 9 - 10, -1):
            at = clock.at - timedelta(hours=hour)
            session.add(Poll(source_id=source, due_at=at, polled_at=at))
        session.add(Poll(source_id=source, due_at=clock.at, polled_at=clock.at))
    look = sweeper(engine, clock, Hints())
    left = []
    for _ in range(4):
        look.sweep()
        left.append(polls(engine))
    assert left == [7, 3, 1, 1]


def document(session: Session, number: int, sha256: str, at: datetime, until: datetime | None) -> None:
    article = Article(url_key=f"k{number}", outlet="A", announced_at=at)
    session.add(article)
    session.flush()
    session.add(Document(article_id=article.id or 0, revision=1, sha256=sha256, fetched_at=at, raw_until=until))


def test_bytes_that_may_be_kept_no_longer_are_removed_and_others_stay(engine: Engine, clock: FakeClock, tmp_path: Path) -> None:
    raw = RawStore(tmp_path)
    over, shared, paged, later, good = (raw.put(text) for text in (b"over", b"shared", b"paged", b"later", b"good"))
    clock.at = datetime.fromtimestamp(raw._place(over).stat().st_mtime, clock.at.tzinfo)
    (source,) = add_sources(engine, clock.at + DAY * 90, 1)
    with writing(engine) as session:
        limits = [(over, DAY), (shared, DAY), (shared, None), (paged, DAY), (later, 30 * DAY), (good, None)]
        for number, (sha256, kept) in enumerate(limits):
            document(session, number, sha256, clock.at, clock.at + kept if kept else None)
        session.add(SourcePage(source_id=source, url="u", version="1", sha256=paged, content_type="t", size=1, fetched_at=clock.at))
    look = sweeper(engine, clock, Hints())
    look.raw = raw
    look.sweep()
    assert over in raw
    clock.at += 2 * DAY
    look.sweep()
    assert [name in raw for name in (over, shared, paged, later, good)] == [False, True, True, True, True]
    with reading(engine) as session:
        removed = session.exec(select(Document.sha256).where(col(Document.raw_removed_at).is_not(None)).order_by(col(Document.id))).all()
    assert removed == [over, shared, paged]


def test_bytes_that_were_put_again_just_now_are_left_to_their_new_row(engine: Engine, clock: FakeClock, tmp_path: Path) -> None:
    raw = RawStore(tmp_path)
    again = raw.put(b"again")
    clock.at = datetime.fromtimestamp(raw._place(again).stat().st_mtime, clock.at.tzinfo)
    with writing(engine) as session:
        document(session, 1, again, clock.at - 9 * DAY, clock.at - DAY)
    look = sweeper(engine, clock, Hints())
    look.raw = raw
    look.sweep()
    assert again in raw


def test_work_of_old_polls_is_forgotten_and_all_other_work_is_kept(engine: Engine, clock: FakeClock) -> None:
    (source,) = add_sources(engine, clock.at + 40 * DAY, 1)
    over, dead = ledger.State.DONE, ledger.State.DEAD
    old, new = clock.at - 31 * DAY, clock.at - 29 * DAY
    kept = [("poll", dead, old), ("poll", ledger.State.READY, old), ("poll", over, new), ("fetch", over, old)]
    with writing(engine) as session:
        for stage, state, at in [*kept, *(("poll", over, old - timedelta(minutes=n)) for n in range(700))]:
            key = at.isoformat() + (" " + state.name if state != over else "")
            row = Work(stage=stage, subject_id=source, input_key=key, state=state, created_at=at, done_at=at, not_before=clock.at + DAY)
            session.add(row)
        session.flush()
        for one in session.exec(select(Work)).all():
            session.add(Attempt(work_id=one.id or 0, attempt=1, ended_at=old, outcome="retry"))
    look = sweeper(engine, clock, Hints())
    for _ in range(20):  # fifty of a source at each look
        look.forget_work()
    assert [(row.stage, row.state) for row in work(engine)] == [(stage, state) for stage, state, _ in kept]
    with reading(engine) as session:
        assert session.exec(select(func.count()).select_from(Attempt)).one() == len(kept)
    clock.advance(3000)
    look.forget_work()  # not before an hour has passed
    assert len(work(engine)) == len(kept)
