"""Hints: how much is sent at once, in which form, and what is taken for one."""

import base64
import json
from typing import Any

import pytest
from celery import Celery
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.pipeline import PIPELINE
from shared.queue import RedisHints, make_app, refusal


class Lists:
    """A Redis that knows the lengths of its lists."""

    def __init__(self, length: int | None) -> None:
        self.messages = length

    def llen(self, name: str) -> int:
        if self.messages is None:
            raise RedisConnectionError("refused")
        return self.messages


def hints(length: int | None, app: Celery | None = None) -> RedisHints:
    made: Any = Lists(length)
    return RedisHints(app=app or make_app("redis://127.0.0.1:1/0", PIPELINE), redis=made, high=320, batch=32)


@pytest.mark.parametrize(
    ("waiting", "rows", "room"),
    [
        (0, 1, 320),  # idle: at once, however little
        (3, 5, 224),
        (4, 5, 0),  # busy: the sweep packs full messages of it
        (4, 33, 32),
        (4, 320, 192),
        (9, 320, 32),
        (10, 320, 0),
        (500, 320, 0),
        (None, 320, 0),  # Redis is away
    ],
)
def test_a_queue_is_filled_to_its_mark_in_full_messages(waiting: int | None, rows: int, room: int) -> None:
    assert hints(waiting).room("clean", rows) == room


def test_a_hint_that_cannot_be_sent_is_swallowed() -> None:
    """The sweep sends it again; a stage's result must not depend on Redis."""
    made = hints(0)
    made.send("clean", [1, 2])
    made.app.close()


def message(**changes: Any) -> dict[str, Any]:
    body = changes.pop("body", [[], {"ids": [1, 2]}, {}])
    made: dict[str, Any] = {
        "body": body if isinstance(body, str) else base64.b64encode(json.dumps(body).encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"task": "dateline.clean", "id": "1", "eta": None, "expires": None},
        "properties": {"body_encoding": "base64", "delivery_tag": "t", "delivery_info": {}},
    }
    for path, value in changes.items():
        *way, last = path.split("__")
        target = made
        for step in way:
            target = target[step]
        target[last] = value
    return made


def test_what_we_send_is_taken() -> None:
    assert refusal(message(), "clean") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"headers__task": "dateline.fetch"},
        {"headers__eta": "2026-01-05T12:00:00"},
        {"headers__expires": 1},
        {"headers__id": None},
        {"headers__compression": "gzip"},
        {"properties__delivery_tag": 7},
        {"properties__delivery_info": None},
        {"properties__body_encoding": "rot13"},
        {"properties": []},
        {"content-encoding": "binary"},
        {"body": "$$$"},
        {"body": [[], {}, {}]},
        {"body": [[1], {"ids": [1]}, {}]},
        {"body": [[], {"ids": [1], "more": 1}, {}]},
        {"body": [[], {"ids": [True]}, {}]},
        {"body": [[], {"ids": []}, {}]},
        {"body": [[], {"ids": [2**63]}, {}]},
        {"body": {"ids": [1]}},
    ],
)
def test_anything_else_is_refused_with_a_reason(wrong: dict[str, Any]) -> None:
    assert refusal(message(**wrong), "clean")


@pytest.mark.parametrize("wrong", [None, 7, "text", [], {}, {"headers": {}}])
def test_what_is_no_message_is_refused_with_a_reason(wrong: Any) -> None:
    assert refusal(wrong, "clean")


def test_the_app_is_as_the_design_has_it() -> None:
    """JSON only, one queue a stage, no result backend, nothing of Celery's own retries and clocks, task events on for Flower."""
    app = make_app("redis://127.0.0.1:1/0", PIPELINE)
    assert [queue.name for queue in app.conf.task_queues] == list(PIPELINE.names)
    assert list(app.conf.accept_content) == ["json"]
    assert app.conf.result_backend is None
    assert (app.conf.task_acks_late, app.conf.task_reject_on_worker_lost) == (True, False)
    assert (app.conf.worker_prefetch_multiplier, app.conf.worker_send_task_events) == (1, True)
    assert app.conf.broker_connection_max_retries is None
    assert {"socket_timeout", "socket_connect_timeout", "visibility_timeout"} <= set(app.conf.broker_transport_options)
    app.close()
