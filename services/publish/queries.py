"""What the pages are made of, read from the database."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from services.publish.core.build import Line, standing
from services.publish.core.relate import Other, Weighted
from shared.models import Article, ArticleTag, Edge, Event

# Tags of an event that look for related events, and the articles that one of them may lead to: what more articles bear is generic.
SEEKING_TAGS = 8
SEEKING_ARTICLES = 500
EVENT_TAGS = 16


def articles(session: Session, event: Event) -> Sequence[Article]:
    """The event's articles, in the order of their ids."""
    return session.exec(select(Article).where(Article.event_id == event.id).order_by(col(Article.id))).all()


def edges(session: Session, event: Event) -> Sequence[Edge]:
    """The edges within the event."""
    members = select(Article.id).where(Article.event_id == event.id)
    return session.exec(select(Edge).where(col(Edge.a).in_(members), col(Edge.b).in_(members))).all()


def total_articles(session: Session) -> int:
    """Articles of the chronicle, roughly: the highest number given."""
    return session.exec(select(func.max(Article.id))).one() or 0


def event_tags(session: Session, event: Event) -> list[Weighted]:
    """The event's tags: the mean weight over its articles, the heaviest first, with the number of articles that bear each anywhere."""
    found = session.execute(
        select_columns(col(ArticleTag.tag_id), col(ArticleTag.name), col(ArticleTag.kind), col(ArticleTag.weight), col(Article.id))
        .join(Article, col(Article.id) == col(ArticleTag.article_id))
        .where(col(Article.event_id) == event.id)
        .order_by(col(Article.id))
    ).all()
    members = max(1, len({row[4] for row in found}))
    weights: dict[str, float] = defaultdict(float)
    names: dict[str, tuple[str, str]] = {}
    for tag_id, name, kind, weight, _ in found:
        weights[tag_id] += weight / members
        names.setdefault(tag_id, (name, kind))
    heaviest = sorted(weights, key=lambda tag_id: (-weights[tag_id], tag_id))[:EVENT_TAGS]
    frequency = _frequencies(session, heaviest, event.sample)
    return [
        Weighted(id=tag_id, name=names[tag_id][0], kind=names[tag_id][1], weight=weights[tag_id], frequency=frequency[tag_id])
        for tag_id in heaviest
    ]


def others(session: Session, event: Event, tags: Sequence[Weighted]) -> list[Other]:
    """Live events that share one of the event's heavier tags, sample with sample, real with real."""
    seeking = [tag.id for tag in tags[:SEEKING_TAGS] if tag.frequency <= SEEKING_ARTICLES]
    if not seeking:
        return []
    ids = session.exec(
        select(Article.event_id)
        .join(ArticleTag, col(ArticleTag.article_id) == col(Article.id))
        .where(col(ArticleTag.tag_id).in_(seeking), col(Article.event_id).is_not(None), Article.event_id != event.id)
        .where(Article.sample == event.sample)
        .distinct()
    ).all()
    shared = session.exec(
        select(Article.event_id, ArticleTag.tag_id, func.avg(ArticleTag.weight))
        .join(ArticleTag, col(ArticleTag.article_id) == col(Article.id))
        .where(col(Article.event_id).in_(ids), col(ArticleTag.tag_id).in_([tag.id for tag in tags]))
        .group_by(col(Article.event_id), col(ArticleTag.tag_id))
    ).all()
    weights: dict[int, dict[str, float]] = defaultdict(dict)
    for event_id, tag_id, weight in shared:
        if event_id is not None:
            weights[event_id][tag_id] = float(weight)
    rows = session.exec(
        select(col(Event.id), col(Event.date), col(Event.headline))
        .where(col(Event.id).in_(list(weights)), Event.state == "live")
        .order_by(col(Event.id))
    ).all()
    return [Other(id=row[0], day=row[1], headline=row[2], tags=weights[row[0]]) for row in rows if row[0] is not None]


def lines(session: Session, days: Sequence[date]) -> list[Line]:
    """The live events of these days, as lists show them."""
    events = session.exec(select(Event).where(col(Event.date).in_(days), Event.state == "live").order_by(col(Event.id))).all()
    ids = [event.id for event in events]
    told = session.execute(
        select_columns(
            col(Article.event_id), col(Article.id), col(Article.outlet), col(Article.copy_of_id), col(Article.kind)
        ).where(col(Article.event_id).in_(ids))
    ).all()
    by_event: dict[int | None, list[tuple[int, str, int | None, str | None]]] = defaultdict(list)
    for event_id, article_id, outlet, copy_of, kind in told:
        by_event[event_id].append((article_id or 0, outlet, copy_of, kind))
    named = func.min(ArticleTag.name), func.min(ArticleTag.kind)
    weights = session.execute(
        select_columns(col(Article.event_id), col(ArticleTag.tag_id), *named, func.sum(ArticleTag.weight))
        .join(ArticleTag, col(ArticleTag.article_id) == col(Article.id))
        .where(col(Article.event_id).in_(ids))
        .group_by(col(Article.event_id), col(ArticleTag.tag_id))
    ).all()
    tags: dict[int | None, list[Weighted]] = defaultdict(list)
    for event_id, tag_id, name, kind, weight in weights:
        tags[event_id].append(Weighted(id=tag_id, name=name, kind=kind, weight=float(weight), frequency=0))
    found = []
    for event in events:
        outlets, independent = standing(by_event[event.id])
        heaviest = sorted(tags[event.id], key=lambda tag: (-tag.weight, tag.id))
        found.append(Line(event=event, outlets=outlets, independent=independent, tags=heaviest))
    return found


def latest_days(session: Session, most: int, not_after: date) -> list[date]:
    """The latest days with live events, newest first."""
    wanted = select(col(Event.date)).where(Event.state == "live", col(Event.date) <= not_after).distinct()
    return list(session.exec(wanted.order_by(col(Event.date).desc()).limit(most)).all())


def days_beside(session: Session, day: date) -> tuple[date | None, date | None]:
    """The nearest days before and after that have live events."""
    live = Event.state == "live"
    before = session.exec(select(func.max(Event.date)).where(live, col(Event.date) < day)).one()
    after = session.exec(select(func.min(Event.date)).where(live, col(Event.date) > day)).one()
    return before, after


def _frequencies(session: Session, tag_ids: Sequence[str], sample: bool) -> dict[str, int]:
    """Articles that bear each tag, counted up to a little over what is generic."""
    found = {}
    for tag_id in tag_ids:
        some = (
            select(ArticleTag.article_id)
            .join(Article, col(Article.id) == col(ArticleTag.article_id))
            .where(ArticleTag.tag_id == tag_id, Article.sample == sample)
            .limit(SEEKING_ARTICLES + 1)
        )
        found[tag_id] = session.exec(select(func.count()).select_from(some.subquery())).one()
    return found
