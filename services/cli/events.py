"""`dateline events`: the events, why their articles are together, and what people decided about them."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click
from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from services.cli import edges, show
from services.cli.corrections import forbid, merge, pin, split, undo
from services.cli.eventnames import of_event
from services.cli.place import LARGEST_ID, Place
from shared.db import reading
from shared.models import Article, CorrectedPair, Correction, Edge, Event

LIST_COLUMNS = {"id": "id", "date": "date", "state": "state", "articles": "articles", "fixed": "fixed", "headline": "headline"}
ARTICLE_COLUMNS = {"id": "article", "outlet": "outlet", "published_at": "published", "copy_of": "copy of", "title": "title"}
CORRECTION_COLUMNS = {
    "id": "id",
    "kind": "kind",
    "at": "when",
    "who": "who",
    "why": "why",
    "events": "events",
    "pairs": "pairs",
    "stands": "stands",
}
STATES = ("live", "merged", "split", "gone")
EVENT_ID = click.IntRange(1, LARGEST_ID)


@click.group()
def events() -> None:
    """See events and why their articles are together, and correct them.

    A correction (merge, split, pin, forbid) is a decision about articles. It holds for good, through every rebuild and whatever comes
    in later, until `dateline events undo` takes it back; one that cannot hold together with an earlier one is refused.
    """


for _command in (merge, split, pin, forbid, undo):
    events.add_command(_command)


@events.command("list")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Only of this day.")
@click.option("--state", type=click.Choice(STATES), default="live", show_default=True)
@click.option("--most", type=click.IntRange(1), default=100, show_default=True, help="So many, the newest first.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(place: Place, day: datetime | None, state: str, most: int, json_: bool) -> None:
    """List the events, the newest first."""
    place.configure_logs(quiet=True)
    wanted = select(Event).where(Event.state == state).order_by(col(Event.date).desc(), col(Event.id).desc()).limit(most)
    if day is not None:
        wanted = wanted.where(Event.date == day.date())
    with reading(place.engine) as session:
        found = session.exec(wanted).all()
        ids = [one.id for one in found]
        counted = select(Article.event_id, func.count()).where(col(Article.event_id).in_(ids)).group_by(col(Article.event_id))
        counts = {row[0]: row[1] for row in session.execute(counted)}
    rows = [
        {
            "id": one.id,
            "date": one.date,
            "state": one.state,
            "articles": counts.get(one.id, 0),
            "fixed": ", ".join(one.pinned) or None,
            "headline": one.headline,
        }
        for one in found
    ]
    show.as_json(rows) if json_ else show.table(rows, LIST_COLUMNS)


@events.command("show")
@click.argument("event_id", type=EVENT_ID, metavar="ID")
@click.option("--outside", is_flag=True, help="Also the edges to articles of other events.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@click.pass_obj
def show_(place: Place, event_id: int, outside: bool, json_: bool) -> None:
    """Show an event and explain its edges.

    Of every edge between its articles, the surest first: how likely they tell of one event, what speaks for it (+) and against it (-),
    which repeats which, and what people decided. Of pairs without an edge: which they are.
    """
    place.configure_logs(quiet=True)
    with reading(place.engine) as session:
        event = session.get(Event, event_id)
        if event is None:
            raise click.ClickException(f"there is no event {event_id}; `dateline events list` shows those that there are")
        story = _tell(session, event, outside)
    if json_:
        show.as_json(story)
        return
    click.secho(story["headline"], bold=True)
    click.echo(f"event {event_id}, {story['date']} ({story['date_provenance']}, {story['date_confidence']}); {_standing(story)}\n")
    show.table(story["articles"], ARTICLE_COLUMNS, most=60)
    edges.show_all(story, outside=outside)
    if story["corrections"]:
        click.echo()
        show.table([_row(one) for one in story["corrections"]], CORRECTION_COLUMNS)


@events.command("corrections")
@click.option("--all", "all_", is_flag=True, help="Also those that were undone.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@click.pass_obj
def corrections(place: Place, all_: bool, json_: bool) -> None:
    """List what people decided, who, when and why."""
    place.configure_logs(quiet=True)
    with reading(place.engine) as session:
        wanted = select(Correction).order_by(col(Correction.id))
        found = _corrections(session, session.exec(wanted if all_ else wanted.where(col(Correction.undone_at).is_(None))).all())
    show.as_json(found) if json_ else show.table([_row(one) for one in found], CORRECTION_COLUMNS)


@events.command("pairs")
@click.option("--texts", is_flag=True, help="With each article's title, text and date, as tuning needs them.")
@click.pass_obj
def export_pairs(place: Place, texts: bool) -> None:
    """Write decisions as labelled pairs.

    A JSON line for each pair of articles: a, b, same or different, who, when, why. What was undone is left out, and so is what a pin
    fixes of an event.
    """
    place.configure_logs(quiet=True)
    standing = col(Correction.undone_at).is_(None)
    wanted = select(CorrectedPair, Correction).join(Correction, col(Correction.id) == col(CorrectedPair.correction_id)).where(standing)
    with reading(place.engine) as session:
        for pair, why in session.exec(wanted.order_by(col(Correction.id), col(CorrectedPair.a), col(CorrectedPair.b))):
            known = {one.url_key: one for one in session.exec(select(Article).where(col(Article.url_key).in_([pair.a, pair.b])))}
            line = {
                "a": _article(pair.a, known.get(pair.a), texts),
                "b": _article(pair.b, known.get(pair.b), texts),
                "label": "same" if pair.together else "different",
                "correction": why.id,
                "kind": why.kind,
                "who": why.who,
                "when": why.at.isoformat(),
                "why": why.why,
            }
            click.echo(json.dumps(line, ensure_ascii=False))


def _article(key: str, article: Article | None, texts: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"key": key, "id": article.id if article else None, "url": article.url if article else None}
    if texts and article is not None:
        at = article.published_at.isoformat() if article.published_at else None
        told |= {"title": article.title, "text": article.text, "date": at, "language": article.language}
    return told


def _tell(session: Session, event: Event, outside: bool) -> dict[str, Any]:
    """An event as plain values."""
    members = of_event(session, event.id or 0)
    ids = [one.id or 0 for one in members]
    of_a, of_b = col(Edge.a).in_(ids), col(Edge.b).in_(ids)
    lines = session.exec(select(Edge).where(or_(of_a, of_b) if outside else of_a & of_b)).all()
    keys = [one.url_key for one in members]
    decided, standing = _decided(session, keys)
    concerned = {*ids, *(one for edge in lines for one in (edge.a, edge.b)), *(one for pair in decided for one in pair)}
    known = edges.known(session, concerned)
    found = {(edge.a, edge.b): edges.told(edge, set(ids), known) for edge in lines}
    for (a, b), why in decided.items():
        if outside or (a in ids and b in ids):
            line = found.setdefault((a, b), edges.told(Edge(a=a, b=b, score=0.0, reasons=[], rules=""), set(ids), known))
            line["decided"] = {one.id: one.kind for one in why}
    return {
        "id": event.id,
        "state": event.state,
        "merged_into": event.merged_into,
        "parts": event.parts,
        "date": event.date,
        "date_provenance": event.date_provenance,
        "date_confidence": event.date_confidence,
        "headline": event.headline,
        "description": event.description,
        "fixed": event.pinned,
        "articles": [
            {
                "id": one.id,
                "outlet": one.outlet,
                "published_at": one.published_at,
                "copy_of": one.copy_of_id,
                "title": one.title or one.feed_title,
                "url": one.url,
            }
            for one in members
        ],
        "follows": {one: known[one].follows for one in ids if known[one].follows is not None},
        "apart": edges.apart(ids, found.keys(), known),
        "edges": sorted(found.values(), key=lambda one: (-one["score"], one["a"], one["b"])),
        "corrections": _corrections(session, standing),
    }


def _decided(session: Session, keys: list[str]) -> tuple[dict[tuple[int, int], list[Correction]], list[Correction]]:
    """Corrections that hold: by the ids of the pairs that they are about, and all of them, those that fix what an event says too."""
    concerned = or_(col(CorrectedPair.a).in_(keys), col(CorrectedPair.b).in_(keys))
    wanted = select(CorrectedPair, Correction).join(Correction, col(Correction.id) == col(CorrectedPair.correction_id))
    rows = session.exec(wanted.where(concerned, col(Correction.undone_at).is_(None))).all()
    named = {key for pair, _ in rows for key in (pair.a, pair.b)}
    ids = {row[0]: row[1] for row in session.execute(select(Article.url_key, Article.id).where(col(Article.url_key).in_(named)))}
    found: dict[tuple[int, int], list[Correction]] = defaultdict(list)
    for pair, why in rows:
        if pair.a in ids and pair.b in ids:
            found[min(ids[pair.a], ids[pair.b]), max(ids[pair.a], ids[pair.b])].append(why)
    fixing = select(Correction).where(col(Correction.anchor).in_(keys), col(Correction.undone_at).is_(None))
    every = {one.id: one for one in (*(why for _, why in rows), *session.exec(fixing))}
    return found, [every[id] for id in sorted(every, key=lambda id: id or 0)]


def _corrections(session: Session, found: Iterable[Correction]) -> list[dict[str, Any]]:
    """Corrections as plain values."""
    rows = list(found)
    ids = [one.id for one in rows]
    pairs = session.execute(select(CorrectedPair.correction_id, CorrectedPair.together).where(col(CorrectedPair.correction_id).in_(ids)))
    counts: Counter[tuple[int, bool]] = Counter((row[0], bool(row[1])) for row in pairs)
    return [
        {
            **one.model_dump(exclude={"pinned", "token", "anchor", "keep_event"}),
            "fixes": json.loads(one.pinned) if one.pinned else {},
            "same": counts[one.id or 0, True],
            "different": counts[one.id or 0, False],
        }
        for one in rows
    ]


def _row(one: dict[str, Any]) -> dict[str, Any]:
    said = [f"{one[name]} {name}" for name in ("same", "different") if one[name]]
    said += [f"{name}={value}" for name, value in one["fixes"].items()]
    stands = f"undone by {one['undone_by']}: {one['undone_why']}" if one["undone_at"] else "yes"
    return {**one, "events": ", ".join(map(str, one["events"])) or None, "pairs": ", ".join(said), "stands": stands}


def _standing(story: dict[str, Any]) -> str:
    if story["state"] == "merged":
        return f"merged into event {story['merged_into']}"
    if story["state"] == "split":
        return f"split into events {', '.join(map(str, story['parts']))}"
    fixed = f"; fixed by people: {', '.join(story['fixed'])}" if story["fixed"] else ""
    number, copies = len(story["articles"]), sum(one["copy_of"] is not None for one in story["articles"])
    repeated = f", {copies} of them {'a copy' if copies == 1 else 'copies'}" if copies else ""
    return f"{story['state']}, {number} article{'s' * (number != 1)}{repeated}{fixed}"
