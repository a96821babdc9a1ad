"""Transactions on both databases."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.db import driver_rows, make_engine, reading, writing
from shared.models import Heartbeat


def beats(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.execute(text("SELECT name FROM heartbeat ORDER BY name")).scalars())


def beat(name: str) -> str:
    return f"INSERT INTO heartbeat(name, at) SELECT '{name}', max(at) FROM heartbeat"


def first(engine: Engine) -> None:
    from shared.clock import now

    with writing(engine) as session:
        session.add(Heartbeat(name="a", at=now()))


@pytest.mark.parametrize(("last", "error"), [("SELECT 1/0 FROM nowhere", DBAPIError), (beat("a"), IntegrityError)])
def test_a_write_is_there_for_all_or_for_nobody(engine: Engine, last: str, error: type[Exception]) -> None:
    first(engine)

    def write() -> None:
        with writing(engine) as session:
            session.execute(text(beat("b")))
            session.execute(text(last))

    with pytest.raises(error):
        write()
    assert beats(engine) == ["a"]


def test_reading_writes_nothing(engine: Engine) -> None:
    first(engine)
    with reading(engine) as session:
        session.execute(text(beat("b")))
    assert beats(engine) == ["a"]


def test_writers_queue_up(engine: Engine) -> None:
    """On SQLite a read lock that cannot be upgraded would fail at once; all writers ask for the write lock first."""
    first(engine)

    def write(number: int) -> None:
        for turn in range(10):
            with writing(engine) as session:
                count = session.execute(text("SELECT count(*) FROM heartbeat")).scalar()
                session.execute(text(beat(f"{number}.{turn}.{count}")))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(beats(engine)) == 31


def test_sqlite_waits_for_the_disk_unless_told_otherwise(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    found = []
    for durable in (True, False, True):
        with writing(engine, durable=durable) as session:
            found.append(session.execute(text("PRAGMA synchronous")).scalar())
    assert found == [2, 1, 2]
    engine.dispose()


def test_sqlite_keeps_its_rules_on_every_connection(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url, synchronous="NORMAL")
    with engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys", "synchronous")}
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1}
    engine.dispose()


def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/new/folder/dateline.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    engine.dispose()


def test_every_spelling_of_a_postgresql_address_leads_to_the_same_driver() -> None:
    for scheme in ("postgresql", "postgresql+psycopg"):
        engine = make_engine(f"{scheme}://user@host/name")
        assert engine.dialect.driver == "psycopg"
        engine.dispose()


def test_a_driver_s_statement_sees_the_transaction_and_raises_what_sqlalchemy_would(engine: Engine) -> None:
    mark = "%(name)s" if engine.dialect.name == "postgresql" else ":name"
    with writing(engine) as session:
        session.connection().exec_driver_sql("CREATE TABLE said (word TEXT UNIQUE)")
        assert driver_rows(session, f"INSERT INTO said VALUES ({mark})", {"name": "one"}) == []
        assert [tuple(row) for row in driver_rows(session, f"SELECT word FROM said WHERE word = {mark}", {"name": "one"})] == [("one",)]
    with reading(engine) as session, pytest.raises(IntegrityError, match="said"):
        driver_rows(session, f"INSERT INTO said VALUES ({mark})", {"name": "one"})
    with reading(engine) as session:
        assert len(driver_rows(session, "SELECT word FROM said", {})) == 1
