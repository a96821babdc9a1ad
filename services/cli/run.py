"""`dateline run`: the whole stack on this machine."""

import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from types import FrameType

import click
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col, select

from services.cli import show
from services.cli.gazetteers import folder_of, renew
from services.cli.intake import SAMPLE_INTERVAL, Wanted, hold_back, make_due, put_sources, release
from services.cli.own import is_quiet
from services.cli.place import Place, first_line, lock
from services.cli.sourcefiles import read_sources
from services.cli.stack import Stack, folder_of_deploy
from shared.clock import now
from shared.db import reading, writing
from shared.figures import Overview
from shared.models import Source
from shared.overview import overview

LOOK_S = 0.2
LINE_S = 1.0
PLAIN_LINE_S = 5.0  # where nobody looks on, a line at a time
# Nobody's fault where there is no network.
AWAY = frozenset({"host_unknown", "unreachable", "too_slow"})


class Stop(Exception):
    """Somebody asked for the end."""


@click.command()
@click.option("--sources", type=click.Path(path_type=Path, dir_okay=False), help="TOML file of real sources.  [deploy/sources.toml]")
@click.option("--sample/--no-sample", default=None, help="Serve and read the bundled sample outlets.  [DATELINE_SAMPLE, yes]")
@click.option("--until-idle", is_flag=True, help="Poll every source once, work everything off, print a summary, and end.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the site; 0 for a free one.  [DATELINE_PORT, 8000]")
@click.pass_obj
def run(place: Place, sources: Path | None, sample: bool | None, until_idle: bool, port: int | None) -> None:
    """Run the whole stack on this machine: Redis, workers, scheduler, site and Flower.

    It prints the addresses, and keeps them in stack.json in the data folder. End it with Ctrl-C; what was begun goes on at the next start.

    With --until-idle the sample outlets stand at their last moment, and real sources are read only with --sources.
    """
    settings = place.settings
    sample = settings.sample if sample is None else sample
    wanted = _real_sources(sources, until_idle)
    held = lock(settings.data)
    if held is None:
        running = (place.stack() or {}).get("site", "see its output")
        raise click.ClickException(f"a stack runs on {settings.data} already: {running}. Stop it, or choose another folder with --data.")
    with held:
        place.configure_logs(quiet=True)
        _ = place.stage_builder  # a wrong name is told here and now, not by each worker in its log
        _check_port(place, settings.port if port is None else port)
        renew(folder_of(place))
        stack = Stack(place, port=settings.port if port is None else port, sample=sample, last_moment=until_idle)
        stopped = _run(place, stack, wanted, until_idle=until_idle)
        with writing(place.engine) as session:
            release(session, now(), sample=False)
        if until_idle:
            _summarise(place)
    if until_idle and stopped:
        raise click.ClickException("stopped before everything was worked off; the next start goes on with it")


def _run(place: Place, stack: Stack, wanted: list[Wanted], *, until_idle: bool) -> bool:
    """From the first process to the end of the last. True where somebody asked for the end."""
    stopped = False
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        started = time.monotonic()
        _prepare(place, wanted, sample=stack.sample, until_idle=until_idle)
        click.echo(f"starting in {stack.data.absolute()} …")
        stack.start()
        _tell_addresses(stack, time.monotonic() - started)
        _watch(place, stack, until_idle=until_idle)
    except Stop:
        stopped = True
        click.echo("\nstopping …")
    finally:
        # From here on a second signal must not leave processes behind.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stack.stop()
    return stopped


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stop


def _real_sources(given: Path | None, until_idle: bool) -> list[Wanted]:
    if given is not None:
        return read_sources(given)
    bundled = folder_of_deploy() / "sources.toml"
    return [] if until_idle or not bundled.exists() else read_sources(bundled)


def _check_port(place: Place, port: int) -> None:
    import socket

    if not port:
        return
    try:
        socket.create_server((place.settings.host, port)).close()
    except OSError as error:
        raise click.ClickException(
            f"port {port} on {place.settings.host} cannot be used: {error.strerror}."
            " Choose another with --port (PORT=… for make), or 0 for a free one."
        ) from error


def _prepare(place: Place, real: list[Wanted], *, sample: bool, until_idle: bool) -> None:
    at = now()
    with writing(place.engine) as session:
        ids, _ = put_sources(session, real, at)
        if sample:
            ids += put_sources(session, _sample_sources(), at, sample=True, interval=SAMPLE_INTERVAL)[0]
        release(session, at, sample=True)
        if until_idle:
            # What is to be read is named by --sources; neither what was added by hand nor deploy/sources.toml of an earlier start is.
            hold_back(session, col(Source.id).not_in(ids))
            make_due(session, at, ids)
        elif sample:
            make_due(session, at, session.exec(select(Source.id).where(col(Source.sample).is_(True))).all())  # type: ignore[arg-type]
        else:
            hold_back(session, col(Source.sample).is_(True))  # nobody serves the sample's outlets


