"""A source over hours and days through the real delivery, on both databases: rhythm, ledger, gaps, lies, moves and failures."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from conftest import FakeClock
from hostile import Web, answer
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from test_fetch_stages import Stack, page

from services.fetch.reading import Reading
from services.fetch.stage import Poll
from services.fetch.tally import MOST_KEPT
from shared import completeness
from shared.db import reading, writing
from shared.messages import SourceDue
from shared.models import Alias, Dropped, Source, SourceDay, Work
from shared.models import Poll as PollRow

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FEED = "http://daily.test/feed"


class Clocked(Stack):
    """A stack at the test's clock, which PostgreSQL follows too."""

    def __init__(self, folder: Path, web: Web, engine: Engine, clock: FakeClock) -> None:
        self._clock = clock
        super().__init__(folder, web, engine)

    @property
    def at(self) -> datetime:  # type: ignore[override]
        return self._clock.at

    @at.setter
    def at(self, moment: datetime) -> None:
        self._clock.at = moment

    def poll(self, source: int, after: timedelta = MINUTE) -> None:
        """Let some time go by and poll; work that it emits, such as a backfill, waits for the next call."""
        self.at += after - MINUTE
        self.work(source)

    def known(self, source: int) -> Source:
        with Session(self.engine) as session:
            return session.get_one(Source, source)

    def polls(self) -> list[PollRow]:
        with Session(self.engine) as session:
            return list(session.exec(select(PollRow).order_by(col(PollRow.id))))

    def days(self) -> list[SourceDay]:
        with Session(self.engine) as session:
            return list(session.exec(select(SourceDay).order_by(col(SourceDay.day))))

    def fallen(self) -> dict[str, list[str | None]]:
        with Session(self.engine) as session:
            found: dict[str, list[str | None]] = {}
            for row in session.exec(select(Dropped).order_by(col(Dropped.id))):
                found.setdefault(row.reason, []).append(row.title)
            return found

    def deliver(self, stage: str, mode: str) -> None:
        """What waits of a stage in this mode."""
        self.at += MINUTE
        with reading(self.engine) as session:
            rows = session.exec(select(Work).where(Work.stage == stage, Work.state == 0)).all()
        self.runner.deliver(stage, [row.id or 0 for row in rows if f'"mode":"{mode}"' in (row.body or "")])

    def paths(self) -> list[str]:
        return [(article.url or "").removeprefix("http://daily.test") for article in self.articles()]


@pytest.fixture
def stack(engine: Engine, clock: FakeClock, tmp_path: Path) -> Iterator[Clocked]:
    with Web() as web:
        made = Clocked(tmp_path, web, engine, clock)
        made.web.pages["daily.test/robots.txt"] = answer(b"", "404 Not Found")
        yield made
        made.close()


def item(name: str, at: datetime | None = None, *, link: str | None = None, guid: str | None = None, title: str | None = None) -> str:
    parts = [f"<title>{title or name}</title>"]
    parts += [f"<link>{link or '/' + name}</link>"] if link != "" else []
    parts += [f'<guid isPermaLink="false">{guid}</guid>'] if guid else []
    parts += [f"<pubDate>{format_datetime(at)}</pubDate>"] if at else []
    return f"<item>{''.join(parts)}</item>"


def feed(*items: str, ttl: int | None = None, **headers: str) -> bytes:
    head = f"<title>D</title>{f'<ttl>{ttl}</ttl>' if ttl else ''}"
    return answer(f'<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'.encode(), Content_Type="text/xml", **headers)


def news(*entries: tuple[str, datetime]) -> bytes:
    urls = "".join(
        f"<url><loc>http://daily.test/{name}</loc><news:news><news:publication_date>{at.isoformat()}</news:publication_date>"
        f"<news:title>{name} | The Daily</news:title></news:news></url>"
        for name, at in entries
    )
    names = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return answer(f"<urlset {names}>{urls}</urlset>".encode(), Content_Type="text/xml")


