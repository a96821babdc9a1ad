"""What `run --until-idle` says at its end."""

from datetime import timedelta

from conftest import FakeClock
from sqlalchemy import Engine

from services.cli.run import summary
from shared.db import reading, writing
from shared.models import Source
from shared.overview import overview


def test_failing_and_silent_sources_are_named(engine: Engine, clock: FakeClock) -> None:
    day = timedelta(days=1)
    with writing(engine) as session:
        for name, more in {
            "Well": {},
            "Gone": {"error_class": "http_gone"},
            "Quiet": {"silent_from": clock.at - day, "last_new_at": clock.at - 3 * day},
            "Paused": {"silent_from": clock.at - day, "paused": True},
        }.items():
            row = Source(kind="feed", url=f"http://{name}.test/", outlet=name, added_at=clock.at)
            session.add(row.sqlmodel_update(more))
    with reading(engine) as session:
        lines = summary(overview(session, clock.at, totals=True))
    assert "sources      4, of which 1 fail  (Gone: http_gone)" in lines
    assert [line for line in lines if line.startswith("silent")] == ["silent       1  (Quiet: nothing new since 2026-01-02 12:00:00)"]
