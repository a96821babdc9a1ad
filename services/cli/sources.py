"""`dateline sources`: what is polled."""

import sys

import click
from sqlmodel import Session, col, select

from services.cli import show
from services.cli.intake import KINDS, Wanted, put_sources, remove_sample
from services.cli.oneshot import see_through
from services.cli.own import Own, fallen
from services.cli.place import LARGEST_ID, Place
from shared import ledger
from shared.clock import now
from shared.db import reading, writing
from shared.messages import PageOutdated, SourceDue
from shared.models import Source
from shared.pipeline import PIPELINE
from shared.stage import Reject
from shared.urls import canonical

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
    """See, add and remove what is polled: feeds and news sitemaps."""


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
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@click.option("--outlet", help="Who publishes.  [the address's host]")
@click.option("--kind", type=click.Choice(KINDS), default="feed", show_default=True)
@click.option("--language", help="Language of its articles, such as en.")
@click.option("--no-wait", is_flag=True, help="Do not wait until its articles are read.")
@click.pass_obj
def add(place: Place, urls: tuple[str, ...], outlet: str | None, kind: str, language: str | None, no_wait: bool) -> None:
    """Add feeds or news sitemaps by their URL, and read them at once."""
    from urllib.parse import urlsplit

    place.configure_logs(quiet=True)
    for url in urls:
        try:
            canonical(url)
        except Reject as error:
            raise click.UsageError(f"{url!r} cannot be polled: {error.detail or error.error_class}") from error
    at = now()
    with writing(place.engine) as session:
        wanted = [Wanted(kind=kind, url=url, outlet=outlet or urlsplit(url).hostname or url, language=language) for url in urls]
        ids, new = put_sources(session, wanted, at)
        due = [(SourceDue(source_id=one, due_at=at), None, -1) for one in ids]
        ledger.emit(session.connection(), PIPELINE, due, at)
        own = Own(sources=ids)
        known = fallen(session, own)
    click.echo(f"{new} added, {len(ids) - new} known already; `dateline sources list` shows how they fare")
    if not see_through(place, own, wait=not no_wait, known=known):
        sys.exit(1)


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
            found = _find(session, name)
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
@click.option("--resume", is_flag=True, help="Poll them again.")
@click.pass_obj
def pause(place: Place, which: tuple[str, ...], resume: bool) -> None:
    """Stop polling sources for a while."""
    place.configure_logs(quiet=True)
    with writing(place.engine) as session:
        for name in which:
            found = _find(session, name)
            found.paused = not resume
            session.add(found)
            click.echo(f"{'resumed' if resume else 'paused'}  {found.url}")


def _find(session: Session, name: str) -> Source:
    number = int(name) if name.isdecimal() else None
    if number is None:
        found = session.exec(select(Source).where(Source.url == name)).first()
    else:
        found = session.get(Source, number) if number <= LARGEST_ID else None
    if found is None:
        raise click.ClickException(f"no source {name}; `dateline sources list` shows them")
    return found
