"""The index by days, each key with its weight, so that one statement finds what has enough in common and reads no more of it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

# What stood had no weights: one key in common was enough, as it is on the same day at this weight. `dateline rebuild` makes the true ones.
STOOD = 200
UNDATED_DAY = -1_000_000
DAYS = {"sqlite": "CAST(julianday(day) - 2440587.5 AS INTEGER)", "postgresql": "day - DATE '1970-01-01'"}
DATES = {"sqlite": "date(day * 86400, 'unixepoch')", "postgresql": "DATE '1970-01-01' + day"}


def upgrade() -> None:
    """Apply."""
    op.rename_table("posting", "posting_before")
    op.create_table(
        "posting",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "day", "article_id"),
        sqlite_with_rowid=False,
    )
    days = DAYS[op.get_bind().dialect.name]
    values = f"key, coalesce({days}, {UNDATED_DAY}), article_id, {STOOD}"
    op.execute(f"INSERT INTO posting (key, day, article_id, weight) SELECT {values} FROM posting_before")
    op.drop_table("posting_before")
    op.create_index("ix_posting_article_id", "posting", ["article_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.rename_table("posting", "posting_after")
    op.create_table(
        "posting",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "article_id"),
    )
    dates = DATES[op.get_bind().dialect.name]
    values = f"key, article_id, CASE WHEN day = {UNDATED_DAY} THEN NULL ELSE {dates} END"
    op.execute(f"INSERT INTO posting (key, article_id, day) SELECT {values} FROM posting_after")
    op.drop_table("posting_after")
    op.create_index("ix_posting_article_id", "posting", ["article_id"], unique=False)
