"""What people call events and articles on the command line, and which rows they mean."""

import re
from collections.abc import Sequence

import click
from sqlmodel import Session, col, select

from services.cli.place import LARGEST_ID
from services.cli.trace import find
from shared.models import Article, Event


def live_event(session: Session, event_id: int) -> Event:
    """The event of this id, or the one that it was merged into. Raises click.ClickException where it is none any more."""
    event = session.get(Event, event_id)
    if event is not None and event.state == "merged" and event.merged_into is not None:
        event = session.get(Event, event.merged_into)
    if event is None:
        raise click.ClickException(f"there is no event {event_id}; `dateline events list` shows those that there are")
    if event.state != "live":
        raise click.ClickException(f"event {event_id} is {event.state}; `dateline events show {event_id}` tells what became of it")
    return event


def of_event(session: Session, event_id: int) -> list[Article]:
    """Its articles, that which the headline is taken from first, then by id."""
    event = session.get_one(Event, event_id)
    found = session.exec(select(Article).where(Article.event_id == event_id).order_by(col(Article.id))).all()
    return sorted(found, key=lambda one: (one.id != event.headline_article_id, one.id or 0))


def article(session: Session, name: str) -> Article:
    """The article that somebody calls by its URL, its id, or `article:ID`."""
    found = find(session, name.removeprefix("article:"))
    if not isinstance(found, Article):
        raise click.ClickException(f"no article {name!r} is known here; `dateline events show ID` names an event's")
    return found


def side(session: Session, name: str) -> tuple[list[int], int | None]:
    """One side of a `forbid`: an event by its number (all its articles, and its id), or an article by URL or `article:ID`."""
    if re.fullmatch(r"[0-9]+", name) and int(name) <= LARGEST_ID:
        event = live_event(session, int(name))
        return ids(of_event(session, event.id or 0)), event.id
    return ids([article(session, name)]), None


def ids(articles: Sequence[Article]) -> list[int]:
    """Their numbers."""
    return [one.id for one in articles if one.id is not None]
