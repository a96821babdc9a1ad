"""The linker's SQL: candidates by the index, the component around an article, the members' words."""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy import bindparam, func, update
from sqlmodel import Session, SQLModel, col

from services.link.core.cluster import NEAR, SCALE
from services.link.core.constraints import Pin, Rule
from services.link.core.relink import Component, pair_of
from services.link.core.score import RULES, WINDOW_HOURS
from services.link.core.score import Edge as Scored
from shared.db import driver_rows
from shared.features import ENOUGH, UNDATED_DAY, Features, asked_keys, posting_day
from shared.models import Article, Event

# A day more than the window on each side: the column has days, the score looks at hours.
WINDOW_DAYS = WINDOW_HOURS // 24 + 1
# Bounds on one article's work, whatever is in the index. Those that have most in common come first.
MAX_CANDIDATES = 500
# Of those that have less than `MATES` times enough in common, so few are compared: beside a hundred thousand articles most share a rare
# word or two by chance.
MAX_STRANGERS, MATES = 40, 3
UNKNOWN_APART = 2  # how many days apart an undated article counts
# A key that so many hold within the window (asked by an undated article: ever) leads to no one: where there are so many, it tells too
# little of each. An article's heaviest (of copies, of addresses, of what it is about) lead further: hundreds may tell of one event.
MAX_HOLDERS, MAX_HOLDERS_EVER, HEAVIEST = 160, 2_000, 16
MAX_COMPONENT = 2_000
OPENING_CHARS = 1_500
STRONG = NEAR / SCALE

Entry = tuple[int, int, str]  # article, revision, snapshot: which features they are

