"""Each format as its specification writes it, and the oddities of real feeds: encodings, links, identifiers, texts, people, times."""

import json

import pytest

from services.fetch.core.entries import moment, unmarked
from services.fetch.core.source import read_source

URL = "https://daily.test/feeds/world.xml"
XHTML = "http://www.w3.org/1999/xhtml"
ATOM = "http://www.w3.org/2005/Atom"
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
DTD = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
FORMATS = {
    "RSS 0.90": f'<rdf:RDF {RDF} xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>Harbour News</title></channel>'
    "<item><title>Ferry late</title><link>https://daily.test/ferry</link></item></rdf:RDF>",
    "RSS 0.91": f'<?xml version="1.0"?>{DTD}<rss version="0.91"><channel><title>Harbour News</title><language>en</language>'
    "<image><title>Logo</title><url>/logo.png</url><link>/</link></image><textinput><title>Search</title><name>q</name></textinput>"
    "<item><title>Ferry late</title><link>https://daily.test/ferry</link><description>Fog held it.</description></item></channel></rss>",
    "RSS 0.92": '<rss version="0.92"><channel><title>Harbour News</title><cloud domain="x" port="80" path="/"/>'
    '<item><title>Ferry late</title><link>https://daily.test/ferry</link><source url="/o.xml">Other</source></item></channel></rss>',
    "RSS 1.0": f'<rdf:RDF {RDF} {DC} xmlns="http://purl.org/rss/1.0/"><channel rdf:about="/c"><title>Harbour News</title><items><rdf:Seq>'
    '<rdf:li resource="https://daily.test/ferry"/></rdf:Seq></items></channel>'
    '<item rdf:about="https://daily.test/ferry"><title>Ferry late</title></item></rdf:RDF>',
    "RSS 2.0": '<rss version="2.0"><channel><title>Harbour News</title>'
    '<item><title>Ferry late</title><guid>https://daily.test/ferry</guid></item></channel></rss>',
    "Atom 0.3": '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Harbour News</title><entry><title>Ferry late</title>'
    '<link rel="alternate" type="text/html" href="https://daily.test/ferry"/><issued>2026-01-05T09:00:00Z</issued></entry></feed>',
    "Atom 1.0": f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="{ATOM}"><title type="text">Harbour News</title>'
    '<link rel="self" href="/feeds/world.xml"/><entry><link rel="self" href="/e/1"/><link rel="replies" href="/r"/>'
    '<link rel="alternate" href="/ferry"/><title>Ferry late</title></entry></feed>',
    "CDF": '<CHANNEL HREF="/"><TITLE>Harbour News</TITLE><ITEM HREF="https://daily.test/ferry"><TITLE>Ferry late</TITLE></ITEM></CHANNEL>',
    "JSON Feed 1.0": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1",
            "title": "Harbour News",
            "items": [{"id": "1", "url": "/ferry", "title": "Ferry late"}],
        }
    ),
    "prefixed": f'<a:feed xmlns:a="{ATOM}"><a:title>Harbour News</a:title>'
    '<a:entry><a:title>Ferry late</a:title><a:link href="/ferry"/></a:entry></a:feed>',
    "unknown namespace": '<feed xmlns="http://example.test/ns"><title>Harbour News</title>'
    '<entry><title>Ferry late</title><link href="/ferry"/></entry></feed>',
}


def read(body: str | bytes, content_type: str | None = None) -> list[dict[str, object]]:
    raw = body.encode() if isinstance(body, str) else body
    return [dict(one) for one in read_source("feed", raw, content_type, URL)["entries"]]


def rss(item: str, namespaces: str = "") -> str:
    return f'<rss version="2.0" {namespaces}><channel><title>T</title><item>{item}</item></channel></rss>'


def atom(entry: str) -> str:
    return f'<feed xmlns="{ATOM}"><title>T</title>{entry}</feed>'


@pytest.mark.parametrize("body", FORMATS.values(), ids=FORMATS)
def test_every_format_gives_its_title_and_its_entries(body: str) -> None:
    listing = read_source("feed", body.encode(), None, URL)
    assert listing["title"] == "Harbour News"
    assert [(one["title"], one["url"]) for one in listing["entries"]] == [("Ferry late", "https://daily.test/ferry")]


@pytest.mark.parametrize(
    "body",
    [
        '<rss version="2.0"><channel/></rss>',
        "<rss/>",
        f'<feed xmlns="{ATOM}"/>',
        f"<rdf:RDF {RDF}/>",
        "<!-- none today --><CHANNEL><TITLE>T</TITLE></CHANNEL>",
        '{"version": "https://jsonfeed.org/version/1.1", "items": []}',
        "<urlset/>",
    ],
)
def test_a_feed_without_entries_is_a_feed(body: str) -> None:
    assert read(body) == []


