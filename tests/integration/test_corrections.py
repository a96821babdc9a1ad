"""What people decide about events, through the ledger on both databases: obeyed at once, kept through rebuilds, with two linkers."""

import json
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select
from test_link_stage import ALL, put, tag

from services.link.edit import Edit
from services.link.stage import Link
from services.publish.stage import Publish
from shared import ledger
from shared.clock import Clock
from shared.db import reading, writing
from shared.ledger import State
from shared.messages import EventCorrected, Message
from shared.models import Article, CorrectedPair, Correction, Edge, Event, Page, Work
from shared.pipeline import PIPELINE, Pipeline
from shared.records import PAGE, EventPage
from shared.runner import Runner, work_off
from shared.stage import AnyStage

STAGES = Pipeline(tuple(PIPELINE[name] for name in ("link", "publish", "edit")))


class Office:
    """Articles, and what delivers to the stages that a correction goes through."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock, self.decided = engine, clock, 0
        self.ids = put(engine, clock, ALL)
        self.link_all(self.ids)

    def runner(self) -> Runner:
        """One worker of all stages."""
        stages: dict[str, AnyStage] = {"link": Link(self.clock), "publish": Publish(self.clock), "edit": Edit(self.clock)}
        return Runner(engine=self.engine, pipeline=STAGES, stages=stages, clock=self.clock)

    def emit(self, *messages: Message) -> None:
        with writing(self.engine) as session:
            ledger.emit(session.connection(), STAGES, [(one, None, 0) for one in messages], self.clock())

    def link_all(self, articles: Sequence[int]) -> None:
        """Tag and link them in this order."""
        for one in articles:
            self.emit(tag(self.engine, one))
            self.work()

    def work(self) -> None:
        """Do all that is due, pages too."""
        runner = self.runner()
        for _ in range(3):  # pages come a second after what changed them
            self.clock.advance(2)  # type: ignore[attr-defined]
            work_off(runner)
        runner.close()

    def ask(self, kind: Any, left: Sequence[int] = (), right: Sequence[int] = (), **more: Any) -> Work:
        """A person's decision about articles (by their place in ALL), carried out; its work."""
        self.decided += 1
        first, second = [self.ids[at] for at in left], [self.ids[at] for at in right]
        who = {"at": self.clock(), "who": "Ada", "why": "it is so", "token": f"t{self.decided}"}
        self.emit(EventCorrected(article_id=first[0], kind=kind, left=tuple(first), right=tuple(second), **who, **more))
        self.work()
        with reading(self.engine) as session:
            return session.exec(select(Work).where(Work.stage == "edit", Work.input_key == f"t{self.decided}")).one()

    def groups(self) -> set[frozenset[int]]:
        """The events, as places in ALL."""
        found: dict[int | None, set[int]] = {}
        with reading(self.engine) as session:
            for one in session.exec(select(Article)):
                found.setdefault(one.event_id, set()).add(self.ids.index(one.id or 0))
        return {frozenset(group) for group in found.values()}

    def event(self, at: int) -> Event:
        with reading(self.engine) as session:
            return session.get_one(Event, session.get_one(Article, self.ids[at]).event_id)

    def page(self, event: int) -> Any:
        with reading(self.engine) as session:
            record = session.exec(select(Page.record).where(Page.kind == "event", Page.key == str(event))).one()
        return PAGE.validate_json(record or "")

    def forget_links(self) -> None:
        """As before a rebuild of everything that link made."""
        with writing(self.engine) as session:
            for article in session.exec(select(Article)):
                article.event_id = article.copy_of_id = None
                article.linked_revision = article.tagged_revision = 0
                session.add(article)
            session.flush()
            for table in (Edge, Event, Page, Work):
                for row in session.exec(select(table)):  # type: ignore[call-overload]
                    session.delete(row)


@pytest.fixture
def office(engine: Engine, clock: Clock) -> Office:
    made = Office(engine, clock)
    assert made.groups() == {frozenset({0, 1, 2, 4}), frozenset({3})}
    return made


def test_a_merge_keeps_the_event_that_is_named_first_and_redirects_the_other(office: Office) -> None:
    small, large = office.event(3).id or 0, office.event(0).id or 0
    assert office.ask("merge", [3], [0, 1, 2, 4], events=(small, large)).state == State.DONE
    assert office.groups() == {frozenset({0, 1, 2, 3, 4})}
    assert office.event(0).id == small
    page = office.page(small)
    assert isinstance(page, EventPage)
    assert [(one.kind, one.why, len(one.articles)) for one in page.decisions] == [("merge", "it is so", 5)]
    assert {reason.detail for one in page.articles for reason in one.why if reason.name == "decided by people"} == {"it is so"}
    assert all(one.why for one in page.articles), "the one that no edge leads to, too"
    assert [one.id for one in office.page(large).to] == [small]
    with reading(office.engine) as session:
        [made] = session.exec(select(Correction)).all()
        assert (made.who, made.why, made.kind, made.keep_event) == ("Ada", "it is so", "merge", small)


