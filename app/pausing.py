"""Says which pauses people may know of who see some repositories of an organisation, and not the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from workers.evaluation.outline import Outline
from workers.ledger.pauses import PauseRow


def held(rows: Iterable[PauseRow], homes: Mapping[int, int]) -> list[PauseRow]:
    """Return the pauses that hold in some repositories; ``homes`` are their installations by id."""
    installations = set(homes.values())
    return [
        row
        for row in rows
        if row.ended is None
        and row.installation_id in installations
        and (row.place is None or row.place in homes)
    ]


def of_teams(
    rows: Iterable[PauseRow], outlines: Iterable[Outline], homes: Mapping[int, int]
) -> list[PauseRow]:
    """Leave out the pauses of teams that have nothing to do with these repositories' pull requests."""
    named = {(one.installation_id, one.team.lower()) for one in outlines if one.repository_id in homes}
    return [row for row in rows if not row.team or (row.installation_id, row.team.lower()) in named]


def uncounted(rows: Iterable[PauseRow]) -> list[PauseRow]:
    """Return pauses without how many were merged, 0 of 0, unless that is about one repository alone."""
    return [row if row.place is not None else replace(row, merged=0, decided=0) for row in rows]
