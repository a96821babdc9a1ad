"""`dateline worker`, `scheduler`, `web`, `flower`, `migrate`: one process of the stack each, as the containers start them."""

import os
import sys
from datetime import timedelta

import click

from services.cli.place import Place
from shared.pipeline import PIPELINE


def broker_of(place: Place) -> str:
    """The broker's address; without one there is nothing to consume."""
    broker = place.settings.broker or (place.stack() or {}).get("broker")
    if not broker:
        raise click.UsageError("no broker: set DATELINE_BROKER (or --broker) to a Redis address such as redis://localhost:6379/0")
    return str(broker)


@click.command()
@click.argument("stages", nargs=-1, required=True, metavar="STAGE…")
@click.pass_obj
def worker(place: Place, stages: tuple[str, ...]) -> None:
    """Run one worker process for one or more STAGEs: {stages}.

    It takes one batch at a time; run more processes for more. Stop it with SIGTERM: it finishes its batch first.
    """
    from shared.queue import RedisHints, make_app, redis_client, run_worker

    unknown = [name for name in stages if name not in PIPELINE]
    if unknown:
        raise click.UsageError(f"no stage {', '.join(unknown)}; there are {', '.join(PIPELINE.names)}")
    place.configure_logs()
    broker = broker_of(place)
    app = make_app(broker, PIPELINE)
    hints = RedisHints(app=app, redis=redis_client(broker), high=place.settings.queue_high, batch=place.settings.batch)
    runner = place.runner(stages, hints=hints, worker=f"{'+'.join(stages)}-{os.getpid()}", broker=broker)
    try:
        status = run_worker(app, runner, stages, memory_mb=place.settings.worker_memory_mb, log_level=place.settings.log_level)
    finally:
        runner.close()
    sys.exit(status)


worker.help = (worker.help or "").format(stages=", ".join(PIPELINE.names))


@click.command()
@click.pass_obj
def scheduler(place: Place) -> None:
    """Run the scheduler: polls what is due, re-sends what was lost, ends the leases of dead workers. Two at once are safe."""
    from services.scheduler.sweep import Sweeper
    from services.scheduler.worker import run
    from shared.queue import RedisHints, make_app, redis_client
    from shared.raw import RawStore

    place.configure_logs()
    broker, s = broker_of(place), place.settings
    sweeper = Sweeper(
        engine=place.engine,
        pipeline=PIPELINE,
        hints=RedisHints(app=make_app(broker, PIPELINE), redis=redis_client(broker), high=s.queue_high, batch=s.batch),
        limits=place.limits,
        queue_high=s.queue_high,
        backlog_high=s.backlog_high,
        hint_age=s.hint_age,
        raw=RawStore(s.raw_folder),
    )
    run(sweeper, every_s=s.sweep.total_seconds())


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 for a free one.  [DATELINE_PORT, 8000]")
@click.pass_obj
def web(place: Place, port: int | None) -> None:
    """Serve the site and its API."""
    from services.cli.site import serve

    place.configure_logs()
    serve(place, place.settings.port if port is None else port)


@click.command()
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=5555, show_default=True)
@click.option("--basic-auth", metavar="USER:PASSWORD", help="Ask for this; /metrics and /healthcheck stay open, so keep it internal.")
@click.pass_obj
def flower(place: Place, address: str, port: int, basic_auth: str | None) -> None:
    """Serve Flower, the live view of workers, queues and tasks."""
    from shared.queue import await_workers

    broker = broker_of(place)
    await_workers(broker, PIPELINE, timedelta(seconds=20))
    command = [sys.executable, "-m", "celery", "flower", f"--address={address}", f"--port={port}"]
    columns = "name,uuid,state,kwargs,received,runtime,worker"
    command += ["--max-tasks=20000", "--logging=warning", "--natural-time=False", f"--tasks-columns={columns}"]
    if basic_auth:
        command.append(f"--basic-auth={basic_auth}")
    # The broker's address holds a password, and every user of the machine sees command lines.
    os.execve(sys.executable, command, {**os.environ, "CELERY_BROKER_URL": broker})


@click.command()
@click.pass_obj
def migrate(place: Place) -> None:
    """Bring the database's schema up to date, or make it; and compile the gazetteer anew where an older Dateline compiled it."""
    from services.cli.gazetteers import renew
    from services.tag.concepts import Folder

    place.configure_logs()
    click.echo(f"{place.shown_database} is up to date" if place.engine else "")
    if renew(Folder(place.settings.concepts_folder)):
        click.echo("the gazetteer was compiled anew, with this version's tables")
