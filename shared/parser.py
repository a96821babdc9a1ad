"""The process in which foreign bytes are parsed: what `shared/sandbox.py` starts, talks to and kills.

Frames on the pipes, both ways: two lengths (big-endian, 4 bytes each), then a JSON text and raw bytes of these lengths. It imports what
the function's module imports and nothing else.
"""

import importlib
import json
import math
import os
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

from shared.stage import Reject, Retry

LENGTHS = struct.Struct(">II")
_WATCH_S = 1.0


def serve(memory_bytes: int) -> None:
    """Answer calls until the pipe ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints must not come between the frames
    _follow_parent()
    _limit_memory(memory_bytes)
    while (lengths := requests.read(LENGTHS.size)) and len(lengths) == LENGTHS.size:
        text_length, body_length = LENGTHS.unpack(lengths)
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
    answer["held_bytes"] = _held_bytes()
    try:
        text = json.dumps(answer).encode()
    except (MemoryError, RecursionError) as problem:
        text = json.dumps({"reject": ["parse_limit", type(problem).__name__]}).encode()
    except (TypeError, ValueError):
        text = json.dumps({"bug": traceback.format_exc()[-8000:]}).encode()
    answers.write(LENGTHS.pack(len(text), 0) + text)
    answers.flush()


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return function


def _held_bytes() -> int:
    """The memory that this process holds now; 0 where the kernel does not say so."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:
            return int(file.read(200).split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


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
    serve(int(sys.argv[1]))
