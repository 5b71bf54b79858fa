"""The configuration of each repository: where it comes from, and whether it has mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from app.pages import paged
from app.pages.view import Cell, Column, Figure, Link, Shown, Table, View, query
from workers.ledger import RepositoryRow

if TYPE_CHECKING:
    from workers import effective

PATH = "/configuration"
NAME = "configuration"
TITLE = "Configuration"

_BROKEN = "mistakes"
_COLUMNS = (
    Column("repository", "Repository"),
    Column("file", "Own file", about="own-file"),
    Column("mistakes", "Mistakes", figure=True, about="mistake"),
    Column("at", "Read"),
)


def show(view: View) -> Shown:
    """Show where the configuration of each comes from; ``state=mistakes`` leaves out what is right."""
    from workers import effective  # noqa: PLC0415 -- loads YAML and models, which a process that starts does not need

    keys = {effective.key(id_): row for id_, row in view.repositories.items()}
    told = view.book.recall(list(keys))
    known = {key: effective.brief(text) for key, text in told.items()}
    broken = [key for key, one in known.items() if one and one.mistakes]
    only = view.query.get("state", "") == _BROKEN
    rows = [_cells(row, known.get(key)) for key, row in keys.items() if not only or key in broken]
    files = sum(one is not None and bool(one.path) for one in known.values())
    empty = "No file has mistakes." if only and keys else "There is no repository that you can see."
    figures = [
        Figure("files", "With a file of their own", files, "own-file", f"{PATH}#repositories"),
        Figure("mistakes", "With mistakes", len(broken), "mistake", f"{PATH}{query(state=_BROKEN)}"),
    ]
    return Shown(
        figures, [paged.cut(view, PATH, Table("repositories", "Repositories", _COLUMNS, rows, empty))]
    )


def _cells(row: RepositoryRow, known: effective.Brief | None) -> Mapping[str, Cell]:
    return {
        "repository": Link(row.full_name, f"{PATH}/{quote(row.full_name)}"),
        "file": (known.path or "none") if known else None,
        "mistakes": known.mistakes if known else None,
        "at": known.at if known else None,
    }