def test_a_gap_is_noted_and_filled_from_the_news_sitemap(stack: Clocked) -> None:
    web, start = stack.web.pages, stack.at
    names = [f"story-{number}" for number in range(9)]
    times = [start - 2 * HOUR + HOUR * number for number in range(9)]
    dated = list(zip(names, times, strict=True))
    web["daily.test/feed"] = feed(*(item(*one) for one in dated[2::-1]), ETag='"1"')
    web["daily.test/robots.txt"] = answer(b"Sitemap: http://daily.test/maps/videos.xml\nSitemap: http://daily.test/maps/news.xml\n")
    web["daily.test/maps/news.xml"] = news(("story-old", start - 30 * HOUR), *dated)
    source = stack.source(FEED)
    stack.poll(source)
    web["daily.test/feed"] = feed(*(item(*one) for one in dated[:5:-1]), ETag='"2"')
    stack.poll(source, 7 * HOUR)
    assert [poll.gap for poll in stack.polls()] == [False, True]
    assert [day.gaps for day in stack.days()] == [1]
    assert sorted(stack.paths()) == [f"/{name}" for name in names[:3] + names[6:]]
    known = stack.known(source)
    assert (known.rhythm or {})["haste"] > 1, "it is polled sooner from now on"
    stack.deliver("poll", "backfill")
    assert sorted(stack.paths()) == [f"/{name}" for name in names]
    after = stack.known(source)
    assert (after.next_poll_at, after.etag, after.seen) == (known.next_poll_at, '"2"', known.seen)
    assert [(poll.mode, poll.announced, poll.new) for poll in stack.polls()][-1] == ("backfill", 7, 3)
    assert "hole" not in (after.state or {})["schedule"]
    stack.poll(source)
    assert [poll.gap for poll in stack.polls()][-1] is False
    assert len(stack.paths()) == 9
    assert {article.announcements for article in stack.articles()} == {1}, "a sitemap's other title of what the feed told is no edit"


def test_a_hole_that_could_not_be_filled_is_tried_again_and_then_left(stack: Clocked) -> None:
    web = stack.web.pages
    web["daily.test/feed"] = feed(item("one"), item("two"))
    source = stack.source(FEED)
    stack.poll(source)
    web["daily.test/feed"] = feed(item("five"), item("six"))
    web["daily.test/robots.txt"] = answer(b"", "503 Busy")
    tries = 0
    for _ in range(6):
        stack.poll(source, 2 * HOUR)
        stack.deliver("poll", "backfill")
        tries = sum(poll.mode == "backfill" for poll in stack.polls())
    assert tries == 3
    known = stack.known(source)
    assert (known.error_class, known.failures) == (None, 0), "the feed itself is well"
    assert [poll.error_class for poll in stack.polls() if poll.mode == "backfill"] == ["http_busy"] * 3


def test_a_site_without_a_sitemap_is_asked_for_one_once_a_gap(stack: Clocked) -> None:
    web = stack.web.pages
    web["daily.test/feed"] = feed(item("one"))
    source = stack.source(FEED)
    stack.poll(source)
    web["daily.test/feed"] = feed(item("two"))
    stack.poll(source, 2 * HOUR)
    for _ in range(3):
        stack.deliver("poll", "backfill")
        stack.poll(source, 2 * HOUR)
    assert [poll.error_class for poll in stack.polls() if poll.mode == "backfill"] == ["http_gone"]


def test_polls_that_bring_nothing_are_unchanged_whatever_their_status(stack: Clocked) -> None:
    web = stack.web.pages
    web["daily.test/feed"] = feed(item("one"), ETag='"1"')
    source = stack.source(FEED)
    stack.poll(source)
    stack.poll(source)
    web["daily.test/feed"] = feed(item("one"), ETag='"2"')
    stack.poll(source)
    assert [poll.status for poll in stack.polls()] == [200, 304, 200]
    (day,) = stack.days()
    assert (day.polls, day.unchanged, day.announced, day.new, day.seen) == (3, 2, 2, 1, 1)


def test_the_ledger_adds_up_and_names_what_fell_out(stack: Clocked) -> None:
    web = stack.web.pages
    bad = [item("bare", link=""), item("script", link="javascript:alert(1)"), item("user", link="http://a:b@x.test/")]
    web["daily.test/feed"] = feed(item("one"), item("one"), item("two"), *bad)
    web["daily.test/one"] = page("one")
    source = stack.source(FEED)
    stack.poll(source)
    stack.poll(source)
    (day,) = stack.days()
    assert (day.announced, day.new, day.seen) == (12, 2, 4)
    assert day.announced == day.new + day.seen + sum(day.dropped.values())
    assert day.dropped == {"entry_without_address": 4, "url_malformed": 2}
    assert stack.fallen() == {"entry_without_address": ["bare", "script"], "url_malformed": ["user"]}
    with Session(stack.engine) as session:
        (told,) = completeness.days(session, source, stack.at.date() - DAY, stack.at.date())
        announced, became = told.announced, told.became
        assert (announced.announced, announced.unchanged, announced.dropped) == (12, 1, day.dropped)
        assert (became.articles, became.fetched, became.filed, became.refused, became.open) == (2, 1, 0, {"http_gone": 1}, 1)
        assert [one.title for one in completeness.dropped(session, source, 2)] == ["user", "script"]


