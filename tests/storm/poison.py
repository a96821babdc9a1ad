"""Pages that harm the worker which reads them: put around the real stages by `DATELINE_STAGES=poison:build`.

The harm is done in the worker's own process, in `clean`'s run, where a library's crash or loop would do it if the sandbox did not exist.
"""

import collections
import ctypes
import itertools
import os
import re
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from services.cli.stages import build as build_real
from shared.messages import DocumentFetched, Message
from shared.parts import Parts
from shared.pipeline import PIPELINE
from shared.raw import RawStore
from shared.stage import AnyStage

MARK = re.compile(rb'<meta name="storm" content="([a-z_]+)">')


def leave() -> None:
    """The process ends without a word."""
    os._exit(1)


def kill() -> None:
    """As the kernel's out-of-memory killer does it."""
    os.kill(os.getpid(), signal.SIGKILL)


def crash() -> None:
    """A library reads where nothing is."""
    ctypes.string_at(0)


def loop() -> None:
    """Python code that never ends; the row's time limit ends it."""
    while True:
        pass


def native_loop() -> None:
    """C code that never ends, holds the interpreter's lock and looks at no signal; only the watchdog ends it."""
    collections.deque(itertools.repeat(None), maxlen=0)


def memory() -> None:
    """Memory without bound, up to the limit of the worker's address space."""
    held = []
    while True:
        held.append(bytearray(32 * 2**20))


POISON: dict[str, Callable[[], None]] = {
    "leave": leave,
    "kill": kill,
    "crash": crash,
    "loop": loop,
    "native_loop": native_loop,
    "memory": memory,
}
# What each must be quarantined as. A slow machine may end the memory by its time.
CLASSES: dict[str, set[str]] = {
    "leave": {"killed"},
    "kill": {"killed"},
    "crash": {"killed"},
    "loop": {"time_limit"},
    "native_loop": {"killed"},
    "memory": {"parse_limit", "time_limit"},
}


@dataclass(frozen=True)
class Poisoned:
    """The real stage, but for pages that bear the mark."""

    real: AnyStage
    raw: RawStore

    def load(self, session: Session, message: DocumentFetched) -> Any:
        return self.real.load(session, message)

    def run(self, given: Any) -> Any:
        found = MARK.search(self.raw.get(given.sha256))
        if found:
            POISON[found[1].decode()]()
        return self.real.run(given)

    def save(self, session: Session, message: Message, done: Any) -> Any:
        return self.real.save(session, message, done)


def build(parts: Parts, names: Iterable[str] = PIPELINE.names) -> dict[str, AnyStage]:
    """The real stages, with `clean` poisoned."""
    made = build_real(parts, names)
    if "clean" in made:
        made["clean"] = Poisoned(made["clean"], parts.raw)
    return made
