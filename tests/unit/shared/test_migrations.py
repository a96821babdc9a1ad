"""The schema's steps lead to exactly the tables of the models, on both databases."""

from datetime import UTC, datetime

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

import shared.models  # noqa: F401 - fills the metadata
from shared.migrations import alembic_config, newest, present, upgrade
from shared.models import Article


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
