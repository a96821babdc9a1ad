"""The embedded stack: every process of a cluster, on this machine, on free loopback ports, out of one data folder."""

import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import click

from services.cli.broker import Broker, embedded, free_port
from services.cli.place import STACK, Place
from services.cli.supervisor import Child, Supervisor
from shared.clock import now
from shared.pipeline import PIPELINE
from shared.settings import PREFIX

EPOCH = "sample-epoch"
START_S = 90.0
BROKER_S = 10.0  # that a Redis of the user's own may take to answer
# A stage a process. Poll and fetch wait for strangers, so neither may hold up the other; solo pools, since processes are what scales.
# What people decide is rare, and is carried out by the linker's process.
TOGETHER = {"link": ("edit", "link")}
WORKERS = tuple(TOGETHER.get(name, (name,)) for name in PIPELINE.names if name != "edit")


class Stack:
    """Starts the processes in the order in which they need one another, and tells where they are."""

    def __init__(self, place: Place, *, port: int, sample: bool, last_moment: bool) -> None:
        self.place, self.sample, self.last_moment = place, sample, last_moment
        self.data: Path = place.settings.data
        self.supervisor = Supervisor()
        self.port = port or free_port()
        self.flower_port = free_port()
        self.sample_port = free_port()
        self.broker: Broker | None = None if place.settings.broker else embedded(self.data / "redis")

    @property
    def broker_url(self) -> str:
        """The address of the queues."""
        return self.place.settings.broker or (self.broker.url if self.broker else "")

    @property
    def site(self) -> str:
        """The address of the front page."""
        return f"http://{self.place.settings.host}:{self.port}/"

    @property
    def flower(self) -> str:
        """The address of Flower."""
        return f"http://127.0.0.1:{self.flower_port}/"

    def start(self) -> None:
        """Start everything; returns when the site answers. Raises click.ClickException with the reason where a part does not start."""
        from shared.queue import redis_client

        # One that was killed left its addresses, and whoever asks must not be sent there.
        (self.data / STACK).unlink(missing_ok=True)
        if self.broker:
            self._add("redis", self.broker.command)
        if self.sample:
            when = ["--epoch", sample_epoch(self.data).isoformat(), *(["--last-moment"] if self.last_moment else [])]
            self._add("sample", [sys.executable, "-m", "services.cli.sample", "--port", str(self.sample_port), *when])
        redis = redis_client(self.broker_url)
        self._await("redis", redis.ping)
        # The site first and by itself: on a later start its pages are there, and whoever waits for them waits for nothing else.
        self._add("web", self._dateline("web", "--port", str(self.port)))
        self._await("web", lambda: answers(self.site + "healthz"))
        for stages in WORKERS:
            self._add("+".join(stages), self._dateline("worker", *stages))
        self._add("scheduler", self._dateline("scheduler"))
        self._add("flower", self._dateline("flower", "--port", str(self.flower_port)))
        self._write_addresses()

    def look(self) -> list[Child]:
        """Restart what died, and keep stack.json true. Returns the children that died for the third time in a row just now."""
        restarts = self._restarts()
        hopeless = self.supervisor.look()
        if self._restarts() != restarts:
            self._write_addresses()
        return hopeless

    def _restarts(self) -> int:
        return sum(child.restarts for child in self.supervisor.children)

    def stop(self) -> None:
        """End every process."""
        self.supervisor.stop()
        (self.data / STACK).unlink(missing_ok=True)

    def _add(self, name: str, command: Any) -> None:
        self.supervisor.add(
            Child(name=name, command=list(command), environment=self._environment(), log_file=self.data / "logs" / f"{name}.log")
        )

    def _dateline(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "services.cli", *words]

    def _environment(self) -> Mapping[str, str]:
        s = self.place.settings
        routes = dict(s.routes) | ({"*.test": f"127.0.0.1:{self.sample_port}"} if self.sample else {})
        given = {
            "DATA": str(self.data.absolute()),
            "DATABASE": s.database,
            "BROKER": self.broker_url,
            "ROUTES": json.dumps(routes),
            "LOG_FORMAT": "json" if s.log_format == "auto" else s.log_format,
        }
        return {**os.environ, **{PREFIX + name: value for name, value in given.items() if value is not None}}

    def _write_addresses(self) -> None:
        found = {
            "site": self.site,
            "flower": self.flower,
            "broker": self.broker_url,
            "broker_kind": self.broker.kind if self.broker else "given",
            "database": self.place.settings.database_url,
            "sample": f"http://127.0.0.1:{self.sample_port}/" if self.sample else None,
            "pid": os.getpid(),
            "pids": {child.name: child.process.pid for child in self.supervisor.children if child.process},
        }
        path = self.data / STACK
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)  # the broker's password stands in it
        fresh.write_text(json.dumps(found, indent=2))
        fresh.replace(path)

    def _await(self, name: str, ready: Any) -> None:
        from redis.exceptions import RedisError

        child = next((one for one in self.supervisor.children if one.name == name), None)
        deadline = time.monotonic() + (START_S if child else BROKER_S)
        while True:
            with suppress(RedisError, OSError, URLError):
                if ready():
                    return
            dead = child is not None and not child.alive
            if child is None and time.monotonic() > deadline:
                where = self.broker_url.rpartition("@")[2].removeprefix("redis://")
                raise click.ClickException(f"the Redis at {where} does not answer. Check --broker or DATELINE_BROKER, and that it runs.")
            if child is not None and (dead or time.monotonic() > deadline):
                raise click.ClickException(f"{name} did not start. The end of {child.log_file}:\n{child.tail()}")
            time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether an address on this machine answers 200, proxies aside."""
    with build_opener(ProxyHandler({})).open(url, timeout=2) as found:
        return bool(found.status == 200)


def sample_epoch(data: Path) -> datetime:
    """The moment that the sample's dates count from: the data folder's first start, kept there."""
    path = data / EPOCH
    if not path.exists():
        path.write_text(now().replace(microsecond=0).isoformat())
    try:
        return datetime.fromisoformat(path.read_text().strip())
    except ValueError as error:
        raise click.ClickException(f"{path} holds no moment: {error}. Remove the file, and the sample starts afresh.") from error


def folder_of_deploy() -> Path:
    """Where the bundled files lie: beside the packages."""
    return Path(__file__).parents[2] / "deploy"
