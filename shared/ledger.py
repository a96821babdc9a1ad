"""All SQL on the tables of delivery: work, lease and attempt.

The row is the truth, a Redis message is a hint. A row goes ready → leased → done, or superseded, or dead, or back to ready with a
later `not_before`, which is the only retry clock. Whoever claims rows holds them under a lease; the lease's id is the fence: what a
worker writes after its lease was ended by the sweep changes nothing. On PostgreSQL the database's clock decides, on SQLite (the
database is in the process) the caller's.

The statements speak driver SQL, since the ORM costs fourteen times as much here. `{...}` marks where the two databases differ.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Connection

from shared.messages import REBUILT, Message
from shared.pipeline import Pipeline

# The last words of a failure that are kept: a traceback's end says most.
ERROR_CHARS = 8000


# Stands in a lease beside its rows, for those of other leases that the same process works on: it does not die with one row alone.
NOBODY = 0


class State(IntEnum):
    """Where a row of work stands."""

    READY = 0
    LEASED = 1
    DONE = 2
    DEAD = 3
    SUPERSEDED = 4


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A row that this worker holds now."""

    id: int
    subject_id: int
    attempt: int
    body: str | None
    trace_id: str | None


class New(NamedTuple):
    """A row that was written; `hinted` where it was marked so."""

    id: int
    stage: str
    hinted: bool


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A row to hint: `alone` where a worker died holding it."""

    id: int
    stage: str
    alone: bool


@dataclass(frozen=True, kw_only=True)
class Failure:
    """How an attempt ended that did not end well. `delay` None: dead at once."""

    outcome: str  # refused | dead | retry | put_off
    error_class: str
    error: str
    delay: timedelta | None
    counted: bool = True


MARKS: dict[str, dict[str, str]] = {
    "sqlite": {
        "now": ":now",
        "later": ":now + :delay",
        "before": ":now - :age",
        "in_ids": "IN (SELECT value FROM json_each(:ids))",
        # The plus keeps SQLite from walking through all rows of the stage instead of looking up these.
        "claimable": "id IN (SELECT value FROM json_each(:ids)) AND +stage = :stage AND state = 0 AND not_before <= :now",
        "lease_ids": "SELECT value FROM lease l, json_each(l.ids) WHERE l.id = :lease",
        "lease_size": "(SELECT json_array_length(ids) FROM lease WHERE id = :lease)",
        "rows": """SELECT json_extract(value, '$[0]') AS stage, json_extract(value, '$[1]') AS subject_id,
            json_extract(value, '$[2]') AS input_key, json_extract(value, '$[3]') AS body, json_extract(value, '$[4]') AS trace_id,
            json_extract(value, '$[5]') AS priority, COALESCE(json_extract(value, '$[6]'), :now) AS not_before,
            json_extract(value, '$[7]') AS hint FROM json_each(:rows)""",
        "lock": "",
        "skip": "",
        "without_waiting": "",
    },
    "postgresql": {
        "now": "now()",
        "later": "now() + :delay * interval '1 second'",
        "before": "now() - :age * interval '1 second'",
        # An array tells the planner how many rows to expect; of a set of JSON it thinks there are a hundred.
        "in_ids": "= ANY(CAST(translate(:ids, '[]', '{}') AS bigint[]))",
        # `+ 0` and `|| ''` keep the planner from the indexes of open work and of stages: its statistics say that hardly any row is
        # open, so it would rather walk through all that are than look up these.
        "claimable": """id IN (SELECT id FROM work WHERE id = ANY(CAST(translate(:ids, '[]', '{}') AS bigint[]))
            AND stage || '' = :stage AND state + 0 = 0 AND not_before <= now() FOR UPDATE SKIP LOCKED)""",
        "lease_ids": "SELECT value::bigint FROM lease l, json_array_elements_text(l.ids::json) WHERE l.id = :lease",
        "lease_size": "(SELECT json_array_length(ids::json) FROM lease WHERE id = :lease)",
        "rows": """SELECT value->>0 AS stage, (value->>1)::bigint AS subject_id, value->>2 AS input_key, value->>3 AS body,
            value->>4 AS trace_id, (value->>5)::smallint AS priority, (value->>7)::int AS hint,
            COALESCE(to_timestamp((value->>6)::double precision), now()) AS not_before FROM jsonb_array_elements(CAST(:rows AS jsonb))""",
        "lock": "FOR UPDATE",
        "skip": "FOR UPDATE SKIP LOCKED",
        # The claim's commit does not wait for the disk: see `durable` in shared/db.py.
        "without_waiting": "FROM set_config('synchronous_commit', 'off', true)",
    },
}

STATEMENTS: dict[str, str] = {
    # What is due later is not marked: its hint would come too early, and keep the sweep from sending another.
    "emit": """INSERT INTO work(stage, subject_id, input_key, body, trace_id, priority, not_before, hinted_at, created_at)
        SELECT stage, subject_id, input_key, body, trace_id, priority, not_before,
        CASE WHEN hint = 1 AND not_before <= {now} THEN {now} END, {now} FROM ({rows}) AS r WHERE true
        ON CONFLICT DO NOTHING RETURNING id, stage, hinted_at""",  # SQLite 3.40 answers `hinted_at IS NOT NULL` wrongly here
    "claim": """UPDATE work SET state = 1, lease_id = :lease, attempt = attempt + 1
        WHERE {claimable} RETURNING id, subject_id, attempt, body, trace_id""",
    "lease": """INSERT INTO lease(id, stage, worker, started_at, until, ids)
        SELECT :lease, :stage, :worker, {now}, {later}, :ids {without_waiting}""",
    # The rows stay locked from here to the commit, and are marked done last: a page's emitter that holds the page's row and finds
    # this work still open must not wait for us while we wait for the page (PostgreSQL waits on a unique key in the making).
    "fence": "SELECT id FROM work WHERE id {in_ids} AND state + 0 = 1 AND lease_id = :lease ORDER BY id {lock}",
    "done": "UPDATE work SET state = :state, done_at = {now}, error_class = NULL, error = NULL WHERE id {in_ids}",
    "fail": """UPDATE work SET state = :state, not_before = {later}, error_class = :error_class, error = :error,
        attempt = attempt - :uncounted, lease_id = NULL, hinted_at = NULL, done_at = CASE WHEN :state = 3 THEN {now} END
        WHERE id = :id AND state = 1 AND lease_id = :lease RETURNING attempt""",
    "attempt": """INSERT INTO attempt(work_id, attempt, lease_id, started_at, ended_at, outcome, error_class, error)
        SELECT :id, :attempt, :lease, (SELECT started_at FROM lease WHERE id = :lease), {now}, :outcome, :error_class, :error""",
    "is_alone": "SELECT alone FROM work WHERE id = :id",
    "give_back": """UPDATE work SET state = 0, attempt = attempt - 1, lease_id = NULL, hinted_at = NULL, not_before = {later}
        WHERE id {in_ids} AND state + 0 = 1 AND lease_id = :lease""",
    "end_lease": "UPDATE lease SET ended_at = {now} WHERE id = :lease",
    # --- the sweep
    "expired": "SELECT id FROM lease WHERE ended_at IS NULL AND until < {now} LIMIT 100",
    "expired_still": "SELECT {lease_size} FROM lease WHERE id = :lease AND ended_at IS NULL AND until < {now} {skip}",
    "expire_attempts": """INSERT INTO attempt(work_id, attempt, lease_id, started_at, ended_at, outcome, error_class)
        SELECT id, attempt, :lease, (SELECT started_at FROM lease WHERE id = :lease), {now}, 'killed', 'killed' FROM work
        WHERE id IN ({lease_ids}) AND state = 1 AND lease_id = :lease""",
    # Only a kill suffered alone is charged to the row; in company it says nothing about this row.
    "expire": """UPDATE work SET
        state = CASE WHEN :alone = 1 AND kills + 1 >= :max_kills THEN 3 ELSE 0 END, kills = kills + :alone,
        attempt = attempt - 1 + :alone, alone = 1, error_class = 'killed', lease_id = NULL, hinted_at = NULL
        WHERE id IN ({lease_ids}) AND state = 1 AND lease_id = :lease RETURNING id, stage""",
    # `state < 2` is spelled out because SQLite does not deduce it from `state = 0`, and would not use the partial index.
    "top_up": """UPDATE work SET hinted_at = {now} WHERE id IN (SELECT id FROM work WHERE state < 2 AND state = 0 AND stage = :stage
        AND priority <= :lowest AND not_before <= {now} AND (hinted_at IS NULL OR hinted_at < {before})
        ORDER BY priority, id LIMIT :room {skip}) RETURNING id, alone""",
    # A plain read before the top-up, so that an idle sweep takes no lock.
    "unhinted": """SELECT 1 FROM work WHERE state < 2 AND state = 0 AND stage = :stage AND not_before <= {now}
        AND (hinted_at IS NULL OR hinted_at < {before}) LIMIT 1""",
    "backlog": """SELECT count(*) FROM (SELECT 1 FROM work WHERE state < 2 AND state = 0 AND stage = :stage AND priority < :rebuilt
        AND not_before <= {now} LIMIT :most) AS found""",
    "ready": """SELECT id, stage, alone FROM work WHERE state < 2 AND state = 0 AND stage = :stage AND not_before <= {now}
        ORDER BY priority, id LIMIT :most""",
    "withdraw": "UPDATE work SET state = 4, done_at = {now} WHERE stage = :stage AND subject_id {in_ids} AND state NOT IN (2, 4)",
    "replay": """UPDATE work SET state = 0, attempt = 0, kills = 0, not_before = {now}, hinted_at = NULL, done_at = NULL
        WHERE id {in_ids} AND state = 3 AND NOT (stage = 'publish' AND EXISTS (SELECT 1 FROM work o WHERE o.stage = 'publish'
        AND o.subject_id = work.subject_id AND (o.state < 2 OR o.state = 3 AND o.id > work.id AND o.id {in_ids}))) RETURNING id, stage""",
    "forget_attempts": "DELETE FROM attempt WHERE work_id IN (SELECT id FROM work WHERE id {in_ids} AND state IN (2, 4))",
    "forget": "DELETE FROM work WHERE id {in_ids} AND state IN (2, 4)",
}


@cache
def statement(name: str, dialect: str) -> str:
    """One statement in the database's own words, with its own style of parameters."""
    sql = STATEMENTS[name].format_map(MARKS[dialect])
    return re.sub(r"(?<!:):([a-z_]+)", r"%(\1)s", sql.replace("%", "%%")) if dialect == "postgresql" else sql


