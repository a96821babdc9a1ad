"""The portal polled through the real delivery on both databases, from a wiki of the test's own. All sentences are invented."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from conftest import FakeClock
from hostile import answer
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, select
from wiki import HOST, PORTAL, SITE, Wiki

from services.clean.stage import Clean
from services.fetch.hosts import Hosts
from services.fetch.politeness import Robots
from services.fetch.reading import Tools
from services.fetch.stage import Fetch, Poll
from services.link.stage import Link
from services.publish.stage import Publish
from services.tag.stage import TagArticle
from shared import ledger
from shared.db import reading, writing
from shared.http import Fetcher
from shared.messages import SourceDue
from shared.models import Article, Document, Page, Source, SourcePage, Work
from shared.models import Poll as PollRow
from shared.pipeline import PIPELINE
from shared.raw import RawStore
from shared.records import PAGE, EventPage
from shared.runner import Runner
from shared.sandbox import Sandbox

Row = TypeVar("Row", bound=SQLModel)

TODAY = date(2026, 1, 5)
YESTERDAY = TODAY - timedelta(days=1)
DAM = "**A dam breaks near [[Velda]], drowning nine people. [http://a.test/dam (Tessel Radio)]\n"
STRIKE = (
    "*Bakers in [[Ostra (town)|Ostra]] end a strike of three weeks. [http://b.test/strike (The Baker)] "
    "[http://a.test/strike (Tessel Radio)]\n"
)
FIRE = "*A fire destroys the old theatre of [[Lund Bay]]. [http://b.test/fire (The Baker)]\n"


def day_of(*items: str, topic: str = "Disasters and accidents") -> str:
    flood = "*[[2026 Velda flood]]\n" if any(item.startswith("**") for item in items) else ""
    return (
        "{{Current events|year=2026|month=01|day=5|content=\n<!-- All news items below this line -->\n"
        f"'''{topic}'''\n{flood}{''.join(items)}<!-- All news items above this line -->}}}}"
    )


class Stack:
    """All stages over a database, at a clock that the test moves."""

    def __init__(self, engine: Engine, clock: FakeClock, folder: Path, wiki: Wiki) -> None:
        self.engine, self.clock, self.wiki = engine, clock, wiki
        self.sandbox, self.raw = Sandbox(), RawStore(folder / "raw")
        self.fetcher = Fetcher(
            user_agent="Dateline/test",
            max_bytes=1_000_000,
            deadline=timedelta(seconds=5),
            routes={"*.test": f"127.0.0.1:{wiki.port}"},
            clock=clock,
        )
        limit = timedelta(seconds=30)
        hosts = Hosts(self.fetcher, Robots(self.fetcher, clock))
        tools = Tools(fetcher=self.fetcher, hosts=hosts, sandbox=self.sandbox, raw=self.raw, clock=clock, parse_limit=limit)
        stages = {
            "poll": Poll(tools=tools, floor=timedelta(minutes=5), ceiling=timedelta(days=1)),
            "fetch": Fetch(fetcher=self.fetcher, raw=self.raw, hosts=hosts, clock=clock),
            "clean": Clean(raw=self.raw, parser=self.sandbox, limit=limit),
            "tag": TagArticle(),
            "link": Link(clock=clock),
            "publish": Publish(clock=clock),
        }
        self.runner = Runner(engine=engine, pipeline=PIPELINE, stages=stages, clock=clock)
        self.source = self.add("portal", PORTAL, "Wikipedia: Current events")

    def add(self, kind: str, url: str, outlet: str) -> int:
        with writing(self.engine) as session:
            row = Source(kind=kind, url=url, outlet=outlet, added_at=self.clock())
            session.add(row)
            session.flush()
            return row.id or 0

    def poll(self, source: int | None = None) -> PollRow:
        """Poll a source, and work off all that follows."""
        self.clock.advance(60)
        at = self.clock()
        with writing(self.engine) as session:
            ledger.emit(session.connection(), PIPELINE, [(SourceDue(source_id=source or self.source, due_at=at), None, 0)], at)
        busy = True
        while busy:
            busy = False
            for stage in PIPELINE.names:
                with reading(self.engine) as session:
                    ids = [row.id for row in ledger.ready(session.connection(), stage, 1000, self.clock())]
                if ids:
                    busy = True
                    self.runner.deliver(stage, ids)
            self.clock.advance(2)
        with Session(self.engine) as session:
            polls = select(PollRow).where(PollRow.source_id == (source or self.source), PollRow.due_at == at)
            return session.exec(polls).one()

    def rows(self, table: type[Row]) -> Sequence[Row]:
        with Session(self.engine) as session:
            return session.exec(select(table).order_by(col(table.id))).all()  # type: ignore[attr-defined]

    def items(self) -> dict[str, Article]:
        """The portal's items that are there, by title."""
        return {one.title or "": one for one in self.rows(Article) if one.url_key.startswith("portal:") and one.gone_at is None}

    def pages(self) -> list[EventPage]:
        found = [PAGE.validate_json(page.record) for page in self.rows(Page) if page.kind == "event" and page.record]
        return [page for page in found if isinstance(page, EventPage)]

    def page_of(self, article: Article) -> Page:
        """The page of the article's event."""
        return next(page for page in self.rows(Page) if (page.kind, page.key) == ("event", str(article.event_id)))

    def about(self) -> Source:
        with Session(self.engine) as session:
            return session.get_one(Source, self.source)

    def close(self) -> None:
        self.runner.loop().run(self.fetcher.close())
        self.runner.close()
        self.sandbox.close()


