"""Whose time has come: sources that are due become work, their next times moved on, in two statements whatever their number; and
subscriptions whose leases end before the next poll.

Driver SQL, as in `shared/ledger.py`: with the ORM 10,000 sources cost several times as much.
"""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from shared import websub
from shared.messages import SourceDue

# The index on `next_poll_at` gives them in order; sources that are held back have none and are not in the way.
_ANY: dict[str, str] = {
    "sqlite": "SELECT 1 FROM source WHERE next_poll_at <= :at AND paused = 0 LIMIT 1",
    "postgresql": "SELECT 1 FROM source WHERE next_poll_at <= %(at)s AND NOT paused LIMIT 1",
}
# Each is moved on by its present rhythm, which counts only until its poll has ended and says better. On PostgreSQL a source whose poll is
# being saved just now is left for the next look; on SQLite nobody else writes meanwhile.
_TAKEN: dict[str, str] = {
    "sqlite": "SELECT id, next_poll_at FROM source WHERE next_poll_at <= :at AND paused = 0 ORDER BY next_poll_at LIMIT :most",
    "postgresql": """WITH due AS (SELECT id, next_poll_at FROM source WHERE next_poll_at <= %(at)s AND NOT paused ORDER BY next_poll_at
        LIMIT %(most)s FOR UPDATE SKIP LOCKED)
        UPDATE source SET next_poll_at = %(at)s + source.interval_s * interval '1 second' FROM due WHERE source.id = due.id
        RETURNING source.id, due.next_poll_at""",
}
_MOVED = "UPDATE source SET next_poll_at = :at + interval_s WHERE id IN (SELECT value FROM json_each(:ids))"

# `websub.renewal` in SQL: polls come hours apart where a hub tells what is new, and leases may last for minutes.
_ENDING: dict[str, str] = {
    "sqlite": """SELECT source_id FROM subscription JOIN source ON source.id = source_id WHERE subscription.state = 'active' AND paused = 0
        AND until > :at AND max(until - min(max(:soonest, (until - asked_at) / 4), (until - asked_at) / 2), asked_at + :apart) <= :at
        ORDER BY until LIMIT :most""",
    "postgresql": """SELECT source_id FROM subscription JOIN source ON source.id = source_id WHERE subscription.state = 'active'
        AND NOT paused AND until > %(at)s AND greatest(until - least(greatest(%(soonest)s * interval '1 second', (until - asked_at) / 4),
        (until - asked_at) / 2), asked_at + %(apart)s * interval '1 second') <= %(at)s
        ORDER BY until LIMIT %(most)s FOR UPDATE OF subscription SKIP LOCKED""",
}
_ASKED: dict[str, str] = {
    "sqlite": "UPDATE subscription SET asked_at = :at WHERE source_id IN (SELECT value FROM json_each(:ids))",
    "postgresql": "UPDATE subscription SET asked_at = %(at)s WHERE source_id = ANY(%(ids)s)",
}


def is_any(connection: Connection, at: datetime) -> bool:
    """Whether a source is due. Takes no lock."""
    return connection.exec_driver_sql(_ANY[connection.dialect.name], {"at": _moment(connection, at)}).scalar() is not None


def take(connection: Connection, at: datetime, most: int) -> list[SourceDue]:
    """The sources that are due, the longest waiting first; each is due again after its present interval."""
    dialect = connection.dialect.name
    rows = connection.exec_driver_sql(_TAKEN[dialect], {"at": _moment(connection, at), "most": most}).all()
    if dialect == "sqlite" and rows:
        ids = "[" + ",".join(str(row[0]) for row in rows) + "]"
        connection.exec_driver_sql(_MOVED, {"at": at.timestamp(), "ids": ids})
    return [SourceDue(source_id=row[0], due_at=_read(row[1])) for row in rows]


def renewals(connection: Connection, at: datetime, most: int, *, lock: bool = True) -> list[SourceDue]:
    """Subscriptions that are to be renewed, those that end first; each counts as asked for now. Without `lock`, only a look."""
    dialect = connection.dialect.name
    bounds = {"soonest": websub.SOONEST_RENEWAL.total_seconds(), "apart": websub.APART.total_seconds()}
    statement = _ENDING[dialect] if lock else _ENDING[dialect].replace("FOR UPDATE OF subscription SKIP LOCKED", "")
    ids = [row[0] for row in connection.exec_driver_sql(statement, {"at": _moment(connection, at), "most": most, **bounds})]
    if ids and lock:
        given = json.dumps(ids) if dialect == "sqlite" else ids
        connection.exec_driver_sql(_ASKED[dialect], {"at": _moment(connection, at), "ids": given})
    return [SourceDue(source_id=one, due_at=at, mode="subscribe") for one in ids]


def _moment(connection: Connection, at: datetime) -> Any:
    return at.timestamp() if connection.dialect.name == "sqlite" else at


def _read(value: Any) -> datetime:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, float | int) else value.astimezone(UTC)
