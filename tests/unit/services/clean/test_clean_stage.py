"""The stage around the core: what it loads, calls and writes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel, create_engine

from services.clean.core import RULES, clean_raw
from services.clean.stage import Clean
from shared.messages import ArticleCleaned, DocumentFetched
from shared.models import Article, Document
from shared.stage import Superseded

NOW = datetime(2021, 3, 5, tzinfo=UTC)
TEXT = "The new bridge over the Alder was opened on Tuesday after nine years of work, the mayor said in the rain. " * 3
PAGE = f"<html lang=en><h1>Bridge opened</h1><article><p>{TEXT}</p></article></html>".encode()


class Raw:
    def get(self, name: str) -> bytes:
        assert name == "0" * 64
        return PAGE


class Parser:
    def call(self, function: str, payload: Any, *, timeout: timedelta, **arguments: Any) -> Any:
        assert function == "services.clean.core.lines:clean_raw"
        return clean_raw(payload, **arguments)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(
            Article(
                id=1,
                url="https://alderpost.test/1",
                url_key="alderpost.test/1",
                outlet="The Alder Post",
                announced_at=NOW,
                feed_published_at=datetime(2021, 3, 4, tzinfo=UTC),
                revision=2,
            )
        )
        for revision in (1, 2):
            session.add(Document(article_id=1, revision=revision, sha256="0" * 64, content_type="text/html", fetched_at=NOW))
        session.commit()
        yield session
    engine.dispose()


def deliver(session: Session, revision: int, rebuild: str = "") -> list[ArticleCleaned]:
    stage = Clean(Raw(), Parser(), timedelta(seconds=5))
    message = DocumentFetched(article_id=1, revision=revision, sha256="0" * 64, rebuild=rebuild, same=bool(rebuild))
    return stage.save(session, message, stage.run(stage.load(session, message)))


def test_a_document_becomes_an_article(session: Session) -> None:
    assert deliver(session, 1) == [ArticleCleaned(article_id=1, revision=1, rules=RULES)]
    article = session.get_one(Article, 1)
    assert article.title == "Bridge opened"
    assert article.text == TEXT.strip()
    assert article.published_at == datetime(2021, 3, 4, tzinfo=UTC)
    assert article.published_provenance == "feed"
    assert article.cleaned_revision == 1
    assert article.context is None


def test_what_is_only_shown_is_stored_beside_the_columns(session: Session) -> None:
    deliver(session, 1)
    assert session.get_one(Article, 1).details == {
        "language_declared": "en",
        "confidence": {"title": 0.85, "published": 0.7, "site_name": 0.85, "language": 0.99, "text": 1.0},
    }


def test_a_rebuild_fills_what_older_rules_left_out(session: Session) -> None:
    deliver(session, 2)
    connection = session.connection()
    connection.execute(text("UPDATE article SET details = '{}'"))
    session.expire_all()
    assert session.get_one(Article, 1).details == {}
    assert deliver(session, 2) == [ArticleCleaned(article_id=1, revision=2, rules=RULES)]
    assert session.get_one(Article, 1).details["confidence"]["title"] == 0.85


def test_a_rebuild_passes_on_whether_anything_came_out_otherwise(session: Session) -> None:
    deliver(session, 2)
    assert deliver(session, 2, "r1") == [ArticleCleaned(article_id=1, revision=2, rules=RULES, rebuild="r1", same=True)]
    session.connection().execute(text("UPDATE article SET authors = '[\"Somebody Else\"]'"))
    assert deliver(session, 2, "r2") == [ArticleCleaned(article_id=1, revision=2, rules=RULES, rebuild="r2")]
    session.expire_all()
    assert session.get_one(Article, 1).authors == []
    with pytest.raises(Superseded):
        deliver(session, 1, "r3")


def test_a_surer_date_alone_is_no_edit(session: Session) -> None:
    deliver(session, 1)
    session.connection().execute(text("UPDATE article SET details = '{}'"))
    assert deliver(session, 2) == []


def test_an_overtaken_revision_writes_nothing(session: Session) -> None:
    deliver(session, 2)
    with pytest.raises(Superseded):
        deliver(session, 1)
    assert session.get_one(Article, 1).cleaned_revision == 2


def test_the_same_revision_again_is_written_again(session: Session) -> None:
    deliver(session, 2)
    assert deliver(session, 2) == [ArticleCleaned(article_id=1, revision=2, rules=RULES)]
