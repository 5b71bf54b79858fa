"""History: each change of each pull request in its order, from which its row can be made anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from workers.ledger.chunks import NAMED
from workers.ledger.tables import event, proposal
from workers.ledger.transactions import reading

_TURN = 5_108_264_377
"""Any number will do, as long as every process that writes events takes the same one."""
OPENED = "opened"
"""What the first event of a pull request is called; the others are called by what has changed."""
_UNTOLD = frozenset({"id", "due", "based", "based_at"})
"""Columns that say what we will do next, and nothing of what happened."""
_KINDS = (
    ("reverted_at", "reverted"),
    ("broke", "broke"),
    ("state", ""),
    ("stage", ""),
    ("reviewed_at", "reviewed"),
    ("asked_at", "asked"),
    ("nudges", "reminded"),
    ("word", "word"),
    ("edit", "looked at"),
    ("head_sha", "pushed"),
)
"""What an event is called by the first of these that changed; nothing: by what the column says now."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One change of a pull request: ``changed`` has the new values of what changed, as JSON has them."""

    id: int
    proposal_id: int
    repository_id: int
    number: int
    key: str
    kind: str
    at: datetime
    changed: Mapping[str, object]


def note(connection: Connection, before: RowMapping | None, after: RowMapping, now: datetime) -> None:
    """Write down what is different in a row of `tables.proposal`; ``before`` is None for a new one."""
    if told := difference(None if before is None else dict(before), dict(after), now):
        write(connection, [told])


def write(connection: Connection, told: Sequence[Mapping[str, object]]) -> None:
    """Write events at the end of a transaction: nobody else's are written before it is committed.

    Ids follow the order of the commits that way, and who has read up to one has missed none before it.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
    connection.execute(insert(event), told)


def difference(
    before: RowMapping | Mapping[str, object] | None, after: RowMapping | Mapping[str, object], now: datetime
) -> Mapping[str, object] | None:
    """Return the event that makes one row of `tables.proposal` another; None where nothing is different."""
    changed = {
        name: _plain(value)
        for name, value in after.items()
        if name not in _UNTOLD and (before is None or before[name] != value)
    }
    if not changed:
        return None
    kind = OPENED if before is None else _kind(changed)
    about = {name: after[name] for name in ("repository_id", "number", "key")}
    return {"proposal_id": after["id"], **about, "kind": kind, "at": now, "changed": changed}


def _kind(changed: Mapping[str, object]) -> str:
    if changed.get("broke") == "":
        return "mended"
    for column, kind in _KINDS:
        if column in changed:
            return kind or str(changed[column])
    return "changed"


def _plain(value: object) -> object:
    """Return a value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def replayed(events: Iterable[EventRow]) -> Mapping[int, Mapping[str, object]]:
    """Return what pull requests are after these events, which come in their order.

    By the row's id: its columns without `_UNTOLD`, as JSON has them.
    """
    found: dict[int, dict[str, object]] = {}
    for one in events:
        found.setdefault(one.proposal_id, {}).update(one.changed)
    return found


def plain(row: RowMapping) -> Mapping[str, object]:
    """Return a proposal's row as `replayed` has it."""
    return {name: _plain(value) for name, value in row.items() if name not in _UNTOLD}


