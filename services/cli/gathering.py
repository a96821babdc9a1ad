"""The commands that gather concepts for `dateline concepts`: from a Wikidata dump, from spaCy, and from what was read."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Row as Record
from sqlalchemy import select as select_columns
from sqlmodel import col

from services.cli.gazetteers import JSON, folder_of, source_name, take_in
from services.cli.place import Place
from services.tag.concepts import Row
from services.tag.core import Concept, built_in
from services.tag.core.learning import Links, Names
from services.tag.core.sources import BadConcept
from services.tag.dump import MAX_ENTITIES, Import, Wanted, parse_languages
from services.tag.spacypipe import NoPipeline, load, patterns, patterns_of_file, recognised
from shared.db import reading
from shared.models import Article, ArticleTag

PORTION = 500  # rows that are read at a time
LEARNT = "learnt"
NAMES = "name:%"  # ids of what stands in no table


@click.command()
@click.argument("dump", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--languages", default="en,de,fr,es,ru,ar", show_default=True, help="Of names and aliases; the first gives the name.")
@click.option("--min-wikis", type=click.IntRange(0), default=20, show_default=True, help="Only what this many wikis have a page on.")
@click.option("--most", type=click.IntRange(1), default=MAX_ENTITIES, show_default=True, help="Stop after so many concepts.")
@click.option("--afresh", is_flag=True, help="Do not go on where an import of this dump was stopped.")
@click.option("--name", default="wikidata", show_default=True, help="Name of the source; what it had before is replaced.")
@JSON
@click.pass_obj
def wikidata(
    place: Place, dump: Path, languages: str, min_wikis: int, most: int, afresh: bool, name: str, json_: bool
) -> None:
    """Take in what a Wikidata DUMP knows.

    Persons, places, organisations, offices and events; one entity a line of JSON, plain, .gz or .bz2. The whole dump is at
    https://dumps.wikimedia.org/wikidatawiki/entities/ (latest-all.json.bz2, some 100 GB, many hours); a part made with any tool that
    keeps the form will do. Stopped, it goes on at the next call. What the tables know already keeps its id and gets further surfaces;
    of two that bear one name, the one that more wikis know has it.
    """
    source = source_name(name)
    folder = folder_of(place)
    try:
        wanted = Wanted(languages=tuple(parse_languages(languages)), min_links=min_wikis, most=most)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    import_ = Import(dump, folder.path, wanted)
    with _bar(dump.stat().st_size, "reading") as at:
        try:
            import_.read(at, afresh=afresh)
        except EOFError as error:
            raise click.ClickException(f"{dump} ends early; get it whole, and the import goes on where it stands") from error
    if not json_:
        click.echo(f"{import_.lines:,} lines read, {import_.kept:,} entities kept", err=True)
    take_in(folder, source, import_.rows(built_in()), json_=json_)
    import_.forget()


@click.command()
@click.argument("pipeline")
@click.option("--name", default="spacy", show_default=True, help="Name of the source; what it had before is replaced.")
@JSON
@click.pass_obj
def spacy(place: Place, pipeline: str, name: str, json_: bool) -> None:
    """Take in the patterns of a spaCy PIPELINE.

    Those of its entity ruler or span ruler, or of a ruler's file of patterns. PIPELINE is a package such as de_core_news_sm or a folder
    that `nlp.to_disk` wrote (both need spaCy: pip install spacy), or a patterns.jsonl, which needs nothing. Patterns that match one
    text become concepts; labels are spaCy's (PERSON, GPE, LOC, FAC, ORG, EVENT). What its recogniser finds in the articles: dateline
    concepts learn --spacy PIPELINE.
    """
    source = source_name(name)
    try:
        rows = list(patterns_of_file(Path(pipeline)) if Path(pipeline).is_file() else patterns(load(pipeline)))
    except (NoPipeline, BadConcept) as error:
        raise click.ClickException(str(error)) from error
    take_in(folder_of(place), source, rows, json_=json_)


@click.command()
@click.option("--spacy", "pipeline", metavar="PIPELINE", help="Let this spaCy pipeline name what it recognises in the articles, too.")
@click.option("--name", default=LEARNT, show_default=True, help="Name of the source; what it had before is replaced.")
@JSON
@click.pass_obj
def learn(place: Place, pipeline: str | None, name: str, json_: bool) -> None:
    """Learn from what was read.

    That is how event pages call what they link to, and names that stand in no table but in several outlets' articles. A surface is
    learnt where two pages agree on it and hardly any means something else; a name where three outlets use it. Run it again whenever you
    like: what is learnt anew replaces what was learnt before. The sample outlets teach nothing.
    """
    source = source_name(name)
    folder = folder_of(place)
    links, names = Links(), Names()
    try:
        found = load(pipeline) if pipeline else None
    except NoPipeline as error:
        raise click.ClickException(str(error)) from error
    for article in _articles(place):
        links.add([(tag["name"], tag["surface"]) for tag in (article.context or {}).get("tags", ())])
    for tag in _names(place):
        names.add(Concept(tag.tag_id, tag.kind, tag.name), tag.surfaces or (), tag.outlet)
    if found is not None:
        _recognise(place, found, names)
    rows: list[Row] = [*links.rows(built_in()), *names.rows(built_in())]
    take_in(folder, source, rows, json_=json_)


def _recognise(place: Place, pipeline: Any, names: Names) -> None:
    outlets: list[str] = []

    def texts() -> Iterator[str]:
        for article in _articles(place):
            if article.text:
                outlets.append(article.outlet)
                yield article.text

    for number, rows in enumerate(recognised(pipeline, texts())):
        for concept, surfaces in rows:
            names.add(concept, surfaces, outlets[number])


def _articles(place: Place) -> Iterator[Record[Any]]:
    columns = select_columns(col(Article.id), col(Article.outlet), col(Article.context), col(Article.text)).where(~col(Article.sample))
    last = 0
    while True:
        with reading(place.engine) as session:
            found = session.execute(columns.where(col(Article.id) > last).order_by(col(Article.id)).limit(PORTION)).all()
        if not found:
            return
        yield from found
        last = found[-1].id


def _names(place: Place) -> Iterator[Record[Any]]:
    tags = select_columns(
        *(col(ArticleTag.article_id), col(ArticleTag.tag_id), col(ArticleTag.kind), col(ArticleTag.name), col(ArticleTag.surfaces)),
        col(Article.outlet),
    )
    tags = tags.join(Article, col(Article.id) == col(ArticleTag.article_id)).where(~col(Article.sample), col(ArticleTag.tag_id).like(NAMES))
    order = (col(ArticleTag.article_id), col(ArticleTag.tag_id))
    last = (0, "")
    while True:
        after = (order[0] > last[0]) | ((order[0] == last[0]) & (order[1] > last[1]))
        with reading(place.engine) as session:
            found = session.execute(tags.where(after).order_by(*order).limit(PORTION)).all()
        if not found:
            return
        yield from found
        last = (found[-1].article_id, found[-1].tag_id)


@contextmanager
def _bar(size: int, label: str) -> Iterator[Callable[[int], None]]:
    """A bar over a file's bytes, where somebody looks; told how far the reading is."""
    with click.progressbar(length=size, label=label, file=sys.stderr, hidden=not sys.stderr.isatty(), update_min_steps=1_000_000) as bar:
        at = 0

        def tell(now: int) -> None:
            nonlocal at
            bar.update(now - at)
            at = now

        yield tell