TITLED = "<rss version='2.0'><channel><item><title>caf\xe9</title></item></channel></rss>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TITLED.encode(), None),
        (TITLED.encode(), "text/xml"),
        (TITLED.encode(), "application/rss+xml; charset=utf-16"),
        (b"\xef\xbb\xbf\xef\xbb\xbf" + TITLED.encode(), "text/xml; charset=iso-8859-1"),
        (TITLED.encode("latin-1"), "text/xml; charset=ISO-8859-1"),
        (b"\n <?xml version='1.0' encoding='iso-8859-1'?>" + TITLED.encode("latin-1"), "application/xml"),
        (b"<?xml version = '1.0'\n encoding = 'windows-1252' ?>" + TITLED.encode("cp1252"), None),
        (b"<br />\n<b>Notice</b>: line 3<br />\n<?xml version='1.0' encoding='latin1'?>" + TITLED.encode("latin-1"), None),
        (b"<?xml version='1.0' encoding='utf-16'?>" + TITLED.encode(), None),
        (b"<?xml version='1.0' encoding='csmacintosh'?>" + TITLED.encode("mac_roman"), None),
        (b"<?xml version='1.0' encoding='viscii'?>" + TITLED.encode("latin-1"), None),
        (TITLED.encode("utf-16"), "application/xml"),
        (f"<?xml version='1.0'?>{TITLED}".encode("cp037"), None),
    ],
)
def test_an_encoding_is_what_the_bytes_and_the_document_say(body: bytes, content_type: str | None) -> None:
    assert [one["title"] for one in read(body, content_type)] == ["café"]


@pytest.mark.parametrize("name", ["utf-7", "unicode_escape", "rot13", "punycode", "hz"])
def test_an_encoding_that_hides_markup_is_not_believed(name: str) -> None:
    body = f"<?xml version='1.0' encoding='{name}'?>" + rss("<title>+ADw- \\u003c ~{</title>")
    for content_type in (None, f"application/rss+xml; charset={name}"):
        assert read(body, content_type)[0]["title"] == "+ADw- \\u003c ~{"


@pytest.mark.parametrize(
    ("item", "url", "guid"),
    [
        ("<link>/a</link><guid>17</guid>", "https://daily.test/a", "17"),
        ("<guid>17</guid>", None, "17"),
        ("<guid>HTTPS://Daily.test/A</guid>", "https://Daily.test/A", "HTTPS://Daily.test/A"),
        ('<guid isPermaLink="false">https://daily.test/a</guid>', None, "https://daily.test/a"),
        ("<guid>/c/d</guid>", "https://daily.test/c/d", "https://daily.test/c/d"),
        ("<link>\n https://daily.test/a?x=1&amp;y=2\n</link>", "https://daily.test/a?x=1&y=2", None),
        ("<link>//cdn.test/c</link>", "https://cdn.test/c", None),
        ("<link>mailto:ann@daily.test</link>", None, None),
        ('<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="self" href="/s"/><link>/a</link>', "https://daily.test/a", None),
    ],
)
def test_links_are_absolute_and_identifiers_as_written(item: str, url: str | None, guid: str | None) -> None:
    (only,) = read(rss(item))
    assert (only["url"], only["guid"]) == (url, guid)


def test_an_entry_is_to_be_read_at_its_alternate_link() -> None:
    assert [one["url"] for one in read(atom('<entry><link rel="self" href="/s"/></entry>'))] == [None]
    assert [one["url"] for one in read(atom('<entry><link rel="alternate" type="application/pdf" href="/p.pdf"/></entry>'))] == [
        "https://daily.test/p.pdf"
    ]


@pytest.mark.parametrize(
    ("body", "title", "summary"),
    [
        (atom("<entry><title>1 &lt; 2 &amp; <![CDATA[a]]></title></entry>"), "1 < 2 & a", None),
        (atom('<entry><summary type="html">&lt;p>x&lt;/p>y</summary></entry>'), None, "x y"),
        (atom(f'<entry><title type="xhtml"><d:div xmlns:d="{XHTML}">P <d:i>q</d:i></d:div></title></entry>'), "P q", None),
        (atom('<entry><content type="html">&lt;img src="/a.png"></content></entry>'), None, None),
        (rss("<title>R&amp;amp;D &amp;#8211; 3 &lt; 4</title>"), "R&D – 3 < 4", None),
        (rss("<description>a&nbsp;b &eacute; &bogus; & c</description>"), None, "a b é &bogus; & c"),
        (rss("<title>A</title><m:title xmlns:m='http://search.yahoo.com/mrss/'>B</m:title>"), "A", None),
        (rss("<description>x&lt;applet>old&lt;/applet>&lt;style>p{}&lt;/style>&lt;!-- n -->y</description>"), None, "xy"),
    ],
)
def test_texts_are_plain_however_they_are_marked_up(body: str, title: str | None, summary: str | None) -> None:
    (only,) = read(body)
    assert (only["title"], only["summary"]) == (title, summary)


