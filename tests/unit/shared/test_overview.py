"""What flows, waits and fell out, counted from the tables."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, SQLModel

from shared.db import make_engine
from shared.figures import Overview
from shared.models import Article, Attempt, Event, Page, Source, Work
from shared.overview import overview

NOW = datetime(2031, 5, 14, 12, 0, tzinfo=UTC)


def work(id: int, stage: str, state: int, *, wait: float = 0, age: float = 60, error_class: str | None = None) -> Work:
    """A row made `age` seconds ago, due in `wait` seconds."""
    return Work(
        id=id,
        stage=stage,
        subject_id=id,
        input_key="1",
        state=state,
        not_before=NOW + timedelta(seconds=wait),
        created_at=NOW - timedelta(seconds=age),
        error_class=error_class,
    )


def read(engine: Engine, *rows: SQLModel, totals: bool = False) -> Overview:
    with engine.connect().execution_options(writes=True) as connection, Session(connection) as session:
        session.add_all(rows)
        session.commit()
    with Session(engine) as session:
        return overview(session, NOW, totals=totals)


def test_stages_stand_in_order_with_what_is_due_what_waits_and_what_is_held(engine: Engine) -> None:
    rows = [
        work(1, "fetch", 0, wait=-10, age=300),
        work(2, "fetch", 0, wait=-40, age=300),
        work(3, "fetch", 0, wait=50),
        work(4, "fetch", 1),
        work(5, "fetch", 1, wait=-5),
        work(6, "translate", 0, wait=-1, age=20),
    ]
    found = read(engine, *rows)
    assert [stage.stage for stage in found.stages] == ["poll", "fetch", "clean", "tag", "link", "publish", "edit", "translate"]
    fetch = found.stages[1]
    assert (fetch.ready, fetch.waiting_later, fetch.leased, fetch.done) == (2, 1, 2, None)
    assert fetch.oldest_ready_age_s == pytest.approx(40)
    assert found.stages[0].oldest_ready_age_s is None


def test_refused_and_quarantined_are_told_apart_by_the_last_attempt(engine: Engine) -> None:
    rows = [
        work(1, "fetch", 3, error_class="http_gone"),
        work(2, "fetch", 3, error_class="http_gone"),
        work(3, "clean", 3, error_class="bug"),
        work(4, "clean", 3, error_class="killed"),
        work(5, "clean", 3, error_class="http_gone"),
    ]
    outcomes = [(1, "retry"), (1, "refused"), (2, "refused"), (3, "dead"), (4, "killed"), (5, "refused"), (5, "dead")]
    attempts = [Attempt(work_id=id, attempt=1, ended_at=NOW, outcome=outcome) for id, outcome in outcomes]
    found = read(engine, *rows, *attempts)
    assert found.refused == {"http_gone": 2}
    assert found.quarantined == {"bug": 1, "killed": 1, "http_gone": 1}
    assert {stage.stage: stage.dead for stage in found.stages if stage.dead} == {"fetch": 2, "clean": 3}


def test_totals_count_everything(engine: Engine) -> None:
    source = Source(id=1, kind="feed", url="https://a.test/f", outlet="Northwire", added_at=NOW, failures=2, error_class="too_slow")
    quiet = Source(id=2, kind="feed", url="https://b.test/f", outlet="Abendblatt", added_at=NOW, last_ok_at=NOW)
    articles = [Article(id=n, url_key=f"k{n}", source_id=1, outlet="Northwire", announced_at=NOW) for n in (1, 2, 3)]
    articles[2].copy_of_id = 1
    events = [
        Event(id=n, state=state, date=date(2031, 5, 14), date_provenance="feed", headline="x", created_at=NOW, changed_at=NOW)
        for n, state in ((1, "live"), (2, "merged"))
    ]
    pages = [Page(kind="event", key="1", record="{}", issued_at=NOW), Page(kind="event", key="2")]
    rows = [work(1, "fetch", 2), work(2, "fetch", 2), work(3, "fetch", 4), work(4, "fetch", 0), work(5, "fetch", 3), work(6, "other", 2)]
    with engine.connect().execution_options(writes=True) as connection, Session(connection) as session:
        session.add_all([source, quiet])
        session.commit()
    found = read(engine, *articles, *events, *pages, *rows, totals=True)
    fetch = next(stage for stage in found.stages if stage.stage == "fetch")
    assert (fetch.ready, fetch.done, fetch.superseded, fetch.dead) == (1, 2, 1, 1)
    assert next(stage for stage in found.stages if stage.stage == "other").done == 1
    assert (found.articles, found.copies, found.events, found.pages) == (3, 1, 1, 1)
    sources = [(one.outlet, one.articles, one.failures, one.error_class) for one in found.sources]
    assert sources == [("Abendblatt", 0, 0, None), ("Northwire", 3, 2, "too_slow")]
    assert Overview.model_validate_json(found.model_dump_json()) == found


def test_the_line_of_progress_walks_no_table_of_work(sqlite_url: str) -> None:
    """A million rows that are done may stand there: what is read is read through an index that holds none of them."""
    engine = make_engine(sqlite_url)
    read(engine, work(1, "fetch", 2))
    plans: list[str] = []
    with engine.connect() as connection:
        statements: list[str] = []
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.set_trace_callback(statements.append)  # type: ignore[attr-defined]
        with Session(connection) as session:
            overview(session, NOW)
        raw.set_trace_callback(None)  # type: ignore[attr-defined]
        for statement in statements:
            if "work" in statement.lower() and statement.upper().startswith("SELECT"):
                plans += [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {statement}").columns())]
    engine.dispose()
    steps = [plan for plan in plans if re.match(r"(SCAN|SEARCH) work\b", plan)]
    assert len(steps) >= 3
    assert all("INDEX work_open" in step or "INDEX work_dead" in step for step in steps), steps
