"""`dateline dead` and `dateline explain`: what fell out, why, and how it comes back."""

import sys
from datetime import UTC, date, datetime, time
from typing import Any

import click
from sqlmodel import Session, col, select

from services.cli import show
from services.cli.oneshot import see_through
from services.cli.own import ARTICLE_STAGES, PAGE_STAGES, SOURCE_STAGES, Own, fallen, subject
from services.cli.place import LARGEST_ID, Place
from shared import ledger
from shared.clock import now
from shared.db import reading, writing
from shared.errors import CLASSES
from shared.ledger import State
from shared.models import Attempt, Work
from shared.pipeline import PIPELINE

COLUMNS = {
    "id": "id",
    "stage": "stage",
    "error_class": "class",
    "attempt": "attempts",
    "done_at": "when",
    "subject": "what",
    "error": "error",
}
ATTEMPT_COLUMNS = {"attempt": "attempt", "outcome": "outcome", "error_class": "class", "started_at": "began", "ended_at": "ended"}
MOST = 10_000  # that a list shows
ROW_ID = click.IntRange(1, LARGEST_ID)


@click.group()
def dead() -> None:
    """See and bring back what was refused (wrong for good) or quarantined (given up after its attempts)."""


def _filters(command: Any) -> Any:
    for option in (
        click.option("--stage", type=click.Choice(PIPELINE.names), help="Only of this stage."),
        click.option("--class", "error_class", type=click.Choice(sorted(CLASSES)), metavar="CLASS", help="Only of this error class."),
        click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what fell out on this day (UTC) or later."),
    ):
        command = option(command)
    return command


def _find(
    session: Session, stage: str | None, error_class: str | None, since: datetime | None, ids: tuple[int, ...] = (), most: int | None = None
) -> list[Work]:
    wanted = select(Work).where(Work.state == State.DEAD)
    if stage:
        wanted = wanted.where(Work.stage == stage)
    if error_class:
        wanted = wanted.where(Work.error_class == error_class)
    if since:
        wanted = wanted.where(col(Work.done_at) >= datetime.combine(date(since.year, since.month, since.day), time(), UTC))
    if ids:
        wanted = wanted.where(col(Work.id).in_(ids))
    return list(session.exec(wanted.order_by(col(Work.id)).limit(most)).all())


def _row(session: Session, work: Work) -> dict[str, Any]:
    last = (work.error or "").strip().splitlines()
    return {
        **work.model_dump(include={"id", "stage", "error_class", "attempt", "kills", "created_at", "done_at", "trace_id"}),
        "subject": subject(session, work),
        "error": last[-1] if last else None,
    }


@dead.command("list")
@_filters
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(place: Place, stage: str | None, error_class: str | None, since: datetime | None, json_: bool) -> None:
    """List what fell out."""
    place.configure_logs(quiet=True)
    with reading(place.engine) as session:
        rows = [_row(session, work) for work in _find(session, stage, error_class, since, most=MOST + 1)]
    if len(rows) > MOST:
        rows.pop()
        click.echo(f"only the first {MOST} are listed; --stage, --class and --since narrow it down", err=True)
    if json_:
        show.as_json(rows)
    elif rows:
        show.table(rows, COLUMNS)
        click.echo("\ndateline dead show ID tells more, dateline explain CLASS what a class means, dateline dead replay brings work back.")
    else:
        click.echo("nothing fell out")


@dead.command("show")
@click.argument("work_id", type=ROW_ID, metavar="ID")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@click.pass_obj
def show_(place: Place, work_id: int, json_: bool) -> None:
    """Show one piece of work: its body, its error, its attempts."""
    place.configure_logs(quiet=True)
    with reading(place.engine) as session:
        work = session.get(Work, work_id)
        if work is None:
            raise click.ClickException(f"no work {work_id}; `dateline dead list` shows what fell out")
        attempts = session.exec(select(Attempt).where(Attempt.work_id == work_id).order_by(col(Attempt.id))).all()
        found = {**_row(session, work), "body": work.body, "error": work.error, "attempts": [one.model_dump() for one in attempts]}
    if json_:
        show.as_json(found)
        return
    for name in ("id", "stage", "subject", "error_class", "attempt", "kills", "created_at", "done_at", "trace_id", "body"):
        click.echo(f"{name:12} {show.cell(found[name], most=300)}")
    click.echo(f"\n{found['error'] or 'no error text'}\n")
    show.table(found["attempts"], ATTEMPT_COLUMNS)
    if work.error_class in CLASSES:
        click.echo(f"\n{explanation(work.error_class or '')}")


@dead.command()
@click.argument("ids", nargs=-1, type=ROW_ID, metavar="[ID…]")
@_filters
@click.option("--all", "all_", is_flag=True, help="Everything that fell out.")
@click.option("--dry-run", is_flag=True, help="Only say what would come back.")
@click.option("--no-wait", is_flag=True, help="Do not wait until it is done.")
@click.pass_obj
def replay(
    place: Place,
    ids: tuple[int, ...],
    stage: str | None,
    error_class: str | None,
    since: datetime | None,
    all_: bool,
    dry_run: bool,
    no_wait: bool,
) -> None:
    """Bring work back as if it had never been tried: by ID, or by stage, class or day."""
    place.configure_logs(quiet=True)
    if not (ids or stage or error_class or since or all_):
        raise click.UsageError("name work by ID, --stage, --class or --since, or give --all")
    with reading(place.engine) as session:
        found = _find(session, stage, error_class, since, ids)
    missing = sorted(set(ids) - {work.id for work in found})
    if missing:
        raise click.ClickException(f"not dead: work {', '.join(map(str, missing))}; `dateline dead list` shows what fell out")
    if dry_run:
        click.echo(f"{len(found)} would come back")
        return
    with writing(place.engine) as session:
        back = ledger.replay(session.connection(), [work.id for work in found if work.id is not None], now())
        own = _own(found)
        known = fallen(session, own)
    click.echo(f"{len(back)} came back")
    if not see_through(place, own, wait=not no_wait, known=known):
        sys.exit(1)


def _own(found: list[Work]) -> Own:
    """What these pieces of work are about."""
    def subjects(stages: tuple[str, ...]) -> list[int]:
        return sorted({one.subject_id for one in found if one.stage in stages})

    return Own(articles=subjects(ARTICLE_STAGES), sources=subjects(SOURCE_STAGES), pages=subjects(PAGE_STAGES))


def explanation(name: str) -> str:
    """What an error class means and what to do."""
    found = CLASSES[name]
    return f"{name}\n  {found.meaning}\n  What to do: {found.remedy}"


@click.command()
@click.argument("name", required=False, metavar="[CLASS]")
def explain(name: str | None) -> None:
    """Say what an error class means and what to do; without a CLASS, list them all."""
    if name is None:
        for one in CLASSES:
            click.echo(explanation(one))
        return
    if name not in CLASSES:
        raise click.UsageError(f"no error class {name!r}; there are {', '.join(CLASSES)}")
    click.echo(explanation(name))