def _run(connection: Connection, name: str, now: datetime | None = None, **values: Any) -> Any:
    dialect = connection.dialect.name
    if dialect == "sqlite" and now is not None:
        values["now"] = now.timestamp()
    return connection.exec_driver_sql(statement(name, dialect), values)


def emit(
    connection: Connection,
    pipeline: Pipeline,
    messages: Sequence[tuple[Message, str | None, int]],
    now: datetime,
    room: Mapping[str, int] | None = None,
) -> list[New]:
    """Write (message, trace id, priority) as rows of work; returns those that are new.

    Work that stands already (the same stage, subject and input key) is left as it is, whatever its state. A page has at most one open
    row, so that later changes are absorbed by it. Of each stage as many rows as there is `room` for are marked as hinted, where they
    are due: their hints must follow the commit at once, since the sweep will not send them soon. A rebuild's rows are left to the sweep.
    """
    rows: list[list[Any]] = sorted(
        [
            pipeline.consumer(message).name,
            message.subject_id,
            message.input_key,
            message.model_dump_json(),
            trace_id or uuid4().hex[:16],
            priority,
            message.not_before.timestamp() if message.not_before else None,
        ]
        for message, trace_id, priority in messages
    )
    if not rows:
        return []
    left = dict(room or {})
    for row in rows:
        fresh = row[5] < REBUILT
        left[row[0]] = left.get(row[0], 0) - fresh
        row.append(1 if fresh and left[row[0]] >= 0 else 0)
    return [New(row[0], row[1], row[2] is not None) for row in _run(connection, "emit", now, rows=json.dumps(rows))]


