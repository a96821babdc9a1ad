"""Sources polled and pages fetched through the real delivery, from a web of the test's own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hostile import Web, answer
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, select

from services.fetch.hostlines import OwnLines
from services.fetch.hosts import Hosts
from services.fetch.politeness import Robots
from services.fetch.reading import Tools
from services.fetch.stage import Fetch, Poll
from shared import ledger
from shared.db import make_engine, reading, writing
from shared.http import Fetcher
from shared.messages import SourceDue
from shared.models import Alias, Article, Document, Source, Work
from shared.models import Poll as PollRow
from shared.pipeline import PIPELINE
from shared.raw import RawStore
from shared.runner import Runner
from shared.sandbox import Sandbox

HTML = {"Content_Type": "text/html; charset=utf-8"}


def page(text: str, **headers: str) -> bytes:
    return answer(f"<html><title>{text}</title><p>{text}</p></html>".encode(), **(HTML | headers))


def feed(*entries: tuple[str, str], etag: str | None = None) -> bytes:
    items = "".join(f"<item><title>{title}</title><link>{link}</link></item>" for title, link in entries)
    headers = {"Content_Type": "application/rss+xml"} | ({"ETag": etag} if etag else {})
    return answer(f'<rss version="2.0"><channel><title>D</title>{items}</channel></rss>'.encode(), **headers)


class Stack:
    """Poll and fetch over a database in a file, at a clock that the test moves."""

    def __init__(self, folder: Path, web: Web, engine: Engine | None = None) -> None:
        self.web = web
        self.at = datetime(2026, 1, 5, 12, tzinfo=UTC)
        self.engine = engine or make_engine(f"sqlite:///{folder / 'test.db'}")
        SQLModel.metadata.create_all(self.engine)
        self.sandbox = Sandbox()
        self.raw = RawStore(folder / "raw")
        self.fetcher = Fetcher(
            user_agent="Dateline/test",
            max_bytes=1_000_000,
            deadline=timedelta(seconds=5),
            routes={"*.test": f"127.0.0.1:{web.port}"},
            clock=lambda: self.at,
        )
        hosts = Hosts(self.fetcher, Robots(self.fetcher, lambda: self.at), OwnLines(self._seconds))
        tools = Tools(
            fetcher=self.fetcher,
            hosts=hosts,
            sandbox=self.sandbox,
            raw=self.raw,
            clock=lambda: self.at,
            parse_limit=timedelta(seconds=30),
        )
        poll = Poll(tools=tools, floor=timedelta(minutes=5), ceiling=timedelta(days=1))
        fetch = Fetch(fetcher=self.fetcher, raw=self.raw, hosts=hosts, clock=lambda: self.at)
        self.runner = Runner(engine=self.engine, pipeline=PIPELINE, stages={"poll": poll, "fetch": fetch}, clock=lambda: self.at)

    def _seconds(self) -> float:
        return self.at.timestamp()

    def source(self, url: str, kind: str = "feed") -> int:
        with writing(self.engine) as session:
            row = Source(kind=kind, url=url, outlet="The Daily", added_at=self.at)
            session.add(row)
            session.flush()
            return row.id or 0

    def work(self, source_id: int) -> None:
        """Poll the source now and fetch all that is ready."""
        self.at += timedelta(minutes=1)
        with writing(self.engine) as session:
            ledger.emit(session.connection(), PIPELINE, [(SourceDue(source_id=source_id, due_at=self.at), None, 0)], self.at)
        for stage in ("poll", "fetch"):
            with reading(self.engine) as session:
                ids = [row.id for row in ledger.ready(session.connection(), stage, 1000, self.at)]
            if ids:
                self.runner.deliver(stage, ids)

    def ended(self, stage: str) -> dict[str | None, int]:
        """How many rows of a stage's work ended, by error class (None: done)."""
        with Session(self.engine) as session:
            found: dict[str | None, int] = {}
            for row in session.exec(select(Work).where(Work.stage == stage, col(Work.state).in_((2, 3, 4)))):
                name = row.error_class if row.state == ledger.State.DEAD else None
                found[name] = found.get(name, 0) + 1
            return found

    def articles(self) -> list[Article]:
        with Session(self.engine) as session:
            return list(session.exec(select(Article).order_by(col(Article.id))))

    def documents(self, table: type[SQLModel] = Document) -> list[Document]:
        with Session(self.engine) as session:
            return list(session.exec(select(table)))  # type: ignore[arg-type]

    def close(self) -> None:
        self.runner.loop().run(self.fetcher.close())
        self.runner.close()
        self.sandbox.close()
        self.engine.dispose()


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with Web() as web:
        made = Stack(tmp_path, web)
        yield made
        made.close()


