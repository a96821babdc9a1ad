"""Addresses: what is refused, what stays, and what is the same article."""

from datetime import date

import pytest

from shared import urls
from shared.stage import Reject

SAME = [
    ("http://example.com", "http://example.com/"),
    ("HTTP://EXAMPLE.com/a", "http://example.com/a"),
    ("http://example.com:80/a", "http://example.com/a"),
    ("https://example.com:443/a", "https://example.com/a"),
    ("http://example.com:/a", "http://example.com/a"),
    ("http://example.com./a", "http://example.com/a"),
    ("http://example.com/a", "https://example.com/a"),
    ("http://www.example.com/a", "http://example.com/a"),
    ("http://m.example.com/a", "http://www.example.com/a"),
    ("https://amp.example.co.uk/a", "https://www.example.co.uk/a"),
    ("https://en.m.wikipedia.org/wiki/Aleppo", "https://en.wikipedia.org/wiki/Aleppo"),
    ("http://example.com/a/./b/../c", "http://example.com/a/c"),
    ("http://example.com/../a", "http://example.com/a"),
    ("http://example.com/a/%2E%2e/b", "http://example.com/b"),
    ("http://example.com/%7Euser/%c3%a9", "http://example.com/~user/é"),
    ("http://example.com/a%2Cb", "http://example.com/a,b"),
    ("http://example.com/a b", "http://example.com/a%20b"),
    ("http://example.com/?q=a b", "http://example.com/?q=a+b"),
    ("http://example.com/?q=a%20b", "http://example.com/?q=a+b"),
    ("http://example.com/?b=2&a=1", "http://example.com/?a=1&b=2"),
    ("http://example.com/?a=1&&b=2&", "http://example.com/?a=1&b=2"),
    ("http://example.com/?a=1&amp;b=2", "http://example.com/?a=1&b=2"),
    ("http://example.com/a?", "http://example.com/a"),
    ("http://example.com/?a", "http://example.com/?a="),
    ("http://example.com/a#part", "http://example.com/a"),
    ("http://example.com/a#xtor=RSS-1", "http://example.com/a"),
    ("http://bücher.example/a", "http://xn--bcher-kva.example/a"),
    ("http://BÜCHER.example/a", "http://bücher.example/a"),
    ("http://[2001:DB8:0:0::1]/a", "http://[2001:db8::1]/a"),
    ("http://example.com/a;jsessionid=AB12?x=1", "http://example.com/a?x=1"),
    ("http://example.com/a?PHPSESSID=ab12", "http://example.com/a"),
    ("  http://example.com/a\n", "http://example.com/a"),
    ("http://exa\tmple.com/a\r\nb", "http://example.com/ab"),
    ("http://example.com/e%CC%81t%C3%A9", "http://example.com/été"),
    ("http://example.com/?q=e%CC%81t%C3%A9", "http://example.com/?q=été"),
    ("http://example.com/?a=1&#038;b=2", "http://example.com/?a=1&b=2"),
    ("http://example.com/?a=2&a=1", "http://example.com/?a=1&a=2"),
    ("http://example.com:0080/a", "http://example.com/a"),
    ("http://example.com/a?session=0a1b2c3d4e5f6a7b8c9d", "http://example.com/a"),
    ("http://example.com/a?ref=", "http://example.com/a"),
    ("http://example.com/a?sc_campaign=x&seller_affiliate=y&from=rss_world", "http://example.com/a"),
    ("https://example.com/2024/story/amp/", "https://example.com/2024/story/"),
    ("https://example.com/2024/story/amp", "https://example.com/2024/story"),
    ("https://example.com/story.amp", "https://example.com/story"),
    ("https://example.com/story.amp.html", "https://example.com/story.html"),
    ("https://example.com/amp/2026/story-of-a-day", "https://example.com/2026/story-of-a-day"),
    ("https://example.com/news/amp/world-123", "https://example.com/news/world-123"),
    ("https://example.com/story?amp=1", "https://example.com/story"),
    ("https://example.com/story?amp", "https://example.com/story"),
    ("https://example.com/story?outputType=amp", "https://example.com/story"),
    ("https://www.google.com/amp/s/www.example.com/story/amp", "https://example.com/story"),
    ("https://www-example-com.cdn.ampproject.org/c/s/www.example.com/story.amp?id=3", "https://example.com/story?id=3"),
]
TRACKERS = [
    "utm_source=x",
    "UTM_Medium=x",
    "utm_campaign=x",
    "fbclid=x",
    "gclid=x",
    "dclid=x",
    "msclkid=x",
    "yclid=x",
    "igshid=x",
    "at_medium=x",
    "at_campaign=x",
    "cmpid=x",
    "CMP=x",
    "ns_mchannel=x",
    "mc_cid=1",
    "mc_eid=1",
    "_ga=1.2",
    "wt_mc=x",
    "xtor=RSS-1",
    "ref=rss",
    "source=feed",
    "smid=tw",
    "ocid=x",
    "cid=social_twitter",
    "pk_campaign=x",
    "guccounter=1",
    "__twitter_impression=true",
    "partner=rss",
    "INTCMP=x",
    "spm=a.b.c",
    "via=newsletter",
]
DIFFERENT = [
    ("http://example.com/a", "http://example.com/b"),
    ("http://example.com/A", "http://example.com/a"),
    ("http://example.com/a?id=1", "http://example.com/a?id=2"),
    ("http://example.com/a?id=1", "http://example.com/a"),
    ("http://example.com/a?cid=1", "http://example.com/a?cid=2"),
    ("http://example.com/a?p=1&q=2", "http://example.com/a?p=2&q=1"),
    ("http://example.com/a?page=2", "http://example.com/a?page=3"),
    ("http://example.com:8080/a", "http://example.com/a"),
    ("http://news.example.com/a", "http://example.com/a"),
    ("http://example.com/a%2Fb", "http://example.com/a/b"),
    ("http://example.com/a%2541", "http://example.com/a%41"),
    ("http://example.com/a%3Fb", "http://example.com/a?b"),
    ("http://example.com/?q=a%26b=1", "http://example.com/?q=a&b=1"),
    ("http://example.com/?q=a%2Bb", "http://example.com/?q=a+b"),
    ("http://example.com/#!/a", "http://example.com/#!/b"),
    ("http://example.com/amp", "http://example.com/"),
    ("http://example.com/amp/reviews", "http://example.com/reviews"),
    ("http://example.com/guitar/amp", "http://example.com/guitar"),
    ("http://example.com/stamp/a-1", "http://example.com/st/a-1"),
    ("http://example.com/camp", "http://example.com/c"),
    ("http://amp.dev/a", "http://dev/a"),
    ("http://m.co/a", "http://co/a"),
    ("http://example.com/news.php?ref=kiel", "http://example.com/news.php?ref=bonn"),
    ("http://example.com/news?ref=10423", "http://example.com/news?ref=10424"),
    ("http://example.com/news.asp?cid=a-storm", "http://example.com/news.asp?cid=a-flood"),
    ("http://example.com/votes?session=113", "http://example.com/votes?session=114"),
    ("http://example.com/a?uid=1", "http://example.com/a?uid=2"),
    ("http://example.com/a?sid=1", "http://example.com/a?sid=2"),
    ("http://example.com/a?keyword=b", "http://example.com/a?keyword=c"),
    ("http://example.com/a?from=2025", "http://example.com/a?from=2026"),
    ("http://example.com/?id=5&#038;p=2", "http://example.com/?id=5&#038;p=3"),
    ("http://example.com/a?ID=1", "http://example.com/a?id=1"),
    ("http://example.com/a//b", "http://example.com/a/b"),
    ("http://example.com/a/", "http://example.com/a"),
    ("http://example.com/a/index.html", "http://example.com/a/"),
    ("http://example.com/a+b", "http://example.com/a%20b"),
    ("http://example.com:443/a", "https://example.com/a"),
    ("http://example.com/a?x=1;y=2", "http://example.com/a?x=1&y=2"),
    ("http://example.com/story?amp=50w", "http://example.com/story?amp=100w"),
    ("http://www.co.uk/a", "http://m.co.uk/a"),
    ("http://example.com/n.asp?78132,199", "http://example.com/n.asp?78160,199"),
    ("http://example.com/a;2", "http://example.com/a;3"),
    ("http://example.com/a%E9", "http://example.com/a%C3%A9"),
]
REFUSED = [
    "",
    "example.com/a",
    "//example.com/a",
    "ftp://example.com/a",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "http:/example.com/",
    "http:///a",
    "http://",
    "http://user:pw@example.com/",
    "http://example.com@evil.example/",
    "http://example.com\\@evil.example/",
    "http://example.com/a\\b",
    "http://exa mple.com/",
    "http://exa\nmple.com\\a",
    "http://example.com/\x00",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://127.0.0.1.2/",
    "http://0x7f.0.0.1/",
    "http://１２７.1/",
    "http://example.com:0/",
    "http://example.com:99999/",
    "http://example.com:8a/",
    "http://[::1/",
    "http://[fe80::1%25eth0]/",
    "http://a..b/",
    "http://-a.example/",
    "http://" + "a" * 64 + ".example/",
    "http://example.com/" + "a" * 5000,
    "http://example.com/\ud800",
    "http://ex%40mple.com/",
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_article_has_one_key(one: str, other: str) -> None:
    assert urls.key(one) == urls.key(other)


@pytest.mark.parametrize("tracker", TRACKERS)
def test_a_tracking_argument_changes_neither_key_nor_canonical_address(tracker: str) -> None:
    assert urls.canonical(f"https://example.com/a?id=7&{tracker}") == "https://example.com/a?id=7"
    assert urls.key(f"https://example.com/a?{tracker}&id=7") == urls.key("https://example.com/a?id=7")


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_articles_never_share_a_key(one: str, other: str) -> None:
    assert urls.key(one) != urls.key(other)


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_no_address_is_refused_by_its_class(url: str) -> None:
    with pytest.raises(Reject) as refusal:
        urls.canonical(url)
    assert refusal.value.error_class == "url_malformed"


@pytest.mark.parametrize(("one", "other"), SAME + DIFFERENT)
def test_the_canonical_address_of_a_canonical_address_is_itself(one: str, other: str) -> None:
    for url in (one, other):
        assert urls.canonical(urls.canonical(url)) == urls.canonical(url)
        assert urls.key(urls.canonical(url)) == urls.key(url)


def test_the_order_of_arguments_stays_for_the_server() -> None:
    assert urls.canonical("http://Example.com/n.asp?78132,199#x") == "http://example.com/n.asp?78132,199"
    assert urls.canonical("http://example.com/?b=1&a=2") == "http://example.com/?b=1&a=2"


def test_hosts_and_ports_are_told() -> None:
    assert urls.host_port("https://Example.com/a") == ("https", "example.com", 443)
    assert urls.host_port("http://[::1]:8080/a") == ("http", "::1", 8080)
    assert urls.host_port("http://10.0.0.8/") == ("http", "10.0.0.8", 80)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://example.com/2016/07/28/story", date(2016, 7, 28)),
        ("https://example.com/world/2016/jul/28/story", date(2016, 7, 28)),
        ("https://example.com/2016/8/1/", date(2016, 8, 1)),
        ("https://example.com/2016/13/28/story", None),
        ("https://example.com/2016/02/30/story", None),
        ("https://example.com/a?d=/2016/07/28/", None),
        ("https://example.com/story", None),
    ],
)
def test_a_day_in_the_path_is_found(url: str, day: date | None) -> None:
    assert urls.slug_date(url) == day
