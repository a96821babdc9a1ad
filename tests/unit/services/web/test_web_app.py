"""The live site as its readers' programs see it: addresses, redirects, headers, formats, errors."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from web_client import Client
from web_samples import DAY, EVENT, FRONT, GONE, ISSUED, MERGED, SPLIT, MemoryStore

from services.web.app import make_app
from services.web.core.rendering import render
from services.web.core.requests import preferred, wanted
from services.web.core.site import MEDIA_TYPES, Format, Site
from services.web.live import Figures
from services.web.store import Away, Stored
from shared.hosts import HostView

SITE = Site(name="Dateline")
STATUS: dict[str, Any] = {
    "at": ISSUED,
    "stages": [{"stage": "fetch", "ready": 3, "dead": 1}],
    "sources": [{"id": 1, "outlet": "Northwire", "kind": "feed", "url": "https://northwire.test/f", "sample": True, "paused": False}],
    "articles": 7,
    "refused": {"http_gone": 1},
}


def figures(status: Callable[[], Mapping[str, Any]] = dict) -> Figures:
    return Figures(health=lambda: {"ok": True}, status=status)


def client(*pages: Any, store: Any = None, health: Mapping[str, Any] | None = None, **more: Any) -> Client:
    app = make_app(
        store or MemoryStore(*(pages or (EVENT, DAY, FRONT, SPLIT, MERGED, GONE))),
        SITE,
        Figures(health=lambda: {"ok": True} if health is None else health, status=lambda: STATUS),
        **{"clock": lambda: ISSUED, **more},
    )
    return Client(app)


@pytest.fixture
def site() -> Client:
    return client()


@pytest.mark.parametrize(
    ("address", "page", "fmt"),
    [
        (EVENT.path, EVENT, "html"),
        (f"{EVENT.path}.html", EVENT, "html"),
        (f"{EVENT.path}.md", EVENT, "md"),
        (f"{EVENT.path}.json", EVENT, "json"),
        ("/news/2031/05/14/", DAY, "html"),
        ("/news/2031/05/14/index.html", DAY, "html"),
        ("/news/2031/05/14/index.md", DAY, "md"),
        ("/news/2031/05/14/index.json", DAY, "json"),
        ("/", FRONT, "html"),
        ("/index.html", FRONT, "html"),
        ("/index.md", FRONT, "md"),
        ("/index.json", FRONT, "json"),
    ],
)
def test_every_page_stands_at_its_addresses(site: Client, address: str, page: Any, fmt: Format) -> None:
    answer = site.get(address)
    assert answer.status_code == 200
    assert answer.text == render(page, fmt, SITE)
    assert answer.headers["content-type"] == MEDIA_TYPES[fmt]


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("/news/2031/05/14/an-old-slug-17", EVENT.path),
        ("/news/2030/01/01/an-old-date-17.md", f"{EVENT.path}.md"),
        ("/news/2031/05/14/17.json", f"{EVENT.path}.json"),
        ("/news/2031/05/14/sl%C3%BCg-17.html", f"{EVENT.path}.html"),
        (f"{EVENT.path}/", EVENT.path),
        ("/news/2031/05/14/bridge-closed-31", EVENT.path),  # merged
        ("/news/2031/05/14/bridge-closed-31.json", f"{EVENT.path}.json"),
        ("/news/2031/5/14/", "/news/2031/05/14/"),
        ("/news/2031/05/14", "/news/2031/05/14/"),
        ("/news/2031/05/14/index", "/news/2031/05/14/"),
        ("/news/2031/5/14/index.md", "/news/2031/05/14/index.md"),
        ("/index", "/"),
    ],
)
def test_an_address_that_is_nearly_right_leads_to_the_right_one(site: Client, asked: str, there: str) -> None:
    answer = site.get(asked)
    assert (answer.status_code, answer.headers["location"]) == (308, there)
    assert "max-age=0" in answer.headers["cache-control"]  # a slug may turn back
    assert site.get(there).status_code == 200


def test_an_event_that_was_split_tells_of_its_parts_and_one_taken_down_is_gone(site: Client) -> None:
    parts = site.get(SPLIT.path)
    assert parts.status_code == 300
    assert all(item.path in parts.text for item in SPLIT.to)
    assert site.get(f"{GONE.path}.json").status_code == 410


@pytest.mark.parametrize(
    "address",
    [
        "/nothing",
        "/news/2031/05/14/no-number",
        "/news/2031/05/14/unknown-999",
        "/news/2031/05/14/enormous-99999999999999999999999999",
        "/news/2031/13/45/",
        "/news/2031/05/15/",
        "/news/2031/05/14/x-17.xml",
        "/news/2031/05/14/a/b-17",
        "/static/other.css",
        "/news/" + "a" * 3000,
        "/index.xml",
        "//evil.test/x-17x",
        "/news/2031/05/14/x-\u0661\u0667",
    ],
)
def test_an_unknown_address_gets_help(site: Client, address: str) -> None:
    answer = site.get(address)
    assert answer.status_code == 404
    assert 'href="/"' in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_errors_come_in_the_format_that_was_asked_for(site: Client) -> None:
    assert site.get("/news/2031/05/14/x-999.json").json()["status"] == 404
    assert site.get("/news/2031/05/14/x-999.md").text.startswith("# There is no such page")
    assert site.get("/nothing", headers={"accept": "application/json"}).json()["status"] == 404


def test_a_reader_who_has_this_version_is_told_so_until_the_page_changes() -> None:
    store = MemoryStore(EVENT)
    site = client(store=store)
    first = site.get(EVENT.path)
    again = site.get(EVENT.path, headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert site.get(f"{EVENT.path}.md", headers={"if-none-match": first.headers["etag"]}).status_code == 200
    store.replace(EVENT.model_copy(update={"headline": "Reopened", "issued_at": ISSUED + timedelta(seconds=5)}))
    assert site.get(EVENT.path, headers={"if-none-match": first.headers["etag"]}).status_code == 200


def test_the_date_of_issue_counts_where_no_tag_was_sent(site: Client) -> None:
    stamp = site.get(EVENT.path).headers["last-modified"]
    assert stamp == "Wed, 14 May 2031 17:42:07 GMT"
    assert site.get(EVENT.path, headers={"if-modified-since": stamp}).status_code == 304
    assert site.get(EVENT.path, headers={"if-modified-since": "Wed, 14 May 2031 17:42:06 GMT"}).status_code == 200
    assert site.get(EVENT.path, headers={"if-modified-since": "yesterday"}).status_code == 200
    assert site.get(EVENT.path, headers={"if-modified-since": stamp, "if-none-match": '"x"'}).status_code == 200


def test_another_site_name_is_another_version() -> None:
    sites = [Client(make_app(MemoryStore(EVENT), Site(name=name), figures())) for name in ("Dateline", "Chronicle")]
    assert len({site.get(EVENT.path).headers["etag"] for site in sites}) == 2


@pytest.mark.parametrize("address", [EVENT.path, "/", "/status", "/nothing", "/healthz"])
def test_head_answers_as_get_does_without_a_body(site: Client, address: str) -> None:
    head, get = site.head(address), site.get(address)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize("address", ["/", EVENT.path, "/nothing", "/status", "/status.json", "/healthz", "/robots.txt", "/news/2031/5/14/"])
def test_every_answer_is_guarded(site: Client, address: str) -> None:
    headers = site.get(address).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_nothing_can_be_written(site: Client) -> None:
    answer = site.post("/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("accept", "fmt"),
    [
        (None, "html"),
        ("*/*", "html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("application/json", "json"),
        ("text/markdown, */*;q=0.1", "md"),
        ("application/json;q=0.5, text/markdown;q=0.9", "md"),
        ("text/html;q=0, application/json", "json"),
        ("image/png", "html"),
        (";;;,,,q=", "html"),
        ("application/json;q=nonsense", "json"),
    ],
)
def test_an_address_without_ending_answers_in_the_preferred_format(site: Client, accept: str | None, fmt: Format) -> None:
    assert preferred(accept) == fmt
    answer = site.get(EVENT.path, headers={"accept": accept} if accept else {})
    assert answer.text == render(EVENT, fmt, SITE)
    assert answer.headers["vary"] == "Accept"
    assert "vary" not in site.get(f"{EVENT.path}.md", headers={"accept": "text/html"}).headers


def test_an_address_is_read_by_its_number_alone() -> None:
    found = wanted("/news/2016/07/28/flight-447-lost-17.md")
    assert found is not None
    assert (found.key, found.ending) == (17, "md")
    day = wanted("/news/2016/7/3/")
    assert day is not None
    assert day.key == date(2016, 7, 3)
    assert wanted("/news/2016/07/28/no-number-") is None


def test_the_style_sheet_may_be_kept_for_ever_and_old_addresses_of_it_still_work(site: Client) -> None:
    address = site.get("/").text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    sheet = site.get(address)
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in sheet.headers["cache-control"]
    old = site.get("/static/style-000000000000.css")
    assert old.text == sheet.text
    assert "immutable" not in old.headers["cache-control"]


def test_before_anything_was_published_the_front_page_says_so() -> None:
    answer = client(store=MemoryStore()).get("/")
    assert answer.status_code == 200
    assert "No events yet" in answer.text


def test_status_for_people_and_for_machines(site: Client) -> None:
    page = site.get("/status")
    assert page.headers["cache-control"] == "no-store"
    machine = site.get("/status.json").json()
    assert machine["health"] == {"ok": True}
    assert machine["stages"][0]["ready"] == 3
    assert machine["refused"] == {"http_gone": 1}
    assert machine["at"] == ISSUED.isoformat()
    assert site.get("/status", headers={"accept": "application/json"}).json() == machine


def source(number: int, outlet: str, **given: Any) -> dict[str, Any]:
    """A source's figures, well unless said otherwise."""
    url = f"https://outlet{number}.test/feed"
    well = {"id": number, "outlet": outlet, "kind": "feed", "url": url, "sample": False, "paused": False, "last_ok_at": ISSUED}
    return well | given


