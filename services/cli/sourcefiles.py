"""Files of sources: TOML as deploy/sources.toml, OPML, JSON as `sources export --json` writes it."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click

from services.cli.intake import KINDS, RIGHTS, Wanted
from services.fetch.core.opml import MAX_DEPTH, Subscription, read_opml, write_opml
from shared.models import Source
from shared.stage import Reject
from shared.urls import sendable

# A folder of this machine comes into the chronicle by a command alone: never by a list that somebody else may have written.
FILE_KINDS = tuple(kind for kind in KINDS if kind != "folder")
MAX_BYTES = 50_000_000
_JSON = re.compile(rb"\s*(?:\{|\[\s*[{\]])")


def read_sources(path: Path) -> list[Wanted]:
    """The sources of a TOML file: `[[source]]` tables with url, outlet and, if known, kind, language and rights.

    Raises click.ClickException with one sentence: which file, which entry, what is wrong.
    """
    wanted, refused = _from_toml(str(path), read_file(path))
    if refused:
        raise click.ClickException(refused[0])
    return wanted


def read_file(path: Path) -> bytes:
    """A file's bytes. Raises click.ClickException."""
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be read: {error.strerror}") from error
    if len(body) > MAX_BYTES:
        raise click.ClickException(f"{path}: too_large: more than {MAX_BYTES} bytes")
    return body


def read_any(name: str, body: bytes) -> tuple[list[Wanted], list[str]]:
    """The sources of a file of any form, and a sentence for each entry that is none.

    Raises click.ClickException where all of it is of no use.
    """
    start = body[:65_536].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return _from_opml(name, body)
    if _JSON.match(start):
        return _from_json(name, body)
    return _from_toml(name, body)


def as_toml(sources: Iterable[Source]) -> str:
    """The sources as `read_sources` reads them."""
    return "\n".join(_table(one) for one in sources)


def as_opml(sources: Iterable[Source], at: datetime) -> bytes:
    """The sources as other readers read them."""
    listed = [Subscription(one.kind, one.url, one.outlet, one.language, tuple(one.folder)) for one in sources]
    return write_opml(listed, title="Dateline: sources", at=at)


def as_json(sources: Iterable[Source]) -> str:
    """The sources as JSON: a list of objects with what the TOML tables have."""
    return json.dumps([_fields(one) for one in sources], ensure_ascii=False, indent=2) + "\n"


def _fields(one: Source) -> dict[str, str | list[str]]:
    told: dict[str, str | list[str]] = {"kind": one.kind, "url": one.url, "outlet": one.outlet}
    if one.language:
        told["language"] = one.language
    if one.rights != RIGHTS[0]:
        told["rights"] = one.rights
    if one.folder:
        told["folder"] = one.folder
    return told


def _table(one: Source) -> str:
    # A JSON text is a TOML text, but for the one control character that JSON lets stand.
    lines = (f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in _fields(one).items())
    return "[[source]]\n" + "\n".join(lines).replace("\x7f", "\\u007f") + "\n"


def _from_toml(name: str, body: bytes) -> tuple[list[Wanted], list[str]]:
    try:
        tables = tomllib.loads(body.decode("utf-8-sig")).get("source", [])
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise click.ClickException(f"{name}: is no list of sources (TOML, JSON or OPML): {error}") from error
    if not isinstance(tables, list) or not tables:
        raise click.ClickException(f"{name}: no [[source]] in it; each needs url and outlet, and may have kind and language")
    return _from_tables(name, tables)


def _from_json(name: str, body: bytes) -> tuple[list[Wanted], list[str]]:
    try:
        tables = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{name}: is no JSON: {error}") from error
    tables = tables.get("sources") if isinstance(tables, dict) else tables
    if not isinstance(tables, list):
        raise click.ClickException(f"{name}: a list of sources is wanted, each with url and outlet")
    return _from_tables(name, tables)


def _from_tables(name: str, tables: Sequence[object]) -> tuple[list[Wanted], list[str]]:
    wanted, refused = [], []
    for number, table in enumerate(tables, start=1):
        read = _wanted(table)
        if isinstance(read, str):
            refused.append(f"{name}: source {number}: {read}")
        else:
            wanted.append(read)
    return wanted, refused


def _wanted(table: object) -> Wanted | str:
    if not isinstance(table, Mapping):
        return "a table is wanted"
    for field in ("url", "outlet"):
        if not isinstance(table.get(field), str) or not table[field].strip():
            return f"`{field}` is missing or no text"
    for field in ("language", "rights"):
        if not isinstance(table.get(field), str | None):
            return f"`{field}` is no text"
    folder = table.get("folder")
    if folder is not None and not (isinstance(folder, list) and all(isinstance(name, str) for name in folder) and len(folder) <= MAX_DEPTH):
        return f"`folder` is no list of at most {MAX_DEPTH} names"
    kind, rights = table.get("kind", "feed"), table.get("rights")
    if kind == "folder":
        return "a folder is no source of a file; `dateline sources add DIR` adds it"
    if kind not in FILE_KINDS:
        return f"kind {kind!r} is not one of {', '.join(FILE_KINDS)}"
    if rights not in (None, *RIGHTS):
        return f"rights {rights!r} is not one of {', '.join(RIGHTS)}"
    return unusable(table["url"]) or Wanted(
        kind=kind,
        url=table["url"],
        outlet=table["outlet"],
        language=table.get("language"),
        rights=rights,
        folder=None if folder is None else tuple(folder),
    )


def unusable(url: str) -> str | None:
    """Why an address cannot be polled; None where it can."""
    try:
        sendable(url)
    except Reject as error:
        return f"{url!r} cannot be polled: {error.detail or error.error_class}"
    return None


def _from_opml(name: str, body: bytes) -> tuple[list[Wanted], list[str]]:
    try:
        found = read_opml(body)
    except Reject as error:
        raise click.ClickException(f"{name}: {error}") from error
    wanted = [
        Wanted(kind=one.kind, url=one.url, outlet=one.outlet, language=one.language, folder=one.folder or None)
        for one in found.subscriptions
    ]
    return wanted, [f"{name}: {one.detail}: {one.reason}" for one in found.unread]
