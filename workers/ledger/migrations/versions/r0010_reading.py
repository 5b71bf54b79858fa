"""What grows is found by its age, and what ended lately or was done by a job without reading the rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

OPENED = "kind = 'opened'"


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("ix_proposal_closed_at", "proposal", ["closed_at"])
    op.create_index("ix_scan_started", "scan", ["started"])
    op.create_index("ix_scan_job_id", "scan", ["job_id"])
    op.create_index("ix_job_repository_id", "job", ["repository_id"])
    where = sa.text(OPENED)
    op.create_index("event_opened", "event", ["at"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("event_opened", "event")
    op.drop_index("ix_job_repository_id", "job")
    op.drop_index("ix_scan_job_id", "scan")
    op.drop_index("ix_scan_started", "scan")
    op.drop_index("ix_proposal_closed_at", "proposal")
