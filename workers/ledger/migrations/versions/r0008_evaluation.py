"""What became of everything: each change of a pull request, freshness, ends, weaknesses, promises, runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from workers.ledger.columns import Moment, Names

revision = "0008"
down_revision = "0007"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
_ADDED = ("closed_by", "because", "merged_sha", "edit", "reverted_at", "broke")
_MOMENTS = ("opened_at", "closed_at", "asked_at", "reviewed_at", "until")
_NAMES = ("answers", "marks", "reviewers", "versions", "wanted")
_PLAIN = (
    *("repository_id", "key", "improvement", "title", "branch", "number", "url", "state", "head_sha"),
    *("digest", "minutes", "parts", "stage", "cost", "team", "nudges", "word", "written"),
)
_TABLES = ("token", "line", "promise", "exposure", "horizon", "freshness", "pause", "event")


def upgrade() -> None:
    """Add the columns and the tables."""
    for name in ("closed_by", "because", "merged_sha", "broke"):
        op.add_column("proposal", _words(name))
    op.add_column("proposal", sa.Column("edit", sa.Text()))
    op.add_column("proposal", sa.Column("reverted_at", MOMENT))
    op.add_column("scan", sa.Column("job_id", NUMBER))
    op.add_column("quota", sa.Column("refusals", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("job", sa.Column("deaths", sa.Integer(), nullable=False, server_default=sa.text("0")))
    _of_proposals()
    _of_repositories()
    op.create_table(
        "line",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("job_id", NUMBER, nullable=False, index=True),
        sa.Column("at", MOMENT, nullable=False, index=True),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
    )
    op.create_table(
        "token",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("user_id", NUMBER, index=True),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("used", MOMENT),
    )


def _of_proposals() -> None:
    op.create_table(
        "event",
        sa.Column("id", NUMBER, primary_key=True),
        _repository(),
        sa.Column("proposal_id", NUMBER, nullable=False, index=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", MOMENT, nullable=False, index=True),
        sa.Column("changed", sa.JSON(), nullable=False),
    )
    op.create_index("event_repository", "event", ["repository_id", "id"])
    _begin()
    op.create_table(
        "pause",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("installation_id", NUMBER, nullable=False),
        sa.Column("improvement", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("merged", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("ended", MOMENT),
        _words("ended_by"),
        _words("team"),
        sa.Column("place", NUMBER),
    )
    op.create_index("pause_improvement", "pause", ["installation_id", "improvement"])


def _begin() -> None:
    """Let the history of each pull request begin with what is known of it: what came before is forgotten."""
    connection = op.get_bind()
    kinds: dict[str, TypeEngine[Any] | None] = dict.fromkeys(_PLAIN)
    kinds |= {name: Moment() for name in _MOMENTS} | {name: Names() for name in _NAMES}
    kinds |= dict.fromkeys(("overdraft", "automerge"), sa.Boolean())
    kinds |= {"failure": sa.JSON(none_as_null=True)}
    proposal = sa.table("proposal", *(sa.column(name, kind) for name, kind in kinds.items()), sa.column("id"))
    written: dict[str, TypeEngine[Any] | None] = {"at": Moment(), "changed": sa.JSON()}
    written |= dict.fromkeys(("proposal_id", "repository_id", "number", "key", "kind"))
    event = sa.table("event", *(sa.column(name, kind) for name, kind in written.items()))
    first = sa.select(proposal).order_by(sa.column("opened_at"), sa.column("id"))
    for row in connection.execute(first).mappings().all():
        changed = {name: _json(row[name]) for name in kinds}
        changed |= {"closed_by": "", "because": "", "merged_sha": "", "broke": ""}
        changed |= {"edit": None, "reverted_at": None}
        about = {name: row[name] for name in ("repository_id", "number", "key")}
        begun = {"proposal_id": row["id"], "kind": "opened", "at": row["opened_at"], "changed": changed}
        connection.execute(sa.insert(event).values({**about, **begun}))


def _json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _of_repositories() -> None:
    op.create_table(
        "freshness",
        sa.Column("id", NUMBER, primary_key=True),
        _repository(),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("dependencies", "known", "days")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("majors", "minors", "patches")),
    )
    op.create_index("freshness_day", "freshness", ["repository_id", "day"], unique=True)
    op.create_table(
        "horizon",
        sa.Column("id", NUMBER, primary_key=True),
        _repository(),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False, index=True),
        _words("path"),
        _words("key"),
    )
    op.create_table(
        "exposure",
        sa.Column("id", NUMBER, primary_key=True),
        _repository(),
        sa.Column("advisory", sa.Text(), nullable=False),
        sa.Column("package", sa.Text(), nullable=False),
        _words("severity"),
        _words("key"),
        sa.Column("published", sa.Date()),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("gone", MOMENT),
    )
    op.create_index("exposure_advisory", "exposure", ["repository_id", "advisory", "package"])
    op.create_table(
        "promise",
        sa.Column("id", NUMBER, primary_key=True),
        _repository(),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("standing", sa.String(20), nullable=False),
        _words("owner"),
        sa.Column("written", sa.Date()),
        sa.Column("due", sa.Date()),
    )
    for name in ("horizon", "promise"):
        op.create_index(f"{name}_repository", name, ["repository_id"])


def downgrade() -> None:
    """Drop what was added: what is merged stays merged, and why is forgotten."""
    # An older version knows no such job, and would stop at it.
    op.execute("DELETE FROM job WHERE kind = 'evaluate'")
    for name in _TABLES:
        op.drop_table(name)
    op.drop_column("job", "deaths")
    op.drop_column("quota", "refusals")
    op.drop_column("scan", "job_id")
    for name in _ADDED:
        op.drop_column("proposal", name)


def _repository() -> sa.Column[int]:
    place = sa.ForeignKey("repository.id", ondelete="CASCADE")
    return sa.Column("repository_id", NUMBER, place, nullable=False)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''"))
