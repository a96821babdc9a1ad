"""What one slow or dead host in ten costs the others: pages a second of the nine, beside the same without the tenth.

    python tests/benchmarks/slow_host.py [--pages N] [--only ours|strangers] [--tenth slow|dead] [--workers N]

Ten hosts on ten addresses of loopback (127.0.1.1 to .10), served by one process; a real Redis, a real scheduler, real `dateline worker
fetch` processes, SQLite. The tenth answers after 12 s (slow) or never (dead), robots.txt included. Twice: as hosts that the settings name
(no distance, so what limits is CPU) and as strangers' (their pace limits). Counted is from the nine's first finished page to the last but
one per cent, so that neither start nor tail is measured; of `--times` runs in turn the best of each. Where CPU limits and the machine is
busy with other things, the workers' CPU a page says more than the clock; both are printed. Wanted: at least .95.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from benchmarks.delivery import cpu_s  # noqa: E402
from servers import RedisServer, free_port  # noqa: E402

from services.cli.stages import build  # noqa: E402
from shared import ledger  # noqa: E402
from shared.clock import now  # noqa: E402
from shared.db import make_engine, writing  # noqa: E402
from shared.http import Fetcher  # noqa: E402
from shared.messages import ArticleAnnounced  # noqa: E402
from shared.migrations import upgrade  # noqa: E402
from shared.models import Article  # noqa: E402
from shared.parts import Parts, user_agent  # noqa: E402
from shared.pipeline import PIPELINE  # noqa: E402
from shared.stage import AnyStage  # noqa: E402

HOSTS = [f"127.0.1.{number}" for number in range(1, 11)]
TENTH = HOSTS[-1]
WAITS = {"well": 0.0, "slow": 12.0, "dead": 10_000.0}
PAGE = ("<html><head><title>A page</title></head><body>" + "<p>The quay was repaired in the spring.</p>" * 500 + "</body></html>").encode()
TARGET = 0.95
CPU_BOUND = 3  # so many times the pages where nothing but CPU limits: they take seconds, and other work of the machine tens of per cent
PATIENCE_S = 240.0
KINDS = {"ours": {}, "strangers": {"DATELINE_HOST_APART": "0.1", "DATELINE_STAGES": "slow_host:strangers"}}


@dataclass(frozen=True, order=True)
class Rate:
    """Pages of the nine hosts a second, and the workers' CPU for each of them, in milliseconds."""

    per_s: float
    cpu_ms: float


@dataclass(frozen=True, kw_only=True)
class SlowHost:
    """One comparison: the nine hosts alone, beside a tenth that is well, and beside the one that is not."""

    kind: str  # ours | strangers
    tenth: str  # slow | dead
    workers: int
    pages: int
    alone: Rate
    well: Rate
    beside: Rate

    @property
    def ratio(self) -> float:
        """Against the nine alone. 1.0: the tenth host costs the others nothing at all, not even the looks at its work."""
        return self.beside.per_s / self.alone.per_s

    @property
    def ratio_well(self) -> float:
        """Against ten that are well: what it costs the others that the tenth is not."""
        return self.beside.per_s / self.well.per_s


class _Stranger(Fetcher):
    """A client for which hosts that the settings let through are strangers all the same."""

    def is_ours(self, url: str) -> bool:
        return False


def strangers(parts: Parts, names: Iterable[str]) -> dict[str, AnyStage]:
    """The real stages, for DATELINE_STAGES."""
    s = parts.settings
    client = _Stranger(
        user_agent=user_agent(s.contact), max_bytes=s.fetch_max_bytes, deadline=s.fetch_deadline, allowed=s.allowed_hosts
    )
    parts.__dict__["fetcher"] = client  # where a cached property keeps its value
    return build(parts, names)


# ---------------------------------------------------------------------------------------------------- the hosts


