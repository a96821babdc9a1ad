"""Engines and transactions, for SQLite and PostgreSQL.

SQLite: WAL, `synchronous` from the settings, foreign keys on, and every write transaction BEGIN IMMEDIATE, so that two writers queue
up instead of failing at the upgrade of a read lock.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

BUSY_TIMEOUT_MS = 30_000
CACHED_KB = 8_000


def make_engine(url: str, *, synchronous: str = "FULL") -> Engine:
    """An engine for `sqlite:///…` or `postgresql://…` (psycopg 3). The folder of a SQLite file is made."""
    address = make_url(url)
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() != "sqlite":
        # Plans are kept: one that was made for an empty table would go on reading the whole of a table that has grown. Everything here
        # is looked up by an index, so scans are ruled out. What cannot do without a scan must not be compiled for it.
        options = "-c enable_seqscan=off -c jit=off"
        return create_engine(address, pool_pre_ping=True, pool_size=4, connect_args={"connect_timeout": 10, "options": options})
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        # 8 MB of pages: the index of postings is read all over, and SQLite's own 2 MB hold little of it.
        kept = f"cache_size={-CACHED_KB}"
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", kept, "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("writes"):
            _sync(connection, synchronous if options.get("durable", True) else "NORMAL")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")

    return engine


def _sync(connection: Connection, wanted: str) -> None:
    """Set SQLite's `synchronous` for the transaction that begins, where it is not so already."""
    if connection.info.get("synchronous") != wanted:
        connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
        connection.info["synchronous"] = wanted


@contextmanager
def writing(engine: Engine, *, durable: bool = True) -> Iterator[Session]:
    """One write transaction: commits at the end, rolls back on an exception.

    Not `durable`: SQLite does not wait for the disk, so a power cut may undo it (not a process's death, and later transactions only
    with it). For what does no harm when undone, such as a claim: the wait is a fifth of what delivery costs.
    """
    with (
        engine.connect().execution_options(writes=True, durable=durable) as connection,
        connection.begin(),
        Session(connection, expire_on_commit=False) as session,
    ):
        yield session
        session.flush()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session whose reads see one moment (SQLite) or each statement's (PostgreSQL). Nothing is written."""
    with Session(engine) as session:
        yield session


def driver_rows(session: Session, sql: str, values: Mapping[str, Any]) -> list[Any]:
    """The rows of one statement in the database's own words, run by the driver within the session's transaction.

    SQLAlchemy adds some 20 microseconds to a statement, four times what a look-up in SQLite takes: for stages that run twenty of them
    for each article. Errors are raised as it raises them (`sqlalchemy.exc`), and what breaks a connection gives it up.
    """
    connection = session.connection()
    held = connection.connection
    try:
        cursor = held.driver_connection.execute(sql, values)  # type: ignore[union-attr]
        return list(cursor.fetchall()) if cursor.description else []
    except connection.dialect.loaded_dbapi.Error as error:
        lost = connection.dialect.is_disconnect(error, held, None)
        base, dialect = connection.dialect.loaded_dbapi.Error, connection.dialect
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(sql, dict(values), error, base, connection_invalidated=lost, dialect=dialect) from error
