"""`dateline sources import` and `export`: lists of sources, in and out."""

import sys
from pathlib import Path

import click
from sqlmodel import col, select

from services.cli.place import Place
from services.cli.sourceadd import start
from services.cli.sourcefiles import FILE_KINDS, MAX_BYTES, as_json, as_opml, as_toml, read_any, read_file
from shared.clock import now
from shared.db import reading
from shared.models import Source

TOLD = 20  # entries of no use that are told one by one


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--no-wait", is_flag=True, help="Do not wait until the new sources' articles are read.")
@click.pass_obj
def import_(place: Place, files: tuple[str, ...], no_wait: bool) -> None:
    """Add the sources of a list, as another reader exports it: OPML, or TOML as deploy/sources.toml, or JSON; - for standard input.

    Read again, a list adds nothing that is there, and changes what it names otherwise.
    """
    place.configure_logs(quiet=True)
    wanted, refused = [], []
    for name in files:
        body = sys.stdin.buffer.read(MAX_BYTES) if name == "-" else read_file(Path(name))
        found, unread = read_any("standard input" if name == "-" else name, body)
        wanted += found
        refused += unread
    for line in refused[:TOLD]:
        click.echo(f"refused  {line}", err=True)
    if refused:
        click.echo(f"of no use: {len(refused)}; read: {len(wanted)}", err=True)
    if not start(place, wanted, wait=not no_wait, again=False) or refused:
        sys.exit(1)


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--opml", "form", flag_value="opml", help="OPML 2.0, for any reader.  [the default, or by the file's name]")
@click.option("--toml", "form", flag_value="toml", help="TOML, as deploy/sources.toml.")
@click.option("--json", "form", flag_value="json", help="JSON.")
@click.pass_obj
def export(place: Place, file: Path | None, form: str | None) -> None:
    """Write the list of sources into a file, or to standard output. The sample and folders of this machine are left out."""
    place.configure_logs(quiet=True)
    with reading(place.engine) as session:
        chosen = select(Source).where(col(Source.sample).is_(False), col(Source.kind).in_(FILE_KINDS)).order_by(col(Source.id))
        rows = session.exec(chosen).all()
    form = form or (file.suffix.lower().lstrip(".") if file is not None else "opml")
    if form == "toml":
        body = as_toml(rows).encode()
    elif form == "json":
        body = as_json(rows).encode()
    else:
        body = as_opml(rows, now())
    if file is None:
        sys.stdout.buffer.write(body)
        return
    file.write_bytes(body)
    click.echo(f"{len(rows)} sources in {file}", err=True)
