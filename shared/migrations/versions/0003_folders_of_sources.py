"""Where readers' lists of subscriptions keep a source; what an article says besides, and how sure each value is."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("folder", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.add_column(sa.Column("details", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_column("details")
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.drop_column("folder")
