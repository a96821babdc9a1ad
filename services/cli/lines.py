"""`dateline stage NAME`: a stage's pure function on JSON lines, without database or Redis."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any, BinaryIO

import click

from shared.parts import PARSE_LIMIT
from shared.stage import Reject, Retry
from shared.timelimit import RowTimeLimit, row_limit, time_limits

Record = dict[str, Any]

# A function of one line each. The workers call the same cores.
EACH: dict[str, str] = {
    "feed": "services.fetch.core.lines:feed_line",
    "portal": "services.fetch.core.portal:portal_line",
    "robots": "services.fetch.core.lines:robots_line",
    "url": "services.fetch.core.lines:url_line",
    "clean": "services.clean.core:clean_line",
    "tag": "services.tag.core:tag_line",
    "copies": "services.link.core.stream:copies_line",
}
# A function of all lines together: it answers once it has read everything.
TOGETHER: dict[str, str] = {"link": "services.link.core.stream:link_lines"}


def function(name: str) -> Callable[..., Any]:
    """The function object behind `dateline stage NAME`."""
    module, _, attribute = (EACH | TOGETHER)[name].partition(":")
    found: Callable[..., Any] = getattr(import_module(module), attribute)
    return found


def failed(record_id: Any, error_class: str, message: str) -> Record:
    """The answer to a line that cannot be worked on."""
    return {"id": record_id, "error": {"class": error_class, "message": message}}


def parse(lines: Iterable[bytes]) -> Iterator[tuple[Record | None, Record | None]]:
    """(record, None) or (None, the answer to a line that is no record), for each line that is not blank."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield None, failed(None, "line_malformed", f"line {number}: no JSON: {error}") | {"line": number}
            continue
        if isinstance(record, dict):
            yield record, None
        else:
            yield None, failed(None, "line_malformed", f"line {number}: an object is wanted") | {"line": number}


def answers(name: str, lines: Iterable[bytes], limit: timedelta = PARSE_LIMIT) -> Iterator[Record]:
    """One answer a line, in the same order. A line that takes longer than `limit` is given up, where each line stands for itself."""
    work = function(name)
    if name in TOGETHER:
        parsed = list(parse(lines))
        found = iter(work([record for record, _ in parsed if record is not None]))
        yield from (answer if record is None else next(found) for record, answer in parsed)  # type: ignore[misc]
        return
    with time_limits():
        for record, answer in parse(lines):
            yield answer if record is None else _answer(work, record, limit)  # type: ignore[misc]


def _answer(work: Callable[[Record], Record], record: Record, limit: timedelta) -> Record:
    named = record.get("id", record.get("pair"))
    try:
        with row_limit(limit):
            return work(record)
    except (Reject, Retry) as error:
        return failed(named, error.error_class, error.detail or error.error_class)
    except RowTimeLimit:
        return failed(named, "parse_limit", f"took longer than {limit.total_seconds():g} s")
    except (MemoryError, RecursionError) as error:
        return failed(named, "parse_limit", type(error).__name__)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        return failed(named, "line_malformed", f"{type(error).__name__}: {error}")


def as_line(answer: Record) -> str:
    """An answer as a line of JSON in UTF-8; half a surrogate pair, which UTF-8 cannot say, stays escaped as it came."""
    line = json.dumps(answer, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        line = json.dumps(answer)
    return line + "\n"


@click.command(epilog="Example:  dateline stage clean < pages.jsonl > articles.jsonl")
@click.argument("name", type=click.Choice([*EACH, *TOGETHER]), metavar="NAME")
def stage(name: str) -> None:
    """Run the stage NAME on JSON lines: standard input to standard output, in the same order.

    \b
    feed    id, url, content_type?, headers?, body_b64     → id, title, entries
    portal  id, date, wikitext                             → id, events
    robots  id, robots, status?, agent, url                → id, allowed
    url     id, url                                        → id, url, key
    clean   id, url?, and html, text or body_b64           → id, title, published, authors, text, …
    tag     id, title, text, language?                     → id, tags
    link    id, title, text, source?, url?, date?, tags?   → id, event, copy_of, reasons (once all is read)
    copies  pair, a {title, text}, b {title, text}         → pair, copy

    What cannot be done gives {"id", "error": {"class", "message"}}, and the rest go on. No database, no Redis.
    """
    source: BinaryIO = sys.stdin.buffer
    for answer in answers(name, source):
        sys.stdout.write(as_line(answer))
        if name not in TOGETHER:
            sys.stdout.flush()
