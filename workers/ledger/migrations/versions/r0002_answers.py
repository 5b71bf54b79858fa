"""A pull request remembers which weaknesses it named."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; who said no to an earlier one said it to everything."""
    op.add_column("proposal", sa.Column("answers", sa.Text(), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Drop the column; the advisories stand in the pull requests' bodies, too."""
    op.drop_column("proposal", "answers")
