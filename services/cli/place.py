"""Where a command works: the settings of its options, its database and its broker, and whether a stack runs there."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import click
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from shared import logs
from shared.clock import now
from shared.db import make_engine, reading
from shared.models import Heartbeat
from shared.outcomes import Limits
from shared.parts import Parts
from shared.pipeline import PIPELINE
from shared.runner import Hints, NoHints, Runner
from shared.settings import Settings, problems
from shared.stage import AnyStage

LARGEST_ID = 2**63 - 1  # of a row: no database takes a larger number
HEARTBEAT_AGE = timedelta(seconds=10)
LOCK = "lock"
# Somebody who only asks whether a stack runs holds the lock for a moment.
PATIENCE_S = 0.5
STACK = "stack.json"


class Place:
    """A data folder, or a database and a broker."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        try:
            self.settings = Settings(**{name: value for name, value in given.items() if value is not None})
        except (ValidationError, SettingsError) as error:
            raise click.UsageError("\n".join(problems(error))) from error

    def configure_logs(self, *, quiet: bool = False) -> None:
        """Log records to standard error; `quiet` leaves out what a person at a terminal did not ask for."""
        level = "error" if quiet and self.settings.log_level == "info" else self.settings.log_level
        logs.configure(level=level, form=self.settings.log_format)

    @cached_property
    def engine(self) -> Engine:
        """The database, its schema as it should be. Raises click.ClickException with the reason where it cannot be used."""
        from shared.migrations import NewerSchema, upgrade

        file = self.settings.database_url.startswith("sqlite")
        try:
            engine = make_engine(self.settings.database_url, synchronous=self.settings.sqlite_synchronous)
            upgrade(engine)
        except NewerSchema as error:
            raise click.ClickException(f"the database {self.shown_database} is too new: {error}. Update Dateline.") from error
        except (SQLAlchemyError, OSError) as error:
            remedy = "the folder exists and is yours to write in" if file else "its server runs"
            option = "--data, DATELINE_DATA or DATELINE_DATABASE" if file else "--database or DATELINE_DATABASE"
            raise click.ClickException(
                f"the database {self.shown_database} cannot be used: {first_line(error)}. Check {option}, and that {remedy}."
            ) from error
        return engine

    @property
    def shown_database(self) -> str:
        """The database's address without its password."""
        from sqlalchemy import make_url

        try:
            return make_url(self.settings.database_url).render_as_string(hide_password=True)
        except SQLAlchemyError:
            return "(DATELINE_DATABASE is no address)"

    @property
    def limits(self) -> Limits:
        """What delivery follows."""
        s = self.settings
        return Limits(
            lease=s.lease, row_limit=s.row_limit, max_attempts=s.max_attempts, retry_base=s.retry_base, batch=s.batch
        )

    @property
    def stage_builder(self) -> Callable[[Parts, Iterable[str]], dict[str, AnyStage]]:
        """The function that DATELINE_STAGES names."""
        module, _, function = self.settings.stages.partition(":")
        try:
            found: Callable[[Parts, Iterable[str]], dict[str, AnyStage]] = getattr(import_module(module), function)
        except (ImportError, AttributeError, ValueError) as error:
            raise click.ClickException(f"DATELINE_STAGES names {self.settings.stages!r}, which cannot be loaded: {error}") from error
        return found

    def stages(self, names: Iterable[str] = PIPELINE.names, *, broker: str | None = None) -> dict[str, AnyStage]:
        """The stages, made by whatever DATELINE_STAGES names. `broker`: where a stack's Redis is, if the settings do not say it."""
        settings = self.settings.model_copy(update={"broker": broker}) if broker else self.settings
        return self.stage_builder(Parts(settings), names)

    def runner(
        self, names: Iterable[str] = PIPELINE.names, *, hints: Hints | None = None, worker: str = "one-shot", broker: str | None = None
    ) -> Runner:
        """What delivers to these stages."""
        made = self.stages(names, broker=broker)
        return Runner(
            engine=self.engine, pipeline=PIPELINE, stages=made, limits=self.limits, hints=hints or NoHints(), worker=worker
        )

    # ------------------------------------------------------------------ the running stack

    def stack(self) -> dict[str, Any] | None:
        """The addresses of the embedded stack that runs on this data folder, if one does."""
        if self.settings.database or not is_locked(self.settings.data):
            return None
        with suppress(OSError, ValueError):
            found: dict[str, Any] = json.loads((self.settings.data / STACK).read_text())
            return found
        return {}

    def is_worked_on(self) -> bool:
        """Whether a stack takes care of work that is added here."""
        if not self.settings.database:
            return is_locked(self.settings.data)
        with reading(self.engine) as session:
            beat = session.get(Heartbeat, "scheduler")
        return beat is not None and now() - beat.at < HEARTBEAT_AGE


def lock(data: Path) -> IO[str] | None:
    """Take the data folder for one stack; None where another one holds it. Held until the file is closed or the process ends.

    Raises click.ClickException where the folder cannot be used.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        held = (data / LOCK).open("a+")
    except OSError as error:
        raise click.ClickException(_unusable(data, error)) from error
    deadline = time.monotonic() + PATIENCE_S
    while not _locks(held, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            held.close()
            return None
        time.sleep(PATIENCE_S / 10)
    held.seek(0)
    held.truncate()
    held.write(str(os.getpid()))
    held.flush()
    return held


def is_locked(data: Path) -> bool:
    """Whether a stack holds the data folder. Only looks: whoever may read there may ask, and several may ask at once."""
    try:
        with (data / LOCK).open() as asked:
            return not _locks(asked, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise click.ClickException(_unusable(data, error)) from error


def _locks(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unusable(data: Path, error: OSError) -> str:
    return f"the data folder {data} cannot be used: {error.strerror}. Choose another with --data or DATELINE_DATA."


def first_line(error: BaseException) -> str:
    """What an error says, without its essay."""
    return str(error).strip().partition("\n")[0][:300]
