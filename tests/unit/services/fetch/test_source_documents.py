"""Feeds and sitemaps: every entry in order, plain, absolute, bounded; hostile ones refused or cut."""

import gzip
import json
from datetime import timedelta

import pytest

from services.fetch.core.announce import announcement
from services.fetch.core.entries import entry
from services.fetch.core.source import read_source
from shared.sandbox import Sandbox
from shared.stage import Reject

URL = "https://daily.test/feeds/world.xml"
RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>The Daily</title>
<item><title>Harbour &amp;amp; bridge reopen</title><link>/2026/01/05/harbour?utm_source=rss</link><guid isPermaLink="false">d-1</guid>
 <pubDate>Mon, 05 Jan 2026 10:30:00 +0100</pubDate><dc:creator>Ann Mole</dc:creator>
 <description>&lt;p&gt;The &lt;b&gt;har&lt;/b&gt;bour reopened.&lt;/p&gt;
  &lt;p&gt;Ships sail.&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;</description>
 <media:content url="/img/1.jpg" medium="image"/></item>
<item><title>No link here</title><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate></item>
<item><title>Third \u202e and last</title><link>javascript:alert(1)</link><pubDate>Fri, 31 Dec 9999 23:59:59 GMT</pubDate></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.test/a/"><title type="html">A &lt;i&gt;paper&lt;/i&gt;</title>
<entry xml:base="b/"><title>One</title><link href="c"/><id>tag:1</id><updated>2026-01-05T10:00:00Z</updated>
<published>0000-01-01T00:00:00Z</published>
<author><name>Ann</name></author><author><name>Bob</name></author><content type="html">&lt;p&gt;Body&lt;/p&gt;</content></entry></feed>"""
NEWS = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://daily.test/old</loc><lastmod>2026-01-03</lastmod></url>
<url><loc>https://daily.test/undated</loc></url>
<url><loc> https://daily.test/new </loc>
<n:news><n:publication_date>2026-01-05T09:00:00+02:00</n:publication_date><n:title>New &amp; fresh</n:title></n:news></url>
</urlset>"""


def read(body: str | bytes, kind: str = "feed", limit: int = 1000, content_type: str | None = None) -> list[dict[str, object]]:
    raw = body.encode() if isinstance(body, str) else body
    return [dict(one) for one in read_source(kind, raw, content_type, URL, limit=limit)["entries"]]


def test_rss_comes_in_order_plain_and_absolute() -> None:
    first, second, third = read(RSS)
    assert first == {
        "url": "https://daily.test/2026/01/05/harbour?utm_source=rss",
        "title": "Harbour & bridge reopen",
        "published": "2026-01-05T09:30:00+00:00",
        "updated": None,
        "authors": ["Ann Mole"],
        "summary": "The harbour reopened. Ships sail.",
        "guid": "d-1",
        "image": "https://daily.test/img/1.jpg",
    }
    assert (second["url"], second["title"], second["published"]) == (None, "No link here", None)
    assert (third["url"], third["title"], third["published"]) == (None, "Third and last", None)


def test_atom_follows_its_xml_base() -> None:
    listing = read_source("feed", ATOM.encode(), None, URL)
    assert listing["title"] == "A paper"
    (only,) = listing["entries"]
    assert (only["url"], only["updated"], only["published"]) == ("https://base.test/a/b/c", "2026-01-05T10:00:00+00:00", None)
    assert (only["authors"], only["summary"], only["guid"]) == (["Ann", "Bob"], "Body", "tag:1")


def test_rss_1_and_its_dublin_core_date() -> None:
    (only,) = read(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<item rdf:about="x"><title>A</title><link>http://daily.test/1</link><dc:date>2026-01-05T10:00:00+01:00</dc:date></item></rdf:RDF>'
    )
    assert (only["url"], only["published"]) == ("http://daily.test/1", "2026-01-05T09:00:00+00:00")


def test_an_enclosed_picture_is_the_entrys_image() -> None:
    enclosures = '<enclosure url="/1.mp3" type="audio/mpeg" length="1"/><enclosure url="/1.jpg" type="image/jpeg" length="1"/>'
    (only,) = read(f'<rss version="2.0"><channel><item><title>A</title>{enclosures}</item></channel></rss>')
    assert only["image"] == "https://daily.test/1.jpg"


