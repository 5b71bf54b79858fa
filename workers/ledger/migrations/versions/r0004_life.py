"""A pull request has a life: checks, reviewers, reminders, what people said of it, and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
_ADDED = {
    "proposal": (
        "stage",
        "cost",
        "team",
        "overdraft",
        "reviewers",
        "asked_at",
        "reviewed_at",
        "nudges",
        "due",
        "failure",
        "versions",
        "automerge",
        "based",
        "based_at",
        "wanted",
        "word",
        "until",
        "written",
    ),
    "repository": ("due", "dashboard"),
    "withheld": ("targets", "since", "seen", "cost", "value", "team"),
}
"""The columns of tables that were there before."""


def upgrade() -> None:
    """Add the columns and tables; what is open already counts as ready for review."""
    for column in (
        sa.Column("stage", sa.String(20), nullable=False, server_default=sa.text("'ready'")),
        sa.Column("cost", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("team", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("overdraft", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reviewers", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("nudges", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("failure", sa.JSON(), nullable=True),
        sa.Column("versions", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("automerge", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("based", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("based_at", MOMENT, nullable=True),
        sa.Column("wanted", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("word", sa.String(20), nullable=False, server_default=sa.text("''")),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("written", sa.String(64), nullable=False, server_default=sa.text("''")),
    ):
        op.add_column("proposal", column)
    op.create_index("proposal_due", "proposal", ["due"])
    for column in (
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("dashboard", sa.Integer(), nullable=True),
    ):
        op.add_column("repository", column)
    op.create_index("repository_due", "repository", ["due"])
    for column in (
        sa.Column("targets", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("since", MOMENT, nullable=True),
        sa.Column("seen", MOMENT, nullable=True),
        sa.Column("cost", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("value", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("team", sa.Text(), nullable=False, server_default=sa.text("''")),
    ):
        op.add_column("withheld", column)
    _reservations()
    _trials()
    _words()
    _campaigns()
    _marks()


def downgrade() -> None:
    """Drop what was added; what people said stands on GitHub, what was spent is forgotten."""
    for name in ("mark", "campaign", "word", "trial", "reservation"):
        op.drop_table(name)
    # SQLite drops no column that an index names.
    for table in ("proposal", "repository"):
        op.drop_index(f"{table}_due", table)
    for table, names in _ADDED.items():
        for name in names:
            op.drop_column(table, name)


def _of_repository() -> sa.Column[int]:
    return sa.Column(
        "repository_id", NUMBER, sa.ForeignKey("repository.id", ondelete="CASCADE"), nullable=False
    )


def _reservations() -> None:
    op.create_table(
        "reservation",
        sa.Column("id", NUMBER, primary_key=True),
        _of_repository(),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("reservation_key", "reservation", ["repository_id", "key"], unique=True)


def _trials() -> None:
    op.create_table(
        "trial",
        sa.Column("id", NUMBER, primary_key=True),
        _of_repository(),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("red", sa.String(64), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("head_sha", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("failure", sa.JSON(), nullable=True),
        sa.Column("started", MOMENT, nullable=False),
        sa.Column("finished", MOMENT, nullable=True),
    )
    op.create_index("trial_repository", "trial", ["repository_id", "key"])


def _words() -> None:
    op.create_table(
        "word",
        sa.Column("id", NUMBER, primary_key=True),
        _of_repository(),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("word_source", "word", ["repository_id", "source"], unique=True)


def _campaigns() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("installation_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("improvement", sa.Text(), nullable=False),
        sa.Column("repositories", sa.JSON(), nullable=False),
        sa.Column("sizes", sa.JSON(), nullable=False),
        sa.Column("brake", sa.Integer(), nullable=False),
        sa.Column("declared", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("waves", sa.JSON(), nullable=False),
        sa.Column("started", MOMENT, nullable=False),
        sa.Column("seen", MOMENT, nullable=False),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("finished", MOMENT, nullable=True),
    )
    op.create_index("campaign_name", "campaign", ["installation_id", "name"], unique=True)
    op.create_index("campaign_due", "campaign", ["due"])


def _marks() -> None:
    mark = op.create_table(
        "mark",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    # What was opened before goes on as people know it: see `workers.attend`.
    if op.get_bind().execute(sa.text("SELECT 1 FROM proposal LIMIT 1")).first() is not None:
        op.bulk_insert(mark, [{"name": "life", "value": "", "at": datetime.now(UTC)}])
