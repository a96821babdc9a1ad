"""One host is asked for little at once; the others do not wait for it."""

import asyncio
from datetime import timedelta

import pytest

from services.fetch.politeness import MAX_HOSTS, Pace
from shared.stage import Retry

NO_TIME = timedelta(0)


def test_no_more_than_two_at_once_of_one_host_while_others_go_on() -> None:
    async def run() -> tuple[int, bool]:
        pace, inside, most = Pace(at_once=2, apart=NO_TIME), 0, 0
        free = asyncio.Event()

        async def one() -> None:
            nonlocal inside, most
            async with pace.turn("slow.test"):
                inside += 1
                most = max(most, inside)
                await free.wait()
                inside -= 1

        tasks = [asyncio.create_task(one()) for _ in range(5)]
        await asyncio.sleep(0.05)
        async with pace.turn("other.test"):
            went_on = True
        free.set()
        await asyncio.gather(*tasks)
        return most, went_on

    assert asyncio.run(run()) == (2, True)


def test_who_would_stand_in_line_too_long_is_put_off_uncounted() -> None:
    async def run() -> None:
        pace = Pace(at_once=2, apart=timedelta(minutes=1))
        async with pace.turn("a.test"):
            pass
        async with pace.turn("a.test"):
            pass

    with pytest.raises(Retry) as delay:
        asyncio.run(run())
    assert (delay.value.error_class, delay.value.counted) == ("host_paced", False)
    assert delay.value.after is not None
    assert timedelta(seconds=50) < delay.value.after <= timedelta(minutes=1)


def test_a_crawl_delay_is_kept_and_bounded() -> None:
    async def run(delay_s: float) -> timedelta | None:
        pace = Pace(apart=NO_TIME)
        async with pace.turn("a.test", delay_s):
            pass
        try:
            async with pace.turn("a.test", delay_s):
                return None
        except Retry as delay:
            return delay.after

    assert asyncio.run(run(0)) is None
    waits = [asyncio.run(run(10)), asyncio.run(run(1_000_000))]
    assert all(wait is not None and wait <= timedelta(seconds=30) for wait in waits)


def test_hosts_beyond_the_limit_are_forgotten() -> None:
    async def run() -> int:
        pace = Pace(apart=NO_TIME)
        for number in range(MAX_HOSTS + 50):
            async with pace.turn(f"h{number}.test"):
                pass
        return len(pace._hosts)

    assert asyncio.run(run()) == MAX_HOSTS
