"""`dateline concepts`: what the tagger knows beside its own tables, where that comes from, and the gazetteer that is compiled from it."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from services.cli import show
from services.cli.gathering import learn, spacy, wikidata
from services.cli.gazetteers import JSON, compiled_in, finish, folder_of, source_name, take_in
from services.cli.place import Place
from services.tag.concepts import SUFFIX, Folder, read_lines
from services.tag.core import Gazetteer, built_in
from services.tag.core.compiled import Compiled
from services.tag.core.compiling import tables_digest
from services.tag.core.tokens import tokenise

NAMED = 10  # wrong lines that are told one by one
COLUMNS = {"source": "source", "concepts": "concepts", "surfaces": "surfaces", "file": "file"}
MEANINGS = {"surface": "surface", "id": "id", "kind": "kind", "name": "name", "parent": "in"}


@click.group()
def concepts() -> None:
    """Add concepts to what the tagger knows by itself: from Wikidata, from spaCy, from files, and from what was read.

    \b
    dateline concepts import wikidata latest-all.json.bz2    people, places, organisations that 20 wikis know
    dateline concepts import lines newsroom.jsonl            your own: {"kind": "organisation", "name": "Harbour Trust", "surfaces": ["HT"]}
    dateline concepts learn                                  what event pages link to, and names that several outlets use
    dateline concepts show "Harbour Trust"                   what a name means to the tagger

    Each source is a file of JSON lines in the folder `concepts` of the data folder (DATELINE_CONCEPTS). All of them and the package's
    tables are compiled into one file, which all workers map into memory: with a million surfaces, too, an article costs less than a
    millisecond. Workers take a new one with their next article. Articles that were tagged before keep their tags until `dateline
    rebuild --stale` tags them again, and links those that come out otherwise.
    """


@concepts.command("list")
@JSON
@click.pass_obj
def list_(place: Place, json_: bool) -> None:
    """List the sources, and the gazetteer in use."""
    folder = folder_of(place)
    rows = [_figures(folder, source) for source in folder.sources()]
    compiled = compiled_in(folder)
    facts = _facts(compiled, folder) if compiled else None
    if json_:
        show.as_json({"folder": str(folder.path), "sources": rows, "gazetteer": facts})
        return
    if rows:
        show.table(rows, COLUMNS)
    if facts is None:
        click.echo(f"no gazetteer in {folder.path}: workers use the package's tables ({len(built_in().concepts):,} concepts)")
        return
    size = f"{facts['concepts']:,} concepts, {facts['surfaces']:,} surfaces, {facts['bytes'] / 1e6:.1f} MB"
    click.echo(f"gazetteer {facts['digest']}: {size}")
    for trouble in facts["troubles"]:
        click.echo(f"{trouble}: dateline concepts build", err=True)


@concepts.command("show")
@click.argument("surface", nargs=-1, required=True)
@JSON
@click.pass_obj
def show_(place: Place, surface: tuple[str, ...], json_: bool) -> None:
    """Say what each SURFACE may mean.

    A SURFACE is a name as a text writes it, or a concept's id such as place:aleppo. Exits 1 where nothing is known of one of them.
    """
    gazetteer: Gazetteer = compiled_in(folder_of(place)) or built_in()
    rows, unknown = [], []
    for one in surface:
        found = gazetteer.concepts.get(one)
        meant = [found] if found else list(dict.fromkeys(each.concept for each in gazetteer.candidates(tokenise(one).keys)))
        rows += [{"surface": one, "id": each.id, "kind": each.kind, "name": each.name, "parent": each.parent or None} for each in meant]
        unknown += [] if meant else [one]
    if json_:
        show.as_json(rows)
    elif rows:
        show.table(rows, MEANINGS)
    for one in unknown:
        click.echo(f"{one}: no concept has this surface", err=True)
    sys.exit(1 if unknown else 0)


@concepts.command()
@JSON
@click.pass_obj
def build(place: Place, json_: bool) -> None:
    """Compile the gazetteer anew.

    Needed after files in the folder were edited by hand; `dateline run` and `dateline migrate` do it after an update of Dateline.
    """
    finish(folder_of(place), json_=json_)


@concepts.command()
@click.argument("source", nargs=-1, required=True)
@JSON
@click.pass_obj
def remove(place: Place, source: tuple[str, ...], json_: bool) -> None:
    """Remove each SOURCE, as `list` names it.

    The gazetteer is compiled without it.
    """
    folder = folder_of(place)
    unknown = [one for one in source if one not in folder.sources()]
    if unknown:
        raise click.ClickException(f"no source {', '.join(unknown)}; there are {', '.join(folder.sources()) or 'none'}")
    for one in source:
        folder.remove(one)
    finish(folder, json_=json_)


@concepts.group("import")
def import_() -> None:
    """Take concepts in: from Wikidata, spaCy, or a file."""


import_.add_command(wikidata)
import_.add_command(spacy)
concepts.add_command(learn)


@import_.command("lines")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--name", help="Name of the source; what it had before is replaced.  [the file's name]")
@JSON
@click.pass_obj
def lines(place: Place, file: str, name: str | None, json_: bool) -> None:
    """Take in FILE, one concept a line of JSON; - is standard input.

    \b
    {"kind": "organisation", "name": "Harbour Trust", "surfaces": ["HT", "Trust of the Harbour"], "parent": "country:PT"}

    kind: place, organisation, armed_group, person, office, event, disaster, election, craft, topic or name. id and flags may be given too
    (services/tag/README.md). Nothing is taken in, and the exit status is 1, where a line is wrong.
    """
    source = source_name(name or Path(file).stem.lower() if file != "-" else name or "lines")
    wrong: list[str] = []
    with click.open_file(file, encoding="utf-8", errors="replace") as given:
        rows = list(read_lines(given, lambda number, why: wrong.append(f"line {number}: {why}")))
    if wrong:
        more = f"\n… and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        raise click.ClickException("\n".join(wrong[:NAMED]) + more)
    take_in(folder_of(place), source, rows, json_=json_)


def _figures(folder: Folder, source: str) -> dict[str, Any]:
    counts = Counter({"concepts": 0, "surfaces": 0})
    for _, surfaces in folder.rows(source):
        counts += Counter(concepts=1, surfaces=len(surfaces))
    return {"source": source, **counts, "file": f"{source}{SUFFIX}"}


def _facts(compiled: Compiled, folder: Folder) -> dict[str, Any]:
    troubles = []
    if not compiled.is_intact:
        troubles.append("the gazetteer's file is damaged")
    if compiled.facts["tables"] != tables_digest():
        troubles.append("the package's tables are newer than the gazetteer")
    if compiled.facts["sources"] != folder.sources():
        troubles.append("the gazetteer was compiled from other sources")
    kept = {name: compiled.facts[name] for name in ("digest", "concepts", "surfaces", "sources")}
    return kept | {"bytes": compiled.facts["size"], "troubles": troubles}
