"""Parsers of foreign bytes in a process that can be killed, with limits of memory, CPU and time.

`Sandbox.call("package.module:function", payload, timeout=…)` runs a pure function of ours in a child process that lives on between calls
and is started at the first one. The child is a fresh interpreter (exec, no fork): it imports what the function's module imports and
nothing else. Payload and result are bytes or JSON, never pickle: a child that was taken over can lie about its document, and that is all.

Frames on the pipes, both ways: two lengths (big-endian, 4 bytes each), then a JSON text and raw bytes of these lengths.
"""

import asyncio
import contextlib
import importlib
import json
import math
import os
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, BinaryIO, Self

from shared.stage import Reject, Retry

_LENGTHS = struct.Struct(">II")
_START = timedelta(seconds=30)  # for an interpreter to start and a module to be imported, on a machine that is busy
_WATCH_S = 1.0


class SandboxError(RuntimeError):
    """The function failed in a way that is a mistake of ours; the text is the child's traceback."""


class Sandbox:
    """One child process and its limits. Calls of several threads or tasks wait for one another."""

    def __init__(self, *, memory_bytes: int = 1 << 30, answer_bytes: int = 1 << 26) -> None:
        self._memory_bytes = memory_bytes
        self._answer_bytes = answer_bytes
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._loaded: set[str] = set()  # by the child
        self._owner = 0  # the process that started the child: after a fork it is another's

    def call(self, function: str, payload: Any, *, timeout: timedelta, **arguments: Any) -> Any:
        """`function(payload, **arguments)` as worked out by the child. `payload` is bytes or JSON, `arguments` are JSON.

        `timeout` counts from the moment the child is ready and knows the module, so a cold start is not the document's fault.
        Raises `Reject("parse_limit")` where time, CPU or memory ran out or the child died, the function's own Reject or Retry as
        itself, `SandboxError` for every other exception.
        """
        with self._lock:
            child = self._child
            if child is None or child.poll() is not None or self._owner != os.getpid():
                child = self._started()
            try:
                if function not in self._loaded:
                    self._exchange(child, {"load": function}, b"", time.monotonic() + _START.total_seconds())
                    self._loaded.add(function)
                deadline = time.monotonic() + timeout.total_seconds()
                head = {"call": function, "arguments": arguments, "cpu_s": math.ceil(timeout.total_seconds()) + 1}
                raw = isinstance(payload, bytes | bytearray | memoryview)
                if not raw:
                    head["json"] = payload
                answer = self._exchange(child, head, bytes(payload) if raw else b"", deadline)
            except (TimeoutError, OSError, EOFError, ValueError) as problem:
                self._kill()
                raise Reject("parse_limit", f"{function}: {problem or type(problem).__name__}") from problem
        return _outcome(function, answer)

    async def async_call(self, function: str, payload: Any, *, timeout: timedelta, **arguments: Any) -> Any:
        """`call` from a coroutine, in a thread."""
        return await asyncio.to_thread(self.call, function, payload, timeout=timeout, **arguments)

    def close(self) -> None:
        """End the child. A later call starts another."""
        with self._lock:
            self._kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _started(self) -> subprocess.Popen[bytes]:
        self._kill()
        # Our own settings hold passwords; a parser needs none of them.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
        environment["PYTHONPATH"] = os.pathsep.join(path or os.getcwd() for path in sys.path)
        self._child = subprocess.Popen(
            [sys.executable, "-m", "shared.sandbox", str(self._memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            bufsize=0,
        )
        self._owner = os.getpid()
        return self._child

    def _kill(self) -> None:
        child, self._child = self._child, None
        self._loaded.clear()
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        if self._owner == os.getpid():
            child.kill()
            child.wait()
        else:
            child.returncode = -signal.SIGKILL  # another process's child: not ours to wait for

    def _exchange(self, child: subprocess.Popen[bytes], head: dict[str, Any], body: bytes, deadline: float) -> dict[str, Any]:
        if child.stdin is None or child.stdout is None:
            raise EOFError("no pipes")
        text = json.dumps(head).encode()
        _send(child.stdin.fileno(), _LENGTHS.pack(len(text), len(body)) + text + body, deadline)
        lengths = _receive(child.stdout.fileno(), _LENGTHS.size, deadline)
        length, _ = _LENGTHS.unpack(lengths)
        if length > self._answer_bytes:
            raise ValueError(f"an answer of {length} bytes")
        answer: dict[str, Any] = json.loads(_receive(child.stdout.fileno(), length, deadline))
        return answer


def _outcome(function: str, answer: dict[str, Any]) -> Any:
    if "ok" in answer:
        return answer["ok"]
    if "reject" in answer:
        raise Reject(*answer["reject"])
    if "retry" in answer:
        raise Retry(*answer["retry"])
    raise SandboxError(f"{function}\n{answer.get('bug')}")


def _wait(fd: int, event: int, deadline: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(fd, event)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            raise TimeoutError("out of time")


def _send(fd: int, data: bytes, deadline: float) -> None:
    os.set_blocking(fd, False)
    rest = memoryview(data)
    while rest:
        _wait(fd, selectors.EVENT_WRITE, deadline)
        with contextlib.suppress(BlockingIOError):
            rest = rest[os.write(fd, rest) :]


def _receive(fd: int, length: int, deadline: float) -> bytes:
    whole = bytearray()
    while len(whole) < length:
        _wait(fd, selectors.EVENT_READ, deadline)
        piece = os.read(fd, min(length - len(whole), 1 << 16))
        if not piece:
            raise EOFError("the parser died")
        whole += piece
    return bytes(whole)


# --------------------------------------------------------------------------- inside the child


def _serve(memory_bytes: int) -> None:
    """Answer calls until the pipe ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints must not come between the frames
    _follow_parent()
    _limit_memory(memory_bytes)
    while (lengths := requests.read(_LENGTHS.size)) and len(lengths) == _LENGTHS.size:
        text_length, body_length = _LENGTHS.unpack(lengths)
        head = json.loads(requests.read(text_length))
        _reply(answers, _answered(head, requests.read(body_length)))


def _answered(head: dict[str, Any], body: bytes) -> dict[str, Any]:
    try:
        if "load" in head:
            _function(head["load"])
            return {"ok": None}
        _limit_cpu(head["cpu_s"])
        payload = head.get("json", body)
        return {"ok": _function(head["call"])(payload, **head["arguments"])}
    except Reject as refusal:
        return {"reject": [refusal.error_class, refusal.detail]}
    except Retry as delay:
        return {"retry": [delay.error_class, delay.detail]}
    except (MemoryError, RecursionError) as problem:
        return {"reject": ["parse_limit", type(problem).__name__]}
    except Exception:  # noqa: BLE001 - the parent raises it: nothing is swallowed
        return {"bug": traceback.format_exc()[-8000:]}


def _reply(answers: BinaryIO, answer: dict[str, Any]) -> None:
    try:
        text = json.dumps(answer).encode()
    except (MemoryError, RecursionError) as problem:
        text = json.dumps({"reject": ["parse_limit", type(problem).__name__]}).encode()
    except (TypeError, ValueError):
        text = json.dumps({"bug": traceback.format_exc()[-8000:]}).encode()
    answers.write(_LENGTHS.pack(len(text), 0) + text)
    answers.flush()


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return function


def _limit_memory(memory_bytes: int) -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_cpu(seconds: int) -> None:
    """A limit for the next call: the kernel counts from the process's start, and kills at the soft limit."""
    if sys.platform != "win32":
        import resource

        spent = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(spent.ru_utime + spent.ru_stime) + seconds, hard))


def _follow_parent() -> None:
    """End with the parent, whatever the main thread is doing.

    Not PR_SET_PDEATHSIG: it fires when the *thread* that started the child ends. Not the end of the pipe alone: a child that parses does
    not read, and a fork of the parent may hold the other end.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_S)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
