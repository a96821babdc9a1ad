"""Sources in the table: which are polled, and which are held back for a while."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from services.cli.intake import Wanted, hold_back, make_due, put_sources, release, remove_sample
from services.cli.place import Place
from shared.db import reading, writing
from shared.ledger import State
from shared.models import Article, Event, Page, Source, Work

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A real source, and one of the sample."""
    made = Place({"data": tmp_path / "data"})
    with writing(made.engine) as session:
        put_sources(session, [Wanted(kind="feed", url="http://real.org/feed", outlet="Real")], NOON)
        put_sources(session, [Wanted(kind="feed", url="http://a.test/feed", outlet="A")], NOON, sample=True)
    return made


def times(place: Place) -> list[datetime | None]:
    with reading(place.engine) as session:
        return list(session.exec(select(Source.next_poll_at).order_by(col(Source.id))).all())


def test_what_a_run_until_idle_holds_back_is_polled_at_once_by_the_next_run(place: Place) -> None:
    """It was held back for a day before, and a self-hoster's own feed was silent for so long."""
    later = NOON + timedelta(minutes=5)
    with writing(place.engine) as session:
        hold_back(session, col(Source.id).not_in([2]))
        make_due(session, NOON, [2])
    assert times(place) == [None, NOON]
    with writing(place.engine) as session:
        release(session, later, sample=False)
    assert times(place) == [later, NOON]


def test_the_sample_is_not_polled_however_long_a_run_without_it_lasts(place: Place) -> None:
    with writing(place.engine) as session:
        hold_back(session, col(Source.sample).is_(True))
        release(session, NOON, sample=False)
    assert times(place) == [NOON, None]
    with writing(place.engine) as session:
        release(session, NOON, sample=True)
    assert times(place) == [NOON, NOON]


def test_no_work_on_the_sample_is_left_behind(place: Place) -> None:
    """What is ready, in work or dead would fail for ever, and be counted for ever: what it is about is gone."""
    with writing(place.engine) as session:
        for key, sample in (("real", False), ("sample", True)):
            session.add(Article(url_key=key, outlet="A", announced_at=NOON, sample=sample))
            session.add(
                Event(sample=sample, date=NOON.date(), date_provenance="feed", headline=key, created_at=NOON, changed_at=NOON)
            )
            session.flush()
        session.add(Page(kind="event", key="2", wanted=1))
        session.flush()
        for stage, subject, state in (("tag", 1, 0), ("tag", 2, 0), ("link", 2, 1), ("fetch", 2, 3), ("clean", 2, 2), ("publish", 1, 0)):
            session.add(Work(stage=stage, subject_id=subject, input_key="1", state=state, not_before=NOON, created_at=NOON))
    with writing(place.engine) as session:
        articles, _ = remove_sample(session, NOON)
    assert articles == 1
    with reading(place.engine) as session:
        left = session.exec(select(Work.stage, Work.subject_id).where(Work.state != State.SUPERSEDED).order_by(col(Work.id))).all()
    assert left == [("tag", 1), ("clean", 2)]
