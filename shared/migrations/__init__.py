"""The database's schema, step by step: `dateline migrate` brings any older database up to date, on SQLite and PostgreSQL."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent


class NewerSchema(Exception):
    """The database was brought up to date by a later version of this program."""


def newest() -> str:
    """The revision that this program needs: the last of the numbered steps."""
    return max(_steps())


def _steps() -> list[str]:
    return [path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py")]


def present(engine: Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def alembic_config(connection: Connection | None = None) -> "Config":
    """Alembic's settings, without a file of its own."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Bring the schema up to date. Where it is, nothing is done, and Alembic is not even loaded.

    Two at once are safe: the second waits, then finds nothing to do. Raises NewerSchema where the database's revision is none of ours.
    """
    found = present(engine)
    if found == newest():
        return
    if found is not None and found not in _steps():
        raise NewerSchema(f"its schema is at step {found}, and this version of Dateline knows {newest()} at most")
    from alembic import command

    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7240116)")
        command.upgrade(alembic_config(connection), "head")
