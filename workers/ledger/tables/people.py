"""Who is let in, what they did, and what is kept sealed."""

from __future__ import annotations

from sqlalchemy import JSON, Column, String, Table, Text

from workers.ledger.columns import Number
from workers.ledger.tables.shape import metadata, moment, words

session = Table(
    "session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", Number, nullable=False, index=True),
    Column("login", Text, nullable=False),
    Column("token", Text, nullable=False),
    moment("created"),
    moment("until", index=True),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Number, primary_key=True),
    moment("at", index=True),
    Column("who", Text, nullable=False),
    Column("action", String(50), nullable=False),
    Column("installation_id", Number, index=True),
    Column("repository_id", Number),
    words("target"),
    Column("detail", JSON, nullable=False),
)

credential = Table(
    "credential",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", Text, nullable=False),
    moment("changed"),
)

token = Table(
    "token",
    metadata,
    Column("id", Number, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("who", Text, nullable=False),
    Column("user_id", Number, index=True),
    moment("created"),
    moment("until", nullable=True),
    moment("used", nullable=True),
)
