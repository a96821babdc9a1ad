"""What the scheduler decides, as plain functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a plain value: nothing of the database is needed to read it
    from shared.ledger import Ready


def messages(rows: Sequence[Ready], size: int) -> list[list[int]]:
    """The rows' ids, `size` to a message; a row that a worker died with goes alone in its message."""
    company = [row.id for row in rows if not row.alone]
    return [company[at : at + size] for at in range(0, len(company), size)] + [[row.id] for row in rows if row.alone]
