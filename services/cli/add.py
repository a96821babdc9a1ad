"""`dateline add`: articles by hand, by URL or as files."""

import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlmodel import Session, select

from services.cli.oneshot import see_through
from services.cli.own import Own, fallen
from services.cli.place import Place
from services.fetch.core.announce import announcement
from services.fetch.core.source import read_source
from shared import ledger, urls
from shared.clock import now
from shared.db import writing
from shared.intake import FILE_OUTLET, add_article, keep_document
from shared.messages import ArticleAnnounced, Message
from shared.models import Article
from shared.pipeline import PIPELINE
from shared.raw import RawStore
from shared.stage import Reject

TYPES = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
}
FEEDS = (".xml", ".rss", ".atom")
LINES = (".jsonl", ".ndjson")
# What people add by hand they want to see: it goes ahead of what the feeds bring.
PRIORITY = -1
# Documents that are read, kept and filed at a time: a folder may hold more than memory does.
PORTION = 500
PORTION_BYTES = 50_000_000


@dataclass(frozen=True, kw_only=True)
class Given:
    """One article as it was given: an address to fetch, or a document, or both."""

    label: str
    outlet: str
    url: str | None = None
    body: bytes | None = None
    content_type: str | None = None
    generation: str | None = None


class Unusable(Exception):
    """Something that was named cannot be added; the text says what and why."""


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="URL|FILE…")
@click.option("--outlet", help="Who published it.  [the address's host, or the file's name]")
@click.option("--no-wait", is_flag=True, help="Do not wait until it is filed.")
@click.pass_obj
def add(place: Place, what: tuple[str, ...], outlet: str | None, no_wait: bool) -> None:
    """Add articles by hand: addresses, files (text, Markdown, HTML, feeds, event pages of the Context, JSON lines as `stage clean` takes
    them), folders of such files, or - for standard input.

    A document without an address is known by its content's hash: added twice, it is there once.
    """
    place.configure_logs(quiet=True)
    raw = RawStore(place.settings.raw_folder)
    labels: dict[int, str] = {}
    known: set[int] = set()
    started = refused = 0
    for portion in portions(read_all(what, outlet, place.settings.fetch_max_bytes)):
        given = [one for one in portion if isinstance(one, Given)]
        for line in portion:
            if isinstance(line, str):
                refused += 1
                click.echo(f"refused  {line}", err=True)
        for one in given:
            if one.body is not None:
                raw.put(one.body)  # on disk before the row that names it
        with writing(place.engine) as session:
            found, new = file_all(session, given, now())
            known |= fallen(session, Own(articles=list(found))).keys()
        labels |= found
        started += new
    click.echo(f"{len(labels)} articles, {started} of them with something new")
    good = see_through(place, Own(articles=list(labels), labels=labels), wait=not no_wait, known=known)
    if refused or not good:
        sys.exit(1)


def portions(given: Iterable[Given | str]) -> Iterator[list[Given | str]]:
    """The same in portions that fit into memory and into one transaction."""
    some: list[Given | str] = []
    size = 0
    for one in given:
        some.append(one)
        size += len(one.body or b"") if isinstance(one, Given) else 0
        if len(some) >= PORTION or size >= PORTION_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def read_all(what: Iterable[str], outlet: str | None, most: int) -> Iterator[Given | str]:
    """Everything that the arguments name, and a sentence for each thing that is of no use. No document may have more than `most` bytes."""
    for name in what:
        try:
            for one in read(name, outlet, most):
                if isinstance(one, Given) and len(one.body or b"") > most:
                    yield f"{one.label}: {_too_large(most)}"
                else:
                    yield one
        except Unusable as error:
            yield str(error)


def read(name: str, outlet: str | None, most: int) -> Iterator[Given | str]:
    """What one argument names: articles, or sentences about what is of no use in it. Raises Unusable where all of it is."""
    if name == "-":
        body = sys.stdin.buffer.read()
        yield from _document("standard input", body, _sniff(body), outlet)
        return
    if name.lower().startswith(("http://", "https://")):
        yield _address(name, outlet, generation=None, label=name)
        return
    path = Path(name)
    if path.is_dir():
        for inside in sorted(path.rglob("*")):
            if inside.is_file() and _type(inside.name):
                try:
                    yield from _file(inside, outlet, most)
                except Unusable as error:
                    yield str(error)
        return
    if not path.exists():
        raise Unusable(f"{name}: no such file, and no http(s) address")
    if not _type(path.name):
        known = ", ".join([*TYPES, *FEEDS, *LINES])
        raise Unusable(f"{name}: unsupported_type: its name ends in none of {known}")
    yield from _file(path, outlet, most)


