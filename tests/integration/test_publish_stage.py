"""The stage `publish` on both databases: what its pages show, what they tell their neighbours, and what an overtaken save does not."""

from datetime import date, datetime, timedelta

import pytest
from conftest import FakeClock
from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select, update

from services.publish.stage import Made, Publish
from shared.db import reading, writing
from shared.messages import Message, PageOutdated
from shared.models import Article, ArticleTag, Edge, Event, Page
from shared.pages import outdate
from shared.records import PAGE, DayPage, EventPage, FrontPage, MovedPage
from shared.records import Page as Record
from shared.stage import Again, Superseded

DAY = date(2026, 1, 4)


def add_event(session: Session, headline: str, *outlets: str, day: date = DAY, tags: tuple[str, ...] = (), sample: bool = False) -> int:
    """An event told by one article of each outlet, each of which bears the tags."""
    at = datetime.fromisoformat("2026-01-04T10:00:00+00:00")
    event = Event(date=day, date_provenance="jsonld", headline=headline, created_at=at, changed_at=at, sample=sample)
    session.add(event)
    session.flush()
    for outlet in outlets:
        article = Article(
            url=f"http://{outlet}/{event.id}",
            url_key=f"{outlet}/{event.id}",
            outlet=outlet,
            announced_at=at,
            title=headline,
            text="Its text.",
            authors=["Ada Moss"],
            event_id=event.id,
            sample=sample,
            published_at=at,
        )
        session.add(article)
        session.flush()
        for number, tag in enumerate(tags):
            values = {"article_id": article.id, "tag_id": tag, "name": tag.title(), "kind": "name", "weight": 0.9 - number / 10}
            session.add(ArticleTag(**values))  # type: ignore[arg-type]
    assert event.id is not None
    return event.id


def outdated(engine: Engine, clock: FakeClock, kind: str, key: str | int) -> PageOutdated:
    with writing(engine) as session:
        return outdate(session, kind, str(key), clock())


def publish(engine: Engine, clock: FakeClock, message: PageOutdated) -> list[Message] | Again:
    stage = Publish(clock=clock)
    with reading(engine) as session:
        given = stage.load(session, message)
    done = stage.run(given)
    with writing(engine) as session:
        return stage.save(session, message, done)


def issued(engine: Engine, clock: FakeClock, kind: str, key: str | int) -> Record:
    """The record of a page that is outdated and issued now."""
    message = outdated(engine, clock, kind, key)
    publish(engine, clock, message)
    with reading(engine) as session:
        page = session.get_one(Page, message.page_id)
        assert (page.version, page.issued_at) == (page.wanted, clock())
        return PAGE.validate_json(page.record or "")


def neighbours(engine: Engine, facts: list[Message] | Again) -> list[str]:
    """The events whose pages a save outdated."""
    assert isinstance(facts, list)
    with reading(engine) as session:
        return [session.get_one(Page, fact.subject_id).key for fact in facts]


def test_an_event_page_shows_articles_reasons_tags_and_related_events(engine: Engine, clock: FakeClock) -> None:
    with writing(engine) as session:
        event = add_event(session, "Lighthouse burns", "a.test", "b.test", "c.test", tags=("funchal", "tavares"))
        other = add_event(session, "Lighthouse keeper questioned", "a.test", day=DAY - timedelta(days=2), tags=("tavares",))
        add_event(session, "A fair opens", "a.test", tags=("fair",))
        add_event(session, "A sample of a lighthouse", "s.test", tags=("funchal", "tavares"), sample=True)
        first, second, third = session.exec(select(Article.id).where(Article.event_id == event).order_by(col(Article.id))).all()
        assert first is not None
        assert second is not None
        assert third is not None
        session.add(Edge(a=first, b=second, score=0.8, reasons=[["title", "lighthouse burns", 0.5]], rules="1"))
        session.get_one(Article, third).copy_of_id = first
    page = issued(engine, clock, "event", event)
    assert isinstance(page, EventPage)
    assert (page.headline, page.outlets, page.independent) == ("Lighthouse burns", 3, 2)
    assert [(one.outlet, one.linked_to, [reason.name for reason in one.why], one.copy_of) for one in page.articles] == [
        ("a.test", second, ["title"], None),
        ("b.test", first, ["title"], None),
        ("c.test", None, [], first),
    ]
    assert page.articles[0].authors == ("Ada Moss",)
    assert [tag.id for tag in page.tags] == ["funchal", "tavares"]
    assert [(one.id, [tag.id for tag in one.tags], one.before) for one in page.related] == [(other, ["tavares"], True)]


def test_a_tag_that_many_articles_bear_relates_nothing_by_itself(engine: Engine, clock: FakeClock) -> None:
    with writing(engine) as session:
        event = add_event(session, "A budget passes", "a.test", tags=("parliament",))
        for number in range(14):
            add_event(session, f"Debate {number}", "a.test", tags=("parliament",))
    page = issued(engine, clock, "event", event)
    assert isinstance(page, EventPage)
    assert page.related == ()


