"""A running worker of `tag` takes a newer gazetteer without restart, and the snapshot tells which tags were made with it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from servers import RedisServer
from sqlalchemy import Engine
from sqlmodel import col, select

from services.tag.concepts import Folder
from services.tag.core import Concept
from shared import ledger
from shared.clock import now
from shared.db import make_engine, reading, writing
from shared.messages import ArticleCleaned
from shared.models import Article, ArticleTag, IndexEntry
from shared.pipeline import PIPELINE
from shared.queue import RedisHints, make_app, redis_client

ROOT = Path(__file__).parents[2]
PATIENCE_S = 40.0
GUILD = "name:lantern-guild"


@dataclass
class Tagging:
    """A worker of `tag` over a real Redis, and the articles that it is given."""

    engine: Engine
    hints: RedisHints
    worker: "subprocess.Popen[bytes]"
    log: Path

    def tag(self, number: int) -> tuple[set[str], str]:
        """Give it an article; its tags and its snapshot."""
        with writing(self.engine) as session:
            article = Article(id=number, url_key=f"a.test/{number}", outlet="a.test", announced_at=now(), revision=1, cleaned_revision=1)
            article.title, article.language = "Lantern guild asks for more light in Aleppo", "en"
            article.text = "The Lantern Guild of Aleppo asked the mayor for more light."
            session.add(article)
            session.flush()
            message = ArticleCleaned(article_id=number, revision=1, rules=1)
            made = ledger.emit(session.connection(), PIPELINE, [(message, None, 0)], now(), {})
            work = [row.id for row in made]
        self.hints.send("tag", work)
        self.wait(lambda: self._snapshot(number) is not None, f"article {number} is tagged")
        with reading(self.engine) as session:
            tags = set(session.exec(select(ArticleTag.tag_id).where(col(ArticleTag.article_id) == number)).all())
        return tags, self._snapshot(number) or ""

    def _snapshot(self, number: int) -> str | None:
        with reading(self.engine) as session:
            return session.exec(select(IndexEntry.snapshot).where(col(IndexEntry.article_id) == number)).first()

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < until, f"{what}\n{self.log.read_text()[-4000:]}"
            time.sleep(0.05)


@pytest.fixture
def tagging(redis_server: RedisServer, sqlite_url: str, tmp_path: Path) -> Iterator[Tagging]:
    given = {"DATELINE_DATABASE": sqlite_url, "DATELINE_BROKER": redis_server.url, "DATELINE_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "services.cli", "worker", "tag"]
    with (tmp_path / "log").open("ab") as log:
        worker = subprocess.Popen(command, env={**os.environ, "PYTHONWARNINGS": "ignore", **given}, cwd=ROOT, stdout=log, stderr=log)
    engine = make_engine(sqlite_url)
    hints = RedisHints(app=make_app(redis_server.url, PIPELINE), redis=redis_client(redis_server.url), high=100, batch=32)
    yield Tagging(engine, hints, worker, tmp_path / "log")
    worker.kill()
    worker.wait()
    engine.dispose()
    hints.app.close()
    hints.redis.close()


def test_a_running_worker_takes_a_newer_gazetteer(tagging: Tagging, tmp_path: Path) -> None:
    tags, without = tagging.tag(1)
    assert "place:aleppo" in tags
    folder = Folder(tmp_path / "concepts")
    folder.write("own", [(Concept(GUILD, "organisation", "Lantern Guild", "country:SY"), ["Lantern Guild"])])
    digest = folder.build()["digest"]
    tags, with_it = tagging.tag(2)
    assert {"place:aleppo", GUILD} <= tags
    assert digest in with_it
    assert digest not in without
    folder.write("own", [(Concept("name:light-office", "organisation", "Light Office"), ["Lantern Guild"])])
    folder.build()
    tags, newest = tagging.tag(3)
    assert "name:light-office" in tags
    assert len({without, with_it, newest}) == 3
    assert tagging.worker.poll() is None
