"""Forms that the bounded client sends: to one address, within the same bounds as a fetch."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from hostile import answer

from shared.http import Answer, Fetcher
from shared.stage import Reject, Retry

Reply = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


def post(form: dict[str, str], reply: Reply, url: str = "http://hub.test/subscribe", deadline: timedelta | None = None) -> Answer:
    """What the client makes of a hub that is given the whole request and writes its answer."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        try:
            await reply(head + await reader.readexactly(length), writer)
        finally:
            writer.close()

    async def run() -> Answer:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        async with (
            server,
            Fetcher(
                user_agent="Dateline/test",
                max_bytes=10_000,
                deadline=timedelta(seconds=5),
                routes={"hub.test": f"127.0.0.1:{server.sockets[0].getsockname()[1]}"},
            ) as fetcher,
        ):
            return await fetcher.post(url, form, deadline=deadline)

    return asyncio.run(run())


def saying(text: bytes) -> Reply:
    async def reply(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(text)

    return reply


def test_a_form_arrives_as_browsers_send_it() -> None:
    seen: list[bytes] = []

    async def reply(request: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(request)
        writer.write(answer(b"", "202 Accepted"))

    got = post({"hub.mode": "subscribe", "hub.topic": "http://outlet.test/feed?a=1&b=ä"}, reply)
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert (got.status, got.body, got.url, got.chain) == (202, b"", "http://hub.test/subscribe", ())
    assert head.startswith(b"POST /subscribe HTTP/1.1\r\n")
    assert b"Content-Type: application/x-www-form-urlencoded" in head
    assert body == b"hub.mode=subscribe&hub.topic=http%3A%2F%2Foutlet.test%2Ffeed%3Fa%3D1%26b%3D%C3%A4"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "304 Not Modified", "307 Temporary", "308 Permanent"])
def test_a_form_is_sent_to_nobody_else(status: str) -> None:
    with pytest.raises(Reject, match="bad_redirect"):
        post({"a": "b"}, saying(answer(b"", status, Location="http://hub.test/other")))


def test_a_form_is_bounded_as_a_fetch_is() -> None:
    async def silence(_request: bytes, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.4)

    with pytest.raises(Retry, match="too_slow"):
        post({"a": "b"}, silence, deadline=timedelta(seconds=0.2))
    with pytest.raises(Reject, match="too_large"):
        post({"a": "b"}, saying(answer(b"x" * 10_001)))
    with pytest.raises(Reject, match="address_forbidden"):
        post({"a": "b"}, saying(b""), url="http://127.0.0.1/")
    with pytest.raises(Retry, match="http_failed"):
        post({"a": "b"}, saying(answer(b"", "500 Oops")))
