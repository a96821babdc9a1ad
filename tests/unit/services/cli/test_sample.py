"""The sample outlets keep what their README promises."""

import gzip
import http.client
import re
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import feedparser
import pytest
from lxml import etree, html

from services.cli.sample import Outlet, Response, Sample, load_sample, respond
from services.cli.sample.moments import fill_dates, long_date, parse_offset
from services.cli.sample.server import SampleServer
from services.cli.sample.wiki import load_days
from services.fetch.core.mediawiki import read_answer, request, site_of
from services.fetch.core.portal import read_day

FOLDER = Path(__file__).parents[4] / "deploy" / "sample"
EPOCH = datetime(2025, 11, 9, 3, 30, tzinfo=UTC)


@cache
def the_sample() -> Sample:
    return load_sample(FOLDER)


def last_moment() -> datetime:
    return EPOCH + the_sample().last_moment()


def get(host: str, path: str, at: datetime | None = None, **headers: str) -> Response:
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    return respond(the_sample(), host, path, asked, at or last_moment(), EPOCH)


def alive() -> list[Outlet]:
    return [outlet for outlet in the_sample().outlets if outlet.feed.kind not in ("dead", "portal")]


def the_wiki() -> Outlet:
    (outlet,) = (outlet for outlet in the_sample().outlets if outlet.feed.kind == "portal")
    return outlet


def portal(at: datetime | None = None) -> dict[str, tuple[int, str]]:
    """The wiki's days of the last week: title to (revision, wikitext)."""
    site = site_of(f"http://{the_wiki().host}{the_wiki().feed.path}")
    days = [EPOCH.date() - timedelta(days=back) for back in range(7)]
    body = get(the_wiki().host, f"{site.api.partition('.test')[2]}?{urlencode(request(site, days, content=True))}", at).body
    pages = read_answer(site, body, days).pages
    return {site.title(day): (page.revid, page.wikitext or "") for day, page in pages.items() if page is not None}


def decoded(outlet: Outlet, body: bytes) -> str:
    return body.decode("windows-1252" if outlet.charset == "iso-8859-1" else outlet.charset)


def test_is_as_large_as_promised() -> None:
    articles = [article for outlet in the_sample().outlets for article in outlet.articles]
    assert len(alive()) >= 12
    assert len({outlet.language for outlet in alive()}) >= 6
    assert len(articles) >= 72
    assert len({article.event for article in articles}) >= 18
    told = {event for day in the_wiki().days for event in day.events}
    assert {event.key for event in the_sample().events} == {article.event for article in articles} | told
    assert sum(article.copy_of is not None for article in articles) >= 8
    assert 0.15 < sum(article.appears > timedelta(0) for article in articles) / len(articles) < 0.3
    assert the_sample().last_moment() <= timedelta(minutes=15)
    assert {outlet.feed.kind for outlet in alive()} == {"rss", "atom", "sitemap"}


def test_articles_are_long_enough_to_be_news() -> None:
    for outlet in alive():
        for article in outlet.articles:
            size = len(article.body) / 2 if outlet.language == "zh" else len(article.body.split())
            least = 45 if outlet.host == "www.kestrelvalley.test" else 100  # notices of a small place
            assert least <= size <= 450, f"{outlet.host}/{article.slug}: {size} words"


def test_copies_are_nearly_verbatim_under_another_headline() -> None:
    named = {f"{outlet.host}/{article.slug}": article for outlet in alive() for article in outlet.articles}
    for article in named.values():
        if article.copy_of is None:
            continue
        original = named[article.copy_of]
        words, source = set(article.body.split()), set(original.body.split())
        assert len(words & source) / len(words) > 0.9, article.slug
        assert article.title != original.title
        assert article.body != original.body


def test_look_alikes_are_told_apart_and_have_articles() -> None:
    events = {event.key: event for event in the_sample().events}
    used = Counter(article.event for outlet in alive() for article in outlet.articles)
    pairs = {frozenset((event.key, other)) for event in events.values() for other in event.look_alike}
    assert len(pairs) >= 6
    assert all(used[key] >= 2 for pair in pairs for key in pair)
    assert all(event.key in events[other].look_alike for event in events.values() for other in event.look_alike)


