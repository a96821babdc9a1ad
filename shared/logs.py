"""One pipeline for all log records: our own and those of Celery, httpx, uvicorn and everybody else.

JSON, a line a record, or coloured for people where standard error is a terminal. The unit of work at hand (stage, trace id, subject),
and what else is bound with `structlog.contextvars`, stands in every record made meanwhile, foreign ones too.
"""

import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, TextIO

import structlog

# What the work at hand is. One variable for all its fields, since it changes several times for each row of work: structlog's own, one
# variable a field, cost as much as the row's statements.
unit_of_work: ContextVar[Mapping[str, Any]] = ContextVar("unit_of_work")

# Libraries that tell at "info" what is of no interest to an operator.
QUIET = (
    *("httpx", "httpcore", "kombu", "amqp", "asyncio", "tornado.access", "alembic"),
    *("celery.redirected", "celery.worker.strategy", "celery.app.trace"),
)


def add_unit_of_work(_logger: object, _method: str, record: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A processor: the fields of the work at hand, where the record has none of the same name."""
    for name, value in unit_of_work.get({}).items():
        record.setdefault(name, value)
    return record


def configure(*, level: str = "info", form: str = "auto", stream: TextIO | None = None) -> None:
    """Set up structlog and the standard library's logging. `form`: auto, json or console. May be called again."""
    stream = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        add_unit_of_work,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    pretty = form == "console" or (form == "auto" and stream.isatty())
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=stream.isatty())]
        if pretty
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str, ensure_ascii=False)]
    )
    foreign: list[structlog.typing.Processor] = [structlog.stdlib.add_logger_name, *shared]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=foreign, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        # Our own records skip the standard library's machinery: it costs as much as the rest of a log line.
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(True)