def test_a_json_feed_is_a_feed() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "items": [
            {
                "id": 7,
                "url": "/j",
                "content_html": "<p>Hi</p>",
                "date_published": "2026-01-05T10:00:00+01:00",
                "authors": [{"name": "Ann"}],
            },
            3,
        ],
    }
    (only,) = read(json.dumps(feed))
    assert (only["url"], only["guid"], only["summary"], only["authors"]) == ("https://daily.test/j", "7", "Hi", ["Ann"])
    assert only["published"] == "2026-01-05T09:00:00+00:00"


def test_a_sitemap_comes_newest_first_and_may_be_packed() -> None:
    for body in (NEWS.encode(), gzip.compress(NEWS.encode())):
        entries = read(body, "sitemap")
        assert [one["url"] for one in entries] == ["https://daily.test/new", "https://daily.test/old", "https://daily.test/undated"]
        assert (entries[0]["title"], entries[0]["published"]) == ("New & fresh", "2026-01-05T07:00:00+00:00")
    assert len(read(NEWS, "sitemap", limit=1)) == 1


def test_an_index_names_its_sitemaps_newest_first() -> None:
    index = (
        "<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2025-01-01</lastmod></sitemap>"
        "<sitemap><loc>/b.xml</loc><lastmod>2026-01-01</lastmod></sitemap></sitemapindex>"
    )
    listing = read_source("sitemap", index.encode(), None, URL)
    assert listing["entries"] == []
    assert [child["url"] for child in listing["children"]] == ["https://daily.test/b.xml", "https://daily.test/a.xml"]


HUB = '<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="{}" href="{}"/>'


@pytest.mark.parametrize(
    ("told", "ttl"),
    [
        ("<ttl>60</ttl>", 3600),
        ("<ttl> 5 </ttl>", 300),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>999999</ttl>", 86_400),
        (f"<ttl>{'9' * 5000}</ttl>", None),
        ("", None),
        ('<s:updatePeriod xmlns:s="http://purl.org/rss/1.0/modules/syndication/">hourly</s:updatePeriod>', 3600),
        (
            '<s:updatePeriod xmlns:s="http://purl.org/rss/1.0/modules/syndication/">daily</s:updatePeriod>'
            '<s:updateFrequency xmlns:s="http://purl.org/rss/1.0/modules/syndication/">4</s:updateFrequency>',
            21_600,
        ),
    ],
)
def test_a_feed_says_how_long_it_stays_as_it_is(told: str, ttl: int | None) -> None:
    listing = read_source("feed", f"<rss version='2.0'><channel><title>T</title>{told}</channel></rss>".encode(), None, URL)
    assert listing["ttl_s"] == ttl


def test_a_feed_names_its_hub_and_itself() -> None:
    links = HUB.format("hub", "https://hub.test/") + HUB.format("self", "/feeds/world.xml?full=1")
    rss = read_source("feed", f"<rss version='2.0'><channel><title>T</title>{links}</channel></rss>".encode(), None, "https://daily.test/x")
    atom = read_source("feed", f"<feed xmlns='http://www.w3.org/2005/Atom'>{links}</feed>".encode(), None, "https://daily.test/x")
    hubs = [{"type": "rssCloud", "url": "https://cloud.test/"}, {"type": "WebSub", "url": "https://hub.test/"}]
    told = {"version": "https://jsonfeed.org/version/1.1", "feed_url": "/feeds/world.xml?full=1", "hubs": hubs, "items": []}
    js = read_source("feed", json.dumps(told).encode(), None, "https://daily.test/x")
    for listing in (rss, atom, js):
        assert (listing["hub"], listing["self_url"]) == ("https://hub.test/", "https://daily.test/feeds/world.xml?full=1")
    assert read_source("feed", RSS.encode(), None, URL)["hub"] is None


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        *(
            ("feed", ""),
            ("feed", "\0\1\2\3"),
            ("feed", "<html><body><p>A page</p></body></html>"),
            ("feed", '{"items": []}'),
            ("feed", "{"),
        ),
        *(("sitemap", ""), ("sitemap", "<html/>"), ("sitemap", "not xml"), ("sitemap", "\x89PNG")),
    ],
)
def test_what_is_no_source_is_refused(kind: str, body: str) -> None:
    with pytest.raises(Reject, match="feed_malformed"):
        read(body, kind)


def test_a_broken_feed_gives_what_it_has() -> None:
    assert [one["title"] for one in read(RSS[: RSS.index("<item><title>Third")])] == ["Harbour & bridge reopen", "No link here"]
    assert read(RSS.replace("Ships", "Ships \x0c & "))[0]["url"] == "https://daily.test/2026/01/05/harbour?utm_source=rss"