def test_a_save_that_is_repeated_counts_once(stack: Clocked) -> None:
    stack.web.pages["daily.test/feed"] = feed(item("one"), item("bare", link=""))
    source = stack.source(FEED)
    stack.poll(source)
    (before,) = stack.days()
    poll = stack.runner.stages["poll"]
    assert isinstance(poll, Poll)
    with writing(stack.engine) as session:
        message = SourceDue(source_id=source, due_at=stack.at)
        given = poll.load(session, message)
        done = stack.runner.loop().run(poll.run(given))
        assert isinstance(done, Reading)
        poll.save(session, message, done)
    (after,) = stack.days()
    assert after.model_dump() == before.model_dump()
    assert len(stack.polls()) == 1


def test_of_endless_rubbish_some_is_kept(stack: Clocked) -> None:
    source = stack.source(FEED)
    for start in (0, 150):
        stack.web.pages["daily.test/feed"] = feed(item("one"), *(item(f"bare {start + number}", link="") for number in range(150)))
        stack.poll(source)
    titles = stack.fallen()["entry_without_address"]
    assert len(titles) == MOST_KEPT
    assert "bare 299" in titles
    assert sum(day.dropped["entry_without_address"] for day in stack.days()) == 300


def test_a_known_guid_under_a_new_address_is_the_same_article(stack: Clocked) -> None:
    web, at = stack.web.pages, stack.at - HOUR
    web["daily.test/feed"] = feed(item("old", at, guid="7", title="Bridge opens"), item("other", at - HOUR, guid="8"))
    web["daily.test/old"] = page("Bridge opens")
    source = stack.source(FEED)
    stack.poll(source)
    web["daily.test/feed"] = feed(item("new", at, guid="7", title="Bridge opens at last"), item("other", at - HOUR, guid="8"))
    web["daily.test/new"] = page("Bridge opens at last")
    del web["daily.test/old"]
    for _ in range(2):
        stack.poll(source)
    bridge, _other = stack.articles()
    assert (bridge.url, bridge.feed_title, bridge.revision) == ("http://daily.test/new", "Bridge opens at last", 2)
    assert [alias.url_key for alias in stack.documents(Alias)] == ["//daily.test/new"]  # type: ignore[attr-defined]
    assert [poll.new for poll in stack.polls()] == [2, 0, 0]


def test_a_guid_that_every_entry_bears_merges_nothing(stack: Clocked) -> None:
    web, at = stack.web.pages, stack.at - HOUR
    source = stack.source(FEED)
    for name in ("a", "b", "c"):
        web["daily.test/feed"] = feed(*(item(f"{name}{number}", at, guid="same", title="News") for number in range(3)))
        stack.poll(source)
    assert len(stack.articles()) == 9
    briefing = stack.source("http://brief.test/feed")
    for day in range(3):
        web["brief.test/feed"] = feed(item("x", at + DAY * day, link=f"/{day}", guid="latest", title="Your briefing"))
        stack.poll(briefing, DAY)
    assert len(stack.articles()) == 12


def test_two_feeds_with_the_same_guids_are_two_feeds(stack: Clocked) -> None:
    web, at = stack.web.pages, stack.at - HOUR
    web["daily.test/feed"] = feed(item("one", at, guid="1", title="Same words"))
    web["other.test/feed"] = feed(item("one", at, guid="1", title="Same words"))
    for url in (FEED, "http://other.test/feed"):
        stack.poll(stack.source(url))
    assert [article.outlet for article in stack.articles()] == ["The Daily"] * 2


def test_an_unconditional_poll_finds_what_a_lying_304_hid(stack: Clocked) -> None:
    web = stack.web.pages
    web["daily.test/feed"] = feed(item("one"), ETag='"for ever"')
    source = stack.source(FEED)
    stack.poll(source)
    web["daily.test/feed"] = feed(item("two"), item("one"), ETag='"for ever"')
    for _ in range(3):
        stack.poll(source, 6 * HOUR)
    assert stack.paths() == ["/one"], "the server says that nothing changed"
    stack.poll(source, 7 * HOUR)
    assert stack.paths() == ["/one", "/two"]
    assert [poll.status for poll in stack.polls()] == [200, 304, 304, 304, 200]
    web["daily.test/feed"] = feed(item("three"), item("two"), item("one"), ETag='"for ever"')
    stack.poll(source, HOUR)
    assert "/three" in stack.paths(), "its validators are not believed any more"


