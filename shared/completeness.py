"""The completeness ledger, read: what sources announced, and what became of it. `services/fetch/tally.py` writes it.

What a source announced in a time is counted by its polls (`SourceDay`); what became of the new ones is read off their articles and their
work. Every call goes through the indexes (source, day), (source, announced_at) and (stage, subject), and costs what it tells of.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from pydantic import Field
from sqlalchemy import Executable, bindparam, case, func, select
from sqlmodel import Session, col

from shared.figures import Figures, LedgerFigures
from shared.models import Article, Attempt, Dropped, Moment, Source, SourceDay, Work
from shared.overview import DEAD

# The stages at which an article's work ends for good where its input is wrong.
_STAGES = ("fetch", "clean", "tag", "link")
_SUMS = ("polls", "unchanged", "failures", "gaps", "announced", "seen", "new")


class Announced(LedgerFigures):
    """What a source announced. Every entry of a poll was seen before, is new, or was dropped for a reason: the numbers add up."""

    unchanged: int = 0  # polls that brought nothing new


class Became(Figures):
    """What became of the articles that a source announced first in a time. Each number is of articles."""

    articles: int = 0
    fetched: int = 0  # a document is kept
    cleaned: int = 0
    filed: int = 0  # on an event
    refused: dict[str, int] = Field(default_factory=dict)  # error class: not filed, since its input is wrong for good
    quarantined: dict[str, int] = Field(default_factory=dict)  # error class: not filed, given up after all attempts

    @property
    def open(self) -> int:
        """Neither filed nor fallen out: on their way, or filed as what has no event."""
        return self.articles - self.filed - sum(self.refused.values()) - sum(self.quarantined.values())


class Day(Figures):
    """One source on one day (UTC)."""

    source_id: int
    day: date
    announced: Announced
    became: Became


class Fallen(Figures):
    """An entry that became no article, or an article that became no part of an event."""

    source_id: int | None = None
    outlet: str | None = None
    reason: str
    detail: str | None = None
    url: str | None = None
    title: str | None = None
    first_at: datetime
    last_at: datetime


def days(session: Session, source_id: int, first: date, last: date) -> list[Day]:
    """A source's ledger day by day, the newest first; days without a poll and without an article are left out."""
    sums = {row.day: _announced([row]) for row in session.execute(_days(), {"source": source_id, "first": first, "last": last}).scalars()}
    found = []
    for back in range((last - first).days + 1):
        day = last - timedelta(days=back)
        start = datetime.combine(day, time(), UTC)
        became = between(session, source_id, start, start + timedelta(days=1))
        if day in sums or became.articles:
            found.append(Day(source_id=source_id, day=day, announced=sums.get(day, Announced()), became=became))
    return found


def between(session: Session, source_id: int, start: datetime, end: datetime) -> Became:
    """What became of the articles that a source announced first from `start` on and before `end`."""
    given = {"source": source_id, "start": start, "end": end}
    articles, fetched, cleaned, filed = (number or 0 for number in session.connection().execute(_became(), given).one())
    refused: dict[str, int] = {}
    quarantined: dict[str, int] = {}
    if articles > filed:
        # An article has one reason: that of the work which ended last.
        rows = sorted(session.connection().execute(_dead(), given | {"stages": list(_STAGES)}), key=lambda row: row[3])
        ends = {row[0]: (row[1], row[2]) for row in rows}
        for error_class, outcome in ends.values():
            counts = refused if outcome == "refused" else quarantined
            counts[error_class or "bug"] = counts.get(error_class or "bug", 0) + 1
    return Became(articles=articles, fetched=fetched, cleaned=cleaned, filed=filed, refused=refused, quarantined=quarantined)


def dropped(session: Session, source_id: int, most: int = 50) -> list[Fallen]:
    """The entries of a source that became no article, those seen last first."""
    # All of them, some hundreds at most: sorted here, since PostgreSQL would walk through everybody's in order.
    rows = sorted(session.execute(_dropped(), {"source": source_id}).scalars(), key=lambda row: (row.last_at, row.id or 0), reverse=True)
    return [Fallen.model_validate(row.model_dump()) for row in rows[:most]]


