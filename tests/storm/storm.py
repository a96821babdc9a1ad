"""The fault test: kill everything at random while a thousand articles are read, then prove that nothing was lost or doubled.

    python tests/storm/storm.py [sqlite|postgresql] [--articles N] [--kills N] [--seed N]     (make storm [DATABASE=postgresql])

Real processes throughout: `dateline worker STAGE`, `dateline scheduler`, Redis with its log of commands, and PostgreSQL from the wheel.
They are killed with SIGKILL and started again on what they left behind; a wiped Redis loses that as well. One page in a hundred harms
the worker that reads it. The kills' order and moments follow from the seed, which is printed. Exit status 1 where anything is wrong.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent), str(ROOT)]

from proof import Proof, prove  # noqa: E402
from servers import Postgres, RedisServer  # noqa: E402
from sqlalchemy import Engine  # noqa: E402
from sqlalchemy.exc import OperationalError  # noqa: E402
from web import make_pages, serving  # noqa: E402

from shared.clock import now  # noqa: E402
from shared.db import make_engine, writing  # noqa: E402
from shared.models import Source  # noqa: E402

WORKERS = (("poll", "fetch"), ("fetch",), ("clean",), ("clean",), ("tag",), ("link",), ("link",), ("publish",))
STAGES = ("fetch", "clean", "tag", "link")
RESTART_AFTER_S = 0.3
REDIS_AWAY_S = 0.5
QUIET_S = 400.0  # how long after the last kill everything must be done
SETTINGS = {
    "LEASE": "5",
    "ROW_LIMIT": "2",
    "RETRY_BASE": "0.1",
    "HINT_AGE": "2",
    "SWEEP": "0.5",
    "WORKER_MEMORY_MB": "1200",
    "SAMPLE": "false",
    "STAGES": "poison:build",
    "LOG_FORMAT": "json",
    "LOG_LEVEL": "info",
    "RECHECKS": "[]",  # which would be work of tomorrow
}


@dataclass
class Storm:
    """The processes, and who was killed."""

    database: str
    folder: Path
    redis: RedisServer
    postgres: Postgres | None
    engine: Engine
    environment: dict[str, str]
    dice: random.Random
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    restart_at: dict[str, float] = field(default_factory=dict)
    killed_now: set[str] = field(default_factory=set)
    kills: Counter[str] = field(default_factory=Counter)
    own_deaths: Counter[str] = field(default_factory=Counter)

    def start(self, name: str) -> None:
        """Start one of our processes; its name is its command and a number."""
        words = name.split("#")[0].split()
        with (self.folder / f"{name.replace(' ', '+')}.log").open("ab") as log:
            command = [sys.executable, "-m", "services.cli", *words]
            self.processes[name] = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, cwd=self.folder)

    def start_all(self) -> None:
        """The scheduler and all workers."""
        self.start("scheduler#0")
        for number, stages in enumerate(WORKERS):
            self.start(f"worker {' '.join(stages)}#{number}")

    def look(self) -> None:
        """Start again what died, whoever killed it."""
        for name, process in self.processes.items():
            if process.poll() is None:
                continue
            if name not in self.restart_at:
                self.restart_at[name] = time.monotonic() + RESTART_AFTER_S
                if name not in self.killed_now:
                    self.own_deaths[name.split("#")[0]] += 1
                self.killed_now.discard(name)
            elif time.monotonic() >= self.restart_at[name]:
                del self.restart_at[name]
                self.start(name)

    def kill(self, kind: str) -> None:
        """One blow."""
        if kind in ("worker", "scheduler"):
            alive = [name for name, process in self.processes.items() if name.startswith(kind) and process.poll() is None]
            while not alive:
                time.sleep(0.1)
                self.look()
                alive = [name for name, process in self.processes.items() if name.startswith(kind) and process.poll() is None]
            name = self.dice.choice(alive)
            self.killed_now.add(name)
            self.processes[name].kill()
        elif kind.startswith("redis"):
            self.redis.kill()
            if kind == "redis wiped":
                self.redis.wipe()
            time.sleep(REDIS_AWAY_S)
            self.redis.start()
        elif self.postgres is not None:
            self.postgres.kill()
            time.sleep(0.2)
            self.postgres.start()
            self.engine.dispose()
        self.kills[kind] += 1

    def ask(self, sql: str) -> int:
        """One number; -1 while the database is away."""
        try:
            with self.engine.connect() as connection:
                return int(connection.exec_driver_sql(sql).scalar() or 0)
        except OperationalError:
            return -1

    def is_done(self, sources: int) -> bool:
        """Every source was polled and nothing is open."""
        return self.ask("SELECT count(*) FROM poll") >= sources and self.ask("SELECT count(*) FROM work WHERE state < 2") == 0

    def stop(self) -> None:
        """SIGTERM, then SIGKILL."""
        for process in self.processes.values():
            process.terminate()
        until = time.monotonic() + 15
        for process in self.processes.values():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def progress(self) -> str:
        """A line for those who wait."""
        done = {stage: self.ask(f"SELECT count(*) FROM work WHERE stage = '{stage}' AND state = 2") for stage in STAGES}
        open_rows = self.ask("SELECT count(*) FROM work WHERE state < 2")
        return f"done: {', '.join(f'{stage} {rows}' for stage, rows in done.items())}; open {open_rows}"


def schedule(kills: int, kinds: Sequence[str], dice: random.Random) -> list[str]:
    """At least one kill of each kind, the rest mostly of workers, in random order."""
    rest = [dice.choice(["worker", "worker", "worker", *kinds]) for _ in range(kills - len(kinds))]
    order = [*kinds, *rest][:kills]
    dice.shuffle(order)
    return order


def add_sources(engine: Engine, hosts: Sequence[str], span_s: float) -> None:
    """One feed a host; their first polls are spread over the time of the kills, so that there is always work under way."""
    at = now()
    with writing(engine) as session:
        for number, host in enumerate(hosts):
            due = at + timedelta(seconds=span_s * number / len(hosts))
            session.add(Source(kind="feed", url=f"http://{host}/feed.xml", outlet=host, added_at=at, next_poll_at=due, interval_s=86_400))


def run(
    database: str, *, articles: int, hosts: int, kills: int, seed: int, every_s: float, say: bool = False, keep: bool = False
) -> tuple[Proof, Counter[str]]:
    """The whole storm; returns the proof and the kills by kind."""
    dice = random.Random(seed)
    pages = make_pages(articles, hosts, poisoned=max(6, articles // 100), seed=seed)
    kinds = ["worker", "redis kept", "redis wiped", "scheduler", *(["postgres"] if database == "postgresql" else [])]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dateline-storm-")))
        port = stack.enter_context(serving(pages))
        redis = RedisServer()
        stack.callback(redis.remove)
        redis.start()
        postgres = Postgres(durable=True) if database == "postgresql" else None
        if postgres is not None:
            stack.callback(postgres.remove)
            postgres.start().run("CREATE DATABASE dateline")
        url = postgres.url("dateline") if postgres else f"sqlite:///{folder / 'dateline.db'}"
        engine = make_engine(url)
        stack.callback(engine.dispose)
        storm = Storm(database, folder, redis, postgres, engine, environment(folder, url, redis.url, port), dice)
        migrate = [sys.executable, "-m", "services.cli", "migrate"]
        subprocess.run(migrate, env=storm.environment, check=True, cwd=folder, capture_output=True)
        stack.callback(storm.stop)
        storm.start_all()
        while storm.ask("SELECT count(*) FROM heartbeat") < 1:
            storm.look()
            time.sleep(0.1)
        add_sources(engine, sorted({page.host for page in pages}), span_s=kills * every_s)
        blow(storm, schedule(kills, kinds, dice), every_s, say=say)
        wait_until_done(storm, hosts, say=say)
        storm.stop()
        proof = prove(engine, pages, folder / "raw")
        if proof.wrong or keep:
            _keep_logs(folder)
        if say:
            print(f"other deaths, by poison: {dict(storm.own_deaths)}")
    return proof, storm.kills


def environment(folder: Path, url: str, broker: str, port: int) -> dict[str, str]:
    """What the processes are given; nothing of the caller's own settings."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    routes = json.dumps({"*.storm.test": f"127.0.0.1:{port}"})
    ours = SETTINGS | {"DATA": str(folder), "DATABASE": url, "BROKER": broker, "ROUTES": routes, "RAW": str(folder / "raw")}
    return given | {f"DATELINE_{name}": value for name, value in ours.items()} | {"PYTHONPATH": f"{HERE}:{HERE.parent}:{ROOT}"}