def bomb(root: str, inside: str) -> str:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY l0 "lol"><!ENTITY x SYSTEM "file:///etc/passwd">{lol}]>{inside}'


def test_entities_are_not_expanded() -> None:
    feed = bomb("rss", '<rss version="2.0"><channel><item><title>a&l11;&x;b</title><link>/a</link></item></channel></rss>')
    for one in read(feed):
        assert len(str(one["title"])) < 100
        assert "root:" not in str(one["title"])
    sitemap = bomb("urlset", "<urlset><url><loc>https://daily.test/&l11;&x;</loc></url></urlset>")
    assert all("lol" not in str(one) and "root:" not in str(one) for one in read(sitemap, "sitemap"))


def test_a_hundred_thousand_items_cost_what_a_thousand_cost() -> None:
    item = "<item><title>Item {}</title><link>/i/{}</link></item>"
    body = '<rss version="2.0"><channel>' + "".join(item.format(n, n) for n in range(100_000)) + "<title>T</title></channel></rss>"
    listing = read_source("feed", body.encode(), None, URL, limit=1000)
    assert (len(listing["entries"]), listing["cut"], listing["title"]) == (1000, True, "T")
    assert listing["entries"][-1]["url"] == "https://daily.test/i/999"
    sitemap = "<urlset>" + "".join(f"<url><loc>/i/{n}</loc></url>" for n in range(60_000)) + "</urlset>"
    listing = read_source("sitemap", sitemap.encode(), None, URL, limit=1000)
    assert (len(listing["entries"]), listing["cut"]) == (1000, True)


def test_every_field_has_its_limit() -> None:
    long = "word " * 100_000
    (only,) = read(
        f'<rss version="2.0"><channel><item><title>{long}</title><description>{long}</description><guid isPermaLink="false">{long}</guid>'
        f"<link>/{'a' * 9000}</link></item></channel></rss>"
    )
    assert only["url"] is None
    assert max(len(str(only[name])) for name in ("title", "summary", "guid")) <= 10_000


def test_a_charset_that_hides_markup_is_not_believed() -> None:
    feed = b'<rss version="2.0"><channel><item><title>+ADw-b+AD4-bold</title><link>/a</link></item></channel></rss>'
    assert read(feed, content_type="application/rss+xml; charset=utf-7")[0]["title"] == "+ADw-b+AD4-bold"
    latin = "<rss version='2.0'><channel><item><title>café</title></item></channel></rss>".encode("latin-1")
    assert read(latin, content_type="application/rss+xml; charset=iso-8859-1")[0]["title"] == "café"


def test_an_author_of_39_kilobytes_is_shortened() -> None:
    (only,) = read(f'<rss version="2.0"><channel><item><author>{"a" * 39_000}</author></item></channel></rss>')
    assert [len(author) for author in only["authors"]] == [200]  # type: ignore[attr-defined]


def test_a_feed_that_never_ends_is_ended_by_the_sandbox() -> None:
    items = f"<item><author>{'a' * 1900}</author></item>" * 1000
    hostile = f'<rss version="2.0"><channel>{items}</channel></rss>'
    with Sandbox() as sandbox:
        arguments = {"kind": "feed", "content_type": None, "url": URL, "limit": 1000}
        name = "services.fetch.core.source:read_source_json"
        with pytest.raises(Reject, match="parse_limit"):
            sandbox.call(name, hostile.encode(), timeout=timedelta(seconds=0.5), **arguments)
        again = sandbox.call(name, RSS.encode(), timeout=timedelta(seconds=60), **arguments)
    assert len(again["entries"]) == 3


def test_an_announcement_changes_with_the_title_and_the_time_alone() -> None:
    first = entry(url="http://a.test/", title="A", published="2026-01-05T09:00:00+00:00")
    assert announcement(first) == announcement({**first, "summary": "other", "url": None})
    assert len({announcement(one) for one in (first, {**first, "title": "B"}, {**first, "updated": "2026-01-05T10:00:00+00:00"})}) == 3


def test_a_row_of_comments_is_looked_through_once() -> None:
    assert len(read("<?xml version='1.0'?>" + "<!-- -->" * 200 + RSS.removeprefix("<?xml version='1.0'?>"))) == len(read(RSS))
    with pytest.raises(Reject, match="feed_malformed"):
        read("<?xml version='1.0'?>" + "<!-- -->" * 200 + "<x/>")
