"""Watched folders, polled through the real delivery: what is new, changed, half-written, hostile or of no use."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pdf_samples import column, pdf
from sqlmodel import Session, SQLModel, col, select
from warc_samples import record, response, warc

from services.fetch import folderfiles, readfolder
from services.fetch.core.pace import Manners
from services.fetch.hosts import Hosts
from services.fetch.politeness import Robots
from services.fetch.reading import Tools
from services.fetch.stage import Poll
from shared import ledger
from shared.db import make_engine, reading, writing
from shared.http import Fetcher
from shared.messages import SourceDue
from shared.models import Article, Document, Source, Work
from shared.models import Poll as PollRow
from shared.pipeline import PIPELINE
from shared.raw import RawStore
from shared.runner import Runner
from shared.sandbox import Sandbox

RSS = "<rss version='2.0'><channel><item><title>One</title><link>http://daily.test/one</link></item></channel></rss>"


class Watched:
    """A folder, the stage that polls it, and a clock that the test moves."""

    def __init__(self, tmp_path: Path) -> None:
        self.at = datetime(2026, 1, 5, 12, tzinfo=UTC)
        self.folder = tmp_path / "in box"
        self.folder.mkdir()
        self.engine = make_engine(f"sqlite:///{tmp_path / 'test.db'}")
        SQLModel.metadata.create_all(self.engine)
        self.raw = RawStore(tmp_path / "raw")
        self.sandbox = Sandbox()
        self.fetcher = Fetcher(user_agent="Dateline/test", max_bytes=1_000_000, deadline=timedelta(seconds=5), clock=lambda: self.at)
        tools = Tools(
            fetcher=self.fetcher,
            hosts=Hosts(self.fetcher, Robots(self.fetcher, lambda: self.at), manners=Manners(apart_s=0.0)),
            sandbox=self.sandbox,
            raw=self.raw,
            clock=lambda: self.at,
            parse_limit=timedelta(seconds=30),
            max_bytes=100_000,
        )
        poll = Poll(tools=tools, floor=timedelta(minutes=5), ceiling=timedelta(days=1))
        self.runner = Runner(engine=self.engine, pipeline=PIPELINE, stages={"poll": poll}, clock=lambda: self.at)
        with writing(self.engine) as session:
            url = self.folder.as_uri()
            session.add(Source(kind="folder", url=url, outlet="file:in box", added_at=self.at))

    def write(self, name: str, content: str | bytes, *, age: float = 60) -> Path:
        """A file that was last written `age` seconds ago."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        moment = self.at.timestamp() - age
        os.utime(path, (moment, moment))
        return path

    def poll(self) -> PollRow:
        """Poll it a minute later."""
        self.at += timedelta(minutes=1)
        with writing(self.engine) as session:
            ledger.emit(session.connection(), PIPELINE, [(SourceDue(source_id=1, due_at=self.at), None, 0)], self.at)
        with reading(self.engine) as session:
            ids = [row.id for row in ledger.ready(session.connection(), "poll", 10, self.at)]
        self.runner.deliver("poll", ids)
        with Session(self.engine) as session:
            return session.exec(select(PollRow).order_by(col(PollRow.id).desc())).first()  # type: ignore[return-value]

    def articles(self) -> list[Article]:
        with Session(self.engine) as session:
            return list(session.exec(select(Article).order_by(col(Article.id))))

    def source(self) -> Source:
        with Session(self.engine) as session:
            return session.exec(select(Source)).one()

    def bodies(self) -> list[bytes]:
        with Session(self.engine) as session:
            return [self.raw.get(one.sha256) for one in session.exec(select(Document).order_by(col(Document.id)))]

    def close(self) -> None:
        self.runner.loop().run(self.fetcher.close())
        self.runner.close()
        self.sandbox.close()
        self.engine.dispose()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    yield made
    made.close()


def test_files_of_every_kind_become_articles_once(watched: Watched) -> None:
    watched.write("a.txt", "Words.")
    watched.write("deep/er/b.pdf", pdf([column(["Words on paper."])]))
    watched.write("c.jsonl", json.dumps({"url": "http://www.a.test/1", "text": "Words."}) + "\n" + json.dumps({"text": "More words."}))
    watched.write("d.xml", RSS)
    watched.write("e.warc.gz", warc([response("http://b.test/1", b"<p>x"), record("request", "http://b.test/1")]))
    first = watched.poll()
    assert (first.announced, first.new, first.refused) == (8, 6, 2)  # records of archives that are no pages
    assert {(one.url, one.outlet) for one in watched.articles()} == {
        ("http://daily.test/one", "daily.test"),
        (None, "file:a.txt"),
        (None, "file:c.jsonl"),
        ("http://www.a.test/1", "www.a.test"),
        (None, "file:b.pdf"),
        ("http://b.test/1", "b.test"),
    }
    with Session(watched.engine) as session:
        assert len(session.exec(select(Work).where(Work.stage == "clean")).all()) == 5
        assert len(session.exec(select(Work).where(Work.stage == "fetch")).all()) == 1
    again = watched.poll()
    assert (again.announced, again.new, again.refused) == (0, 0, 0)


