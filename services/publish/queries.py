"""What the pages are made of, read from the database.

Each statement is built once: to build one anew takes five times as long as to run it, and a page asks half a dozen times.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, Text, Update, bindparam, case, cast, func, literal_column, type_coerce, union_all, update
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased, defer
from sqlmodel import Session, col

from services.publish.core.build import EVENT_PAGE, Line, rank, standing
from services.publish.core.relate import Other, Weighted
from shared.models import Article, ArticleTag, Edge, Event, Moment, Page, Revision
from shared.rights import LEGAL

# Tags of an event that look for related events, and the articles that one of them may lead to: what more articles bear is generic.
SEEKING_TAGS = 8
SEEKING_ARTICLES = 500
# Events whose articles are somewhat like this one's are looked at as well, the likest of them.
LEAST_ALIKE = 0.1
MOST_ALIKE = 50
EVENT_TAGS = 20

Statement = Select[*tuple[Any, ...]]


def page(session: Session, page_id: int) -> tuple[str, str, int] | None:
    """(kind, key, the number of changes wanted) of a page; None where it is there no more."""
    return _run(session, _page(), page=page_id).first()  # type: ignore[no-any-return]


@cache
def _page() -> Statement:
    return select_columns(col(Page.kind), col(Page.key), col(Page.wanted)).where(col(Page.id) == bindparam("page"))


def held_page(session: Session, page_id: int) -> tuple[int, int, str | None] | None:
    """(changes wanted, version, record) of a page, which nobody else may write until the transaction ends."""
    return _run(session, _held_page(), page=page_id).first()  # type: ignore[no-any-return]


@cache
def _held_page() -> Statement:
    found = select_columns(col(Page.wanted), col(Page.version), col(Page.record)).where(col(Page.id) == bindparam("page"))
    return found.with_for_update()


def issue(session: Session, page_id: int, *, version: int, record: str, etag: str, issued_at: datetime) -> None:
    """Put a record in the place of the page's present one."""
    session.connection().execute(
        _issued(), {"page": page_id, "version": version, "record": record, "etag": etag, "issued_at": issued_at}
    )


@cache
def _issued() -> Update:
    return update(Page).where(col(Page.id) == bindparam("page"))


def articles(session: Session, event: Event) -> Sequence[Article]:
    """The event's articles, in the order of their ids, without their texts."""
    return session.execute(_articles(), {"event": event.id}).scalars().all()


@cache
def _articles() -> Statement:
    unread = [defer(column, raiseload=True) for column in (col(Article.text), col(Article.standfirst), col(Article.captions))]  # type: ignore[arg-type]
    return select_columns(Article).where(col(Article.event_id) == bindparam("event")).order_by(col(Article.id)).options(*unread)


def edits(session: Session, articles: Sequence[Article]) -> dict[int, list[Revision]]:
    """What was edited in these articles, by article, newest first."""
    revised = [article.id for article in articles if article.cleaned_revision > 1]
    found: dict[int, list[Revision]] = defaultdict(list)
    for row in session.execute(_edits(), {"articles": revised}).scalars() if revised else ():
        found[row.article_id].append(row)
    return found


@cache
def _edits() -> Statement:
    wanted: Any = bindparam("articles", expanding=True)
    order = col(Revision.article_id), col(Revision.revision).desc()
    return select_columns(Revision).where(col(Revision.article_id).in_(wanted)).order_by(*order)


def edges(session: Session, event: Event) -> Sequence[Edge]:
    """The edges within the event."""
    return session.execute(_edges(), {"event": event.id}).scalars().all()


@cache
def _edges() -> Statement:
    members = select_columns(col(Article.id)).where(col(Article.event_id) == bindparam("event"))
    return select_columns(Edge).where(col(Edge.a).in_(members), col(Edge.b).in_(members))


def total_articles(session: Session) -> int:
    """Articles of the chronicle, roughly: the highest number given."""
    return _run(session, _total()).scalar() or 0


@cache
def _total() -> Statement:
    return select_columns(func.max(col(Article.id)))


def event_tags(session: Session, event: Event) -> list[Weighted]:
    """The event's tags: the mean weight over its articles, the heaviest first, with the number of articles that bear each anywhere.

    A tag that an event page bears weighs there what it weighs in it, if that is more: people chose it for the event, not for an article.
    """
    found = _run(session, _event_tags(), event=event.id).all()
    members = max(1, len({row[4] for row in found}))
    weights: dict[str, float] = defaultdict(float)
    chosen: dict[str, float] = {}
    names: dict[str, tuple[str, str]] = {}
    for tag_id, name, kind, weight, _, article_kind in found:
        weights[tag_id] += weight / members
        if article_kind == EVENT_PAGE:
            chosen[tag_id] = max(weight, chosen.get(tag_id, 0.0))
        names.setdefault(tag_id, (name, kind))
    weights |= {tag_id: weight for tag_id, weight in chosen.items() if weight > weights[tag_id]}
    heaviest = sorted(weights, key=lambda tag_id: (-weights[tag_id], tag_id))[:EVENT_TAGS]
    frequency = _frequencies(session, heaviest, event.sample)
    return [
        Weighted(id=tag_id, name=names[tag_id][0], kind=names[tag_id][1], weight=weights[tag_id], frequency=frequency[tag_id])
        for tag_id in heaviest
    ]


