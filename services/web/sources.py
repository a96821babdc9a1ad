"""What the site tells of one source: how it fares, its rhythm, its completeness ledger, and what was dropped."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from services.web.core.rhythm import cells
from shared.completeness import days, dropped, moved_to
from shared.models import Source
from shared.overview import of_source

DAYS = 14


def source_view(session: Session, number: int, now: datetime) -> dict[str, Any] | None:
    """The fields of the template `source.html`; None where no source has this number."""
    row = session.get(Source, number)
    if row is None:
        return None
    today = now.date()
    return {
        "now": now,
        "source": of_source(session, row, now).model_dump(),
        "moved_to": moved_to(row),
        "rhythm": row.rhythm,
        "cells": [vars(cell) for cell in cells(row.rhythm)],
        "days": [one.model_dump() for one in days(session, number, today - timedelta(days=DAYS - 1), today)],
        "dropped": [one.model_dump() for one in dropped(session, number)],
    }
