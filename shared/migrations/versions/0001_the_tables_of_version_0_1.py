"""The tables of version 0.1."""

import sqlalchemy as sa
from alembic import op

import shared.models

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("work_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("lease_id", sa.Text(), nullable=True),
        sa.Column("started_at", shared.models.Moment(), nullable=True),
        sa.Column("ended_at", shared.models.Moment(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error_class", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_work_id"), ["work_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("date_provenance", sa.Text(), nullable=False),
        sa.Column("date_confidence", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("headline_article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("description_article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("former_headlines", sa.JSON(), nullable=False),
        sa.Column("created_at", shared.models.Moment(), nullable=False),
        sa.Column("changed_at", shared.models.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("event_date", ["date"], unique=False)

    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", shared.models.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "lease",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("started_at", shared.models.Moment(), nullable=False),
        sa.Column("until", shared.models.Moment(), nullable=False),
        sa.Column("ended_at", shared.models.Moment(), nullable=True),
        sa.Column("ids", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("lease", schema=None) as batch_op:
        batch_op.create_index(
            "lease_open", ["until"], unique=False, postgresql_where=sa.text("ended_at IS NULL"), sqlite_where=sa.text("ended_at IS NULL")
        )

    op.create_table(
        "page",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("issued_at", shared.models.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "key"),
    )
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_page_issued_at"), ["issued_at"], unique=False)

    op.create_table(
        "source",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("added_at", shared.models.Moment(), nullable=False),
        sa.Column("next_poll_at", shared.models.Moment(), nullable=True),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("last_polled_at", shared.models.Moment(), nullable=True),
        sa.Column("last_ok_at", shared.models.Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error_class", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("url"),
    )
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_source_next_poll_at"), ["next_poll_at"], unique=False)

    op.create_table(
        "work",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("input_key", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("trace_id", sa.Text(), nullable=True),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("attempt", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("kills", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("alone", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("not_before", shared.models.Moment(), nullable=False),
        sa.Column("lease_id", sa.Text(), nullable=True),
        sa.Column("hinted_at", shared.models.Moment(), nullable=True),
        sa.Column("error_class", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", shared.models.Moment(), nullable=False),
        sa.Column("done_at", shared.models.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("stage", "subject_id", "input_key"),
    )
    with op.batch_alter_table("work", schema=None) as batch_op:
        batch_op.create_index(
            "work_dead", ["stage", "error_class"], unique=False, postgresql_where=sa.text("state = 3"), sqlite_where=sa.text("state = 3")
        )
        batch_op.create_index(
            "work_open", ["stage", "priority", "id"], unique=False, postgresql_where=sa.text("state < 2"), sqlite_where=sa.text("state < 2")
        )
        batch_op.create_index(
            "work_page",
            ["subject_id"],
            unique=True,
            postgresql_where=sa.text("stage = 'publish' AND state < 2"),
            sqlite_where=sa.text("stage = 'publish' AND state < 2"),
        )
        batch_op.create_index(
            "work_superseded", ["stage"], unique=False, postgresql_where=sa.text("state = 4"), sqlite_where=sa.text("state = 4")
        )

    op.create_table(
        "article",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("announced_at", shared.models.Moment(), nullable=False),
        sa.Column("announcement", sa.Text(), nullable=True),
        sa.Column("announcements", sa.Integer(), nullable=False),
        sa.Column("feed_title", sa.Text(), nullable=True),
        sa.Column("feed_published_at", shared.models.Moment(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cleaned_revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("published_at", shared.models.Moment(), nullable=True),
        sa.Column("published_provenance", sa.Text(), nullable=True),
        sa.Column("modified_at", shared.models.Moment(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("site_name", sa.Text(), nullable=True),
        sa.Column("canonical_url", sa.Text(), nullable=True),
        sa.Column("image", sa.Text(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("standfirst", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("captions", sa.JSON(), nullable=False),
        sa.Column("copy_of_url", sa.Text(), nullable=True),
        sa.Column("provenance", sa.JSON(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=True),
        sa.Column("tagged_revision", sa.Integer(), nullable=False),
        sa.Column("linked_revision", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("copy_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("url_key"),
    )
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.create_index(
            "article_copy",
            ["copy_of_id"],
            unique=False,
            postgresql_where=sa.text("copy_of_id IS NOT NULL"),
            sqlite_where=sa.text("copy_of_id IS NOT NULL"),
        )
        batch_op.create_index("article_event", ["event_id"], unique=False)
        batch_op.create_index("article_source", ["source_id"], unique=False)

    op.create_table(
        "poll",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_at", shared.models.Moment(), nullable=False),
        sa.Column("polled_at", shared.models.Moment(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("announced", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("error_class", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "due_at"),
    )
    op.create_table(
        "alias",
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("url_key"),
    )
    with op.batch_alter_table("alias", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alias_article_id"), ["article_id"], unique=False)

    op.create_table(
        "article_tag",
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("surfaces", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", "tag_id"),
    )
    with op.batch_alter_table("article_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_tag_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("fetched_at", shared.models.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("article_id", "revision"),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_sha256"), ["sha256"], unique=False)

    op.create_table(
        "edge",
        sa.Column("a", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("b", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("copy_score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["a"], ["article.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["b"], ["article.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("a", "b"),
    )
    with op.batch_alter_table("edge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edge_b"), ["b"], unique=False)

    op.create_table(
        "index_entry",
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id"),
    )
    with op.batch_alter_table("index_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_index_entry_day"), ["day"], unique=False)

    op.create_table(
        "posting",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "article_id"),
    )
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posting_article_id"), ["article_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_posting_article_id"))

    op.drop_table("posting")
    with op.batch_alter_table("index_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_index_entry_day"))

    op.drop_table("index_entry")
    with op.batch_alter_table("edge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_edge_b"))

    op.drop_table("edge")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_sha256"))

    op.drop_table("document")
    with op.batch_alter_table("article_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_article_tag_tag_id"))

    op.drop_table("article_tag")
    with op.batch_alter_table("alias", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alias_article_id"))

    op.drop_table("alias")
    op.drop_table("poll")
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_index("article_source")
        batch_op.drop_index("article_event")
        batch_op.drop_index(
            "article_copy", postgresql_where=sa.text("copy_of_id IS NOT NULL"), sqlite_where=sa.text("copy_of_id IS NOT NULL")
        )

    op.drop_table("article")
    with op.batch_alter_table("work", schema=None) as batch_op:
        batch_op.drop_index("work_superseded", postgresql_where=sa.text("state = 4"), sqlite_where=sa.text("state = 4"))
        batch_op.drop_index(
            "work_page",
            postgresql_where=sa.text("stage = 'publish' AND state < 2"),
            sqlite_where=sa.text("stage = 'publish' AND state < 2"),
        )
        batch_op.drop_index("work_open", postgresql_where=sa.text("state < 2"), sqlite_where=sa.text("state < 2"))
        batch_op.drop_index("work_dead", postgresql_where=sa.text("state = 3"), sqlite_where=sa.text("state = 3"))

    op.drop_table("work")
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_source_next_poll_at"))

    op.drop_table("source")
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_page_issued_at"))

    op.drop_table("page")
    with op.batch_alter_table("lease", schema=None) as batch_op:
        batch_op.drop_index("lease_open", postgresql_where=sa.text("ended_at IS NULL"), sqlite_where=sa.text("ended_at IS NULL"))

    op.drop_table("lease")
    op.drop_table("heartbeat")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("event_date")

    op.drop_table("event")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_work_id"))

    op.drop_table("attempt")
