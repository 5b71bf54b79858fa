"""Installations and repositories: what the App may see, and in what state it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, bindparam, delete, func, select, true, update

from workers import budgets, machine_time
from workers.evaluation import learning
from workers.evaluation.pausing import WHOLE
from workers.ledger import memory, tables
from workers.ledger.chunks import chunks
from workers.ledger.insert import insert_once, upsert
from workers.ledger.rows import InstallationRow, JobState, RepositoryRow, Standing
from workers.ledger.tables import campaign, installation, job, line, repository
from workers.messages import Repository


def upsert_repository(
    connection: Connection, known: Repository, now: datetime, state: str, reason: str
) -> None:
    """Write the repository as it is now, whatever was known before."""
    row = {
        "id": known.id,
        "installation_id": known.installation_id,
        "owner": known.owner,
        "name": known.name,
        "default_branch": known.default_branch,
        "state": state,
        "reason": reason,
        "updated": now,
    }
    connection.execute(upsert(connection, repository, [row], ["id"], [name for name in row if name != "id"]))


def notice_repositories(connection: Connection, known: Collection[Repository], now: datetime) -> None:
    """Note repositories that events named, in the events' order.

    An event is believed about names, but never moves a repository to another installation: only the list
    that GitHub gives of an installation does.
    """
    # A burst names again and again what is known: to read costs less than to write nothing.
    news = _news(connection, known) if known else ()
    rows = [{**asdict(one), "state": Standing.ACTIVE, "updated": now} for one in known if one.id in news]
    if rows:
        connection.execute(insert_once(connection, repository, ["id"]), rows)
        connection.execute(_RENAME, [{f"new_{name}": value for name, value in row.items()} for row in rows])


def _news(connection: Connection, known: Collection[Repository]) -> Collection[int]:
    """Return the ids of the repositories that are not there, or there by another name or branch."""
    named = chunks({one.id for one in known})
    standing = {row.id: row for ids in named for row in connection.execute(_STANDING, {"ids": ids})}
    return {one.id for one in known if _differs(one, standing.get(one.id))}


_STANDING = select(
    repository.c.id,
    repository.c.installation_id,
    repository.c.owner,
    repository.c.name,
    repository.c.default_branch,
).where(repository.c.id.in_(bindparam("ids", expanding=True)))


def _differs(one: Repository, row: Row[*tuple[Any, ...]] | None) -> bool:
    if row is None:
        return True
    told = (one.owner, one.name, one.default_branch or row.default_branch)
    same = told == (row.owner, row.name, row.default_branch)
    return row.installation_id == one.installation_id and not same


_NEW_BRANCH = func.coalesce(
    func.nullif(bindparam("new_default_branch", type_=Text), ""), repository.c.default_branch
)
_RENAMED = (
    (repository.c.owner != bindparam("new_owner"))
    | (repository.c.name != bindparam("new_name"))
    | (repository.c.default_branch != _NEW_BRANCH)
)
_RENAME = (
    update(repository)
    .where(
        repository.c.id == bindparam("new_id"),
        repository.c.installation_id == bindparam("new_installation_id"),
        _RENAMED,
    )
    .values(
        owner=bindparam("new_owner"),
        name=bindparam("new_name"),
        default_branch=_NEW_BRANCH,
        updated=bindparam("new_updated"),
    )
)
"""Writes only what differs: a row that stays is not locked."""


def notice_installations(
    connection: Connection, known: Collection[tuple[int, str, str]], now: datetime
) -> None:
    """Note installations that events named, in the events' order, and their state where the event tells.

    Each is its id, its account and its state.
    """
    rows = [
        {"id": id_, "account": account, "state": state or Standing.ACTIVE, "updated": now}
        for id_, account, state in known
    ]
    if rows:
        connection.execute(insert_once(connection, installation, ["id"]), rows)
    for id_, account, state in known:
        if state:
            told = {"state": state, "reason": "", "updated": now} | ({"account": account} if account else {})
            connection.execute(update(installation).where(installation.c.id == id_).values(**told))


def pause(connection: Connection, installation_id: int, reason: str, now: datetime) -> None:
    """Write why nothing can be done for an installation; its state is another matter."""
    changed = {"reason": reason, "updated": now}
    connection.execute(update(installation).where(installation.c.id == installation_id).values(**changed))


def repositories(connection: Connection, installation_id: int | None) -> list[RepositoryRow]:
    """Return the repositories of one installation, or all, by name."""
    wanted = select(repository).order_by(repository.c.owner, repository.c.name, repository.c.id)
    if installation_id is not None:
        wanted = wanted.where(repository.c.installation_id == installation_id)
    return [RepositoryRow(**row) for row in connection.execute(wanted).mappings()]


def named(connection: Connection, owner: str, name: str) -> RepositoryRow | None:
    """Return the repository of a name, which GitHub writes in capitals or not.

    One that was removed comes only where nothing else has its name: a repository may be made anew.
    """
    if "\0" in owner + name:
        # Nothing is called so, and PostgreSQL takes it for no text at all.
        return None
    is_it = (func.lower(repository.c.owner) == owner.lower()) & (
        func.lower(repository.c.name) == name.lower()
    )
    first = (repository.c.state == Standing.REMOVED, repository.c.owner, repository.c.name, repository.c.id)
    wanted = select(repository).where(is_it).order_by(*first).limit(1)
    row = connection.execute(wanted).mappings().one_or_none()
    return RepositoryRow(**row) if row is not None else None


def get_repository(connection: Connection, repository_id: int) -> RepositoryRow | None:
    """Return one repository."""
    row = (
        connection.execute(select(repository).where(repository.c.id == repository_id))
        .mappings()
        .one_or_none()
    )
    return RepositoryRow(**row) if row is not None else None


def get_installation(connection: Connection, installation_id: int) -> InstallationRow | None:
    """Return one installation."""
    wanted = select(installation).where(installation.c.id == installation_id)
    row = connection.execute(wanted).mappings().one_or_none()
    return InstallationRow(**row) if row is not None else None


def installations(connection: Connection) -> list[InstallationRow]:
    """Return all installations by account."""
    wanted = select(installation).order_by(installation.c.account, installation.c.id)
    return [InstallationRow(**row) for row in connection.execute(wanted).mappings()]


def set_state(connection: Connection, repository_id: int, state: str, reason: str, now: datetime) -> None:
    """Write whether the repository is worked on, and why not."""
    changed = {"state": state, "reason": reason, "updated": now}
    connection.execute(update(repository).where(repository.c.id == repository_id).values(**changed))


def look_again(
    connection: Connection, repository_id: int, due: datetime | None, after: datetime | None
) -> None:
    """Write when a repository is to be looked at by itself, if still the moment ``after`` stands there."""
    same = (repository.c.due == after,) if after else ()
    connection.execute(update(repository).where(repository.c.id == repository_id, *same).values(due=due))


def set_dashboard(connection: Connection, repository_id: int, number: int | None) -> None:
    """Write the number of the issue that shows a repository."""
    connection.execute(update(repository).where(repository.c.id == repository_id).values(dashboard=number))


def due_repositories(connection: Connection, now: datetime, limit: int) -> list[RepositoryRow]:
    """Return repositories that are to be looked at by now, the longest overdue first."""
    wanted = select(repository).where(repository.c.due <= now, repository.c.state == Standing.ACTIVE)
    found = connection.execute(wanted.order_by(repository.c.due, repository.c.id).limit(limit)).mappings()
    return [RepositoryRow(**row) for row in found]


def mark_removed(
    connection: Connection, repository_ids: Sequence[int], installation_id: int, now: datetime
) -> None:
    """Mark repositories that the installation may no longer see."""
    said = {"state": Standing.REMOVED, "reason": "", "updated": now}
    for ids in chunks(repository_ids):
        gone = (repository.c.id.in_(ids), repository.c.installation_id == installation_id)
        connection.execute(update(repository).where(*gone).values(**said))


def forget(connection: Connection, repository_ids: Sequence[int], now: datetime) -> None:
    """Delete repositories with everything known about them, and close what waits for them."""
    for ids in chunks(repository_ids):
        waiting = (job.c.repository_id.in_(ids), job.c.state == JobState.QUEUED)
        connection.execute(update(job).where(*waiting).values(state=JobState.DONE, finished=now))
        done = select(job.c.id).where(job.c.repository_id.in_(ids))
        connection.execute(delete(line).where(line.c.job_id.in_(done)))
        connection.execute(delete(tables.pause).where(tables.pause.c.place.in_(ids)))
        memory.forget(connection, [key for id_ in ids for key in _remembered(id_)])
        connection.execute(delete(repository).where(repository.c.id.in_(ids)))


def _remembered(repository_id: int) -> Iterator[str]:
    """Yield the keys under which it is remembered what a repository is like."""
    from workers import effective  # noqa: PLC0415 -- loads YAML and models, which only who forgets needs

    about = (effective.key, budgets.key, machine_time.key, machine_time.wish, machine_time.parts)
    yield from (key(repository_id) for key in about)


def remove_installation(connection: Connection, installation_id: int, now: datetime) -> None:
    """Delete everything known about an installation; only its row stays, marked as removed."""
    ids = select(repository.c.id).where(repository.c.installation_id == installation_id)
    forget(connection, list(connection.execute(ids).scalars()), now)
    waiting = (job.c.installation_id == installation_id, job.c.state == JobState.QUEUED)
    connection.execute(update(job).where(*waiting).values(state=JobState.DONE, finished=now))
    memory.forget(connection, [learning.key(installation_id)])
    # That of a whole repository went with it: what is left has moved to another installation.
    apart = tables.pause.c.improvement != WHOLE
    for table, what in ((campaign, true()), (tables.pause, apart)):
        connection.execute(delete(table).where(table.c.installation_id == installation_id, what))
    gone = {"state": Standing.REMOVED, "reason": "", "updated": now}
    connection.execute(update(installation).where(installation.c.id == installation_id).values(**gone))
