"""The stage `edit`: what a person decided becomes a constraint, and the articles concerned are linked anew."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from services.link.core.constraints import Rule, contradicted, pairs
from shared.clock import Clock, now
from shared.messages import ArticleTagged, EventCorrected
from shared.models import Article, CorrectedPair, Correction, IndexEntry
from shared.stage import Conflict, Reject

NEW = 0  # the correction that has no number yet

State = tuple[int, int]  # corrections ever made, and how many of them are undone


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A correction, and what stands already. `keys`: article ids to what outlasts them."""

    message: EventCorrected
    keys: dict[int, str]
    standing: tuple[Rule[str], ...]
    told: dict[int, str]  # correction id: who, when and why, for whoever is refused
    state: State


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A correction that can be obeyed, with its pairs in order."""

    asked: Asked
    rules: tuple[Rule[str], ...]


@dataclass(frozen=True)
class Edit:
    """Consumes EventCorrected; produces ArticleTagged, so that the linker obeys it at once."""

    clock: Clock = now

    def load(self, session: Session, message: EventCorrected) -> Asked:
        """The articles' keys, and the corrections that hold."""
        wanted = {message.article_id, *message.left, *message.right}
        keys = {row[0]: row[1] for row in session.execute(select(Article.id, Article.url_key).where(col(Article.id).in_(wanted)))}
        rows = session.exec(
            select(CorrectedPair, Correction)
            .join(Correction, col(Correction.id) == col(CorrectedPair.correction_id))
            .where(col(Correction.undone_at).is_(None))
        ).all()
        standing = tuple(Rule(pair.a, pair.b, pair.together, pair.correction_id) for pair, _ in rows)
        told = {one.id: _in_words(one) for _, one in rows if one.id is not None}
        return Asked(message=message, keys=keys, standing=standing, told=told, state=_state(session))

    def run(self, given: Asked) -> Checked:
        """Say it in pairs; refuse what cannot hold together with what was decided before."""
        message = given.message
        if message.kind == "undo":
            return Checked(asked=given, rules=())
        if gone := {*message.left, *message.right} - given.keys.keys():
            raise Reject("correction_empty", f"there is no article {', '.join(map(str, sorted(gone)))}")
        left, right = [given.keys[one] for one in message.left], [given.keys[one] for one in message.right]
        try:
            said = pairs(message.kind, left, right)
        except ValueError as error:
            raise Reject("correction_empty", str(error)) from error
        rules = tuple(Rule(min(a, b), max(a, b), together, NEW) for a, b, together in said)
        against = contradicted(given.standing, rules)
        if against is not None:
            earlier = given.told.get(against.correction)
            raise Reject("correction_contradicts", f"it contradicts {earlier}" if earlier else "it contradicts itself")
        return Checked(asked=given, rules=rules)

    def save(self, session: Session, message: EventCorrected, done: Checked) -> Sequence[ArticleTagged]:
        """Write the correction, if what it was checked against still stands; link anew what it is about."""
        if session.connection().dialect.name == "postgresql":
            session.execute(text("LOCK TABLE correction IN SHARE ROW EXCLUSIVE MODE"))  # one decision after the other
        if _state(session) != done.asked.state:
            raise Conflict
        if message.kind == "undo":
            self._undo(session, message)
        elif session.exec(select(Correction.id).where(Correction.token == message.token)).first() is None:
            _insert(session, message, done)
        return [
            ArticleTagged(article_id=entry.article_id, revision=entry.revision, snapshot=entry.snapshot, corrected=message.token)
            for entry in _entries(session, message)
        ]

    def _undo(self, session: Session, message: EventCorrected) -> None:
        found = session.get(Correction, message.correction)
        if found is None:
            raise Reject("correction_empty", f"there is no correction {message.correction}")
        if found.undone_at is not None:
            raise Reject("correction_empty", f"{_in_words(found)} was undone by {found.undone_by} already")
        found.undone_at, found.undone_by, found.undone_why = message.at, message.who, message.why
        session.add(found)
        session.flush()


def _insert(session: Session, message: EventCorrected, done: Checked) -> None:
    made = Correction(
        token=message.token,
        kind=message.kind,
        at=message.at,
        who=message.who,
        why=message.why,
        events=list(message.events),
        keep_event=next(iter(message.events), None) if message.kind == "merge" else None,
        anchor=done.asked.keys[message.article_id],
        pinned=json.dumps(message.says, ensure_ascii=False, sort_keys=True) if message.says else None,
    )
    session.add(made)
    session.flush()
    assert made.id is not None
    session.add_all(CorrectedPair(correction_id=made.id, a=one.a, b=one.b, together=one.together) for one in done.rules)
    session.flush()


def _entries(session: Session, message: EventCorrected) -> Sequence[IndexEntry]:
    """The index entries of one article of each side: the component around one of a side holds all that the decision touches."""
    ends = {message.article_id, *message.left[:1], *message.right[:1]}
    return session.exec(select(IndexEntry).where(col(IndexEntry.article_id).in_(ends)).order_by(col(IndexEntry.article_id))).all()


def _state(session: Session) -> State:
    row = session.execute(select(func.coalesce(func.max(Correction.id), 0), func.count(col(Correction.undone_at)))).one()
    return int(row[0]), int(row[1])


def _in_words(one: Correction) -> str:
    return f"correction {one.id} ({one.kind} by {one.who}, {one.at:%Y-%m-%d %H:%M} UTC: {one.why})"
