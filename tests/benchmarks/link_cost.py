"""What tagging and linking cost beside many active events: whether an article grows dearer with what is there.

    python tests/benchmarks/link_cost.py [--events 1000 10000 100000] [--articles 400]

Each active event has an article in the index (`made_news.py` makes them up). Then articles of some 300 words come in, half of them on
events that are there, and go through load, run and save of the stages `tag` and `link` in batches of 32, saved together as
`shared/batch.py` does (of `link` those that touch one another apart), on SQLite in a file, in a process of its own, whose CPU is counted
and whose memory is read at its most; delivery is not in it. As many articles before them warm it up: a worker runs for days. At last a
month has passed: other events are active, and all those from before lie outside of the window. The target: 300 articles a second on a
core beside 10,000 events, at most twice as dear beside 100,000.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.made_news import Happening, News  # noqa: E402
from sqlalchemy import Engine, func, insert, select  # noqa: E402
from sqlmodel import col  # noqa: E402

from services.link.stage import Link  # noqa: E402
from services.tag.stage import TagArticle  # noqa: E402
from shared.db import make_engine, reading, writing  # noqa: E402
from shared.features import index_keys, make_features, posting_day  # noqa: E402
from shared.logs import configure  # noqa: E402
from shared.messages import ArticleCleaned, ArticleTagged, Message  # noqa: E402
from shared.migrations import upgrade  # noqa: E402
from shared.models import Article, Event, IndexEntry, Posting  # noqa: E402
from shared.stage import AnyStage, Touching  # noqa: E402

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
MONTH = timedelta(days=30)
EVENTS = (1_000, 10_000, 100_000)
ARTICLES = 400
BATCH, CHUNK = 32, 1_000
DAYS = 4  # over which the active events lie: all within each other's window
INDEXED_WORDS, WORDS = 120, 300  # of an article that is there, of one that comes in


@dataclass(frozen=True, kw_only=True)
class LinkCost:
    """Milliseconds of CPU an article; `joined` is the share of those on active events that came to stand on theirs.

    `peak_mb` is the process's resident set at its most; None where this system does not tell it.
    """

    events: int  # active
    older: int  # events outside of the window
    tag_ms: float
    link_ms: float
    joined: float
    peak_mb: float | None

    @property
    def total_ms(self) -> float:
        """Of both stages."""
        return self.tag_ms + self.link_ms

    @property
    def per_second(self) -> float:
        """Articles of both stages on one core."""
        return 1000 / self.total_ms


class Archive:
    """A database that fills with events; articles arrive beside them."""

    def __init__(self, url: str, seed: int) -> None:
        self.url, self.seed = url, seed
        self.engine = make_engine(url, synchronous="OFF")
        upgrade(self.engine)
        self.news = News(seed)
        self.start = START
        self.active: list[tuple[int, Happening]] = []  # with the ids of their events
        self.older = 0

    def pass_a_month(self) -> None:
        """What was active is so no more."""
        self.start += MONTH
        self.older += len(self.active)
        self.active = []

    def fill(self, events: int) -> None:
        """Add events with an article each, in the index, until so many are active. All cores make them up, a few chunks ahead."""
        first = self._next_id()
        last = first + events - len(self.active)
        wanted = [(self.seed, self.start, range(at, min(at + CHUNK, last))) for at in range(first, last, CHUNK)]
        cores = os.cpu_count() or 1
        with ProcessPoolExecutor(cores, get_context("spawn")) as pool:  # a forked process would have the parent's connection
            for at in range(0, len(wanted), 2 * cores):
                some = wanted[at : at + 2 * cores]
                for told, rows in pool.map(_made, some) if len(wanted) > 1 else map(_made, some):
                    with writing(self.engine) as session:
                        for table, values in rows.items():
                            session.execute(insert(table.__table__), values)
                    self.active += told

    def arrive(self, number: int) -> dict[int, int | None]:
        """Articles as clean leaves them, every other one on an event that is there: their ids, and which event it is."""
        first, rows, found = self._next_id(), [], {}
        for place in range(first, first + number):
            event, told = self.news.random.choice(self.active) if place % 2 else (None, self.news.happening(self.start, DAYS))
            rows.append(_article(place, self.news.title(told), self.news.text(told, WORDS), told.at + timedelta(hours=1)))
            found[place] = event
        with writing(self.engine) as session:
            session.execute(insert(Article), rows)
        return found

    def joined(self, arrived: dict[int, int | None]) -> float:
        """The share of those on active events that stand on theirs."""
        wanted = {article: event for article, event in arrived.items() if event}
        with reading(self.engine) as session:
            found = session.execute(select(col(Article.id), col(Article.event_id)).where(col(Article.id).in_(wanted))).all()
        return sum(wanted[article] == event for article, event in found) / len(wanted)

    def _next_id(self) -> int:
        with reading(self.engine) as session:
            return 1 + max(session.execute(select(func.max(col(one.id)))).scalar() or 0 for one in (Article, Event))


def measure(events: Sequence[int] = EVENTS, articles: int = ARTICLES, seed: int = 7, say: Callable[[str], None] = print) -> list[LinkCost]:
    """Both stages beside so many active events, one after another; at last beside the second number of them a month later."""
    found: list[LinkCost] = []
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(f"sqlite:///{folder}/link.db", seed)
        for active in sorted(events):
            say(f"tag and link beside {active:,} active events")
            archive.fill(active)
            found.append(_beside(archive, articles))
        archive.pass_a_month()
        again = sorted(events)[min(1, len(events) - 1)]
        say(f"tag and link beside {again:,} active events and {archive.older:,} older ones")
        archive.fill(again)
        found.append(_beside(archive, articles))
        archive.engine.dispose()
    return found


def rows(costs: Sequence[LinkCost]) -> Iterator[str]:
    """A table."""
    yield f"  {'active events':>14}{'older':>9}{'tag ms':>9}{'link ms':>9}{'together':>10}{'articles/s':>12}{'joined':>8}{'memory, MB':>12}"
    for one in costs:
        memory = "–" if one.peak_mb is None else f"{one.peak_mb:.0f}"
        spent = f"{one.tag_ms:>9.2f}{one.link_ms:>9.2f}{one.total_ms:>10.2f}{one.per_second:>12.0f}"
        yield f"  {one.events:>14,}{one.older:>9,}{spent}{one.joined:>8.2f}{memory:>12}"


def _beside(archive: Archive, articles: int) -> LinkCost:
    warm_up, arrived = archive.arrive(articles), archive.arrive(articles)
    command = [sys.executable, __file__, "--work", archive.url]
    asked = json.dumps([sorted(warm_up), sorted(arrived)])
    done = subprocess.run(command, input=asked, stdout=subprocess.PIPE, text=True, check=True, timeout=600)
    told = json.loads(done.stdout)
    return LinkCost(
        events=len(archive.active),
        older=archive.older,
        tag_ms=1000 * told["tag_s"] / articles,
        link_ms=1000 * told["link_s"] / articles,
        joined=archive.joined(arrived),
        peak_mb=told["peak_mb"],
    )


def _work(url: str) -> None:
    """Read two lists of articles' ids, put them through both stages, print what the second list cost."""
    configure(level="WARNING")
    engine = make_engine(url)
    tag, link = TagArticle(), Link()
    tag_s = link_s = 0.0
    for ids in json.load(sys.stdin):
        messages = [ArticleCleaned(article_id=one, revision=1, rules=1) for one in ids]
        tagged, tag_s = _through(engine, tag, messages)
        _, link_s = _through(engine, link, tagged)
    print(json.dumps({"tag_s": tag_s, "link_s": link_s, "peak_mb": _peak_mb()}))


