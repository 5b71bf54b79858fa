"""Whom we work for, what there is to do, and what was heard and remembered meanwhile."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text, text

from workers.ledger.columns import Number
from workers.ledger.tables.shape import metadata, moment, of_repository, partial, words

installation = Table(
    "installation",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    words("account"),
    Column("state", String(20), nullable=False),
    words("reason"),
    moment("updated"),
)

repository = Table(
    "repository",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("installation_id", Number, nullable=False, index=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    words("default_branch"),
    Column("state", String(20), nullable=False),
    words("reason"),
    moment("updated"),
    moment("due", nullable=True),
    Column("dashboard", Integer),
    Index("repository_due", "due"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("guid", String(100), primary_key=True),
    Column("event", Text, nullable=False),
    words("action"),
    Column("installation_id", Number),
    Column("repository_id", Number),
    Column("job_id", Number),
    moment("received", index=True),
)

OPEN = "state IN ('queued', 'running')"

job = Table(
    "job",
    metadata,
    Column("id", Number, primary_key=True),
    Column("key", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("installation_id", Number),
    Column("repository_id", Number, index=True),
    Column("detail", JSON, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    moment("due"),
    moment("lease_until", nullable=True),
    Column("lease_owner", Text),
    Column("fence", Integer, nullable=False, server_default=text("0")),
    Column("again", Boolean, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("deaths", Integer, nullable=False, server_default=text("0")),
    Column("last_error", Text),
    moment("created"),
    moment("finished", nullable=True),
    Index("job_open_key", "key", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index(
        "job_running_repository",
        "repository_id",
        unique=True,
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
    partial("job_lease", "lease_until", where="state = 'running'"),
    Column("turn", Number),
    partial("job_line", "priority", "installation_id", "due", "id", where="state = 'queued'"),
    partial("job_held", "installation_id", where="state = 'running'"),
    partial("job_served", "installation_id", "turn", where="turn IS NOT NULL"),
    partial("job_turn", "turn", where="turn IS NOT NULL"),
    Index("job_finished", "finished"),
)

quota = Table(
    "quota",
    metadata,
    Column("installation_id", Number, primary_key=True, autoincrement=False),
    moment("rests", nullable=True),
    moment("spares", nullable=True),
    words("reason"),
    moment("creates", nullable=True),
    Column("refusals", Integer, nullable=False, server_default=text("0")),
)

answer = Table(
    "answer",
    metadata,
    Column("id", Number, primary_key=True),
    of_repository(),
    Column("key", Text, nullable=False),
    Column("kept", Text, nullable=False),
    moment("at", index=True),
    Index("answer_key", "repository_id", "key", unique=True),
)

mark = Table(
    "mark",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
    moment("at"),
)

blob_result = Table(
    "blob_result",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("result", Text, nullable=False),
    moment("used_at", index=True),
)
