"""The repositories, and how they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from app.pages import paged
from app.pages.view import Cell, Column, Filter, Shown, Table, View
from workers.ledger import RepositoryRow, Standing

PATH = "/repositories"
NAME = "repositories"
TITLE = "Repositories"

_COLUMNS = (
    Column("repository", "Repository"),
    Column("state", "State", about="state"),
    Column("open", "Open", figure=True, about="open"),
    Column("withheld", "Withheld", figure=True, about="withheld"),
    Column("due", "Next look", about="next-look"),
)
_PAUSED = "paused"
_OPEN = (("none", "nothing is open"), ("some", "something is open"))
_EMPTY = (
    "There is none that you can see here. Install the App on an organisation, and its repositories appear "
    "with the first delivery."
)


def show(view: View) -> Shown:
    """Show those of a ``state`` and with something ``open`` or not, by name."""
    state, wanted = view.query.get("state", ""), view.query.get("open", "")
    opened = Counter(row.repository_id for row in view.book.proposals(None, "open"))
    kept = view.book.surveys.withheld()
    every = list(view.repositories.values())
    chosen = [
        row
        for row in every
        if state in ("", _state(row, view)) and wanted in ("", "some" if opened[row.id] else "none")
    ]

    def cells(row: RepositoryRow) -> Mapping[str, Cell]:
        return {
            "repository": view.at(row.id),
            "state": view.standing(row),
            "open": opened[row.id],
            "withheld": sum(kept.get(row.id, {}).values()),
            "due": row.due,
        }

    empty = "There is none like that." if every else _EMPTY
    table = Table("repositories", f"{len(chosen):,} in all", _COLUMNS, (), empty)
    states = sorted({_state(row, view) for row in every})
    return Shown(
        tables=[paged.listed(view, PATH, table, chosen, cells)],
        lead=_sentence(sum(not opened[row.id] for row in every), len(every)),
        filters=[
            Filter("state", "State", [(one, one) for one in states], state),
            Filter("open", "Open", _OPEN, wanted),
        ],
    )


def _state(row: RepositoryRow, view: View) -> str:
    return _PAUSED if row.state == Standing.ACTIVE and row.id in view.paused else row.state


def _sentence(idle: int, count: int) -> str:
    whole = paged.counted(count, "repository", "repositories")
    return f"No pull request is open in {idle:,} of {whole}; the page of each says why." if idle else ""
