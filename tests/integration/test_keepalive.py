"""Connections last as long as they are of use, and no longer."""

import asyncio
from datetime import timedelta

import httpcore
import pytest
from hostile import answer, serving

from shared.connect import CheckedBackend
from shared.keepalive import Connections


class Asking:
    """A client of hosts under `.test`, and the connections that they saw."""

    def __init__(self, port: int, **bounds: object) -> None:
        self.seen: list[object] = []
        routes = {"*.test": f"127.0.0.1:{port}"}
        backend = CheckedBackend(resolver=_nobody, connect_timeout=timedelta(seconds=2), routes=routes)
        self.connections = Connections(backend, **bounds)  # type: ignore[arg-type]

    async def get(self, host: str, path: str = "/") -> bytes:
        request = httpcore.Request("GET", f"http://{host}{path}", headers={"Host": host})
        async with self.connections.response(("http", host, 80), request) as response:
            return b"".join([piece async for piece in response.aiter_stream()])


async def _nobody(host: str, port: int) -> list[str]:
    raise OSError("no names here")


def with_server(test: object, *, close: bool = False) -> tuple[object, list[object]]:
    """Run `test(port)`; returns its result and the connections that the server saw, one entry a request."""
    pipes: list[object] = []

    async def script(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        pipes.append(writer.get_extra_info("peername"))
        if path == "/slow":
            await asyncio.sleep(0.2)
        writer.write(answer(path.encode()))
        if close:
            await writer.drain()
            writer.close()

    async def run() -> object:
        async with serving(script) as port:
            return await test(port)  # type: ignore[operator]

    return asyncio.run(run()), pipes


def test_a_host_is_asked_again_over_the_same_connection() -> None:
    async def test(port: int) -> list[bytes]:
        asking = Asking(port)
        got = [await asking.get("a.test", "/robots.txt"), await asking.get("a.test", "/1"), await asking.get("b.test", "/2")]
        await asking.connections.close()
        return got

    got, pipes = with_server(test)
    assert got == [b"/robots.txt", b"/1", b"/2"]
    assert pipes[0] == pipes[1] != pipes[2]


def test_two_requests_at_once_have_a_connection_each() -> None:
    async def test(port: int) -> None:
        asking = Asking(port)
        await asyncio.gather(asking.get("a.test", "/slow"), asking.get("a.test", "/slow"))
        await asking.connections.close()

    _, pipes = with_server(test)
    assert len(set(pipes)) == 2


def test_a_connection_that_the_server_closed_is_not_used_again() -> None:
    async def test(port: int) -> bytes:
        asking = Asking(port)
        await asking.get("a.test", "/1")
        await asyncio.sleep(0.05)
        got = await asking.get("a.test", "/2")
        await asking.connections.close()
        return got

    got, pipes = with_server(test, close=True)
    assert got == b"/2"
    assert len(set(pipes)) == 2


@pytest.mark.parametrize("bounds", [{"most_idle": 0}, {"idle_for": timedelta(0)}])
def test_idle_connections_are_closed_when_they_are_too_many_or_too_old(bounds: dict[str, object]) -> None:
    async def test(port: int) -> None:
        asking = Asking(port, **bounds)
        for path in ("/1", "/2"):
            await asking.get("a.test", path)
            await asyncio.sleep(0.01)
        await asking.connections.close()

    _, pipes = with_server(test)
    assert len(set(pipes)) == 2


def test_no_more_requests_run_at_once_than_allowed() -> None:
    async def test(port: int) -> None:
        asking = Asking(port, at_once=1)
        await asyncio.gather(*(asking.get("a.test", "/slow") for _ in range(3)))
        await asking.connections.close()

    _, pipes = with_server(test)
    assert len(set(pipes)) == 1


def test_a_body_that_is_not_read_to_its_end_costs_the_connection() -> None:
    async def test(port: int) -> None:
        asking = Asking(port)
        request = httpcore.Request("GET", "http://a.test/1", headers={"Host": "a.test"})
        async with asking.connections.response(("http", "a.test", 80), request):
            pass
        await asking.get("a.test", "/2")
        await asking.connections.close()

    _, pipes = with_server(test)
    assert len(set(pipes)) == 2


def test_a_connection_that_the_server_closes_while_it_is_asked_costs_nothing() -> None:
    """The server hangs up on every second request of a connection, as one does whose patience ends at that very moment."""
    seen: dict[object, int] = {}

    async def script(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        pipe = writer.get_extra_info("peername")
        seen[pipe] = seen.get(pipe, 0) + 1
        if seen[pipe] == 2 or path == "/never":
            writer.close()
        else:
            writer.write(answer(path.encode()))

    async def run() -> list[bytes]:
        async with serving(script) as port:
            asking = Asking(port)
            got = [await asking.get("a.test", path) for path in ("/1", "/2", "/3")]
            with pytest.raises(httpcore.RemoteProtocolError):
                await asking.get("a.test", "/never")
            await asking.connections.close()
            return got

    assert asyncio.run(run()) == [b"/1", b"/2", b"/3"]
    assert len(seen) == 4  # one for each of three answers, and one more for what is never answered


def test_bytes_after_an_answer_are_not_the_next_one() -> None:
    async def test(port: int) -> bytes:
        asking = Asking(port)
        await asking.get("a.test", "/twice")
        await asyncio.sleep(0.05)
        got = await asking.get("a.test", "/2")
        await asking.connections.close()
        return got

    async def script(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(answer(path.encode()) + (answer(b"planted") if path == "/twice" else b""))

    async def run() -> bytes:
        async with serving(script) as port:
            return await test(port)

    assert asyncio.run(run()) == b"/2"
