"""The overview: how many repositories are looked at, and what is open there."""

from __future__ import annotations

from collections.abc import Mapping

from app.pages.view import Cell, Column, Figure, Link, Shown, Table, View

PATH = "/"
NAME = "overview"
TITLE = "Overview"

_COLUMNS = (Column("repository", "Repository"), Column("open", "Open", figure=True))


def show(view: View) -> Shown:
    """Show what is open, by repository."""
    counted = view.book.proposals(None, "open")
    opened = [row for row in counted if row.repository_id in view.repositories]
    figures = [
        Figure("repositories", "Repositories", len(view.repositories), "repository", "/repositories"),
        Figure("open", "Open pull requests", len(opened), "open", "/pulls?state=open"),
    ]
    rows: list[Mapping[str, Cell]] = [
        {
            "repository": Link(known.full_name, f"/repositories/{known.full_name}"),
            "open": sum(row.repository_id == known.id for row in opened),
        }
        for known in list(view.repositories.values())[:20]
    ]
    table = Table("busiest", "Where most is open", _COLUMNS, rows, "Nothing is open.", "/repositories")
    return Shown(figures, [table])
