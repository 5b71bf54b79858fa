"""Lives: whole pull requests of the past, many at once, as one call after the other would have left them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from sqlalchemy import Engine, insert

from workers.ledger import history
from workers.ledger.rows import ProposalRow
from workers.ledger.tables import proposal
from workers.ledger.transactions import writing

Life = Sequence[tuple[datetime, ProposalRow]]
"""What a pull request was since which moment; the first is its opening. Its id comes when it is written."""


@dataclass(frozen=True, slots=True)
class Lives:
    """The way to fill a ledger with a past: a transaction for each change would take minutes."""

    engine: Engine

    def write(self, lives: Sequence[Life]) -> None:
        """Write the last row of each, and all that happened in the order of its moments."""
        opened = sorted((life for life in lives if life), key=lambda life: life[0][0])
        if not opened:
            return
        last = [{**_columns(life[-1][1]), "opened_at": life[0][0]} for life in opened]
        for row in last:
            del row["id"]
        written = insert(proposal).returning(proposal.c.id, sort_by_parameter_order=True)
        with writing(self.engine) as connection:
            ids = connection.execute(written, last).scalars().all()
            told = [one for id_, life in zip(ids, opened, strict=True) for one in _told(id_, life)]
            in_time = [row for _, row in sorted(told, key=itemgetter(0))]
            history.write(connection, in_time)


def _told(id_: int, life: Life) -> Iterator[tuple[datetime, Mapping[str, object]]]:
    before: Mapping[str, object] | None = None
    for at, row in life:
        after = {**_columns(row), "id": id_, "opened_at": life[0][0]}
        if told := history.difference(before, after, at):
            yield at, told
        before = after


def _columns(row: ProposalRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in ProposalRow.__slots__}
