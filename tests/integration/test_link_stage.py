"""The stage `link` on both databases: any order, ids that last, conflicts seen, pages told."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from services.link.stage import Link
from services.tag.stage import TagArticle
from shared.clock import Clock
from shared.db import reading, writing
from shared.messages import ArticleCleaned, ArticleTagged, PageOutdated
from shared.models import Article, Edge, Event, Page
from shared.stage import Conflict, Superseded

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
QUAKE = (
    "The quake of magnitude 6.4 struck near Tolvane at 04:12 and brought down part of the covered market, governor Ilse Marquand said. "
    "Rescue teams from Brenhold searched the rubble with dogs; eleven people were pulled out alive. Schools in Tolvane stay shut."
)
AGAIN = (
    "Eleven people were pulled alive from the rubble of the covered market in Tolvane, hours after a quake of magnitude 6.4. Governor "
    "Ilse Marquand thanked the teams from Brenhold and their dogs. Trains to Tolvane run again from Thursday."
)
REGATTA = "The yacht Peregrine won the regatta of Sant Elmo by nine seconds after skipper Dario Conti took a risky line past the mole."


@dataclass(frozen=True)
class Say:
    title: str
    text: str
    hours: float | None = 0
    sample: bool = False


ALL = (
    Say("Quake of 6.4 brings down covered market in Tolvane", QUAKE),
    Say("Tolvane quake: eleven pulled from the rubble of the market", AGAIN, 6),
    Say("Eleven alive under Tolvane market", QUAKE, 2),
    Say("Peregrine wins Sant Elmo regatta by nine seconds", REGATTA, 3),
    Say("Market collapse after quake in Tolvane", AGAIN, None),
)


def put(engine: Engine, clock: Clock, says: Sequence[Say]) -> list[int]:
    """Articles as clean leaves them."""
    ids = []
    with writing(engine) as session:
        for at, say in enumerate(says):
            article = Article(
                url_key=f"outlet{at}.test/{len(says)}/{say.title}",
                outlet=f"outlet{at}.test",
                announced_at=clock(),
                revision=1,
                cleaned_revision=1,
                title=say.title,
                text=say.text,
                language="en",
                published_at=None if say.hours is None else NOON + timedelta(hours=say.hours),
                sample=say.sample,
            )
            session.add(article)
            session.flush()
            assert article.id is not None
            ids.append(article.id)
    return ids


def tag(engine: Engine, article: int, revision: int = 1) -> ArticleTagged:
    stage, message = TagArticle(), ArticleCleaned(article_id=article, revision=revision, rules=1)
    with reading(engine) as session:
        done = stage.run(stage.load(session, message))
    with writing(engine) as session:
        return next(iter(stage.save(session, message, done)))


def link(engine: Engine, stage: Link, message: ArticleTagged) -> Sequence[PageOutdated]:
    with reading(engine) as session:
        done = stage.run(stage.load(session, message))
    with writing(engine) as session:
        facts = stage.save(session, message, done)
    again = [link(engine, stage, fact) for fact in facts if isinstance(fact, ArticleTagged)]
    return [*(fact for fact in facts if isinstance(fact, PageOutdated)), *(fact for more in again for fact in more)]


def link_all(engine: Engine, clock: Clock, articles: Sequence[int]) -> None:
    for article in articles:
        link(engine, Link(clock), tag(engine, article))


def events(engine: Engine) -> set[tuple[frozenset[int], str, str, str | None]]:
    """The chronicle: members, date, headline, description of each event."""
    with reading(engine) as session:
        members: dict[int, set[int]] = {}
        for article in session.exec(select(Article)):
            assert article.id is not None
            assert article.event_id is not None
            members.setdefault(article.event_id, set()).add(article.id)
        live = session.exec(select(Event).where(Event.state == "live")).all()
        assert {event.id for event in live} == members.keys()
        return {(frozenset(members[e.id or 0]), e.date.isoformat(), e.headline, e.description) for e in live}


def test_the_events_are_those_of_the_set_in_any_order(engine: Engine, clock: Clock) -> None:
    ids = put(engine, clock, ALL)
    link_all(engine, clock, ids)
    first = events(engine)
    assert {frozenset({ids[0], ids[1], ids[2], ids[4]}), frozenset({ids[3]})} == {members for members, *_ in first}
    assert {day for _, day, *_ in first} == {"2031-03-04"}
    for seed in range(3):
        with writing(engine) as session:
            for table in (Edge, Event, Page):
                for row in session.exec(select(table)):  # type: ignore[call-overload]
                    session.delete(row)
            for article in session.exec(select(Article)):
                article.event_id = article.copy_of_id = None
                article.linked_revision = article.tagged_revision = 0
        link_all(engine, clock, random.Random(seed).sample(ids, len(ids)))
        assert events(engine) == first


def test_four_linkers_at_once_come_to_the_same_events(engine: Engine, clock: Clock) -> None:
    more = [Say(f"{say.title} ({at})", say.text, say.hours) for at in range(4) for say in ALL]
    ids = put(engine, clock, more)
    messages = [tag(engine, article) for article in ids]

    def work(messages: Sequence[ArticleTagged]) -> None:
        stage = Link(clock)
        for message in messages:
            for _ in range(100):
                try:
                    link(engine, stage, message)
                    break
                except Conflict:
                    continue
            else:
                raise AssertionError("conflict upon conflict")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, [messages[at::4] for at in range(4)]))
    assert {members for members, *_ in events(engine)} == {
        frozenset(article for article, say in zip(ids, more, strict=True) if (say.text == REGATTA) == regatta) for regatta in (True, False)
    }


def test_edges_keep_their_reasons_and_copies_their_origin(engine: Engine, clock: Clock) -> None:
    ids = put(engine, clock, ALL[:3])
    link_all(engine, clock, ids)
    with reading(engine) as session:
        edges = session.exec(select(Edge)).all()
        assert edges
        assert all(edge.a < edge.b and edge.reasons and edge.rules for edge in edges)
        assert session.get_one(Article, ids[2]).copy_of_id == ids[0]
        assert session.get_one(Article, ids[1]).copy_of_id is None


def test_a_bridge_merges_two_events_and_the_older_id_stays(engine: Engine, clock: Clock) -> None:
    ids = put(engine, clock, ALL[:3])
    one, two, three = (tag(engine, article) for article in ids)
    link(engine, Link(clock), one)
    with reading(engine) as session:
        kept = session.get_one(Article, ids[0]).event_id
    # As if an earlier rule had parted them: the second article stands in an event of its own.
    link(engine, Link(clock), two)
    with writing(engine) as session:
        alone = Event(date=NOON.date(), date_provenance="published", headline="Apart", created_at=clock(), changed_at=clock())
        session.add(alone)
        session.flush()
        session.get_one(Article, ids[1]).event_id = alone.id
        apart = alone.id
    assert link(engine, Link(clock), three.model_copy(update={"rebuild": "by new rules"}))
    with reading(engine) as session:
        assert {article.event_id for article in session.exec(select(Article))} == {kept}
        gone = session.get_one(Event, apart)
        assert (gone.state, gone.merged_into) == ("merged", kept)


def test_a_revision_that_tells_of_something_else_leaves_its_event(engine: Engine, clock: Clock) -> None:
    ids = put(engine, clock, ALL[:2])
    link_all(engine, clock, ids)
    with writing(engine) as session:
        article = session.get_one(Article, ids[1])
        shared_event = article.event_id
        article.title, article.text, article.revision, article.cleaned_revision = ALL[3].title, ALL[3].text, 2, 2
    old = ArticleTagged(article_id=ids[1], revision=1, snapshot="old")
    message = tag(engine, ids[1], revision=2)
    link(engine, Link(clock), message)
    with reading(engine) as session:
        assert session.get_one(Article, ids[0]).event_id == shared_event
        moved = session.get_one(Event, session.get_one(Article, ids[1]).event_id)
        assert moved.id != shared_event
        assert moved.headline == ALL[3].title
        with pytest.raises(Superseded):
            Link(clock).load(session, old)


def test_a_component_that_changed_meanwhile_is_a_conflict(engine: Engine, clock: Clock) -> None:
    ids = put(engine, clock, ALL[:3])
    messages = [tag(engine, article) for article in ids]
    stage = Link(clock)
    with reading(engine) as session:
        done = stage.run(stage.load(session, messages[0]))
    link(engine, Link(clock), messages[1])
    with writing(engine) as session, pytest.raises(Conflict):
        stage.save(session, messages[0], done)


def test_a_candidate_tagged_anew_meanwhile_is_a_conflict(engine: Engine, clock: Clock) -> None:
    ids = put(engine, clock, ALL[:2])
    messages = [tag(engine, article) for article in ids]
    stage = Link(clock)
    with reading(engine) as session:
        done = stage.run(stage.load(session, messages[0]))
    with writing(engine) as session:
        article = session.get_one(Article, ids[1])
        article.revision = article.cleaned_revision = 2
    tag(engine, ids[1], revision=2)
    with writing(engine) as session, pytest.raises(Conflict):
        stage.save(session, messages[0], done)


def test_linking_twice_changes_nothing_but_the_version(engine: Engine, clock: Clock) -> None:
    ids = put(engine, clock, ALL)
    messages = [tag(engine, article) for article in ids]
    for message in messages:
        link(engine, Link(clock), message)
    first = events(engine)
    with reading(engine) as session:
        rows = len(session.exec(select(Event)).all())
    for message in messages:
        link(engine, Link(clock), message)
    assert events(engine) == first
    with reading(engine) as session:
        assert len(session.exec(select(Event)).all()) == rows


def test_sample_news_and_real_news_stay_apart(engine: Engine, clock: Clock) -> None:
    real, sample = put(engine, clock, [ALL[0], Say(ALL[2].title, ALL[2].text, 2, sample=True)])
    link_all(engine, clock, [real, sample])
    with reading(engine) as session:
        found = {event.sample: event.id for event in session.exec(select(Event))}
        assert session.get_one(Article, real).event_id == found[False]
        assert session.get_one(Article, sample).event_id == found[True]


def test_the_pages_concerned_are_told(engine: Engine, clock: Clock) -> None:
    (article,) = put(engine, clock, ALL[:1])
    facts = link(engine, Link(clock), tag(engine, article))
    with reading(engine) as session:
        event = session.exec(select(Event)).one()
        pages = session.exec(select(Page).where(col(Page.id).in_([fact.page_id for fact in facts]))).all()
        assert {(page.kind, page.key) for page in pages} == {("event", str(event.id)), ("day", "2031-03-04"), ("front", "front")}


def test_an_article_that_nothing_dates_has_the_day_it_came_in(engine: Engine, clock: Clock) -> None:
    link_all(engine, clock, put(engine, clock, [ALL[4]]))
    with reading(engine) as session:
        event = session.exec(select(Event)).one()
        assert (event.date, event.date_confidence) == (clock().date(), "ingestion")


@pytest.mark.parametrize("issued", [True, False])
def test_a_headline_that_no_page_bore_is_no_former_headline(engine: Engine, clock: Clock, issued: bool) -> None:
    ids = put(engine, clock, ALL[:1])
    link_all(engine, clock, ids)
    with writing(engine) as session:
        page = session.exec(select(Page).where(Page.kind == "event")).one()
        page.version = page.wanted if issued else 0
        article = session.get_one(Article, ids[0])
        article.title, article.revision, article.cleaned_revision = "Covered market of Tolvane falls in quake", 2, 2
    link(engine, Link(clock), tag(engine, ids[0], revision=2))
    with reading(engine) as session:
        event = session.exec(select(Event)).one()
        assert event.headline == "Covered market of Tolvane falls in quake"
        assert event.former_headlines == ([ALL[0].title] if issued else [])
