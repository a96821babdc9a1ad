"""The part of `make bench` that is about fetching: pages and feeds, memory, the schedule, a slow host among good ones."""

from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks import fetch_cost, scheduler_cost, slow_host

PAGE_MS = 4.0  # CPU of a feed's share and a page of 100 kB
BARE = 1.3  # of bare httpx's time on the same pages
SCHEDULE_PERCENT = scheduler_cost.TARGET_PERCENT
GROWTH_MB = 10.0  # of a worker's resident set over the pages below: what counts as flat
MEMORY_PAGES = 20_000
SECONDS = 600  # of the schedule's clock
HOST_PAGES = 100  # of each host beside the slow one


@dataclass(kw_only=True)
class FetchFigures:
    """What was measured."""

    cost: fetch_cost.FetchCost
    memory: fetch_cost.FetchMemory
    schedule: list[scheduler_cost.Cost] = field(default_factory=list)
    slow: list[slow_host.SlowHost] = field(default_factory=list)


def measure(say: Callable[[str], None]) -> FetchFigures:
    """Everything; some minutes."""
    say("fetch: feeds and pages beside bare httpx")
    cost = fetch_cost.measure()
    say(f"fetch: memory over {MEMORY_PAGES:,} pages")
    found = FetchFigures(cost=cost, memory=fetch_cost.memory(MEMORY_PAGES))
    for kind in ("sqlite", "postgresql"):
        say(f"schedule: 10,000 sources, {kind}")
        found.schedule.append(scheduler_cost.measure(kind, 10_000, SECONDS))
    for kind, tenth in (("ours", "slow"), ("ours", "dead"), ("strangers", "slow"), ("strangers", "dead")):
        say(f"one {tenth} host in ten: {kind}")
        found.slow.append(slow_host.measure(kind=kind, tenth=tenth, pages=HOST_PAGES))
    return found


def targets(found: FetchFigures) -> list[tuple[str, float, float, str]]:
    """(what, value, target, unit); met where the value is at most the target."""
    cost = found.cost
    marks = [
        (f"fetch, feed and page of {cost.page_bytes // 1000} kB, CPU", cost.total_ms, PAGE_MS, "ms"),
        ("fetch of pages / bare httpx, CPU", cost.fetch_ms / cost.httpx_ms, BARE, "×"),
        (f"fetch worker's growth over {found.memory.pages[-1]:,} pages", max(found.memory.growth_mb, 0.0), GROWTH_MB, "MB"),
    ]
    marks += [(f"schedule of {one.sources:,} sources, {one.database}", one.percent, SCHEDULE_PERCENT, "%") for one in found.schedule]
    for one in found.slow:
        marks.append((f"lost to one {one.tenth} host in ten, {one.kind}", max(0.0, 1 - one.ratio) * 100, (1 - slow_host.TARGET) * 100, "%"))
    return marks


def table(found: FetchFigures) -> str:
    """For people."""
    cost, memory = found.cost, found.memory
    lines = [
        f"fetch: {cost.pages} pages of {cost.page_bytes / 1000:.0f} kB on loopback, kept on disk and in the ledger",
        f"  CPU a page: poll {cost.poll_ms:.2f} ms, fetch {cost.fetch_ms:.2f} ms; bare httpx, nothing kept, {cost.httpx_ms:.2f} ms",
        f"  clock a page: {cost.wall_ms:.2f} ms; bare httpx {cost.httpx_wall_ms:.2f} ms",
        f"  resident set after {memory.pages[0]:,} pages {memory.rss_mb[0]:.0f} MB, after {memory.pages[-1]:,} {memory.rss_mb[-1]:.0f} MB",
    ]
    for one in found.schedule:
        due = f"{one.sources:,} sources, {one.polls} polls in {one.seconds} s"
        lines.append(f"  schedule, {due}: {one.percent:.2f} % of a core ({one.database})")
    for one in found.slow:
        lines.append(
            f"  one {one.tenth} host in ten ({one.kind}): the others {one.beside.per_s:.1f} pages/s, alone {one.alone.per_s:.1f},"
            f" beside ten good ones {one.well.per_s:.1f}"
        )
    return "\n".join(lines)
