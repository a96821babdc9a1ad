"""`dateline sources check`: what an address is worth as a source, which sources its site has, how a source of ours fares."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import click

from services.cli import show
from services.cli.intake import Wanted, identity
from services.cli.looking import as_of, look_around, span
from services.cli.place import Place
from services.cli.sourceadd import PORTAL, known_sources, outlet_of, start
from services.cli.sourcefiles import unusable
from services.cli.sourceshow import find_source, last_polls, print_polls
from services.fetch.core.assess import Finding
from shared.clock import now
from shared.db import reading
from shared.models import Source

COLUMNS = {
    "mark": "",
    "kind": "kind",
    "entries": "entries",
    "newest": "newest",
    "every": "one every",
    "language": "language",
    "texts": "texts",
    "hub": "hub",
    "title": "title",
    "url": "address",
}
_LOCAL = ("folder", "portal")


@click.command()
@click.argument("what", metavar="URL|ID")
@click.option("--add", "add_", is_flag=True, help="Add what is recommended, and read it at once.")
@click.option("--no-wait", is_flag=True, help="With --add: do not wait until the articles are read.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@click.pass_obj
def check(place: Place, what: str, add_: bool, no_wait: bool, json_: bool) -> None:
    """Look at an address: what it is, what is wrong with it and what to do.

    Of a web page, the feeds and sitemaps of its site are looked for (its links, robots.txt, the usual places), and those that bring
    something of their own are recommended. Of a source by its id, its last polls are told too.
    """
    place.configure_logs(quiet=True)
    source = _source(place, what)
    url = source.url if source is not None else what
    if source is None and (problem := unusable(url)) is not None:
        raise click.UsageError(problem)
    found = [] if source is not None and source.kind in _LOCAL else look_around(place, lambda looker: looker.site(url))
    with reading(place.engine) as session:
        standing = {name: one.id for name, one in known_sources(session).items()}
        polls = last_polls(session, source.id or 0) if source is not None else []
    found = [_known(one, standing) for one in found]
    if json_:
        known = source.model_dump() if source is not None else None
        show.as_json({"source": known, "polls": polls, "found": [one.as_json() for one in found]})
    else:
        _print(found, now())
        if source is not None:
            print_polls(source, polls)
    recommended = [one for one in found if one.recommended]
    if add_ and recommended and not start(place, [_wanted(one) for one in recommended], wait=not no_wait):
        sys.exit(1)
    usable = source is not None and source.error_class is None if not found else any(_is_usable(one) for one in found)
    if not usable:
        sys.exit(1)


def _source(place: Place, what: str) -> Source | None:
    """The source of an id, or of an address that is one already."""
    with reading(place.engine) as session:
        if what.isdecimal():
            return find_source(session, what)
        return known_sources(session).get(identity(what))


def _known(one: Finding, standing: dict[str, int | None]) -> Finding:
    """The same with the id of the source that it is already."""
    number = next((standing[name] for url in (one.url, one.ends_at) if url and (name := identity(url)) in standing), None)
    return replace(one, known=number, recommended=one.recommended and number is None)


def _is_usable(one: Finding) -> bool:
    return one.recommended or (one.known is not None and one.kind is not None) or one.kind in ("feed", "sitemap", "list", "portal")


def _wanted(one: Finding) -> Wanted:
    if one.kind == "portal":
        return Wanted(kind="portal", url=one.url, outlet=PORTAL.outlet, language=PORTAL.language)
    language = (one.language or "").partition("-")[0] or None
    return Wanted(kind=one.kind or "feed", url=one.ends_at or one.url, outlet=outlet_of(one), language=language)


def _print(found: Sequence[Finding], moment: datetime) -> None:
    """The table, then what is wrong with each in words."""
    if not found:
        return
    show.table([_row(one, moment) for one in found], COLUMNS)
    for one in found:
        if one.conditional:
            click.echo(f"\n{one.url}\n  answers 304 where nothing changed" + (f"; keeps for {span(one.ttl)}" if one.ttl else ""))
        elif one.problems or one.ttl:
            click.echo(f"\n{one.url}" + (f"\n  keeps for {span(one.ttl)}" if one.ttl else ""))
        for problem in one.problems:
            detail = f" ({' '.join(problem.detail.split())[:200]})" if problem.detail else ""
            remedy = problem.remedy.rstrip(".")
            click.echo(f"  {problem.name}: {problem.meaning.rstrip('.')}{detail}. {remedy[:1].upper()}{remedy[1:]}.")
    recommended = [one for one in found if one.recommended]
    click.echo()
    for one in recommended:
        click.echo(f"recommended  {one.ends_at or one.url}  ({one.kind}, {outlet_of(one)})")
    if not recommended:
        click.echo("nothing new to recommend" if any(one.known for one in found) else "nothing to recommend")


def _row(one: Finding, moment: datetime) -> dict[str, object]:
    mark = "+" if one.recommended else str(one.known) if one.known is not None else ""
    kind = f"{one.kind} ({one.form})" if one.form and one.form != one.kind else one.kind or "unreadable"
    return {
        "mark": mark,
        "kind": f"news {kind}" if one.news and one.form == "index" else kind,
        "entries": f"{one.entries} in {one.sitemaps} sitemaps" if one.sitemaps else one.entries if one.kind else None,
        "newest": as_of(one.newest, moment),
        "every": span(one.every),
        "language": one.language,
        "texts": one.texts,
        "hub": one.hub is not None if one.kind == "feed" else None,
        "title": one.title,
        "url": one.url,
    }