# Driver SQL: an article asks and writes some twenty times, and to build and compile so many statements costs ten times their running.
MARKS: dict[str, dict[str, str]] = {
    "sqlite": {
        "ids": "(SELECT value FROM json_each(:ids))",
        "across": "SELECT CAST(key AS INTEGER), value FROM json_each(:across)",
        "apart": "coalesce(abs(posting.day - :day), :unknown)",
        "unknown": ":unknown",
        "json": ":reasons",
        "lock": "",
        "hold": "",
    },
    "postgresql": {
        "ids": "(SELECT value::bigint FROM json_array_elements_text(CAST(:ids AS json)))",
        "across": "SELECT key::bigint, value::integer FROM json_each_text(CAST(:across AS json))",
        "apart": "coalesce(abs(posting.day - CAST(:day AS integer)), CAST(:unknown AS integer))",
        "unknown": "CAST(:unknown AS integer)",
        "json": "CAST(:reasons AS json)",
        "lock": "FOR UPDATE",
        "hold": "FOR SHARE",
    },
}
STATEMENTS: dict[str, str] = {
    # The article's keys; those of them that are not everywhere; what these and (by all keys) the undated articles have in common with it.
    "candidates": """WITH asked AS (SELECT key, weight FROM posting WHERE article_id = :article AND key NOT IN {ids}
            UNION ALL {across}),
        heaviest AS (SELECT key FROM asked ORDER BY weight DESC, key LIMIT :heaviest),
        held AS (SELECT key, weight, CASE WHEN key IN (SELECT key FROM heaviest) THEN :most_ever ELSE :most_held END AS most FROM asked),
        telling AS (SELECT key, weight FROM held WHERE (SELECT count(*) FROM (SELECT 1 FROM posting WHERE posting.key = held.key
            AND posting.day BETWEEN :since AND :until LIMIT :most_ever + 1) AS counted) <= most),
        found AS (SELECT article_id, posting.weight * telling.weight AS shared, {apart} AS apart FROM telling JOIN posting
            ON posting.key = telling.key AND posting.day BETWEEN :since AND :until
            UNION ALL SELECT article_id, posting.weight * asked.weight, {unknown} FROM asked JOIN posting
            ON posting.key = asked.key AND posting.day = :undated WHERE (SELECT count(*) FROM (SELECT 1 FROM posting AS undated
            WHERE undated.key = asked.key AND undated.day = :undated LIMIT :most_ever + 1) AS counted) <= :most_ever),
        best AS (SELECT article_id, 2 * sum(shared) / (2 + min(apart)) AS much FROM found WHERE article_id <> :article GROUP BY article_id
            HAVING 2 * sum(shared) / (2 + min(apart)) >= :enough ORDER BY much DESC, article_id LIMIT :most)
        SELECT best.article_id, revision, snapshot, much FROM best JOIN index_entry ON index_entry.article_id = best.article_id
            ORDER BY much DESC, best.article_id""",
    "named": """SELECT DISTINCT posting.article_id, revision, snapshot FROM posting JOIN index_entry
        ON index_entry.article_id = posting.article_id WHERE key IN {ids} AND posting.article_id <> :article
        ORDER BY posting.article_id LIMIT :most""",
    "own": """SELECT entry.revision, snapshot, features, linked_revision, follows
        FROM index_entry AS entry JOIN article ON article.id = article_id WHERE article_id = :article""",
    "entries": "SELECT article_id, revision, snapshot FROM index_entry WHERE article_id IN {ids} ORDER BY article_id",
    "entries_held": "SELECT article_id, revision, snapshot FROM index_entry WHERE article_id IN {ids} ORDER BY article_id {hold}",
    "features": "SELECT article_id, revision, snapshot, features FROM index_entry WHERE article_id IN {ids}",
    "memberships": """SELECT id, event_id, copy_of_id, EXISTS(SELECT 1 FROM correction), follows
        FROM article LEFT JOIN index_entry ON article_id = id WHERE id IN {ids}""",
    "members": "SELECT id FROM article WHERE event_id IN {ids}",
    "edges": """SELECT a, b, score, copy_score FROM edge WHERE a IN {ids}
        UNION SELECT a, b, score, copy_score FROM edge WHERE b IN {ids}""",
    "lock": "SELECT id, linked_revision FROM article WHERE id IN {ids} ORDER BY id {lock}",
    "issued": "SELECT count(*) FROM page WHERE kind = 'event' AND key = :event AND version > 0 AND version = wanted",
    "leaders": """SELECT entry.article_id, entry.revision, entry.snapshot FROM posting JOIN index_entry AS entry
        ON entry.article_id = posting.article_id WHERE key IN {ids} AND posting.day = :day
        AND entry.article_id <> :article AND mark <= :mark
        GROUP BY entry.article_id, entry.revision, entry.snapshot, mark ORDER BY mark, entry.article_id LIMIT :most""",
    "follow": "UPDATE index_entry SET follows = :leader WHERE article_id = :article",
    "take_out": "DELETE FROM posting WHERE article_id = :article AND key NOT IN {ids}",
    "put_back": """INSERT INTO posting(key, day, article_id, weight) VALUES (:key, :day, :article, :weight)
        ON CONFLICT (key, day, article_id) DO NOTHING""",
    "mates": "SELECT b, score FROM edge WHERE a = :article UNION SELECT a, score FROM edge WHERE b = :article",
    "edges_gone": "DELETE FROM edge WHERE (a = :article AND b IN {ids}) OR (b = :article AND a IN {ids})",
    "edge": """INSERT INTO edge(a, b, score, copy_score, reasons, rules) VALUES (:a, :b, :score, :copy, {json}, :rules)
        ON CONFLICT (a, b) DO UPDATE SET score = excluded.score, copy_score = excluded.copy_score, reasons = excluded.reasons,
        rules = excluded.rules""",
    "join": "UPDATE article SET event_id = :event WHERE id IN {ids}",
    "copy": "UPDATE article SET copy_of_id = :origin WHERE id IN {ids}",
    "rules": """SELECT a.id, b.id, p.together, c.id, coalesce(c.keep_event, 0) FROM article a JOIN corrected_pair p ON p.a = a.url_key
        JOIN correction c ON c.id = p.correction_id AND c.undone_at IS NULL JOIN article b ON b.url_key = p.b WHERE a.id IN {ids}
        UNION SELECT a.id, b.id, p.together, c.id, coalesce(c.keep_event, 0) FROM article b JOIN corrected_pair p ON p.b = b.url_key
        JOIN correction c ON c.id = p.correction_id AND c.undone_at IS NULL JOIN article a ON a.url_key = p.a WHERE b.id IN {ids}""",
    "pins": """SELECT a.id, c.id, c.pinned FROM article a JOIN correction c ON c.anchor = a.url_key
        WHERE a.id IN {ids} AND c.undone_at IS NULL AND c.pinned IS NOT NULL""",
    "mark": "UPDATE article SET linked_revision = :revision, linked_rules = :rules WHERE id = :article",
}


def own(session: Session, article: int) -> tuple[Entry, str, int, int | None] | None:
    """What stands in the index for an article: which features, their JSON, which revision was linked last, and whom it follows.

    None where nothing does.
    """
    rows = run(session, "own", article=article)
    return ((article, rows[0][0], rows[0][1]), *rows[0][2:]) if rows else None


