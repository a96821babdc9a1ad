"""One pipeline for all log records."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared.logs import QUIET, configure, unit_of_work


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What is logged; afterwards the logging of the test run stands again."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    quiet = {name: logging.getLogger(name).level for name in QUIET}
    yield io.StringIO()
    logging.captureWarnings(False)
    root.handlers = handlers
    root.setLevel(level)
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_own_records_are_one_json_object_a_line(stream: io.StringIO) -> None:
    configure(form="json", stream=stream)
    structlog.get_logger().info("batch_done", rows=3, headline="Überschwemmung\nin zwei Zeilen")
    (line,) = lines(stream)
    assert (line["event"], line["rows"], line["level"], line["headline"]) == ("batch_done", 3, "info", "Überschwemmung\nin zwei Zeilen")
    assert line["timestamp"].endswith("Z")


def test_foreign_records_pass_the_same_pipeline_with_the_context_that_is_bound(stream: io.StringIO) -> None:
    configure(form="json", stream=stream)
    outside = unit_of_work.set({"stage": "fetch", "subject_id": 7})
    with structlog.contextvars.bound_contextvars(trace_id="t1"):
        logging.getLogger("uvicorn.error").warning("cannot bind %s", "port 80")
        structlog.get_logger().info("own", subject_id=8)
    unit_of_work.reset(outside)
    foreign, own = lines(stream)
    assert (foreign["event"], foreign["level"], foreign["logger"]) == ("cannot bind port 80", "warning", "uvicorn.error")
    assert foreign["trace_id"] == own["trace_id"] == "t1"
    assert foreign["stage"] == own["stage"] == "fetch"
    assert (foreign["subject_id"], own["subject_id"]) == (7, 8), "a record's own field goes before"


def test_tracebacks_stay_in_their_line(stream: io.StringIO) -> None:
    configure(form="json", stream=stream)
    try:
        raise ZeroDivisionError("here")
    except ZeroDivisionError:
        logging.getLogger("celery").exception("failed")
        structlog.get_logger().exception("failed")
    assert all("ZeroDivisionError: here" in line["exception"] for line in lines(stream))
    assert len(lines(stream)) == 2


def test_less_severe_records_and_chatter_are_left_out(stream: io.StringIO) -> None:
    configure(level="warning", form="json", stream=stream)
    structlog.get_logger().info("own")
    logging.getLogger("celery").info("foreign")
    assert lines(stream) == []
    configure(level="info", form="json", stream=stream)
    logging.getLogger("httpx").info("HTTP Request: GET …")
    assert lines(stream) == []


def test_warnings_are_records_too(stream: io.StringIO) -> None:
    configure(form="json", stream=stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old-fashioned", UserWarning, stacklevel=1)
    (line,) = lines(stream)
    assert "old-fashioned" in line["event"]


def test_what_is_no_json_is_written_as_text(stream: io.StringIO) -> None:
    configure(form="json", stream=stream)
    structlog.get_logger().info("odd", value={1, 2}, raw=b"\xff")
    assert lines(stream)[0]["value"] == "{1, 2}"


def test_people_get_a_readable_line(stream: io.StringIO) -> None:
    configure(form="console", stream=stream)
    structlog.get_logger().info("batch_done", rows=3)
    assert "batch_done" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
    configure(form="auto", stream=stream)
    stream.truncate(0)
    structlog.get_logger().info("not_a_terminal")
    assert '"event": "not_a_terminal"' in stream.getvalue()
