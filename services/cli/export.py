"""`dateline export`: what is kept, in forms that other tools read."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy import ColumnElement, func
from sqlalchemy import select as select_columns
from sqlmodel import col
from warcio.warcwriter import WARCWriter

from services.cli.place import Place
from services.fetch.core.warcout import VERSION, Kept, write_document, write_info
from shared.clock import now
from shared.db import reading
from shared.intake import FILE_OUTLET
from shared.models import Article, Document, Source
from shared.raw import RawMissing, RawStore
from shared.replacing import replaced

STDOUT = "-"
RESERVED = "noarchive"
# Rows that are read at a time: no transaction is open while files are written.
PORTION = 200
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def export() -> None:
    """Write what is kept, in forms that other tools read."""


@export.command()
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--since", type=DAY, metavar="DATE", help="Only what was fetched on this day (UTC) or later.")
@click.option("--until", type=DAY, metavar="DATE", help="Only what was fetched on this day (UTC) or before.")
@click.option("--outlet", help="Only the articles of this outlet.")
@click.pass_obj
def warc(place: Place, file: str, since: datetime | None, until: datetime | None, outlet: str | None) -> None:
    """Write the raw documents as a WARC 1.1 archive; packed where FILE ends in .gz. FILE - is standard output.

    Every revision of every article is one record: a response with its headers where the document was fetched, a resource where it came as
    a file. Documents whose publisher asks for noarchive are left out, unless their source was added with `--rights ignore`. `dateline add
    FILE` takes the archive in again.

    FILE is complete or as it was: nothing is seen of it before it is done.
    """
    place.configure_logs(quiet=True)
    chosen = _chosen(since, until, outlet)
    raw = RawStore(place.settings.raw_folder)
    counts: Counter[str] = Counter()
    with _written(file) as out:
        writer = WARCWriter(out, gzip=file.endswith(".gz"), warc_version=VERSION)
        write_info(writer, "" if file == STDOUT else Path(file).name, f"Dateline {version('dateline')}", now())
        for kept, directives in _shown(_documents(place, chosen), _count(place, chosen), file):
            if RESERVED in directives:
                counts["whose publishers ask for noarchive"] += 1
                continue
            try:
                write_document(writer, kept, raw.get(kept.sha256))
                counts[""] += 1
            except RawMissing:
                counts["whose bytes are not kept any more"] += 1
    written = counts.pop("", 0)
    click.echo(f"{written} documents written", err=True)
    for why, count in counts.items():
        click.echo(f"left out {count} {why}", err=True)


def _chosen(since: datetime | None, until: datetime | None, outlet: str | None) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if since is not None:
        chosen.append(col(Document.fetched_at) >= since.replace(tzinfo=UTC))
    if until is not None:
        chosen.append(col(Document.fetched_at) < until.replace(tzinfo=UTC) + timedelta(days=1))
    if outlet is not None:
        chosen.append(col(Article.outlet) == outlet)
    return chosen


def _count(place: Place, chosen: list[ColumnElement[bool]]) -> int:
    with reading(place.engine) as session:
        joined = select_columns(func.count()).select_from(Document).join(Article, col(Article.id) == col(Document.article_id))
        return int(session.execute(joined.where(*chosen)).scalar_one())


def _documents(place: Place, chosen: list[ColumnElement[bool]]) -> Iterator[tuple[Kept, list[str]]]:
    """The documents in the order in which they came, and what their publishers reserve."""
    columns: list[Any] = [
        *(col(Document.id), col(Document.directives), col(Document.article_id), col(Document.revision), col(Document.sha256)),
        *(col(Document.fetched_at), col(Document.url), col(Document.content_type), col(Document.status), col(Document.headers)),
        *(col(Article.outlet), col(Article.url).label("announced"), col(Article.feed_title), col(Article.feed_published_at)),
        col(Source.rights),
    ]
    found = select_columns(*columns).join(Article, col(Article.id) == col(Document.article_id))
    found = found.outerjoin(Source, col(Source.id) == col(Article.source_id)).where(*chosen)
    last = 0
    while True:
        with reading(place.engine) as session:
            rows = session.execute(found.where(col(Document.id) > last).order_by(col(Document.id)).limit(PORTION)).mappings().all()
        if not rows:
            return
        for row in rows:
            facts = dict(row)
            last, directives, rights = facts.pop("id"), facts.pop("directives"), facts.pop("rights")
            facts["outlet"] = facts["outlet"].removeprefix(FILE_OUTLET)
            yield Kept(**facts), [] if rights == "ignore" else directives or []


@contextmanager
def _written(file: str) -> Iterator[IO[bytes]]:
    """Somewhere to write: standard output, or a file that takes its place when all went well."""
    if file == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with replaced(Path(file)) as out:
        yield out


def _shown(documents: Iterator[tuple[Kept, list[str]]], count: int, file: str) -> Iterator[tuple[Kept, list[str]]]:
    """The documents one by one, with a progress bar where somebody looks."""
    with click.progressbar(documents, length=count, label="writing", file=sys.stderr, hidden=not sys.stderr.isatty()) as shown:
        yield from shown
