"""robots.txt through the real client: read once, kept, asked at every hop, and what its failures mean for the page."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hostile import Web, answer

from services.fetch.hosts import Hosts
from services.fetch.politeness import Robots
from shared.http import Fetcher
from shared.stage import Reject, Retry

FORBIDS = answer(b"User-agent: *\nDisallow: /private", Cache_Control="max-age=3600")


class Desk:
    """A fetcher with its turns, at a clock that a test moves."""

    def __init__(self, web: Web) -> None:
        self.web, self.at = web, datetime(2026, 1, 5, tzinfo=UTC)
        routes = {"*.test": f"127.0.0.1:{web.port}", "dead.test": "127.0.0.1:1"}
        self.fetcher = Fetcher(user_agent="Dateline/test", max_bytes=600_000, deadline=timedelta(seconds=5), routes=routes)
        self.hosts = Hosts(self.fetcher, Robots(self.fetcher, lambda: self.at))

    async def fetch(self, url: str) -> str:
        """The page, or the class of what came instead; `later` after the class where it is not counted."""
        try:
            async with self.hosts.turn(url) as turn:
                return (await self.fetcher.get(url, before=turn.follow)).body.decode()
        except Reject as no:
            return no.error_class
        except Retry as later:
            return later.error_class if later.counted else f"{later.error_class} later"

    def read(self, host: str) -> int:
        """How often the host's file was asked for."""
        return [address for address, _ in self.web.asked].count(f"{host}/robots.txt")


def with_desk(web: Web, work: Callable[[Desk], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        desk = Desk(web)
        try:
            return await work(desk)
        finally:
            await desk.fetcher.close()

    return asyncio.run(run())


def test_a_file_that_leads_to_an_inner_address_is_named_in_the_refusal() -> None:
    async def work(desk: Desk) -> list[str]:
        said = []
        for url in ("http://led.test/page", "http://10.0.0.9/page", "http://[::1]:8123/page"):
            with pytest.raises(Reject) as no:
                async with desk.hosts.turn(url):
                    pass
            said.append(str(no.value))
        return said

    with Web() as web:
        web.pages["led.test/robots.txt"] = answer(b"", "302 Found", Location="http://[fd00::8]:81/")
        assert with_desk(web, work) == [
            "address_forbidden: http://led.test/robots.txt leads to [fd00::8]:81 is fd00::8",
            "address_forbidden: 10.0.0.9:80 is 10.0.0.9",
            "address_forbidden: [::1]:8123 is ::1",
        ]


def test_it_is_read_once_until_it_is_old() -> None:
    async def work(desk: Desk) -> list[Any]:
        seen: list[Any] = [await desk.fetch("http://a.test/page"), await desk.fetch("http://a.test/private"), desk.read("a.test")]
        desk.at += timedelta(seconds=3599)
        seen += [await desk.fetch("http://a.test/page"), desk.read("a.test")]
        desk.at += timedelta(seconds=2)
        return [*seen, await desk.fetch("http://a.test/page"), desk.read("a.test")]

    with Web() as web:
        web.pages |= {"a.test/robots.txt": FORBIDS, "a.test/page": answer(b"page"), "a.test/private": answer(b"private")}
        assert with_desk(web, work) == ["page", "robots_forbidden", 1, "page", 1, "page", 2]
        assert "/private" not in web.paths("a.test")


def test_a_distance_is_kept_by_those_too_who_came_before_it_was_read() -> None:
    async def work(desk: Desk) -> Any:
        return await asyncio.gather(*(desk.fetch(f"http://a.test/{number}") for number in range(6)))

    with Web() as web:
        web.pages |= {"a.test/robots.txt": answer(b"User-agent: *\nCrawl-delay: 20")} | {f"a.test/{n}": answer(b"%d" % n) for n in range(6)}
        seen = with_desk(web, work)
        assert sorted(seen)[1:] == ["host_paced later"] * 5
        assert len(web.paths("a.test")) == 1


def test_one_reading_serves_all_who_wait() -> None:
    async def work(desk: Desk) -> Any:
        return await asyncio.gather(*(desk.fetch(f"http://a.test/{number}") for number in range(6)))

    with Web() as web:
        web.pages |= {"a.test/robots.txt": FORBIDS} | {f"a.test/{number}": answer(b"%d" % number) for number in range(6)}
        assert with_desk(web, work) == ["0", "1", "2", "3", "4", "5"]
        assert [address for address, _ in web.asked].count("a.test/robots.txt") == 1


def test_it_is_asked_again_at_every_hop() -> None:
    async def work(desk: Desk) -> list[str]:
        return [await desk.fetch("http://b.test/go"), await desk.fetch("http://b.test/there")]

    with Web() as web:
        web.pages |= {
            "a.test/robots.txt": FORBIDS,
            "b.test/go": answer(b"", "302 Found", Location="http://a.test/private"),
            "b.test/there": answer(b"", "302 Found", Location="http://a.test/page"),
            "a.test/page": answer(b"page"),
        }
        assert with_desk(web, work) == ["robots_forbidden", "page"]
        assert web.paths("a.test") == ["/page"]


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ("404 Not Found", "page"),
        ("403 Forbidden", "page"),
        ("401 Unauthorized", "page"),
        ("500 Internal Server Error", "http_failed later"),
        ("503 Service Unavailable", "http_busy later"),
        ("429 Too Many Requests", "http_busy later"),
    ],
)
def test_a_client_error_allows_all_and_a_server_error_nothing_for_now(status: str, seen: str) -> None:
    async def work(desk: Desk) -> list[str]:
        return [await desk.fetch("http://a.test/page") for _ in range(2)]

    with Web() as web:
        web.pages |= {"a.test/robots.txt": answer(b"", status), "a.test/page": answer(b"page")}
        assert with_desk(web, work) == [seen, seen]
        assert [address for address, _ in web.asked].count("a.test/robots.txt") == 1


def test_the_last_rules_are_kept_while_the_server_fails() -> None:
    async def work(desk: Desk) -> list[str]:
        first = await desk.fetch("http://a.test/page")
        desk.web.pages["a.test/robots.txt"] = answer(b"", "500 Internal Server Error")
        desk.at += timedelta(days=3)
        return [first, await desk.fetch("http://a.test/page"), await desk.fetch("http://a.test/private")]

    with Web() as web:
        web.pages |= {"a.test/robots.txt": FORBIDS, "a.test/page": answer(b"page")}
        assert with_desk(web, work) == ["page", "page", "robots_forbidden"]


def test_five_redirects_lead_to_the_rules() -> None:
    async def work(desk: Desk) -> list[str]:
        return [await desk.fetch("http://a.test/private"), await desk.fetch("http://a.test/page")]

    with Web() as web:
        hops = ["a.test/robots.txt", *(f"h{number}.test/robots.txt" for number in range(5))]
        for here, there in pairwise(hops):
            web.pages[here] = answer(b"", "301 Moved Permanently", Location=f"http://{there}")
        web.pages |= {hops[-1]: FORBIDS, "a.test/page": answer(b"page")}
        assert with_desk(web, work) == ["robots_forbidden", "page"]


def test_where_nobody_answers_the_pages_attempt_is_counted_once() -> None:
    async def work(desk: Desk) -> list[str]:
        return [await desk.fetch("http://dead.test/page") for _ in range(2)]

    with Web() as web:
        assert with_desk(web, work) == ["unreachable", "unreachable later"]
