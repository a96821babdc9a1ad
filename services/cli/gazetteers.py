"""Writes sources of concepts and compiles the gazetteer, for the commands that bring some, and says what there is then."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from services.cli import show
from services.cli.place import Place
from services.tag.concepts import NAME, Folder, Row
from services.tag.core.compiled import Compiled, WrongFormat
from services.tag.core.compiling import TooMany, tables_digest
from services.tag.shelf import open_gazetteer

JSON = click.option("--json", "json_", is_flag=True, help="Print JSON.")


def source_name(name: str) -> str:
    """A name that a source may have. Raises click.UsageError."""
    if not NAME.fullmatch(name):
        raise click.UsageError(f"{name!r} is no name of a source: small letters, digits, - and _; say another with --name")
    return name


def take_in(folder: Folder, source: str, rows: Iterable[Row], *, json_: bool) -> None:
    """Write a source and compile; says what came of it."""
    counts = folder.write(source, rows)
    finish(folder, json_=json_, source=source, counts=counts)


def finish(folder: Folder, *, json_: bool, source: str | None = None, counts: Counter[str] | None = None) -> None:
    """Compile, with a bar where somebody looks, and say what there is now."""
    try:
        facts = folder.build(_watched(folder))
    except TooMany as error:
        raise click.ClickException(f"{error}. Remove a source, or take less of it; the gazetteer is as it was.") from error
    found = {name: facts[name] for name in ("digest", "concepts", "surfaces")} if facts else None
    counts = counts or Counter()
    added = {"source": source, "concepts": counts["concepts"], "surfaces": counts["surfaces"]}
    if json_:
        show.as_json({**(added if source else {}), "gazetteer": found})
        return
    if source:
        click.echo(f"{source}: {added['concepts']:,} concepts, {added['surfaces']:,} surfaces")
    if found:
        size = f"{found['concepts']:,} concepts, {found['surfaces']:,} surfaces"
        click.echo(f"gazetteer {found['digest']}: {size}; workers use it from now on")
    else:
        click.echo("no source is left: workers use the package's tables from now on")
    click.echo("what was tagged before takes it up with: dateline rebuild --stale (--dry-run says what would change)")


def renew(folder: Folder) -> bool:
    """Compile anew what an older Dateline compiled, with its tables or in its form; whether that was needed."""
    try:
        outdated = open_gazetteer(folder.gazetteer).facts["tables"] != tables_digest()
    except FileNotFoundError:
        return False
    except WrongFormat:
        outdated = True
    if outdated:
        folder.build()
    return outdated


def _watched(folder: Folder) -> Any:
    def watched(rows: Iterable[Row]) -> Iterator[Row]:
        count = sum(_count(folder.file(source)) for source in folder.sources())
        with click.progressbar(rows, length=count, label="compiling", file=sys.stderr, hidden=not sys.stderr.isatty()) as shown:
            yield from shown

    return watched


def _count(file: Path) -> int:
    with file.open("rb") as lines_:
        return sum(1 for _ in lines_)


def folder_of(place: Place) -> Folder:
    """The folder of concepts of this place."""
    place.configure_logs(quiet=True)
    return Folder(place.settings.concepts_folder)


def compiled_in(folder: Folder) -> Compiled | None:
    """The folder's gazetteer; None where there is none."""
    try:
        return open_gazetteer(folder.gazetteer)
    except FileNotFoundError:
        return None
    except WrongFormat as error:
        raise click.ClickException(f"{folder.gazetteer}: {error}. Make it anew: dateline concepts build") from error
