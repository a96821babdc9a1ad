"""With which rules and tables an article was last looked at, for rebuilds; which article leads those that say nearly the same."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    op.add_column("index_entry", sa.Column("checked", sa.Text(), nullable=True))
    op.add_column("index_entry", sa.Column("mark", sa.BigInteger(), nullable=True))
    op.add_column("index_entry", sa.Column("follows", sa.BigInteger(), nullable=True))
    op.add_column("article", sa.Column("linked_rules", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take back.

    Column by column: a batch makes SQLite's table anew, and to drop the old one deletes whatever refers to its rows.
    """
    op.drop_column("article", "linked_rules")
    for name in ("follows", "mark", "checked"):
        op.drop_column("index_entry", name)
