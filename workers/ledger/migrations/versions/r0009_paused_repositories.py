"""Who began a pause: a person can let a repository pause as a whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; whatever pauses already, Kotsu began itself."""
    begun_by = sa.Column("begun_by", sa.Text(), nullable=False, server_default=sa.text("''"))
    op.add_column("pause", begun_by)


def downgrade() -> None:
    """Drop the column, and the pauses of repositories, which an older version knows nothing of."""
    op.execute("DELETE FROM pause WHERE improvement = ''")
    op.drop_column("pause", "begun_by")