@pytest.fixture
def stack(engine: Engine, clock: FakeClock, tmp_path: Path) -> Iterator[Stack]:
    with Wiki() as wiki:
        made = Stack(engine, clock, tmp_path, wiki)
        yield made
        made.close()


def test_a_day_becomes_event_pages_with_topic_tags_and_sources(stack: Stack) -> None:
    stack.wiki.edit(TODAY, day_of(DAM, STRIKE))
    polled = stack.poll()
    assert (polled.status, polled.error_class, polled.announced, polled.refused) == (200, None, 5, 0)  # two items, three sources of theirs
    dam, strike = sorted(stack.pages(), key=lambda page: page.headline)
    assert (dam.headline, dam.date, dam.date_confidence) == ("A dam breaks near Velda, drowning nine people", TODAY, "stated")
    assert dam.topic == "Disasters and accidents"
    assert {"Velda", "2026 Velda flood"} <= {tag.name for tag in dam.tags}
    assert [(one.outlet, one.url, one.cited_by) for one in dam.citations] == [
        ("Tessel Radio", "http://a.test/dam", "Wikipedia: Current events")
    ]
    assert [one.url for one in strike.citations] == ["http://b.test/strike", "http://a.test/strike"]
    assert "Ostra" in {tag.name for tag in strike.tags}
    assert strike.headline_from is not None
    assert strike.headline_from.url is not None
    assert strike.headline_from.url.startswith(f"http://{HOST}/wiki/Portal:Current_events/2026_January_5#")


def test_cited_addresses_are_fetched_and_claim_no_date(stack: Stack) -> None:
    stack.wiki.pages["a.test/dam"] = answer(b"<html><title>Dam</title><p>Nine people drowned.</p></html>", Content_Type="text/html")
    stack.wiki.edit(TODAY, day_of(DAM, FIRE.replace("http://b.test/fire", "http://127.0.0.1:1/fire")))
    stack.poll()
    cited = {one.url: one for one in stack.rows(Article) if not one.url_key.startswith("portal:")}
    assert {url: (one.outlet, one.source_id, one.feed_published_at) for url, one in cited.items()} == {
        "http://a.test/dam": ("Tessel Radio", stack.source, None),
        "http://127.0.0.1:1/fire": ("The Baker", stack.source, None),
    }
    assert stack.wiki.paths("a.test") == ["/dam"]
    assert cited["http://a.test/dam"].revision == 1
    dead = [work.error_class for work in stack.rows(Work) if work.state == ledger.State.DEAD and work.stage == "fetch"]
    assert dead == ["address_forbidden"]


