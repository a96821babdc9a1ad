"""`dateline sources`: what is polled."""

import click
from sqlmodel import col, select

from services.cli import show
from services.cli.intake import remove_sample
from services.cli.oneshot import see_through
from services.cli.own import Own
from services.cli.place import Place
from services.cli.sourceadd import add
from services.cli.sourcecheck import check
from services.cli.sourcelists import export, import_
from services.cli.sourceshow import find_source, show_source
from shared import ledger
from shared.clock import now
from shared.db import reading, writing
from shared.messages import PageOutdated
from shared.models import Source
from shared.pipeline import PIPELINE

COLUMNS = {
    "id": "id",
    "kind": "kind",
    "outlet": "outlet",
    "sample": "sample",
    "paused": "paused",
    "last_ok_at": "last read",
    "next_poll_at": "next poll",
    "failures": "failures",
    "error_class": "error",
    "url": "address",
}


@click.group()
def sources() -> None:
    """See, find, add and remove what is polled: feeds, sitemaps, lists of addresses, folders, Wikipedia's Current Events portal."""


sources.add_command(add)
sources.add_command(check)
sources.add_command(show_source)
sources.add_command(import_)
sources.add_command(export)


@sources.command("list")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(place: Place, json_: bool) -> None:
    """List the sources, how their last polls went, and when the next comes."""
    place.configure_logs(quiet=True)
    with reading(place.engine) as session:
        rows = [one.model_dump() for one in session.exec(select(Source).order_by(col(Source.id))).all()]
    if json_:
        show.as_json(rows)
    else:
        show.table(rows, COLUMNS)


@sources.command()
@click.argument("which", nargs=-1, metavar="ID|URL…")
@click.option("--sample", is_flag=True, help="The sample: its sources, articles, events and pages.")
@click.pass_obj
def remove(place: Place, which: tuple[str, ...], sample: bool) -> None:
    """Stop reading sources; their articles stay. With --sample, take the whole sample out."""
    place.configure_logs(quiet=True)
    if not which and not sample:
        raise click.UsageError("name the sources by id or URL, or give --sample")
    outdated: list[PageOutdated] = []
    with writing(place.engine) as session:
        for name in which:
            found = find_source(session, name)
            session.delete(found)
            click.echo(f"removed  {found.url}")
        if sample:
            at = now()
            articles, outdated = remove_sample(session, at)
            ledger.emit(session.connection(), PIPELINE, [(fact, None, 0) for fact in outdated], at)
            click.echo(f"the sample is out: {articles} articles. Set DATELINE_SAMPLE=false so that it does not come back.")
    see_through(place, Own(pages=[fact.page_id for fact in outdated]), wait=bool(outdated))


@sources.command()
@click.argument("which", nargs=-1, required=True, metavar="ID|URL…")
@click.option("--resume", "resumed", is_flag=True, help="Poll them again.")
@click.pass_obj
def pause(place: Place, which: tuple[str, ...], resumed: bool) -> None:
    """Stop polling sources for a while."""
    _set_paused(place, which, not resumed)


@sources.command()
@click.argument("which", nargs=-1, required=True, metavar="ID|URL…")
@click.pass_obj
def resume(place: Place, which: tuple[str, ...]) -> None:
    """Poll paused sources again."""
    _set_paused(place, which, False)


def _set_paused(place: Place, which: tuple[str, ...], paused: bool) -> None:
    place.configure_logs(quiet=True)
    with writing(place.engine) as session:
        for name in which:
            found = find_source(session, name)
            found.paused = paused
            session.add(found)
            click.echo(f"{'paused' if paused else 'resumed'}  {found.url}")
