"""What tagging and linking cost beside many active events: whether an article grows dearer with what is there.

    python tests/benchmarks/link_cost.py [--events 1000 10000 100000] [--articles 400]

Each active event has an article in the index. Words are drawn by how rare the numbered table says that they are, names are made up, so
that the index leads to strangers as often as news would. Then articles of some 300 words come in, half of them on events that are there,
and go through load, run and save of the stages `tag` (32 to a transaction) and `link` (each its own), on SQLite in a file, in one
process. CPU is counted, delivery not. The target: 300 articles a second on a core beside 10,000 events, at most twice as dear beside
100,000.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from math import exp
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from sqlalchemy import Engine, func, insert, select  # noqa: E402
from sqlmodel import col  # noqa: E402

from services.link.stage import Link  # noqa: E402
from services.tag.stage import TagArticle  # noqa: E402
from shared.db import make_engine, reading, writing  # noqa: E402
from shared.features import index_keys, make_features  # noqa: E402
from shared.logs import configure  # noqa: E402
from shared.messages import ArticleCleaned, ArticleTagged, Message  # noqa: E402
from shared.migrations import upgrade  # noqa: E402
from shared.models import Article, Event, IndexEntry, Posting  # noqa: E402
from shared.stage import AnyStage  # noqa: E402
from shared.words import idf, stop_words  # noqa: E402

PER_SECOND, AT_MOST = 300, 2.0  # the targets
START = datetime(2026, 3, 2, 6, tzinfo=UTC)
BATCH = 32
DAYS = 4  # over which the active events lie: all within each other's window
INDEXED_WORDS, WORDS = 120, 300  # of an article that is there, of one that comes in
_SYLLABLES = [first + last for first in "bdfgklmnprstvz" for last in ("a", "e", "i", "o", "u", "an", "er", "or")]


@dataclass(frozen=True, kw_only=True)
class LinkCost:
    """Milliseconds of CPU an article; `joined` is the share of those on active events that came to stand on one."""

    events: int
    tag_ms: float
    link_ms: float
    joined: float

    @property
    def per_second(self) -> float:
        """Articles of both stages on one core."""
        return 1000 / (self.tag_ms + self.link_ms)


@dataclass(frozen=True)
class Happening:
    """What an event's articles share: names, and words that are not in every article."""

    names: tuple[str, ...]
    words: tuple[str, ...]
    at: datetime


