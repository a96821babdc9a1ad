"""`dateline events merge|split|pin|forbid|undo`: what people decide, as work of the stage `edit`."""

import getpass
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

import click
from sqlmodel import Session, col, select

from services.cli import eventnames
from services.cli.oneshot import see_through
from services.cli.own import Own, fallen
from services.cli.place import LARGEST_ID, Place
from shared import ledger
from shared.clock import now
from shared.db import reading, writing
from shared.ledger import State
from shared.messages import EventCorrected
from shared.models import Article, CorrectedPair, Correction, Page, Work
from shared.pipeline import PIPELINE

EVENT_ID = click.IntRange(1, LARGEST_ID)
MAX_WORDS = 500  # of a headline or a reason, in characters

Kind = Literal["merge", "split", "pin", "forbid", "undo"]


def _decision(command: Any) -> Any:
    """Who, why, and whether to wait: the same of every correction."""
    for option in (
        click.option("--no-wait", is_flag=True, help="Do not wait until it is obeyed."),
        click.option("--who", help="Who decides.  [this machine's user]"),
        click.option("--why", required=True, help="The reason, kept with the decision and shown to readers."),
    ):
        command = option(command)
    return click.pass_obj(command)


@click.command()
@click.argument("event_ids", nargs=-1, required=True, type=EVENT_ID, metavar="ID ID…")
@_decision
def merge(place: Place, event_ids: tuple[int, ...], why: str, who: str | None, no_wait: bool) -> None:
    """Make several events one, for good. The first ID goes on; the others redirect to it.

    All articles that stand in them now stay together, whatever comes in later.
    """
    with _session(place) as session:
        found = list(dict.fromkeys(eventnames.live_event(session, one).id or 0 for one in event_ids))
        if len(found) < 2:
            raise click.UsageError("name at least two events; those named are one already")
        sides = [eventnames.ids(eventnames.of_event(session, one)) for one in found]
    left, right = sides[0], [article for one in sides[1:] for article in one]
    _decide(place, "merge", why=why, who=who, wait=not no_wait, events=found, left=left, right=right)


@click.command()
@click.argument("event_id", type=EVENT_ID, metavar="ID")
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE…")
@_decision
def split(place: Place, event_id: int, articles: tuple[str, ...], why: str, who: str | None, no_wait: bool) -> None:
    """Take articles out of an event, for good.

    ARTICLE is a URL or an id. Those named stay together, and never come back to the others. The larger part keeps the event's id.
    """
    with _session(place) as session:
        event = eventnames.live_event(session, event_id)
        members = eventnames.ids(eventnames.of_event(session, event.id or 0))
        left = _inside(session, articles, members, event.id)
    right = [one for one in members if one not in left]
    if not right:
        raise click.UsageError("these are all its articles: nothing would be left to split them from")
    _decide(place, "split", why=why, who=who, wait=not no_wait, events=[event.id or 0], left=left, right=right)


@click.command()
@click.argument("event_id", type=EVENT_ID, metavar="ID")
@click.argument("articles", nargs=-1, metavar="[ARTICLE…]")
@click.option("--headline", help="Its headline is this text.")
@click.option("--headline-from", metavar="ARTICLE", help="Its headline is the title of this article.")
@click.option("--image-from", metavar="ARTICLE", help="Its image is this article's.")
@click.option("--date", "date_", type=click.DateTime(["%Y-%m-%d"]), help="It happened on this day.")
@_decision
def pin(
    place: Place,
    event_id: int,
    articles: tuple[str, ...],
    headline: str | None,
    headline_from: str | None,
    image_from: str | None,
    date_: datetime | None,
    why: str,
    who: str | None,
    no_wait: bool,
) -> None:
    """Keep articles in an event, or fix what it says.

    ARTICLE is a URL or an id; one of another event is brought in. Without articles and options all articles that stand in it now are kept
    together. What is fixed goes with the article that the headline is taken from now; of two decisions on one thing the later holds.
    """
    if headline and headline_from:
        raise click.UsageError("give --headline or --headline-from, not both")
    if headline is not None and not 0 < len(headline.strip()) <= MAX_WORDS:
        raise click.UsageError(f"a headline has 1 to {MAX_WORDS} characters")
    with _session(place) as session:
        event = eventnames.live_event(session, event_id)
        members = eventnames.ids(eventnames.of_event(session, event.id or 0))
        says: dict[str, int | str] = {}
        for name, given in (("headline_article", headline_from), ("image_article", image_from)):
            if given is not None:
                says[name] = _inside(session, [given], members, event.id)[0]
        kept = eventnames.ids([eventnames.article(session, one) for one in articles])
    says |= {"headline": headline.strip()} if headline is not None else {}
    says |= {"date": date_.date().isoformat()} if date_ is not None else {}
    anchor, *others = members
    if not kept:
        kept = [] if says else others
    right = [one for one in kept if one != anchor]
    _decide(place, "pin", why=why, who=who, wait=not no_wait, events=[event.id or 0], left=[anchor], right=right, says=says)