def test_events_are_told_in_several_languages() -> None:
    languages: dict[str, set[str]] = {}
    for intended in the_sample().truth(EPOCH).values():
        languages.setdefault(intended.event, set()).add(intended.language)
    assert sum(len(found) >= 3 for found in languages.values()) >= 8


@pytest.mark.parametrize("outlet", alive(), ids=lambda outlet: outlet.host)
def test_every_article_is_announced_and_has_a_page(outlet: Outlet) -> None:
    feed = get(outlet.host, outlet.feed.path)
    assert feed.status == 200
    if outlet.feed.kind == "sitemap":
        root = etree.fromstring(feed.body)
        links = [loc.text for loc in root.iterfind(".//{*}loc")]
        dates = [one.text for one in root.iterfind(".//{*}publication_date")]
        assert len(dates) == len(links)
    else:
        headers = {"content-location": f"http://{outlet.host}{outlet.feed.path}", "content-type": "application/xml"}
        parsed = feedparser.parse(feed.body, response_headers=headers)
        assert not parsed.bozo, parsed.get("bozo_exception")
        links = [entry.link for entry in parsed.entries]
        # feedparser calls a dc:date the date of an update
        assert all(entry.title and (entry.get("published_parsed") or entry.get("updated_parsed")) for entry in parsed.entries)
        assert {entry.title for entry in parsed.entries} >= {a.title for a in outlet.articles if not a.correction}
    assert len(links) == len(outlet.articles) + len(outlet.stray)
    for link in links:
        if link.startswith("http://10."):
            continue
        assert link.startswith(f"http://{outlet.host}/")
        answer = get(outlet.host, link.removeprefix(f"http://{outlet.host}"))
        if answer.status == 301:
            answer = get(outlet.host, answer.headers["Location"])
        assert answer.status == 200, link
    for article in outlet.articles:
        text = html.fromstring(decoded(outlet, get(outlet.host, outlet.path(article, EPOCH)).body)).text_content()
        assert (article.correction.title if article.correction else article.title) in text
        assert "{{" not in text


def test_no_url_has_a_port() -> None:
    for outlet in the_sample().outlets:
        documents = [get(outlet.host, outlet.feed.path), get(outlet.host, "/")]
        documents += [get(outlet.host, outlet.path(article, EPOCH)) for article in outlet.articles]
        for document in documents:
            assert not re.search(rb"https?://[^/\s\"'<]*:\d", document.body), outlet.host
    assert not any(":" in url.removeprefix("http://") for url in the_sample().truth(EPOCH))


def test_a_known_document_is_answered_with_304() -> None:
    for outlet in alive():
        first = get(outlet.host, outlet.feed.path)
        if "ETag" in first.headers:
            assert get(outlet.host, outlet.feed.path, if_none_match=f'"other", W/{first.headers["ETag"]}').status == 304
            # Where both are sent, the tag alone decides.
            later = "Fri, 01 Jan 2100 00:00:00 GMT"
            assert get(outlet.host, outlet.feed.path, if_none_match='"other"', if_modified_since=later).status == 200
        if "Last-Modified" in first.headers:
            assert get(outlet.host, outlet.feed.path, if_modified_since=first.headers["Last-Modified"]).status == 304
            assert get(outlet.host, outlet.feed.path, if_modified_since="Fri, 01 Jan 2010 00:00:00 GMT").status == 200
            assert get(outlet.host, outlet.feed.path, if_modified_since="long ago").status == 200
    assert {outlet.validators for outlet in alive()} == {"both", "etag", "last-modified", "none"}


def test_a_feed_that_grew_is_not_answered_with_304() -> None:
    for outlet in alive():
        early = get(outlet.host, outlet.feed.path, EPOCH)
        asks = {"if_none_match": "ETag", "if_modified_since": "Last-Modified"}
        known = {name: early.headers[header] for name, header in asks.items() if header in early.headers}
        if any(article.appears or article.correction for article in outlet.articles):
            assert get(outlet.host, outlet.feed.path, **known).status == 200
        elif known:
            assert get(outlet.host, outlet.feed.path, **known).status == 304


def test_articles_appear_as_time_goes_on() -> None:
    outlet = the_sample().by_host["www.norwire.test"]
    late = next(article for article in outlet.articles if article.slug == "iceland-pm-resigns")
    before, after = EPOCH + late.appears - timedelta(seconds=1), EPOCH + late.appears
    assert get(outlet.host, outlet.path(late, EPOCH), before).status == 404
    assert get(outlet.host, outlet.path(late, EPOCH), after).status == 200
    assert late.slug.encode() not in get(outlet.host, outlet.feed.path, before).body
    assert late.slug.encode() in get(outlet.host, outlet.feed.path, after).body