def test_a_feed_that_announces_a_cited_article_has_the_say(stack: Stack) -> None:
    stack.wiki.edit(TODAY, day_of(DAM))
    stack.poll()
    item = "<item><title>Nine drown</title><link>http://a.test/dam</link><pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item>"
    rss = f'<rss version="2.0"><channel><title>R</title>{item}</channel></rss>'
    stack.wiki.pages["a.test/feed"] = answer(rss.encode(), Content_Type="application/rss+xml")
    feed = stack.add("feed", "http://a.test/feed", "Tessel Radio News")
    stack.poll(feed)
    (article,) = (one for one in stack.rows(Article) if one.url == "http://a.test/dam")
    assert (article.source_id, article.outlet, article.feed_title) == (feed, "Tessel Radio News", "Nine drown")
    assert article.feed_published_at is not None


def test_an_unchanged_portal_costs_one_request_and_an_edit_two(stack: Stack) -> None:
    stack.wiki.edit(TODAY, day_of(DAM))
    stack.wiki.edit(YESTERDAY, day_of(STRIKE))
    stack.poll()
    assert len(stack.wiki.queries) == 2  # the days' revisions, and the text of the two that are there
    stack.wiki.queries.clear()
    again = stack.poll()
    assert (again.status, again.announced, len(stack.wiki.queries)) == (304, 0, 1)
    stack.wiki.edit(TODAY, day_of(DAM, FIRE))
    stack.wiki.queries.clear()
    stack.poll()
    assert stack.wiki.asked_for_text() == [SITE.title(TODAY)]
    assert all(query["maxlag"] == "5" for query in stack.wiki.queries)
    assert all("gzip" in headers["accept-encoding"] for address, headers in stack.wiki.asked if "api.php" in address)


def test_an_edit_is_a_revision_and_a_removed_item_is_marked_gone(stack: Stack) -> None:
    stack.wiki.edit(TODAY, day_of(DAM, STRIKE, FIRE))
    stack.poll()
    before = {one.url_key: one for one in stack.items().values()}
    issued = stack.page_of(stack.items()["A fire destroys the old theatre of Lund Bay"]).version
    stack.wiki.edit(TODAY, day_of(STRIKE, DAM.replace("nine people", "fourteen people"), topic="Disasters"))
    stack.poll()
    after = {one.url_key: one for one in stack.items().values()}
    assert len(before) == 3
    assert set(after) < set(before)
    assert {one.title: one.revision for one in after.values()} == {
        "A dam breaks near Velda, drowning fourteen people": 2,
        "Bakers in Ostra end a strike of three weeks": 2,  # its topic is another one
    }
    (gone,) = set(before) - set(after)
    (removed,) = (one for one in stack.rows(Article) if one.url_key == gone)
    assert removed.title == "A fire destroys the old theatre of Lund Bay"
    assert removed.gone_at is not None
    page = stack.page_of(removed)
    assert page.version == page.wanted > issued
    stack.wiki.edit(TODAY, day_of(STRIKE, DAM, FIRE))
    stack.poll()
    assert {one.url_key for one in stack.items().values()} == set(before)
    assert sum(one.url_key.startswith("portal:") for one in stack.rows(Article)) == 3


def test_the_wikitext_of_each_revision_is_kept(stack: Stack) -> None:
    for text in (day_of(DAM), day_of(DAM, FIRE), day_of(DAM)):
        stack.wiki.edit(TODAY, text)
        stack.poll()
    kept = stack.rows(SourcePage)
    assert [stack.raw.get(one.sha256).decode() for one in kept] == [day_of(DAM), day_of(DAM, FIRE), day_of(DAM)]
    assert {one.url for one in kept} == {f"http://{HOST}/wiki/Portal:Current_events/2026_January_5"}
    documents = [one for one in stack.rows(Document) if one.content_type == "text/markdown; charset=utf-8"]
    assert all(stack.raw.get(one.sha256).startswith(b"### [2026-01-05](") for one in documents)


def test_a_text_in_parts_is_put_together(stack: Stack) -> None:
    stack.wiki.in_parts = True
    for back, item in enumerate((DAM, STRIKE, FIRE)):
        stack.wiki.edit(TODAY - timedelta(days=back), day_of(item))
    stack.poll()
    days = {one.published_at.date() for one in stack.items().values() if one.published_at}
    assert days == {TODAY - timedelta(days=back) for back in range(3)}


