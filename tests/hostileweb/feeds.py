"""Feeds, sitemaps and JSON that are made to hurt whoever parses them."""

import json

from hostileweb.case import Case, answer, item, rss, saying

_GOOD = item("http://wire.test/a")
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
_LONG = "x" * 500_000


def feed(name: str, end: str | int, body: str | bytes, content_type: str = "application/rss+xml") -> Case:
    """A host whose feed is this document."""
    raw = body.encode() if isinstance(body, str) else body
    return Case(name=name, says=saying(answer(raw, Content_Type=content_type)), feed=end)


def declared(doctype: str, *items: str) -> str:
    """A feed with a document type."""
    return rss(*items, start=f'<?xml version="1.0"?><!DOCTYPE rss [{doctype}]>')


def attributes(number: int) -> str:
    """So many attributes of a tag."""
    return " ".join(f'a{at}="1"' for at in range(number))


def json_feed(*items: object) -> str:
    """A JSON Feed."""
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items})


def _sitemap(*addresses: str, head: str = "") -> str:
    listed = "".join(f"<url><loc>{one}</loc></url>" for one in addresses)
    return f'<?xml version="1.0"?>{head}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'


def entities() -> list[Case]:
    """Entities that grow, or lead out of the document."""
    return [
        feed("billion-laughs", 1, declared(f'<!ENTITY l0 "ha">{_LAUGHS}', item("http://wire.test/a", "Pier &l11;"))),
        feed("quadratic-entity", 1, declared(f'<!ENTITY a "{_LONG}">', item("http://wire.test/a", "&a;" * 1000))),
        feed("external-entity", 1, declared('<!ENTITY x SYSTEM "file:///etc/passwd">', item("http://wire.test/a", "Pier &x;"))),
        feed("external-dtd", 1, rss(_GOOD, start='<?xml version="1.0"?><!DOCTYPE rss SYSTEM "http://127.0.0.1:1/evil.dtd">')),
        feed("parameter-entity", 1, declared('<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;', _GOOD)),
        feed("xinclude", 1, rss(item("http://wire.test/a", '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/hosts"/>P'))),
        feed("sitemap-laughs", "feed_malformed", _sitemap("&l11;", head=f'<!DOCTYPE u [<!ENTITY l0 "ha">{_LAUGHS}]>'), "text/xml"),
        feed("sitemap-file", "feed_malformed", _sitemap("&x;", head='<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "text/xml"),
    ]


def charsets() -> list[Case]:
    """Encodings that lie."""
    return [
        feed("utf-7", 1, rss(_GOOD, start='<?xml version="1.0" encoding="utf-7"?>')),
        feed("utf-7-by-header", 1, rss(_GOOD), "application/rss+xml; charset=utf-7"),
        feed("codec-of-python", 1, rss(_GOOD, start='<?xml version="1.0" encoding="punycode"?>'), "text/xml; charset=rot13"),
        feed("utf-16-unsaid", 1, rss(_GOOD, start="").encode("utf-16-le"), "text/xml"),
        feed("utf-16-said-utf-8", 1, rss(_GOOD).encode("utf-16"), "text/xml; charset=utf-8"),
        feed("latin-said-utf-8", 1, rss(item("http://wire.test/a", "Caf\xe9")).encode("latin-1"), "text/xml; charset=utf-8"),
    ]


def sizes() -> list[Case]:
    """Too much of everything."""
    return [
        feed("million-items", 1000, rss(*(item(f"http://wire.test/{n}") for n in range(20_000)))),
        feed("empty-items", 1000, rss("<item/>" * 200_000)),
        feed("million-attributes", 0, f"<rss {attributes(150_000)}><channel/></rss>"),
        feed("attributes-of-an-item", 1, rss(f"<item {attributes(150_000)}><link>http://wire.test/a</link></item>")),
        feed("huge-attribute", 1, rss(f'<item x="{"y" * 1_800_000}"><link>http://wire.test/a</link></item>')),
        feed("nested", 1, rss("<item>" + "<a>" * 20_000 + "</a>" * 20_000 + "</item>")),
        feed("nested-divs", 1, rss(item("http://wire.test/a", more=f"<description><![CDATA[{'<div>' * 100_000}]]></description>"))),
        feed("hog-1", "parse_limit", "<rss><channel><item>" + "<a" * 1_400_000),
        feed("hog-2", "parse_limit", "<rss><channel><item>" + "<b" * 1_400_000),
        feed("author-of-39-kb", 1, rss(item("http://wire.test/a", more=f"<author>{'a' * 39_000}</author>"))),
        feed("author-of-at-signs", 1, rss(item("http://wire.test/a", more=f"<author>{'a@' * 20_000}</author>"))),
        feed("author-of-dots", 1, rss(item("http://wire.test/a", more=f"<author>{'a.' * 20_000}</author>"))),
        feed("author-of-parentheses", 1, rss(item("http://wire.test/a", more=f"<author>{'(' * 39_000}</author>"))),
        feed("authors", 1, rss(item("http://wire.test/a", more="<author>a@b.test (A)</author>" * 15_000))),
        feed("huge-cdata", 1, rss(item("http://wire.test/a", more=f"<description><![CDATA[{'<p>word ' * 200_000}]]></description>"))),
        feed("endless-cdata", 2, rss(_GOOD, "<item><title><![CDATA[" + "pier " * 300_000)),
        feed("endless-comment", 1, rss(_GOOD) + "<!--" + "- " * 900_000),
        feed("comments", 1, rss("<!-- -->" * 200_000, _GOOD)),
        feed("endless-doctype", "feed_malformed", "<!DOCTYPE rss [" + "<!ENTITY a 'b'>" * 100_000),
        feed("ampersands", 1, rss(item("http://wire.test/a", "&" * 300_000))),
        feed("less-than-signs", 1, rss(item("http://wire.test/a", more=f"<description>{'&lt;' * 400_000}</description>"))),
        feed("categories", 1, rss(item("http://wire.test/a", more="<category>a</category>" * 15_000))),
        feed("enclosures", 1, rss(item("http://wire.test/a", more='<enclosure url="http://wire.test/x"/>' * 30_000))),
        feed("namespaces", 1, rss(_GOOD, head="".join(f'<a xmlns:n{n}="urn:{n}"/>' for n in range(20_000)))),
        feed("json-nested", "feed_malformed", "[" * 1_000_000, "application/json"),
        feed("json-nested-inside", "parse_limit", '{"version":"https://jsonfeed.org/version/1.1","items":' + "[" * 500_000),
        feed("json-numbers", "feed_malformed", json_feed({"id": 7, "url": "http://wire.test/a"}).replace("7", "9" * 100_000)),
        feed("json-kinds", 1, json_feed(7, None, [], {"url": "http://wire.test/a"})),
    ]


def fields() -> list[Case]:
    """Fields that say the impossible, or hide what they say."""
    return [
        *(
            feed(f"date-{name}", 1, rss(item("http://wire.test/a", more=f"<pubDate>{date}</pubDate>")))
            for name, date in {
                "of-year-0": "Mon, 01 Jan 0000 00:00:00 GMT",
                "of-year-1": "0001-01-01T00:00:00Z",
                "of-the-epoch": "Thu, 01 Jan 1970 00:00:00 GMT",
                "of-9999": "Fri, 31 Dec 9999 23:59:59 -2359",
                "of-month-13": "2026-13-45T25:61:61Z",
                "with-zone-99": "Mon, 05 Jan 2026 12:00:00 +9999",
                "with-zone-of-digits": "Mon, 05 Jan 2026 12:00:00 +99999999999999999999",
                "of-digits": "9" * 50_000,
                "of-colons": "1:" * 50_000,
            }.items()
        ),
        feed("bidi-title", 1, rss(item("http://wire.test/a", "\u202egnp.exe\u2066 pier\u200b"))),
        feed("control-title", 1, rss(item("http://wire.test/a", "Pier \x00\x08\x1b[31m red"))),
        feed("bidi-link", 1, rss(item("http://wire.test/\u202ea"))),
        feed("control-link", 1, rss(item("http://wire.test/\x01a"))),
        feed("script-link", 1, rss(item("javascript:alert(1)"))),
        feed("surrogates", 1, json_feed({"url": "http://wire.test/a", "title": "\ud83d"})),
        feed("links-inwards", 3, rss(item("http://10.0.0.8/a"), item("http://2130706433/"), item("http://[::1]/"))),
    ]


def types() -> list[Case]:
    """Documents that are not what they are called."""
    return [
        feed("image-called-feed", "feed_malformed", b"\x89PNG\r\n\x1a\n" + bytes(50_000)),
        feed("html-called-feed", "feed_malformed", "<!doctype html><html><body><p>Log in to read</p></body></html>"),
        feed("feed-called-image", 1, rss(_GOOD), "image/png"),
        feed("noise", "feed_malformed", bytes(range(256)) * 400),
    ]

def cases() -> list[Case]:
    """All of them."""
    return [*entities(), *charsets(), *sizes(), *fields(), *types()]