def test_a_correction_changes_the_page_and_the_entry_under_the_same_address() -> None:
    host, path = "www.northernledger.test", "/business/rotterdam-terminals-hacked"
    before, after = get(host, path, EPOCH), get(host, path)
    assert b"Eleven container terminals" in before.body
    assert b"Four container terminals" in after.body
    assert b"This article was corrected" in after.body
    old, new = (feedparser.parse(get(host, "/feeds/news.xml", at).body) for at in (EPOCH, None))
    entries = [next(e for e in feed.entries if "rotterdam" in e.link) for feed in (old, new)]
    assert entries[0].id == entries[1].id
    assert entries[0].title != entries[1].title
    assert "updated" not in entries[0]
    assert entries[1].updated > "2025-11-09"


def test_the_wiki_s_days_are_read_as_their_author_meant() -> None:
    days = portal()
    assert len(days) == 3
    shapes = ["Current events header", "content=", "top=yes"]
    assert all(sum(shape in text for _, text in days.values()) == 1 for shape in shapes)
    newest = {day.number: day for day in the_wiki().days}
    for number, text in days.values():
        events = read_day(None, text)
        assert len(events) == len(newest[number].events)
        assert all(event["topic"] and event["tags"] for event in events)
        assert "@{" not in text
        assert "event:" not in text
        addresses = {source["url"] for event in events for source in event["sources"]}
        assert addresses == {the_sample().url(name, EPOCH) for name in newest[number].cited}
        for address in addresses:
            host, path = address.removeprefix("http://").split("/", 1)
            assert get(host, f"/{path}").status == 200


def test_the_wiki_cites_articles_of_the_event_that_its_item_tells() -> None:
    intended = the_sample().truth(EPOCH)
    for day in the_wiki().days:
        for bullet in day.wikitext.split("\n"):
            for event in re.findall("<!-- event: ([a-z-]+) -->", bullet):
                names = re.findall(r"@\{url ([^}]+)\}", bullet)
                assert {intended[the_sample().url(name, EPOCH)].event for name in names} <= {event}


def test_an_edit_of_a_day_is_another_revision_of_one_page() -> None:
    before, after = portal(EPOCH), portal()
    changed = [title for title in after if before[title] != after[title]]
    assert len(changed) == 1
    assert before[changed[0]][0] < after[changed[0]][0]
    assert "eleven container terminals" in before[changed[0]][1]
    assert "four container terminals" in after[changed[0]][1]


def test_people_can_open_the_wiki_s_pages() -> None:
    host, path = the_wiki().host, the_wiki().feed.path
    front = get(host, path)
    links = [str(link) for link in html.fromstring(front.body).xpath("//a/@href")]
    assert len(links) == 3
    assert all(b"<pre>" in get(host, link).body for link in links)
    assert get(host, "/wiki/Nowhere").status == 404


@pytest.mark.parametrize("head", ['day = "yesterday"', 'appears = "+1m"', 'day = "-1d"\nmood = "good"', 'day = "-1d"\n+++\n@{weather}'])
def test_a_wrong_day_is_refused_with_its_file(head: str, tmp_path: Path) -> None:
    (tmp_path / "day.txt").write_text(f"+++\n{head}\n+++\ntext")
    with pytest.raises(ValueError, match=r"day\.txt"):
        load_days(tmp_path)


def test_no_date_lies_in_the_future() -> None:
    for outlet in alive():
        for article in outlet.articles:
            assert article.published.at(EPOCH) <= EPOCH
            if article.correction:
                assert article.published.at(EPOCH) < article.correction.modified.at(EPOCH) <= EPOCH
        assert all(link.published.at(EPOCH) <= EPOCH for link in outlet.stray)
    midnight = EPOCH.replace(hour=0, minute=0)
    assert all(article.published.at(midnight) <= midnight for outlet in alive() for article in outlet.articles)


