"""A pull request remembers its files, by their marks, and how many parts there were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; what is open already is the whole, and gets its marks when it is written next."""
    op.add_column("proposal", sa.Column("marks", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("proposal", sa.Column("parts", sa.Integer(), nullable=False, server_default=sa.text("1")))


def downgrade() -> None:
    """Drop the columns; the marks stand in the pull requests' bodies, too."""
    op.drop_column("proposal", "parts")
    op.drop_column("proposal", "marks")
