"""Documents of real size go the real way: over the wire, through a worker process and its killable parser, which lives on."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hostile import Web
from servers import RedisServer
from sqlalchemy import Engine
from sqlmodel import col, select

from shared import ledger
from shared.db import make_engine, reading, writing
from shared.messages import ArticleAnnounced
from shared.models import Article, Work
from shared.pipeline import PIPELINE
from shared.queue import RedisHints, make_app, redis_client

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
MB = 1 << 20
SENTENCE = "The new bridge over the Alder was opened on Tuesday after nine years of work, the mayor said."
HEAD = b"<!doctype html><title>Bridge opened</title>"
STORY = f"<h1>Bridge opened</h1><article>{''.join(f'<p>{n}. {SENTENCE}</p>' for n in range(8))}".encode()


def many(piece: bytes, size: int) -> Iterator[bytes]:
    """`size` bytes of one piece again and again, in blocks."""
    block = piece * (MB // len(piece))
    for _ in range(size // len(block)):
        yield block
    yield piece * (size % len(block) // len(piece))


def around(piece: bytes, number: int, *, before: bytes = b"", after: bytes = b"") -> Callable[[], Iterator[bytes]]:
    """A page with `number` pieces before its story."""

    def blocks() -> Iterator[bytes]:
        yield HEAD + before
        yield from many(piece, len(piece) * number)
        yield after + STORY

    return blocks


DOCUMENTS: dict[str, tuple[str, Callable[[], Iterator[bytes]], str]] = {
    # host: the type, the document, and how it ends: a class, or "" for the story
    "attribute": ("text/html", around(b"x", 100 * MB, before=b'<p title="', after=b'">'), "parse_limit"),
    "attributes": ("text/html", around(b" a=b", 2_000_000, before=b"<p", after=b">"), ""),
    "text": ("text/plain", lambda: many(SENTENCE.encode() + b"\n\n", 100 * MB), "parse_limit"),
    "nested": ("text/html", around(b"<div>", 200_000), "parse_limit"),
    "unclosed": ("text/html", around(b"<b>", 200_000), "parse_limit"),
    "paragraphs": ("text/html", around(b"<p>a", 1_000_000), "parse_limit"),
    "zeros": ("text/html", around(b"\x00", 5 * MB, before=b"<p>" + b"The ferry sails. " * 200), ""),
    "surrogates": ("text/html", around(b"&#xd800;", 500_000), ""),
    "dates": ("text/html", around(b"12.", 2 * MB, before=b'<meta name="date" content="', after=b'">'), ""),
    "cut": ("text/html", lambda: iter([HEAD + STORY + b'<p>9. The new br<a href="/x']), ""),
    "innocent": ("text/html", lambda: iter([HEAD + STORY]), ""),
}


class Streams(Web):
    """Sends each document block by block, as it is made."""

    async def _script(self, path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        name = headers["host"].removesuffix(".test")
        if path == "/robots.txt":
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        content_type, blocks, _ = DOCUMENTS[name]
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}; charset=utf-8\r\nConnection: close\r\n\r\n".encode())
        for block in blocks():
            writer.write(block)
            await writer.drain()
        writer.close()


@pytest.fixture(scope="module")
def web() -> Iterator[Streams]:
    with Streams() as served:
        yield served


def announce(engine: Engine, redis: RedisServer) -> None:
    """One article of each host, in their order, and hints for them."""
    at = datetime.now(UTC)
    with writing(engine) as session:
        articles = [
            Article(url=f"http://{name}.test/news/a-17", url_key=f"//{name}.test/news/a-17", outlet=name, announced_at=at)
            for name in DOCUMENTS
        ]
        session.add_all(articles)
        session.flush()
        messages = [(ArticleAnnounced(article_id=one.id or 0, generation="g"), None, 0) for one in articles]
        new = ledger.emit(session.connection(), PIPELINE, messages, at, {"fetch": 1000})
        ids = [row.id for row in new]
    hints = RedisHints(app=make_app(redis.url, PIPELINE), redis=redis_client(redis.url), high=100, batch=32)
    for one in ids:
        hints.send("fetch", [one])
    hints.app.close()
    hints.redis.close()


def test_a_worker_reads_what_is_too_large_and_lives_on(web: Streams, redis_server: RedisServer, sqlite_url: str, tmp_path: Path) -> None:
    engine = make_engine(sqlite_url)
    given = {
        "DATABASE": sqlite_url,
        "BROKER": redis_server.url,
        "DATA": str(tmp_path),
        "ROUTES": json.dumps({"*.test": f"127.0.0.1:{web.port}"}),
        "FETCH_MAX_BYTES": str(150 * MB),
        "FETCH_DEADLINE": "60",
        "ROW_LIMIT": "60",
        "RECHECKS": "[]",
        "HOST_APART": "0.01",
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    environment |= {f"DATELINE_{name}": value for name, value in given.items()}
    log = tmp_path / "log"
    with log.open("wb") as out:
        # The scheduler makes up for hints that found no room.
        worker, scheduler = (
            subprocess.Popen([sys.executable, "-m", "services.cli", *what], env=environment, stdout=out, stderr=out, cwd=ROOT)
            for what in (["worker", "fetch", "clean"], ["scheduler"])
        )
    try:
        announce(engine, redis_server)
        found = ends(engine, worker, log)
        assert worker.poll() is None
    finally:
        for process in (scheduler, worker):
            process.terminate()
            process.wait(30)
    with reading(engine) as session:
        texts = {one.outlet: one.text or "" for one in session.exec(select(Article))}
    engine.dispose()
    assert found == {name: end for name, (_, _, end) in DOCUMENTS.items()}
    assert {name for name, text in texts.items() if text.count(SENTENCE) == 8} == {n for n, (_, _, end) in DOCUMENTS.items() if not end}
    assert not any("\x00" in text for text in texts.values())


def ends(engine: Engine, worker: "subprocess.Popen[bytes]", log: Path) -> dict[str, str]:
    """How the article of each host ended, once all have: the class of its refusal, or nothing."""
    until = time.monotonic() + PATIENCE_S
    while True:
        with reading(engine) as session:
            names = {one.id: one.outlet for one in session.exec(select(Article))}
            work = session.exec(select(Work).where(col(Work.stage) != "tag")).all()
        over = {names[row.subject_id]: row.error_class or "" for row in work if is_over(row)}
        if len(over) == len(DOCUMENTS):
            return over
        assert worker.poll() is None, log.read_text()[-4000:]
        assert time.monotonic() < until, f"{over}\n{log.read_text()[-4000:]}"
        time.sleep(0.2)


def is_over(row: Work) -> bool:
    """Whether nothing more comes of a row's article."""
    return row.state == ledger.State.DEAD or (row.stage == "clean" and row.state == ledger.State.DONE)