def test_old_charsets_are_stated_in_one_place_only() -> None:
    german, russian = the_sample().by_host["www.abendkurier.test"], the_sample().by_host["nevskylistok.test"]
    page = get(german.host, german.path(german.articles[0], EPOCH))
    assert page.headers["Content-Type"] == "text/html; charset=iso-8859-1"
    assert b"charset" not in page.body
    assert "ü".encode("iso-8859-1") in page.body
    page = get(russian.host, russian.path(russian.articles[0], EPOCH))
    assert page.headers["Content-Type"] == "text/html"
    assert b"charset=windows-1251" in page.body
    assert russian.articles[0].title in page.body.decode("windows-1251")
    with pytest.raises(UnicodeDecodeError):
        page.body.decode("utf-8")


def test_difficult_hosts_are_difficult() -> None:
    sample = the_sample()
    assert get("www.thecompass.test", "/feed.xml").status == 500
    assert get("oldmillgazette.test", "/rss.php").status == 404
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(get("tagblatt-seeland.test", "/feed").body)
    assert get("www.capitalcourier.test", "/rss").delay == timedelta(seconds=2)
    assert get("elmirador.test", "/robots.txt").status == 200
    assert get("nevskylistok.test", "/robots.txt").status == 404
    assert b"Disallow: /members/" in get("islandmonitor.test", "/robots.txt").body
    assert b"http://10.0.0.8/" in get("islandmonitor.test", "/feed/").body
    closed = [url for url, intended in sample.truth(EPOCH).items() if intended.refused]
    assert closed == ["http://islandmonitor.test/members/members-delmar-flags-analysis"]
    assert len(sample.sources()) == len(sample.hosts) == 17
    assert get("nowhere.test", "/").status == 404
    assert get("www.norwire.test", "/no/such/page").status == 404


def test_one_outlet_has_no_date_on_its_pages() -> None:
    outlet = the_sample().by_host["elmirador.test"]
    for article in outlet.articles:
        page = get(outlet.host, outlet.path(article, EPOCH)).body.decode()
        day = outlet.local(article.published.at(EPOCH))
        assert day.date().isoformat() not in page
        assert f"{day:%d/%m/%Y}" not in page
        assert long_date(day, "es") not in page


def test_gzip_is_sent_to_those_who_take_it() -> None:
    plain = get("www.meridiantimes.test", "/sitemaps/news.xml")
    packed = get("www.meridiantimes.test", "/sitemaps/news.xml", accept_encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body


def test_truth_names_groups_of_copies() -> None:
    groups = Counter(intended.copy_group for intended in the_sample().truth(EPOCH).values() if intended.copy_group)
    assert groups["www.norwire.test/ecuador-quake-manabi"] == 2
    assert all(size >= 2 for size in groups.values())


def test_dates_are_written_as_each_language_writes_them() -> None:
    text = "{{weekday -2d}}, {{day -2d}}"
    assert fill_dates(text, EPOCH, "en") == "Friday, 7 November"
    assert fill_dates(text, EPOCH, "de") == "Freitag, 7. November"
    assert fill_dates("{{Weekday -2d}}", EPOCH, "fr") == "Vendredi"
    assert fill_dates(text, EPOCH, "ru") == "в пятницу, 7 ноября"
    assert fill_dates("{{long -2d}}", EPOCH, "zh") == "2025年11月7日"
    assert fill_dates("{{long -2d}}", EPOCH, "es") == "7 de noviembre de 2025"
    assert fill_dates("{{path -5d 14:02}}", EPOCH, "en") == "2025/11/04"
    assert parse_offset("-5d 14:02").at(EPOCH) == datetime(2025, 11, 4, 14, 2, tzinfo=UTC)
    assert parse_offset("-90m").at(EPOCH) == EPOCH - timedelta(minutes=90)


@pytest.mark.parametrize("wrong", ["yesterday", "-5", "-5h 14:00", "+5w", "-5d 25:00"])
def test_a_wrong_relative_date_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a relative date"):
        parse_offset(wrong)


def test_an_empty_folder_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=re.escape(str(tmp_path))):
        load_sample(tmp_path)


def test_the_server_answers_by_host_name() -> None:
    server = SampleServer(the_sample(), 0, EPOCH, last_moment=True, clock=lambda: EPOCH)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
        connection.request("GET", "/rss/all.xml", headers={"Host": "www.norwire.test"})
        answer = connection.getresponse()
        assert answer.status == 200
        assert b"lofoten-helicopter-down" in answer.read()
        connection.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