def test_a_split_parts_for_good_and_undoing_it_joins_again(office: Office) -> None:
    before = office.event(0).id
    assert office.ask("split", [2], [0, 1, 4], events=(before or 0,)).state == State.DONE
    assert office.groups() == {frozenset({0, 1, 4}), frozenset({2}), frozenset({3})}
    assert office.event(0).id == before, "the larger part keeps the id"
    with reading(office.engine) as session:
        made = session.exec(select(Correction.id)).one()
    assert office.ask("undo", [2], correction=made).state == State.DONE
    assert office.groups() == {frozenset({0, 1, 2, 4}), frozenset({3})}
    again = office.ask("undo", [2], correction=made)
    assert (again.state, again.error_class) == (State.DEAD, "correction_empty")


def test_a_decision_against_an_earlier_one_is_refused_by_name_and_changes_nothing(office: Office) -> None:
    office.ask("merge", [0], [3])
    stood = office.groups()
    against = office.ask("forbid", [3], [0])
    assert (against.state, against.error_class) == (State.DEAD, "correction_contradicts")
    assert "correction 1 (merge by Ada" in (against.error or "")
    assert office.groups() == stood
    with reading(office.engine) as session:
        assert len(session.exec(select(CorrectedPair)).all()) == 1


def test_what_is_pinned_stays_whatever_comes_in_later(office: Office) -> None:
    says = {"headline": "Market falls in Tolvane", "date": "2031-03-03", "image_article": office.ids[1]}
    office.ask("pin", [0], says=says)
    event = office.event(0)
    assert (event.headline, event.date, event.date_provenance) == ("Market falls in Tolvane", date(2031, 3, 3), "editor")
    assert event.image_article_id == office.ids[1]
    late = put(office.engine, office.clock, [replace(ALL[1], title="Eleven pulled from the rubble in Tolvane", hours=7)])
    office.ids += late
    office.link_all(late)
    assert frozenset({0, 1, 2, 4, 5}) in office.groups()
    assert office.event(5).headline == "Market falls in Tolvane"
    page = office.page(office.event(5).id or 0)
    assert (page.headline, page.decisions[0].fixes) == ("Market falls in Tolvane", ("date", "headline", "image"))


def test_decisions_outlast_a_rebuild_in_any_order(office: Office) -> None:
    office.ask("merge", [0], [1, 3, 4])
    office.ask("split", [2], [0, 1, 4, 3])
    office.ask("pin", [4], says={"headline": "By hand"})
    stood, said = office.groups(), office.event(4).headline
    assert stood == {frozenset({0, 1, 3, 4}), frozenset({2})}
    for seed in range(3):
        office.forget_links()
        order = list(office.ids)
        random.Random(seed).shuffle(order)
        office.link_all(order)
        assert (office.groups(), office.event(4).headline) == (stood, said)


def test_two_workers_link_and_decide_at_once(office: Office) -> None:
    office.forget_links()
    for one in office.ids:
        office.emit(tag(office.engine, one))
    asked = [("merge", [0], [3]), ("forbid", [0], [2]), ("forbid", [1], [2]), ("forbid", [3], [0])]
    for number, (kind, left, right) in enumerate(asked):
        first, second = (tuple(office.ids[at] for at in one) for one in (left, right))
        who = {"at": office.clock() + timedelta(seconds=number), "who": "Ada", "why": "so", "token": f"at once {number}"}
        office.emit(EventCorrected.model_validate({"article_id": first[0], "kind": kind, "left": first, "right": second, **who}))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: office.work(), range(2)))
    office.work()
    with reading(office.engine) as session:
        pairs = session.exec(select(CorrectedPair)).all()
        keys = {one.url_key: one.event_id for one in session.exec(select(Article))}
        assert all((keys[one.a] == keys[one.b]) is one.together for one in pairs)
        dead = session.exec(select(Work).where(Work.state == State.DEAD)).all()
        assert [one.error_class for one in dead] == ["correction_contradicts"], "one of the two that contradict each other"
        assert session.exec(select(Work).where(col(Work.state) < State.DONE)).all() == []


def test_no_pair_names_a_row(office: Office) -> None:
    office.ask("forbid", [0], [3])
    with reading(office.engine) as session:
        [pair] = session.exec(select(CorrectedPair)).all()
        keys = sorted(session.get_one(Article, office.ids[at]).url_key for at in (0, 3))
    assert [pair.a, pair.b] == keys
    assert json.loads(json.dumps(keys)) == keys
