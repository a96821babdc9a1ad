"""The site's pages out of the database, and where events went that are no more."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel
from web_client import Client
from web_samples import DAY, EVENT, FRONT, ISSUED, SPLIT

from services.web.app import make_app
from services.web.core.site import Site
from services.web.live import Figures
from services.web.store import Away, DatabaseStore
from shared.db import make_engine
from shared.models import Event
from shared.models import Page as Row
from shared.records import EventPage, MovedPage, Page


def page_row(kind: str, key: str, page: Page | None) -> Row:
    row = Row(kind=kind, key=key, wanted=1)
    if page:
        row.record, row.version, row.etag, row.issued_at = page.model_dump_json(), 1, "abc", ISSUED
    return row


def event_row(id: int, state: str = "live", merged_into: int | None = None, parts: tuple[int, ...] = ()) -> Event:
    return Event(
        id=id,
        state=state,
        merged_into=merged_into,
        parts=list(parts),
        date=date(2031, 5, 14),
        date_provenance="feed",
        headline="x",
        created_at=ISSUED,
        changed_at=ISSUED,
    )


def event_page(id: int) -> EventPage:
    return EVENT.model_copy(update={"id": id, "path": f"/news/2031/05/14/event-{id}"})


def fill(engine: Engine, *rows: SQLModel) -> DatabaseStore:
    with engine.connect().execution_options(writes=True) as connection, Session(connection) as session:
        session.add_all(rows)
        session.commit()
    return DatabaseStore(engine)


def test_pages_are_found_by_their_keys(engine: Engine) -> None:
    rows = [page_row("event", "17", EVENT), page_row("day", "2031-05-14", DAY), page_row("front", "front", FRONT)]
    store = fill(engine, event_row(17), *rows)
    found = store.event(17)
    assert found is not None
    assert (found.record, found.etag, found.issued_at) == (EVENT, "abc", ISSUED)
    day, front = store.day(date(2031, 5, 14)), store.front()
    assert day is not None
    assert day.record == DAY
    assert front is not None
    assert front.record == FRONT


def test_what_was_not_issued_yet_is_not_there(engine: Engine) -> None:
    store = fill(engine, event_row(1), page_row("event", "1", None))
    assert store.event(1) is None
    assert store.event(2) is None
    assert store.day(date(2031, 1, 1)) is None
    assert store.front() is None


def test_a_merged_event_leads_to_the_last_of_the_chain(engine: Engine) -> None:
    rows = [event_row(1, "merged", 2), event_row(2, "merged", 3), event_row(3)]
    store = fill(engine, *rows, *(page_row("event", str(id), event_page(id)) for id in (1, 3)))
    moved = store.event(1)
    assert moved is not None
    assert isinstance(moved.record, MovedPage)
    assert [item.path for item in moved.record.to] == ["/news/2031/05/14/event-3"]
    answer = Client(make_app(store, Site(), Figures(health=dict, status=dict))).get("/news/2031/05/14/event-1.md")
    assert (answer.status_code, answer.headers["location"]) == (308, "/news/2031/05/14/event-3.md")


def test_a_split_event_names_its_parts_and_where_they_went(engine: Engine) -> None:
    rows = [event_row(1, "split", parts=(2, 3, 4)), event_row(2), event_row(3, "merged", 5), event_row(4, "gone"), event_row(5)]
    store = fill(engine, *rows, *(page_row("event", str(id), event_page(id)) for id in (2, 5)))
    moved = store.event(1)
    assert moved is not None
    assert isinstance(moved.record, MovedPage)
    assert [item.id for item in moved.record.to] == [2, 5]


def test_events_that_lead_to_each_other_or_nowhere_are_gone(engine: Engine) -> None:
    store = fill(engine, event_row(1, "merged", 2), event_row(2, "merged", 1), event_row(3, "gone"), event_row(4, "merged", 99))
    for id in (1, 2, 3, 4):
        moved = store.event(id)
        assert moved is not None
        assert isinstance(moved.record, MovedPage)
        assert moved.record.to == ()


def test_a_moved_page_that_publish_wrote_is_served_for_a_live_event(engine: Engine) -> None:
    found = fill(engine, event_row(30), page_row("event", "30", SPLIT)).event(30)
    assert found is not None
    assert found.record == SPLIT


def test_all_pages_can_be_walked_for_saving(engine: Engine) -> None:
    rows = [row for id in range(1, 451) for row in (event_row(id), page_row("event", str(id), event_page(id)))]
    store = fill(engine, *rows, page_row("front", "front", FRONT), page_row("event", "451", None))
    assert len(list(store.issued())) == 451
    assert len(list(store.issued(since=ISSUED))) == 451
    assert not list(store.issued(since=ISSUED.replace(year=2032)))


def test_a_database_that_does_not_answer_is_away() -> None:
    with pytest.raises(Away):
        DatabaseStore(make_engine("postgresql://127.0.0.1:1/nothing")).front()