def test_a_day_lists_its_events_and_its_neighbours(engine: Engine, clock: FakeClock) -> None:
    with writing(engine) as session:
        small = add_event(session, "A fair opens", "a.test", tags=("fair", "harbour"))
        large = add_event(session, "Lighthouse burns", "a.test", "b.test")
        gone = add_event(session, "A rumour", "a.test")
        session.get_one(Event, gone).state = "gone"
        for days in (-3, -9, 5):
            add_event(session, "Another day", "a.test", day=DAY + timedelta(days=days))
    page = issued(engine, clock, "day", DAY.isoformat())
    assert isinstance(page, DayPage)
    assert [(one.id, one.outlets, [tag.id for tag in one.tags]) for one in page.events] == [(large, 2, []), (small, 1, ["fair", "harbour"])]
    assert (page.previous, page.next) == (DAY - timedelta(days=3), DAY + timedelta(days=5))


def test_the_front_page_shows_the_latest_three_days_and_no_far_future(engine: Engine, clock: FakeClock) -> None:
    with writing(engine) as session:
        for days in (0, -1, -2, -3, 40):
            add_event(session, f"Day {days}", "a.test", day=DAY + timedelta(days=days))
    page = issued(engine, clock, "front", "front")
    assert isinstance(page, FrontPage)
    assert [(day.date, [one.headline for one in day.events]) for day in page.days] == [
        (DAY - timedelta(days=days), [f"Day {-days}"]) for days in (0, 1, 2)
    ]


