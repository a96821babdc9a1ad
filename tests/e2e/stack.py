"""The command `dateline` as a user runs it: as a process, with an environment of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).parents[2]
_web = build_opener(ProxyHandler({}))


def environment(**more: str) -> dict[str, str]:
    """The machine's, without settings of Dateline's that somebody may have set."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")} | more


def dateline(data: Path, *words: str, timeout: float = 180, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    command = [sys.executable, "-m", "services.cli", "--data", str(data), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment(**more), cwd=ROOT)


@contextmanager
def running(data: Path, *words: str, **more: str) -> Iterator[dict[str, Any]]:
    """`dateline run` until the block ends; gives what stack.json says. Ends it as a user would, and demands that it ends well."""
    command = [sys.executable, "-m", "services.cli", "--data", str(data), "run", "--port", "0", *words]
    log = data.with_suffix(".out")
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment(**more), cwd=ROOT)
    try:
        deadline = time.monotonic() + 120
        while not (data / "stack.json").exists():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield json.loads((data / "stack.json").read_text()) | {"process": process}
    finally:
        killed = process.poll() == -signal.SIGKILL  # by the block itself
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        assert killed or process.wait(40) == 0, log.read_text()


def get(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    """(status, body) of an address on this machine."""
    try:
        with _web.open(Request(url, headers=dict(headers or {})), timeout=10) as found:
            return found.status, found.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def wait_for(url: str, wanted: str, seconds: float = 60) -> str:
    """The body of an address once it holds `wanted`."""
    deadline = time.monotonic() + seconds
    body = ""
    while time.monotonic() < deadline:
        try:
            body = get(url)[1]
        except (URLError, OSError) as error:
            body = str(error)
        if wanted in body:
            return body
        time.sleep(0.2)
    raise AssertionError(f"{url} does not show {wanted!r}: {body[:500]}")
