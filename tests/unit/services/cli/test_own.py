"""What a command waits for, what it brings back, and what it says of what fell out."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update
from sqlmodel import Session, SQLModel, col, select

from services.cli.main import main
from services.cli.own import AT_ONCE, Own, fallen, is_open, is_quiet
from services.cli.place import Place
from shared import ledger
from shared.clock import now
from shared.db import reading, writing
from shared.ledger import State
from shared.models import Article, Page, Source, Work


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A data folder with an empty database."""
    return Place({"data": tmp_path / "data"})


def dateline(place: Place, *words: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(place.settings.data), *words], catch_exceptions=False)


def add(place: Place, note: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, since a worker's parser lives as long as the process."""
    command = [sys.executable, "-m", "services.cli", "--data", str(place.settings.data), "add", str(note), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """A short article."""
    path = tmp_path / "note.txt"
    path.write_text("Bakers open a museum of bread\n\nBakers in Tarnow, in the south of Poland, have opened a museum of bread.\n")
    return path


def put(place: Place, *rows: SQLModel) -> list[int]:
    with writing(place.engine) as session:
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]  # type: ignore[attr-defined]


def work(stage: str, subject: int, **more: object) -> Work:
    given = {"input_key": "1", "not_before": now(), "created_at": now()} | more
    return Work(stage=stage, subject_id=subject, **given)  # type: ignore[arg-type]


def source(**more: object) -> Source:
    given: dict[str, object] = {"kind": "feed", "url": "http://127.0.0.1:9/feed", "outlet": "A", "added_at": now()}
    return Source(**given | more)  # type: ignore[arg-type]


def article(key: str = "k", **more: object) -> Article:
    return Article(url=f"http://a.org/{key}", url_key=key, outlet="A", announced_at=now(), **more)  # type: ignore[arg-type]


def test_a_poll_that_comes_back_is_waited_for_and_its_failure_is_said(place: Place) -> None:
    (source_id,) = put(place, source())
    body = f'{{"source_id": {source_id}, "due_at": "2026-01-05T12:00:00Z"}}'
    (row,) = put(place, work("poll", source_id, state=State.DEAD, error_class="bug", body=body, done_at=now()))
    done = dateline(place, "dead", "replay", str(row))
    assert done.exit_code == 1
    assert "http://127.0.0.1:9/feed: address_forbidden" in done.output


def test_a_page_that_comes_back_is_waited_for_and_its_failure_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_MAX_ATTEMPTS", "1")
    (page_id,) = put(place, Page(kind="event", key="999", wanted=1))
    body = f'{{"page_id": {page_id}, "wanted": 1, "due_at": "2026-01-05T12:00:00Z"}}'
    put(place, work("publish", page_id, state=State.DEAD, error_class="bug", body=body, done_at=now()))
    done = dateline(place, "dead", "replay", "--stage", "publish")
    assert done.exit_code == 1
    assert "the page of event 999: bug" in done.output


def test_what_was_dead_before_is_not_said_again(place: Place, note: Path) -> None:
    assert add(place, note, "--no-wait").returncode == 0
    put(place, work("tag", 1, input_key="old", state=State.DEAD, error_class="bug", error="Traceback\nKeyError: 'x'", done_at=now()))
    done = add(place, note)
    assert done.returncode == 0, done.stderr
    with reading(place.engine) as session:
        assert fallen(session, Own(articles=[1]))


def test_a_command_that_was_killed_leaves_work_that_the_next_one_takes_up(place: Place, note: Path) -> None:
    assert add(place, note, "--no-wait").returncode == 0
    with writing(place.engine) as session:
        given = {"worker": "killed", "lease": timedelta(seconds=1), "now": now() - timedelta(seconds=5)}
        session.execute(update(Work).values(not_before=now() - timedelta(seconds=9)))
        _, rows = ledger.claim(session.connection(), "clean", [1], **given)  # type: ignore[arg-type]
        assert rows
    assert add(place, note).returncode == 0
    with reading(place.engine) as session:
        assert session.exec(select(Article.event_id)).one() is not None


def test_only_the_commands_own_work_is_waited_for(place: Place) -> None:
    mine, other = put(place, article("a"), article("b"))
    put(place, work("fetch", other))
    with reading(place.engine) as session:
        assert not is_open(session, Own(articles=[mine]), now())
        assert is_open(session, Own(articles=[other]), now())
        assert not is_quiet(session, now())


@pytest.mark.parametrize(("delay", "expected"), [(-1, True), (60, False)])
def test_what_is_put_off_is_not_waited_for(place: Place, delay: int, expected: bool) -> None:
    (mine,) = put(place, article())
    put(place, work("fetch", mine, not_before=now() + timedelta(seconds=delay)))
    with reading(place.engine) as session:
        assert is_open(session, Own(articles=[mine]), now()) is expected
        assert is_quiet(session, now()) is not expected


def test_the_pages_of_ones_articles_are_waited_for_whatever_their_time(place: Place) -> None:
    (mine,) = put(place, article())
    (front,) = put(place, Page(kind="front", key="front", wanted=1))
    put(place, work("publish", front, not_before=now() + timedelta(seconds=60)))
    with reading(place.engine) as session:
        assert is_open(session, Own(articles=[mine]), now())
        assert not is_quiet(session, now())


def test_the_articles_that_a_source_announced_are_its_own(place: Place) -> None:
    (source_id,) = put(place, source())
    (mine,) = put(place, article(source_id=source_id))
    put(place, work("tag", mine, state=State.LEASED))
    with reading(place.engine) as session:
        assert is_open(session, Own(sources=[source_id]), now())


def test_more_articles_than_a_statement_takes_are_asked_for_in_portions(place: Place) -> None:
    last = AT_ONCE * 4
    put(place, work("clean", last, state=State.DEAD))

    def ask(session: Session) -> list[int]:
        return [row.subject_id for row in fallen(session, Own(articles=range(1, last + 1))).values()]

    with reading(place.engine) as session:
        assert ask(session) == [last]
        assert not is_open(session, Own(articles=range(1, last + 1)), now())
        assert session.exec(select(Work).where(col(Work.state) == State.DEAD)).one()


def test_what_is_put_off_is_said(place: Place) -> None:
    (source_id,) = put(place, source(url="http://127.0.0.1:9/feed"))
    (mine,) = put(place, article(source_id=source_id))
    put(place, work("tag", mine, not_before=now() + timedelta(seconds=60), error_class="bug", error="Traceback\nKeyError: 'x'"))
    done = dateline(place, "sources", "add", "http://127.0.0.1:9/feed")
    assert "put off  http://a.org/k: tag at " in done.output
    assert "bug: KeyError: 'x'" in done.output