@click.command()
@click.argument("one", metavar="EVENT|ARTICLE")
@click.argument("other", metavar="EVENT|ARTICLE")
@_decision
def forbid(place: Place, one: str, other: str, why: str, who: str | None, no_wait: bool) -> None:
    """Never let two events or articles be one.

    A number names an event (all articles that stand in it now), a URL or article:ID an article. What shares an event now is parted.
    """
    with _session(place) as session:
        (left, of_left), (right, of_right) = eventnames.side(session, one), eventnames.side(session, other)
    if set(left) & set(right):
        raise click.UsageError("an article stands on both sides; to take some of an event's articles out: dateline events split")
    events = [event for event in (of_left, of_right) if event is not None]
    _decide(place, "forbid", why=why, who=who, wait=not no_wait, events=events, left=left, right=right)


@click.command()
@click.argument("correction_id", type=EVENT_ID, metavar="CORRECTION")
@_decision
def undo(place: Place, correction_id: int, why: str, who: str | None, no_wait: bool) -> None:
    """Take a correction back.

    `dateline events corrections` lists them. What it was about is linked again as if it had not been made; it stays on record.
    """
    with _session(place) as session:
        found = session.get(Correction, correction_id)
        if found is None:
            raise click.ClickException(f"there is no correction {correction_id}; `dateline events corrections` lists them")
        if found.undone_at is not None:
            raise click.ClickException(f"correction {correction_id} was undone by {found.undone_by} already")
        pairs = session.exec(select(CorrectedPair).where(CorrectedPair.correction_id == correction_id)).all()
        keys = {found.anchor, *(key for pair in pairs for key in (pair.a, pair.b))}
        rows = session.exec(select(Article).where(col(Article.url_key).in_(keys))).all()
        articles = eventnames.ids(sorted(rows, key=lambda row: (row.url_key != found.anchor, row.id or 0)))
        if not articles:
            raise click.ClickException(f"none of the articles of correction {correction_id} is here any more")
    _decide(place, "undo", why=why, who=who, wait=not no_wait, events=found.events, left=articles, right=[], correction=correction_id)


def _session(place: Place) -> Any:
    place.configure_logs(quiet=True)
    return reading(place.engine)


def _inside(session: Session, names: Sequence[str], members: Sequence[int], event: int | None) -> list[int]:
    """Articles that must stand in the event."""
    found = list(dict.fromkeys(eventnames.ids([eventnames.article(session, name) for name in names])))
    for name, one in zip(names, found, strict=False):
        if one not in members:
            raise click.UsageError(f"article {name} does not stand in event {event}; `dateline events show {event}` names those that do")
    return found


def _decide(
    place: Place, kind: Kind, *, why: str, who: str | None, wait: bool, events: Sequence[int], left: Sequence[int], right: Sequence[int],
    says: dict[str, int | str] | None = None, correction: int | None = None,
) -> None:
    """Put the decision into the ledger, see it through, and say what came of it."""
    at = now()
    fact = EventCorrected(
        article_id=left[0],
        token=uuid4().hex[:16],
        kind=kind,
        at=at,
        who=(who or getpass.getuser())[:100],
        why=why.strip()[:MAX_WORDS],
        events=tuple(events),
        left=tuple(left),
        right=tuple(right),
        says=says or {},
        correction=correction,
    )
    with writing(place.engine) as session:
        ledger.emit(session.connection(), PIPELINE, [(fact, None, fact.priority)], at)
        pages = session.exec(select(Page.id).where(Page.kind == "event", col(Page.key).in_([str(one) for one in events]))).all()
        own = Own(articles=[*left, *right], pages=[one for one in pages if one is not None])
        known = fallen(session, own)
    good = see_through(place, own, wait=wait, known=known)
    if not wait:
        return
    with reading(place.engine) as session:
        work = session.exec(select(Work).where(Work.stage == "edit", Work.input_key == fact.token, Work.subject_id == left[0])).one()
        if work.state != State.DONE:
            sys.exit(1)
        _tell(session, fact)
    if not good:
        sys.exit(1)


def _tell(session: Session, fact: EventCorrected) -> None:
    """Where the articles stand now."""
    if fact.correction is not None:
        click.echo(f"correction {fact.correction} is undone")
    else:
        number = session.exec(select(Correction.id).where(Correction.token == fact.token)).one()
        click.echo(f"correction {number}: {fact.kind}")
    rows = session.execute(select(Article.event_id, Article.id).where(col(Article.id).in_([*fact.left, *fact.right]))).all()
    for event in sorted({row[0] for row in rows if row[0] is not None}):
        click.echo(f"event {event}: articles {', '.join(str(row[1]) for row in rows if row[0] == event)}")
