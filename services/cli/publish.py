"""`dateline publish`: the chronicle as static files."""

import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import click

from services.cli.oneshot import work_everything_off
from services.cli.place import Place
from services.web.core.site import Site
from services.web.saved import save_pages
from services.web.store import Away, DatabaseStore
from shared.clock import now

FOLLOW_S = 2.0


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--follow", is_flag=True, help="Go on and write pages as they are issued.")
@click.pass_obj
def publish(place: Place, folder: Path, follow: bool) -> None:
    """Write the chronicle to DIR as static files: news/YYYY/MM/DD/slug-ID.{html,md,json} and indexes, for any web server.

    Where no stack runs, what waits is worked off first. End --follow with Ctrl-C.
    """
    place.configure_logs(quiet=True)
    s = place.settings
    site = Site(name=s.site_name, base_url=s.base_url, contact=s.contact, ending=".html")
    store = DatabaseStore(place.engine)
    if not place.is_worked_on():
        work_everything_off(place)
    try:
        for written in _rounds(store, folder, site, place.settings.lease if follow else None):
            click.echo(f"{written} pages written to {folder}")
    except Away as error:
        raise click.ClickException(f"the database does not answer: {error}. Try again when it does.") from error
    except KeyboardInterrupt:
        click.echo()


def _rounds(store: DatabaseStore, folder: Path, site: Site, late: timedelta | None) -> Iterator[int]:
    """Write all pages, then, where `late` is given, what is issued afterwards; the numbers of pages written.

    A page bears the time at which it was made, and can be read only once that is committed, `late` afterwards at most. So each look goes
    back that far, and leaves out what it knows.
    """
    known: dict[str, str] = {}
    since: datetime | None = None
    while True:
        at = now()
        fresh = [stored for stored in store.issued(since) if known.get(stored.record.path) != stored.etag]
        known |= {stored.record.path: stored.etag for stored in fresh}
        if fresh or since is None:
            records, nobody_looks = [stored.record for stored in fresh], not sys.stdout.isatty()
            with click.progressbar(records, label="writing pages", show_pos=True, hidden=nobody_looks) as pages:
                yield save_pages(pages, folder, site)
        if late is None:
            return
        since = at - late
        time.sleep(FOLLOW_S)
