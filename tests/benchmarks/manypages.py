"""A web of as many pages as anybody asks for, made at the moment of asking, in a process of its own.

    python tests/benchmarks/manypages.py SIZE      serves until its standard input ends; prints its port

Every host has `/page/N` (HTML of SIZE bytes, its own for each N and host), `/feed/FROM-TO` (RSS of these pages) and `/robots.txt`.
"""

import asyncio
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Encoding: gzip\r\nETag: %s\r\nContent-Length: %d\r\n\r\n"


@contextmanager
def serving(size: int) -> Iterator[int]:
    """A process that serves pages of so many bytes until the block ends; gives its port."""
    process = subprocess.Popen([sys.executable, __file__, str(size)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def page(host: str, number: str, size: int) -> bytes:
    """An article in furniture; about a tenth of it text, as with real pages."""
    title = f"Item {number} of {host}"
    said = "the council met on Monday and said what it had to say"
    text = "".join(f"<p>Paragraph {at} of {escape(title)}: {said}.</p>\n" for at in range(60))
    head = f"<!DOCTYPE html><html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article><aside>"
    link = f'<li class="teaser teaser--wide"><a href="/page/%d?from={number}" data-module="a">What is told today, number %d</a></li>\n'
    parts, length, at = [head], len(head), 0
    while length < size:
        parts.append(link % (at, at * 7919))
        length += len(parts[-1])
        at += 1
    return "".join([*parts, "</aside></body></html>"]).encode()


def feed(host: str, span: str) -> bytes:
    """RSS of the pages FROM to TO, TO left out."""
    first, _, last = span.partition("-")
    items = "".join(
        f"<item><title>Item {n} of {host}</title><link>http://{host}/page/{n}</link><guid>{n}</guid></item>"
        for n in range(int(first), int(last))
    )
    return f'<rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'.encode()


def answer(host: str, path: str, size: int) -> bytes:
    """What is sent for one request."""
    kind, _, rest = path.strip("/").partition("/")
    if kind == "page":
        content_type, body = b"text/html; charset=utf-8", page(host, rest, size)
    elif kind == "feed":
        content_type, body = b"application/rss+xml", feed(host, rest)
    else:
        content_type, body = b"text/plain", b"User-agent: *\nDisallow: /account/\n"
    packer = zlib.compressobj(1, wbits=31)
    packed = packer.compress(body) + packer.flush()
    return ANSWER % (content_type, b'"%08x"' % zlib.crc32(body), len(packed)) + packed


async def _serve(size: int) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                host = next((line[5:].strip().partition(":")[0] for line in lines if line.lower().startswith("host:")), "")
                writer.write(answer(host, lines[0].split(" ")[1], size))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
