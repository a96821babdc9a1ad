"""Sources of every kind, completeness, revisions."""

import sqlalchemy as sa
from alembic import op

import shared.models

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "dropped",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("first_at", shared.models.Moment(), nullable=False),
        sa.Column("last_at", shared.models.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "key"),
    )
    with op.batch_alter_table("dropped", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dropped_last_at"), ["last_at"], unique=False)

    op.create_table(
        "source_page",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("fetched_at", shared.models.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "url", "version"),
    )
    with op.batch_alter_table("source_page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_source_page_sha256"), ["sha256"], unique=False)

    op.create_table(
        "sitemap_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("lastmod", shared.models.Moment(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("read_at", shared.models.Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("asleep_until", shared.models.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "url"),
    )
    op.create_table(
        "source_day",
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("announced", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source_id", "day"),
    )
    with op.batch_alter_table("source_day", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_source_day_day"), ["day"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", shared.models.Moment(), nullable=False),
        sa.Column("until", shared.models.Moment(), nullable=True),
        sa.Column("pushed_at", shared.models.Moment(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id"),
        sa.UniqueConstraint("token"),
    )
    op.create_table(
        "revision",
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("at", shared.models.Moment(), nullable=False),
        sa.Column("title_before", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("diff", sa.JSON(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", "revision"),
    )
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.add_column(sa.Column("guid_key", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("checked_at", shared.models.Moment(), nullable=True))
        batch_op.add_column(sa.Column("gone_at", shared.models.Moment(), nullable=True))
        batch_op.add_column(sa.Column("gone_status", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("directives", sa.JSON(), server_default="[]", nullable=False))
        batch_op.drop_index("article_source")
        batch_op.create_index("article_source", ["source_id", "announced_at"], unique=False)
        batch_op.create_index(
            "article_guid",
            ["guid_key"],
            unique=False,
            postgresql_where=sa.text("guid_key IS NOT NULL"),
            sqlite_where=sa.text("guid_key IS NOT NULL"),
        )

    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("headers", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("directives", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("raw_until", shared.models.Moment(), nullable=True))
        batch_op.add_column(sa.Column("raw_removed_at", shared.models.Moment(), nullable=True))
        batch_op.create_index(
            "document_raw_until",
            ["raw_until"],
            unique=False,
            postgresql_where=sa.text("raw_until IS NOT NULL AND raw_removed_at IS NULL"),
            sqlite_where=sa.text("raw_until IS NOT NULL AND raw_removed_at IS NULL"),
        )

    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mode", sa.Text(), server_default="poll", nullable=False))
        batch_op.add_column(sa.Column("gap", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failure_weight", sa.Float(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("ttl_s", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("unconditional_at", shared.models.Moment(), nullable=True))
        batch_op.add_column(sa.Column("seen", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("rhythm", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("last_new_at", shared.models.Moment(), nullable=True))
        batch_op.add_column(sa.Column("silent_from", shared.models.Moment(), nullable=True))
        batch_op.add_column(sa.Column("rights", sa.Text(), server_default="honour", nullable=False))
        batch_op.add_column(sa.Column("state", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.drop_column("state")
        batch_op.drop_column("rights")
        batch_op.drop_column("silent_from")
        batch_op.drop_column("last_new_at")
        batch_op.drop_column("rhythm")
        batch_op.drop_column("seen")
        batch_op.drop_column("unconditional_at")
        batch_op.drop_column("ttl_s")
        batch_op.drop_column("failure_weight")

    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.drop_column("gap")
        batch_op.drop_column("mode")

    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("document_raw_until")
        batch_op.drop_column("raw_removed_at")
        batch_op.drop_column("raw_until")
        batch_op.drop_column("directives")
        batch_op.drop_column("headers")

    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_index("article_source")
        batch_op.create_index("article_source", ["source_id"], unique=False)
        batch_op.drop_index("article_guid", postgresql_where=sa.text("guid_key IS NOT NULL"), sqlite_where=sa.text("guid_key IS NOT NULL"))
        batch_op.drop_column("directives")
        batch_op.drop_column("gone_status")
        batch_op.drop_column("gone_at")
        batch_op.drop_column("checked_at")
        batch_op.drop_column("guid_key")

    op.drop_table("revision")
    op.drop_table("subscription")
    with op.batch_alter_table("source_day", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_source_day_day"))

    op.drop_table("source_day")
    op.drop_table("sitemap_file")
    with op.batch_alter_table("source_page", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_source_page_sha256"))

    op.drop_table("source_page")
    with op.batch_alter_table("dropped", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dropped_last_at"))

    op.drop_table("dropped")
