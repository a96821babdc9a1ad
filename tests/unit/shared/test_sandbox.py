"""The killable process: what goes in, what comes out, and what ends it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.sandbox import Sandbox, SandboxError
from shared.stage import Reject, Retry

SECOND = timedelta(seconds=1)
LONG = timedelta(seconds=60)

FUNCTIONS = """
import os, sys, time
from shared.stage import Reject, Retry
def echo(payload, **more): return [payload.decode() if isinstance(payload, bytes) else payload, more]
def pid(payload): return os.getpid()
def spin(payload):
    while True: pass
def sleep(payload): time.sleep(60)
def eat(payload): return len([bytes(1 << 20) for _ in range(1 << 14)])
def deep(payload): return deep(payload)
def die(payload): os._exit(1)
def refuse(payload): raise Reject("feed_malformed", "no feed")
def later(payload): raise Retry("unreachable", "no net")
def bug(payload): return 1 // 0
def odd(payload): return {1, 2}
def chatty(payload): print("x" * 100); sys.stdout.flush(); return "quiet"
def long(payload): return "x" * payload
def modules(payload): return sorted(sys.modules)
def secret(payload): return os.environ.get("DATELINE_DATABASE")
"""


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    (tmp_path / "parsers_of_test.py").write_text(FUNCTIONS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("DATELINE_DATABASE", "postgresql://user:pw@db/x")
    with Sandbox(memory_bytes=500 << 20, answer_bytes=1 << 20) as box:
        yield box


def test_bytes_and_json_go_in_and_json_comes_out(sandbox: Sandbox) -> None:
    assert sandbox.call("parsers_of_test:echo", "déjà".encode() * 50_000, timeout=LONG) == ["déjà" * 50_000, {}]
    assert sandbox.call("parsers_of_test:echo", {"a": [1, None]}, timeout=LONG, url="u") == [{"a": [1, None]}, {"url": "u"}]
    assert sandbox.call("parsers_of_test:chatty", b"", timeout=LONG) == "quiet"


def test_the_child_lives_on_between_calls_and_after_a_refusal(sandbox: Sandbox) -> None:
    first = sandbox.call("parsers_of_test:pid", b"", timeout=LONG)
    with pytest.raises(Reject, match="feed_malformed: no feed"):
        sandbox.call("parsers_of_test:refuse", b"", timeout=LONG)
    with pytest.raises(Retry, match="unreachable: no net"):
        sandbox.call("parsers_of_test:later", b"", timeout=LONG)
    with pytest.raises(SandboxError, match="ZeroDivisionError"):
        sandbox.call("parsers_of_test:bug", b"", timeout=LONG)
    with pytest.raises(SandboxError, match="not JSON serializable"):
        sandbox.call("parsers_of_test:odd", b"", timeout=LONG)
    assert sandbox.call("parsers_of_test:pid", b"", timeout=LONG) == first != os.getpid()


@pytest.mark.parametrize("name", ["spin", "sleep", "eat", "deep", "die"])
def test_what_takes_too_much_is_ended_and_the_next_call_is_served(sandbox: Sandbox, name: str) -> None:
    with pytest.raises(Reject) as refusal:
        sandbox.call(f"parsers_of_test:{name}", b"", timeout=SECOND)
    assert refusal.value.error_class == "parse_limit"
    assert sandbox.call("parsers_of_test:echo", b"next", timeout=LONG) == ["next", {}]


def test_an_answer_has_its_limit_too(sandbox: Sandbox) -> None:
    assert len(sandbox.call("parsers_of_test:long", 1000, timeout=LONG)) == 1000
    with pytest.raises(Reject, match="parse_limit"):
        sandbox.call("parsers_of_test:long", 5_000_000, timeout=LONG)


def test_the_child_knows_neither_our_secrets_nor_the_rest_of_the_program(sandbox: Sandbox) -> None:
    assert sandbox.call("parsers_of_test:secret", b"", timeout=LONG) is None
    loaded = set(sandbox.call("parsers_of_test:modules", b"", timeout=LONG))
    assert loaded.isdisjoint({"sqlalchemy", "celery", "pydantic", "httpcore", "lxml"})


def test_coroutines_may_call_at_once(sandbox: Sandbox) -> None:
    async def run() -> list[object]:
        calls = (sandbox.async_call("parsers_of_test:echo", [number], timeout=LONG) for number in range(5))
        return await asyncio.gather(*calls)

    assert asyncio.run(run()) == [[[number], {}] for number in range(5)]


def test_after_a_fork_each_process_has_a_child_of_its_own(sandbox: Sandbox) -> None:
    mine = sandbox.call("parsers_of_test:pid", b"", timeout=LONG)
    forked = os.fork()
    if forked == 0:
        other = sandbox.call("parsers_of_test:pid", b"", timeout=LONG)
        sandbox.close()
        os._exit(0 if other != mine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 0
    assert sandbox.call("parsers_of_test:pid", b"", timeout=LONG) == mine


def test_the_child_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "parsers_of_test.py").write_text(FUNCTIONS)
    program = (
        "import sys, threading; from datetime import timedelta; from shared.sandbox import Sandbox\n"
        "box = Sandbox(); minute = timedelta(seconds=60)\n"
        "print(box.call('parsers_of_test:pid', b'', timeout=minute), flush=True)\n"
        "box.call('parsers_of_test:spin', b'', timeout=minute)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *(path or os.getcwd() for path in sys.path)])},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(200):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{child}/stat").exists() and Path(f"/proc/{child}/stat").read_text().split()[2] == "Z":
            return  # ended; the machine's first process has not noticed yet
        time.sleep(0.1)
    pytest.fail("the child outlived its parent")