def _through(engine: Engine, stage: AnyStage, messages: Sequence[Message]) -> tuple[list[ArticleTagged], float]:
    """The messages through a stage as a batch goes; what it emits for `link`, and the CPU seconds."""
    found: list[ArticleTagged] = []
    started = time.process_time()
    for start in range(0, len(messages), BATCH):
        company: list[tuple[Message, Any]] = []
        taken: set[Any] = set()
        for message in messages[start : start + BATCH]:
            given = _load(engine, stage, message)
            if isinstance(stage, Touching):
                if not taken.isdisjoint(stage.touches(given)):
                    found += _save(engine, stage, company)
                    company, taken = [], set()
                    given = _load(engine, stage, message)
                taken |= stage.touches(given)
            company.append((message, stage.run(given)))
        found += _save(engine, stage, company)
    return found, time.process_time() - started


def _load(engine: Engine, stage: AnyStage, message: Message) -> Any:
    with reading(engine) as session:
        return stage.load(session, message)


def _save(engine: Engine, stage: AnyStage, done: Sequence[tuple[Message, Any]]) -> list[ArticleTagged]:
    with writing(engine) as session:
        emitted = [one for message, made in done for one in cast(Sequence[Message], stage.save(session, message, made))]
    return [one for one in emitted if isinstance(one, ArticleTagged)]


def _peak_mb() -> float | None:
    """The most that was resident. Not from getrusage: that counts the parent's memory, of which a child begins as a copy."""
    status = Path("/proc/self/status")
    told = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1000 for line in told if line.startswith("VmHWM:")), None)


def _made(wanted: tuple[int, datetime, range]) -> tuple[list[tuple[int, Happening]], dict[type[Any], list[dict[str, Any]]]]:
    """(seed, start, ids) to happenings with these ids and the rows of an event with one linked article each, by table."""
    seed, start, places = wanted
    news = News(hash((seed, places.start)))
    told = [(place, news.happening(start, DAYS)) for place in places]
    rows: dict[type[Any], list[dict[str, Any]]] = {Event: [], Article: [], IndexEntry: [], Posting: []}
    for place, one in told:
        for table, values in _indexed(place, news, one):
            rows[table].extend(values)
    return told, rows


def _indexed(place: int, news: News, told: Happening) -> Iterator[tuple[type[Any], list[dict[str, Any]]]]:
    """The rows of an event with one linked article, by table."""
    title, body = news.title(told), news.text(told, INDEXED_WORDS)
    made = make_features(title=title, text=body, published=told.at, language="en")
    event = {"id": place, "date": told.at.date(), "date_provenance": "feed", "headline": title, "headline_article_id": place}
    yield Event, [event | {"created_at": told.at, "changed_at": told.at}]
    yield Article, [_article(place, title, body, told.at) | {"event_id": place, "tagged_revision": 1, "linked_revision": 1}]
    entry = {"article_id": place, "revision": 1, "day": made.day, "sample": False, "snapshot": "made", "features": made.to_json()}
    yield IndexEntry, [entry]
    day = posting_day(made.day)
    yield Posting, [{"key": key, "article_id": place, "day": day, "weight": weight} for key, weight in index_keys(made).items()]


def _article(number: int, title: str, body: str, at: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "url_key": f"made.test/{number}",
        "outlet": f"outlet {number % 50}",
        "announced_at": at,
        "cleaned_revision": 1,
        "revision": 1,
        "title": title,
        "text": body,
        "language": "en",
        "published_at": at,
        "published_provenance": "feed",
        "kind": "article",
    }


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=list(EVENTS))
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        _work(given.work)
        return
    print("\n".join(rows(measure(given.events, given.articles, say=lambda what: print(what, file=sys.stderr)))))


if __name__ == "__main__":
    main()
