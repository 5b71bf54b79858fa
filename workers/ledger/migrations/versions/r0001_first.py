"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create every table."""
    _installations()
    _repositories()
    _deliveries()
    _jobs()
    _proposals()
    _withheld()
    _scans()
    _memory()


def downgrade() -> None:
    """Drop every table, those that refer to others first."""
    for name in (
        "blob_result",
        "scan",
        "withheld",
        "proposal",
        "job",
        "delivery",
        "repository",
        "installation",
    ):
        op.drop_table(name)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _identity() -> sa.Column[Any]:
    return sa.Column("id", NUMBER, primary_key=True)


def _given_identity() -> sa.Column[Any]:
    return sa.Column("id", NUMBER, primary_key=True, autoincrement=False)


def _words(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''"))


def _given(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _of_repository() -> sa.Column[Any]:
    key = sa.ForeignKey("repository.id", ondelete="CASCADE")
    return sa.Column("repository_id", NUMBER, key, nullable=False)


def _installations() -> None:
    op.create_table(
        "installation",
        _given_identity(),
        _words("account"),
        _given("state", sa.String(20)),
        _words("reason"),
        _given("updated", MOMENT),
    )


def _repositories() -> None:
    op.create_table(
        "repository",
        _given_identity(),
        _given("installation_id", NUMBER),
        _given("owner", sa.Text()),
        _given("name", sa.Text()),
        _words("default_branch"),
        _given("state", sa.String(20)),
        _words("reason"),
        _given("updated", MOMENT),
    )
    op.create_index("ix_repository_installation_id", "repository", ["installation_id"])


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("guid", sa.String(100), primary_key=True),
        _given("event", sa.Text()),
        _words("action"),
        sa.Column("installation_id", NUMBER),
        sa.Column("repository_id", NUMBER),
        sa.Column("job_id", NUMBER),
        _given("received", MOMENT),
    )
    op.create_index("ix_delivery_received", "delivery", ["received"])


def _jobs() -> None:
    op.create_table(
        "job",
        _identity(),
        _given("key", sa.Text()),
        _given("kind", sa.String(20)),
        sa.Column("installation_id", NUMBER),
        sa.Column("repository_id", NUMBER),
        _given("detail", sa.JSON()),
        _given("priority", sa.Integer()),
        _given("state", sa.String(20)),
        _given("due", MOMENT),
        sa.Column("lease_until", MOMENT),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("fence", sa.Integer(), nullable=False, server_default=sa.text("0")),
        _given("again", sa.Boolean()),
        sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("last_error", sa.Text()),
        _given("created", MOMENT),
        sa.Column("finished", MOMENT),
    )
    running = _where("state = 'running'")
    op.create_index("job_open_key", "job", ["key"], unique=True, **_where("state IN ('queued', 'running')"))
    op.create_index("job_running_repository", "job", ["repository_id"], unique=True, **running)
    op.create_index("job_queued", "job", ["priority", "due", "id"], **_where("state = 'queued'"))
    op.create_index("job_lease", "job", ["lease_until"], **running)
    op.create_index("job_finished", "job", ["finished"])


def _proposals() -> None:
    op.create_table(
        "proposal",
        _identity(),
        _of_repository(),
        _given("key", sa.Text()),
        _given("improvement", sa.Text()),
        _given("title", sa.Text()),
        _given("branch", sa.Text()),
        _given("number", sa.Integer()),
        _given("url", sa.Text()),
        _given("state", sa.String(20)),
        _given("head_sha", sa.String(64)),
        _given("digest", sa.String(128)),
        _given("minutes", sa.Integer()),
        _given("opened_at", MOMENT),
        sa.Column("closed_at", MOMENT),
    )
    op.create_index("proposal_number", "proposal", ["repository_id", "number"], unique=True)
    opened = _where("state = 'open'")
    op.create_index("proposal_open_key", "proposal", ["repository_id", "key"], unique=True, **opened)


def _withheld() -> None:
    op.create_table(
        "withheld",
        _identity(),
        _of_repository(),
        _given("key", sa.Text()),
        _given("improvement", sa.Text()),
        _given("title", sa.Text()),
        _given("reason", sa.String(40)),
        _given("sentence", sa.Text()),
    )
    op.create_index("withheld_repository", "withheld", ["repository_id"])


def _scans() -> None:
    op.create_table(
        "scan",
        _identity(),
        _of_repository(),
        _given("head_sha", sa.String(64)),
        _given("started", MOMENT),
        sa.Column("finished", MOMENT),
        _words("outcome"),
        _given("counts", sa.JSON()),
    )
    op.create_index("scan_repository", "scan", ["repository_id", "started"])


def _memory() -> None:
    op.create_table(
        "blob_result",
        sa.Column("key", sa.String(200), primary_key=True),
        _given("result", sa.Text()),
        _given("used_at", MOMENT),
    )
    op.create_index("ix_blob_result_used_at", "blob_result", ["used_at"])
