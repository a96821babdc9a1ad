"""The containers' health check: `python probe.py worker|scheduler|web|flower` ends with 0 where the service is well, else 1 and why.

A file of its own that imports next to nothing: it runs twice a minute in each container, where Celery's own `inspect ping` costs a second
of CPU each time and gets no answer from a worker that is busy with a batch.
"""

import http.client
import os
import socket
import sys
from urllib.parse import unquote, urlsplit

TIMEOUT_S = 5
HEARTBEAT_S = 30  # the scheduler's; it beats once a second


def worker() -> str | None:
    """A worker is well when it is connected to Redis: from there its batches come, and a worker that lost it for good is of no use."""
    at = urlsplit(os.environ["DATELINE_BROKER"])
    with socket.create_connection((at.hostname or "localhost", at.port or 6379), TIMEOUT_S) as connection:
        own, port = connection.getsockname()[:2]
        words = [("AUTH", *((unquote(at.username),) if at.username else ()), unquote(at.password))] if at.password else []
        for command in (*words, ("CLIENT", "LIST")):
            connection.sendall(b"".join([b"*%d\r\n" % len(command), *(b"$%d\r\n%s\r\n" % (len(w.encode()), w.encode()) for w in command)]))
        with connection.makefile("rb") as answers:
            for _ in words:
                if not (line := answers.readline()).startswith(b"+OK"):
                    return f"Redis refuses the password: {line.decode(errors='replace').strip()}"
            length = int(answers.readline().strip().lstrip(b"$"))
            clients = answers.read(length).decode(errors="replace").splitlines()
    others = [one for one in clients if f" addr={own}:" in one and f" addr={own}:{port} " not in one]
    return None if others else f"no connection from {own} to Redis"


def scheduler() -> str | None:
    """The scheduler is well when its heartbeat in the database is young."""
    import psycopg

    url = os.environ["DATELINE_DATABASE"].replace("+psycopg", "", 1)
    with psycopg.connect(url, connect_timeout=TIMEOUT_S) as connection:
        row = connection.execute("SELECT extract(epoch FROM now() - max(at)) FROM heartbeat WHERE name = 'scheduler'").fetchone()
    age = row[0] if row else None
    return None if age is not None and age < HEARTBEAT_S else f"the last heartbeat is {age} s old"


def web() -> str | None:
    """The site says itself whether it reaches its database."""
    return _get(int(os.environ.get("DATELINE_PORT", "8000")), "/healthz")


def flower() -> str | None:
    """Flower answers; this address asks for no password."""
    return _get(int(sys.argv[2]) if len(sys.argv) > 2 else 5555, "/healthcheck")


def _get(port: int, path: str) -> str | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    connection.request("GET", path)
    status = connection.getresponse().status
    return None if status == 200 else f"{path} answers {status}"


if __name__ == "__main__":
    probes = {"worker": worker, "scheduler": scheduler, "web": web, "flower": flower}
    if len(sys.argv) < 2 or sys.argv[1] not in probes:
        sys.exit(f"usage: probe.py {'|'.join(probes)} [PORT]")
    try:
        sys.exit(probes[sys.argv[1]]())
    except Exception as error:  # noqa: BLE001 - whatever it is, the service is not well
        sys.exit(f"{type(error).__name__}: {error}")