TROUBLED = {
    "at": ISSUED,
    "stages": [],
    "articles": 3,
    "sources": [
        source(1, "The Well", ledger={"announced": 40, "new": 3, "dropped": {"url_malformed": 2}}),
        source(2, "The Silent", silent=True, silent_from=ISSUED - timedelta(days=2), last_new_at=ISSUED - timedelta(days=5)),
        source(3, "The Failing", error_class="http_gone", failures=4),
        source(4, "The Torn", ledger={"gaps": 1}),
    ],
}


def test_sources_say_how_they_fare_and_why_entries_were_dropped() -> None:
    site = Client(make_app(MemoryStore(), SITE, figures(lambda: TROUBLED)))
    page = site.get("/sources").text
    assert page.index("The Failing") < page.index("The Silent") < page.index("The Torn") < page.index("The Well")
    assert "2 dropped: <code>url_malformed</code>" in page
    told = {one["outlet"]: one["state"] for one in site.get("/sources.json").json()["sources"]}
    assert told == {"The Well": "well", "The Silent": "silent", "The Failing": "failing", "The Torn": "gap"}


def test_status_names_only_the_sources_that_are_not_well() -> None:
    page = Client(make_app(MemoryStore(), SITE, figures(lambda: TROUBLED))).get("/status").text
    assert "The Silent" in page
    assert "The Failing" in page
    assert "The Well" not in page
    assert "4, 3 not well" in page