def _file(path: Path, outlet: str | None, most: int) -> Iterator[Given | str]:
    try:
        with path.open("rb") as file:
            if _type(path.name) == "lines":
                yield from _lines(str(path), file, outlet)
                return
            body = file.read(most + 1)
    except OSError as error:
        raise Unusable(f"{path}: cannot be read: {error.strerror}") from error
    if len(body) > most:
        raise Unusable(f"{path}: {_too_large(most)}")
    yield from _document(str(path), body, _type(path.name), outlet)


def _too_large(most: int) -> str:
    return f"too_large: more than {most} bytes; DATELINE_FETCH_MAX_BYTES sets the limit"


def _type(name: str) -> str | None:
    ending = Path(name).suffix.lower()
    return TYPES.get(ending) or ("feed" if ending in FEEDS else "lines" if ending in LINES else None)


def _sniff(body: bytes) -> str:
    start = body.lstrip()[:200].lower()
    if start.startswith(b"{"):
        return "lines"
    if start.startswith(b"<"):
        return "feed" if start.startswith((b"<?xml", b"<rss", b"<feed", b"<rdf", b"<urlset")) else "text/html"
    return "text/plain"


def _document(label: str, body: bytes, kind: str | None, outlet: str | None) -> Iterator[Given | str]:
    if not body.strip():
        raise Unusable(f"{label}: empty_document: there is nothing in it")
    if kind == "lines":
        yield from _lines(label, body.splitlines(), outlet)
    elif kind == "feed":
        yield from _feed(label, body, outlet)
    else:
        yield Given(label=label, outlet=outlet or FILE_OUTLET + Path(label).name, body=body, content_type=kind)


def _feed(label: str, body: bytes, outlet: str | None) -> Iterator[Given | str]:
    try:
        listing = read_source("feed", body, None, "")
    except Reject as error:
        raise Unusable(f"{label}: {error}") from error
    for entry in listing["entries"]:
        try:
            yield _address(entry["url"] or "", outlet, generation=f"by hand {announcement(entry)}", label=entry["url"] or label)
        except Unusable as error:
            yield str(error)


def _lines(label: str, lines: Iterable[bytes], outlet: str | None) -> Iterator[Given | str]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _line(f"{label}:{number}", line, outlet)
            except Unusable as error:
                yield str(error)


def _line(label: str, line: bytes, outlet: str | None) -> Given:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise Unusable(f"{label}: line_malformed: no JSON: {error}") from error
    if not isinstance(record, dict):
        raise Unusable(f"{label}: line_malformed: an object is wanted")
    url = record.get("url")
    content: bytes | None = None
    content_type = record.get("content_type")
    for field, kind in (("html", "text/html; charset=utf-8"), ("text", "text/plain; charset=utf-8")):
        if isinstance(record.get(field), str):
            content, content_type = record[field].encode("utf-8", "replace"), kind
    if isinstance(record.get("body_b64"), str):
        try:
            content = base64.b64decode(record["body_b64"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise Unusable(f"{label}: line_malformed: body_b64: {error}") from error
    if content is None and url is None:
        raise Unusable(f"{label}: line_malformed: it has none of url, html, text and body_b64")
    if url is None:
        return Given(label=label, outlet=outlet or FILE_OUTLET + Path(label).name, body=content, content_type=content_type)
    found = _address(url, outlet, generation=None, label=label)
    return Given(label=label, outlet=found.outlet, url=found.url, body=content, content_type=content_type)


def _address(url: object, outlet: str | None, *, generation: str | None, label: str) -> Given:
    try:
        address = urls.canonical(str(url))
    except Reject as error:
        raise Unusable(f"{label}: {error}") from error
    return Given(label=label, outlet=outlet or urlsplit(address).hostname or address, url=address, generation=generation)


def file_all(session: Session, given: Iterable[Given], at: datetime) -> tuple[dict[int, str], int]:
    """Write articles and documents, and the work that they ask for. Returns the articles' labels by id, and how many have new work."""
    labels: dict[int, str] = {}
    facts: list[tuple[Message, str | None, int]] = []
    for one in given:
        digest = hashlib.sha256(one.body).hexdigest() if one.body is not None else ""
        key = urls.key(one.url) if one.url else f"sha256:{digest}"
        article = add_article(session, key=key, url=one.url, outlet=one.outlet, at=at)
        labels[article.id or 0] = one.label
        if one.body is None:
            again = one.generation or f"by hand {at.isoformat()}"
            facts.append((ArticleAnnounced(article_id=article.id or 0, generation=again), None, PRIORITY))
            continue
        article = session.exec(select(Article).where(Article.id == article.id).with_for_update()).one()
        fact = keep_document(session, article, sha256=digest, size=len(one.body), at=at, url=one.url, content_type=one.content_type)
        if fact is not None:
            facts.append((fact, None, PRIORITY))
    session.flush()
    new = ledger.emit(session.connection(), PIPELINE, facts, at)
    return labels, len(new)
