"""`dateline status`: what flows, waits and fell out."""

import sys
import time
from collections.abc import Sequence
from datetime import timedelta

import click

from services.cli import show
from services.cli.hosts import spared_hosts
from services.cli.place import Place
from shared.clock import now
from shared.completeness import Fallen, fallen_lately
from shared.db import reading
from shared.figures import Overview
from shared.overview import overview

STAGE_COLUMNS = {
    "stage": "stage",
    "ready": "ready",
    "leased": "in work",
    "waiting_later": "later",
    "dead": "fell out",
    "done": "done",
    "oldest_ready_age_s": "oldest (s)",
}
SOURCE_COLUMNS = {
    "id": "id",
    "outlet": "outlet",
    "state": "state",
    "articles": "articles",
    "last_new_at": "last new",
    "last_polled_at": "last polled",
    "next_poll_at": "next poll",
    "error_class": "error",
    "url": "address",
}
MOST_SOURCES = 50  # in the table: those that are not well come first
_URGENCY = ("failing", "silent", "gap", "new", "well", "paused")
FALLEN_COLUMNS = {"outlet": "fell out of", "reason": "reason", "url": "address", "title": "title", "detail": "detail"}
MOST_FALLEN, LATELY = 20, timedelta(days=2)
WATCH_S = 2.0


@click.command()
@click.option("--watch", is_flag=True, help="Show it again every two seconds, until Ctrl-C.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(place: Place, watch: bool, json_: bool) -> None:
    """Show what flows, waits and fell out, by stage and by source."""
    place.configure_logs(quiet=True)
    try:
        while True:
            with reading(place.engine) as session:
                seen = overview(session, now(), totals=True)
                fallen = fallen_lately(session, seen.at - LATELY, MOST_FALLEN)
            if watch and sys.stdout.isatty():
                click.clear()
            if json_:
                show.as_json(seen.model_dump(mode="json") | {"fallen": [one.model_dump(mode="json") for one in fallen]})
            else:
                _print(seen, fallen, place)
            if not watch:
                return
            time.sleep(WATCH_S)
    except KeyboardInterrupt:
        click.echo()


def _print(seen: Overview, fallen: Sequence[Fallen], place: Place) -> None:
    stack = place.stack()
    running = f"running at {stack.get('site')}" if stack else ("running" if place.is_worked_on() else "no stack runs here")
    click.echo(f"{seen.articles} articles, {seen.events} events, {seen.copies} copies, {seen.pages} pages; {running}\n")
    show.table([one.model_dump() for one in seen.stages], STAGE_COLUMNS)
    for name, counts in (("refused", seen.refused), ("quarantined", seen.quarantined)):
        for error_class, number in sorted(counts.items()):
            click.echo(f"{name}: {number} {error_class}  (dateline dead list --class {error_class}; dateline explain {error_class})")
    for one in spared_hosts(place):
        until = one.resting_until or one.held_until
        why = "asked for patience" if one.state == "closed" else "failed again and again"
        click.echo(f"spared: {one.host} {why}; its work waits until {show.cell(until)}")
    if fallen:
        click.echo(f"\nwhat fell out in the last {LATELY.days} days, the newest {len(fallen)} first; `dateline explain REASON` tells more")
        show.table([one.model_dump() for one in fallen], FALLEN_COLUMNS, most=60)
    if seen.sources:
        click.echo()
        _print_sources(seen)


def _print_sources(seen: Overview) -> None:
    for one in seen.sources:
        if one.state == "silent":
            click.echo(f"silent: {one.outlet} (source {one.id}): nothing new since {show.cell(one.last_new_at)}, against its own rhythm")
        elif one.state == "gap":
            click.echo(f"gap: {one.outlet} (source {one.id}): entries may have been missed between two polls; its sitemap is asked")
    rows = sorted(seen.sources, key=lambda one: _URGENCY.index(one.state))
    show.table([one.model_dump() for one in rows[:MOST_SOURCES]], SOURCE_COLUMNS)
    if len(rows) > MOST_SOURCES:
        click.echo(f"and {len(rows) - MOST_SOURCES} more: `dateline sources list`")
