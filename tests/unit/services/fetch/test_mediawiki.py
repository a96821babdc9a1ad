"""MediaWiki's API: what is asked for, and what its answers say."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from services.fetch.core.mediawiki import MAX_TITLES, Page, Site, read_answer, request, site_of
from shared.stage import Reject, Retry

SITE = site_of("https://en.wikipedia.org/wiki/Portal:Current_events")
FIRST, SECOND, THIRD = date(2021, 9, 4), date(2021, 9, 5), date(2021, 9, 16)
DAYS = [FIRST, SECOND, THIRD]


def page(title: str, revid: int, content: str | None = None) -> dict[str, Any]:
    slots = {"main": {"contentmodel": "wikitext", "contentformat": "text/x-wiki", **({} if content is None else {"content": content})}}
    return {"pageid": revid, "ns": 100, "title": title, "revisions": [{"revid": revid, "parentid": 1, "slots": slots}]}


def missing(title: str) -> dict[str, Any]:
    return {"ns": 100, "title": title, "missing": True}


def answer(pages: list[dict[str, Any]], **more: Any) -> bytes:
    query = {"pages": pages, **{name: more.pop(name) for name in ("normalized", "redirects") if name in more}}
    return json.dumps({"batchcomplete": True, "query": query, **more}).encode()


def test_a_title_has_an_english_month_and_no_leading_zero() -> None:
    assert SITE.title(FIRST) == "Portal:Current events/2021 September 4"
    assert SITE.title(date(2026, 12, 31)) == "Portal:Current events/2026 December 31"


@pytest.mark.parametrize(
    ("url", "site"),
    [
        (
            "https://en.wikipedia.org/wiki/Portal:Current_events",
            Site("https://en.wikipedia.org/w/api.php", "Portal:Current events", "https://en.wikipedia.org/wiki/"),
        ),
        (
            "https://en.wikipedia.org/wiki/Portal:Current_events/2016_July_28",
            Site("https://en.wikipedia.org/w/api.php", "Portal:Current events", "https://en.wikipedia.org/wiki/"),
        ),
        ("http://w.test:8080/x/wiki/Portal%3ANews/", Site("http://w.test:8080/x/w/api.php", "Portal:News", "http://w.test:8080/x/wiki/")),
        ("http://w.test/mw/api.php", Site("http://w.test/mw/api.php", "Portal:Current events", "http://w.test/mw/index.php?title=")),
        ("http://w.test/index.php?title=P:N&uselang=en", Site("http://w.test/api.php", "P:N", "http://w.test/index.php?title=")),
    ],
)
def test_the_api_is_found_from_the_portal_s_address(url: str, site: Site) -> None:
    assert site_of(url) == site


def test_an_address_of_no_wiki_is_refused() -> None:
    with pytest.raises(Reject, match="url_malformed"):
        site_of("https://news.test/portal")


def test_a_page_s_address_is_one_that_a_browser_opens() -> None:
    assert SITE.address(SITE.title(FIRST)) == "https://en.wikipedia.org/wiki/Portal:Current_events/2021_September_4"
    assert SITE.address('What? "Zürich" (C#)') == "https://en.wikipedia.org/wiki/What%3F_%22Z%C3%BCrich%22_%28C%23%29"


def test_a_request_asks_for_days_with_or_without_their_text() -> None:
    asked = request(SITE, DAYS, content=True)
    assert asked["titles"].split("|") == [SITE.title(day) for day in DAYS]
    assert asked["rvprop"].split("|") == ["ids", "timestamp", "sha1", "content"]
    assert (asked["formatversion"], asked["redirects"], asked["rvslots"], asked["maxlag"]) == ("2", "1", "main", "5")
    assert "rvlimit" not in asked
    assert "content" not in request(SITE, DAYS, content=False)["rvprop"]
    assert request(SITE, DAYS, content=True, more={"rvcontinue": "7|8", "continue": "||"})["rvcontinue"] == "7|8"


@pytest.mark.parametrize("count", [0, MAX_TITLES + 1])
def test_more_titles_than_the_api_takes_are_not_asked_for(count: int) -> None:
    with pytest.raises(ValueError, match="at once"):
        request(SITE, [FIRST] * count, content=False)


def test_pages_come_back_by_day_whatever_their_order() -> None:
    pages = [missing(SITE.title(THIRD)), page(SITE.title(SECOND), 12, "* b"), page(SITE.title(FIRST), 11, "")]
    read = read_answer(SITE, answer(pages), DAYS)
    assert read.pages == {FIRST: Page(11, ""), SECOND: Page(12, "* b"), THIRD: None}
    assert read.more is None


def test_normalized_and_redirected_titles_lead_back_to_the_day() -> None:
    moved = [{"from": SITE.title(FIRST), "to": "Portal:Current events/September 2021"}]
    named = [{"fromencoded": False, "from": SITE.title(SECOND), "to": "Portal:Current Events/5"}]
    moved.append({"from": "Portal:Current Events/5", "to": "Portal:Current events/September 2021"})
    read = read_answer(SITE, answer([page("Portal:Current events/September 2021", 9, "x")], normalized=named, redirects=moved), DAYS)
    assert read.pages == {FIRST: Page(9, "x"), SECOND: Page(9, "x")}
    circle = [{"from": SITE.title(FIRST), "to": SITE.title(SECOND)}, {"from": SITE.title(SECOND), "to": SITE.title(FIRST)}]
    assert read_answer(SITE, answer([], redirects=circle), DAYS).pages == {}


def test_a_poll_without_texts_has_the_revisions_alone() -> None:
    assert read_answer(SITE, answer([page(SITE.title(FIRST), 11)]), [FIRST]).pages == {FIRST: Page(11, None)}


def test_a_hidden_text_is_none_and_a_later_part_is_asked_for() -> None:
    hidden = page(SITE.title(FIRST), 11)
    hidden["revisions"][0]["slots"]["main"] = {"texthidden": True}
    waiting = {"pageid": 2, "ns": 100, "title": SITE.title(SECOND)}
    read = read_answer(SITE, answer([hidden, waiting], **{"continue": {"rvcontinue": "2|3", "continue": "||"}}), [FIRST, SECOND])
    assert read.pages == {FIRST: Page(11, None)}
    assert read.more == {"rvcontinue": "2|3", "continue": "||"}


@pytest.mark.parametrize(
    ("code", "headers", "after"),
    [
        ("maxlag", {"retry-after": "5"}, timedelta(seconds=5)),
        ("maxlag", {"retry-after": "999999"}, timedelta(hours=1)),
        ("maxlag", {"retry-after": "soon"}, timedelta(seconds=30)),
        ("ratelimited", {}, timedelta(seconds=30)),
        ("readonly", {}, timedelta(seconds=30)),
    ],
)
def test_a_wiki_that_asks_for_patience_gets_it_though_its_status_is_200(code: str, headers: dict[str, str], after: timedelta) -> None:
    body = json.dumps({"error": {"code": code, "info": "Waiting for a database server: 6 seconds lagged."}, "servedby": "w1"}).encode()
    with pytest.raises(Retry, match="http_busy") as busy:
        read_answer(SITE, body, DAYS, headers)
    assert (busy.value.after, busy.value.counted) == (after, False)


def test_a_failure_of_the_wiki_is_tried_again() -> None:
    with pytest.raises(Retry, match="http_failed"):
        read_answer(SITE, b'{"error": {"code": "internal_api_error_DBQueryError", "info": "caught"}}', DAYS)
    with pytest.raises(Retry, match="http_busy"):
        read_answer(SITE, b'{"errors": [{"code": "ratelimited", "text": "too many"}]}', DAYS)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b"[" * 100_000, b'{"error": {"code": "badvalue"}}', b'{"error": 3}', b'{"query": []}', b"\xff"]
)
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(Reject, match="feed_malformed"):
        read_answer(SITE, body, DAYS)


@pytest.mark.parametrize(
    "odd",
    [[3], [{"title": 4}], *([{"title": SITE.title(FIRST), "revisions": odd}] for odd in (3, [{"revid": "x"}])), "x"],
)
def test_odd_pages_are_passed_over(odd: Any) -> None:
    assert read_answer(SITE, answer(odd), DAYS).pages == {}


def test_a_page_under_a_title_that_cannot_be_is_missing() -> None:
    assert read_answer(SITE, answer([{"title": SITE.title(FIRST), "invalid": True, "invalidreason": "no"}]), DAYS).pages == {FIRST: None}
