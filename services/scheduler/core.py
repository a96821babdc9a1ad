"""What the scheduler decides, as plain functions."""

from collections.abc import Sequence

from shared.ledger import Ready


def messages(rows: Sequence[Ready], size: int) -> list[list[int]]:
    """The rows' ids, `size` to a message; a row that a worker died with goes alone in its message."""
    company = [row.id for row in rows if not row.alone]
    return [company[at : at + size] for at in range(0, len(company), size)] + [[row.id] for row in rows if row.alone]
