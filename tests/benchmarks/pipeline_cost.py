"""What the whole pipeline costs on given pages: CPU per article of each stage, beside bare trafilatura extraction of the same pages.

The pages are announced by feeds and served on loopback; every stage runs as one-shot commands run it, through `Runner.deliver` in one
process, on a fresh SQLite database with synchronous=FULL. Counted is the CPU time of this process and of the one that parses. What is
paid once in a worker's life (imports, gazetteer, the parsing process) is paid before, on pages that do not count. Block after
block, trafilatura reads one half of the pages before and the other half after, so that a busy machine is busy for both.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from benchmarks.localweb import serving
from benchmarks.pages import SUFFIX, Page, by_host, feed
from sqlalchemy import Engine
from sqlmodel import col, func, select

from services.cli.intake import Wanted, put_sources
from services.cli.place import Place
from services.cli.run import is_idle
from shared import ledger, urls
from shared.clock import now
from shared.db import reading, writing
from shared.ledger import State
from shared.messages import SourceDue
from shared.models import Article, Event, Work
from shared.pipeline import PIPELINE
from shared.runner import Runner, Tally, work_off

FEED = "/feed.xml"
BLOCK = 32
PAUSE_S = 0.02  # between two looks for pages that come due
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class PipelineCost:
    """One measurement. CPU is in milliseconds per article announced."""

    pages: str
    outlets: int
    articles: int
    published: int  # that stand in an event in the end
    events: int
    fell_out: dict[str, int]  # by error class
    page_bytes: int  # of the median page
    trafilatura_ms: float
    stage_ms: dict[str, float]
    rows: dict[str, int]  # of work done, by stage
    start_ms: float  # CPU of a cold start: imports, tables and the warm-up pages themselves
    wall_s: float

    @property
    def total_ms(self) -> float:
        """The whole pipeline's."""
        return sum(self.stage_ms.values())


class Meter:
    """CPU seconds and rows done, by stage."""

    def __init__(self) -> None:
        self._parser: psutil.Process | None = None
        self.reset()

    def reset(self) -> None:
        """Begin again."""
        self.seconds = dict.fromkeys(PIPELINE.names, 0.0)
        self.rows = dict.fromkeys(PIPELINE.names, 0)

    def parser_s(self) -> float:
        """CPU seconds of the process that parses; looked for once, since a look through all processes is dear."""
        if self._parser is None or not self._parser.is_running():
            children = psutil.Process().children()
            self._parser = next((child for child in children if "shared.parser" in child.cmdline()), None)
        times = self._parser.cpu_times() if self._parser else None
        return times.user + times.system if times else 0.0


@dataclass(kw_only=True)
class MeteredRunner(Runner):
    """A runner that notes what each delivery cost."""

    meter: Meter = field(default_factory=Meter)

    def deliver(self, stage: str, ids: Sequence[int]) -> Tally:
        """As `Runner.deliver`."""
        parser, own = self.meter.parser_s(), time.process_time()
        tally = super().deliver(stage, ids)
        own = time.process_time() - own
        self.meter.seconds[stage] += own + self.meter.parser_s() - parser
        self.meter.rows[stage] += tally.done
        return tally


