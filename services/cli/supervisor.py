"""Child processes under watch: started, restarted when they die, ended in order, and never left behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import structlog

# A child that dies at once is restarted after this long, twice as long each time, up to the last.
RESTART_AFTER_S = 0.2
RESTART_AT_MOST_S = 10.0
STEADY_S = 20.0  # a child that lived this long starts afresh with the shortest wait
GRACE_S = 6.0
LOG_BYTES = 20_000_000
# Deaths in a row after which it is no accident.
HOPELESS = 3

PR_SET_PDEATHSIG = 1

log = structlog.get_logger()


@dataclass(kw_only=True)
class Child:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log_file: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait_s: float = RESTART_AFTER_S
    restart_at: float = 0.0
    restarts: int = 0
    deaths: int = 0  # in a row, none of them after a steady life

    def start(self) -> None:
        """Start it in a process group of its own, so that a Ctrl-C meant for the supervisor does not hit everything at once."""
        with self._log() as out:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - there are no threads here
            )
        self.started = time.monotonic()

    def _log(self) -> IO[bytes]:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_BYTES:
            self.log_file.replace(self.log_file.with_suffix(".old.log"))
        return self.log_file.open("ab")

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end_group(self) -> None:
        """End what it started itself and left behind, such as a parser in the middle of a document."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def tail(self, lines: int = 5) -> str:
        """The end of its log, for an error message."""
        if not self.log_file.exists():
            return ""
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])


def die_with_parent() -> None:
    """Have the kernel end this child when the supervisor is gone, however it went. Runs between fork and exec."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass(kw_only=True)
class Supervisor:
    """Keeps children running until told to stop. The first children are the ones that the others stand on, and are ended last."""

    children: list[Child] = field(default_factory=list)

    def add(self, child: Child) -> Child:
        """Start one more."""
        child.start()
        self.children.append(child)
        return child

    def look(self) -> list[Child]:
        """Restart what died. To be called a few times a second. Returns the children that died for the third time in a row just now."""
        now = time.monotonic()
        hopeless: list[Child] = []
        for child in self.children:
            if child.alive or child.process is None:
                continue
            if not child.restart_at:
                child.end_group()
                if now - child.started > STEADY_S:
                    child.wait_s, child.deaths = RESTART_AFTER_S, 0
                child.deaths += 1
                hopeless += [child] if child.deaths == HOPELESS else []
                child.restart_at = now + child.wait_s
                log.warning("process_died", name=child.name, status=child.process.returncode, restart_in_s=child.wait_s)
            elif now >= child.restart_at:
                child.restart_at, child.wait_s = 0.0, min(child.wait_s * 2, RESTART_AT_MOST_S)
                child.restarts += 1
                child.start()
        return hopeless

    def stop(self) -> None:
        """End all, the last started first where it matters: workers finish their batch while the broker still stands."""
        base = [child for child in self.children if child.name in ("redis", "sample")]
        for group in ([child for child in self.children if child not in base], base):
            for child in group:
                if child.alive and child.process:
                    child.process.send_signal(signal.SIGTERM)
            self._wait(group)

    def _wait(self, group: Sequence[Child]) -> None:
        deadline = time.monotonic() + GRACE_S
        for child in group:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("process_killed", name=child.name, reason="still running after the grace")
                child.process.kill()
                child.process.wait()
            child.end_group()