def candidates(session: Session, article: int, own: Features) -> list[Entry]:
    """What has enough in common with an article that is in the index with these features, and is undated or not days apart.

    Two days apart take twice as much in common: the score falls with each. An undated article asks without a window.
    """
    day, near = own.day, posting_day(own.day)
    across, unasked = asked_keys(own)
    since, until = (near - WINDOW_DAYS, near + WINDOW_DAYS) if day is not None else (UNDATED_DAY + 1, posting_day(date.max))
    most_held = MAX_HOLDERS if day is not None else MAX_HOLDERS_EVER
    bounds = {"enough": ENOUGH, "most_held": most_held, "most_ever": MAX_HOLDERS_EVER, "heaviest": HEAVIEST}
    bounds |= {"most": MAX_CANDIDATES, "unknown": UNKNOWN_APART}
    days = {"since": since, "until": until, "undated": UNDATED_DAY, "day": None if day is None else near}
    keys = {"across": json.dumps(across), "ids": listed(unasked)}
    found = run(session, "candidates", article=article, **keys, **days, **bounds)
    near_enough = (row for at, row in enumerate(found) if at < MAX_STRANGERS or row[3] >= MATES * ENOUGH)
    return sorted((row[0], row[1], row[2]) for row in near_enough)


def named(session: Session, article: int, keys: Collection[int]) -> list[Entry]:
    """The other articles that hold one of these keys."""
    found = run(session, "named", article=article, ids=listed(keys), most=MAX_CANDIDATES) if keys else ()
    return sorted((row[0], row[1], row[2]) for row in found)


def entries(session: Session, articles: Collection[int], *, hold: bool = False) -> list[Entry]:
    """Which features stand in the index for these articles. `hold`: nobody may replace them until the transaction ends."""
    found = run(session, "entries_held" if hold else "entries", ids=listed(articles)) if articles else ()
    return [(row[0], row[1], row[2]) for row in found]


def features(session: Session, articles: Collection[int]) -> dict[Entry, str]:
    """The features as JSON."""
    return {(row[0], row[1], row[2]): row[3] for row in run(session, "features", ids=listed(articles))}


def component(session: Session, article: int, neighbours: Iterable[int]) -> Component:
    """All that hangs together with the article by strong edges, old and new (`neighbours`), and all members of the events concerned."""
    edges: dict[tuple[int, int], tuple[float, float]] = {}
    events: dict[int, int | None] = {}
    copies: dict[int, int | None] = {}
    follows: dict[int, int] = {}
    fresh = {article, *neighbours}
    asked: set[int] = set()
    rules: set[Rule[int]] = set()
    corrected = False  # whether people ever decided anything: else nobody needs to ask what
    while fresh and len(events) < MAX_COMPONENT:
        ids = listed(fresh)
        for name, event, origin, asks, leader in run(session, "memberships", ids=ids):
            events[name], copies[name], corrected = event, origin, bool(asks)
            follows |= {name: leader} if leader is not None else {}
        found = {(row[0], row[1]): (row[2], row[3]) for row in run(session, "edges", ids=ids)}
        edges |= found
        reached = {name for pair, (score, _) in found.items() if score >= STRONG for name in pair}
        if corrected:
            met = {Rule(row[0], row[1], bool(row[2]), row[3], row[4]) for row in run(session, "rules", ids=ids)}
            rules |= met
            reached |= {name for rule in met if rule.together for name in (rule.a, rule.b)}
        known = {event for event in events.values() if event is not None} - asked
        if known:
            reached |= {row[0] for row in run(session, "members", ids=listed(known))}
            asked |= known
        fresh = reached - events.keys()
    inside = {pair: values for pair, values in edges.items() if pair[0] in events and pair[1] in events}
    held = tuple(sorted(rule for rule in rules if rule.a in events and rule.b in events))
    pins = _pins(session, events) if corrected else ()
    return Component(edges=inside, events=events, copies=copies, follows=follows, rules=held, pins=pins)


def pair(session: Session, article: int, twin: int) -> Component:
    """Where these two stand, whom they follow, and what people decided about them; no edge."""
    ids = listed((article, twin))
    rows = run(session, "memberships", ids=ids)
    found = run(session, "rules", ids=ids) if any(row[3] for row in rows) else ()
    rules = tuple(sorted({Rule(row[0], row[1], bool(row[2]), row[3], row[4]) for row in found}))
    follows = {row[0]: row[4] for row in rows if row[4] is not None}
    events, copies = {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}
    return Component(edges={}, events=events, copies=copies, follows=follows, rules=rules)


def _pins(session: Session, articles: Collection[int]) -> tuple[Pin, ...]:
    found = run(session, "pins", ids=listed(articles))
    return tuple(sorted((Pin(row[0], row[1], tuple(sorted(json.loads(row[2]).items()))) for row in found), key=lambda pin: pin.correction))


def lock(session: Session, articles: Collection[int]) -> dict[int, int]:
    """Hold these articles' rows until the transaction ends, in the order of their ids, so that two linkers never wait in a circle.

    Each with its revision that was linked last.
    """
    return {row[0]: row[1] for row in run(session, "lock", ids=listed(articles))}


def listed(numbers: Collection[int]) -> str:
    """Numbers as a statement takes them."""
    return json.dumps(sorted(numbers))


