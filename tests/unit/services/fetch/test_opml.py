"""Lists of subscriptions: nothing in them is lost, and what is of no use is named."""

from datetime import UTC, datetime

import pytest

from services.fetch.core.opml import Subscription, read_opml, write_opml
from shared.stage import Reject

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def opml(inside: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="1.0"><head><title>x</title></head><body>{inside}</body></opml>'.encode()


def test_folders_within_folders_lose_nothing() -> None:
    found = read_opml(
        opml(
            '<outline text="News"><outline text="World"><outline type="rss" text="Daily &amp; Sunday" xmlUrl="https://daily.test/feed"/></outline>'
            '<outline title="The Post" text="https://post.test/" xmlUrl="https://post.test/rss" language="EN"/></outline>'
            '<outline text="https://plain.test/rss" xmlurl="https://plain.test/rss" category="Politics"/><outline text="A note"/>'
        )
    )
    assert found.subscriptions == [
        Subscription("feed", "https://daily.test/feed", "Daily & Sunday", None, ("News", "World")),
        Subscription("feed", "https://post.test/rss", "The Post", "en", ("News",)),
        Subscription("feed", "https://plain.test/rss", "plain.test", None, ()),
    ]
    assert found.unread == []


def test_what_is_of_no_use_is_named() -> None:
    found = read_opml(
        opml(
            '<outline type="rss" text="No address"/><outline text="Local" xmlUrl="file:///etc/passwd"/>'
            '<outline text="Script" xmlUrl="javascript:alert(1)"/><outline text="Good" xmlUrl="http://good.test/"/>'
            '<outline text="Twice" xmlUrl="HTTP://Good.test"/>'
        )
    )
    assert [one.url for one in found.subscriptions] == ["http://good.test/"]
    assert [(one.reason, one.detail.partition(":")[0]) for one in found.unread] == [
        ("opml_malformed", "No address"),
        ("url_malformed", "Local"),
        ("url_malformed", "Script"),
    ]


def test_no_folder_of_this_machine_comes_by_opml() -> None:
    found = read_opml(opml('<outline text="x" type="folder" category="folder" xmlUrl="file:///home/"/>'))
    assert found.subscriptions == []


def test_a_broken_document_gives_what_it_has_and_says_where_it_broke() -> None:
    found = read_opml(opml('<outline text="A" xmlUrl="http://a.test/"/><outline text="B & C" xmlUrl="http://b.test/"/><outl')[:-20])
    assert [one.url for one in found.subscriptions][:1] == ["http://a.test/"]
    assert found.unread[0].reason == "opml_malformed"
    assert found.unread[0].detail.startswith("line 1: ")


@pytest.mark.parametrize("body", [b"", b"no xml", b"<html/>", b"<rss version='2.0'/>", b"\x89PNG"])
def test_what_is_no_opml_is_refused(body: bytes) -> None:
    with pytest.raises(Reject, match="opml_malformed"):
        read_opml(body)


def test_entities_are_not_expanded() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<!DOCTYPE opml [<!ENTITY l0 "lol"><!ENTITY x SYSTEM "file:///etc/passwd">{lol}]>' + opml(
        '<outline text="a&l11;&x;" xmlUrl="http://a.test/"/>'
    ).decode().partition("?>")[2]
    for one in read_opml(body.encode()).subscriptions:
        assert "lollol" not in one.outlet
        assert "root:" not in one.outlet


def test_ten_thousand_outlines_and_a_deep_one() -> None:
    many = "".join(f'<outline text="S{n}" xmlUrl="http://s{n}.test/feed"/>' for n in range(10_000))
    assert len(read_opml(opml(many)).subscriptions) == 10_000
    deep = '<outline text="f">' * 200 + '<outline text="in" xmlUrl="http://in.test/"/>' + "</outline>" * 200
    assert [one.outlet for one in read_opml(opml(deep)).subscriptions] == ["in"]


def test_what_is_written_is_read_back_as_it_was() -> None:
    sources = [
        Subscription("feed", "https://a.test/feed?x=1&y=<2>", 'Die "Zeitung" & Söhne', "de"),
        Subscription("sitemap", "https://b.test/news-sitemap.xml", "B", None),
        Subscription("list", "http://c.test/list.txt", "C \u0627", "ar"),
        Subscription("portal", "https://en.wikipedia.org/wiki/Portal:Current_events", "Wikipedia: Current events", "en"),
        Subscription("feed", "http://d.test/feed", "D", None, ("News", "World & more")),
        Subscription("feed", "http://e.test/feed", "E", None, ("News", "World & more")),
        Subscription("feed", "http://f.test/feed", "F", None, ("News",)),
    ]
    written = write_opml(sources, title="Dateline\x00", at=NOON)
    assert read_opml(written) == (sources, [])
    assert b"<dateCreated>Mon, 05 Jan 2026 12:00:00 +0000</dateCreated>" in written
