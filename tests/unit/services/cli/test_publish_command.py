"""`dateline publish`: what waits is on the files, and what is committed late is not missed."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli import publish
from services.cli.main import main
from services.cli.place import Place
from services.web.core.site import Site
from services.web.store import DatabaseStore
from shared.clock import now
from shared.db import writing
from shared.models import Page, Work
from shared.records import FrontPage


def test_a_page_that_is_due_in_a_moment_is_waited_for(tmp_path: Path) -> None:
    place = Place({"data": tmp_path / "data"})
    due = now() + timedelta(seconds=0.7)
    with writing(place.engine) as session:
        session.add(Page(id=1, kind="front", key="front", wanted=1))
        body = f'{{"page_id": 1, "wanted": 1, "due_at": "{due.isoformat()}"}}'
        session.add(Work(stage="publish", subject_id=1, input_key="1", body=body, not_before=due, created_at=now()))
    done = CliRunner().invoke(main, ["--data", str(tmp_path / "data"), "publish", str(tmp_path / "out")], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "index.html").exists()


def issue(place: Place, etag: str, at: datetime) -> None:
    record = FrontPage(issued_at=at, days=())
    with writing(place.engine) as session:
        session.merge(Page(id=1, kind="front", key="front", wanted=1, version=1, etag=etag, record=record.model_dump_json(), issued_at=at))


def test_following_misses_no_page_that_was_made_before_a_look_and_committed_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "FOLLOW_S", 0)
    place = Place({"data": tmp_path / "data"})
    rounds = publish._rounds(DatabaseStore(place.engine), tmp_path / "out", Site(), timedelta(seconds=60))
    assert next(rounds) == 0
    issue(place, "one", now() - timedelta(seconds=5))
    assert next(rounds) == 1
    issue(place, "two", now() - timedelta(seconds=5))
    assert next(rounds) == 1
