"""Where a command works: one stack per data folder, and how a command knows whether one runs."""

import fcntl
import json
from datetime import timedelta
from pathlib import Path
from threading import Timer

import click
import pytest
from sqlmodel import Session

from services.cli import stack
from services.cli.place import STACK, Place, is_locked, lock
from services.cli.stack import sample_epoch
from shared.clock import now
from shared.db import writing
from shared.models import Heartbeat


def test_a_data_folder_is_one_stacks(tmp_path: Path) -> None:
    held = lock(tmp_path / "data")
    assert held is not None
    assert lock(tmp_path / "data") is None
    assert is_locked(tmp_path / "data")
    held.close()
    assert not is_locked(tmp_path / "data")


def test_whoever_only_asks_keeps_no_stack_from_starting(tmp_path: Path) -> None:
    first = lock(tmp_path)
    assert first is not None
    first.close()
    with (tmp_path / "lock").open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        assert not is_locked(tmp_path)
        Timer(0.1, fcntl.flock, (asking, fcntl.LOCK_UN)).start()
        held = lock(tmp_path)
    assert held is not None
    held.close()


def test_asking_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("123")
    assert not is_locked(tmp_path)
    assert (tmp_path / "lock").read_text() == "123"


def test_an_empty_folder_is_nobodys(tmp_path: Path) -> None:
    assert not is_locked(tmp_path / "none")


def test_the_addresses_of_a_running_stack_are_found(tmp_path: Path) -> None:
    place = Place({"data": tmp_path})
    assert place.stack() is None
    held = lock(tmp_path)
    assert held is not None
    (tmp_path / STACK).write_text(json.dumps({"site": "http://127.0.0.1:1/", "broker": "redis://x"}))
    assert (place.stack() or {})["site"] == "http://127.0.0.1:1/"
    assert place.is_worked_on()
    held.close()
    assert place.stack() is None


@pytest.mark.parametrize(("age", "expected"), [(2, True), (30, False)])
def test_a_stack_elsewhere_is_known_by_its_schedulers_heartbeat(sqlite_url: str, age: int, expected: bool) -> None:
    place = Place({"database": sqlite_url})
    with writing(place.engine) as session:
        session.add(Heartbeat(name="scheduler", at=now() - timedelta(seconds=age)))
    assert place.is_worked_on() is expected
    place.engine.dispose()


def test_stages_that_cannot_be_loaded_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_STAGES", "nowhere:build")
    with pytest.raises(click.ClickException, match="nowhere:build"):
        Place({"data": tmp_path}).stages()


def test_a_database_that_cannot_be_used_is_named_without_its_password() -> None:
    place = Place({"database": "postgresql://me:secret@127.0.0.1:1/news"})
    with pytest.raises(click.ClickException) as caught:
        assert isinstance(place.engine, Session)
    assert "127.0.0.1:1/news" in caught.value.message
    assert "secret" not in caught.value.message


def test_the_samples_dates_count_from_the_first_start(tmp_path: Path) -> None:
    first = sample_epoch(tmp_path)
    assert sample_epoch(tmp_path) == first
    assert abs(now() - first) < timedelta(seconds=10)
    (tmp_path / "sample-epoch").write_text("yesterday")
    with pytest.raises(click.ClickException, match="sample-epoch"):
        sample_epoch(tmp_path)


def test_a_broker_that_does_not_answer_is_named_without_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "BROKER_S", 0.1)
    place = Place({"data": tmp_path, "broker": "redis://:secret@127.0.0.1:1/0"})
    (tmp_path / STACK).write_text("{}")  # of a stack that was killed
    made = stack.Stack(place, port=0, sample=False, last_moment=False)
    with pytest.raises(click.ClickException, match=r"127\.0\.0\.1:1/0") as caught:
        made.start()
    assert "secret" not in caught.value.message
    assert not (tmp_path / STACK).exists()
