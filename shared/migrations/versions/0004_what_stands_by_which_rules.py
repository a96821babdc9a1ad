"""With which rules and tables an article was last looked at, for rebuilds; which article leads those that say nearly the same."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("index_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("checked", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("mark", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("follows", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.add_column(sa.Column("linked_rules", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_column("linked_rules")
    with op.batch_alter_table("index_entry", schema=None) as batch_op:
        batch_op.drop_column("follows")
        batch_op.drop_column("mark")
        batch_op.drop_column("checked")