def measure(name: str, pages: Sequence[Page], warm_up: Sequence[Page], *, say: Say) -> PipelineCost:
    """Read `pages` with trafilatura and with the whole pipeline; `warm_up` is read before, by both, and does not count."""
    theirs_s = wall_s = 0.0
    trafilatura_s(warm_up)
    with serving(_site([*warm_up, *pages])) as port, _runner(port) as runner:
        say(f"{name}: warming up")
        started = time.process_time()
        _work_through(runner, warm_up)
        start_s = time.process_time() - started + runner.meter.parser_s()
        runner.meter.reset()
        first = _articles(runner.engine)
        for number, block in enumerate(blocks := list(_blocks(pages)), start=1):
            say(f"{name}: trafilatura and the whole pipeline, {number} of {len(blocks)} blocks of pages")
            theirs_s += trafilatura_s(block[::2])
            began = time.monotonic()
            _work_through(runner, block)
            wall_s += time.monotonic() - began
            theirs_s += trafilatura_s(block[1::2])
        published, events, fell_out = _outcome(runner.engine, first)
        meter = runner.meter
    return PipelineCost(
        pages=name,
        outlets=len(by_host(pages)),
        articles=len(pages),
        published=published,
        events=events,
        fell_out=fell_out,
        page_bytes=sorted(len(page.html.encode("utf-8", "surrogateescape")) for page in pages)[len(pages) // 2],
        trafilatura_ms=theirs_s / len(pages) * 1e3,
        stage_ms={stage: seconds / len(pages) * 1e3 for stage, seconds in meter.seconds.items()},
        rows=dict(meter.rows),
        start_ms=start_s * 1e3,
        wall_s=wall_s,
    )


def _blocks(pages: Sequence[Page]) -> Iterator[list[Page]]:
    """The pages in blocks of about BLOCK, the pages of a host in one block."""
    block: list[Page] = []
    for some in by_host(pages).values():
        block += some
        if len(block) >= BLOCK:
            yield block
            block = []
    if block:
        yield block


def trafilatura_s(pages: Sequence[Page]) -> float:
    """CPU seconds of trafilatura's text and metadata of these pages."""
    from trafilatura import bare_extraction

    started = time.process_time()
    for page in pages:
        bare_extraction(page.html, url=page.url, with_metadata=True)
    return time.process_time() - started


@contextmanager
def _runner(port: int) -> Iterator[MeteredRunner]:
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as folder:
        place = Place({"data": Path(folder), "routes": {f"*.{SUFFIX}": f"127.0.0.1:{port}"}, "database": None, "raw": None})
        place.configure_logs(quiet=True)
        runner = MeteredRunner(engine=place.engine, pipeline=PIPELINE, stages=place.stages(), limits=place.limits)
        try:
            yield runner
        finally:
            runner.stages["clean"].parser.close()  # type: ignore[attr-defined]
            runner.close()
            place.engine.dispose()


def _site(pages: Sequence[Page]) -> dict[str, dict[str, tuple[str, str]]]:
    site: dict[str, dict[str, tuple[str, str]]] = {}
    for host, some in by_host(pages).items():
        # What is asked for is the canonical address, without a tracking parameter or a marker of the medium.
        site[host] = {_target(urls.canonical(page.url)): ("text/html; charset=utf-8", page.html) for page in some}
        site[host][FEED] = ("application/rss+xml", feed(some))
        site[host]["/robots.txt"] = ("text/plain", "User-agent: *\nDisallow: /account/\n")
    return site


def _target(url: str) -> str:
    at = urlsplit(urls.sendable(url))
    return at.path + (f"?{at.query}" if at.query else "")


def _work_through(runner: MeteredRunner, pages: Sequence[Page]) -> None:
    """Have the hosts of these pages polled, and work until nothing is left to do, pages that come due in a moment included."""
    at = now()
    with writing(runner.engine) as session:
        wanted = [Wanted(kind="feed", url=f"http://{host}{FEED}", outlet=host) for host in by_host(pages)]
        ids, _ = put_sources(session, wanted, at)
        ledger.emit(session.connection(), PIPELINE, [(SourceDue(source_id=one, due_at=at), None, 0) for one in ids], at)
    while True:
        work_off(runner)
        with reading(runner.engine) as session:
            if is_idle(session, now()):
                return
        time.sleep(PAUSE_S)


def _articles(engine: Engine) -> int:
    with reading(engine) as session:
        return session.exec(select(func.max(Article.id))).one() or 0


def _outcome(engine: Engine, first: int) -> tuple[int, int, dict[str, int]]:
    """Of the articles after the `first` so many: how many stand in an event, in how many events, and what fell out by class."""
    with reading(engine) as session:
        filed = select(Article.event_id).join(Event, col(Event.id) == col(Article.event_id)).where(col(Article.id) > first)
        events = session.exec(filed.where(Event.state == "live")).all()
        about = col(Work.stage).in_(PIPELINE.about("article_id")) & (col(Work.subject_id) > first)
        dead = select(Work.error_class, func.count()).where(Work.state == State.DEAD, about).group_by(col(Work.error_class))
        fell_out = {str(name): count for name, count in session.exec(dead).all()}
    return len(events), len(set(events)), fell_out
