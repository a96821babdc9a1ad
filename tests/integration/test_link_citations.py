"""What an event page cites: evidence for the events, seen on the edge, the same in any order, and never enough alone."""

import random
from collections.abc import Sequence

from sqlalchemy import Engine
from sqlmodel import select
from test_link_stage import AGAIN, QUAKE, REGATTA, Say, link, put, tag

from services.link.core.cluster import NEAR, SCALE
from services.link.stage import Link
from shared.clock import Clock
from shared.db import reading, writing
from shared.models import Article, Edge, Event

# Two outlets with one text at one hour, the second of which the page cites; a short item on the quake; a report that has nothing of it.
ALL = (
    Say("Quake of 6.4 brings down covered market in Tolvane", QUAKE),
    Say("Quake of 6.4 brings down covered market in Tolvane", QUAKE),
    Say("Tolvane market falls", "An earthquake strikes Tolvane, and the roof of its market falls."),
    Say("Peregrine wins Sant Elmo regatta by nine seconds", REGATTA, 3),
    Say("Market collapse after quake in Tolvane", AGAIN, 6),
)
TWIN, CITED, PAGE, REGATTA_REPORT = range(4)


def add(engine: Engine, clock: Clock, cited: Sequence[int], order: Sequence[int]) -> list[int]:
    """The articles, linked in this order, of which the page cites some."""
    ids = put(engine, clock, ALL)
    with writing(engine) as session:
        for at, number in enumerate(ids):
            article = session.get_one(Article, number)
            article.url, article.url_key = f"http://outlet{at}.test/{number}", f"//outlet{at}.test/{number}"
        page = session.get_one(Article, ids[PAGE])
        page.kind = "event_page"
        sources = [{"outlet": "An outlet", "url": f"http://outlet{at}.test/{ids[at]}"} for at in cited]
        page.context = {"sources": sources, "tags": []}
    for at in order:
        link(engine, Link(clock), tag(engine, ids[at]))
    return ids


def edge(engine: Engine, one: int, other: int) -> Edge | None:
    with reading(engine) as session:
        return session.get(Edge, (min(one, other), max(one, other)))


def told(engine: Engine, ids: Sequence[int]) -> set[tuple[frozenset[int], str, str, str | None]]:
    """The events, their articles by place, and what they say."""
    members: dict[int | None, set[int]] = {}
    with reading(engine) as session:
        for at, number in enumerate(ids):
            members.setdefault(session.get_one(Article, number).event_id, set()).add(at)
        live = {event: session.get_one(Event, event) for event in members if event}
        return {(frozenset(members[at]), one.date.isoformat(), one.headline, one.description) for at, one in live.items()}


def test_a_cited_article_stands_nearer_to_its_page_and_the_edge_says_why(engine: Engine, clock: Clock) -> None:
    without = add(engine, clock, (), range(5))
    plain = edge(engine, without[TWIN], without[PAGE])
    with writing(engine) as session:
        for row in session.exec(select(Article)):
            session.delete(row)
    cited = add(engine, clock, (CITED,), range(5))
    found = edge(engine, cited[CITED], cited[PAGE])
    assert plain is not None
    assert found is not None
    assert found.score > plain.score
    assert [name for name, *_ in found.reasons].count("cited") == 1


def test_the_events_are_those_of_the_set_in_any_order(engine: Engine, clock: Clock) -> None:
    found = []
    for seed in range(4):
        with writing(engine) as session:
            for table in (Article, Event):
                for row in session.exec(select(table)):  # type: ignore[call-overload]
                    session.delete(row)
        ids = add(engine, clock, (CITED, REGATTA_REPORT), random.Random(seed).sample(range(5), 5))
        found.append(told(engine, ids))
    assert found == found[:1] * 4


def test_a_citation_alone_joins_nothing(engine: Engine, clock: Clock) -> None:
    ids = add(engine, clock, (REGATTA_REPORT,), range(5))
    alone = edge(engine, ids[PAGE], ids[REGATTA_REPORT])
    assert alone is not None
    assert alone.score * SCALE < NEAR
    assert alone.reasons[0][0] == "cited"
    assert frozenset({REGATTA_REPORT}) in {members for members, *_ in told(engine, ids)}


def test_of_two_pages_that_say_the_same_each_finds_what_it_cites(engine: Engine, clock: Clock) -> None:
    cited, *pages = put(engine, clock, [Say("Peregrine wins Sant Elmo regatta by nine seconds", REGATTA), ALL[PAGE], ALL[PAGE]])
    with writing(engine) as session:
        session.get_one(Article, cited).url, session.get_one(Article, cited).url_key = "http://one.test/1", "//one.test/1"
        page = session.get_one(Article, pages[1])
        page.kind, page.context = "event_page", {"sources": [{"outlet": "One", "url": "http://one.test/1"}], "tags": []}
    for number in (cited, *pages):
        link(engine, Link(clock), tag(engine, number))
    assert edge(engine, cited, pages[1]) is not None
    assert edge(engine, cited, pages[0]) is None
