"""The other end of `shared/parser.py`: a child process that is started, asked and ended."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shared.parser import LENGTHS

_START = timedelta(seconds=30)  # for an interpreter to start and a module to be imported, on a machine that is busy
_LOOK_S = 0.25
_NICENESS = 10


@dataclass(eq=False)
class ParserProcess:
    """A running parser, and what it has imported."""

    process: subprocess.Popen[bytes]
    owner: int  # the process that started it: after a fork it is another's
    longest_answer: int  # bytes
    loaded: set[str] = field(default_factory=set)
    held_bytes: int = 0  # after its last answer
    idle_since: float = 0.0

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def load(self, function: str) -> None:
        """Let it import a function's module, once. Raises as `ask` does."""
        if function not in self.loaded:
            self.ask({"load": function}, b"", time.monotonic() + _START.total_seconds())
            self.loaded.add(function)

    def ask(self, head: dict[str, Any], body: bytes, deadline: float, look: Callable[[], None] | None = None) -> dict[str, Any]:
        """The answer to a frame, by `deadline` of time.monotonic(). `look` is called four times a second while there is none.

        Raises TimeoutError, and OSError, EOFError or ValueError where the child died or answers what it must not: it is of no more use.
        """
        if self.process.stdin is None or self.process.stdout is None:
            raise EOFError("no pipes")
        text = json.dumps(head).encode()
        _send(self.process.stdin.fileno(), LENGTHS.pack(len(text), len(body)) + text + body, deadline)
        answers = self.process.stdout.fileno()
        while look is not None and not _is_ready(answers, select.POLLIN, min(deadline, time.monotonic() + _LOOK_S)):
            look()
            if time.monotonic() >= deadline:
                raise TimeoutError("out of time")
        length, _ = LENGTHS.unpack(_receive(answers, LENGTHS.size, deadline))
        if length > self.longest_answer:
            raise ValueError(f"an answer of {length} bytes")
        answer: dict[str, Any] = json.loads(_receive(answers, length, deadline))
        self.held_bytes = answer.pop("held_bytes", 0)
        return answer

    def spent_s(self) -> float:
        """CPU seconds since its start; where the kernel has no clock for that, seconds."""
        try:
            # As clock_getcpuclockid(3) makes it of a process's number.
            return time.clock_gettime((~self.process.pid << 3) | 2) if sys.platform == "linux" else time.monotonic()
        except OSError:  # it ended just now
            return 0.0

    def be_nice(self) -> None:
        """Let it have the time that others leave. There is no way back."""
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # it ended just now
                os.setpriority(os.PRIO_PROCESS, self.process.pid, _NICENESS)

    def end(self) -> None:
        """Kill it and clear it away."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        if self.owner == os.getpid():
            self.process.kill()
            self.process.wait()
        else:
            self.process.returncode = -signal.SIGKILL  # not ours to wait for


def start(memory_bytes: int, longest_answer: int) -> ParserProcess:
    """A fresh interpreter (exec, no fork) with a limit to its address space."""
    # Our own settings hold passwords; a parser needs none of them.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    environment["PYTHONPATH"] = os.pathsep.join(path or os.getcwd() for path in sys.path)
    process = subprocess.Popen(
        [sys.executable, "-m", "shared.parser", str(memory_bytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        bufsize=0,
    )
    return ParserProcess(process, os.getpid(), longest_answer)


def _is_ready(fd: int, event: int, until: float) -> bool:
    poll = select.poll()
    poll.register(fd, event)
    return bool(poll.poll(max(0.0, until - time.monotonic()) * 1000))


def _wait(fd: int, event: int, deadline: float) -> None:
    if not _is_ready(fd, event, deadline):
        raise TimeoutError("out of time")


def _send(fd: int, data: bytes, deadline: float) -> None:
    os.set_blocking(fd, False)
    rest = memoryview(data)
    while rest:
        _wait(fd, select.POLLOUT, deadline)
        with contextlib.suppress(BlockingIOError):
            rest = rest[os.write(fd, rest) :]


def _receive(fd: int, length: int, deadline: float) -> bytes:
    whole = bytearray()
    while len(whole) < length:
        _wait(fd, select.POLLIN, deadline)
        piece = os.read(fd, min(length - len(whole), 1 << 16))
        if not piece:
            raise EOFError("the parser died")
        whole += piece
    return bytes(whole)
