"""Promises in comments are counted day by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "debt",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column(
            "repository_id", NUMBER, sa.ForeignKey("repository.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("orphaned", sa.Integer(), nullable=False),
        sa.Column("not_yet", sa.Integer(), nullable=False),
        sa.Column("unconditional", sa.Integer(), nullable=False),
    )
    op.create_index("debt_day", "debt", ["repository_id", "day"], unique=True)


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("debt")
