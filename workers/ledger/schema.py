"""The schema's version: brought up by alembic, checked without it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

HEAD = "0006"
"""The newest revision; a test compares it with alembic's."""
_LOCK = 4_907_531_226
"""Any number will do, as long as every process that migrates takes the same one."""


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision; processes that start together wait for the first."""
    from alembic import command  # noqa: PLC0415 -- only migrations need it, and it loads slowly
    from alembic.config import Config  # noqa: PLC0415 -- the same

    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if revision(connection) == HEAD:
            return
        config = Config()
        config.set_main_option(
            "script_location", str(Path(__file__).parent / "migrations").replace("%", "%%")
        )
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)


def revision(connection: Connection) -> str:
    """Return the schema's revision, ``""`` for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return str(found or "")