def test_status_names_the_hosts_that_are_spared() -> None:
    view = {"failures": 5.0, "rests": 1, "in_flight": 0, "took_s": 0.1, "failing_since": ISSUED}
    resting = HostView(host="ill.test", state="open", resting_until=ISSUED + timedelta(minutes=5), held_until=None, **view)
    held = HostView(host="busy.test", state="closed", resting_until=None, held_until=ISSUED, **view)
    told = Figures(health=lambda: {"ok": True}, status=lambda: TROUBLED, hosts=lambda: [resting, held])
    site = Client(make_app(MemoryStore(), SITE, told))
    page = site.get("/status").text
    assert "ill.test" in page
    assert "asked for patience" in page
    assert [one["host"] for one in site.get("/status.json").json()["hosts"]] == ["ill.test", "busy.test"]


def test_metrics_count_silent_sources() -> None:
    told = Client(make_app(MemoryStore(), SITE, figures(lambda: TROUBLED))).get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'dateline_source_silent{outlet="The Silent",source="https://outlet2.test/feed"} 1.0' in told.text
    assert 'dateline_source_silent{outlet="The Well",source="https://outlet1.test/feed"} 0.0' in told.text
    assert 'dateline_sources{state="silent"} 1.0' in told.text
    assert 'dateline_source_recent_entries{outcome="url_malformed",outlet="The Well",source="https://outlet1.test/feed"} 2.0' in told.text


def test_status_is_counted_once_a_second_however_many_ask() -> None:
    calls: list[int] = []
    moment = [datetime(2031, 1, 1, tzinfo=UTC)]

    def status() -> Mapping[str, Any]:
        calls.append(1)
        return STATUS

    site = Client(make_app(MemoryStore(), SITE, figures(status), clock=lambda: moment[0]))
    for _ in range(3):
        site.get("/status.json")
    assert len(calls) == 1
    moment[0] += timedelta(seconds=1)
    site.get("/status.json")
    assert len(calls) == 2


def test_health_is_a_status_code() -> None:
    assert client(health={"ok": True, "database": "answers"}).get("/healthz").json() == {"ok": True, "database": "answers"}
    assert client(health={"ok": False}).get("/healthz").status_code == 503


class BrokenStore(MemoryStore):
    def event(self, id: int) -> Stored | None:
        raise Away("no connection")

    def front(self) -> Stored | None:
        raise ZeroDivisionError("secret detail")


def test_a_database_that_is_away_is_said_to_be_so() -> None:
    answer = client(store=BrokenStore()).get(EVENT.path)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"


def test_health_and_status_say_so_too() -> None:
    def away() -> Mapping[str, Any]:
        raise OperationalError("SELECT 1", {}, Exception("no connection"))

    site = Client(make_app(MemoryStore(), SITE, Figures(health=away, status=away), clock=lambda: ISSUED))
    health, status = site.get("/healthz"), site.get("/status.json")
    assert (health.status_code, health.json()) == (503, {"ok": False, "database": "away"})
    assert (status.status_code, status.json()["status"]) == (503, 503)


def test_a_bug_shows_a_page_without_its_reason() -> None:
    answer = client(store=BrokenStore()).get("/")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert json.loads(client(store=BrokenStore()).get("/index.json").text)["status"] == 500
