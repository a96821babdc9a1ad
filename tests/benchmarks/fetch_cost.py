"""What fetching costs: feeds polled and pages of 100 kB fetched and kept, beside bare `httpx.AsyncClient` on the same pages.

    python tests/benchmarks/fetch_cost.py [--pages N] [--memory N]

The stages run as a worker runs them, through `Runner.deliver`, on a fresh SQLite database with synchronous=FULL and a raw store on this
disk; pages, robots.txt, ledger, articles and documents are real, the web is a process on loopback. Counted is the CPU of this process and
of the one that parses feeds; bare httpx keeps nothing and knows nothing. Block after block both take turns, so that a busy machine is busy
for both. The memory is the resident set of a process that fetches one page after another.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import httpx  # noqa: E402
import psutil  # noqa: E402
from benchmarks.manypages import serving  # noqa: E402

from services.cli.intake import Wanted, put_sources  # noqa: E402
from services.cli.place import Place  # noqa: E402
from shared import ledger  # noqa: E402
from shared.clock import now  # noqa: E402
from shared.db import reading, writing  # noqa: E402
from shared.messages import SourceDue  # noqa: E402
from shared.pipeline import PIPELINE  # noqa: E402
from shared.runner import Runner  # noqa: E402

SIZE = 100_000
HOSTS = 8
BATCH = 32
AT_ONCE = 16  # requests of bare httpx
SUFFIX = "many.test"


@dataclass(frozen=True, kw_only=True)
class FetchCost:
    """CPU and wall time in milliseconds a page."""

    pages: int
    page_bytes: int
    poll_ms: float
    fetch_ms: float
    httpx_ms: float
    wall_ms: float  # of ours, poll and fetch
    httpx_wall_ms: float

    @property
    def total_ms(self) -> float:
        """CPU of feeds and pages."""
        return self.poll_ms + self.fetch_ms


@dataclass(frozen=True, kw_only=True)
class FetchMemory:
    """Resident set in MB after so many pages."""

    pages: tuple[int, ...]
    rss_mb: tuple[float, ...]

    @property
    def growth_mb(self) -> float:
        """From the first look, when everything is warm, to the last."""
        return self.rss_mb[-1] - self.rss_mb[0]


class Fetching:
    """Poll and fetch of one data folder."""

    def __init__(self, folder: Path, port: int) -> None:
        given = {"data": folder, "routes": {f"*.{SUFFIX}": f"127.0.0.1:{port}"}, "database": None, "raw": None, "broker": None}
        self.place = Place(given)
        self.place.configure_logs(quiet=True)
        self.runner = Runner(
            engine=self.place.engine, pipeline=PIPELINE, stages=self.place.stages(("poll", "fetch")), limits=self.place.limits
        )
        self.cpu = {"poll": 0.0, "fetch": 0.0}

    def read(self, hosts: Sequence[str], first: int, last: int) -> None:
        """Poll a feed of each host that announces pages `first` to `last`, and fetch them."""
        at = now()
        with writing(self.place.engine) as session:
            wanted = [Wanted(kind="feed", url=f"http://{host}/feed/{first}-{last}", outlet=host) for host in hosts]
            ids, _ = put_sources(session, wanted, at)
            ledger.emit(session.connection(), PIPELINE, [(SourceDue(source_id=one, due_at=at), None, 0) for one in ids], at)
        for stage in ("poll", "fetch"):
            while rows := self._ready(stage):
                before = _cpu_s()
                self.runner.deliver(stage, rows)
                self.cpu[stage] += _cpu_s() - before

    def _ready(self, stage: str) -> list[int]:
        with reading(self.place.engine) as session:
            rows = ledger.ready(session.connection(), stage, PIPELINE[stage].batch or BATCH, now())
        return [row.id for row in rows]

    def close(self) -> None:
        """End its processes."""
        tools = self.runner.stages["poll"].tools  # type: ignore[attr-defined]
        tools.sandbox.close()
        self.runner.loop().run(tools.fetcher.close())
        self.runner.close()
        self.place.engine.dispose()


def measure(pages: int = 1600) -> FetchCost:
    """Feeds and pages through poll and fetch, and the same pages through bare httpx."""
    hosts = [f"host{n}.{SUFFIX}" for n in range(HOSTS)]
    each = BATCH * 2 // HOSTS
    wall = theirs = their_wall = 0.0
    done = 0
    with serving(SIZE) as port, _fetching(port) as fetching:
        fetching.read(hosts, 1_000_000, 1_000_000 + each)  # imports, connections, the parsing process: paid once in a worker's life
        asyncio.run(_bare(port, hosts, range(1_000_000, 1_000_000 + each)))
        fetching.cpu = dict.fromkeys(fetching.cpu, 0.0)
        for first in range(0, pages // HOSTS, each):
            began = time.perf_counter()
            fetching.read(hosts, first, first + each)
            wall += time.perf_counter() - began
            began, cpu = time.perf_counter(), time.process_time()
            asyncio.run(_bare(port, hosts, range(first, first + each)))
            theirs += time.process_time() - cpu
            their_wall += time.perf_counter() - began
            done += each * HOSTS
        cpu_s = dict(fetching.cpu)
    return FetchCost(
        pages=done,
        page_bytes=SIZE,
        poll_ms=cpu_s["poll"] / done * 1e3,
        fetch_ms=cpu_s["fetch"] / done * 1e3,
        httpx_ms=theirs / done * 1e3,
        wall_ms=wall / done * 1e3,
        httpx_wall_ms=their_wall / done * 1e3,
    )


def memory(pages: int = 20_000) -> FetchMemory:
    """The resident set of a process that polls and fetches so many pages, looked at ten times, first when a tenth is done."""
    hosts = [f"host{n}.{SUFFIX}" for n in range(HOSTS)]
    each = max(BATCH // HOSTS, pages // HOSTS // 100)
    looks: list[tuple[int, float]] = []
    with serving(SIZE) as port, _fetching(port) as fetching:
        for first in range(0, pages // HOSTS, each):
            fetching.read(hosts, first, first + each)
            done = (first + each) * HOSTS
            if done * 10 // pages > len(looks):
                looks.append((done, psutil.Process().memory_info().rss / 1e6))
    return FetchMemory(pages=tuple(done for done, _ in looks), rss_mb=tuple(size for _, size in looks))


async def _bare(port: int, hosts: Sequence[str], numbers: range) -> None:
    """The same pages with what most programs would take: one client, connections kept, so many at once, each host its own name."""
    room = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=AT_ONCE)) as client:

        async def one(host: str, number: int) -> None:
            async with room:
                answer = await client.get(f"http://127.0.0.1:{port}/page/{number}", headers={"Host": host})
                assert len(answer.content) >= SIZE

        await asyncio.gather(*(one(host, number) for host in hosts for number in numbers))


@contextmanager
def _fetching(port: int) -> Iterator[Fetching]:
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as folder:
        made = Fetching(Path(folder), port)
        try:
            yield made
        finally:
            made.close()


def _cpu_s() -> float:
    """CPU of this process and of the children that parse."""
    total = time.process_time()
    for child in psutil.Process().children():
        if "shared.parser" in child.cmdline():
            spent = child.cpu_times()
            total += spent.user + spent.system
    return total


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1600)
    parser.add_argument("--memory", type=int, default=0, metavar="PAGES", help="look at the memory over so many pages instead")
    given = parser.parse_args()
    print(memory(given.memory) if given.memory else measure(given.pages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
