"""What is cut off a feed before it is parsed."""

import re

import pytest

from services.fetch.core.pruning import pruned


def test_items_beyond_the_limit_go_closed_or_not() -> None:
    for items in (b"<item>a</item>" * 50, b"<item/>" * 50, b"<item>" * 50, b"<x:entry a='b'/>" * 50):
        kept, cut = pruned(b"<rss><channel>" + items + b"</channel></rss>", 3)
        assert cut
        assert len(re.findall(rb"<(?:item|x:entry)", kept)) == 3
        assert kept.startswith(b"<rss><channel><")
        assert kept.endswith(b"</channel></rss>")
    whole = b"<rss><item>a</item><item>b</item></rss>"
    assert pruned(whole, 2) == (whole, False)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"<rss><a " + b"x='y' " * 20_000 + b"/><b c='d'/></rss>", b"<rss><a/><b c='d'/></rss>"),
        (b"<author>" + b"a" * 39_000 + b"</author>", b"<author>" + b"a" * 5000 + b"</author>"),
        (b"<?xml version='1.0'?>" + b"\n" * 30_000 + b"<rss> \n </rss>", b"<?xml\nversion='1.0'?>\n<rss> \n </rss>"),
        (b"<img src='data:" + b"A" * 60_000 + b"'/>", b"<img src='data:" + b"A" * 5000 + b"'/>"),
        (b"<!DOCTYPE rss [<!ENTITY a \"ha\"><!ENTITY b '&a;&a;'>]><rss>&b;</rss>", b'<!DOCTYPE rss [<!ENTITY a "ha">]><rss>&b;</rss>'),
        (b"<!DOCTYPE rss [<!ENTITY nbsp '&#160;'>\n<!ENTITY x SYSTEM 'a'>]><rss/>", b"<!DOCTYPE rss [<!ENTITY nbsp '&#160;'>\n]><rss/>"),
        (b"<!DOCTYPE rss [" + b"<!ENTITY a 'b'>" * 1000, b""),
    ],
    ids=["attributes", "word", "prologue", "picture", "growing entity", "leading entity", "no root"],
)
def test_what_is_endless_is_shortened(body: bytes, kept: bytes) -> None:
    assert pruned(body, 10) == (kept, False)