def test_a_moved_page_is_the_day_s(stack: Stack) -> None:
    stack.wiki.edit(TODAY, day_of(DAM))
    stack.wiki.moved[SITE.title(TODAY)] = "Portal:Current events/Monday"
    stack.poll()
    assert list(stack.items()) == ["A dam breaks near Velda, drowning nine people"]


def test_a_day_that_cannot_be_read_is_refused_by_itself_and_tried_again(stack: Stack) -> None:
    stack.wiki.edit(TODAY, day_of(DAM))
    stack.wiki.edit(YESTERDAY, "<!DOCTYPE html><html><body>Down for repairs</body></html>")
    polled = stack.poll()
    assert (polled.error_class, polled.refused, polled.announced) == (None, 1, 3)
    assert len(stack.items()) == 1
    stack.wiki.queries.clear()
    assert stack.poll().refused == 1
    assert stack.wiki.asked_for_text() == [SITE.title(YESTERDAY)]
    stack.wiki.edit(YESTERDAY, day_of(STRIKE))
    assert stack.poll().refused == 0
    assert len(stack.items()) == 2


def test_an_address_that_no_one_may_cite_costs_the_item_nothing(stack: Stack) -> None:
    stack.wiki.edit(TODAY, day_of(DAM.replace("http://a.test/dam", "http://user:word@a.test/dam")))
    assert stack.poll().refused == 1
    assert len(stack.items()) == 1


def test_a_deleted_page_takes_its_items_away(stack: Stack) -> None:
    stack.wiki.edit(TODAY, day_of(DAM))
    stack.poll()
    del stack.wiki.days[TODAY]
    stack.poll()
    assert stack.items() == {}
    queries = len(stack.wiki.queries)
    stack.poll()
    assert len(stack.wiki.queries) == queries + 1


@pytest.mark.parametrize("code", ["maxlag", "ratelimited"])
def test_a_busy_wiki_is_given_the_time_that_it_asks_for(stack: Stack, code: str) -> None:
    stack.wiki.edit(TODAY, day_of(DAM))
    busy = json.dumps({"error": {"code": code, "info": "Waiting for a database server"}}).encode()
    stack.wiki.busy = [answer(busy, Retry_After="1800")]
    assert stack.poll().error_class == "http_busy"
    source = stack.about()
    assert source.state is None
    assert source.next_poll_at is not None
    assert source.last_polled_at is not None
    assert source.next_poll_at - source.last_polled_at >= timedelta(seconds=1800)
    assert stack.poll().error_class is None
    assert len(stack.items()) == 1


def test_a_wiki_that_fails_halfway_loses_nothing(stack: Stack) -> None:
    stack.wiki.edit(TODAY, day_of(DAM))
    stack.wiki.edit(YESTERDAY, day_of(STRIKE))
    stack.poll()
    stack.wiki.edit(TODAY, day_of(DAM, FIRE))
    fine = stack.wiki._answer({"titles": "|".join(SITE.title(TODAY - timedelta(days=back)) for back in range(7)), "rvprop": "ids"})
    stack.wiki.busy = [answer(json.dumps(fine).encode()), answer(b"", "503 Service Unavailable")]
    assert stack.poll().error_class is not None
    assert len(stack.items()) == 2
    stack.poll()
    assert len(stack.items()) == 3


def test_days_that_were_missed_are_read_after_a_pause(stack: Stack) -> None:
    stack.wiki.edit(TODAY, day_of(DAM))
    stack.poll()
    stack.clock.advance(10 * 86_400)
    stack.wiki.edit(TODAY + timedelta(days=1), day_of(STRIKE))
    stack.poll()
    assert len(stack.items()) == 2
    assert len(stack.wiki.queries[-2]["titles"].split("|")) == 17
    stack.clock.advance(300 * 86_400)
    stack.poll()
    assert len(stack.wiki.queries[-1]["titles"].split("|")) == 31
    state = stack.about().state
    assert state is not None
    assert state["days"] == {}


def test_an_address_that_is_no_wiki_s_is_said_to_be_none(stack: Stack) -> None:
    source = stack.add("portal", "http://a.test/news", "A")
    assert stack.poll(source).error_class == "url_malformed"
