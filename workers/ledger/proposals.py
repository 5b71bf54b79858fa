"""Proposals, what was withheld, and scans: the memory of each repository."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, delete, insert, or_, select, update

from workers.ledger import history
from workers.ledger.rows import ProposalRow, ScanRow, WithheldRow
from workers.ledger.tables import proposal, repository, scan, withheld

OPEN = "open"
MERGED = "merged"
READY = "ready"
LISTED = [column for column in proposal.c if column.name != "edit"]
"""What a list has of each: a diff may be long, and nobody reads those of many."""
ANEW = {"state": OPEN, "closed_at": None, "closed_by": "", "because": "", "edit": None}
"""What stands in the row of a pull request that is open: nothing of how it ended before."""


def proposals(connection: Connection, repository_id: int | None, state: str | None) -> list[ProposalRow]:
    """Return pull requests of ours, the newest first, without what people changed in them."""
    wanted = select(*LISTED).order_by(proposal.c.opened_at.desc(), proposal.c.id.desc())
    if repository_id is not None:
        wanted = wanted.where(proposal.c.repository_id == repository_id)
    if state is not None:
        wanted = wanted.where(proposal.c.state == state)
    return [ProposalRow(**row) for row in connection.execute(wanted).mappings()]


def proposal_of(connection: Connection, repository_id: int, number: int) -> ProposalRow | None:
    """Return one pull request of ours by its number."""
    mine = (proposal.c.repository_id == repository_id, proposal.c.number == number)
    row = connection.execute(select(proposal).where(*mine)).mappings().one_or_none()
    return ProposalRow(**row) if row is not None else None


def save_proposal(
    connection: Connection, row: Mapping[str, object], now: datetime, opened: datetime
) -> ProposalRow:
    """Write the open pull request of a key: its number's row, else the key's open one, else a new one."""
    mine = proposal.c.repository_id == row["repository_id"]
    same = or_(
        proposal.c.number == row["number"], and_(proposal.c.key == row["key"], proposal.c.state == OPEN)
    )
    wanted = select(proposal).where(mine, same).order_by(proposal.c.number != row["number"]).limit(1)
    found = connection.execute(wanted.with_for_update()).mappings().one_or_none()
    values = {**row, **ANEW}
    if found is None:
        statement = insert(proposal).values(**values, opened_at=opened).returning(*proposal.c)
        after = connection.execute(statement).mappings().one()
        history.note(connection, None, after, opened)
        return ProposalRow(**after)
    return ProposalRow(**_changed(connection, found, values, now))


def _changed(
    connection: Connection, before: RowMapping, values: Mapping[str, object], now: datetime
) -> RowMapping:
    """Write columns of a row that is locked, and what is different into its history."""
    changed = update(proposal).where(proposal.c.id == before["id"]).values(**values).returning(*proposal.c)
    after = connection.execute(changed).mappings().one()
    history.note(connection, before, after, now)
    return after


def change_proposal(
    connection: Connection, repository_id: int, number: int, values: Mapping[str, object], now: datetime
) -> bool:
    """Write some columns of a pull request; false when it is none of ours."""
    mine = (proposal.c.repository_id == repository_id, proposal.c.number == number)
    found = connection.execute(select(proposal).where(*mine).with_for_update()).mappings().one_or_none()
    if found is not None:
        _changed(connection, found, values, now)
    return found is not None


def due_proposals(connection: Connection, now: datetime, limit: int) -> list[ProposalRow]:
    """Return pull requests that are to be looked at again by now, the longest overdue first.

    A merged one is looked at for what it did, once it is known what was merged.
    """
    watched = and_(proposal.c.state == MERGED, proposal.c.merged_sha != "")
    wanted = select(proposal).where(proposal.c.due <= now, or_(proposal.c.state == OPEN, watched))
    found = connection.execute(wanted.order_by(proposal.c.due, proposal.c.id).limit(limit)).mappings()
    return [ProposalRow(**row) for row in found]


def told(connection: Connection, row: ProposalRow) -> None:
    """Take away the moment at which a pull request was due, unless it is due at another by now."""
    same = (proposal.c.id == row.id, proposal.c.due == row.due)
    connection.execute(update(proposal).where(*same).values(due=None))


def newest(connection: Connection, installation_id: int, count: int) -> list[datetime]:
    """Return when the newest pull requests of an installation were opened, the newest first."""
    mine = repository.c.installation_id == installation_id
    wanted = select(proposal.c.opened_at).join(repository, repository.c.id == proposal.c.repository_id)
    ordered = wanted.where(mine).order_by(proposal.c.opened_at.desc()).limit(count)
    return list(connection.execute(ordered).scalars())


def replace_withheld(connection: Connection, repository_id: int, rows: Sequence[WithheldRow]) -> None:
    """Forget what the last scan withheld, and remember what this one did."""
    connection.execute(delete(withheld).where(withheld.c.repository_id == repository_id))
    if rows:
        connection.execute(
            insert(withheld), [{"repository_id": repository_id, **asdict(row)} for row in rows]
        )


def withheld_rows(connection: Connection, repository_id: int) -> list[WithheldRow]:
    """Return what the last scan withheld, in its order."""
    columns = (
        withheld.c.key,
        withheld.c.improvement,
        withheld.c.title,
        withheld.c.reason,
        withheld.c.sentence,
        withheld.c.targets,
        withheld.c.since,
        withheld.c.seen,
        withheld.c.cost,
        withheld.c.value,
        withheld.c.team,
    )
    wanted = select(*columns).where(withheld.c.repository_id == repository_id).order_by(withheld.c.id)
    return [WithheldRow(**row) for row in connection.execute(wanted).mappings()]


def start_scan(
    connection: Connection, repository_id: int, head_sha: str, now: datetime, job_id: int | None
) -> int:
    """Open the scan's row and return its id."""
    row = {
        "repository_id": repository_id,
        "head_sha": head_sha,
        "started": now,
        "counts": {},
        "job_id": job_id,
    }
    return int(connection.execute(insert(scan).values(**row).returning(scan.c.id)).scalar_one())


def finish_scan(
    connection: Connection, scan_id: int, outcome: str, counts: Mapping[str, int], now: datetime
) -> None:
    """Write how the scan ended."""
    ended = {"outcome": outcome, "counts": dict(counts), "finished": now}
    connection.execute(update(scan).where(scan.c.id == scan_id).values(**ended))


def scans(connection: Connection, repository_id: int, limit: int) -> list[ScanRow]:
    """Return the scans of a repository, the newest first."""
    wanted = select(scan).where(scan.c.repository_id == repository_id).order_by(scan.c.id.desc()).limit(limit)
    return [ScanRow(**row) for row in connection.execute(wanted).mappings()]
