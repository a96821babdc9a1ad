"""A real worker process on a real Redis: garbage in its queue, a wiped Redis, a killed Redis."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import near_empty
import pytest
from servers import RedisServer
from sqlalchemy import Engine

from shared import ledger
from shared.clock import now
from shared.db import make_engine, writing
from shared.messages import ArticleAnnounced
from shared.pipeline import PIPELINE
from shared.queue import RedisHints, make_app, redis_client

ROOT = Path(__file__).parents[2]
PATIENCE_S = 40.0


@dataclass
class Stack:
    """Redis, a database, and processes started by the test."""

    redis: RedisServer
    engine: Engine
    url: str
    log: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hints = RedisHints(app=make_app(self.redis.url, PIPELINE), redis=redis_client(self.redis.url), high=100, batch=32)

    def start(self, *words: str, **more: str) -> "subprocess.Popen[bytes]":
        """`near_empty.py WORDS…`, its records in the log."""
        given = {"DATELINE_DATABASE": self.url, "DATELINE_BROKER": self.redis.url, "DATELINE_LOG_FORMAT": "json", "DATELINE_SWEEP": "0.2"}
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **given, "DATELINE_HINT_AGE": "1", **more}
        with self.log.open("ab") as log:
            command = [sys.executable, str(ROOT / "tests" / "near_empty.py"), *words]
            self.processes.append(subprocess.Popen(command, env=environment, stderr=log, stdout=log))
        return self.processes[-1]

    def announce(self, *numbers: int) -> list[int]:
        with writing(self.engine) as session:
            messages = [(ArticleAnnounced(article_id=number, generation="g"), None, 0) for number in numbers]
            new = ledger.emit(session.connection(), PIPELINE, messages, now(), {"fetch": 1000})
            return sorted(row.id for row in new)

    def effects(self, stage: str = "fetch") -> list[int]:
        with self.engine.connect() as connection:
            wanted = f"SELECT subject_id FROM effect WHERE stage = '{stage}' ORDER BY subject_id"
            return [row[0] for row in connection.exec_driver_sql(wanted)]

    def records(self, name: str) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [record for record in found if record["event"] == name]

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < until, f"{what}\n{self.log.read_text()[-4000:]}"
            time.sleep(0.05)


@pytest.fixture
def stack(redis_server: RedisServer, sqlite_url: str, tmp_path: Path) -> Iterator[Stack]:
    engine = make_engine(sqlite_url)
    near_empty.prepare(engine)
    made = Stack(redis_server, engine, sqlite_url, tmp_path / "log")
    yield made
    for process in made.processes:
        process.kill()
        process.wait()
    engine.dispose()
    made.hints.app.close()
    made.hints.redis.close()


def envelope(task: str, ids: Any, *, args: Any = (), content_type: str = "application/json", body: str | None = None) -> bytes:
    """A message as kombu writes it into a list of Redis, with whatever a test wants wrong in it."""
    import base64

    if body is None:
        kwargs = {} if ids is None else {"ids": ids}
        body = base64.b64encode(json.dumps([list(args), kwargs, {}]).encode()).decode()
    headers = {"lang": "py", "task": task, "id": "x", "root_id": "x", "parent_id": None, "group": None, "argsrepr": "", "kwargsrepr": ""}
    properties = {
        "correlation_id": "x",
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": "fetch"},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": os.urandom(8).hex(),
    }
    made = {"body": body, "content-encoding": "utf-8", "content-type": content_type, "headers": headers, "properties": properties}
    return json.dumps(made).encode()


def garbage(done: int) -> list[bytes]:
    """One message of each kind that must not end the worker. `done` is the id of a row that is done."""
    import base64

    task = "dateline.fetch"
    good = json.loads(envelope(task, [1]))
    return [
        # unknown task, wrong arity, wrong types of ids
        envelope("dateline.no_such_task", [1]),
        envelope("os.system", ["rm"]),
        envelope(task, None),
        envelope(task, None, args=[1, 2, 3]),
        envelope(task, [1], args=["more"]),
        *(envelope(task, ids) for ids in ("7", 7, {}, [], ["7"], [1.5], [None], [True], [[1]], [-1], [0], [2**63], [10**30])),
        # rows that are done, or do not exist
        envelope(task, [done]),
        envelope(task, [123456789]),
        envelope(task, [2**63 - 1]),
        # content that we do not accept, or that is not what it says
        envelope(task, [1], content_type="application/x-python-serialize", body=base64.b64encode(b"\x80\x04N.").decode()),
        envelope(task, [1], content_type="application/x-yaml"),
        envelope(task, [1], content_type="text/plain"),
        envelope(task, [1], body="!!! no base64 !!!"),
        envelope(task, [1], body=base64.b64encode(b"{no json").decode()),
        envelope(task, [1], body=base64.b64encode(b"\xff\xfe").decode()),
        envelope(task, [1], body=base64.b64encode(b'"a string"').decode()),
        envelope(task, [1], body=base64.b64encode(b"[" * 50_000).decode()),
        # no envelope at all
        b"\x00\xff\xfe garbage \x80",
        b"{not json",
        b"",
        b"null",
        b"17",
        b"[1, 2]",
        b'"text"',
        b"{}",
        b"[" * 100_000,
        b'{"body": 1, "headers": [], "properties": {"delivery_tag": "t", "delivery_info": {}}}',
        json.dumps({**good, "headers": None}).encode(),
        json.dumps({**good, "headers": {}}).encode(),
        json.dumps({**good, "properties": {}}).encode(),
        json.dumps({**good, "properties": {**good["properties"], "delivery_tag": {"a": 1}}}).encode(),
        json.dumps({**good, "properties": {**good["properties"], "body_encoding": "rot13"}}).encode(),
        json.dumps({**good, "content-encoding": "no-such-charset"}).encode(),
        json.dumps({**good, "headers": {**good["headers"], "eta": "not a time"}}).encode(),
        json.dumps({**good, "headers": {**good["headers"], "expires": "never"}}).encode(),
        json.dumps({**good, "headers": {**good["headers"], "task": ["a", "list"]}}).encode(),
        json.dumps({**good, "headers": {**good["headers"], "compression": "application/x-gzip"}}).encode(),
    ]


def test_garbage_in_the_queue_is_dropped_and_the_worker_lives(stack: Stack) -> None:
    worker = stack.start("worker", "fetch", "clean")
    (first,) = stack.announce(1)
    stack.hints.send("fetch", [first])
    stack.wait(lambda: stack.effects() == [1], "a good message goes through")
    for number, message in enumerate(garbage(first), start=2):
        stack.hints.redis.lpush("fetch", message)
        stack.hints.send("fetch", stack.announce(number))
        stack.wait(lambda number=number: number in stack.effects(), f"the worker does the next good message after {message[:300]!r}")
        assert worker.poll() is None
    assert stack.effects() == list(range(1, number + 1)), "nothing was done twice"
    assert len(stack.records("message_dropped")) >= 20
    assert stack.hints.redis.llen("fetch") == 0


def test_a_wiped_redis_is_hinted_again_by_the_sweep(stack: Stack) -> None:
    ids = stack.announce(*range(1, 101))
    for at in range(0, 100, 32):
        stack.hints.send("fetch", ids[at : at + 32])
    assert stack.hints.redis.llen("fetch") == 4
    stack.hints.redis.flushall()
    stack.start("scheduler")
    stack.start("worker", *near_empty.STAGES)
    stack.wait(lambda: stack.effects("publish") == list(range(1, 101)), "every row was hinted again")
    assert stack.effects() == list(range(1, 101))


def test_a_worker_and_a_scheduler_outlive_redis(stack: Stack) -> None:
    worker, scheduler = stack.start("worker", *near_empty.STAGES), stack.start("scheduler")
    stack.announce(1)
    stack.wait(lambda: stack.effects("publish") == [1], "one article goes through")
    stack.redis.kill()
    stack.announce(2)
    stack.wait(lambda: bool(stack.records("redis_away")), "the scheduler notices")
    stack.redis.start()
    stack.wait(lambda: stack.effects("publish") == [1, 2], "the worker connects again")
    assert (worker.poll(), scheduler.poll()) == (None, None)


def test_a_worker_told_to_stop_ends_soon_and_holds_nothing(stack: Stack) -> None:
    worker = stack.start("worker", "fetch")
    stack.hints.send("fetch", stack.announce(1))
    stack.wait(lambda: stack.effects() == [1], "it works")
    worker.terminate()
    assert worker.wait(15) == 0
    with stack.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM work WHERE state = 1").scalar() == 0


def test_a_worker_answers_flowers_questions(stack: Stack) -> None:
    """What Flower shows of a worker it asks for over Celery's remote control."""
    stack.start("worker", "fetch", "clean")
    stack.wait(lambda: bool(stack.records("worker_started")), "the worker starts")
    inspect = stack.hints.app.control.inspect(timeout=5, limit=1)
    stack.wait(lambda: bool(inspect.ping()), "the worker answers")
    (name,) = inspect.ping()
    assert name.startswith("fetch+clean@")
    assert inspect.stats()[name]["broker"]["transport"] == "redis"
    assert set(inspect.registered()[name]) == {"dateline.fetch", "dateline.clean"}
    assert {queue["name"] for queue in inspect.active_queues()[name]} == {"fetch", "clean"}
