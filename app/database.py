"""`kotsu db`: the database is upgraded, backed up and restored, or one sentence says why not."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click

from workers import ledger, settings
from workers.ledger import Backup, Ledger

_STANDARD = "-"
"""The name of a file that stands for what comes in or goes out."""


@click.group()
def db() -> None:
    """Upgrade, back up and restore the database (KOTSU_DATABASE_URL)."""


@db.command()
def upgrade() -> None:
    """Bring the schema to that of this version; an empty database gets its tables."""
    with _explained():
        found = ledger.migrate(_url())
    _say(f"The schema is {ledger.HEAD}" + (", as it was." if found == ledger.HEAD else _before(found)))


@db.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the schema down to REVISION, for an older version of Kotsu; what only the newer one holds is lost.

    Stop all processes and make a backup first.
    """
    with _explained():
        found = ledger.downgrade(_url(), revision)
    _say(f"The schema is {revision}{_before(found)}")


@db.command()
def current() -> None:
    """Exit 0 where the schema is the one that this version needs, else 1 with the command to run."""
    with _explained():
        _must_fit(ledger.revision(_url()))
    _say(f"The schema is {ledger.HEAD}, which this version needs.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def backup(file: Path) -> None:
    """Write everything into FILE (`-`: to standard output), as it is at one moment; nothing has to stop.

    One format for SQLite and PostgreSQL, so that it also moves a team from one to the other.
    """
    with _explained(file), _new(file) as out:
        made = ledger.save(_url(), out, datetime.now(UTC))
    _say(f"{_counted(made)} are in {file if str(file) != _STANDARD else 'the backup'}.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
def restore(file: Path) -> None:
    """Write a backup (`-`: from standard input) into an empty database: all of it, or nothing.

    Stop all processes first, and make the database with `kotsu db upgrade`.
    """
    with _explained(file), sys.stdin.buffer if str(file) == _STANDARD else file.open("rb") as source:
        made = ledger.restore(_url(), source)
    _say(
        f"{_counted(made)} of {made.made} are in the database. GitHub is compared with it at the next start."
    )


def prepare(url: str, *, alone: bool) -> None:
    """See to it that the schema is this code's; ClickException says what to do.

    Whoever is not alone makes the tables of an empty database, and leaves an older schema to
    `kotsu db upgrade`: others may be at work with it.
    """
    with _explained():
        found = ledger.revision(url)
        if found and not alone:
            _must_fit(found)
        else:
            ledger.migrate(url)


def must_be_current(url: str) -> None:
    """Raise ClickException where the schema is another one; a database that does not answer may come back."""
    with _explained():
        try:
            found = ledger.revision(url)
        except ledger.Unavailable:
            return
        _must_fit(found)


@contextmanager
def opened() -> Iterator[Ledger]:
    """Open the ledger of the environment; one sentence says why not, and how to make its schema fit."""
    with _explained():
        url = _url()
        _must_fit(ledger.revision(url))
        book = ledger.open(url)
        try:
            yield book
        finally:
            book.close()


def _must_fit(found: str) -> None:
    if words := ledger.unfit(found):
        raise ledger.Unfit(words)


def _url() -> str:
    try:
        return settings.read().database_url
    except settings.SettingsError as error:
        raise click.UsageError(str(error)) from None


def _before(found: str) -> str:
    return f"; it was {found}." if found else "; the database was empty."


def _counted(made: Backup) -> str:
    count = sum(made.rows.values())
    return f"{count} rows of {sum(1 for rows in made.rows.values() if rows)} tables"


def _say(words: str) -> None:
    """Speak beside the standard output, which may be a backup."""
    click.echo(words, err=True)


@contextmanager
def _explained(file: Path | None = None) -> Iterator[None]:
    """Say what the database says, or the disk of a ``file``, in one sentence, and exit 1."""
    try:
        yield
    except ledger.Unfit as error:
        raise click.ClickException(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
    except ledger.BackupError as error:
        raise click.ClickException(f"Nothing was restored: {error}.") from None
    except (ledger.Unavailable, OSError, ValueError) as error:
        words = f"The database cannot be used: {error} (see KOTSU_DATABASE_URL and KOTSU_DATA_DIR)"
        if file and isinstance(error, OSError):
            words = f"{file} cannot be written or read: {error.strerror}."
        raise click.ClickException(words) from None


@contextmanager
def _new(file: Path) -> Iterator[IO[bytes]]:
    """Open a file that is there only when it is whole, readable by its owner alone; none is overwritten."""
    if str(file) == _STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if file.exists():
        raise click.UsageError(f"{file} is there already: give the backup another name.")
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}-") as out:  # its mode is 0600
        yield out
        out.flush()
        os.fsync(out.fileno())
        # Unlike a rename, this takes the place of no file that came meanwhile.
        os.link(out.name, file)
