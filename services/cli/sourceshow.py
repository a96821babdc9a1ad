"""`dateline sources show`: one source whole, with its rhythm, its last polls and what was dropped."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import click
from sqlalchemy import func
from sqlmodel import Session, col, select

from services.cli import show
from services.cli.intake import identity
from services.cli.place import LARGEST_ID, Place
from services.web.core.rhythm import DAYS, cells
from shared.db import reading
from shared.models import Article, Dropped, Poll, SitemapFile, Source, SourceDay

LAST = 10
_SHADES = " ·░▒▓█"
POLL_COLUMNS = {
    "polled_at": "polled",
    "mode": "mode",
    "status": "status",
    "announced": "announced",
    "new": "new",
    "refused": "refused",
    "gap": "gap",
    "error_class": "error",
}
DAY_COLUMNS = {
    "day": "day",
    "polls": "polls",
    "unchanged": "unchanged",
    "failures": "failures",
    "gaps": "gaps",
    "announced": "announced",
    "seen": "seen",
    "new": "new",
    "why": "dropped",
}
DROP_COLUMNS = {"last_at": "last", "reason": "reason", "title": "title", "detail": "detail", "url": "address"}


@click.command("show")
@click.argument("which", metavar="ID|URL")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@click.pass_obj
def show_source(place: Place, which: str, json_: bool) -> None:
    """Show one source whole: its rhythm by hour of the week, its last polls and days, and what was dropped and why."""
    place.configure_logs(quiet=True)
    with reading(place.engine) as session:
        source = find_source(session, which)
        number = source.id or 0
        articles = session.exec(select(func.count()).select_from(Article).where(Article.source_id == number)).one()
        sitemaps = session.exec(select(func.count()).select_from(SitemapFile).where(SitemapFile.source_id == number)).one()
        polls = last_polls(session, number)
        days = _newest(session, SourceDay, number, col(SourceDay.day))
        drops = _newest(session, Dropped, number, col(Dropped.last_at))
    told = source.model_dump() | {"articles": articles, "sitemaps": sitemaps, "polls": polls, "days": days, "dropped": drops}
    if json_:
        show.as_json(told)
        return
    for name, value in source.model_dump(exclude={"rhythm", "seen", "state"}).items():
        if value is not None:
            click.echo(f"{name.replace('_', ' '):18} {show.cell(value, 300)}")
    click.echo(f"{'articles':18} {articles}")
    if sitemaps:
        click.echo(f"{'sitemaps':18} {sitemaps} looked at")
    for line in heat_map(source.rhythm):
        click.echo(line)
    print_polls(source, polls)
    if days:
        click.echo()
        show.table([one | {"why": _reasons(one["dropped"])} for one in days], DAY_COLUMNS)
    if drops:
        click.echo()
        show.table(drops, DROP_COLUMNS)


def find_source(session: Session, name: str) -> Source:
    """The source of an id or an address, however it is written. Raises click.ClickException."""
    number = int(name) if name.isdecimal() else None
    if number is not None:
        found = session.get(Source, number) if number <= LARGEST_ID else None
    else:
        found = session.exec(select(Source).where(Source.url == name)).first()
        if found is None:
            wanted = identity(name)
            urls = session.exec(select(Source.id, Source.url)).all()
            known = next((id for id, url in urls if identity(url) == wanted), None)
            found = session.get(Source, known) if known is not None else None
    if found is None:
        raise click.ClickException(f"no source {name}; `dateline sources list` shows them")
    return found


def last_polls(session: Session, source_id: int) -> list[dict[str, Any]]:
    """The last polls of a source, newest first."""
    return _newest(session, Poll, source_id, col(Poll.polled_at))


def print_polls(source: Source, polls: Sequence[dict[str, Any]]) -> None:
    """How the last polls of a source went."""
    click.echo()
    if not polls:
        click.echo("not polled yet")
        return
    show.table(polls, POLL_COLUMNS)
    if source.error_class:
        click.echo(f"\n{show.why(source.error_class, source.error)} (dateline explain {source.error_class})")
    if any(one["gap"] for one in polls):
        click.echo("\ngap: nothing of the poll before was in that one; entries may have come and gone between them")


def heat_map(rhythm: dict[str, Any] | None) -> list[str]:
    """When something new comes, as seven lines of 24 shades, in UTC: the darker, the more. Empty where nothing is known."""
    found = cells(rhythm)
    if not found:
        return []
    lines = ["", "new articles by hour of the week (UTC)", "     " + "".join(f"{hour:<6}" for hour in range(0, 24, 6)).rstrip()]
    for day, name in enumerate(DAYS):
        shades = (_SHADES[ceil(cell.share * (len(_SHADES) - 1))] for cell in found if cell.day == day)
        lines.append(f"{name}  {''.join(shades)}")
    return lines


def _newest(session: Session, table: Any, source_id: int, time: Any) -> list[dict[str, Any]]:
    rows = session.exec(select(table).where(table.source_id == source_id).order_by(time.desc()).limit(LAST)).all()
    return [one.model_dump() for one in rows]


def _reasons(dropped: dict[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in sorted(dropped.items())) or "–"
