"""The schema's steps lead to exactly the tables of the models, on both databases."""

from datetime import UTC, date, datetime

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlmodel import Session, SQLModel, col, select

import shared.models  # noqa: F401 - fills the metadata
from shared.features import UNDATED_DAY, posting_day
from shared.migrations import alembic_config, newest, present, upgrade
from shared.models import Article, ArticleTag, IndexEntry, Posting


def test_steps_and_models_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    assert present(engine) == newest()
    upgrade(engine)
    assert present(engine) == newest()


def test_rows_that_are_older_than_a_column_keep_what_they_hold(engine: Engine) -> None:
    with Session(engine) as session:
        at = datetime(2021, 3, 4, tzinfo=UTC)
        session.add(Article(url_key="a.test/1", outlet="A", announced_at=at, title="Ferry sails again", provenance={"title": "meta"}))
        session.commit()
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        command.downgrade(alembic_config(connection), "0002")
    upgrade(engine)
    with Session(engine) as session:
        article = session.exec(select(Article)).one()
        assert (article.title, article.provenance, article.details) == ("Ferry sails again", {"title": "meta"}, {})


def test_the_index_of_older_articles_keeps_its_days(engine: Engine) -> None:
    days = {1: date(2021, 3, 4), 2: None, 3: date(1969, 12, 30)}
    with Session(engine) as session:
        for one in days:
            session.add(Article(id=one, url_key=f"a.test/{one}", outlet="A", announced_at=datetime(2021, 3, 4, tzinfo=UTC)))
        session.flush()
        for one, day in days.items():
            session.add(IndexEntry(article_id=one, revision=1, day=day, snapshot="of then", features="{}"))
            session.add(Posting(key=-7, day=posting_day(day), article_id=one, weight=300))
        session.add(ArticleTag(article_id=1, tag_id="place:faro", name="Faro", kind="place", surfaces=["Faro"], count=1, weight=0.5))
        session.commit()
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        command.downgrade(alembic_config(connection), "0003")
        before = connection.execute(text("SELECT article_id, day FROM posting ORDER BY article_id")).all()
    assert [(one, None if day is None else date.fromisoformat(str(day))) for one, day in before] == list(days.items())
    upgrade(engine)
    with Session(engine) as session:
        postings = session.exec(select(Posting.article_id, Posting.day).order_by(col(Posting.article_id))).all()
        assert postings == [(1, posting_day(days[1])), (2, UNDATED_DAY), (3, -2)]
        assert {entry.article_id: entry.day for entry in session.exec(select(IndexEntry))} == days
        assert session.exec(select(ArticleTag.tag_id)).all() == ["place:faro"]