def test_an_edited_file_is_a_revision_of_the_same_article(watched: Watched) -> None:
    watched.write("a.txt", "Words.")
    watched.poll()
    watched.write("a.txt", "Better words.")
    watched.poll()
    (one,) = watched.articles()
    assert one.revision == 2
    assert watched.bodies() == [b"Words.", b"Better words."]
    watched.write("a.txt", "Better words.", age=30)  # saved again, the same
    watched.poll()
    assert watched.articles()[0].revision == 2


def test_a_file_that_is_still_written_is_left_for_the_next_time(watched: Watched) -> None:
    watched.write("a.txt", "Half of th", age=-59)  # a second before the poll
    for name in (".hidden.txt", "b.txt.part", "c.txt~", "d.txt.tmp", ".folder/e.txt"):
        watched.write(name, "Words.")
    assert watched.poll().announced == 0
    watched.write("a.txt", "Half of the words, and the others.", age=-30)
    assert watched.poll().announced == 1
    assert watched.bodies() == [b"Half of the words, and the others."]


def test_what_is_of_no_use_is_said_once_with_its_reason(watched: Watched) -> None:
    watched.write("a.txt", "Words.")
    watched.write("b.png", b"\x89PNG")
    watched.write("c.txt", "  ")
    watched.write("d.txt", "x" * 100_001)
    watched.write("e.xml", "no feed")
    watched.write("f.jsonl", "nonsense\n" + json.dumps({"text": "Words in a line."}))
    poll = watched.poll()
    assert (poll.new, poll.refused) == (2, 5)
    assert watched.poll().refused == 0
    watched.write("c.txt", "Words at last.")
    assert watched.poll().new == 1


def test_nothing_is_followed_out_of_the_folder(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("A secret.")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "more.txt").write_text("Another secret.")
    (watched.folder / "a.txt").symlink_to(tmp_path / "secret.txt")
    (watched.folder / "b").symlink_to(tmp_path / "secrets")
    (watched.folder / "round").symlink_to(watched.folder)
    os.mkfifo(watched.folder / "c.txt")
    watched.write("d.txt", "Words.")
    for name in ("a.txt", "b", "c.txt"):
        os.utime(watched.folder / name, (1, 1), follow_symlinks=False)
    poll = watched.poll()
    assert (poll.new, poll.refused) == (1, 3)
    assert watched.bodies() == [b"Words."]


def test_a_link_put_in_the_place_of_a_folder_after_the_look_is_not_followed(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "a.txt").write_text("A secret.")
    (watched.folder / "b").symlink_to(tmp_path / "secrets")
    with pytest.raises(OSError, match=r"Not a directory|symbolic"):
        folderfiles.open_file(str(watched.folder), "b/a.txt")


def test_more_than_a_poll_takes_is_taken_by_the_next_one_at_once(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readfolder, "MAX_ITEMS", 3)
    watched.write("a.warc", warc([response(f"http://a.test/{number}", b"<p>%d" % number) for number in range(7)], gzip=False))
    watched.write("b.txt", "Words.")
    assert [watched.poll().new for _ in range(2)] == [3, 3]
    source = watched.source()
    assert source.next_poll_at == source.last_polled_at
    assert [watched.poll().new for _ in range(2)] == [2, 0]
    assert len(watched.articles()) == 8
    source = watched.source()
    assert source.next_poll_at is not None
    assert source.next_poll_at - watched.at == readfolder.LOOK


def test_a_file_that_is_gone_leaves_its_article_and_is_forgotten(watched: Watched) -> None:
    path = watched.write("a.txt", "Words.")
    watched.poll()
    path.unlink()
    watched.poll()
    assert len(watched.articles()) == 1
    assert watched.source().state == {"files": {}}


def test_nothing_is_written_into_the_folder(watched: Watched) -> None:
    watched.write("a.txt", "Words.")
    watched.folder.chmod(0o555)
    try:
        before = sorted(path.name for path in watched.folder.rglob("*"))
        assert watched.poll().new == 1
        assert sorted(path.name for path in watched.folder.rglob("*")) == before
    finally:
        watched.folder.chmod(0o755)


@pytest.mark.parametrize(
    ("url", "error_class"),
    [("file:///nowhere/at/all", "file_unreadable"), ("file://host/share", "url_malformed"), ("http://a.test/", "url_malformed")],
)
def test_a_folder_that_cannot_be_read_is_the_sources_failure(watched: Watched, url: str, error_class: str) -> None:
    with writing(watched.engine) as session:
        source = session.exec(select(Source)).one()
        source.url = url
        session.add(source)
    assert watched.poll().error_class == error_class
    assert watched.source().error_class == error_class


def test_two_folders_may_hold_files_of_one_name(watched: Watched, tmp_path: Path) -> None:
    watched.write("a.txt", "Words.")
    watched.poll()
    (tmp_path / "other").mkdir()
    watched.folder = tmp_path / "other"
    watched.write("a.txt", "Words of another.")
    with writing(watched.engine) as session:
        source = session.exec(select(Source)).one()
        source.url, source.state = watched.folder.as_uri(), None
        session.add(source)
    watched.poll()
    assert [one.revision for one in watched.articles()] == [1, 1]
