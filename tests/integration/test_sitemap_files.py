"""What is remembered of an index's sitemaps, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import col, select

from services.fetch import sitemapfiles
from services.fetch.core.budget import KnownSitemap
from shared.db import reading, writing
from shared.models import SitemapFile, Source

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_sitemaps_are_noted_once_and_forgotten_when_nobody_asks_for_them(engine: Engine) -> None:
    with writing(engine) as session:
        source = Source(kind="sitemap", url="http://daily.test/index.xml", outlet="D", added_at=NOON)
        session.add(source)
        session.flush()
        number = source.id or 0
    good = KnownSitemap(url="http://daily.test/s.xml", lastmod=NOON, etag='"1"', read_at=NOON)
    dead = KnownSitemap(url="http://daily.test/d.xml", failures=1, asleep_until=NOON + timedelta(hours=6))
    with writing(engine) as session:
        sitemapfiles.note(session, number, [good, dead], NOON)
    again = replace(dead, failures=2, asleep_until=NOON + timedelta(days=30))
    with writing(engine) as session:
        sitemapfiles.note(session, number, [again], NOON)
    with reading(engine) as session:
        assert {one.url: one for one in sitemapfiles.known(session, number)} == {good.url: good, dead.url: again}
        assert len(session.exec(select(SitemapFile)).all()) == 2
    later = NOON + sitemapfiles.FORGOTTEN + timedelta(days=20)
    with writing(engine) as session:
        sitemapfiles.note(session, number, [replace(good, url="http://daily.test/t.xml", read_at=later)], later)
    with reading(engine) as session:
        left = session.exec(select(SitemapFile.url).order_by(col(SitemapFile.url))).all()
        assert left == [dead.url, "http://daily.test/t.xml"]  # the dead one slept until less than that long ago
