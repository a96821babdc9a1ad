"""The page records, out of the rows that concern them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from services.publish.core.address import day_path, event_path
from services.publish.core.relate import Relation, Weighted, likeness
from shared.records import (
    Article as ArticleRecord,
)
from shared.records import (
    Citation,
    DayOfFront,
    DayPage,
    Decision,
    Edit,
    EventLine,
    EventPage,
    FrontPage,
    Image,
    MovedPage,
    Reason,
    Related,
    Sourced,
    Tag,
)
from shared.rights import may_picture, may_quote

if TYPE_CHECKING:  # rows are read here like any other values: nothing of the database is needed to do it
    from shared.models import Article, Edge, Event, Revision

MOST_TAGS = 12
LINE_TAGS = 5
CONTEXT_TAGS = 8
# The front page is for reading: a busy day's further events stand in its index.
FRONT_EVENTS = 60
MOST_KEYWORDS = 8
LEAST_PLACE = 0.3  # the mean weight from which an event's place is told: its articles are about it, and most of them name it
EVENT_PAGE = "event_page"
REPORTS = frozenset({"article", "paywalled"})
# Of an article's edits.
MOST_EDITS = 5
EDIT_LINES = 20
EDIT_CHARS = 300


@dataclass(frozen=True, kw_only=True)
class Line:
    """An event as lists need it: `outlets` and `independent` as `standing` counts them."""

    event: Event
    outlets: int
    independent: int
    tags: Sequence[Weighted] = ()
    reserved: tuple[Sequence[str], int | None] | None = None  # directives and gone_status of the description's article, where there are any


def standing(articles: Iterable[tuple[int, str, int | None, str | None]]) -> tuple[int, int]:
    """(outlets, independent outlets) of an event's articles (id, outlet, copy of, kind).

    Independent are the outlets whose text repeats nobody else's. Imported event pages report nothing of their own.
    """
    told = [(outlet, copy_of) for _, outlet, copy_of, kind in articles if kind != EVENT_PAGE]
    return len({outlet for outlet, _ in told}), len({outlet for outlet, copy_of in told if copy_of is None})


def event_page(
    *,
    event: Event,
    articles: Sequence[Article],
    edges: Sequence[Edge],
    tags: Sequence[Weighted],
    related: Sequence[Relation],
    now: datetime,
    story: Sequence[Relation] = (),
    edits: Mapping[int, Sequence[Revision]] | None = None,
    decisions: Sequence[Decision] = (),
) -> EventPage:
    """The page of a live event."""
    by_id = {article.id: article for article in articles}
    best = _strongest(edges)
    outlets, independent = standing((a.id or 0, a.outlet, a.copy_of_id if a.copy_of_id in by_id else None, a.kind) for a in articles)
    return EventPage(
        id=event.id or 0,
        path=event_path(event.date, event.headline, event.id or 0),
        headline=event.headline,
        headline_from=_sourced(event.headline, by_id.get(event.headline_article_id)),
        date=event.date,
        date_provenance=event.date_provenance,
        date_confidence=event.date_confidence,  # type: ignore[arg-type]
        description=_description(event, by_id.get(event.description_article_id), now),
        image=_image(articles, event, now),
        articles=tuple(
            article_record(a, by_id, best.get(a.id or 0), _edits(a, (edits or {}).get(a.id or 0, ()), now), decisions)
            for a in sorted(articles, key=_reading_order)
        ),
        outlets=outlets,
        independent=independent,
        topic=next((topic for article in articles if (topic := (article.context or {}).get("topic"))), None),
        citations=tuple(_citations(articles)),
        tags=tuple(tag_record(tag) for tag in tags[:MOST_TAGS]),
        place=_place(tags),
        related=tuple(related_record(relation) for relation in related),
        storyline=tuple(related_record(relation) for relation in story),
        sample=event.sample,
        issued_at=now,
        changes=tuple(event.former_headlines),
        decisions=tuple(decisions),
    )


def moved_page(event: Event, targets: Sequence[Event], now: datetime) -> MovedPage:
    """What stands at the address of an event that is live no more."""
    to = tuple(
        Related(
            id=t.id or 0,
            path=event_path(t.date, t.headline, t.id or 0),
            headline=t.headline,
            date=t.date,
            tags=(),
            strength=1.0,
            before=t.date <= event.date,
        )
        for t in targets
    )
    return MovedPage(id=event.id or 0, path=event_path(event.date, event.headline, event.id or 0), to=to, issued_at=now)


def day_page(*, day: date, lines: Sequence[Line], previous: date | None, following: date | None, now: datetime) -> DayPage:
    """All events of a day, those that most outlets tell first."""
    return DayPage(path=day_path(day), date=day, events=_lines(lines, now), previous=previous, next=following, issued_at=now)


def front_page(days: Mapping[date, Sequence[Line]], now: datetime) -> FrontPage:
    """The latest days that have events, newest first."""
    return FrontPage(
        days=tuple(
            DayOfFront(date=day, path=day_path(day), events=_lines(days[day], now)[:FRONT_EVENTS]) for day in sorted(days, reverse=True)
        ),
        issued_at=now,
    )


def rank(line: Line) -> tuple[int, int, int]:
    """What lists are sorted by: those that most outlets tell first."""
    return -line.independent, -line.outlets, line.event.id or 0


def _lines(lines: Sequence[Line], now: datetime) -> tuple[EventLine, ...]:
    return tuple(
        EventLine(
            id=one.event.id or 0,
            path=event_path(one.event.date, one.event.headline, one.event.id or 0),
            headline=one.event.headline,
            description=one.event.description if one.reserved is None or may_quote(*one.reserved, now) else None,
            outlets=one.outlets,
            independent=one.independent,
            tags=tuple(tag_record(tag) for tag in one.tags[:LINE_TAGS]),
            sample=one.event.sample,
        )
        for one in sorted(lines, key=rank)
    )


def article_record(
    article: Article,
    event: Mapping[int | None, Article],
    edge: Edge | None,
    edited: Sequence[Edit] = (),
    decisions: Sequence[Decision] = (),
) -> ArticleRecord:
    """One article, with why it stands in its event: its strongest edge within it, and what people decided."""
    reasons: list[list[Any]] = edge.reasons if edge else []
    details = article.details or {}  # empty in rows that older rules wrote
    sure: dict[str, float] = details.get("confidence", {})
    return ArticleRecord(
        id=article.id or 0,
        title=article.title or article.feed_title or article.url or "",
        title_derived=article.provenance.get("title") == "derived",
        url=article.canonical_url or article.url,
        outlet=article.outlet,
        language=article.language,
        authors=tuple(article.authors),
        agency=article.agency,
        published_at=article.published_at,
        published_provenance=article.published_provenance,
        published_confidence=sure.get("published"),
        title_confidence=sure.get("title"),
        authors_confidence=sure.get("authors"),
        paywalled=details.get("paywalled", False),
        section=article.section,
        keywords=tuple(details.get("keywords", ())[:MOST_KEYWORDS]),
        revision=article.cleaned_revision,
        copy_of=article.copy_of_id if article.copy_of_id in event else None,
        copy_of_url=article.copy_of_url,
        kind=article.kind or "article",
        why=tuple(Reason(name=str(name), detail=str(detail), weight=float(weight)) for name, detail, weight in reasons)
        + tuple(_decided(article, decisions)),
        linked_to=(edge.b if edge.a == article.id else edge.a) if edge else None,
        edited=tuple(edited),
        gone_at=article.gone_at,
        gone_status=article.gone_status,
    )


def _decided(article: Article, decisions: Sequence[Decision]) -> Iterable[Reason]:
    """That people put it here: a reason that outweighs all others."""
    for one in decisions:
        if one.kind in ("merge", "pin") and len(one.articles) > 1 and article.id in one.articles:
            yield Reason(name="decided by people", detail=one.why, weight=1.0)


def tag_record(tag: Weighted) -> Tag:
    """A tag as shown."""
    return Tag(id=tag.id, name=tag.name, kind=tag.kind)


def _place(tags: Sequence[Weighted]) -> Tag | None:
    """Where it happened: the place that weighs most in its articles; the country where they name no place."""
    for kind in ("place", "country"):
        named = [tag for tag in tags if tag.kind == kind and tag.weight >= LEAST_PLACE]
        if named:
            return tag_record(min(named, key=lambda tag: (-tag.weight, tag.id)))
    return None


def related_record(relation: Relation) -> Related:
    """A relation as shown."""
    other = relation.other
    return Related(
        id=other.id,
        path=event_path(other.day, other.headline, other.id),
        headline=other.headline,
        date=other.day,
        tags=tuple(tag_record(tag) for tag in relation.tags[:CONTEXT_TAGS]),
        strength=relation.strength,
        before=relation.before,
    )


def _strongest(edges: Sequence[Edge]) -> dict[int, Edge]:
    best: dict[int, Edge] = {}
    for edge in sorted(edges, key=lambda one: (one.score, -one.a, -one.b)):
        best[edge.a] = best[edge.b] = edge
    return best


def _reading_order(article: Article) -> tuple[bool, bool, float, int]:
    when = article.published_at or article.announced_at
    return article.kind == EVENT_PAGE, article.copy_of_id is not None, when.timestamp(), article.id or 0


def _sourced(text: str, article: Article | None) -> Sourced | None:
    return Sourced(text=text, outlet=article.outlet, url=article.canonical_url or article.url) if article else None


def _description(event: Event, article: Article | None, now: datetime) -> Sourced | None:
    if not event.description or article is None or not may_quote(article.directives, article.gone_status, now):
        return None
    return _sourced(event.description, article)


def _edits(article: Article, revisions: Sequence[Revision], now: datetime) -> list[Edit]:
    """The newest edits, with as many paragraphs of the newest ones as an article may take up on a page."""
    left = EDIT_LINES if may_quote(article.directives, article.gone_status, now) else 0
    found = []
    for one in revisions[:MOST_EDITS]:
        shown = [(sign, text if len(text) <= EDIT_CHARS else text[: EDIT_CHARS - 1].rstrip() + "…") for sign, text in one.diff[:left]]
        if 0 < left < len(one.diff):
            shown.append((" ", "…"))
        left = max(0, left - len(shown))
        before = one.title_before if one.title_before != one.title else None
        found.append(Edit(at=one.at, title_before=before, added=one.added, removed=one.removed, diff=tuple(shown)))
    return found


def _image(articles: Sequence[Article], event: Event, now: datetime) -> Image | None:
    """The picture of the article that the headline is taken from, else the description, else of the one whose title is most like it.

    Those articles were chosen by agreement; a report goes before commentary and before what repeats another one.
    """

    def rank(article: Article) -> tuple[object, ...]:
        said = (event.image_article_id, event.headline_article_id, event.description_article_id)  # an editor's word goes first
        place = said.index(article.id) if article.id in said else len(said)
        when = article.published_at or article.announced_at
        alike = -round(likeness(article.title or "", event.headline), 6)
        is_report = (article.kind or "article") in REPORTS
        return place, not is_report, article.copy_of_id is not None, alike, when, article.url or "", article.id or 0

    pictured = (a for a in articles if a.image and a.kind != EVENT_PAGE and may_picture(a.directives, a.gone_status, now))
    shown = sorted(pictured, key=rank)  # type: ignore[arg-type]
    if not shown:
        return None
    details = shown[0].details or {}
    return Image(
        text=shown[0].title or "",
        outlet=shown[0].outlet,
        url=shown[0].image,
        credit=details.get("image_credit"),
        width=details.get("image_width"),
        height=details.get("image_height"),
    )


def _citations(articles: Sequence[Article]) -> Iterable[Citation]:
    seen = set()
    for article in articles:
        for source in (article.context or {}).get("sources", ()):
            if source["url"] not in seen:
                seen.add(source["url"])
                yield Citation(outlet=source["outlet"], url=source["url"], cited_by=article.outlet)
