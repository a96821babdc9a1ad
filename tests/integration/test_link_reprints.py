"""Reprints with a changed word, under changed headlines, at other hours: one of them is compared, the others follow it, in any order."""

import random
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import col, func, select
from test_link_bad_input import NOON, ONE, TEXT, TWO
from test_link_stage import REGATTA
from test_link_twins import again

sys.path.append(str(Path(__file__).parents[1] / "storm"))

from news import Told
from orders import Chronicled, chronicle, put, work_through

from services.link.stage import Link
from services.tag.stage import TagArticle
from shared.db import make_engine, reading
from shared.migrations import upgrade
from shared.models import Article, Edge, IndexEntry, Posting
from shared.pipeline import PIPELINE
from shared.runner import Runner


def reprint(number: int) -> Told:
    """The wire's text as one outlet prints it: with a word of its own, at its own hour, now and then under its own title."""
    dice, words = random.Random(number), TEXT.split()
    own = "".join(dice.choices("aeioubdgklmnrst", k=7))
    words[dice.randrange(len(words))] = own
    title = ONE.title if number % 3 else f"{ONE.title}, {own} hears"
    return replace(
        ONE, key=f"reprint{number}.test/1", title=title, text=" ".join(words), published=NOON + timedelta(minutes=number * 37 % 600)
    )


def keys(articles: list[Told]) -> tuple[str, ...]:
    return tuple(sorted(one.key for one in articles))


def test_reprints_are_compared_as_one_and_found_as_one(engine: Engine) -> None:
    dice, same = random.Random(5), [reprint(number) for number in range(60)]
    work_through(engine, dice, put(engine, [*same, TWO], dice))
    assert [event.articles for event in chronicle(engine)] == [keys([*same, TWO])]
    with reading(engine) as session:
        assert session.exec(select(func.count()).select_from(Edge)).one() < 1.5 * len(same)  # one for each pair would be 30 times as many
        leading = select(IndexEntry.article_id).where(col(IndexEntry.follows).is_(None))
        assert len(session.exec(leading).all()) <= 6
        held = session.exec(select(Posting.article_id).distinct()).all()
        assert len(held) <= 6  # the others are found by nobody, so that they crowd nobody out of a search
        origin = session.exec(select(Article).where(Article.url_key == same[0].key)).one()
        assert origin.copy_of_id is None  # the first of them, whoever leads
        copies = session.exec(select(func.count()).select_from(Article).where(col(Article.copy_of_id) == origin.id)).one()
        assert copies == len(same) - 1


def test_reprints_come_to_the_same_event_in_any_order(tmp_path: Path) -> None:
    articles = [*(reprint(number) for number in range(24)), TWO, replace(reprint(30), published=NOON + timedelta(hours=30))]
    found: list[list[Chronicled]] = []
    for seed in range(3):
        engine, dice = make_engine(f"sqlite:///{tmp_path / f'{seed}.db'}", synchronous="NORMAL"), random.Random(seed)
        upgrade(engine)
        work_through(engine, dice, put(engine, articles, dice))
        found.append(chronicle(engine))
        engine.dispose()
    assert all(events == found[0] for events in found)
    assert len(found[0]) == 1


def test_reprints_stay_together_when_the_one_that_they_follow_tells_of_something_else(engine: Engine) -> None:
    dice, same = random.Random(5), [reprint(number) for number in range(12)]
    work_through(engine, dice, put(engine, [*same, TWO], dice))
    with reading(engine) as session:
        led = select(IndexEntry.follows).where(col(IndexEntry.follows).is_not(None)).limit(1)
        leader = session.exec(led).one()
        first = session.get_one(Article, leader).url_key
    again(engine, first, 2, title="Peregrine wins Sant Elmo regatta by nine seconds", text=REGATTA)
    rest = [one for one in same if one.key != first]
    assert {event.articles for event in chronicle(engine)} == {(first,), keys([*rest, TWO])}
    with reading(engine) as session:
        following = session.exec(select(IndexEntry.follows).where(col(IndexEntry.follows).is_not(None))).all()
        assert len(following) >= len(rest) - 3
        assert leader not in following


def test_reprints_that_wait_for_the_linker_keep_nothing_from_being_found(engine: Engine) -> None:
    dice, same = random.Random(5), [reprint(number) for number in range(30)]
    work = put(engine, [*same, TWO], dice)
    runner = Runner(engine=engine, pipeline=PIPELINE, stages={"tag": TagArticle(), "link": Link()})
    todo = [one for one, _ in runner.deliver("tag", work).emitted]
    with reading(engine) as session:
        full = session.exec(select(Posting.article_id).group_by(col(Posting.article_id)).having(func.count() > 6)).all()
    assert len(full) <= 6  # the others are there under what tells that they are reprints, and nothing else
    while todo:
        todo = [one for one, stage in runner.deliver("link", todo).emitted if stage == "link"]
    runner.close()
    assert [event.articles for event in chronicle(engine)] == [keys([*same, TWO])]