@pytest.mark.parametrize(
    ("said", "status"), [(answer(b"<html>no feed</html>"), 200), (answer(b"", "410 Gone"), 410), (answer(b"", "503 Busy"), 503)]
)
def test_failures_slow_a_source_down_to_the_ceiling_and_a_success_resets_them(stack: Clocked, said: bytes, status: int) -> None:
    web = stack.web.pages
    web["daily.test/feed"] = feed(item("one"))
    source = stack.source(FEED)
    stack.poll(source)
    web["daily.test/feed"] = said
    waits = []
    for _ in range(40):
        stack.poll(source, 2 * HOUR)  # by then a host that rests is tried again
        next_poll = stack.known(source).next_poll_at
        assert next_poll is not None
        waits.append(next_poll - stack.at)
    assert waits == sorted(waits)
    assert waits[-1] == DAY
    assert {poll.status for poll in stack.polls()[1:]} == {status}
    web["daily.test/feed"] = feed(item("one"))
    stack.poll(source, 2 * HOUR)
    known = stack.known(source)
    assert (known.failures, known.failure_weight, known.error_class) == (0, 0.0, None)
    assert sum(day.failures for day in stack.days()) == 40


def test_a_source_whose_host_rests_for_another_address_does_not_fail(stack: Clocked) -> None:
    stack.web.pages["daily.test/feed"] = feed(item("one"))
    stack.web.pages["daily.test/one"] = answer(b"", "429 Slow Down", Retry_After="600")
    source = stack.source(FEED)
    stack.poll(source)
    stack.poll(source)
    known = stack.known(source)
    assert stack.web.paths("daily.test").count("/feed") == 1
    assert (known.failures, known.error_class, sum(day.failures for day in stack.days())) == (0, None, 0)
    assert known.next_poll_at is not None
    assert known.next_poll_at - stack.at > timedelta(minutes=8)


def test_a_source_is_not_asked_before_its_time_to_live_is_over(stack: Clocked) -> None:
    web, at = stack.web.pages, stack.at
    items = [item(f"story-{number}", at - number * MINUTE) for number in range(60)]
    cases = [feed(*items, ttl=90), feed(*items, Cache_Control="max-age=5400"), feed(*items, ttl=14_400), feed(*items)]
    waits = []
    for number, said in enumerate(cases):
        web[f"d{number}.test/feed"] = said
        source = stack.source(f"http://d{number}.test/feed")
        stack.poll(source)
        known = stack.known(source)
        assert known.next_poll_at is not None
        waits.append(known.next_poll_at - stack.at)
    assert waits[0] >= 90 * MINUTE
    assert waits[1] >= 90 * MINUTE
    assert 4 * HOUR <= waits[2] <= 6 * HOUR, "ten days are not believed"
    assert waits[3] < 15 * MINUTE


def test_a_feed_that_moved_for_good_is_followed_and_said_to_have_moved(stack: Clocked) -> None:
    web = stack.web.pages
    web["daily.test/feed"] = answer(b"", "301 Moved", Location="http://daily.test/rss")
    web["daily.test/rss"] = feed(item("one"))
    source = stack.source(FEED)
    told = []
    for _ in range(3):
        stack.poll(source)
        told.append(completeness.moved_to(stack.known(source)))
    assert told == [None, None, "http://daily.test/rss"]
    web["daily.test/feed"] = feed(item("one"))
    stack.poll(source)
    assert completeness.moved_to(stack.known(source)) is None


def test_a_source_is_silent_from_the_moment_that_its_rhythm_names(stack: Clocked) -> None:
    web, at = stack.web.pages, stack.at
    lively = [item(f"story-{number}", at - 8 * HOUR * number) for number in range(60)]
    web["daily.test/feed"] = feed(*lively)
    web["still.test/feed"] = feed(*(item(f"story-{number}", at - 90 * DAY - 8 * HOUR * number) for number in range(60)))
    web["young.test/feed"] = feed(item("first", at), item("second", at - HOUR))
    source, still, young = (stack.source(f"http://{name}.test/feed") for name in ("daily", "still", "young"))
    for one in (source, still, young):
        stack.poll(one)
    known = stack.known(source)
    assert known.last_new_at == at
    assert known.silent_from is not None
    assert at + DAY < known.silent_from < at + 5 * DAY
    assert (stack.known(still).silent_from or at) < at - 80 * DAY
    assert stack.known(young).silent_from is None
    stack.poll(source, 10 * DAY)
    assert stack.known(source).silent_from == known.silent_from, "it does not get used to silence"
    web["daily.test/feed"] = feed(item("awake", stack.at), *lively)
    stack.poll(source, HOUR)
    assert (stack.known(source).silent_from or at) > stack.at


def test_days_are_counted_apart(stack: Clocked) -> None:
    stack.web.pages["daily.test/feed"] = feed(item("one"))
    source = stack.source(FEED)
    for _ in range(3):
        stack.poll(source, DAY)
    assert [(day.day, day.polls, day.new) for day in stack.days()] == [
        (date(2026, 1, 6), 1, 1),
        (date(2026, 1, 7), 1, 0),
        (date(2026, 1, 8), 1, 0),
    ]
