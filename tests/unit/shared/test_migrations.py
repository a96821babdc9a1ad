"""The schema's steps lead to exactly the tables of the models, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlmodel import SQLModel

import shared.models  # noqa: F401 - fills the metadata
from shared.migrations import newest, present, upgrade


def test_steps_and_models_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    assert present(engine) == newest()
    upgrade(engine)
    assert present(engine) == newest()