def test_a_feed_becomes_articles_and_their_documents(stack: Stack) -> None:
    web = stack.web.pages
    web["daily.test/feed"] = feed(("One", "/one?utm_source=rss"), ("One again", "http://www.daily.test/one#top"), ("Two", "/two"))
    web["daily.test/one"], web["daily.test/two"] = page("one"), page("two")
    source = stack.source("http://daily.test/feed")
    stack.work(source)
    assert [(one.url, one.feed_title, one.outlet) for one in stack.articles()] == [
        ("http://daily.test/one", "One", "The Daily"),
        ("http://daily.test/two", "Two", "The Daily"),
    ]
    one, _two = sorted(stack.documents(), key=lambda document: document.article_id)  # whichever came first
    assert stack.raw.get(one.sha256) == b"<html><title>one</title><p>one</p></html>"
    assert (one.revision, one.content_type, one.status, one.url) == (1, "text/html; charset=utf-8", 200, "http://daily.test/one")
    with Session(stack.engine) as session:
        assert len(session.exec(select(Work).where(Work.stage == "clean")).all()) == 2
        poll = session.exec(select(PollRow)).one()
        assert (poll.status, poll.announced, poll.new, poll.refused, poll.error_class) == (200, 3, 2, 0, None)
        known = session.get_one(Source, source)
        assert (known.failures, known.error_class, known.last_ok_at) == (0, None, stack.at)
        assert known.next_poll_at is not None
        assert timedelta(minutes=5) <= known.next_poll_at - stack.at <= timedelta(days=1)


def test_what_did_not_change_is_asked_for_conditionally_and_makes_no_work(stack: Stack) -> None:
    web = stack.web.pages
    web["daily.test/feed"] = feed(("One", "/one"), etag='"f1"')
    web["daily.test/one"] = page("one", ETag='"p1"')
    source = stack.source("http://daily.test/feed")
    for _ in range(3):
        stack.work(source)
    assert stack.ended("poll") == {None: 3}
    assert stack.ended("fetch") == {None: 1}
    assert len(stack.documents()) == 1
    with Session(stack.engine) as session:
        assert [poll.status for poll in session.exec(select(PollRow).order_by(col(PollRow.id)))] == [200, 304, 304]


def test_an_edit_is_a_revision_of_the_same_article(stack: Stack) -> None:
    web = stack.web.pages
    source = stack.source("http://daily.test/feed")
    for number, (title, text) in enumerate(
        [("One", "a"), ("One, corrected", "b"), ("One, once more", "b"), ("One", "a"), ("One, again", "a")]
    ):
        web["daily.test/feed"] = feed((title, "/one"))
        web["daily.test/one"] = page(text, ETag=f'"{number}"')
        stack.work(source)
    (article,) = stack.articles()
    assert (article.revision, article.feed_title) == (3, "One, again")
    first, second, third = stack.documents()
    assert first.sha256 == third.sha256 != second.sha256
    assert stack.ended("fetch") == {None: 5}


def test_redirects_end_at_one_article(stack: Stack) -> None:
    web = stack.web.pages
    web["daily.test/feed"] = feed(("Short", "http://short.test/x"), ("Long", "/long"), ("Gone home", "/dead"), ("Gone too", "/dead2"))
    web["short.test/x"] = answer(b"", "301 Moved", Location="http://daily.test/long")
    web["daily.test/dead"] = web["daily.test/dead2"] = answer(b"", "302 Found", Location="/")
    web["daily.test/long"], web["daily.test/"] = page("long"), page("home")
    source = stack.source("http://daily.test/feed")
    stack.work(source)
    assert [article.url for article in stack.articles()] == ["http://daily.test/dead", "http://daily.test/dead2", "http://daily.test/long"]
    web["daily.test/feed"] = feed(("Short", "http://short.test/x?utm_medium=y"))
    stack.work(source)
    assert len(stack.articles()) == 3
    assert [alias.url_key for alias in stack.documents(Alias)] == ["//short.test/x"]  # type: ignore[attr-defined]


def test_robots_txt_is_read_once_and_honoured_at_every_hop(stack: Stack) -> None:
    web = stack.web.pages
    web["daily.test/robots.txt"] = answer(b"User-agent: dateline\nDisallow: /members/\n")
    web["daily.test/feed"] = feed(("Closed", "/members/a"), ("Open", "/open"), ("Hop", "/hop"))
    web["daily.test/hop"] = answer(b"", "302 Found", Location="/members/b")
    web["daily.test/open"] = page("open")
    web["daily.test/members/a"] = web["daily.test/members/b"] = page("secret")
    stack.work(stack.source("http://daily.test/feed"))
    assert stack.ended("fetch") == {None: 1, "robots_forbidden": 2}
    assert sorted(stack.web.paths("daily.test")) == ["/feed", "/hop", "/open"]
    assert [address for address, _ in stack.web.asked].count("daily.test/robots.txt") == 1


def test_a_host_whose_robots_txt_fails_is_left_alone_for_now(stack: Stack) -> None:
    stack.web.pages["daily.test/feed"] = feed(("One", "/one"), ("Two", "/two"))
    stack.web.pages["daily.test/robots.txt"] = answer(b"", "500 Oops")
    stack.work(stack.source("http://daily.test/feed"))
    assert stack.web.paths("daily.test") == ["/feed"]
    with Session(stack.engine) as session:
        rows = session.exec(select(Work).where(Work.stage == "fetch")).all()
        assert [(row.state, row.error_class) for row in rows] == [(ledger.State.READY, "http_failed")] * 2