def test_the_front_page_of_a_busy_day_shows_the_events_that_most_tell(
    engine: Engine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.publish.core.build.FRONT_EVENTS", 2)
    with writing(engine) as session:
        add_event(session, "Told by one", "a.test", tags=("x",))
        add_event(session, "Told by three", "a.test", "b.test", "c.test", tags=("y",))
        add_event(session, "Told by two", "a.test", "b.test")
    page = issued(engine, clock, "front", "front")
    assert isinstance(page, FrontPage)
    assert [(one.headline, len(one.tags)) for one in page.days[0].events] == [("Told by three", 1), ("Told by two", 0)]


def test_an_empty_chronicle_has_a_front_page(engine: Engine, clock: FakeClock) -> None:
    page = issued(engine, clock, "front", "front")
    assert isinstance(page, FrontPage)
    assert page.days == ()


def test_an_event_that_names_another_outdates_its_page_once(engine: Engine, clock: FakeClock) -> None:
    with writing(engine) as session:
        event = add_event(session, "Lighthouse burns", "a.test", tags=("tavares",))
        other = add_event(session, "Keeper questioned", "a.test", tags=("tavares",))
    assert neighbours(engine, publish(engine, clock, outdated(engine, clock, "event", event))) == [str(other)]
    assert neighbours(engine, publish(engine, clock, outdated(engine, clock, "event", event))) == []
    with writing(engine) as session:
        session.execute(delete(ArticleTag))
    assert neighbours(engine, publish(engine, clock, outdated(engine, clock, "event", event))) == [str(other)]


def test_a_merged_events_page_leads_to_the_other(engine: Engine, clock: FakeClock) -> None:
    with writing(engine) as session:
        event, into = add_event(session, "Lighthouse burns"), add_event(session, "Blaze at lighthouse", "a.test")
        row = session.get_one(Event, event)
        row.state, row.merged_into = "merged", into
    page = issued(engine, clock, "event", event)
    assert isinstance(page, MovedPage)
    assert [one.id for one in page.to] == [into]


def test_a_page_that_changed_during_the_run_is_due_again(engine: Engine, clock: FakeClock) -> None:
    message = outdated(engine, clock, "front", "front")
    stage = Publish(clock=clock)
    with reading(engine) as session:
        done = stage.run(stage.load(session, message))
    outdated(engine, clock, "front", "front")
    with writing(engine) as session:
        assert isinstance(stage.save(session, message, done), Again)
        assert session.get_one(Page, message.page_id).version == 1


def test_an_older_record_never_replaces_a_newer_one(engine: Engine, clock: FakeClock) -> None:
    message = outdated(engine, clock, "front", "front")
    stage = Publish(clock=clock)
    with reading(engine) as session:
        done = stage.run(stage.load(session, message))
    outdated(engine, clock, "front", "front")
    newer = issued(engine, clock, "front", "front")
    clock.advance(60)
    with writing(engine) as session:
        stage.save(session, message, Made(record=done.record, wanted=1))
    with reading(engine) as session:
        page = session.get_one(Page, message.page_id)
        assert (page.version, page.issued_at) == (3, newer.issued_at)


def test_work_on_a_page_that_was_taken_out_is_overtaken(engine: Engine, clock: FakeClock) -> None:
    message = outdated(engine, clock, "day", DAY.isoformat())
    stage = Publish(clock=clock)
    with reading(engine) as session:
        done = stage.run(stage.load(session, message))
    with writing(engine) as session:
        session.execute(delete(Page))
    with reading(engine) as session, pytest.raises(Superseded):
        stage.load(session, message)
    with writing(engine) as session, pytest.raises(Superseded):
        stage.save(session, message, done)


def test_a_page_shows_what_is_known_besides_and_takes_rows_that_older_rules_wrote(engine: Engine, clock: FakeClock) -> None:
    with writing(engine) as session:
        event = add_event(session, "Ferry sails again", "a.test", "b.test")
        told = session.exec(select(Article).where(Article.outlet == "a.test")).one()
        told.image, told.section = "http://a.test/ferry.jpg", "Harbours"
        told.details = {
            "paywalled": True,
            "keywords": [f"ferry {number}" for number in range(30)],
            "image_credit": "Ada Moss",
            "image_width": 800,
            "image_height": 600,
            "confidence": {"title": 0.99, "published": 0.7},
        }
        session.add(told)
    page = issued(engine, clock, "event", event)
    assert isinstance(page, EventPage)
    assert page.image is not None
    assert (page.image.credit, page.image.width, page.image.height) == ("Ada Moss", 800, 600)
    first, second = page.articles
    assert (first.paywalled, first.section, len(first.keywords)) == (True, "Harbours", 8)
    assert (first.title_confidence, first.published_confidence, first.authors_confidence) == (0.99, 0.7, None)
    assert (second.paywalled, second.keywords, second.published_confidence) == (False, (), None)


def test_the_image_is_of_the_article_that_agrees_with_the_headline_whichever_came_first(engine: Engine, clock: FakeClock) -> None:
    with writing(engine) as session:
        event = add_event(session, "Lighthouse burns on Gull Rock", "a.test", "b.test", "c.test")
        colour, comment, report = session.exec(select(Article).where(Article.event_id == event).order_by(col(Article.id))).all()
        colour.title, colour.image = "What the gulls saw", "http://a.test/gull.jpg"
        comment.kind, comment.image = "opinion", "http://b.test/columnist.jpg"
        report.title, report.image = "Lighthouse on Gull Rock burns down", "http://c.test/lighthouse.jpg"
        number = comment.id
    page = issued(engine, clock, "event", event)
    assert isinstance(page, EventPage)
    assert page.image is not None
    assert (page.image.url, page.image.outlet) == ("http://c.test/lighthouse.jpg", "c.test")
    with writing(engine) as session:
        session.get_one(Event, event).image_article_id = number
    page = issued(engine, clock, "event", event)
    assert isinstance(page, EventPage)
    assert page.image is not None
    assert page.image.url == "http://b.test/columnist.jpg", "an editor's choice goes first"


def test_a_story_is_the_same_from_each_of_its_events_and_relations_are_as_strong_from_either(engine: Engine, clock: FakeClock) -> None:
    headlines = ("Valdoria votes", "Kalnins wins in Valdoria", "Thousands march against the count")
    with writing(engine) as session:
        events = [
            add_event(session, headline, *outlets, day=DAY + timedelta(days=4 * at), tags=("valdorian vote", "kalnins", "march")[: 2 + at])
            for at, (headline, outlets) in enumerate(zip(headlines, (("a.test",), ("a.test", "b.test"), ("c.test",)), strict=True))
        ]
        for number in range(40):
            add_event(session, f"Weather of another day {number}", "a.test", day=DAY - timedelta(days=number))
    strengths: dict[tuple[int, int], float] = {}
    for at, event in enumerate(events):
        page = issued(engine, clock, "event", event)
        assert isinstance(page, EventPage)
        assert [one.id for one in page.storyline] == events[:at] + events[at + 1 :]
        assert [one.before for one in page.storyline] == [True] * at + [False] * (2 - at)
        strengths |= {(event, one.id): one.strength for one in page.related}
    assert len(strengths) == 6
    assert all(strengths[one, other] == strengths[other, one] for one, other in strengths)


def test_an_edge_across_events_relates_them_where_generic_tags_would_not(engine: Engine, clock: FakeClock) -> None:
    with writing(engine) as session:
        event, other, third = (add_event(session, headline, "a.test", tags=("england",)) for headline in ("Fire", "Arson", "Rain"))
        session.execute(update(ArticleTag).values(kind="country"))
        ids = {row.event_id: row.id for row in session.exec(select(Article))}
        session.add(Edge(a=ids[event] or 0, b=ids[other] or 0, score=0.4, rules="1"))
        session.add(Edge(a=ids[event] or 0, b=ids[third] or 0, score=0.05, rules="1"))
    for one, named in ((event, [other]), (other, [event]), (third, [])):
        page = issued(engine, clock, "event", one)
        assert isinstance(page, EventPage)
        assert [related.id for related in page.related] == named


def test_an_event_names_the_place_that_its_articles_agree_on(engine: Engine, clock: FakeClock) -> None:
    with writing(engine) as session:
        event = add_event(session, "Lighthouse burns", "a.test", "b.test", tags=("funchal",))
        session.execute(update(ArticleTag).values(kind="place"))
        elsewhere = session.exec(select(Article.id).where(Article.event_id == event)).first()
        session.add(ArticleTag(article_id=elsewhere or 0, tag_id="lisbon", name="Lisbon", kind="place", weight=0.5))
    page = issued(engine, clock, "event", event)
    assert isinstance(page, EventPage)
    assert page.place is not None
    assert page.place.id == "funchal"