def claim(
    connection: Connection, stage: str, ids: Sequence[int], *, worker: str, lease: timedelta, now: datetime, company: bool = False
) -> tuple[str, list[Claimed]]:
    """Take what is ready and due among `ids` under a new lease, and count the attempt. Rows that do not come back are others' or done.

    `company`: the worker holds, or may come to hold, rows of other leases beside these, so its death says nothing about one row.
    """
    lease_id = uuid4().hex
    found = _run(connection, "claim", now, ids=json.dumps(list(ids)), stage=stage, lease=lease_id).all()
    rows = [Claimed(id=r[0], subject_id=r[1], attempt=r[2], body=r[3], trace_id=r[4]) for r in sorted(found)]
    if rows:
        taken = json.dumps([row.id for row in rows] + [NOBODY] * company)
        _run(connection, "lease", now, lease=lease_id, stage=stage, worker=worker, delay=lease.total_seconds(), ids=taken)
    return lease_id, rows


def is_alone(connection: Connection, work_id: int) -> bool:
    """Whether a worker died with this row, so that it is to run by itself."""
    return bool(_run(connection, "is_alone", id=work_id).scalar())


def fence(connection: Connection, lease_id: str, ids: Sequence[int]) -> list[int]:
    """Which of these rows are still ours. First statement of a finish; what is not in the answer must not be written."""
    return [row[0] for row in _run(connection, "fence", lease=lease_id, ids=json.dumps(list(ids)))]


def finish(connection: Connection, ids: Sequence[int], now: datetime, state: State = State.DONE) -> None:
    """End rows that passed the fence in this transaction, as done or as superseded."""
    if ids:
        _run(connection, "done", now, ids=json.dumps(list(ids)), state=int(state))


