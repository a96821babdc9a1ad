"""What flows, waits and fell out: one picture of the whole, for `/status`, `dateline status` and the line of progress.

Everything that changes quickly is counted through the partial indexes on open and on dead work, so a call costs the same with a
million rows done. What needs a walk through all rows is counted only with `totals`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Select, case, func, literal_column, select, text
from sqlmodel import Session, col

from shared.figures import LedgerFigures, Overview, SourceFigures, StageFigures
from shared.models import Article, Attempt, Event, Page, Source, SourceDay, Work
from shared.pipeline import PIPELINE

# Spelled out, not as parameters: SQLite and PostgreSQL use a partial index only where they can see that it covers.
OPEN = text("work.state < 2")
DEAD = text("work.state = 3")
SUPERSEDED = text("work.state = 4")


def overview(session: Session, now: datetime, *, totals: bool = False) -> Overview:
    """Read the whole in a few short statements. With `totals` also what asks for a full count."""
    refused, quarantined = _fallen(session)
    return Overview(
        at=now,
        stages=_stages(session, now, totals),
        sources=_sources(session, now, totals),
        articles=_count(session, select(func.count()).select_from(Article)),
        events=_count(session, select(func.count()).where(col(Event.state) == "live")) if totals else None,
        copies=_count(session, select(func.count()).where(col(Article.copy_of_id).is_not(None))) if totals else None,
        pages=_count(session, select(func.count()).where(col(Page.issued_at).is_not(None))),
        refused=refused,
        quarantined=quarantined,
    )


def _count(session: Session, statement: Select[int]) -> int:
    return int(session.execute(statement).scalar_one())


def _stages(session: Session, now: datetime, totals: bool) -> tuple[StageFigures, ...]:
    figures: dict[str, dict[str, float | None]] = {name: {} for name in PIPELINE.names}

    def add(stage: str, name: str, value: float | None) -> None:
        figures.setdefault(stage, {})[name] = value

    due: ColumnElement[bool] = (col(Work.not_before) <= now).cast(Boolean)
    since = func.min(case((col(Work.not_before) > col(Work.created_at), col(Work.not_before)), else_=col(Work.created_at)))
    rows = session.execute(
        select(col(Work.stage), col(Work.state), due, func.count(), since).where(OPEN).group_by(col(Work.stage), col(Work.state), due)
    )
    for stage, state, is_due, number, oldest in rows:
        if state == 1:
            add(stage, "leased", number + (figures.get(stage, {}).get("leased") or 0))
        elif is_due:
            add(stage, "ready", number)
            add(stage, "oldest_ready_age_s", max(0.0, (now - oldest).total_seconds()))
        else:
            add(stage, "waiting_later", number)
    for stage, number in session.execute(select(col(Work.stage), func.count()).where(DEAD).group_by(col(Work.stage))):
        add(stage, "dead", number)
    if totals:
        _ended(session, figures)
    return tuple(StageFigures.model_validate({"stage": stage, **values}) for stage, values in figures.items())


def _ended(session: Session, figures: dict[str, dict[str, float | None]]) -> None:
    """Add what is done and superseded. Done rows are what remains of all rows: an index of (stage, …) counts these, none the done."""
    by_stage = select(col(Work.stage), func.count()).group_by(col(Work.stage))
    superseded = {row[0]: row[1] for row in session.execute(by_stage.where(SUPERSEDED))}
    everything = {row[0]: row[1] for row in session.execute(by_stage)}
    for stage in [*figures, *(stage for stage in everything if stage not in figures)]:
        known = figures.setdefault(stage, {})
        known["superseded"] = superseded.get(stage, 0)
        rest = sum(known.get(name) or 0 for name in ("ready", "waiting_later", "leased", "dead", "superseded"))
        known["done"] = max(0, everything.get(stage, 0) - rest)


def _sources(session: Session, now: datetime, totals: bool) -> tuple[SourceFigures, ...]:
    articles: dict[int | None, int] = {}
    if totals:
        counted = select(col(Article.source_id), func.count()).group_by(col(Article.source_id))
        articles = {row[0]: row[1] for row in session.execute(counted)}
    rows = session.execute(select(*(getattr(Source, name) for name in _STORED)).order_by(col(Source.outlet), col(Source.id)))
    ledger = _ledger(session, now)
    found = []
    for row in rows.mappings():
        number = articles.get(row["id"], 0) if totals else None
        found.append(_figures(dict(row), now, ledger.get(row["id"], LedgerFigures()), number))
    return tuple(found)


def of_source(session: Session, source: Source, now: datetime) -> SourceFigures:
    """One source as the overview shows it; its articles are not counted."""
    row = {name: getattr(source, name) for name in _STORED}
    return _figures(row, now, _ledger(session, now, source.id).get(source.id or 0, LedgerFigures()), None)


# The columns of a source that its figures show as they stand.
_STORED = [name for name in SourceFigures.model_fields if name not in ("articles", "silent", "ledger")]


def _figures(row: Mapping[str, Any], now: datetime, ledger: LedgerFigures, articles: int | None) -> SourceFigures:
    silent = _is_silent(row["paused"], row["error_class"], row["silent_from"], now)
    return SourceFigures.model_validate({**row, "articles": articles, "silent": silent, "ledger": ledger})


def _is_silent(paused: bool, error_class: str | None, silent_from: datetime | None, now: datetime) -> bool:
    """A source that fails is failing, not silent."""
    return not paused and error_class is None and silent_from is not None and silent_from <= now


def _ledger(session: Session, now: datetime, source_id: int | None = None) -> dict[int, LedgerFigures]:
    """The sums of today and yesterday, by source; of one source, where it is named."""
    wanted = select(SourceDay).where(col(SourceDay.day).in_([now.date(), now.date() - timedelta(days=1)]))
    if source_id is not None:
        wanted = wanted.where(col(SourceDay.source_id) == source_id)
    sums: dict[int, dict[str, Any]] = {}
    names = ("polls", "failures", "gaps", "announced", "seen", "new")
    for row in session.execute(wanted).scalars():
        one = sums.setdefault(row.source_id, dict.fromkeys(names, 0) | {"dropped": {}})
        for name in names:
            one[name] += getattr(row, name)
        for reason, number in row.dropped.items():
            one["dropped"][reason] = one["dropped"].get(reason, 0) + number
    return {source_id: LedgerFigures.model_validate(one) for source_id, one in sums.items()}


def _fallen(session: Session) -> tuple[dict[str, int], dict[str, int]]:
    """Dead rows by error class: refused, and given up. The row's last attempt tells them apart."""
    attempts = select(col(Attempt.outcome)).where(col(Attempt.work_id) == col(Work.id)).order_by(col(Attempt.id).desc())
    dead = select(col(Work.error_class), attempts.limit(1).scalar_subquery().label("outcome")).where(DEAD).subquery()
    rows = session.execute(select(dead.c.error_class, dead.c.outcome, func.count(literal_column("1"))).group_by(*dead.c))
    refused: dict[str, int] = {}
    quarantined: dict[str, int] = {}
    for error_class, outcome, number in rows:
        counts = refused if outcome == "refused" else quarantined
        counts[error_class or "bug"] = counts.get(error_class or "bug", 0) + number
    return refused, quarantined
