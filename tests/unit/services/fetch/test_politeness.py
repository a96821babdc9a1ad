"""One host is asked for little at once; the others do not wait for it."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from services.fetch.core.pace import Manners
from services.fetch.core.robots import Rules
from services.fetch.hostlines import OwnLines
from services.fetch.hosts import Hosts
from shared.http import Fetcher
from shared.stage import Reject, Retry


class NoRobots:
    """A robots.txt that allows everything, and asks for a delay where a test gives one."""

    agent = "dateline"

    def __init__(self, text: str = "") -> None:
        self.text = text

    async def known(self, url: str) -> Rules:
        return Rules(self.text)

    async def check(self, url: str) -> bool:
        if not Rules(self.text).allows(url, self.agent):
            raise Reject("robots_forbidden", url)
        return False


def hosts(robots: str = "", **manners: Any) -> Hosts:
    fetcher = Fetcher(user_agent="Dateline/test", max_bytes=1000, deadline=timedelta(seconds=5), routes={"*.ours.test": "127.0.0.1:9"})
    made: Any = NoRobots(robots)
    return Hosts(fetcher, made, OwnLines(), Manners(**manners))


async def fail(turns: Hosts, url: str, problem: Exception) -> Exception | None:
    """One fetch that ends with this problem; returns what came of it."""
    try:
        async with turns.turn(url):
            raise problem
    except (Retry, Reject) as seen:
        return seen
    return None


async def redirected(turns: Hosts, number: int) -> None:
    """One host sends on to another, which does not answer in time."""
    async with turns.turn(f"http://short.test/{number}") as turn:
        await turn.follow(f"http://short.test/{number}")
        await turn.follow(f"http://dead.test/{number}")
        raise Retry("too_slow")


def test_no_more_than_two_at_once_of_one_host_while_others_go_on() -> None:
    async def run() -> tuple[int, bool]:
        turns, inside, most = hosts(at_once=2, apart_s=0), 0, 0
        free = asyncio.Event()

        async def one(number: int) -> None:
            nonlocal inside, most
            async with turns.turn(f"http://slow.test/{number}"):
                inside += 1
                most = max(most, inside)
                await free.wait()
                inside -= 1

        tasks = [asyncio.create_task(one(number)) for number in range(4)]
        await asyncio.sleep(0.05)
        async with turns.turn("http://other.test/"):
            went_on = True
        free.set()
        await asyncio.gather(*tasks)
        return most, went_on

    assert asyncio.run(run()) == (2, True)


def test_who_would_stand_in_line_too_long_is_put_off_uncounted_and_each_to_a_later_time() -> None:
    async def run() -> list[Retry]:
        turns, seen = hosts(apart_s=60), []
        async with turns.turn("http://a.test/0"):
            pass
        for number in (1, 2, 3):
            with pytest.raises(Retry) as delay:
                async with turns.turn(f"http://a.test/{number}"):
                    pass
            seen.append(delay.value)
        return seen

    delays = asyncio.run(run())
    assert {(one.error_class, one.counted) for one in delays} == {("host_paced", False)}
    waits = [round(one.after.total_seconds()) for one in delays if one.after]
    assert waits == [60, 120, 180]


def test_an_address_that_nobody_may_ask_stands_in_no_line() -> None:
    async def run() -> list[Exception | None]:
        turns, asked = hosts(apart_s=60), AssertionError("asked")
        return [await fail(turns, url, asked) for url in ("http://10.0.0.1/1", "http://10.0.0.1/2", "http://[::1]/3")]

    seen = asyncio.run(run())
    assert [(type(one), getattr(one, "error_class", None)) for one in seen] == [(Reject, "address_forbidden")] * 3


def test_a_crawl_delay_is_kept_and_bounded() -> None:
    async def run(delay_s: int) -> timedelta | None:
        turns = hosts(f"User-agent: *\nCrawl-delay: {delay_s}", apart_s=0)
        async with turns.turn("http://a.test/1"):
            pass
        try:
            async with turns.turn("http://a.test/2"):
                return None
        except Retry as delay:
            return delay.after

    assert asyncio.run(run(0)) is None
    waits = [asyncio.run(run(10)), asyncio.run(run(1_000_000))]
    assert [round(wait.total_seconds()) for wait in waits if wait] == [10, 30]


def test_a_host_that_asks_for_patience_is_asked_no_more_by_other_work() -> None:
    async def run() -> Exception | None:
        turns = hosts(apart_s=0)
        busy = Retry("http_busy", after=timedelta(minutes=7), counted=False)
        assert await fail(turns, "http://a.test/1", busy) is busy
        return await fail(turns, "http://a.test/2", AssertionError("asked"))

    seen = asyncio.run(run())
    assert isinstance(seen, Retry)
    assert (seen.error_class, seen.counted) == ("http_busy", False)
    assert seen.after
    assert 419 < seen.after.total_seconds() < 422


def test_three_timeouts_in_a_row_give_a_host_its_rest() -> None:
    async def run() -> list[Exception | None]:
        turns = hosts(apart_s=0)
        return [await fail(turns, f"http://a.test/{number}", Retry("too_slow")) for number in range(4)]

    *slow, last = asyncio.run(run())
    assert {one.error_class for one in slow if isinstance(one, Retry)} == {"too_slow"}
    assert isinstance(last, Retry)
    assert (last.error_class, last.counted) == ("host_resting", False)


def test_a_refusal_is_an_answer_and_what_is_our_own_says_nothing() -> None:
    async def run() -> Exception | None:
        turns = hosts(apart_s=0)
        for number, problem in enumerate((Retry("too_slow"), Retry("too_slow"), Reject("http_gone"), Retry("too_slow"))):
            await fail(turns, f"http://a.test/{number}", problem)
        for number in range(9):
            with suppress(ZeroDivisionError):
                async with turns.turn(f"http://a.test/our-bug-{number}"):
                    raise ZeroDivisionError
        return await fail(turns, "http://a.test/last", Reject("http_gone"))

    seen = asyncio.run(run())
    assert isinstance(seen, Reject)


def test_what_robots_txt_forbids_takes_nobodys_turn_and_feeds_do_not_ask() -> None:
    async def run() -> list[str]:
        turns, said = hosts("User-agent: *\nDisallow: /", apart_s=60), []
        for _ in range(3):
            with pytest.raises(Reject) as no:
                async with turns.turn("http://a.test/1"):
                    pass
            said.append(no.value.error_class)
        async with turns.turn("http://a.test/feed", feed=True) as turn:
            await turn.follow("http://a.test/feed")
        return said

    assert asyncio.run(run()) == ["robots_forbidden"] * 3


def test_a_redirect_to_another_host_stands_in_that_hosts_line_and_fails_there() -> None:
    async def run() -> list[str]:
        turns = hosts(apart_s=0)
        for number in range(3):
            with pytest.raises(Retry):
                await redirected(turns, number)
        async with turns.turn("http://short.test/9"):
            pass
        seen = await fail(turns, "http://dead.test/9", AssertionError("asked"))
        return [getattr(seen, "error_class", "")]

    assert asyncio.run(run()) == ["host_resting"]


def test_where_the_settings_lead_to_ourselves_there_is_no_distance() -> None:
    async def run() -> int:
        turns, made = hosts(apart_s=60), 0
        for number in range(20):
            async with turns.turn(f"http://a.ours.test/{number}"):
                made += 1
        return made

    assert asyncio.run(run()) == 20


def test_work_that_is_broken_off_gives_its_place_back() -> None:
    async def run() -> bool:
        turns = hosts(at_once=1, apart_s=0)

        async def never() -> None:
            async with turns.turn("http://a.test/1"):
                await asyncio.Event().wait()

        task = asyncio.create_task(never())
        await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        async with turns.turn("http://a.test/2"):
            return True

    assert asyncio.run(run())


