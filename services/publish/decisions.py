"""What people decided about an event's articles, as its page tells it."""

import json
from collections.abc import Sequence

from sqlalchemy import exists, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from shared.models import Article, CorrectedPair, Correction
from shared.records import Decision


def decisions(session: Session, articles: Sequence[Article]) -> list[Decision]:
    """The corrections that hold and concern these articles, oldest first."""
    if not session.execute(select_columns(exists(select_columns(col(Correction.id))))).scalar():
        return []  # most chronicles: one small question a page
    ids = {article.url_key: article.id or 0 for article in articles}
    wanted = (
        select(Correction, CorrectedPair.a, CorrectedPair.b)
        .join(CorrectedPair, col(CorrectedPair.correction_id) == col(Correction.id), isouter=True)
        .where(col(Correction.undone_at).is_(None))
        .where(or_(col(CorrectedPair.a).in_(ids), col(CorrectedPair.b).in_(ids), col(Correction.anchor).in_(ids)))
        .order_by(col(Correction.id))
    )
    rows: dict[int | None, Correction] = {}
    concerned: dict[int | None, set[int]] = {}
    for one, *keys in session.exec(wanted):
        rows[one.id] = one
        concerned.setdefault(one.id, set()).update(ids[key] for key in (one.anchor, *keys) if key in ids)
    return [_decision(one, concerned[id]) for id, one in rows.items()]


def _decision(one: Correction, articles: set[int]) -> Decision:
    fixes = tuple(sorted({name.removesuffix("_article") for name in json.loads(one.pinned)})) if one.pinned else ()
    return Decision(kind=one.kind, at=one.at, why=one.why, articles=tuple(sorted(articles)), fixes=fixes)  # type: ignore[arg-type]
