"""Writing what a new partition means: memberships, events with ids that last, redirects, and which pages show it no longer."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from services.link import queries
from services.link.core.choice import Member
from services.link.core.relink import Group, Relinked
from shared.messages import PageOutdated
from shared.models import Article, Event
from shared.pages import outdate

MAX_FORMER_HEADLINES = 20

Page = tuple[str, str]  # kind, key


def write(
    session: Session, article: int, revision: int, relinked: Relinked, members: Mapping[int, Member], now: datetime
) -> Sequence[PageOutdated]:
    """Write the partition of a component in which `article` stands in its `revision`; the pages that this outdates."""
    pages: set[Page] = set()
    ids = [_write_group(session, group, members, now, pages) if group.told else group.event for group in relinked.groups]
    ended = sorted({*relinked.merged, *relinked.split, *relinked.gone})
    for event in session.exec(select(Event).where(col(Event.id).in_(ended)).order_by(col(Event.id))) if ended else ():
        _end(session, event, relinked, ids, now, pages)
    session.execute(update(Article).where(col(Article.id) == article).values(linked_revision=revision))
    if pages:
        pages.add(("front", "front"))
    return [outdate(session, kind, key, now) for kind, key in sorted(pages)]


def _write_group(session: Session, group: Group, members: Mapping[int, Member], now: datetime, pages: set[Page]) -> int:
    """Write an event that is new or changed, with its articles' memberships."""
    told = group.told
    assert told is not None
    event = session.get_one(Event, group.event) if group.event is not None else None
    if event is None:
        event = Event(
            date=told.date, date_provenance=told.date_provenance, headline=told.headline, created_at=now, changed_at=now, version=0
        )
    else:
        pages.add(("day", event.date.isoformat()))
        if event.headline != told.headline:
            event.former_headlines = [event.headline, *event.former_headlines][:MAX_FORMER_HEADLINES]
    event.state, event.merged_into = "live", None
    event.version += 1
    event.sample = any(members[article].profile.features.sample for article in group.articles)
    event.date, event.date_provenance, event.date_confidence = told.date, told.date_provenance, told.date_confidence
    event.headline, event.headline_article_id = told.headline, told.headline_article
    event.description, event.description_article_id = told.description, told.description_article
    event.changed_at = now
    session.add(event)
    session.flush()
    assert event.id is not None
    pages |= {("event", str(event.id)), ("day", told.date.isoformat())}
    _join(session, event.id, group.articles, told.copy_of)
    return event.id


def _join(session: Session, event: int, articles: Collection[int], copy_of: Mapping[int, int]) -> None:
    """Put articles into an event, each a copy of the one named or of none. Rows that say so already are left alone."""
    belongs, copied = col(Article.event_id), col(Article.copy_of_id)
    inside = col(Article.id).in_(articles)
    session.execute(update(Article).where(inside, or_(belongs.is_(None), belongs != event)).values(event_id=event))
    session.execute(update(Article).where(inside, copied.is_not(None), col(Article.id).not_in(copy_of)).values(copy_of_id=None))
    by_origin: dict[int, list[int]] = {}
    for article, origin in sorted(copy_of.items()):
        by_origin.setdefault(origin, []).append(article)
    for origin, copies in by_origin.items():
        differs = or_(copied.is_(None), copied != origin)
        session.execute(update(Article).where(col(Article.id).in_(copies), differs).values(copy_of_id=origin))


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
