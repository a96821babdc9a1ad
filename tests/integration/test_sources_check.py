"""`dateline sources check` and `add` on a web of the test's own: what stands at an address, and which sources its site has."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hostile import Web, answer
from sqlmodel import Session, col, select

from services.cli.main import main
from services.cli.place import Place
from shared.models import Article, Source

NEWS = "xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'"
STORY = """<html><title>Harbour reopens</title><body><article><h1>Harbour reopens</h1>
<p>The harbour reopened on Monday after the storm of the weekend, and the first ships came in at dawn with grain and timber.</p>
<p>Divers had spent two days looking for containers that had gone overboard, said the harbour master, and found all but three of them.</p>
<p>Fishermen may leave again from Wednesday on; the ferry to the islands waits until the pier is mended.</p></article></body></html>"""
HTML = {"Content_Type": "text/html; charset=utf-8"}


class Cli:
    """The command over a data folder and a web."""

    def __init__(self, data: Path, web: Web) -> None:
        self.data, self.web = data, web

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["--data", str(self.data), "sources", *words], catch_exceptions=False)

    def process(self, *words: str) -> int:
        """The same in a process of its own, since what works off what it added ends with it. Returns the exit status."""
        return subprocess.run([sys.executable, "-m", "services.cli", "--data", str(self.data), "sources", *words], check=False).returncode

    def found(self, *words: str) -> list[dict[str, Any]]:
        """What a check tells in JSON."""
        return list(json.loads(self("check", "--json", *words).stdout)["found"])

    def rows(self) -> list[Source]:
        with Session(Place({"data": self.data}).engine) as session:
            return list(session.exec(select(Source).order_by(col(Source.id))).all())


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    with Web() as web:
        monkeypatch.setenv("DATELINE_ROUTES", json.dumps({"*.test": f"127.0.0.1:{web.port}"}))
        yield Cli(tmp_path / "data", web)


def feed(*paths: str, title: str = "The Daily", **headers: str) -> bytes:
    at = datetime.now(UTC)
    items = "".join(
        f"<item><title>{path}</title><link>{path}</link><pubDate>{at - timedelta(hours=n):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for n, path in enumerate(paths)
    )
    return answer(f"<rss version='2.0'><channel><title>{title}</title><language>en</language>{items}</channel></rss>".encode(), **headers)


def news(*paths: str) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    each = "".join(
        f"<url><loc>http://daily.test{path}</loc><n:news><n:publication_date>{now}</n:publication_date></n:news></url>" for path in paths
    )
    return answer(gzip.compress(f"<urlset {NEWS}>{each}</urlset>".encode()))


def addresses(found: list[dict[str, Any]], *, recommended: bool = False) -> list[str]:
    return [one["url"].removeprefix("http://daily.test") for one in found if one["recommended"] or not recommended]


def names(one: dict[str, Any]) -> list[str]:
    return [problem["name"] for problem in one["problems"]]


def test_a_home_page_leads_to_the_sources_of_its_site(cli: Cli) -> None:
    web = cli.web.pages
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in ("/feed", "/comments/feed"))
    web["daily.test/"] = answer(f"<html><head><title>Daily</title>{links}</head><a href='/sport.rss'>Sport</a></html>".encode(), **HTML)
    web["daily.test/robots.txt"] = answer(b"User-agent: *\nDisallow: /private\nSitemap: http://daily.test/map.xml\n")
    web["daily.test/feed"] = feed("/a", "/b", "/c", ETag='"1"')
    web["daily.test/comments/feed"] = feed("/a#1", title="Comments for The Daily")
    web["daily.test/sport.rss"] = feed("/s1", "/s2")
    web["daily.test/map.xml"] = answer(b"<sitemapindex><sitemap><loc>http://daily.test/news.xml.gz</loc></sitemap></sitemapindex>")
    web["daily.test/news.xml.gz"] = news("/a", "/b", "/d")
    found = cli.found("http://daily.test/")
    assert addresses(found) == ["/", "/feed", "/comments/feed", "/sport.rss", "/map.xml"]
    assert addresses(found, recommended=True) == ["/feed", "/sport.rss", "/map.xml"]
    assert "/rss.xml" not in cli.web.paths("daily.test")  # nothing was to be guessed
    done = cli("check", "http://daily.test/", "--add", "--no-wait")
    assert done.exit_code == 0
    assert [(one.kind, one.url, one.outlet) for one in cli.rows()] == [
        ("feed", "http://daily.test/feed", "The Daily"),
        ("feed", "http://daily.test/sport.rss", "The Daily"),
        ("sitemap", "http://daily.test/map.xml", "daily.test"),
    ]
    again = cli("check", "http://daily.test/")
    assert "nothing new to recommend" in again.output


def test_a_site_that_names_nothing_is_asked_at_the_usual_places(cli: Cli) -> None:
    web = cli.web.pages
    web["daily.test/"] = answer(b"<html><title>Daily</title></html>", **HTML)
    web["daily.test/robots.txt"] = answer(b"User-agent: *\nDisallow: /rss\n")
    web["daily.test/rss"] = feed("/secret")
    web["daily.test/atom.xml"] = feed("/a", "/b")
    web["daily.test/sitemap.xml"] = answer(b"<urlset><url><loc>http://daily.test/about</loc></url></urlset>")
    found = cli.found("http://daily.test/")
    assert addresses(found) == ["/", "/atom.xml", "/sitemap.xml"]
    assert addresses(found, recommended=True) == ["/atom.xml"]
    assert "/rss" not in cli.web.paths("daily.test")  # closed by robots.txt, and only guessed
    assert len(cli.web.paths("daily.test")) <= 31


def test_a_page_that_robots_txt_closes_is_not_searched(cli: Cli) -> None:
    web = cli.web.pages
    web["daily.test/"] = answer(b"<html><a href='/sport.rss'>Sport</a></html>", **HTML)
    web["daily.test/robots.txt"] = answer(b"User-agent: *\nDisallow: /\n")
    web["daily.test/sport.rss"] = feed("/s")
    done = cli("check", "http://daily.test/")
    assert done.exit_code == 1
    assert "robots_forbidden" in done.output
    assert cli.web.paths("daily.test") == ["/"]


def test_a_feed_is_told_what_is_wrong_with_it(cli: Cli) -> None:
    web = cli.web.pages
    web["daily.test/old"] = answer(b"", "301 Moved", Location="http://daily.test/feed")
    web["daily.test/feed"] = answer(b"<rss version='2.0'><channel><title>A & B</title><item><title>x</title></item></channel></rss>")
    (found,) = cli.found("http://daily.test/old")
    assert names(found) == ["moved", "broken", "undated", "unlinked", "unconditional"]
    assert found["ends_at"] == "http://daily.test/feed"
    text = cli("check", "http://daily.test/old").output
    assert "it redirects to another address (http://daily.test/feed). Use the address where it ends." in text
    web["daily.test/good"] = feed("/a", "/b", ETag='"1"')
    (good,) = cli.found("http://daily.test/good")
    assert (good["conditional"], good["problems"], good["recommended"]) == (True, [], True)


def test_what_cannot_be_had_has_its_class_and_remedy(cli: Cli) -> None:
    for url, said in (("http://nobody.invalid/feed", "host_unknown"), ("http://127.0.0.1/feed", "address_forbidden")):
        done = cli("check", url)
        assert done.exit_code == 1
        assert said in done.output
    assert cli("check", "ftp://daily.test/").exit_code == 2
    assert cli("check", "77").exit_code == 1


def test_a_source_is_checked_with_its_last_polls(cli: Cli) -> None:
    cli.web.pages["daily.test/feed"] = feed("/a")
    cli.web.pages["daily.test/a"] = answer(STORY.encode(), **HTML)
    assert cli.process("add", "http://daily.test/feed") == 0
    cli.web.pages["daily.test/feed"] = answer(b"", "404 Not Found")
    done = cli("check", "1")
    assert done.exit_code == 1
    assert "http_gone" in done.output
    assert "polled" in done.output


def test_add_looks_at_what_stands_there(cli: Cli) -> None:
    web = cli.web.pages
    web["daily.test/feed"], web["daily.test/map"] = feed("/a", title="The  Daily"), news("/b")
    web["daily.test/list"] = answer(b"http://daily.test/c\n", Content_Type="text/plain")
    done = cli("add", "--no-wait", *(f"http://daily.test/{name}" for name in ("feed", "map", "list", "missing")))
    assert done.exit_code == 0
    assert [(one.kind, one.outlet, one.language) for one in cli.rows()] == [
        ("feed", "The Daily", "en"),
        ("sitemap", "daily.test", None),
        ("list", "daily.test", None),
        ("feed", "daily.test", None),
    ]
    cli.web.asked.clear()
    assert cli("add", "--no-wait", "http://daily.test/map").exit_code == 0
    assert cli.rows()[1].kind == "sitemap"
    assert cli.web.asked == []  # known already: nothing is to be found out


def test_a_web_page_is_not_added_and_its_feeds_are_named(cli: Cli) -> None:
    link = b'<link rel="alternate" type="application/atom+xml" href="/atom">'
    cli.web.pages["daily.test/"] = answer(b"<!doctype html><html><head>" + link + b"</head></html>", **HTML)
    done = cli("add", "http://daily.test/")
    assert done.exit_code == 1
    assert "http://daily.test/atom" in done.output
    assert cli.rows() == []
    cli.web.pages["daily.test/about"], cli.web.pages["daily.test/feed"] = cli.web.pages["daily.test/"], feed("/a")
    done = cli("add", "--no-wait", "http://daily.test/", "http://daily.test/feed", "http://daily.test/about")
    assert done.exit_code == 1
    assert done.output.count("is a web page, not a source") == 2
    assert [one.url for one in cli.rows()] == ["http://daily.test/feed"]  # the others cost it nothing


def test_an_added_list_is_read(cli: Cli) -> None:
    cli.web.pages["daily.test/list"] = answer(b"# ours\nhttp://daily.test/a\nnonsense\n", Content_Type="text/plain")
    cli.web.pages["daily.test/a"] = answer(STORY.encode(), **HTML)
    assert cli.process("add", "http://daily.test/list") == 0
    with Session(Place({"data": cli.data}).engine) as session:
        assert [one.url for one in session.exec(select(Article))] == ["http://daily.test/a"]