def fold(connection: Connection, before: datetime, limit: int = 500) -> None:
    """Leave how it ended of each pull request that did before a moment, and has not changed since.

    That event has all that the row has and was the last, so that what is replayed is the same from wherever
    one reads on.
    No more than ``limit`` are folded at once.
    """
    later = event.alias()
    # It is looked for in each: `EXISTS` would be made a join with all that happened since.
    newest_of = select(func.max(later.c.at)).where(later.c.proposal_id == proposal.c.id).scalar_subquery()
    # The kind is written out, as the partial index has it.
    begun = (event.c.kind == literal_column(f"'{OPENED}'"), event.c.at < before)
    ended = (proposal.c.state != "open", proposal.c.closed_at < before, newest_of < before)
    wanted = select(proposal).join(event, event.c.proposal_id == proposal.c.id).where(*begun, *ended)
    locked = wanted.order_by(event.c.at).limit(limit).with_for_update(skip_locked=True, of=proposal)
    rows = {row["id"]: row for row in connection.execute(locked).mappings()}
    if not rows:
        return
    mine = event.c.proposal_id.in_(rows)
    newest = select(event.c.proposal_id, func.max(event.c.id)).where(mine).group_by(event.c.proposal_id)
    # Somebody may have changed one before its row was locked here.
    newest = newest.having(func.max(event.c.at) < before)
    last = {id_: rows[proposal_id] for proposal_id, id_ in connection.execute(newest)}
    if not last:
        return
    folded = event.c.proposal_id.in_([row["id"] for row in last.values()])
    connection.execute(delete(event).where(folded, event.c.id.not_in(last)))
    told = [
        {"which": id_, "kind": row["state"], "at": row["closed_at"], "changed": plain(row)}
        for id_, row in last.items()
    ]
    connection.execute(update(event).where(event.c.id == bindparam("which")), told)


@dataclass(frozen=True, slots=True)
class History:
    """The page of the ledger about what happened to pull requests."""

    engine: Engine

    def read(  # noqa: PLR0913 -- what may be asked for, each named at the call
        self,
        repository_id: int | None = None,
        number: int | None = None,
        *,
        since: datetime | None = None,
        before: int | None = None,
        limit: int | None = None,
        kinds: Sequence[str] = (),
    ) -> Sequence[EventRow]:
        """Return what happened, the oldest first; with ``before`` (an event's id) or ``limit`` the newest."""
        wanted = select(event)
        if repository_id is not None:
            wanted = wanted.where(event.c.repository_id == repository_id)
        if number is not None:
            wanted = wanted.where(event.c.number == number)
        if since is not None:
            wanted = wanted.where(event.c.at >= since)
        if kinds:
            wanted = wanted.where(event.c.kind.in_(kinds))
        if before is not None:
            wanted = wanted.where(event.c.id < before)
        with reading(self.engine) as connection:
            if limit is None:
                return [EventRow(**row) for row in connection.execute(wanted.order_by(event.c.id)).mappings()]
            newest = wanted.order_by(event.c.id.desc()).limit(limit)
            return [EventRow(**row) for row in connection.execute(newest).mappings()][::-1]

    def has(self, kinds: Sequence[str], since: datetime | None = None) -> bool:
        """Say whether anything of these kinds happened, since a moment if given."""
        wanted = select(event.c.id).where(event.c.kind.in_(kinds)).limit(1)
        wanted = wanted if since is None else wanted.where(event.c.at >= since)
        with reading(self.engine) as connection:
            return connection.execute(wanted).first() is not None

    def behind(self, last: int, repositories: Collection[int], limit: int) -> Sequence[EventRow]:
        """Return what happened in some repositories after an event, by its id, the oldest first.

        Who goes on behind the last one misses nothing: ids follow the order of the commits.
        """
        wanted = select(event).where(event.c.id > last).order_by(event.c.id)
        if len(repositories) <= NAMED:
            # What happened elsewhere since may be much, and is asked about again and again.
            wanted = wanted.where(event.c.repository_id.in_(sorted(repositories))).limit(limit)
        asked = wanted.execution_options(yield_per=limit)
        with reading(self.engine) as connection, connection.execute(asked) as told:
            found = (EventRow(**row) for row in told.mappings() if row["repository_id"] in repositories)
            return list(islice(found, limit))

    def state(self) -> Mapping[int, Mapping[str, object]]:
        """Return the rows of all pull requests as they are, to compare with `replayed`."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(proposal)).mappings()
            return {row["id"]: plain(row) for row in rows}