async def serve(port: int, tenth: str) -> None:
    """All ten hosts, until the process is ended."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n\r\n".encode()
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                if writer.get_extra_info("sockname")[0] == TENTH:
                    await asyncio.sleep(WAITS[tenth])
                writer.write(missing if b"/robots.txt" in request else head + PAGE)
                await writer.drain()
        writer.close()

    for host in HOSTS:
        await asyncio.start_server(talk, host, port)
    print("ready", flush=True)
    await asyncio.Event().wait()


@contextmanager
def serving(port: int, tenth: str) -> Iterator[None]:
    """The hosts in a process of their own."""
    process = subprocess.Popen([sys.executable, __file__, "--serve", str(port), "--tenth", tenth], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    try:
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


# ---------------------------------------------------------------------------------------------------- one run


def measure(*, kind: str, tenth: str, pages: int, workers: int = 1, times: int = 2) -> SlowHost:
    """The three runs of a comparison, each `times` times in turn."""
    pages *= CPU_BOUND if kind == "ours" else 1
    plans = {"alone": (HOSTS[:-1], "well"), "well": (HOSTS, "well"), "beside": (HOSTS, tenth)}
    found: dict[str, list[Rate]] = {name: [] for name in plans}
    for _ in range(times):
        for name, (hosts, how) in plans.items():
            found[name].append(run(hosts, kind=kind, tenth=how, pages=pages, workers=workers))
    best = {name: max(rates) for name, rates in found.items()}
    return SlowHost(kind=kind, tenth=tenth, workers=workers, pages=pages, **best)


def run(hosts: Sequence[str], *, kind: str, tenth: str, pages: int, workers: int) -> Rate:
    """Pages of the first nine hosts a second; `pages` of each host wait at the start, the hosts in turn."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dateline-slow-")))
        redis, port = RedisServer(), free_port()
        stack.callback(redis.remove)
        redis.start()
        stack.enter_context(serving(port, tenth))
        engine = make_engine(f"sqlite:///{folder}/dateline.db")
        stack.callback(engine.dispose)
        upgrade(engine)
        nine = _announce(engine, [f"http://{host}:{port}/{number}.html" for number in range(pages) for host in hosts])
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}:{HERE}",
            "DATELINE_DATA": str(folder),
            "DATELINE_DATABASE": f"sqlite:///{folder}/dateline.db",
            "DATELINE_BROKER": redis.url,
            "DATELINE_ALLOWED_HOSTS": json.dumps([f"{host}:{port}" for host in HOSTS]),
            "DATELINE_SAMPLE": "false",
            "DATELINE_LOG_FORMAT": "json",
            **KINDS[kind],
        }
        commands = [["scheduler"], *[["worker", "fetch"]] * workers]
        pids = [stack.enter_context(_process(one, environment, folder / f"{number}.log")) for number, one in enumerate(commands)]
        return _watch(engine, nine, pids[1:])


def _announce(engine: Any, addresses: Sequence[str]) -> list[int]:
    """Rows of fetch for these addresses; returns the subjects of all but the tenth host's."""
    with writing(engine) as session:
        articles = [Article(url=url, url_key=url, outlet="Bench", announced_at=now()) for url in addresses]
        session.add_all(articles)
        session.flush()
        facts = [(ArticleAnnounced(article_id=one.id or 0, generation="1"), None, 0) for one in articles]
        ledger.emit(session.connection(), PIPELINE, facts, now())
        return [one.id or 0 for one in articles if one.url and TENTH not in one.url]


@contextmanager
def _process(command: list[str], environment: dict[str, str], log: Path) -> Iterator[int]:
    with log.open("wb") as out:
        given = [sys.executable, "-m", "services.cli", *command]
        process = subprocess.Popen(given, env=environment, stdout=out, stderr=out, cwd=log.parent)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def _watch(engine: Any, wanted: Sequence[int], workers: Sequence[int]) -> Rate:
    """Look until all but one per cent of the wanted rows ended."""
    enough, ids = len(wanted) * 99 // 100, json.dumps(list(wanted))
    until, first = time.monotonic() + PATIENCE_S, (0, 0.0, 0.0)
    while True:
        with engine.connect() as connection:
            sql = "SELECT count(*) FROM work WHERE stage = 'fetch' AND state = 2 AND subject_id IN (SELECT value FROM json_each(?))"
            done = int(connection.exec_driver_sql(sql, (ids,)).scalar() or 0)
        seen = (done, time.monotonic(), cpu_s(workers))
        if done and not first[0]:
            first = seen
        if done >= enough or seen[1] > until:  # what did not come in time makes the rate as low as it is
            pages = max(1, done - first[0])
            return Rate(pages / (seen[1] - (first[1] or seen[1] - PATIENCE_S)), (seen[2] - first[2]) * 1000 / pages)
        time.sleep(0.1)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--pages", type=int, default=100, help="of each host, three times as many where CPU limits  [%(default)s]")
    parser.add_argument("--only", choices=[*KINDS])
    parser.add_argument("--tenth", choices=[*WAITS])
    parser.add_argument("--workers", type=int, default=1, help="[%(default)s]")
    parser.add_argument("--times", type=int, default=2, help="[%(default)s]")
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve, given.tenth))
    for kind in [given.only] if given.only else KINDS:
        for tenth in [given.tenth] if given.tenth else ("slow", "dead"):
            found = measure(kind=kind, tenth=tenth, pages=given.pages, workers=given.workers, times=given.times)
            verdict = "met" if found.ratio >= TARGET else "MISSED"
            ratios = {"ratio": round(found.ratio, 3), "ratio_well": round(found.ratio_well, 3)}
            print(json.dumps(asdict(found) | ratios | {"target": TARGET, "verdict": verdict}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