@cache
def _event_tags() -> Statement:
    tag = ArticleTag
    return (
        select_columns(col(tag.tag_id), col(tag.name), col(tag.kind), col(tag.weight), col(Article.id), col(Article.kind))
        .join(Article, col(Article.id) == col(tag.article_id))
        .where(col(Article.event_id) == bindparam("event"))
        .order_by(col(Article.id))
    )


def others(session: Session, event: Event, tags: Sequence[Weighted]) -> list[Other]:
    """The event itself, then the live events that share one of its heavier tags or are told in like words and share any; sample with
    sample, real with real. Weights are those of `event_tags`."""
    alike = {row[0]: row[1] for row in _run(session, _alike(), event=event.id)}
    seeking = [tag.id for tag in tags[:SEEKING_TAGS] if tag.frequency <= SEEKING_ARTICLES]
    given = {"seeking": seeking, "alike": list(alike), "tags": [tag.id for tag in tags], "event": event.id, "sample": event.sample}
    found = _run(session, _others(), **given).all() if tags and (seeking or alike) else []
    told = {one: (members, first) for one, members, first in _run(session, _standing(), events=[event.id, *{row[0] for row in found}])}
    weights: dict[int, dict[str, float]] = defaultdict(dict)
    said: dict[int, tuple[date, str]] = {event.id or 0: (event.date, event.headline)}
    for event_id, tag_id, whole, chosen, day, headline in found:
        weights[event_id][tag_id] = max(float(whole) / told[event_id][0], float(chosen or 0.0))
        said[event_id] = day, headline
    return [
        Other(id=one, day=said[one][0], headline=said[one][1], tags=weights[one], first=told[one][1], text=float(alike.get(one, 0.0)))
        for one in (event.id or 0, *sorted(weights))
    ]


@cache
def _others() -> Statement:
    tag = ArticleTag
    found = (
        select_columns(col(Article.event_id))
        .join(tag, col(tag.article_id) == col(Article.id))
        .where(col(tag.tag_id).in_(bindparam("seeking", expanding=True)))
        .where(col(Article.event_id).is_not(None), col(Article.event_id) != bindparam("event"))
        .where(col(Article.sample) == bindparam("sample"))
    )
    alike = select_columns(col(Event.id)).where(col(Event.id).in_(bindparam("alike", expanding=True)))
    chosen = func.max(case((col(Article.kind) == EVENT_PAGE, col(tag.weight))))
    told = col(Event.id), col(tag.tag_id), func.sum(col(tag.weight)), chosen, col(Event.date), col(Event.headline)
    return (
        select_columns(*told)
        .join(Article, col(Article.event_id) == col(Event.id))
        .join(tag, col(tag.article_id) == col(Article.id))
        .where(col(Event.id).in_(found.union(alike)))
        .where(col(Event.state) == "live", col(tag.tag_id).in_(bindparam("tags", expanding=True)))
        .group_by(col(Event.id), col(tag.tag_id))
    )


@cache
def _alike() -> Statement:
    """Other events with an edge to this one, and its score: a few, the strongest."""
    here, there = aliased(Article), aliased(Article)

    def across(own: Any, others: Any) -> Statement:
        return (
            select_columns(col(there.event_id).label("event_id"), col(Edge.score).label("score"))
            .join(here, col(here.id) == own)
            .join(there, col(there.id) == others)
            .where(col(here.event_id) == bindparam("event"), col(there.event_id) != bindparam("event"))
            .where(col(Edge.score) >= LEAST_ALIKE)
        )

    both = union_all(across(col(Edge.a), col(Edge.b)), across(col(Edge.b), col(Edge.a))).subquery()
    best = func.max(both.c.score)
    return select_columns(both.c.event_id, best).group_by(both.c.event_id).order_by(best.desc(), both.c.event_id).limit(MOST_ALIKE)


@cache
def _standing() -> Statement:
    """How many articles an event has that bear a tag, and when the first report of it was published."""
    tagged = func.count(func.distinct(col(ArticleTag.article_id)))
    first = func.min(case((func.coalesce(col(Article.kind), "") != EVENT_PAGE, col(Article.published_at))))
    return (
        select_columns(col(Article.event_id), tagged, type_coerce(first, Moment()))
        .outerjoin(ArticleTag, col(ArticleTag.article_id) == col(Article.id))
        .where(col(Article.event_id).in_(bindparam("events", expanding=True)))
        .group_by(col(Article.event_id))
    )