@cache
def _statement(name: str, dialect: str) -> str:
    """One statement in the database's own words, with its own style of parameters."""
    sql = STATEMENTS[name].format_map(MARKS[dialect])
    return re.sub(r"(?<!:):([a-z_]+)", r"%(\1)s", sql) if dialect == "postgresql" else sql


def run(session: Session, name: str, **values: Any) -> list[Any]:
    """The rows of one of the `STATEMENTS`."""
    return driver_rows(session, _statement(name, session.connection().dialect.name), values)


def _one(session: Session, name: str, **values: Any) -> Any:
    """The only value of the only row."""
    return run(session, name, **values)[0][0]


def words(session: Session, articles: Collection[int]) -> Sequence[Any]:
    """What members say: id, title, provenance, standfirst, the beginning of the text, kind, dates."""
    return session.connection().execute(_words(), {"articles": list(articles)}).all()


# Built once each: to build a statement takes as long as to run three.


@cache
def _words() -> sqlalchemy.Select[Any]:
    wanted = sqlalchemy.select(
        col(Article.id),
        col(Article.title),
        col(Article.provenance),
        col(Article.standfirst),
        func.substr(Article.text, 1, OPENING_CHARS).label("opening"),
        col(Article.kind),
        col(Article.published_at),
        col(Article.published_provenance),
        col(Article.announced_at),
        col(Article.directives),
        col(Article.gone_status),
    )
    return wanted.where(col(Article.id).in_(bindparam("articles", expanding=True)))


def mates(session: Session, article: int) -> dict[int, float]:
    """The articles that it has edges with, and their scores."""
    return {row[0]: row[1] for row in run(session, "mates", article=article)}


def replace_edges(session: Session, article: int, before: Collection[int], edges: dict[int, Scored]) -> None:
    """The article's edges in place of those it had with `before`.

    An edge that another linker wrote meanwhile stays: of two articles the one that was loaded later saw both. Where it is too weak to
    make one component of them, nothing else would tell that it is missing.
    """
    gone = set(before) - edges.keys()
    if gone:
        run(session, "edges_gone", article=article, ids=listed(gone))
    rows = []
    for other, edge in sorted(edges.items()):
        a, b = pair_of(article, other)
        rows.append({"a": a, "b": b, "score": edge.score, "copy": edge.copy, "reasons": json.dumps(edge.reasons), "rules": RULES})
    if rows:
        connection = session.connection()
        connection.exec_driver_sql(_statement("edge", connection.dialect.name), rows)


def join(session: Session, event: int, articles: Collection[int]) -> None:
    """Put articles into an event."""
    if articles:
        run(session, "join", ids=listed(articles), event=event)


def mark_copies(session: Session, origin: int | None, articles: Collection[int]) -> None:
    """Articles that repeat `origin`; None: that repeat nothing."""
    if articles:
        run(session, "copy", ids=listed(articles), origin=origin)


def mark_linked(session: Session, article: int, revision: int) -> None:
    """Note which revision of the article is linked, and by which rules."""
    run(session, "mark", article=article, revision=revision, rules=RULES)


def event(session: Session, event: int) -> Any:
    """What an event says that its next version depends on: version, date, headline, former_headlines."""
    return session.connection().execute(_event(), {"event": event}).one()


@cache
def _event() -> sqlalchemy.Select[Any]:
    columns = _events().c
    said = (columns.version, columns.date, columns.headline, columns.former_headlines)
    return sqlalchemy.select(*said).where(columns.id == bindparam("event"))


def is_issued(session: Session, event: int) -> bool:
    """Whether the event's page shows what the event says now."""
    return bool(_one(session, "issued", event=str(event)))


def insert_event(session: Session, values: dict[str, Any]) -> int:
    """A new event; its id."""
    return int(session.connection().execute(_new_event(), values).scalar_one())


@cache
def _new_event() -> sqlalchemy.sql.dml.ReturningInsert[Any]:
    return sqlalchemy.insert(_events()).returning(_events().c.id)


def update_event(session: Session, event: int, values: dict[str, Any]) -> None:
    """Write these columns of an event."""
    session.connection().execute(_changed_event(), values | {"event": event})


@cache
def _changed_event() -> sqlalchemy.Update:
    return sqlalchemy.update(_events()).where(_events().c.id == bindparam("event"))


def _events() -> sqlalchemy.Table:
    # The table, not the class: no unit of work is needed for one row written once.
    return SQLModel.metadata.tables["event"]


def forward(session: Session, old: int, new: int) -> None:
    """Let what was merged into `old` point to `new`, so that a redirect never takes two steps."""
    session.execute(update(Event).where(col(Event.merged_into) == old).values(merged_into=new))
