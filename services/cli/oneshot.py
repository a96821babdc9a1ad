"""Seeing added work through: left to the stack where one runs, else worked off here through the same `deliver()`."""

import sys
import time
from collections import Counter
from collections.abc import Collection
from typing import Protocol

import click
from sqlmodel import Session

from services.cli import show
from services.cli.own import Own, failing, fallen, is_open, is_quiet, left, put_off, subject
from services.cli.place import Place
from shared.clock import now
from shared.db import reading
from shared.runner import work_off

LOOK_S = 0.2
# Refusals of one class that are named one by one: an archive may hold thousands of front pages.
NAMED = 20
SHOWN_S = 0.5


class Many(Protocol):
    """A quick look at work that is too much to be looked up by its subjects at each turn."""

    def is_open(self, session: Session) -> bool:
        """Whether any of it is yet to be done."""

    def left(self, session: Session) -> int:
        """How much of it is."""


def see_through(place: Place, own: Own, *, wait: bool, known: Collection[int] = (), many: Many | None = None, size: int = 0) -> bool:
    """Wait until the command's own rows and the pages they touch are done, dead or put off. True where nothing was refused.

    `known` are the ids of work that was dead before: nothing is said of it. Without `wait`, returns at once: the stack, or the next
    command, does the work. `many` is asked first, and shown as a bar of `size` pieces.
    """
    if not wait:
        return True
    worked_on = place.is_worked_on()
    waiting = _Bar(place, many, size) if many is not None else _Waiting(place, own)
    runner = None if worked_on else place.runner()

    def is_over() -> bool:
        waiting.show()
        with reading(place.engine) as session:
            if many is not None and many.is_open(session):
                return False
            return not is_open(session, own, now())

    try:
        while True:
            if runner is not None:
                work_off(runner, until=is_over)
            if is_over():
                break
            if worked_on and not place.is_worked_on():
                raise click.ClickException("the stack was stopped meanwhile; its work goes on at its next start")
            time.sleep(LOOK_S)
    finally:
        waiting.end()
        if runner is not None:
            runner.close()
    return report(place, own, known)


class _Waiting:
    """A line that says how much is yet to be done, where somebody looks."""

    def __init__(self, place: Place, own: Own) -> None:
        self._place, self._own = place, own
        self._shown_at = time.monotonic() if sys.stderr.isatty() else None
        self._width = 0

    def show(self) -> None:
        """Renew the line, now and then."""
        if self._shown_at is None or time.monotonic() - self._shown_at < SHOWN_S:
            return
        with reading(self._place.engine) as session:
            self._write(f"{left(session, self._own, now())} pieces of work to be done")
        self._shown_at = time.monotonic()

    def end(self) -> None:
        """Take the line away."""
        if self._width:
            self._write("")
            click.echo("\r", nl=False, err=True)

    def _write(self, text: str) -> None:
        click.echo("\r" + text.ljust(self._width), nl=False, err=True)
        self._width = len(text)


class _Bar:
    """How much is done of much, where somebody looks."""

    def __init__(self, place: Place, many: Many, size: int) -> None:
        self._place, self._many = place, many
        self._bar = click.progressbar(length=size, label="rebuilding", file=sys.stderr, hidden=not sys.stderr.isatty())
        self._shown_at = time.monotonic() if sys.stderr.isatty() else None
        self._bar.__enter__()

    def show(self) -> None:
        """Move on, now and then."""
        if self._shown_at is None or time.monotonic() - self._shown_at < SHOWN_S:
            return
        with reading(self._place.engine) as session:
            done = (self._bar.length or 0) - self._many.left(session)
        self._bar.update(max(0, done - self._bar.pos))
        self._shown_at = time.monotonic()

    def end(self) -> None:
        """Leave it as it stands."""
        self._bar.__exit__(None, None, None)


def work_everything_off(place: Place) -> None:
    """Deliver whatever waits, until nothing is due and no page is to be issued."""
    runner = place.runner()
    try:
        while True:
            work_off(runner)
            with reading(place.engine) as session:
                if is_quiet(session, now()):
                    return
            time.sleep(LOOK_S)
    finally:
        runner.close()


def report(place: Place, own: Own, known: Collection[int]) -> bool:
    """Say what fell out and what was put off; True where nothing fell out."""
    with reading(place.engine) as session:
        dead = {id: row for id, row in fallen(session, own).items() if id not in known}
        counts: Counter[str | None] = Counter()
        for row in dead.values():
            counts[row.error_class] += 1
            if counts[row.error_class] > NAMED:
                continue
            name = own.labels.get(row.subject_id) or subject(session, row)
            click.echo(f"refused  {name}: {show.why(row.error_class, row.error)} (dateline explain {row.error_class})", err=True)
        for error_class, count in counts.items():
            if count > NAMED:
                click.echo(f"refused  {count - NAMED} more as {error_class}; `dateline dead list` has them all", err=True)
        for row in put_off(session, own):
            name = own.labels.get(row.subject_id) or subject(session, row)
            why = show.why(row.error_class, row.error)
            click.echo(f"put off  {name}: {row.stage} at {show.cell(row.not_before)} UTC ({why})", err=True)
        sources = failing(session, own)
        for source in sources:
            why = show.why(source.error_class, source.error)
            click.echo(f"failed   {source.url}: {why} (dateline explain {source.error_class})", err=True)
    return not dead and not sources