def fail(connection: Connection, lease_id: str, work_id: int, failure: Failure, now: datetime) -> bool:
    """Put a row off or let it die, and keep the attempt. False where the lease is no longer ours: then nothing was written."""
    dead = failure.delay is None
    given = {"id": work_id, "lease": lease_id, "error_class": failure.error_class, "error": storable(failure.error[-ERROR_CHARS:])}
    attempt = _run(
        connection,
        "fail",
        now,
        state=int(State.DEAD if dead else State.READY),
        delay=0.0 if failure.delay is None else failure.delay.total_seconds(),
        uncounted=0 if failure.counted else 1,
        **given,
    ).scalar()
    if attempt is None:
        return False
    _run(connection, "attempt", now, attempt=attempt, outcome=failure.outcome, **given)
    return True


def storable(text: str) -> str:
    """The text without what one of the databases refuses: zero bytes and halves of surrogate pairs, which hostile input brings along."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


def give_back(connection: Connection, lease_id: str, ids: Sequence[int], now: datetime, *, delay: timedelta = timedelta(0)) -> None:
    """Rows that were not worked on, or that must be done again: ready, the attempt uncounted."""
    if ids:
        _run(connection, "give_back", now, lease=lease_id, ids=json.dumps(list(ids)), delay=delay.total_seconds())


def end_lease(connection: Connection, lease_id: str, now: datetime) -> None:
    """The batch is over."""
    _run(connection, "end_lease", now, lease=lease_id)


def expired_leases(connection: Connection, now: datetime) -> list[str]:
    """Leases that ran out, at most 100. A plain read: an idle sweep takes no lock."""
    return [row[0] for row in _run(connection, "expired", now)]


def expire(connection: Connection, lease_id: str, now: datetime, *, max_kills: int) -> list[tuple[int, str]]:
    """End a lease that ran out: its rows are ready again, to be hinted alone, or dead after `max_kills` kills suffered alone.

    Returns (id, stage) of the rows. Run by two schedulers at once, one of them finds nothing to do.
    """
    size = _run(connection, "expired_still", now, lease=lease_id).scalar()
    if size is None:
        return []
    _run(connection, "expire_attempts", now, lease=lease_id)
    rows = _run(connection, "expire", now, lease=lease_id, alone=1 if size == 1 else 0, max_kills=max_kills).all()
    end_lease(connection, lease_id, now)
    return [(row[0], row[1]) for row in rows]


def top_up(connection: Connection, stage: str, room: int, *, age: timedelta, now: datetime, rebuilt: bool = True) -> list[Ready]:
    """Mark up to `room` ready rows that were not hinted within `age` as hinted now, and return them: their hints follow the commit.

    Without `rebuilt`, no rows of a rebuild.
    """
    lowest = REBUILT if rebuilt else REBUILT - 1
    rows = _run(connection, "top_up", now, stage=stage, room=room, age=age.total_seconds(), lowest=lowest)
    return [Ready(id=row[0], stage=stage, alone=bool(row[1])) for row in sorted(rows.all())]


def has_unhinted(connection: Connection, stage: str, *, age: timedelta, now: datetime) -> bool:
    """Whether `top_up` would find anything. Takes no lock."""
    return _run(connection, "unhinted", now, stage=stage, age=age.total_seconds()).scalar() is not None


def backlog(connection: Connection, stages: Iterable[str], most: int, now: datetime) -> int:
    """How many rows of these stages are ready and due, counted up to `most` for each. A rebuild's are not: nothing new rests for them."""
    return sum(int(_run(connection, "backlog", now, stage=stage, most=most, rebuilt=REBUILT).scalar() or 0) for stage in stages)


def ready(connection: Connection, stage: str, most: int, now: datetime) -> list[Ready]:
    """Rows of a stage that are ready and due, for a command that works them off itself."""
    return [Ready(id=row[0], stage=row[1], alone=bool(row[2])) for row in _run(connection, "ready", now, stage=stage, most=most)]


def replay(connection: Connection, ids: Sequence[int], now: datetime) -> list[tuple[int, str]]:
    """Bring dead rows back, as if never tried. Of a page's dead rows the newest comes back, where the page has no open row."""
    return [(row[0], row[1]) for row in _run(connection, "replay", now, ids=json.dumps(list(ids)))]


def withdraw(connection: Connection, stages: Iterable[str], subjects: Sequence[int], now: datetime) -> None:
    """End what is not done of these subjects' work as superseded: they are no more. Who holds such a row has lost it."""
    for stage in stages:
        _run(connection, "withdraw", now, stage=stage, ids=json.dumps(list(subjects)))


def forget(connection: Connection, ids: Sequence[int]) -> None:
    """Remove rows that are over and ended well, with their attempts: only work whose key never comes again, else it would be done anew."""
    for name in ("forget_attempts", "forget"):
        _run(connection, name, ids=json.dumps(list(ids)))
