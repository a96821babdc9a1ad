"""Children are kept running, ended in order, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.cli.supervisor import HOPELESS, Child, Supervisor

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def child(name: str, command: list[str], folder: Path) -> Child:
    return Child(name=name, command=command, environment=dict(os.environ), log_file=folder / f"{name}.log")


def wait_for(what: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def gone(pid: int) -> bool:
    """Whether a process has ended, also where nobody has asked for its status."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True


def test_what_dies_is_started_again(tmp_path: Path) -> None:
    supervisor = Supervisor()
    one = supervisor.add(child("one", SLEEP, tmp_path))
    assert one.process is not None
    first = one.process.pid
    os.kill(first, signal.SIGKILL)

    def looked() -> bool:
        supervisor.look()
        return one.alive and one.process is not None and one.process.pid != first

    wait_for(looked)
    assert one.restarts == 1
    supervisor.stop()
    assert not one.alive


def test_what_dies_again_and_again_is_started_ever_more_slowly(tmp_path: Path) -> None:
    supervisor = Supervisor()
    one = supervisor.add(child("one", [sys.executable, "-c", "print('no'); raise SystemExit(3)"], tmp_path))

    def looked() -> bool:
        supervisor.look()
        return one.restarts >= 2

    wait_for(looked)
    assert one.wait_s >= 0.8
    assert "no" in one.tail()
    supervisor.stop()


def test_a_child_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    supervisor = Supervisor()
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    one = supervisor.add(child("one", [sys.executable, "-c", stubborn], tmp_path))
    wait_for(lambda: "up" in one.tail())
    supervisor.stop()
    assert not one.alive


def test_workers_end_before_the_broker(tmp_path: Path) -> None:
    note = (
        "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: (print(time.time(), flush=True), sys.exit()))\n"
        "print('up', flush=True)\ntime.sleep(60)"
    )
    supervisor = Supervisor()
    redis = supervisor.add(child("redis", [sys.executable, "-c", note], tmp_path))
    worker = supervisor.add(child("fetch", [sys.executable, "-c", note], tmp_path))
    wait_for(lambda: "up" in redis.tail() and "up" in worker.tail())
    supervisor.stop()
    assert float(worker.tail(1)) < float(redis.tail(1))


def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys, time\nfrom pathlib import Path\nfrom services.cli.supervisor import Child, Supervisor\n"
        f"log = Path({str(tmp_path)!r}) / 'x.log'\n"
        f"c = Supervisor().add(Child(name='x', command={SLEEP!r}, environment=dict(os.environ), log_file=log))\n"
        "print(c.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[4])
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    if sys.platform == "linux":
        wait_for(lambda: gone(pid))


def test_a_child_that_keeps_dying_is_named_once(tmp_path: Path) -> None:
    supervisor = Supervisor()
    supervisor.add(child("one", [sys.executable, "-c", "print('no'); raise SystemExit(3)"], tmp_path))
    named: list[Child] = []

    def looked() -> bool:
        named.extend(supervisor.look())
        return supervisor.children[0].deaths > HOPELESS

    wait_for(looked)
    assert [one.name for one in named] == ["one"]
    supervisor.stop()


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_what_a_child_started_itself_ends_with_it(tmp_path: Path, ending: str) -> None:
    code = f"import subprocess, time; print(subprocess.Popen({SLEEP!r}).pid, flush=True); time.sleep(60)"
    supervisor = Supervisor()
    one = supervisor.add(child("one", [sys.executable, "-c", code], tmp_path))
    wait_for(lambda: one.tail() != "")
    grandchild = int(one.tail())
    if ending == "kill":
        assert one.process is not None
        one.process.kill()
        one.process.wait()
        supervisor.look()
    else:
        supervisor.stop()
    wait_for(lambda: gone(grandchild))
    supervisor.stop()