class News:
    """Makes up happenings and articles on them, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        listed = (ROOT / "shared/data/idf.txt").read_text(encoding="utf-8").split()
        known = [word for word in listed if word.isascii() and word.isalpha() and len(word) > 2]
        self.words = known
        self.rare = [word for word in known if 4.5 <= idf(word) <= 7.5]
        self.shares = list(accumulate(exp(-idf(word)) for word in known))
        self.small = sorted(stop_words()["en"])

    def happening(self) -> Happening:
        """One, at some time of the window."""
        names = tuple("".join(self.random.choices(_SYLLABLES, k=3)).capitalize() for _ in range(4))
        minutes = self.random.randrange(DAYS * 1440)
        return Happening(names, tuple(self.random.sample(self.rare, 10)), START + timedelta(minutes=minutes))

    def title(self, told: Happening) -> str:
        """Two names and four words of it, two others."""
        parts = [*self.random.sample(told.names, 2), *self.random.sample(told.words, 4), *self._others(2)]
        return " ".join(parts).capitalize()

    def text(self, told: Happening, words: int) -> str:
        """Sentences of 20 words; half of the words carry nothing, a fifth is the happening's."""
        own = (*told.names, *told.words)
        sentences = []
        for _ in range(words // 20):
            said = self.random.choices(self.small, k=10) + self._others(6) + self.random.choices(own, k=4)
            self.random.shuffle(said)
            sentences.append(" ".join(said).capitalize() + ".")
        return "\n\n".join(sentences)

    def _others(self, number: int) -> list[str]:
        return self.random.choices(self.words, cum_weights=self.shares, k=number)


def fill(engine: Engine, news: News, number: int) -> list[Happening]:
    """So many events with an article each, in the index."""
    told = [news.happening() for _ in range(number)]
    for start in range(0, number, 2_000):
        rows: dict[type[Any], list[dict[str, Any]]] = {Event: [], Article: [], IndexEntry: [], Posting: []}
        for place, one in enumerate(told[start : start + 2_000], start + 1):
            title, body = news.title(one), news.text(one, INDEXED_WORDS)
            made = make_features(title=title, text=body, published=one.at, language="en")
            article = _article(place, title, body, one.at) | {"event_id": place, "tagged_revision": 1, "linked_revision": 1}
            event = {"id": place, "date": one.at.date(), "date_provenance": "feed", "headline": title, "headline_article_id": place}
            rows[Event].append(event | {"created_at": one.at, "changed_at": one.at})
            rows[Article].append(article)
            entry = {"article_id": place, "revision": 1, "day": made.day, "sample": False, "snapshot": "made", "features": made.to_json()}
            rows[IndexEntry].append(entry)
            rows[Posting].extend({"key": key, "article_id": place, "day": made.day} for key in index_keys(made))
        with writing(engine) as session:
            for table, values in rows.items():
                session.execute(insert(table), values)
    return told


def arrive(engine: Engine, news: News, told: Sequence[Happening], number: int) -> list[ArticleCleaned]:
    """Articles as clean leaves them, every other one on a happening that is there."""
    with writing(engine) as session:
        first = (session.execute(select(func.max(col(Article.id)))).scalar() or 0) + 1
        rows = []
        for place in range(number):
            one = news.random.choice(told) if place % 2 else news.happening()
            rows.append(_article(first + place, news.title(one), news.text(one, WORDS), one.at + timedelta(hours=1)))
        session.execute(insert(Article), rows)
    return [ArticleCleaned(article_id=row["id"], revision=1, rules=1) for row in rows]


def work(engine: Engine, stage: AnyStage, messages: Sequence[Message], batch: int) -> tuple[list[ArticleTagged], float]:
    """The messages through a stage, so many to a transaction of saving; what it emits for `link`, and the CPU seconds."""
    found: list[ArticleTagged] = []
    started = time.process_time()
    for start in range(0, len(messages), batch):
        done = []
        for message in messages[start : start + batch]:
            with reading(engine) as session:
                given = stage.load(session, message)
            done.append((message, stage.run(given)))
        with writing(engine) as session:
            for message, made in done:
                for one in cast(Sequence[Message], stage.save(session, message, made)):
                    if isinstance(one, ArticleTagged):
                        found.append(one)
    return found, time.process_time() - started


def measure(events: int, articles: int = 400, seed: int = 7) -> LinkCost:
    """Both stages beside so many active events."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/link.db")
        upgrade(engine)
        news = News(seed)
        told = fill(engine, news, events)
        tag, link = TagArticle(), Link()
        for warm in (True, False):
            messages = arrive(engine, news, told, BATCH if warm else articles)
            tagged, tag_s = work(engine, tag, messages, BATCH)
            # One at a time: two of a batch may tell of one event, and the second must see the first.
            _, link_s = work(engine, link, tagged, 1)
        with reading(engine) as session:
            ids = [message.article_id for message in messages[1::2]]
            stand = session.execute(select(func.count()).where(col(Article.id).in_(ids), col(Article.event_id) <= events)).scalar_one()
        engine.dispose()
    return LinkCost(events=events, tag_ms=1000 * tag_s / articles, link_ms=1000 * link_s / articles, joined=stand / len(ids))


def rows(costs: Sequence[LinkCost]) -> Iterator[str]:
    """A table."""
    yield f"{'active events':>14}{'tag ms':>9}{'link ms':>9}{'articles/s':>12}{'joined':>9}"
    for one in costs:
        yield f"{one.events:>14,}{one.tag_ms:>9.2f}{one.link_ms:>9.2f}{one.per_second:>12.0f}{one.joined:>9.2f}"


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
    parser.add_argument("--events", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--articles", type=int, default=400)
    given = parser.parse_args()
    configure(level="WARNING")
    print("\n".join(rows([measure(events, given.articles) for events in given.events])))


if __name__ == "__main__":
    main()
