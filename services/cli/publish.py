"""`dateline publish`: the chronicle as static files."""

import time
from datetime import datetime
from pathlib import Path

import click

from services.cli.oneshot import LOOK_S
from services.cli.place import Place
from services.web.core.site import Site
from services.web.saved import save_pages
from services.web.store import DatabaseStore
from shared.clock import now
from shared.db import reading
from shared.ledger import ready
from shared.pipeline import PIPELINE
from shared.runner import work_off

FOLLOW_S = 2.0


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--follow", is_flag=True, help="Go on and write pages as they are issued.")
@click.pass_obj
def publish(place: Place, folder: Path, follow: bool) -> None:
    """Write the chronicle to DIR as static files: news/YYYY/MM/DD/slug-ID.{html,md,json} and indexes, for any web server.

    Where no stack runs, what waits is worked off first.
    """
    place.configure_logs(quiet=True)
    s = place.settings
    site = Site(name=s.site_name, base_url=s.base_url, contact=s.contact, ending=".html")
    store = DatabaseStore(place.engine)
    if not place.is_worked_on():
        _work_off(place)
    since: datetime | None = None
    while True:
        at = now()
        issued = [stored.record for stored in store.issued(since)]
        with click.progressbar(issued, label="writing pages", show_pos=True) as pages:
            written = save_pages(pages, folder, site)
        if written or not follow:
            click.echo(f"{written} files written to {folder}")
        if not follow:
            return
        since = at
        time.sleep(FOLLOW_S)


def _work_off(place: Place) -> None:
    with reading(place.engine) as session:
        waiting = any(ready(session.connection(), name, 1, now()) for name in PIPELINE.names)
    if waiting:
        runner = place.runner()
        work_off(runner)
        time.sleep(LOOK_S)
        runner.close()
