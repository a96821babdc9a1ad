"""Articles that say the same at the same hour: compared as one, and yet the events are those of the set, whatever changes meanwhile."""

import random
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select
from test_link_bad_input import NOON, ONE, TWO
from test_link_stage import REGATTA, Say, link, tag
from test_link_stage import put as put_says

sys.path.append(str(Path(__file__).parents[1] / "storm"))

from orders import Chronicled, chronicle, put, work_through

from services.link.stage import Link
from services.tag.stage import TagArticle
from shared import ledger
from shared.clock import Clock
from shared.db import make_engine, reading, writing
from shared.messages import ArticleCleaned
from shared.migrations import upgrade
from shared.models import Article, Edge, IndexEntry
from shared.pipeline import PIPELINE
from shared.runner import Runner
from shared.stage import Conflict

TWINS = [replace(ONE, key=f"twin{at}.test/1", published=NOON + timedelta(minutes=at * 7)) for at in range(16)]  # two hours of them
ALL = [*TWINS, TWO, replace(ONE, key="bare.test/1", text=None), replace(TWO, key="late.test/1", published=NOON + timedelta(hours=30))]


def again(engine: Engine, key: str, revision: int, **changes: str) -> None:
    """The article as its outlet changed it, through tag and link, and all that this leads to."""
    with writing(engine) as session:
        article = session.exec(select(Article).where(Article.url_key == key)).one()
        for name, value in changes.items():
            setattr(article, name, value)
        article.revision = article.cleaned_revision = revision
        fact = ArticleCleaned(article_id=article.id or 0, revision=revision, rules=1)
        work = [new.id for new in ledger.emit(session.connection(), PIPELINE, [(fact, None, 0)], datetime.now(UTC))]
    runner = Runner(engine=engine, pipeline=PIPELINE, stages={"tag": TagArticle(), "link": Link()})
    todo = [("tag", one) for one in work]
    while todo:
        stage, one = todo.pop(0)
        todo += [(name, found) for found, name in runner.deliver(stage, [one]).emitted if name == "link"]
    runner.close()


def test_twins_come_to_the_same_event_in_any_order(tmp_path: Path) -> None:
    found: list[list[Chronicled]] = []
    for seed in range(4):
        engine, dice = make_engine(f"sqlite:///{tmp_path / f'{seed}.db'}", synchronous="NORMAL"), random.Random(seed)
        upgrade(engine)
        work_through(engine, dice, put(engine, ALL, dice))
        found.append(chronicle(engine))
        with reading(engine) as session:
            copies = {one.url_key: one.copy_of_id for one in session.exec(select(Article)) if one.url_key.startswith("twin")}
            origin = session.exec(select(Article.id).where(Article.url_key == TWINS[0].key)).one()
        assert copies == {one.key: None if one is TWINS[0] else origin for one in TWINS}
        engine.dispose()
    assert all(events == found[0] for events in found)
    assert len(found[0]) == 1


def test_twins_stay_where_they_are_when_the_first_of_them_tells_of_something_else(engine: Engine) -> None:
    dice = random.Random(5)
    work_through(engine, dice, put(engine, ALL, dice))
    with reading(engine) as session:
        first = next(one.url_key for one in session.exec(select(Article).order_by(Article.id)) if one.url_key.startswith("twin"))  # type: ignore[arg-type]
    again(engine, first, 2, title="Peregrine wins Sant Elmo regatta by nine seconds", text=REGATTA)
    assert {event.articles for event in chronicle(engine)} == {(first,), tuple(sorted(one.key for one in ALL if one.key != first))}
    again(engine, first, 3, title=ONE.title or "", text=ONE.text or "")
    assert {event.articles for event in chronicle(engine)} == {tuple(sorted(one.key for one in ALL))}


def test_a_weak_edge_that_another_linker_wrote_meanwhile_stays(engine: Engine, clock: Clock) -> None:
    one, other = put_says(
        engine,
        clock,
        [
            Say("Peregrine wins Sant Elmo regatta by nine seconds", REGATTA),
            Say("Harbour of Sant Elmo gets a new mole", "The mole of Sant Elmo grows by a third; the yacht club pays.", 90),
        ],
    )
    stage, message = Link(clock), tag(engine, one)
    with reading(engine) as session:
        done = stage.run(stage.load(session, message))
    link(engine, Link(clock), tag(engine, other))
    with writing(engine) as session:
        stage.save(session, message, done)
    with reading(engine) as session:
        edges = session.exec(select(Edge)).all()
        assert [(edge.a, edge.b) for edge in edges] == [(one, other)]
        assert edges[0].score < 0.2


def test_one_that_is_put_back_into_the_index_is_put_there_as_it_reads_now(engine: Engine) -> None:
    dice = random.Random(5)
    work_through(engine, dice, put(engine, TWINS[:3], dice))
    with writing(engine) as session:
        follower = session.exec(select(IndexEntry).where(col(IndexEntry.follows).is_not(None))).first()
        assert follower is not None
        first = session.get_one(Article, follower.follows)
        first.title, first.text, first.revision, first.cleaned_revision = "Regatta of Sant Elmo", REGATTA, 2, 2
        fact, id = ArticleCleaned(article_id=follower.follows or 0, revision=2, rules=1), follower.article_id
    with reading(engine) as session:
        given = TagArticle().load(session, fact)
    with writing(engine) as session:
        (message,) = TagArticle().save(session, fact, TagArticle().run(given))
    stage = Link()
    with reading(engine) as session:
        done = stage.run(stage.load(session, message))
    with writing(engine) as session:  # tagged anew, and taken for a reprint again
        session.get_one(IndexEntry, id).snapshot = "of newer tables"
    with writing(engine) as session, pytest.raises(Conflict):
        stage.save(session, message, done)
