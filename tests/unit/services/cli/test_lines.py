"""`dateline stage NAME`: one answer a line, in order, and the workers' own functions behind it."""

import base64
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from services.cli.lines import EACH, TOGETHER, answers, function
from services.cli.main import main


def run(name: str, lines: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in CliRunner().invoke(main, ["stage", name], input=lines).stdout.splitlines()]


def test_answers_stand_in_the_order_of_the_questions_and_errors_among_them() -> None:
    lines = '{"id": 1, "url": "http://EXAMPLE.com:80/a?utm_source=x#b"}\nno json\n\n{"id": 2, "url": "http://a b/"}\n[1]\n{"id": 3, "url": "http://x.org/"}\n'
    first, broken, refused, no_object, last = run("url", lines)
    assert first == {"id": 1, "url": "http://example.com/a", "key": first["key"]}
    assert broken["id"] is None
    assert broken["error"]["class"] == "line_malformed"
    assert broken["line"] == 2
    assert refused["id"] == 2
    assert refused["error"]["class"] == "url_malformed"
    assert no_object["error"]["class"] == "line_malformed"
    assert last["id"] == 3


def test_a_line_that_lacks_what_the_stage_needs_is_answered_with_its_id() -> None:
    (answer,) = run("url", '{"id": 7}\n')
    assert answer["id"] == 7
    assert answer["error"]["class"] == "line_malformed"


@pytest.mark.parametrize("name", [*EACH, *TOGETHER])
def test_a_hostile_line_never_stops_the_rest(name: str) -> None:
    lines = [b'{"id": "\\ud800", "url": 5, "text": [], "title": {}, "html": 1, "a": 1, "b": 2}', b"\xff\xfe", b"[" * 10_000, b"{}"]
    found = list(answers(name, lines))
    assert len(found) == len(lines)
    assert [one["id"] for one in found[1:3]] == [None, None]


def test_a_line_that_takes_too_long_is_given_up_and_the_next_is_answered() -> None:
    endless = base64.b64encode(b"<rss><channel><item>" + b"<a" * 3_000_000).decode()
    lines = [json.dumps({"id": id, "url": "http://x.org/feed", "body_b64": body}).encode() for id, body in ((1, endless), (2, ""))]
    slow, empty = answers("feed", lines, timedelta(seconds=0.3))
    assert (slow["id"], slow["error"]["class"]) == (1, "parse_limit")
    assert (empty["id"], empty["error"]["class"]) == (2, "feed_malformed")


def test_half_a_surrogate_pair_in_an_id_comes_back_as_it_came() -> None:
    first, last = run("url", '{"id": "\\ud800", "url": "http://x.org/"}\n{"id": 2, "url": "http://x.org/"}\n')
    assert first["id"] == "\ud800"
    assert last["id"] == 2


def test_an_unknown_stage_is_misuse() -> None:
    result = CliRunner().invoke(main, ["stage", "translate"])
    assert result.exit_code == 2
    assert "translate" in result.stderr


def test_the_workers_call_the_same_function_objects() -> None:
    """A notebook, a benchmark, a fuzzer and the worker see one core: the stage's module holds the very function of the lines."""
    from services.clean.core import clean
    from services.clean.core import lines as clean_lines
    from services.fetch.core import lines as fetch_lines
    from services.fetch.core import source
    from services.link import stage as link_stage
    from services.link.core import closedset, partition
    from services.tag import stage as tag_stage
    from services.tag.core import tag_article

    assert clean_lines.clean is clean
    assert fetch_lines.read_source is source.read_source
    assert tag_stage.tag_article is tag_article
    assert function("tag").__globals__["tag_article"] is tag_article
    assert link_stage.score is closedset.score
    assert partition.cluster is closedset.cluster


def test_answers_come_as_the_lines_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe that never ends gets its answers meanwhile."""
    asked: list[int] = []

    def lines() -> Iterator[bytes]:
        for number in range(3):
            asked.append(number)
            yield json.dumps({"id": number, "url": f"http://x.org/{number}"}).encode()

    found = answers("url", lines())
    next(found)
    assert asked == [0]


def test_help_shows_what_a_line_holds() -> None:
    out = io.StringIO()
    out.write(CliRunner().invoke(main, ["stage", "--help"]).output)
    for name in [*EACH, *TOGETHER]:
        assert f"\n  {name} " in out.getvalue()