def _sample_sources() -> list[Wanted]:
    from services.cli.sample import load_sample

    sample = load_sample(folder_of_deploy() / "sample")
    return [Wanted(kind=one.kind, url=one.url, outlet=one.outlet, language=one.language) for one in sample.sources()]


def _tell_addresses(stack: Stack, seconds: float) -> None:
    click.echo(f"the site    {stack.site}\nstatus      {stack.site}status\nFlower      {stack.flower}")
    click.echo(f"data        {stack.data.absolute()} (logs in logs/), up after {seconds:.1f} s; Ctrl-C ends it")
    if stack.broker and stack.broker.notice:
        click.secho(f"notice      {stack.broker.notice}", fg="yellow")


def _watch(place: Place, stack: Stack, *, until_idle: bool) -> None:
    """Keep the processes running and show what happens, until somebody stops it or nothing is left to do."""
    live, shown, at, idle = sys.stdout.isatty(), "", 0.0, 0
    while idle < 2:
        time.sleep(LOOK_S)
        for child in stack.look():
            said = f"\n{child.name} died three times in a row. The end of {child.log_file}:\n{child.tail()}"
            click.secho(said, fg="red", err=True)
        if time.monotonic() - at < (LINE_S if live or until_idle else PLAIN_LINE_S):
            continue
        at = time.monotonic()
        try:
            with reading(place.engine) as session:
                line = progress_line(overview(session, now(), totals=True))
                idle = idle + 1 if until_idle and is_idle(session, now()) else 0
        except (OperationalError, InterfaceError) as error:
            line, idle = f"the database does not answer: {first_line(error)}", 0
        if line != shown:
            click.echo(f"\r\x1b[K{line}" if live else line, nl=not live)
        shown = line
    if live:
        click.echo()


def progress_line(seen: Overview) -> str:
    """What has been reached, and what waits, on one line."""
    waits = sum(one.ready + one.leased for one in seen.stages)
    fell = sum(seen.refused.values()) + sum(seen.quarantined.values())
    failing = [one.error_class for one in seen.sources if one.error_class and not one.paused]
    away = sum(1 for one in failing if one in AWAY)
    line = f"{seen.articles} articles · {seen.events} events · {seen.copies} copies · {seen.pages} pages"
    line += f" · {waits} in work · {fell} fell out"
    line += f" · {len(failing) - away} of {len(seen.sources)} sources fail" if len(failing) > away else ""
    return line + (f" · {away} unreachable" if away else "")


def is_idle(session: Session, at: datetime) -> bool:
    """Nothing ready and due, nothing leased, no page to issue whatever its time, no source due."""
    due = select(Source.id).where(col(Source.paused).is_(False), col(Source.next_poll_at) <= at).limit(1)
    return is_quiet(session, at) and session.exec(due).first() is None


def _summarise(place: Place) -> None:
    with reading(place.engine) as session:
        seen = overview(session, now(), totals=True)
    click.echo("\n".join(summary(seen)))


def summary(seen: Overview) -> list[str]:
    """What has been reached, what fell out, which sources fail or are silent: a line for each, its name in the first thirteen columns."""
    lines = [f"{name:12} {count}" for name, count in (("articles", seen.articles), ("events", seen.events), ("copies", seen.copies))]
    lines.append(f"{'pages':12} {seen.pages}")
    for name, counts in (("refused", seen.refused), ("quarantined", seen.quarantined)):
        reasons = ", ".join(f"{number} {error_class}" for error_class, number in sorted(counts.items()))
        lines.append(f"{name:12} {sum(counts.values())}" + (f"  ({reasons})" if reasons else ""))
    failing = [f"{one.outlet}: {one.error_class}" for one in seen.sources if one.error_class]
    lines.append(f"{'sources':12} {len(seen.sources)}, of which {len(failing)} fail" + (f"  ({', '.join(failing)})" if failing else ""))
    silent = [f"{one.outlet}: nothing new since {show.cell(one.last_new_at)}" for one in seen.sources if one.silent]
    if silent:
        lines.append(f"{'silent':12} {len(silent)}  ({', '.join(silent)})")
    return [*lines, f"{'for later':12} {sum(one.waiting_later for one in seen.stages)}"]
