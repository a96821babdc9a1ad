"""Seeing added work through: left to the stack where one runs, else worked off here through the same `deliver()`."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import click
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from services.cli.place import Place
from shared.clock import now
from shared.db import reading
from shared.ledger import State
from shared.models import Article, Event, Page, Source, Work
from shared.pipeline import PIPELINE
from shared.runner import work_off

LOOK_S = 0.2
ARTICLE_STAGES = PIPELINE.about("article_id")


@dataclass(frozen=True, kw_only=True)
class Own:
    """What a command added or outdated: articles, sources and pages, by their ids."""

    articles: Sequence[int] = ()
    sources: Sequence[int] = ()
    pages: Sequence[int] = ()
    labels: dict[int, str] = field(default_factory=dict)  # article id: what the user called it


def see_through(place: Place, own: Own, *, wait: bool) -> bool:
    """Wait until the command's own rows and the pages they touch are done, dead or put off. True where nothing was refused.

    Without `wait`, returns at once: the stack, or the next command, does the work.
    """
    if not wait:
        return True
    since = now()
    worked_on = place.is_worked_on()
    runner = None if worked_on else place.runner()
    try:
        while True:
            if runner is not None:
                work_off(runner)
            with reading(place.engine) as session:
                if not is_open(session, own, now()):
                    break
            if worked_on and not place.is_worked_on():
                raise click.ClickException("the stack was stopped meanwhile; its work goes on at its next start")
            time.sleep(LOOK_S)
    finally:
        if runner is not None:
            runner.close()
    with reading(place.engine) as session:
        return report(session, own, since)


def is_open(session: Session, own: Own, at: datetime) -> bool:
    """Whether work of these articles, of these sources, or on the pages they stand on is yet to be done."""
    articles = own_articles(session, own)
    rows = session.exec(
        select(Work).where(
            col(Work.state) < State.DONE,
            ((col(Work.stage) == "poll") & col(Work.subject_id).in_(own.sources))
            | (col(Work.stage).in_(ARTICLE_STAGES) & col(Work.subject_id).in_(articles)),
        )
    ).all()
    if any(row.state == State.LEASED or row.not_before <= at for row in rows):
        return True
    pages = {*own.pages, *page_ids(session, articles)}
    return session.exec(
        select(Work.id).where(col(Work.state) < State.DONE, Work.stage == "publish", col(Work.subject_id).in_(pages)).limit(1)
    ).first() is not None


def own_articles(session: Session, own: Own) -> list[int]:
    """The command's articles, those that its sources announced included."""
    announced = session.exec(select(Article.id).where(col(Article.source_id).in_(own.sources))).all() if own.sources else []
    return sorted({*own.articles, *(one for one in announced if one is not None)})


def page_ids(session: Session, articles: Sequence[int]) -> list[int]:
    """The pages that these articles stand on: their events', the days', the front page."""
    events = session.execute(
        select_columns(col(Event.id), col(Event.date))
        .join(Article, col(Article.event_id) == col(Event.id))
        .where(col(Article.id).in_(articles))
    ).all()
    keys = {("event", str(event_id)) for event_id, _ in events} | {("day", day.isoformat()) for _, day in events} | {("front", "front")}
    found = session.exec(select(Page).where(col(Page.key).in_([key for _, key in keys]))).all()
    return [page.id for page in found if (page.kind, page.key) in keys and page.id is not None]


def report(session: Session, own: Own, since: datetime) -> bool:
    """Say what fell out; True where nothing did."""
    articles = own_articles(session, own)
    dead = session.exec(
        select(Work).where(
            Work.state == State.DEAD, col(Work.stage).in_(ARTICLE_STAGES), col(Work.subject_id).in_(articles), col(Work.done_at) >= since
        )
    ).all()
    subjects = [row.subject_id for row in dead]
    names = {a.id: a.url or a.url_key for a in session.exec(select(Article).where(col(Article.id).in_(subjects))).all()}
    for row in dead:
        name = own.labels.get(row.subject_id) or names.get(row.subject_id)
        click.echo(f"refused  {name}: {row.error or row.error_class} (dateline explain {row.error_class})", err=True)
    failing = session.exec(select(Source).where(col(Source.id).in_(own.sources), col(Source.error_class).is_not(None))).all()
    for source in failing:
        click.echo(f"failed   {source.url}: {source.error or source.error_class} (dateline explain {source.error_class})", err=True)
    return not dead and not failing