def test_each_bad_entry_ends_alone_with_its_class(stack: Stack) -> None:
    web = stack.web.pages
    web["daily.test/feed"] = feed(
        ("Good", "/good"),
        ("Inner", "http://10.0.0.8/"),
        ("Metadata", "http://169.254.169.254/latest/meta-data/"),
        ("Number", "http://2130706433/"),
        ("User", "http://a:b@daily.test/"),
        ("Script", "javascript:alert(1)"),
        ("Picture", "/picture"),
        ("Liar", "/liar"),
        ("Empty", "/empty"),
        ("Gone", "/gone"),
    )
    web["daily.test/good"] = page("good")
    web["daily.test/picture"] = answer(b"\x89PNG", Content_Type="image/png")
    web["daily.test/liar"] = answer(b"PK\x03\x04 ...", **HTML)
    web["daily.test/empty"] = answer(b"  ", **HTML)
    source = stack.source("http://daily.test/feed")
    stack.work(source)
    assert stack.ended("fetch") == {None: 1, "address_forbidden": 2, "unsupported_type": 2, "empty_document": 1, "http_gone": 1}
    with Session(stack.engine) as session:
        poll = session.exec(select(PollRow)).one()
        assert (poll.announced, poll.new, poll.refused) == (10, 7, 3)


@pytest.mark.parametrize(
    ("said", "error_class"),
    [
        (answer(b"<html>no feed</html>"), "feed_malformed"),
        (answer(b"", "500 Oops"), "http_failed"),
        (answer(b"", "404 Gone"), "http_gone"),
        (answer(b"", "302 Found", Location="http://127.0.0.1/"), "address_forbidden"),
    ],
)
def test_a_failing_source_says_why_and_is_polled_slower_and_slower(stack: Stack, said: bytes, error_class: str) -> None:
    web = stack.web.pages
    web["daily.test/feed"] = feed(("One", "/one"), etag='"f1"')
    source = stack.source("http://daily.test/feed")
    stack.work(source)
    web["daily.test/feed"] = said
    waits = []
    for failures in range(1, 4):
        stack.work(source)
        with Session(stack.engine) as session:
            row = session.get_one(Source, source)
            assert (row.failures, row.error_class, row.etag) == (failures, error_class, '"f1"')
            assert row.next_poll_at is not None
            waits.append(row.next_poll_at - stack.at)
    assert waits[0] < waits[1] < waits[2]
    assert stack.ended("poll") == {None: 4}
    web["daily.test/feed"] = feed(("One", "/one"))
    stack.work(source)
    with Session(stack.engine) as session:
        row = session.get_one(Source, source)
        assert (row.failures, row.error_class, row.error, row.etag) == (0, None, None, None)


def test_a_busy_source_is_left_alone_for_as_long_as_it_asks(stack: Stack) -> None:
    stack.web.pages["daily.test/feed"] = answer(b"", "429 Slow Down", Retry_After="3000")
    source = stack.source("http://daily.test/feed")
    stack.work(source)
    with Session(stack.engine) as session:
        assert session.get_one(Source, source).next_poll_at == stack.at + timedelta(seconds=3000)


def test_an_index_of_sitemaps_is_followed_to_the_newest(stack: Stack) -> None:
    web = stack.web.pages
    days = "".join(f"<sitemap><loc>/s{n}.xml</loc><lastmod>2026-01-0{n}</lastmod></sitemap>" for n in range(1, 6))
    web["daily.test/index.xml"] = answer(f"<sitemapindex>{days}</sitemapindex>".encode(), Content_Type="text/xml")
    for n in (4, 5):
        web[f"daily.test/s{n}.xml"] = answer(f"<urlset><url><loc>http://daily.test/a{n}</loc></url></urlset>".encode())
        web[f"daily.test/a{n}"] = page(f"a{n}")
    stack.work(stack.source("http://daily.test/index.xml", kind="sitemap"))
    assert {article.url for article in stack.articles()} == {"http://daily.test/a4", "http://daily.test/a5"}
    assert "/s1.xml" not in stack.web.paths("daily.test")


def test_an_outlets_articles_are_its_own_whoever_announced_them_first(stack: Stack) -> None:
    stack.web.pages["thief.test/feed"] = feed(("Buy now", "http://news.test/a"), ("Our own", "http://thief.test/b"))
    stack.web.pages["news.test/feed"] = feed(("Bridge opens", "http://news.test/a"), ("Not ours", "http://thief.test/b"))
    stack.web.pages["news.test/a"] = page("Bridge opens at last")
    stack.web.pages["thief.test/b"] = page("Buy now, pay later")
    thief, news = stack.source("http://thief.test/feed"), stack.source("http://www.news.test/feed")
    stack.web.pages["www.news.test/feed"] = stack.web.pages["news.test/feed"]
    stack.work(thief)
    stack.work(news)
    assert [(one.url, one.source_id, one.feed_title) for one in stack.articles()] == [
        ("http://news.test/a", news, "Bridge opens"),
        ("http://thief.test/b", thief, "Our own"),
    ]
    stack.work(thief)
    assert [one.feed_title for one in stack.articles()] == ["Bridge opens", "Our own"]
