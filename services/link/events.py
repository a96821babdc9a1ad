"""Writing what a new partition means: memberships, events with ids that last, redirects, and which pages show it no longer."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from services.link import queries
from services.link.core.choice import Member
from services.link.core.relink import Component, Group, Relinked
from shared.messages import ArticleTagged, PageOutdated
from shared.models import Event
from shared.pages import outdate_all

MAX_FORMER_HEADLINES = 20

Page = tuple[str, str]  # kind, key


def write(
    session: Session, message: ArticleTagged, before: Component, relinked: Relinked, members: Mapping[int, Member], now: datetime,
    *, same: bool = False,
) -> Sequence[PageOutdated]:
    """Write the partition of a component in which the message's article stands; the pages that this outdates. `before`: what stood.

    `same`: the article's tags and edges are what they were, so that an event of which nothing else differs need not be told anew.
    """
    pages: set[Page] = set()
    told = [group.told is not None and not (same and _stands(session, group, before, members)) for group in relinked.groups]
    ids = [
        _write_group(session, group, before, members, now, pages) if is_told else group.event
        for group, is_told in zip(relinked.groups, told, strict=True)
    ]
    ended = sorted({*relinked.merged, *relinked.split, *relinked.gone})
    for event in session.exec(select(Event).where(col(Event.id).in_(ended)).order_by(col(Event.id))) if ended else ():
        _end(session, event, relinked, ids, now, pages)
    queries.mark_linked(session, message.article_id, message.revision)
    if pages:
        pages.add(("front", "front"))
    return outdate_all(session, pages, now)


def follow(session: Session, message: ArticleTagged, pair: Component, now: datetime) -> list[PageOutdated]:
    """Put a new article beside the one that it repeats, if it is not there yet: `pair` holds both. What the event says of itself stays."""
    (twin,) = pair.events.keys() - {message.article_id}
    event = pair.events[twin]
    assert event is not None
    if pair.events[message.article_id] is not None:
        queries.mark_linked(session, message.article_id, message.revision)
        return []
    queries.join(session, event, [message.article_id])
    queries.mark_copies(session, pair.copies[twin] or twin, [message.article_id])
    stood = queries.event(session, event)
    queries.update_event(session, event, {"version": stood.version + 1, "changed_at": now})
    queries.mark_linked(session, message.article_id, message.revision)
    return outdate_all(session, [("day", stood.date.isoformat()), ("event", str(event)), ("front", "front")], now)


def _write_group(
    session: Session, group: Group, before: Component, members: Mapping[int, Member], now: datetime, pages: set[Page]
) -> int:
    """Write an event that is new or changed, with its articles' memberships."""
    told = group.told
    assert told is not None
    values = _values(group, members) | {"changed_at": now}
    if group.event is None:
        event = queries.insert_event(session, values | {"version": 1, "parts": [], "former_headlines": [], "created_at": now})
    else:
        event, stood = group.event, queries.event(session, group.event)
        pages.add(("day", stood.date.isoformat()))
        if stood.headline != told.headline and queries.is_issued(session, event):  # else nobody saw it
            values["former_headlines"] = [stood.headline, *stood.former_headlines][:MAX_FORMER_HEADLINES]
        queries.update_event(session, event, values | {"version": stood.version + 1})
    pages |= {("event", str(event)), ("day", told.date.isoformat())}
    _join(session, event, group.articles, told.copy_of, before)
    return event


def _values(group: Group, members: Mapping[int, Member]) -> dict[str, Any]:
    """What an event's row says of it."""
    told = group.told
    assert told is not None
    return {
        "state": "live",
        "merged_into": None,
        "sample": any(members[article].profile.features.sample for article in group.articles),
        "date": told.date,
        "date_provenance": told.date_provenance,
        "date_confidence": told.date_confidence,
        "headline": told.headline,
        "headline_article_id": told.headline_article,
        "description": told.description,
        "description_article_id": told.description_article,
        "image_article_id": told.image_article,
        "pinned": told.pinned,
    }


def _stands(session: Session, group: Group, before: Component, members: Mapping[int, Member]) -> bool:
    """Whether the event stands there with these articles and says this."""
    assert group.told is not None
    stood = {article for article, event in before.events.items() if event == group.event}
    if group.event is None or stood != group.articles or any(before.copies[one] != group.told.copy_of.get(one) for one in stood):
        return False
    values = _values(group, members)
    columns = [getattr(Event, name) for name in values]  # not the row: the session may remember it as it was
    row = session.execute(select_columns(*columns).where(col(Event.id) == group.event)).mappings().one()
    return dict(row) == values


def _join(session: Session, event: int, articles: Collection[int], copy_of: Mapping[int, int], before: Component) -> None:
    """Put articles into an event, each a copy of the one named or of none. Rows that say so already are left alone."""
    queries.join(session, event, [article for article in articles if before.events[article] != event])
    changed: dict[int | None, list[int]] = {}
    for article in articles:
        if before.copies[article] != copy_of.get(article):
            changed.setdefault(copy_of.get(article), []).append(article)
    for origin, copies in changed.items():
        queries.mark_copies(session, origin, copies)


def _end(session: Session, event: Event, relinked: Relinked, ids: Sequence[int | None], now: datetime, pages: set[Page]) -> None:
    """An event whose articles are elsewhere now, or nowhere: its id stays and tells where they went."""
    assert event.id is not None
    if event.id in relinked.merged:
        event.state, event.merged_into = "merged", ids[relinked.merged[event.id]]
        if event.merged_into is not None:
            queries.forward(session, event.id, event.merged_into)
    elif event.id in relinked.split:
        event.state, event.parts = "split", [part for at in relinked.split[event.id] if (part := ids[at]) is not None]
    else:
        event.state = "gone"
    event.version += 1
    event.changed_at = now
    session.add(event)
    pages |= {("event", str(event.id)), ("day", event.date.isoformat())}
