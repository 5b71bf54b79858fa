"""Installations take turns, rest while GitHub has had enough of us, and GitHub's answers are remembered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
QUEUED, RUNNING, SERVED = "state = 'queued'", "state = 'running'", "turn IS NOT NULL"
_INDEXES = {
    "job_line": (["priority", "installation_id", "due", "id"], QUEUED),
    "job_held": (["installation_id"], RUNNING),
    "job_served": (["installation_id", "turn"], SERVED),
    "job_turn": (["turn"], SERVED),
}


def upgrade() -> None:
    """Add the column, its indexes and the tables; the line that all stood in goes."""
    op.add_column("job", sa.Column("turn", NUMBER, nullable=True))
    for name, (columns, where) in _INDEXES.items():
        _index(name, columns, where)
    op.drop_index("job_queued", "job")
    op.create_table(
        "quota",
        sa.Column("installation_id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("rests", MOMENT, nullable=True),
        sa.Column("spares", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("creates", MOMENT, nullable=True),
    )
    op.create_table(
        "answer",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column(
            "repository_id", NUMBER, sa.ForeignKey("repository.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("answer_key", "answer", ["repository_id", "key"], unique=True)
    op.create_index("ix_answer_at", "answer", ["at"])


def downgrade() -> None:
    """Drop what was added: all stand in one line again, and GitHub is asked once more."""
    for name in ("answer", "quota"):
        op.drop_table(name)
    _index("job_queued", ["priority", "due", "id"], QUEUED)
    for name in _INDEXES:
        op.drop_index(name, "job")
    op.drop_column("job", "turn")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "job", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
