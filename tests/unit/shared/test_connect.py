"""Where connections go: what was checked is what is connected to."""

import asyncio
import socket
import threading
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import httpcore
import pytest

from shared.connect import CheckedBackend, SystemResolver
from shared.stage import Reject, Retry


class Sockets(httpcore.AsyncMockBackend):
    """Notes where it was told to connect; `dead` addresses refuse."""

    def __init__(self, dead: Sequence[str] = ()) -> None:
        super().__init__([])
        self.went: list[tuple[str, int]] = []
        self._dead = dead

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.went.append((host, port))
        if host in self._dead:
            raise httpcore.ConnectError("refused")
        return await super().connect_tcp(host, port)


def connect(host: str, *answers: Sequence[str], dead: Sequence[str] = (), routes: dict[str, str] | None = None) -> list[tuple[str, int]]:
    sockets, left = Sockets(dead), list(answers)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return left.pop(0)

    backend = CheckedBackend(resolver=resolve, connect_timeout=timedelta(seconds=1), routes=routes, sockets=sockets)
    asyncio.run(backend.connect_tcp(host, 80))
    return sockets.went


def test_a_name_server_that_changes_its_answer_gains_nothing() -> None:
    assert connect("rebind.example", ["93.184.215.14"], ["127.0.0.1"]) == [("93.184.215.14", 80)]


def test_one_inner_address_among_public_ones_refuses_the_host() -> None:
    with pytest.raises(Reject, match="address_forbidden"):
        connect("mixed.example", ["93.184.215.14", "10.0.0.1"])


def test_the_next_address_is_tried_where_one_is_dead() -> None:
    assert connect("a.example", ["2606:4700::1", "93.184.215.14"], dead=["2606:4700::1"])[-1] == ("93.184.215.14", 80)
    with pytest.raises(Retry, match="unreachable"):
        connect("a.example", ["93.184.215.14"], dead=["93.184.215.14"])


def test_a_route_goes_before_every_name_server() -> None:
    routes = {"*.test": "127.0.0.1:9000", "daily.test": "127.0.0.1:9001", "x.test": "[::1]:9002"}
    assert connect("news.test", routes=routes) == [("127.0.0.1", 9000)]
    assert connect("a.news.test", routes=routes) == [("127.0.0.1", 9000)]
    assert connect("daily.test", routes=routes) == [("127.0.0.1", 9001)]
    assert connect("x.test", routes=routes) == [("::1", 9002)]
    assert connect("test.example", ["8.8.8.8"], routes=routes) == [("8.8.8.8", 80)]


def test_a_name_without_an_address_is_tried_again_later() -> None:
    with pytest.raises(Retry, match="host_unknown"):
        connect("none.example", [])


class Names:
    """A name server that answers when told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer = threading.Event()

    def __call__(self, host: str, port: int, **_more: Any) -> list[tuple[Any, ...]]:
        self.asked.append(host)
        if host == "dead.example":
            self.answer.wait(10)
        if host == "none.example":
            raise socket.gaierror(-2, "Name or service not known")
        return [(0, 0, 0, "", ("93.184.215.14", port)), (1, 0, 0, "", ("93.184.215.14", port))]


def test_names_that_are_never_answered_do_not_make_others_unknown() -> None:
    names = Names()
    resolver = SystemResolver(timedelta(seconds=0.2), threads=1, ask=names)

    async def run() -> tuple[list[object], Sequence[str]]:
        dead = asyncio.create_task(resolver("dead.example", 80))
        await asyncio.sleep(0.05)
        good = asyncio.create_task(resolver("good.example", 80))  # waits for the one thread, longer than a name may take
        given_up = asyncio.create_task(resolver("given-up.example", 80))
        await asyncio.sleep(0.4)
        given_up.cancel()
        await asyncio.sleep(0.05)
        names.answer.set()
        ends = await asyncio.gather(dead, given_up, return_exceptions=True)
        return ends, await good

    ends, found = asyncio.run(run())
    assert [type(end) for end in ends] == [TimeoutError, asyncio.CancelledError]
    assert found == ["93.184.215.14"]
    assert names.asked == ["dead.example", "good.example"]
    with pytest.raises(socket.gaierror):
        asyncio.run(resolver("none.example", 80))
    resolver.close()