def test_authors_are_those_of_the_entry_or_else_of_its_feed_as_atom_and_json_feed_say() -> None:
    feed = "<author><name>Desk</name></author>"
    entries = "<entry><author><name>Ann</name></author></entry><entry><source><author><name>Wire</name></author></source></entry><entry/>"
    assert [one["authors"] for one in read(atom(feed + entries))] == [["Ann"], ["Wire"], ["Desk"]]
    people = {"authors": [{"name": "Desk"}], "items": [{"id": "1", "author": {"name": "Ann"}}, {"id": "2"}]}
    assert [one["authors"] for one in read(json.dumps({"version": "https://jsonfeed.org/version/1.1", **people}))] == [["Ann"], ["Desk"]]
    managed = rss("<author>ann@daily.test (Ann Mole)</author><dc:creator>Bo Hay</dc:creator>", DC)
    (only,) = read(managed.replace("<item>", "<managingEditor>x@y.test</managingEditor><item>"))
    assert only["authors"] == ["Ann Mole", "Bo Hay"]


@pytest.mark.parametrize(
    ("item", "image"),
    [
        ('<m:content url="/p.jpg?w=3"/>', "/p.jpg?w=3"),
        ('<m:content url="/v.mp4" type="video/mp4"/><m:thumbnail url="/t"/>', "/t"),
        ('<enclosure url="/p.png" length="1"/>', "/p.png"),
        ('<enclosure url="/p.mp3" length="1"/>', None),
        ('<i:image xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd" href="/i"/>', "/i"),
    ],
)
def test_an_entrys_picture_is_found_where_feeds_name_it(item: str, image: str | None) -> None:
    (only,) = read(rss(item, 'xmlns:m="http://search.yahoo.com/mrss/"'))
    assert only["image"] == (image and f"https://daily.test{image}")


TIMES = [
    ("Mon, 05 Jan 2026 10:30:00 +0100", "09:30"),
    ("05 Jan 2026 10:30 EST", "15:30"),
    ("Mon, 05 Jan 2026 10:30:00 CET", "09:30"),
    ("Mon, 05 Jan 2026 10:30:00 IST", "05:00"),
    ("Mon, 05 Jan 2026 10:30:00", "10:30"),
    ("Mon,5-Jan-26 10:30 GMT", "10:30"),
    ("Mo, 05 Jan 2026 10:30:00 +0100", "09:30"),
    ("lunes, 5 de enero de 2026 10:30", "10:30"),
    ("January 5, 2026 10:30 pm", "22:30"),
    ("Monday, January 5th, 2026 - 10:30", "10:30"),
    ("2026/01/05 10:30:00", "10:30"),
    ("05.01.2026 10:30", "10:30"),
    ("2026-01-05 10:30:00 +0200", "08:30"),
    ("2026-01-05T10:30:00.123456789-05:00", "15:30"),
    ("1767609000", "10:30"),
    ("2026-W02-1T10:30:00Z", "10:30"),
    ("20260105T103000Z", "10:30"),
    ("2026-01-04T24:00:00Z", "00:00"),
    ("2026-01-05 10:30:00 EST", "15:30"),
    ("2026年1月5日 10:30", "10:30"),
]


@pytest.mark.parametrize(("text", "hour"), TIMES)
def test_times_are_read_as_feeds_write_them(text: str, hour: str) -> None:
    assert [one["published"] for one in read(rss(f"<pubDate>{text}</pubDate>"))] == [f"2026-01-05T{hour}:00+00:00"]
    assert str(moment(text))[:16] == f"2026-01-05T{hour}"


@pytest.mark.parametrize(
    "text",
    [
        *("05/01/2026 10:30", "31 Feb 2026", "2026-02-30T10:00:00Z", "soon", "32.13.2026", "12 Foo 2026", "9" * 5000),
        *("Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 0000 00:00:00 GMT", "0000-00-00 00:00:00", "-0001-11-30T00:00:00+00:00"),
        *("Mon, 05 Jan 2026 10:30:00 +9999", "2026-01-05T10:30:00+99:99", "Mon, 05 Jan 2026 25:30:00 GMT", "2026-01-05T10:30:00+23:00"),
    ],
)
def test_a_time_that_may_mean_another_day_is_none(text: str) -> None:
    assert [one["published"] for one in read(rss(f"<pubDate>{text}</pubDate>"))] == [None]


def test_a_feed_that_speaks_of_sitemaps_is_no_sitemap() -> None:
    assert read(rss("<title>How</title><description><![CDATA[<urlset> is the root]]></description>"))[0]["title"] == "How"


@pytest.mark.parametrize("piece", ["<!--", "<script", "<script>", "<!-", "<", "&#", "<p"])
def test_markup_without_an_end_has_one(piece: str) -> None:
    assert len(unmarked(piece * (200_000 // len(piece)) + "tail")) <= 200_000  # in minutes, were it the square of the length
