"""Sources by hand, from a file, and the sample's: into the table of sources."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click
from sqlalchemy import ColumnElement, delete, update
from sqlmodel import Session, col, select

from shared import ledger
from shared.messages import PageOutdated
from shared.models import Article, Event, Page, Source
from shared.pages import outdate
from shared.pipeline import PIPELINE
from shared.stage import Reject
from shared.urls import canonical

KINDS = ("feed", "sitemap")
# The sample's articles appear within minutes: its outlets are polled more often than strangers' may be.
SAMPLE_INTERVAL = timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A source to read."""

    kind: str
    url: str
    outlet: str
    language: str | None = None


def read_sources(path: Path) -> list[Wanted]:
    """The sources of a TOML file: `[[source]]` tables with kind, url, outlet and, if known, language.

    Raises click.ClickException with one sentence: which file, which entry, what is wrong.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("source", [])
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise click.ClickException(f"{path}: is no TOML: {error}") from error
    if not isinstance(tables, list) or not tables:
        raise click.ClickException(f"{path}: no [[source]] in it; each needs url and outlet, and may have kind and language")
    return [_wanted(path, number, table) for number, table in enumerate(tables, start=1)]


def _wanted(path: Path, number: int, table: object) -> Wanted:
    where = f"{path}: source {number}"
    if not isinstance(table, dict):
        raise click.ClickException(f"{where}: a table is wanted")
    for name in ("url", "outlet"):
        if not isinstance(table.get(name), str):
            raise click.ClickException(f"{where}: `{name}` is missing or no text")
    kind, language = table.get("kind", "feed"), table.get("language")
    if kind not in KINDS:
        raise click.ClickException(f"{where}: kind {kind!r} is not one of {', '.join(KINDS)}")
    if language is not None and not isinstance(language, str):
        raise click.ClickException(f"{where}: `language` is no text")
    try:
        canonical(table["url"])
    except Reject as error:
        raise click.ClickException(f"{where}: {table['url']!r} cannot be polled: {error.detail or error.error_class}") from error
    return Wanted(kind=kind, url=table["url"], outlet=table["outlet"], language=language)


def put_sources(
    session: Session, sources: Iterable[Wanted], now: datetime, *, sample: bool = False, interval: timedelta = timedelta(minutes=15)
) -> tuple[list[int], int]:
    """Add the sources that are not there yet, due at once. Returns all their ids, and how many are new."""
    ids: list[int] = []
    new = 0
    for wanted in sources:
        known = session.exec(select(Source).where(Source.url == wanted.url)).first()
        if known is None:
            known = Source(
                kind=wanted.kind,
                url=wanted.url,
                outlet=wanted.outlet,
                language=wanted.language,
                sample=sample,
                added_at=now,
                next_poll_at=now,
                interval_s=int(interval.total_seconds()),
            )
            session.add(known)
            session.flush()
            new += 1
        ids.append(known.id or 0)
    return ids, new


def make_due(session: Session, now: datetime, ids: Iterable[int]) -> None:
    """Have these sources polled now, whatever their rhythm says."""
    session.execute(update(Source).where(col(Source.id).in_(list(ids)), col(Source.paused).is_(False)).values(next_poll_at=now))


def hold_back(session: Session, others: ColumnElement[bool]) -> None:
    """Have these sources not polled until `release`: they have no next time."""
    session.execute(update(Source).where(others).values(next_poll_at=None))


def release(session: Session, now: datetime, *, sample: bool) -> None:
    """Have the sources that were held back polled again; without `sample`, the real ones only."""
    held = [col(Source.next_poll_at).is_(None)] + ([] if sample else [col(Source.sample).is_(False)])
    session.execute(update(Source).where(*held).values(next_poll_at=now))


def remove_sample(session: Session, now: datetime) -> tuple[int, list[PageOutdated]]:
    """Take the sample's sources, articles, events and pages out. Returns the number of articles, and the pages that showed them."""
    articles = [one for one in session.exec(select(Article.id).where(col(Article.sample).is_(True))).all() if one is not None]
    events = session.exec(select(Event).where(col(Event.sample).is_(True))).all()
    days = sorted({event.date.isoformat() for event in events})
    keys = [str(event.id) for event in events]
    pages = select(Page.id).where(Page.kind == "event", col(Page.key).in_(keys))
    subjects = {"article_id": articles, "page_id": [one for one in session.exec(pages).all() if one is not None]}
    _withdraw(session, subjects, now)
    session.execute(delete(Page).where(col(Page.id).in_(subjects["page_id"])))
    for table in (Article, Event, Source):
        session.execute(delete(table).where(col(table.sample).is_(True)))
    _withdraw(session, subjects, now)  # what a worker had in hand was saved meanwhile, and its next step is there now
    outdated = [outdate(session, "day", day, now) for day in days]
    return len(articles), [*outdated, outdate(session, "front", "front", now)] if days else []


def _withdraw(session: Session, subjects: Mapping[str, list[int]], now: datetime) -> None:
    for subject, ids in subjects.items():
        ledger.withdraw(session.connection(), PIPELINE.about(subject), ids, now)
