"""Backups: every row of every table as lines of JSON, for either database, and back into an empty one."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from gzip import BadGzipFile, GzipFile
from importlib.metadata import version
from typing import IO, Any

from sqlalchemy import Connection, Date, Engine, Integer, Table, func, insert, select, text
from sqlalchemy.exc import OperationalError, StatementError

from workers.ledger import schema
from workers.ledger.columns import Moment, Names
from workers.ledger.engine import READS
from workers.ledger.faults import Unfit, translated
from workers.ledger.tables import metadata, session

_FORMAT = "kotsu-backup-1"
"""Raised when the lines mean something else."""
_TOGETHER = 500
"""Rows that are read or written at a time: a backup takes no more memory than these."""
_TABLES = tuple(table for table in metadata.sorted_tables if table is not session)
"""Who is signed in is nobody's loss, and no backup lets anybody in; the App's secrets in one are sealed."""
_POSTGRESQL = "postgresql"
_Reader = tuple[str, Callable[[Any], object]]


class BackupError(Exception):
    """A backup cannot be restored; the text says why, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself: when it was made, by which version, and the rows of each table."""

    made: str
    by: str
    rows: Mapping[str, int]


def write(engine: Engine, out: IO[bytes], now: datetime) -> Backup:
    """Write the whole ledger as it is at one moment, compressed; work goes on meanwhile.

    Unfit where the schema is not the one that this code knows.
    """
    isolation = {"isolation_level": "REPEATABLE READ"} if engine.name == _POSTGRESQL else {}
    reads = engine.execution_options(**{READS: True}, **isolation)
    with translated(), reads.begin() as connection, GzipFile("", "wb", 6, out, 0) as lines:
        if words := schema.unfit(schema.revision(connection)):
            raise Unfit(words)
        made, by = now.isoformat(timespec="seconds"), version("kotsu-app")
        _say(lines, {"format": _FORMAT, "schema": schema.HEAD, "made": made, "by": by})
        counts = {table.name: _dump(connection, table, lines) for table in _TABLES}
        _say(lines, {"end": counts})
    return Backup(made, by, counts)


def restore(engine: Engine, source: IO[bytes]) -> Backup:
    """Write a backup into an empty database of the same schema, all of it or nothing.

    BackupError for what is damaged, cut off, or of another schema; Unfit for a database that is not empty.
    """
    with translated(), engine.begin() as connection:
        _lock(connection)
        with _legible(), GzipFile("", "rb", fileobj=source) as lines:
            told = _lines(lines)
            head: Mapping[str, object] = next(told, {})
            _check(head)
            counts = _load(connection, told)
        for table in _TABLES:
            _count_on(connection, table)
    return Backup(str(head["made"]), str(head["by"]), counts)


def _dump(connection: Connection, table: Table, lines: GzipFile) -> int:
    """Write the rows of a table behind a line that names its columns."""
    _say(lines, {"table": table.name, "columns": [column.name for column in table.c]})
    count = 0
    streaming = connection.execution_options(yield_per=_TOGETHER)
    rows = streaming.execute(select(table).order_by(*table.primary_key))
    for row in rows:
        _say(lines, [_plain(value) for value in row])
        count += 1
    return count


def _say(lines: GzipFile, value: object) -> None:
    lines.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
    lines.write(b"\n")


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _lock(connection: Connection) -> None:
    """Keep everybody else out until the end, and raise Unfit unless the database is there and empty."""
    if words := schema.unfit(schema.revision(connection)):
        raise Unfit(words)
    if connection.dialect.name == _POSTGRESQL:
        names = ", ".join(f'"{table.name}"' for table in _TABLES)
        connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
    for table in _TABLES:
        if connection.execute(select(1).select_from(table).limit(1)).first() is not None:
            raise Unfit(
                f"the database is not empty (table {table.name}): a backup goes into a new one, "
                "made by `kotsu db upgrade`, while nothing else of Kotsu runs"
            )


@contextmanager
def _legible() -> Iterator[None]:
    """Raise BackupError for whatever a damaged file makes the readers say."""
    try:
        yield
    except (EOFError, BadGzipFile, zlib.error):
        raise BackupError("the file is damaged or cut off, or no backup") from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BackupError(f"the file is damaged: {type(error).__name__}") from None
    except StatementError as error:
        if isinstance(error, OperationalError):
            raise
        raise BackupError(f"the database does not take a row: {type(error.orig).__name__}") from None


def _lines(lines: GzipFile) -> Iterator[Any]:
    for line in lines:
        yield json.loads(line.decode("utf-8", "surrogatepass"))


def _check(head: Mapping[str, object]) -> None:
    if head.get("format") != _FORMAT:
        raise BackupError("the file is no backup of Kotsu, or one of a newer version")
    if head["schema"] != schema.HEAD:
        raise BackupError(
            f"the backup is of schema {head['schema']}, and this Kotsu has {schema.HEAD}: restore it with "
            f"the version that made it ({head['by']}), and then run `kotsu db upgrade` with this one"
        )


def _load(connection: Connection, told: Iterator[Any]) -> Mapping[str, int]:
    """Insert all rows, and compare their number with what stands at the end."""
    tables = {table.name: table for table in _TABLES}
    counts: dict[str, int] = {}
    table: Table | None = None
    readers: Sequence[_Reader] = ()
    waiting: list[Mapping[str, object]] = []

    def insert_waiting() -> None:
        if table is not None and waiting:
            connection.execute(insert(table), waiting)
            counts[table.name] += len(waiting)
            waiting.clear()

    for line in told:
        if isinstance(line, list):
            waiting.append(dict(_row(readers, line)))
            if len(waiting) == _TOGETHER:
                insert_waiting()
            continue
        insert_waiting()
        if "end" in line:
            if line["end"] != counts or next(told, None) is not None:
                break
            return counts
        table = tables[line["table"]]
        readers = tuple((name, _reader(table, name)) for name in line["columns"])
        counts[table.name] = 0
    raise BackupError("the file is cut off or damaged: not all rows are there")


def _row(readers: Sequence[_Reader], values: Sequence[Any]) -> Iterator[tuple[str, object]]:
    for (name, reader), value in zip(readers, values, strict=True):
        yield name, value if value is None else reader(value)


def _reader(table: Table, column: str) -> Callable[[Any], object]:
    """Return what makes the value of a column again of its JSON."""
    kind = table.c[column].type
    if isinstance(kind, Moment):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, Names):
        return tuple
    return lambda value: value


def _count_on(connection: Connection, table: Table) -> None:
    """Let a sequence of PostgreSQL go on behind the highest number; SQLite looks for itself."""
    key = next(iter(table.primary_key))
    if connection.dialect.name != _POSTGRESQL or not isinstance(key.type, Integer) or not key.autoincrement:
        return
    sequence = func.pg_get_serial_sequence(table.name, key.name)
    highest = connection.execute(select(func.max(key))).scalar()
    if highest and connection.execute(select(sequence)).scalar():
        connection.execute(select(func.setval(sequence, highest)))
