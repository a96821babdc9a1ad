"""Pages after their first fetch, through the real delivery on both databases: looked at again, edited, gone, reserved, joined."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hostile import Web, answer
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from services.clean.core import clean_raw
from services.clean.stage import Clean
from services.fetch.core.pace import Manners
from services.fetch.hosts import Hosts
from services.fetch.page import RAW_KEPT, Fetch
from services.fetch.politeness import Robots
from services.fetch.reservations import Reservations
from services.link.stage import Link
from services.publish.stage import Publish
from services.tag.stage import TagArticle
from shared import ledger, urls
from shared.clock import Clock
from shared.db import reading, writing
from shared.http import Fetcher
from shared.messages import ArticleAnnounced
from shared.models import Alias, Article, Attempt, Document, Page, Revision, Source, Work
from shared.pipeline import PIPELINE, Pipeline
from shared.raw import RawStore
from shared.records import PAGE, EventPage
from shared.runner import Runner, work_off
from shared.stage import AnyStage

WITHOUT_POLL = Pipeline(tuple(spec for spec in PIPELINE.stages if spec.name != "poll"))
HOUR = timedelta(hours=1)
LEAD = "The ferry Santa Celestina sank off Mindoro at dawn on Monday with two hundred people on board, the coast guard said in Manila."
MORE = "Fishermen from Calapan pulled survivors out of the water until noon, and the governor thanked them in a broadcast at the harbour."
NINE = "Nine people are known to have died, among them the second mate, and forty were taken to the provincial hospital in Calapan."
ELEVEN = NINE.replace("Nine", "Eleven")


class Here:
    """The parser, in this process."""

    def call(self, function: str, payload: Any, *, timeout: timedelta, **arguments: Any) -> Any:
        return clean_raw(payload, **arguments)


def page(*paragraphs: str, title: str = "Ferry sinks off Mindoro", head: str = "", noise: str = "", **headers: str) -> bytes:
    text = "".join(f"<p>{one}</p>" for one in paragraphs)
    body = f"<html lang=en><head><title>{title}</title>{head}</head><body><h1>{title}</h1><article>{text}</article><!-- {noise} --></body>"
    return answer(body.encode(), Content_Type="text/html; charset=utf-8", **headers)


class Stack:
    """All stages but poll, at a clock that the test moves."""

    def __init__(self, engine: Engine, clock: Any, folder: Path, web: Web, rechecks: tuple[timedelta, ...]) -> None:
        self.engine, self.clock, self.web = engine, clock, web.pages
        self.asked = web.asked
        self.raw = RawStore(folder / "raw")
        self.fetcher = Fetcher(
            user_agent="Dateline/test",
            max_bytes=1_000_000,
            deadline=timedelta(seconds=5),
            routes={"*.test": f"127.0.0.1:{web.port}"},
            clock=clock,
        )
        fetch = Fetch(
            fetcher=self.fetcher,
            raw=self.raw,
            hosts=Hosts(self.fetcher, Robots(self.fetcher, clock), manners=Manners(apart_s=0.0)),
            clock=clock,
            rechecks=rechecks,
            reservations=Reservations(self.fetcher, clock),
        )
        stages: dict[str, AnyStage] = {
            "fetch": fetch,
            "clean": Clean(raw=self.raw, parser=Here(), limit=timedelta(seconds=30)),
            "tag": TagArticle(),
            "link": Link(clock),
            "publish": Publish(clock),
        }
        self.runner = Runner(engine=engine, pipeline=WITHOUT_POLL, stages=stages, clock=clock)

    def announce(self, url: str, *, published: datetime | None = None, source: int | None = None, generation: str = "1") -> int:
        """An article's address, as a source would name it."""
        with writing(self.engine) as session:
            known = session.exec(select(Article).where(Article.url == url)).first()
            article = known or Article(url=url, url_key=urls.key(url), outlet="The Daily", announced_at=self.clock(), source_id=source)
            article.feed_published_at = published
            session.add(article)
            session.flush()
            fact = ArticleAnnounced(article_id=article.id or 0, generation=generation)
            ledger.emit(session.connection(), PIPELINE, [(fact, None, 0)], self.clock())
            return article.id or 0

    def read(self, url: str, **known: Any) -> int:
        """Announce it, and do all that is due."""
        article = self.announce(url, **known)
        self.work()
        return article

    def work(self, after: timedelta = timedelta(0)) -> None:
        """Do all that is due so much later, pages too."""
        self.clock.at += after
        for _ in range(4):
            work_off(self.runner)
            self.clock.at += timedelta(seconds=2)

    def article(self, article_id: int = 1) -> Article:
        with Session(self.engine, expire_on_commit=False) as session:
            return session.get_one(Article, article_id)

    def rows(self, table: Any) -> list[Any]:
        with Session(self.engine, expire_on_commit=False) as session:
            return list(session.exec(select(table).order_by(*table.__table__.primary_key.columns)))

    def looks(self) -> list[tuple[str, timedelta]]:
        """The looks to come: generation, and how long from now."""
        with reading(self.engine) as session:
            rows = session.exec(select(Work).where(Work.stage == "fetch", col(Work.state) < 2)).all()
            return [(row.input_key, timedelta(minutes=round((row.not_before - self.clock()) / timedelta(minutes=1)))) for row in rows]

    def ended(self, stage: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in self.rows(Work):
            if row.stage == stage and row.state > 1:
                name = row.error_class or ledger.State(row.state).name.lower()
                found[name] = found.get(name, 0) + 1
        return found

    def record(self) -> EventPage:
        """The one event's page."""
        (found,) = [PAGE.validate_json(row.record) for row in self.rows(Page) if row.kind == "event" and row.record]
        assert isinstance(found, EventPage)
        return found

    def close(self) -> None:
        self.runner.loop().run(self.fetcher.close())
        self.runner.close()


@pytest.fixture
def stack(engine: Engine, clock: Clock, tmp_path: Path) -> Iterator[Stack]:
    with Web() as web:
        made = Stack(engine, clock, tmp_path, web, (HOUR, 6 * HOUR, 24 * HOUR))
        yield made
        made.close()


URL = "http://daily.test/news/ferry-sinks-off-mindoro"


def test_a_page_is_looked_at_again_conditionally_and_what_did_not_change_adds_nothing(stack: Stack) -> None:
    stack.web["daily.test/news/ferry-sinks-off-mindoro"] = page(LEAD, NINE, ETag='"1"')
    stack.read(URL, published=stack.clock() - HOUR)
    assert stack.looks() == [("again:1", HOUR)]
    issued = stack.record().issued_at
    first = stack.clock()
    stack.work(HOUR)
    assert stack.looks() == [("again:2", 5 * HOUR)]
    stack.work(5 * HOUR)
    stack.work(18 * HOUR)
    assert stack.looks() == []
    assert [headers.get("if-none-match") for address, headers in stack.asked if address.endswith("mindoro")] == [None] + 3 * ['"1"']
    article = stack.article()
    assert article.revision == 1
    assert article.checked_at is not None
    assert article.checked_at - first > 23 * HOUR
    assert stack.ended("fetch") == {"done": 4}
    assert stack.ended("clean") == {"done": 1}
    assert stack.record().issued_at == issued


def test_announcements_in_between_start_no_second_course_of_looks(stack: Stack) -> None:
    stack.web["daily.test/news/ferry-sinks-off-mindoro"] = page(LEAD, NINE, ETag='"1"')
    stack.read(URL)
    stack.read(URL, generation="2")
    stack.web["daily.test/news/ferry-sinks-off-mindoro"] = page(LEAD, ELEVEN, ETag='"2"')
    stack.read(URL, generation="3")
    assert stack.looks() == [("again:1", HOUR)]


def test_looks_whose_time_passed_while_nothing_ran_are_left_out(stack: Stack) -> None:
    stack.web["daily.test/news/ferry-sinks-off-mindoro"] = page(LEAD, NINE)
    stack.read(URL)
    stack.work(7 * HOUR)
    assert stack.looks() == [("again:3", 17 * HOUR)]
    stack.work(90 * HOUR)
    assert stack.looks() == []


@pytest.mark.parametrize("address", [URL, "http://daily.test/2025/12/30/news"])
def test_what_was_old_when_it_was_first_read_is_not_looked_at_again(stack: Stack, address: str) -> None:
    stack.web[address.removeprefix("http://")] = page(LEAD, NINE)
    stack.read(address, published=stack.clock() - 100 * HOUR if address == URL else None)
    assert stack.ended("fetch") == {"done": 1}
    assert stack.looks() == []


def test_looks_stand_behind_new_pages(stack: Stack) -> None:
    stack.web["daily.test/news/ferry-sinks-off-mindoro"] = page(LEAD, NINE)
    stack.read(URL)
    stack.clock.at += 2 * HOUR
    new = stack.announce("http://daily.test/news/new")
    with reading(stack.engine) as session:
        ready = ledger.ready(session.connection(), "fetch", 10, stack.clock())
        assert [session.get_one(Work, row.id).subject_id for row in ready] == [new, 1]


def test_an_edit_is_a_revision_with_its_diff_and_its_undoing_another(stack: Stack) -> None:
    for text, wait in ((NINE, None), (ELEVEN, HOUR), (NINE, 5 * HOUR)):
        title = f"Ferry sinks: {text[:4]}"
        stack.web["daily.test/news/ferry-sinks-off-mindoro"] = page(LEAD, text, MORE, title=title, ETag=f'"{text[:4]}"')
        if wait is None:
            stack.read(URL)
        else:
            stack.work(wait)
    first, second = stack.rows(Revision)
    assert (first.revision, first.before, first.title_before, first.title) == (2, 1, "Ferry sinks: Nine", "Ferry sinks: Elev")
    assert (first.added, first.removed) == (1, 1)
    assert first.diff == [[" ", first.diff[0][1]], ["-", NINE], ["+", ELEVEN], [" ", first.diff[3][1]]]
    assert first.diff[0][1].startswith("The ferry Santa Celestina")
    assert first.at == stack.rows(Document)[1].fetched_at
    assert (second.revision, second.before, second.title) == (3, 2, "Ferry sinks: Nine")
    (article,) = stack.record().articles
    titles = ["Ferry sinks: Elev", "Ferry sinks: Nine"]
    assert [(one.title_before, one.added, one.removed) for one in article.edited] == [(title, 1, 1) for title in titles]
    assert ("+", ELEVEN) in article.edited[1].diff
    assert stack.article().title == "Ferry sinks: Nine"


def test_a_page_whose_furniture_changes_at_every_request_is_not_edited_and_not_worked_on_again(stack: Stack) -> None:
    address = "daily.test/news/ferry-sinks-off-mindoro"
    stack.web[address] = page(LEAD, NINE, noise="token 1", ETag='"1"')
    stack.read(URL)
    for number, wait in enumerate((HOUR, 5 * HOUR), start=2):
        stack.web[address] = page(LEAD, NINE, noise=f"token {number}", ETag=f'"{number}"')
        stack.work(wait)
    assert stack.rows(Revision) == []
    (kept,) = stack.rows(Document)
    assert (kept.revision, kept.etag) == (1, '"3"')  # the first bytes, by the server's newest name
    assert (stack.article().revision, stack.article().cleaned_revision) == (1, 1)
    assert stack.ended("clean") == {"done": 3}
    assert stack.ended("tag") == {"done": 1}
    stack.web[address] = page(LEAD, ELEVEN, noise="token 4")
    stack.work(18 * HOUR)
    (edit,) = stack.rows(Revision)
    assert (edit.revision, edit.before) == (2, 1)
    assert stack.ended("tag") == {"done": 2}


def test_what_is_edited_all_the_time_is_looked_at_more_often_but_not_for_ever(stack: Stack) -> None:
    address = "daily.test/news/ferry-sinks-off-mindoro"
    stack.web[address] = page(LEAD, "Update 0: " + NINE)
    stack.read(URL)
    for number, wait in enumerate((1, 5, 18, 24, 24, 24, 24), start=1):
        stack.web[address] = page(LEAD, f"Update {number}: " + NINE)
        stack.work(wait * HOUR)
    assert [row.input_key for row in stack.rows(Work) if row.stage == "fetch"][-1] == "again:5"
    assert stack.looks() == []


@pytest.mark.parametrize("status", [404, 410, 451])
def test_a_page_that_is_gone_is_marked_and_kept_and_unmarked_when_it_is_back(stack: Stack, status: int) -> None:
    address = "daily.test/news/ferry-sinks-off-mindoro"
    stack.web[address] = page(LEAD, NINE, ETag='"1"')
    stack.read(URL)
    assert stack.record().description is not None
    there = stack.web.pop(address)
    stack.web[address] = answer(b"", f"{status} Gone")
    stack.work(HOUR)
    gone_at = stack.article().gone_at
    assert gone_at is not None
    stack.work(5 * HOUR)
    assert (stack.article().gone_at, stack.article().gone_status) == (gone_at, status)
    (shown,) = stack.record().articles
    assert (shown.gone_at, shown.gone_status) == (gone_at, status)
    assert (stack.record().description is None) is (status == 451)  # what may not be shown there is not shown here
    assert stack.ended("fetch") == {"done": 3}
    assert len(stack.rows(Document)) == 1
    stack.web[address] = there
    stack.work(18 * HOUR)
    assert (stack.article().gone_at, stack.article().gone_status) == (None, None)
    assert stack.record().articles[0].gone_at is None
    assert stack.record().description is not None


def test_a_page_that_leads_to_the_front_page_is_gone_and_one_that_never_was_is_refused(stack: Stack) -> None:
    address = "daily.test/news/ferry-sinks-off-mindoro"
    stack.web[address] = page(LEAD, NINE)
    stack.web["daily.test/"] = page("Home")
    stack.read(URL)
    stack.web[address] = answer(b"", "301 Moved", Location="/")
    stack.read(URL, generation="2")  # the feed named it anew
    assert stack.article().gone_at is not None
    assert stack.article().gone_status is None
    assert stack.ended("fetch") == {"done": 2}
    stack.read("http://daily.test/news/nothing")
    assert stack.ended("fetch") == {"done": 2, "http_gone": 1}


def test_a_look_that_fails_is_repeated_a_little_then_given_up_for_the_next(stack: Stack) -> None:
    address = "daily.test/news/ferry-sinks-off-mindoro"
    stack.web[address] = page(LEAD, NINE)
    stack.read(URL)
    stack.web[address] = answer(b"", "500 Oops")
    stack.work(HOUR)
    assert stack.looks() == [("again:1.1", timedelta(minutes=15))]
    stack.work(timedelta(minutes=15))
    assert stack.looks() == [("again:1.2", timedelta(minutes=30))]
    stack.work(timedelta(minutes=30))
    ((name, wait),) = stack.looks()
    assert name == "again:2"
    assert 4 * HOUR < wait <= 5 * HOUR
    assert stack.ended("fetch") == {"done": 4}
    assert stack.rows(Attempt) == []
    assert stack.article().gone_at is None


@pytest.mark.parametrize(
    ("head", "headers", "tdmrep"),
    [
        ('<meta name="robots" content="noindex">', {}, None),
        ("", {"X_Robots_Tag": "noindex"}, None),
        ("", {"TDM_Reservation": "1"}, None),
        ("", {}, b'[{"location": "/news/", "tdm-reservation": 1}]'),
    ],
)
def test_what_its_publisher_reserves_is_not_filed_unless_the_source_says_so(
    stack: Stack, head: str, headers: dict[str, str], tdmrep: bytes | None
) -> None:
    stack.web["daily.test/news/ferry-sinks-off-mindoro"] = page(LEAD, NINE, head=head, **headers)
    if tdmrep is not None:
        stack.web["daily.test/.well-known/tdmrep.json"] = answer(tdmrep, Content_Type="application/json")
    with writing(stack.engine) as session:
        session.add(Source(kind="feed", url="http://daily.test/feed", outlet="The Daily", added_at=stack.clock(), rights="ignore"))
    stack.read(URL)
    assert stack.ended("fetch") == {"rights_reserved": 1}
    assert stack.rows(Document) == []
    assert list((stack.raw.folder).rglob("*.zst")) == []
    with writing(stack.engine) as session:
        session.get_one(Article, 1).source_id = 1
    with writing(stack.engine) as session:
        ledger.replay(session.connection(), [1], stack.clock())
    stack.work()
    (kept,) = stack.rows(Document)
    assert kept.directives  # told, not honoured
    assert stack.article().directives == []
    assert stack.article().event_id is not None


def test_a_reservation_that_comes_later_takes_the_text_off_the_page(stack: Stack) -> None:
    address = "daily.test/news/ferry-sinks-off-mindoro"
    stack.web[address] = page(LEAD, NINE)
    stack.read(URL)
    stack.web[address] = page(LEAD, ELEVEN, X_Robots_Tag="noindex")
    stack.work(HOUR)
    assert stack.article().directives == ["noindex"]
    assert len(stack.rows(Document)) == 1
    assert stack.record().description is None
    assert stack.ended("fetch") == {"done": 2}


def test_noarchive_keeps_the_bytes_for_a_day_and_nosnippet_and_noimageindex_keep_text_and_image_off_the_page(stack: Stack) -> None:
    head = '<meta property="og:image" content="http://daily.test/ferry.jpg">'
    head += '<meta name="robots" content="noarchive, nosnippet, noimageindex">'
    stack.web["daily.test/news/ferry-sinks-off-mindoro"] = page(LEAD, NINE, head=head, Set_Cookie="a=b", X_Answer="yes")
    stack.read(URL)
    (kept,) = stack.rows(Document)
    assert kept.raw_until == kept.fetched_at + RAW_KEPT
    assert kept.directives == ["noarchive", "nosnippet", "noimageindex"]
    assert ["X-Answer", "yes"] in kept.headers
    assert not [name for name, _ in kept.headers if "cookie" in name.lower()]
    assert stack.article().image is not None
    shown = stack.record()
    assert (shown.description, shown.image) == (None, None)
    (front,) = [PAGE.validate_json(row.record) for row in stack.rows(Page) if row.kind == "front"]
    assert [event.description for day in front.days for event in day.events] == [None]  # type: ignore[union-attr]


def canonical(address: str) -> str:
    return f'<link rel="canonical" href="http://daily.test/{address}">'


@pytest.mark.parametrize("variant_first", [True, False])
def test_two_announced_addresses_of_one_article_become_one_whichever_is_read_first(stack: Stack, variant_first: bool) -> None:
    addresses = ["print/ferry-sinks-off-mindoro", "news/ferry-sinks-off-mindoro"]
    ids = {}
    for address in addresses:
        stack.web[f"daily.test/{address}"] = page(LEAD, NINE, MORE, head=canonical(addresses[1]))
        ids[address] = stack.announce(f"http://daily.test/{address}")
    order = addresses if variant_first else addresses[::-1]
    for address in order:
        with reading(stack.engine) as session:
            rows = session.exec(select(Work.id).where(Work.stage == "fetch", Work.subject_id == ids[address])).all()
        stack.runner.deliver("fetch", [row for row in rows if row is not None])
        with reading(stack.engine) as session:
            clean = session.exec(select(Work.id).where(Work.stage == "clean", Work.subject_id == ids[address])).all()
        stack.runner.deliver("clean", [row for row in clean if row is not None])
    stack.work()
    (left,) = stack.rows(Article)
    assert left.url == f"http://daily.test/{order[0]}"
    assert [alias.url_key for alias in stack.rows(Alias)] == [f"//daily.test/{order[1]}"]
    assert len(stack.record().articles) == 1
    stack.work(2 * HOUR)
    assert set(stack.ended("fetch")) == {"done", "superseded"}  # the look at the one that went into the other


def test_the_canonical_address_is_known_before_it_is_announced(stack: Stack) -> None:
    stack.web["daily.test/print"] = answer(b"", "404 No")
    stack.web["daily.test/print/ferry-sinks-off-mindoro"] = page(LEAD, NINE, head=canonical("news/ferry-sinks-off-mindoro"))
    stack.read("http://daily.test/print/ferry-sinks-off-mindoro")
    assert [alias.url_key for alias in stack.rows(Alias)] == ["//daily.test/news/ferry-sinks-off-mindoro"]


@pytest.mark.parametrize("target", ["", "news/", "news/morning-briefing", "2026/01/05/the-same-for-every-article"])
def test_a_broken_templates_canonical_joins_nothing(stack: Stack, target: str) -> None:
    texts = {"news/ferry-sinks-off-mindoro": (LEAD, NINE), "news/market-opens-again-in-calapan": (MORE, NINE.replace("died", "left"))}
    for address, text in texts.items():
        stack.web[f"daily.test/{address}"] = page(*text, title=address, head=canonical(target))
        stack.read(f"http://daily.test/{address}")
    stack.web[f"daily.test/{target}"] = page(MORE, LEAD, MORE, title="Another", head=canonical(target))
    stack.read(f"http://daily.test/{target}")
    assert len(stack.rows(Article)) == 3
    assert stack.rows(Alias) == []


def test_an_address_that_two_different_articles_claim_is_nobodys(stack: Stack) -> None:
    target = "the-market-report-of-today"
    for day, text in (("mon", (LEAD, NINE)), ("tue", (MORE, ELEVEN))):
        stack.web[f"daily.test/{day}/{target}"] = page(*text, title=f"Report {day}", head=canonical(target))
        stack.read(f"http://daily.test/{day}/{target}")
    assert len(stack.rows(Article)) == 2
    assert stack.rows(Alias) == []


def test_a_canonical_on_another_host_is_a_copys_origin_and_no_identity(stack: Stack) -> None:
    stack.web["other.test/news/ferry-sinks-off-mindoro"] = stack.web["daily.test/news/ferry-sinks-off-mindoro"] = page(
        LEAD, NINE, MORE, head=canonical("news/ferry-sinks-off-mindoro")
    )
    stack.read(URL)
    stack.read("http://other.test/news/ferry-sinks-off-mindoro")
    assert len(stack.rows(Article)) == 2
    assert stack.article(2).copy_of_url == URL
