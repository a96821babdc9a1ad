"""Pages that are made to hurt whoever parses them, or are not what they are called."""

from hostileweb.case import ARTICLE, Case, answer, saying, story
from hostileweb.feeds import attributes

_PNG = b"\x89PNG\r\n\x1a\n" + bytes(20_000)
_LD = '<script type="application/ld+json">%s</script>'


def page(name: str, end: str, body: str | bytes, content_type: str = "text/html; charset=utf-8") -> Case:
    """A host whose page is this document."""
    raw = body.encode() if isinstance(body, str) else body
    return Case(name=name, says=saying(answer(raw, Content_Type=content_type)), page=end)


def cases() -> list[Case]:
    """All of them."""
    return [
        page("page-nested", "parse_limit", story(5, body="<div>" * 100_000)),
        page("page-nested-around", "parse_limit", "<html><body>" + "<div>" * 100_000 + story(6)),
        page("page-paragraphs", "parse_limit", story(7, body="<p>" * 500_000)),
        page("page-attributes", ARTICLE, story(8, body=f"<p {attributes(150_000)}>x</p>")),
        page("page-huge-attribute", ARTICLE, story(9, body=f'<p title="{"y" * 1_800_000}">x</p>')),
        page("page-endless-comment", ARTICLE, story(10, body="<!--" + "- " * 900_000)),
        page("page-endless-script", "parse_limit", story(11, body="<script>" + "a<b;" * 450_000)),
        page("page-tables", "parse_limit", story(12, body="<table><tr><td>" * 50_000)),
        page("page-formatting", "parse_limit", story(13, body="<b><i><u>" * 50_000)),
        page("page-links", ARTICLE, story(14, body='<a href="/x">x</a>' * 100_000)),
        page("page-metas", ARTICLE, story(15, head='<meta name="author" content="A B">' * 50_000)),
        page("page-spaces", ARTICLE, story(16, body=" \n" * 900_000)),
        page("page-word", ARTICLE, story(17, body=f"<p>{'x' * 1_800_000}</p>")),
        page("page-entities", ARTICLE, story(18, body="&amp;&lt;" * 200_000)),
        page("page-laughs", ARTICLE, '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + story(19)),
        page("page-json", ARTICLE, story(20, head=_LD % ("[" * 500_000))),
        page("page-json-scripts", ARTICLE, story(21, head=_LD % '{"@type":"NewsArticle"}' * 20_000)),
        page("page-json-date", ARTICLE, story(22, head=_LD % '{"@type":"NewsArticle","datePublished":"9999-12-31T23:59:59+99:99"}')),
        page("page-bidi", ARTICLE, story(23, title="\u202eTornby\u2066 votes \u200bto rebuild")),
        page("page-nul", ARTICLE, story(24).replace("</h1>", "</h1>" + " " * 2000 + "\x00\x00")),
        page("page-utf-7", ARTICLE, story(25).replace("utf-8", "utf-7"), "text/html; charset=utf-7"),
        page("page-charset-lies", ARTICLE, story(26).replace("utf-8", "utf-16"), "text/html; charset=iso-8859-1"),
        page("page-utf-16", ARTICLE, story(27).encode("utf-16"), "text/html; charset=utf-8"),
        page("page-text-called-octets", "unsupported_type", story(28), "application/octet-stream"),
        page("page-image", "unsupported_type", _PNG),
        page("page-image-as-text", "unsupported_type", _PNG, "text/plain"),
        page("page-called-image", "unsupported_type", story(29), "image/jpeg"),
        page("page-zip", "unsupported_type", b"PK\x03\x04" + bytes(9000)),
        page("page-zeros", "unsupported_type", bytes(1_900_000)),
        page("page-video", "unsupported_type", b"\x00\x00\x00\x20ftypisom" + bytes(9000), "video/mp4"),
        page("page-blank", "empty_document", " \r\n\t" * 10_000),
    ]
