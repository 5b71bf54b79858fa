"""Campaigns: how far each of an installation has come, and when to look at it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, or_, select, update

from workers.campaigns import Course, Stand
from workers.ledger.insert import upsert
from workers.ledger.proposals import LISTED
from workers.ledger.rows import ProposalRow
from workers.ledger.tables import campaign, proposal
from workers.ledger.transactions import reading, writing
from workers.model import CONFIGURE


@dataclass(frozen=True, slots=True)
class Campaigns:
    """The pages of the ledger about campaigns; moments are aware."""

    engine: Engine

    def of(self, installation_id: int) -> list[Course]:
        """Return the campaigns of one installation, by name."""
        wanted = select(campaign).where(campaign.c.installation_id == installation_id)
        with reading(self.engine) as connection:
            found = connection.execute(wanted.order_by(campaign.c.name)).mappings()
            return [_course(dict(row)) for row in found]

    def pulls(self, courses: Iterable[Course]) -> Mapping[int, Sequence[ProposalRow]]:
        """Return the pull requests that these may be about, and those that ask for kotsu.yml.

        They are by repository, the newest first, without what people changed in them.
        """
        begins = {CONFIGURE, *(course.improvement.partition("/")[0] for course in courses)}
        mine = or_(*(proposal.c.key.startswith(name, autoescape=True) for name in sorted(begins)))
        wanted = select(*LISTED).where(mine).order_by(proposal.c.opened_at.desc(), proposal.c.id.desc())
        found = defaultdict[int, list[ProposalRow]](list)
        with reading(self.engine) as connection:
            for row in connection.execute(wanted).mappings():
                found[row["repository_id"]].append(ProposalRow(**row))
        return found

    def save(self, course: Course) -> None:
        """Write how far a campaign has come."""
        row = {**asdict(course), "state": course.state.value}
        change = [name for name in row if name not in ("installation_id", "name")]
        with writing(self.engine) as connection:
            connection.execute(upsert(connection, campaign, [row], ["installation_id", "name"], change))

    def forget(self, installation_id: int, name: str) -> None:
        """Delete a campaign that the file no longer names."""
        mine = (campaign.c.installation_id == installation_id, campaign.c.name == name)
        with writing(self.engine) as connection:
            connection.execute(delete(campaign).where(*mine))

    def due(self, now: datetime) -> list[int]:
        """Return the installations with a campaign that is to be looked at by now."""
        with reading(self.engine) as connection:
            found = connection.execute(select(campaign.c.installation_id).where(campaign.c.due <= now))
            return sorted(set(found.scalars()))

    def looked_at(self, installation_id: int, now: datetime) -> None:
        """Take away the moments up to now at which an installation's campaigns were due."""
        late = (campaign.c.installation_id == installation_id, campaign.c.due <= now)
        with writing(self.engine) as connection:
            connection.execute(update(campaign).where(*late).values(due=None))


def _course(row: Mapping[str, Any]) -> Course:
    return Course(
        **{
            **{name: value for name, value in row.items() if name != "id"},
            "state": Stand(row["state"]),
            "repositories": tuple(row["repositories"]),
            "sizes": tuple(row["sizes"]),
            "waves": tuple(map(tuple, row["waves"])),
        }
    )
