"""Alembic's entry: runs the steps on the connection that `upgrade` (or a developer's script) gives it."""

from alembic import context
from sqlmodel import SQLModel

import shared.models  # noqa: F401 - fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=False,
)
context.run_migrations()
