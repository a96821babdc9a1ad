"""Where lists of subscriptions keep a source; what an article says besides, and how sure each value is; what people corrected."""

import sqlalchemy as sa
from alembic import op

import shared.models

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("folder", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.add_column(sa.Column("details", sa.JSON(), server_default="{}", nullable=False))
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("image_article_id", _big_id(), nullable=True))
        batch_op.add_column(sa.Column("pinned", sa.JSON(), server_default="{}", nullable=False))
    op.create_table(
        "correction",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", shared.models.Moment(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("keep_event", _big_id(), nullable=True),
        sa.Column("anchor", sa.Text(), nullable=False),
        sa.Column("pinned", sa.Text(), nullable=True),
        sa.Column("undone_at", shared.models.Moment(), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_anchor"), ["anchor"], unique=False)
    op.create_table(
        "corrected_pair",
        sa.Column("correction_id", _big_id(), nullable=False),
        sa.Column("a", sa.Text(), nullable=False),
        sa.Column("b", sa.Text(), nullable=False),
        sa.Column("together", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["correction_id"], ["correction.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("correction_id", "a", "b"),
    )
    with op.batch_alter_table("corrected_pair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_corrected_pair_a"), ["a"], unique=False)
        batch_op.create_index(batch_op.f("ix_corrected_pair_b"), ["b"], unique=False)


def _big_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def downgrade() -> None:
    """Take back."""
    op.drop_table("corrected_pair")
    op.drop_table("correction")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_column("pinned")
        batch_op.drop_column("image_article_id")
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_column("details")
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.drop_column("folder")
