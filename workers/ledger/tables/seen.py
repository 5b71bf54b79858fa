"""What is seen of a repository over time, and what its runs say."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Index, Integer, String, Table, Text

from workers.ledger.columns import Number
from workers.ledger.tables.shape import metadata, moment, of_repository, words

debt = Table(
    "debt",
    metadata,
    Column("id", Number, primary_key=True),
    of_repository(),
    Column("day", Date, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("due", "orphaned", "not_yet", "unconditional")),
    Index("debt_day", "repository_id", "day", unique=True),
)

freshness = Table(
    "freshness",
    metadata,
    Column("id", Number, primary_key=True),
    of_repository(),
    Column("day", Date, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("dependencies", "known", "days")),
    *(Column(name, Integer, nullable=False) for name in ("majors", "minors", "patches")),
    Index("freshness_day", "repository_id", "day", unique=True),
)

horizon = Table(
    "horizon",
    metadata,
    Column("id", Number, primary_key=True),
    of_repository(),
    Column("kind", String(20), nullable=False),
    Column("subject", Text, nullable=False),
    Column("ends", Date, nullable=False, index=True),
    words("path"),
    words("key"),
    Index("horizon_repository", "repository_id"),
)

exposure = Table(
    "exposure",
    metadata,
    Column("id", Number, primary_key=True),
    of_repository(),
    Column("advisory", Text, nullable=False),
    Column("package", Text, nullable=False),
    words("severity"),
    words("key"),
    Column("published", Date),
    moment("since"),
    moment("gone", nullable=True),
    Index("exposure_advisory", "repository_id", "advisory", "package"),
)

promise = Table(
    "promise",
    metadata,
    Column("id", Number, primary_key=True),
    of_repository(),
    Column("path", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("said", Text, nullable=False),
    Column("standing", String(20), nullable=False),
    words("owner"),
    Column("written", Date),
    Column("due", Date),
    Index("promise_repository", "repository_id"),
)

line = Table(
    "line",
    metadata,
    Column("id", Number, primary_key=True),
    Column("job_id", Number, nullable=False, index=True),
    moment("at", index=True),
    Column("level", String(10), nullable=False),
    Column("said", Text, nullable=False),
    Column("about", JSON, nullable=False),
)
