"""The killable process: what goes in, what comes out, and what ends it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from shared.sandbox import Sandbox, SandboxError
from shared.stage import Reject, Retry
from shared.timelimit import RowTimeLimit, async_row_limit, row_limit, time_limits

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
kept = []
def keep(payload): kept.append(bytearray(os.urandom(1 << 20) * payload)); return os.getpid()
def nice(payload): return os.getpriority(os.PRIO_PROCESS, 0)
def work(payload):
    until = time.process_time() + payload
    while time.process_time() < until: pass
    return os.getpid()
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


def started(sandbox: Sandbox, function: str, payload: object, timeout: timedelta, **more: str) -> Future[object]:
    """The call, going on in a thread."""
    end: Future[object] = Future()

    def run() -> None:
        try:
            end.set_result(sandbox.call(function, payload, timeout=timeout, **more))
        except Reject as refusal:
            end.set_exception(refusal)

    threading.Thread(target=run, daemon=True).start()
    return end


@pytest.fixture
def lively(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Sandbox]]:
    """Makes sandboxes for which a tenth of a second is long."""
    (tmp_path / "parsers_of_test.py").write_text(FUNCTIONS)
    monkeypatch.syspath_prepend(tmp_path)
    made: list[Sandbox] = []

    def make(**bounds: Any) -> Sandbox:
        made.append(Sandbox(memory_bytes=500 << 20, quick=timedelta(seconds=0.1), **bounds))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_slow_document_holds_up_no_quick_one(lively: Callable[..., Sandbox]) -> None:
    sandbox = lively()
    quick = sandbox.call("parsers_of_test:pid", b"", timeout=LONG)
    slow = started(sandbox, "parsers_of_test:spin", b"", timedelta(seconds=4))
    time.sleep(0.5)
    for number in range(5):
        assert sandbox.call("parsers_of_test:echo", [number], timeout=LONG) == [[number], {}]
    other = sandbox.call("parsers_of_test:pid", b"", timeout=LONG)
    assert not slow.done()
    with pytest.raises(Reject, match="parse_limit"):
        slow.result(30)
    assert other != quick  # which was spent on the slow one


def test_slow_documents_wait_for_one_another_and_each_has_its_whole_time(lively: Callable[..., Sandbox]) -> None:
    sandbox = lively()
    first = started(sandbox, "parsers_of_test:work", 1.5, timedelta(seconds=3))
    time.sleep(0.7)
    second = started(sandbox, "parsers_of_test:work", 1.5, timedelta(seconds=3))
    time.sleep(0.4)
    assert sandbox.call("parsers_of_test:echo", b"quick", timeout=LONG) == ["quick", {}]
    assert first.result(30) != second.result(30)


def test_a_source_that_was_slow_waits_with_the_slow_until_it_is_quick_again(lively: Callable[..., Sandbox]) -> None:
    sandbox = lively(patience=timedelta(seconds=0.3))
    sandbox.call("parsers_of_test:work", 0.5, timeout=LONG, whose="http://slow.test/feed")
    running = started(sandbox, "parsers_of_test:work", 2, LONG)
    time.sleep(0.8)
    with pytest.raises(Retry, match=r"parsers_busy.*not quick"):  # it may be innocent: it comes again
        sandbox.call("parsers_of_test:echo", b"", timeout=LONG, whose="http://slow.test/feed")
    with pytest.raises(Retry, match="parsers_busy"):
        asyncio.run(sandbox.async_call("parsers_of_test:echo", b"", timeout=LONG, whose="http://slow.test/feed"))
    assert sandbox.call("parsers_of_test:nice", b"", timeout=LONG, whose="http://quick.test/feed") == 0
    running.result(30)
    assert sandbox.call("parsers_of_test:nice", b"", timeout=LONG, whose="http://slow.test/feed") > 0
    assert sandbox.call("parsers_of_test:nice", b"", timeout=LONG, whose="http://slow.test/feed") == 0


def test_one_child_alone_serves_slow_documents_when_nobody_waits(lively: Callable[..., Sandbox]) -> None:
    sandbox = lively(children=1)
    sandbox.call("parsers_of_test:work", 0.5, timeout=LONG, whose="slow")
    assert sandbox.call("parsers_of_test:work", 0.5, timeout=LONG, whose="slow") > 0


def test_a_child_that_is_not_needed_ends_and_one_stays(lively: Callable[..., Sandbox]) -> None:
    sandbox = lively(idle_for=timedelta(seconds=0.3))
    first = sandbox.call("parsers_of_test:pid", b"", timeout=LONG)
    running = started(sandbox, "parsers_of_test:spin", b"", timedelta(seconds=1))
    time.sleep(0.3)
    second = sandbox.call("parsers_of_test:pid", b"", timeout=LONG)
    with pytest.raises(Reject, match="parse_limit"):
        running.result(30)
    for _ in range(100):
        if not psutil.pid_exists(second):
            break
        time.sleep(0.05)
    assert not psutil.pid_exists(first)  # it was spent on the slow one
    assert not psutil.pid_exists(second)
    third = sandbox.call("parsers_of_test:pid", b"", timeout=LONG)
    time.sleep(1)
    assert sandbox.call("parsers_of_test:pid", b"", timeout=LONG) == third


def test_a_child_that_keeps_too_much_is_ended(lively: Callable[..., Sandbox]) -> None:
    sandbox = lively(held_bytes=60 << 20)
    first = sandbox.call("parsers_of_test:keep", 1, timeout=LONG)
    assert sandbox.call("parsers_of_test:keep", 60, timeout=LONG) == first
    assert sandbox.call("parsers_of_test:pid", b"", timeout=LONG) != first


def test_an_answer_that_nobody_waited_for_is_not_the_next_documents(lively: Callable[..., Sandbox]) -> None:
    sandbox = lively()
    sandbox.call("parsers_of_test:pid", b"", timeout=LONG)
    with pytest.raises(RowTimeLimit), time_limits(), row_limit(timedelta(seconds=0.3)):
        sandbox.call("parsers_of_test:work", 1, timeout=LONG)
    assert sandbox.call("parsers_of_test:echo", b"mine", timeout=LONG) == ["mine", {}]

    async def given_up() -> object:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await sandbox.async_call("parsers_of_test:work", 0.5, timeout=LONG)
        return await sandbox.async_call("parsers_of_test:echo", b"mine", timeout=LONG)

    assert asyncio.run(given_up()) == ["mine", {}]


def test_a_document_is_not_counted_against_the_row_and_what_comes_after_it_is(lively: Callable[..., Sandbox]) -> None:
    sandbox = lively(children=1)
    minute = timedelta(minutes=1)

    async def row(longest: timedelta, rest: float = 0.0) -> object:
        async with async_row_limit(timedelta(seconds=0.5), longest):
            found = await sandbox.async_call("parsers_of_test:work", 0.09, timeout=LONG)
            await asyncio.sleep(rest)
            return found

    async def run() -> list[object]:
        await sandbox.async_call("parsers_of_test:pid", b"", timeout=LONG)
        rows = [*(row(minute) for _ in range(10)), row(minute, rest=0.6), row(timedelta(seconds=0.2))]
        return await asyncio.gather(*rows, return_exceptions=True)

    *waited, dawdled, last = asyncio.run(run())
    assert len(set(map(str, waited))) == 1
    assert isinstance(dawdled, TimeoutError)
    assert isinstance(last, TimeoutError)
