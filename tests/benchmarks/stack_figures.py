"""The embedded stack as a user starts it: its memory, its starts, and how long an idle stack takes from a fetched article to its page."""

import json
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from urllib.error import URLError

import psutil
from benchmarks.figures import StackFigures
from benchmarks.localweb import Site, serving
from benchmarks.pages import SUFFIX, Page, feed
from e2e.stack import dateline, get, running
from servers import free_port
from sqlalchemy import Engine
from sqlmodel import col, select

from services.cli.run import is_idle
from shared.clock import now
from shared.db import make_engine, reading
from shared.models import Article, Document
from shared.models import Page as IssuedPage

PATIENCE_S = 90.0
LOOK_S = 0.05
Say = Callable[[str], None]


def measure(pages: list[Page], *, say: Say) -> StackFigures:
    """Start the stack twice on one data folder. `pages` appear one at a time, each in a feed of its own, while nothing else is due."""
    say("embedded stack: first start")
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as folder, serving(_site(pages)) as port:
        data = Path(folder) / "data"
        routes = f'{{"*.{SUFFIX}": "127.0.0.1:{port}"}}'
        first = _FirstPage(free_port(), "Dateline")
        with running(data, "--port", str(first.port), DATELINE_ROUTES=routes) as stack:
            engine = make_engine(stack["database"])
            say("embedded stack: until the sample is read")
            _wait(lambda: _is_quiet(engine), "the stack is not quiet")
            idle = []
            for number, page in enumerate(pages):
                say(f"embedded stack: an article on an idle stack, {number + 1} of {len(pages)}")
                idle.append(_idle_s(data, engine, page))
            sizes = pss_mb(stack["pid"], stack["pids"])
            engine.dispose()
        say("embedded stack: later start")
        later = _FirstPage(free_port(), "/news/")
        with running(data, "--port", str(later.port), DATELINE_ROUTES=routes):
            later_s = later.seconds()
        return StackFigures(pss_mb=sizes, first_start_s=first.seconds(), later_start_s=later_s, idle_s=idle)


def pss_mb(root: int, names: dict[str, int]) -> dict[str, float]:
    """Proportional set size of a process and its descendants, in MB (10^6 bytes), by the name of the child that each belongs to."""
    by_pid = {pid: name for name, pid in names.items()} | {root: "run, flower"}
    sizes: dict[str, float] = {}
    for process in [psutil.Process(root), *psutil.Process(root).children(recursive=True)]:
        with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            name = next((by_pid[one.pid] for one in [process, *process.parents()] if one.pid in by_pid), "others")
            rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            size = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            sizes[name] = sizes.get(name, 0.0) + size * 1024 / 1e6
    return sizes


class _FirstPage:
    """Watches, from now on, for the first front page that holds the wanted text on a port."""

    def __init__(self, port: int, wanted: str) -> None:
        self.port, self._wanted, self._found = port, wanted, 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._started = time.monotonic()
        self._thread.start()

    def seconds(self) -> float:
        """How long it took."""
        self._thread.join(PATIENCE_S)
        return self._found or float("inf")

    def _look(self) -> None:
        while time.monotonic() < self._started + PATIENCE_S:
            with suppress(URLError, OSError):
                status, body = get(f"http://127.0.0.1:{self.port}/")
                if status == 200 and self._wanted in body:
                    self._found = time.monotonic() - self._started
                    return
            time.sleep(LOOK_S)


def _site(pages: list[Page]) -> Site:
    site: dict[str, dict[str, tuple[str, str]]] = {}
    for page in pages:
        path = page.url.removeprefix(f"http://{page.host}")
        site[page.host] = {path: ("text/html; charset=utf-8", page.html), "/feed.xml": ("application/rss+xml", feed([page]))}
    return site


def _idle_s(data: Path, engine: Engine, page: Page) -> float:
    """Seconds from the moment a new article was fetched to the issue of its event's page."""
    told = dateline(data, "sources", "add", f"http://{page.host}/feed.xml", "--no-wait")
    if told.returncode:
        raise RuntimeError(told.stderr)
    found: list[tuple[datetime, datetime]] = []

    def published() -> bool:
        with reading(engine) as session:
            fetched = select(Article.id, Article.event_id, Document.fetched_at).join(Document, col(Document.article_id) == col(Article.id))
            article = session.exec(fetched.where(Article.url == page.url)).first()
            if article is None:
                return False
            issued = select(IssuedPage.record, IssuedPage.issued_at).where(IssuedPage.kind == "event", IssuedPage.key == str(article[1]))
            record, at = session.exec(issued).first() or (None, None)
        if record is None or at is None or all(one["id"] != article[0] for one in json.loads(record).get("articles", ())):
            return False
        found.append((article[2], at))
        return True

    _wait(published, f"{page.url} is not published")
    _wait(lambda: _is_quiet(engine), "the stack is not quiet")
    return (found[0][1] - found[0][0]).total_seconds()


def _is_quiet(engine: Engine) -> bool:
    """Whether something has been published and nothing is left to do."""
    with reading(engine) as session:
        issued = session.exec(select(IssuedPage.id).where(col(IssuedPage.issued_at).is_not(None)).limit(1)).first()
        return issued is not None and is_idle(session, now())


def _wait(until: Callable[[], bool], trouble: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not until():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{trouble} after {PATIENCE_S:g} s")
        time.sleep(LOOK_S)