def blow(storm: Storm, order: Sequence[str], every_s: float, *, say: bool) -> None:
    """Kill one after the other, at random moments."""
    for kind in order:
        until = time.monotonic() + storm.dice.uniform(0.5, 1.5) * every_s
        while time.monotonic() < until:
            storm.look()
            time.sleep(0.05)
        storm.kill(kind)
        if say:
            print(f"{kind:<12} {storm.progress()}", flush=True)


def wait_until_done(storm: Storm, sources: int, *, say: bool) -> None:
    """Return when nothing is open any more, or after QUIET_S: the proof says what is left."""
    started, said = time.monotonic(), time.monotonic()
    while not storm.is_done(sources) and time.monotonic() - started < QUIET_S:
        storm.look()
        time.sleep(0.2)
        if say and time.monotonic() - said > 10:
            said = time.monotonic()
            print(f"{'waiting':<12} {storm.progress()}", flush=True)


def _keep_logs(folder: Path) -> None:
    """What is needed to find out, under build/storm/."""
    import shutil

    kept = ROOT / "build" / "storm"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder, kept, ignore=shutil.ignore_patterns("raw"))
    print(f"logs and database are kept in {kept}")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", nargs="?", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--kills", type=int, default=28)
    parser.add_argument("--every", type=float, default=2.5, help="mean seconds between two kills")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--keep", action="store_true", help="keep logs and database in build/storm/, as is done where anything is wrong")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no process is left behind
    print(f"storm on {given.database}, seed {given.seed}", flush=True)
    started = time.monotonic()
    sizes = {"articles": given.articles, "hosts": given.hosts, "kills": given.kills}
    proof, kills = run(given.database, **sizes, seed=given.seed, every_s=given.every, say=True, keep=given.keep)
    print(proof.table())
    print(f"kills: {sum(kills.values())}: " + ", ".join(f"{kind} {count}" for kind, count in sorted(kills.items())))
    print(f"{'FAILED' if proof.wrong else 'nothing lost, nothing doubled'}, after {time.monotonic() - started:.0f} s, seed {given.seed}")
    return 1 if proof.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