def fallen_lately(session: Session, start: datetime, most: int = 20) -> list[Fallen]:
    """What fell out since a moment, of every source, the newest first: entries that were dropped, and articles whose work ended dead."""
    found = [
        Fallen.model_validate(row.model_dump() | {"outlet": outlet})
        for row, outlet in session.execute(_dropped_lately(), {"start": start, "most": most})
    ]
    for work, error, at, url, title, outlet, source_id in session.execute(_dead_lately(), {"start": start, "stages": list(_STAGES)}):
        said = {"reason": work or "bug", "detail": _last_line(error, work), "url": url, "title": title, "first_at": at, "last_at": at}
        found.append(Fallen(**said, outlet=outlet, source_id=source_id))
    return sorted(found, key=lambda one: one.last_at, reverse=True)[:most]


def _last_line(error: str | None, error_class: str | None) -> str | None:
    said = (error or "").strip().splitlines()
    return said[-1].removeprefix(f"{error_class}: ")[:300] if said else None


def moved_to(source: Source) -> str | None:
    """Where a source's address has moved for good, by redirects at three polls or more."""
    moved = (source.state or {}).get("schedule", {}).get("moved")
    return moved["to"] if moved and moved["times"] >= 3 else None


def _announced(rows: Iterable[SourceDay]) -> Announced:
    sums: dict[str, Any] = dict.fromkeys(_SUMS, 0)
    reasons: dict[str, int] = {}
    for row in rows:
        for name in _SUMS:
            sums[name] += getattr(row, name)
        for reason, number in row.dropped.items():
            reasons[reason] = reasons.get(reason, 0) + number
    return Announced(**sums, dropped=reasons)


# Statements are built once each: to build one costs five times as much as to run it.


@cache
def _days() -> Executable:
    day = col(SourceDay.day)
    return select(SourceDay).where(col(SourceDay.source_id) == bindparam("source"), day.between(bindparam("first"), bindparam("last")))


def _announced_then() -> Sequence[Any]:
    at = col(Article.announced_at)
    moments = bindparam("start", type_=Moment()), bindparam("end", type_=Moment())
    return col(Article.source_id) == bindparam("source"), at >= moments[0], at < moments[1]


@cache
def _became() -> Executable:
    def number(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    steps = col(Article.revision) > 0, col(Article.cleaned_revision) > 0, col(Article.event_id).is_not(None)
    return select(func.count(), *map(number, steps)).select_from(Article).where(*_announced_then())


@cache
def _dead() -> Executable:
    """(article, error class, how its last attempt ended, the work's id). To be sorted by the caller, as PostgreSQL would walk through all
    work in its order."""
    attempts = select(col(Attempt.outcome)).where(col(Attempt.work_id) == col(Work.id)).order_by(col(Attempt.id).desc())
    stages: Any = bindparam("stages", expanding=True)
    # The plus keeps SQLite, and PostgreSQL, from walking through all dead work instead of looking up these articles'.
    of_articles = (col(Work.subject_id) == col(Article.id)) & col(Work.stage).in_(stages) & (col(Work.state) + 0 == 3)
    found = select(col(Article.id), col(Work.error_class), attempts.limit(1).scalar_subquery(), col(Work.id))
    return found.select_from(Article).join(Work, of_articles).where(*_announced_then(), col(Article.event_id).is_(None))


@cache
def _dropped() -> Executable:
    return select(Dropped).where(col(Dropped.source_id) == bindparam("source"))


@cache
def _dropped_lately() -> Executable:
    newest = select(Dropped, col(Source.outlet)).join(Source, col(Source.id) == col(Dropped.source_id))
    lately = col(Dropped.last_at) >= bindparam("start", type_=Moment())
    return newest.where(lately).order_by(col(Dropped.last_at).desc()).limit(bindparam("most"))


@cache
def _dead_lately() -> Executable:
    """Dead work of articles, through the index of the dead; sorted by the caller."""
    stages: Any = bindparam("stages", expanding=True)
    told = (col(Work.error_class), col(Work.error), col(Work.done_at), col(Article.url), col(Article.feed_title), col(Article.outlet))
    found: Any = select(*told, col(Article.source_id)).join(Article, col(Article.id) == col(Work.subject_id))
    return found.where(DEAD, col(Work.stage).in_(stages), col(Work.done_at) >= bindparam("start", type_=Moment()))
