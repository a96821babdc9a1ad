"""`dateline add`: articles by hand, by URL or as files."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from services.cli.filing import file_all
from services.cli.oneshot import see_through
from services.cli.own import Own, fallen
from services.cli.place import Place
from services.fetch.core.bytestream import Readable
from services.fetch.core.entries import MAX_ENTRIES, Listing
from services.fetch.core.filelines import address
from services.fetch.core.files import read_file, type_of
from services.fetch.core.given import Given, Item, LeftOut, ReadListing, Refused
from shared.clock import now
from shared.db import writing
from shared.raw import RawStore
from shared.sandbox import Sandbox

# Documents that are read, kept and filed at a time: an archive may hold more than memory does.
PORTION = 500
PORTION_BYTES = 50_000_000
PARSE_LIMIT = timedelta(seconds=20)
# Bytes of files below which no progress is shown.
QUICK = 5_000_000
STDIN = "standard input"


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="URL|FILE…")
@click.option("--outlet", help="Who published it.  [the address's host, or the file's name]")
@click.option("--no-wait", is_flag=True, help="Do not wait until it is filed.")
@click.pass_obj
def add(place: Place, what: tuple[str, ...], outlet: str | None, no_wait: bool) -> None:
    """Add articles by hand: addresses, files, folders of files, or - for standard input.

    \b
    Files may be:
      text, Markdown, HTML, PDF       one article each
      event pages of the Context      text or Markdown, as that site wrote them
      JSON lines                      url, and html, text or body_b64, as `stage clean` takes them
      feeds, news sitemaps            RSS, Atom, JSON Feed: the pages that they name are fetched
      lists of addresses              one a line; lines that begin with # are comments
      WARC                            archives of any size, Common Crawl's CC-NEWS and our own exports
    and any of these packed with gzip (.gz).

    A document without an address is known by its content's hash: added twice, it is there once. Of an archive only what is newer than
    what is kept changes anything, so a file whose import was broken off can be added again.
    """
    place.configure_logs(quiet=True)
    raw = RawStore(place.settings.raw_folder)
    told = _Told(outlet)
    known: set[int] = set()
    with Sandbox() as sandbox, _progress(what) as seen:
        reader = Reader(most=place.settings.fetch_max_bytes, read_listing=_listing_reader(sandbox), seen=seen)
        for portion in portions(reader.read_all(what)):
            given = told.sort(portion)
            for one in given:
                if one.body is not None:
                    raw.put(one.body)  # on disk before the row that names it
            with writing(place.engine) as session:
                found, new = file_all(session, given, now())
                known |= fallen(session, Own(articles=list(found))).keys()
            told.labels |= found
            told.started += new
    told.sum_up()
    good = see_through(place, Own(articles=list(told.labels), labels=told.labels), wait=not no_wait, known=known)
    if told.refused or not good:
        sys.exit(1)


class _Told:
    """What came of it so far."""

    def __init__(self, outlet: str | None) -> None:
        self.outlet = outlet
        self.labels: dict[int, str] = {}
        self.started = 0
        self.refused = 0
        self.left: dict[str, Counter[str]] = {}

    def sort(self, portion: Iterable[Item]) -> list[Given]:
        """The articles of a portion; says what is refused, notes what is left out."""
        given = []
        for one in portion:
            if isinstance(one, Given):
                given.append(replace(one, outlet=self.outlet) if self.outlet else one)
            elif isinstance(one, LeftOut):
                self.left.setdefault(one.label, Counter()).update(one.reasons)
            else:
                self.refused += 1
                click.echo(f"refused  {one}", err=True)
        return given

    def sum_up(self) -> None:
        """Say how much there was."""
        for label, reasons in self.left.items():
            click.echo(f"left out {LeftOut(label=label, reasons=reasons)}", err=True)
        click.echo(f"{len(self.labels)} articles, {self.started} of them with something new")


def portions(given: Iterable[Item]) -> Iterator[list[Item]]:
    """The same in portions that fit into memory and into one transaction."""
    some: list[Item] = []
    size = 0
    for one in given:
        some.append(one)
        size += len(one.body or b"") if isinstance(one, Given) else 0
        if len(some) >= PORTION or size >= PORTION_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads what arguments name. No document may have more than `most` bytes; `seen` is told of each piece that was read, in bytes."""

    most: int
    read_listing: ReadListing
    seen: Callable[[int], None] = lambda _size: None

    def read_all(self, what: Iterable[str]) -> Iterator[Item]:
        """Everything that the arguments name, and a refusal for each thing that is of no use."""
        for name in what:
            if name == "-":
                yield from self._document(STDIN, sys.stdin.buffer, name="")
            elif name.lower().startswith(("http://", "https://")):
                yield address(name, name)
            else:
                yield from self._path(name, Path(name))

    def _path(self, name: str, path: Path) -> Iterator[Item]:
        if path.is_dir():
            for inside in files_in(path):
                yield from self._file(inside)
        elif not path.exists():
            yield Refused(label=name, error_class="file_unreadable", detail="no such file, and no http(s) address")
        else:
            yield from self._file(path)

    def _file(self, path: Path) -> Iterator[Item]:
        try:
            with path.open("rb") as file:
                yield from self._document(str(path), file, name=path.name if path.is_file() else "")
        except OSError as error:
            yield Refused(label=str(path), error_class="file_unreadable", detail=error.strerror or str(error))

    def _document(self, label: str, file: Readable, *, name: str) -> Iterator[Item]:
        yield from read_file(label, _Counted(file, self.seen), self.read_listing, most=self.most, name=name)


def files_in(folder: Path) -> list[Path]:
    """The files of a folder and of those in it whose names say that they can be read, in order; hidden ones are none."""
    found = (path for path in folder.rglob("*") if type_of(path.name) and path.is_file())
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


class _Counted:
    """A file of which somebody wants to know how much was read."""

    def __init__(self, file: Readable, seen: Callable[[int], None]) -> None:
        self._file = file
        self._seen = seen

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        self._seen(len(piece))
        return piece


def _listing_reader(sandbox: Sandbox) -> ReadListing:
    """Reads feeds and sitemaps in the sandbox."""

    def read(body: bytes) -> Listing:
        function = "services.fetch.core.source:read_source_json"
        facts: dict[str, Any] = {"kind": "feed", "content_type": None, "url": "", "limit": MAX_ENTRIES}
        found: Listing = sandbox.call(function, body, timeout=PARSE_LIMIT, **facts)
        return found

    return read


@contextmanager
def _progress(what: Iterable[str]) -> Iterator[Callable[[int], None]]:
    """Shows how much of the files has been read, where somebody looks and it takes a while."""
    paths = [Path(name) for name in what if name != "-" and not name.lower().startswith(("http://", "https://"))]
    files = [file for path in paths for file in (files_in(path) if path.is_dir() else [path])]
    size = sum(file.stat().st_size for file in files if file.is_file())
    hidden = size < QUICK or not sys.stderr.isatty()
    with click.progressbar(length=size, label="reading", file=sys.stderr, hidden=hidden) as bar:
        yield bar.update
