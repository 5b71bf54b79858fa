"""The schema's version: brought up and taken down by alembic, checked without it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from workers.ledger.faults import Unfit

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0010"
"""The newest revision; a test compares it with alembic's."""
_LOCK = 4_907_531_226
"""Any number will do, as long as every process that migrates takes the same one."""


def migrate(engine: Engine) -> str:
    """Bring the schema to the newest revision, and return the one that it had.

    Processes that start together wait for the first. Unfit where the schema is newer than this code.
    """
    from alembic import command  # noqa: PLC0415 -- only migrations need it, and it loads slowly

    with engine.begin() as connection:
        found = _locked(connection)
        if found > HEAD:
            raise Unfit(unfit(found))
        if found != HEAD:
            command.upgrade(_config(connection), HEAD)
        return found


def downgrade(engine: Engine, target: str) -> str:
    """Take the schema down to an older revision, and return the one that it had; Unfit where it cannot be."""
    from alembic import command  # noqa: PLC0415 -- as above

    with engine.begin() as connection:
        found = _locked(connection)
        if found > HEAD:
            raise Unfit(unfit(found))
        if not (target.isdecimal() and len(target) == len(HEAD) and "0000" < target < found):
            raise Unfit(f"the schema is {found or 'missing'}: it can be taken down to an older one only")
        command.downgrade(_config(connection), target)
        return found


def unfit(found: str) -> str:
    """Return why this code cannot work with a schema, and the command to run; ``""`` where it can."""
    if found == HEAD:
        return ""
    if not found:
        return "the database has no tables yet: run `kotsu db upgrade`"
    if found > HEAD:
        return (
            f"the database's schema is {found}, which is newer than this Kotsu knows ({HEAD}): "
            "run the version that made it, or a newer one"
        )
    return f"the database's schema is {found}, and this Kotsu needs {HEAD}: run `kotsu db upgrade`"


def revision(connection: Connection) -> str:
    """Return the schema's revision, ``""`` for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return str(found or "")


def _locked(connection: Connection) -> str:
    """Wait until nobody else migrates, and return the revision."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    return revision(connection)


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 -- as above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
