"""Sources in the table: which are polled, and which are held back for a while."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from services.cli.intake import Wanted, hold_back, make_due, put_sources, release
from services.cli.place import Place
from shared.db import reading, writing
from shared.models import Source

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
