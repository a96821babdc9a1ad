"""When a page's rel=canonical joins two addresses, and when a template's mistake must not."""

from datetime import UTC, datetime, timedelta

import pytest

from services.clean.core.identity import claim, named_alike, same_article

AT = datetime(2026, 1, 5, tzinfo=UTC)
TEXT = "The ferry Santa Celestina sank off Mindoro at dawn.\n\nThe coast guard saved ninety people.\n\nAn inquiry was ordered."


@pytest.mark.parametrize(
    ("url", "canonical", "key"),
    [
        ("http://a.test/print/4711-x", "https://www.a.test/news/4711-x", "//a.test/news/4711-x"),
        ("http://a.test/news/x?page=all", "http://a.test/news/x", "//a.test/news/x"),
        ("http://a.test/news/x", "http://a.test/news/x?utm_source=y", None),  # one key anyway
        ("http://a.test/news/x", "http://b.test/news/x", None),  # a copy's origin
        ("http://a.test/news/x", "http://a.test/", None),
        ("http://a.test/news/x", "http://a.test", None),
        ("http://a.test/news/x", "javascript:alert(1)", None),
        ("http://a.test/news/x", None, None),
        (None, "http://a.test/news/x", None),
    ],
)
def test_a_claim_is_another_address_on_the_same_host(url: str | None, canonical: str | None, key: str | None) -> None:
    assert claim(url, canonical) == key


@pytest.mark.parametrize(
    ("url", "canonical", "alike"),
    [
        ("http://a.test/print?id=471123", "http://a.test/news/ferry-471123.html", True),
        ("http://a.test/world/ferry-sinks-off-mindoro", "http://a.test/news/ferry-sinks-off-mindoro.html", True),
        ("http://a.test/2026/01/05/ferry-sinks-off-mindoro", "http://a.test/2026/01/05/world/ferry-sinks-off-mindoro", True),
        ("http://a.test/ferry-sinks-off-mindoro/photos", "http://a.test/ferry-sinks-off-mindoro", True),
        ("http://a.test/2026/01/05/the-morning-briefing-in-short", "http://a.test/the-morning-briefing-in-short", False),
        ("http://a.test/20260105/market-report", "http://a.test/20260105/other", False),
        ("http://a.test/politics/vote-x", "http://a.test/politics/", False),
        ("http://a.test/a?p=12", "http://a.test/b?p=12", False),
    ],
)
def test_addresses_are_alike_by_a_number_or_a_slug_of_one_article(url: str, canonical: str, alike: bool) -> None:
    assert named_alike(url, canonical) is alike


def test_one_article_has_one_title_and_nearly_the_same_paragraphs() -> None:
    one = ("Ferry sinks", TEXT, AT)
    assert same_article(one, ("Ferry  SINKS", TEXT + "\n\nSubscribe.", None))
    assert not same_article(one, ("Ferry found", TEXT, AT))
    assert not same_article(one, ("Ferry sinks", "Another ferry sank in the Padma.\n\nAn inquiry was ordered.", AT))
    assert not same_article(one, ("Ferry sinks", TEXT, AT + timedelta(days=2)))
    assert not same_article((None, TEXT, AT), (None, TEXT, AT))
    assert not same_article(("T", None, AT), ("T", None, AT))
