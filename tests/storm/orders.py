"""The proof that events are a function of the set of articles: any order, any number of linkers, whoever is killed.

    python tests/storm/orders.py [sqlite|postgresql] [--articles N] [--orders N] [--workers 1 2 4] [--made-up]     (make orders)

First so many random orders are tagged and linked by `deliver()` in this process, a fresh database each. Then real processes do the same:
`dateline worker tag`, so many `dateline worker link`, the scheduler and Redis; linkers and tagger are killed with SIGKILL at random and
started again. Every run must end in the same events: the same articles together, with the same dates, headlines and descriptions. The
500 articles are of the open stream where it is there (`../shared/bench/link`), else made up. Exit status 1 where any run differs.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

from news import Told, made_up, open_stream  # noqa: E402
from servers import Postgres, RedisServer  # noqa: E402
from sqlalchemy import Engine, select  # noqa: E402
from sqlmodel import col  # noqa: E402
from storm import Storm, environment  # noqa: E402

from services.link.stage import Link  # noqa: E402
from services.tag.stage import TagArticle  # noqa: E402
from shared import ledger  # noqa: E402
from shared.db import make_engine, reading, writing  # noqa: E402
from shared.ledger import State  # noqa: E402
from shared.logs import configure  # noqa: E402
from shared.messages import ArticleCleaned  # noqa: E402
from shared.migrations import upgrade  # noqa: E402
from shared.models import Article, Event, Work  # noqa: E402
from shared.pipeline import PIPELINE  # noqa: E402
from shared.runner import Runner  # noqa: E402

ANNOUNCED = datetime(2031, 3, 8, 12, tzinfo=UTC)
LARGEST_BATCH = 16
QUIET_S = 600.0


@dataclass(frozen=True, order=True)
class Chronicled:
    """One event, named by what it is made of."""

    articles: tuple[str, ...]
    date: str
    headline: str
    description: str | None


def put(engine: Engine, articles: Sequence[Told], dice: random.Random) -> list[int]:
    """The articles as `clean` leaves them, in a random order, each with its work for `tag`; the ids of that work."""
    told = dice.sample(articles, len(articles))
    with writing(engine) as session:
        rows = [
            Article(
                url_key=one.key,
                outlet=one.key.split("/")[0],
                announced_at=ANNOUNCED,
                revision=1,
                cleaned_revision=1,
                title=one.title,
                text=one.text,
                standfirst=one.standfirst,
                language=one.language,
                published_at=one.published,
            )
            for one in told
        ]
        for row in rows:  # one by one: ids are to follow this order
            session.add(row)
            session.flush()
        facts = [(ArticleCleaned(article_id=row.id or 0, revision=1, rules=1), None, 0) for row in rows]
        return [new.id for new in ledger.emit(session.connection(), PIPELINE, facts, datetime.now(UTC))]


def work_through(engine: Engine, dice: random.Random, ids: Sequence[int]) -> None:
    """Tag and link in this process: batches of random sizes, the linker now close behind, now far, and in an order of its own."""
    runner = Runner(engine=engine, pipeline=PIPELINE, stages={"tag": TagArticle(), "link": Link()})
    to_tag, to_link = dice.sample(ids, len(ids)), list[int]()
    while to_tag or to_link:
        stage, rows = ("tag", to_tag) if to_tag and (not to_link or dice.random() < 0.6) else ("link", to_link)
        batch = [rows.pop(dice.randrange(len(rows))) for _ in range(min(len(rows), dice.randint(1, LARGEST_BATCH)))]
        tally = runner.deliver(stage, batch)
        assert tally.done == len(batch), tally
        to_link += [work_id for work_id, name in tally.emitted if name == "link"]
    runner.close()


def chronicle(engine: Engine) -> list[Chronicled]:
    """The events as they stand. Raises AssertionError where one has no articles, an article none, or work is dead."""
    with reading(engine) as session:
        members: dict[int | None, list[str]] = {}
        for key, event in session.execute(select(col(Article.url_key), col(Article.event_id))):
            members.setdefault(event, []).append(key)
        live = session.execute(select(Event).where(col(Event.state) == "live")).scalars().all()
        assert {event.id for event in live} == members.keys(), "live events are not those that have articles"
        dead = session.execute(select(col(Work.id)).where(col(Work.state) == State.DEAD)).all()
        assert not dead, f"dead work: {dead}"
        return sorted(Chronicled(tuple(sorted(members[e.id])), e.date.isoformat(), e.headline, e.description) for e in live)


def in_process(articles: Sequence[Told], seed: int, folder: Path) -> list[Chronicled]:
    """The events after one random order, on SQLite."""
    dice = random.Random(seed)
    engine = make_engine(f"sqlite:///{folder / f'order{seed}.db'}", synchronous="NORMAL")
    try:
        upgrade(engine)
        work_through(engine, dice, put(engine, articles, dice))
        return chronicle(engine)
    finally:
        engine.dispose()


def with_workers(
    database: str, articles: Sequence[Told], *, linkers: int, kills: int, seed: int, every_s: float, postgres: Postgres | None = None
) -> tuple[list[Chronicled], Counter[str]]:
    """The events after so many linkers worked on the articles at once, and who was killed. Real processes, a fresh database and Redis."""
    dice = random.Random(seed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dateline-orders-")))
        redis = RedisServer()
        stack.callback(redis.remove)
        redis.start()
        url = f"sqlite:///{folder / 'dateline.db'}"
        if database == "postgresql":
            if postgres is None:
                postgres = Postgres()
                stack.callback(postgres.remove)
                postgres.start()
            name = f"orders_{seed}_{linkers}"
            postgres.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
            url = postgres.url(name)
        engine = make_engine(url, synchronous="NORMAL")
        stack.callback(engine.dispose)
        upgrade(engine)
        put(engine, articles, dice)
        given = environment(folder, url, redis.url, port=9)
        del given["DATELINE_STAGES"]  # no poison
        storm = Storm(database, folder, redis, None, engine, given, dice)
        stack.callback(storm.stop)
        for process in ("scheduler#0", "worker tag#1", *(f"worker link#{number + 2}" for number in range(linkers))):
            storm.start(process)
        _kill(storm, kills, every_s)
        storm.stop()
        return chronicle(engine), storm.kills


def _kill(storm: Storm, kills: int, every_s: float) -> None:
    """Kill workers at random moments while there is work, then wait until all is quiet."""
    open_rows = "SELECT count(*) FROM work WHERE state < 2 AND stage IN ('tag', 'link')"
    linked = "SELECT count(*) FROM article WHERE linked_revision > 0"
    started = time.monotonic()
    while storm.ask(linked) < 1:  # they are up
        storm.look()
        time.sleep(0.05)
    at = time.monotonic() + every_s
    while storm.ask(open_rows) != 0:
        assert time.monotonic() - started < QUIET_S, "not done in time"
        storm.look()
        if storm.kills.total() < kills and time.monotonic() >= at:
            storm.kill("worker")
            at = time.monotonic() + storm.dice.uniform(0.5, 1.5) * every_s
        time.sleep(0.05)


def difference(one: Sequence[Chronicled], other: Sequence[Chronicled]) -> str:
    """What only one of the two has, for people; empty where they are the same."""
    lines = [f"{mark} {event}" for mark, only in (("-", set(one) - set(other)), ("+", set(other) - set(one))) for event in sorted(only)]
    return "\n".join(lines)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", nargs="?", choices=["sqlite", "postgresql"], default="sqlite", help="which the processes work on")
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--orders", type=int, default=20)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--kills", type=int, default=6, help="in each run")
    parser.add_argument("--every", type=float, default=1.5, help="mean seconds between two kills")
    parser.add_argument("--made-up", action="store_true", help="articles made up, though the open stream is there")
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no process is left behind
    configure(level="error")
    articles, what = _articles(given.articles, given.seed, only_made_up=given.made_up)
    first: list[Chronicled] | None = None
    differing = 0

    def compare(run: str, work: Callable[[], tuple[list[Chronicled], Counter[str]]]) -> None:
        nonlocal first, differing
        started = time.monotonic()
        events, kills = work()
        first = first or events
        found = difference(first, events)
        differing += bool(found)
        print(f"{run:<28} {len(events)} events, {kills.total()} kills, {time.monotonic() - started:.0f} s", flush=True)
        if found:
            print(found, flush=True)

    print(f"{len(articles)} articles, {what}", flush=True)
    with tempfile.TemporaryDirectory(prefix="dateline-orders-") as folder:
        for seed in range(given.orders):
            compare(f"order {seed}", lambda seed=seed: (in_process(articles, seed, Path(folder)), Counter()))  # type: ignore[misc]
    sizes = {"kills": given.kills, "every_s": given.every}
    for linkers in given.workers:
        compare(
            f"{linkers} linkers, {given.database}",
            lambda linkers=linkers: with_workers(given.database, articles, linkers=linkers, seed=given.seed, **sizes),  # type: ignore[misc]
        )
    print("FAILED: some runs differ" if differing else "the same events in every run")
    return 1 if differing else 0


def _articles(number: int, seed: int, *, only_made_up: bool) -> tuple[list[Told], str]:
    if not only_made_up:
        try:
            return open_stream(number, seed), "of the open stream"
        except OSError:
            pass
    return made_up(number, seed), "made up"


if __name__ == "__main__":
    sys.exit(main())