def lines(session: Session, days: Sequence[date], most: int | None = None) -> list[Line]:
    """The live events of these days, as lists show them: of each day the first `most` in the order of `build.rank`."""
    events = session.execute(_live_events(), {"days": list(days)}).scalars().all()
    by_event: dict[int | None, list[tuple[int, str, int | None, str | None]]] = defaultdict(list)
    for event_id, article_id, outlet, copy_of, kind in _run(session, _told(), days=list(days)):
        by_event[event_id].append((article_id, outlet, copy_of, kind))
    shown: dict[date, list[Line]] = defaultdict(list)
    for event in events:
        outlets, independent = standing(by_event[event.id])
        shown[event.date].append(Line(event=event, outlets=outlets, independent=independent))
    found = [line for day in shown.values() for line in sorted(day, key=rank)[:most]]
    tags = _line_tags(session, [line.event.id or 0 for line in found])
    reserved = {row[0]: (row[1], row[2]) for row in _run(session, _reserved(), days=list(days))}
    return [replace(one, tags=tags[one.event.id or 0], reserved=reserved.get(one.event.id)) for one in found]


@cache
def _reserved() -> Statement:
    """Directives and gone_status of the articles that events of these days take their descriptions from, where there are any."""
    days: Any = bindparam("days", expanding=True)
    said = cast(col(Article.directives), Text) != "[]"
    return (
        select_columns(col(Event.id), col(Article.directives), col(Article.gone_status))
        .join(Article, col(Article.id) == col(Event.description_article_id))
        .where(col(Event.date).in_(days), said | (col(Article.gone_status) == LEGAL))
    )


@cache
def _live_events() -> Statement:
    days: Any = bindparam("days", expanding=True)
    return select_columns(Event).where(col(Event.date).in_(days), col(Event.state) == "live").order_by(col(Event.id))


@cache
def _told() -> Statement:
    days: Any = bindparam("days", expanding=True)
    return (
        select_columns(col(Article.event_id), col(Article.id), col(Article.outlet), col(Article.copy_of_id), col(Article.kind))
        .join(Event, col(Event.id) == col(Article.event_id))
        .where(col(Event.date).in_(days), col(Event.state) == "live")
    )


def _line_tags(session: Session, events: Sequence[int]) -> dict[int, list[Weighted]]:
    """The tags of these events, the heaviest first."""
    tags: dict[int, list[Weighted]] = defaultdict(list)
    for event_id, tag_id, name, kind, weight in _run(session, _weights(), events=list(events)) if events else ():
        tags[event_id].append(Weighted(id=tag_id, name=name, kind=kind, weight=float(weight), frequency=0))
    for some in tags.values():
        some.sort(key=lambda tag: (-tag.weight, tag.id))
    return tags


@cache
def _weights() -> Statement:
    tag = ArticleTag
    named = func.min(col(tag.name)), func.min(col(tag.kind))
    return (
        select_columns(col(Article.event_id), col(tag.tag_id), *named, func.sum(col(tag.weight)))
        .join(tag, col(tag.article_id) == col(Article.id))
        .where(col(Article.event_id).in_(bindparam("events", expanding=True)))
        .group_by(col(Article.event_id), col(tag.tag_id))
    )


def latest_days(session: Session, most: int, not_after: date) -> list[date]:
    """The latest days with live events, newest first."""
    return list(_run(session, _latest_days(), until=not_after, most=most).scalars().all())


@cache
def _latest_days() -> Statement:
    until = col(Event.date) <= bindparam("until")
    wanted = select_columns(col(Event.date)).where(col(Event.state) == "live", until).distinct()
    return wanted.order_by(col(Event.date).desc()).limit(bindparam("most"))


def days_beside(session: Session, day: date) -> tuple[date | None, date | None]:
    """The nearest days before and after that have live events."""
    before, after = _run(session, _days_beside(), day=day).one()
    return before, after


@cache
def _days_beside() -> Statement:
    def nearest(which: Any, where: Any) -> Any:
        return select_columns(which(col(Event.date))).where(col(Event.state) == "live", where).scalar_subquery()

    day: Any = bindparam("day")
    return select_columns(nearest(func.max, col(Event.date) < day), nearest(func.min, col(Event.date) > day))


def _frequencies(session: Session, tag_ids: Sequence[str], sample: bool) -> dict[str, int]:
    """Articles that bear each tag, counted up to a little over what is generic."""
    asked = {f"tag_{at}": tag_ids[at] if at < len(tag_ids) else "" for at in range(EVENT_TAGS)}
    return dict(zip(tag_ids, _run(session, _counts(), sample=sample, **asked).one(), strict=False)) if tag_ids else {}


@cache
def _counts() -> Statement:
    """One count for each of `EVENT_TAGS` tags; always so many, since each number of them would be a statement to compile."""

    def count(at: int) -> Any:
        some: Any = (
            select_columns(literal_column("1"))
            .select_from(ArticleTag)
            .join(Article, col(Article.id) == col(ArticleTag.article_id))
            .where(col(ArticleTag.tag_id) == bindparam(f"tag_{at}"), col(Article.sample) == bindparam("sample"))
            .limit(SEEKING_ARTICLES + 1)
        )
        return select_columns(func.count()).select_from(some.subquery()).scalar_subquery()

    return select_columns(*(count(at) for at in range(EVENT_TAGS)))


def _run(session: Session, statement: Statement, **given: Any) -> Any:
    return session.connection().execute(statement, given)
