"""Indexes of sitemaps and lists of addresses, polled through the real delivery."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile import Web, answer
from sqlmodel import Session, col, select
from test_fetch_stages import Stack

from shared.models import Poll, SitemapFile, Source


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with Web() as web:
        made = Stack(tmp_path, web)
        yield made
        made.close()


def sitemap(*paths: str, lastmod: str = "2026-01-05", packed: bool = False, etag: str | None = None) -> bytes:
    body = f"<urlset>{''.join(f'<url><loc>http://daily.test{path}</loc><lastmod>{lastmod}</lastmod></url>' for path in paths)}</urlset>"
    return answer(gzip.compress(body.encode()) if packed else body.encode(), **({"ETag": etag} if etag else {}))


def index(*children: tuple[str, str | None], etag: str | None = None) -> bytes:
    named = "".join(f"<sitemap><loc>{url}</loc>{f'<lastmod>{time}</lastmod>' if time else ''}</sitemap>" for url, time in children)
    return answer(f"<sitemapindex>{named}</sitemapindex>".encode(), **({"ETag": etag} if etag else {}))


def found(stack: Stack) -> set[str]:
    return {(article.url or "").removeprefix("http://daily.test") for article in stack.articles()}


def asked(stack: Stack, *, clear: bool = True) -> list[str]:
    paths = [path for path in stack.web.paths("daily.test") if "/a" not in path]
    if clear:
        stack.web.asked.clear()
    return paths


def source_of(stack: Stack, source: int) -> Source:
    with Session(stack.engine) as session:
        return session.get_one(Source, source)


def test_no_poll_reads_more_than_its_budget_and_none_is_forgotten(stack: Stack) -> None:
    web = stack.web.pages
    web["daily.test/index.xml"] = index(*[(f"/s{n}.xml", f"2026-01-05T0{n}:00:00Z") for n in range(8)], etag='"i1"')
    for n in range(8):
        web[f"daily.test/s{n}.xml"] = sitemap(f"/a{n}", packed=n % 2 == 0)
    source = stack.source("http://daily.test/index.xml", kind="sitemap")
    stack.work(source)
    assert asked(stack) == ["/index.xml", "/s7.xml", "/s6.xml", "/s5.xml", "/s4.xml", "/s3.xml"]
    assert source_of(stack, source).etag is None  # there is more
    stack.work(source)
    assert asked(stack) == ["/index.xml", "/s2.xml", "/s1.xml", "/s0.xml"]
    assert found(stack) == {f"/a{n}" for n in range(8)}
    assert source_of(stack, source).etag == '"i1"'
    stack.work(source)
    assert asked(stack) == ["/index.xml"]  # 304, and nothing changed
    web["daily.test/index.xml"] = index(*[(f"/s{n}.xml", f"2026-01-05T0{n}:00:00Z") for n in range(7)], ("/s7.xml", "2026-01-05T12:00:00Z"))
    web["daily.test/s7.xml"] = sitemap("/a7", "/a7b")
    stack.work(source)
    assert asked(stack) == ["/index.xml", "/s7.xml"]
    assert "/a7b" in found(stack)


def test_an_index_without_dates_has_its_sitemaps_asked_conditionally(stack: Stack) -> None:
    web = stack.web.pages
    web["daily.test/index.xml"] = index(("/news.xml", None), ("/old.xml", None), etag='"i1"')
    web["daily.test/news.xml"] = sitemap("/a1", etag='"n1"')
    web["daily.test/old.xml"] = sitemap(*[f"/a/old{n}" for n in range(50)], lastmod="2012-01-01")
    source = stack.source("http://daily.test/index.xml", kind="sitemap")
    stack.work(source)
    assert asked(stack) == ["/index.xml", "/news.xml", "/old.xml"]
    stack.work(source)
    assert asked(stack, clear=False) == ["/index.xml", "/news.xml"]
    assert dict(stack.web.asked)["daily.test/news.xml"]["if-none-match"] == '"n1"'
    stack.web.asked.clear()
    web["daily.test/news.xml"] = sitemap("/a1", "/a2", etag='"n2"')
    stack.work(source)
    assert asked(stack) == ["/index.xml", "/news.xml"]
    assert found(stack) == {"/a1", "/a2"}
    with Session(stack.engine) as session:
        assert [poll.status for poll in session.exec(select(Poll).order_by(col(Poll.id)))] == [200, 304, 200]


def test_dead_sitemaps_do_not_starve_the_articles(stack: Stack) -> None:
    web = stack.web.pages
    dead = [(f"/dead{n}.xml", "2026-01-05T12:00:00Z") for n in range(40)]
    web["daily.test/index.xml"] = index(("/s.xml", "2026-01-05T08:00:00Z"), ("/t.xml", "2026-01-05T12:00:01Z"), *dead)
    web["daily.test/s.xml"], web["daily.test/t.xml"] = sitemap("/a1"), sitemap("/a2")
    source = stack.source("http://daily.test/index.xml", kind="sitemap")
    stack.work(source)
    assert found(stack) == {"/a2"}
    assert len(asked(stack)) == 11  # a dead one costs half
    web["daily.test/index.xml"] = index(("/s.xml", "2026-01-05T08:00:00Z"), ("/t.xml", "2026-01-05T13:00:00Z"), *dead)
    web["daily.test/t.xml"] = sitemap("/a2", "/a3")
    for _ in range(4):
        stack.work(source)
    assert found(stack) == {"/a1", "/a2", "/a3"}
    asked(stack)
    stack.work(source)
    assert asked(stack) == ["/index.xml"]  # all the dead sleep
    with Session(stack.engine) as session:
        rows = session.exec(select(SitemapFile).where(col(SitemapFile.failures) > 0)).all()
        assert len(rows) == 40
        row = session.get_one(Source, source)
        assert (row.error_class, row.failures) == (None, 0)


def test_an_index_of_dead_sitemaps_alone_says_so(stack: Stack) -> None:
    stack.web.pages["daily.test/index.xml"] = index(("/dead.xml", None))
    source = stack.source("http://daily.test/index.xml", kind="sitemap")
    stack.work(source)
    row = source_of(stack, source)
    assert (row.error_class, row.failures) == ("http_gone", 1)


def test_indexes_in_indexes_end_and_loops_are_refused(stack: Stack) -> None:
    web = stack.web.pages
    web["daily.test/index.xml"] = index(("/l1.xml", None))
    web["daily.test/l1.xml"] = index(("/l2.xml", None), ("/index.xml", None), ("/l1.xml", None))
    web["daily.test/l2.xml"] = index(("/l3.xml", None), ("/s2.xml", "2026-01-05"))
    web["daily.test/l3.xml"] = index(("/l4.xml", None))
    web["daily.test/s2.xml"] = sitemap("/a2")
    source = stack.source("http://daily.test/index.xml", kind="sitemap")
    stack.work(source)
    assert found(stack) == {"/a2"}
    assert "/l4.xml" not in asked(stack)
    with Session(stack.engine) as session:
        assert session.exec(select(Poll)).one().refused == 3


def test_what_stands_on_another_site_is_refused(stack: Stack) -> None:
    web = stack.web.pages
    web["daily.test/index.xml"] = index(("http://evil.test/s.xml", None), ("http://news.daily.test/s.xml", None), ("/hop.xml", None))
    web["daily.test/hop.xml"] = answer(b"", "302 Found", Location="http://evil.test/s.xml")
    web["evil.test/s.xml"] = web["news.daily.test/s.xml"] = sitemap("/a1")
    stack.work(stack.source("http://daily.test/index.xml", kind="sitemap"))
    with Session(stack.engine) as session:
        poll = session.exec(select(Poll)).one()
        assert (poll.new, poll.refused) == (1, 2)
    assert stack.web.paths("news.daily.test") == ["/s.xml"]


def test_a_sitemap_without_dates_brings_what_came_since_the_first_look(stack: Stack) -> None:
    web = stack.web.pages
    web["daily.test/map.txt"] = answer(b"http://daily.test/a1\nhttp://daily.test/a2\n", Content_Type="text/plain")
    source = stack.source("http://daily.test/map.txt", kind="sitemap")
    stack.work(source)
    assert found(stack) == set()
    web["daily.test/map.txt"] = answer(b"http://daily.test/a1\nhttp://daily.test/a2\nhttp://daily.test/a3\n")
    stack.work(source)
    assert found(stack) == {"/a3"}


def test_a_list_is_read_in_parts_and_its_junk_is_refused(stack: Stack) -> None:
    web = stack.web.pages
    lines = [f"http://daily.test/a{n}\r\n" for n in range(1500)]
    text = "\ufeff# our list\r\n\r\nno address\r\nhttp://daily.test/a0 # the first\r\n" + "".join(lines)
    web["daily.test/list.txt"] = answer(text.encode(), Content_Type="text/plain", ETag='"l1"')
    source = stack.source("http://daily.test/list.txt", kind="list")
    stack.work(source)
    assert len(stack.articles()) == 1000
    assert source_of(stack, source).etag is None
    stack.work(source)
    assert len(stack.articles()) == 1500
    assert source_of(stack, source).etag == '"l1"'
    stack.work(source)
    with Session(stack.engine) as session:
        polls = session.exec(select(Poll).order_by(col(Poll.id))).all()
        assert [(poll.status, poll.refused) for poll in polls] == [(200, 1), (200, 0), (304, 0)]
