"""The repositories, and how they stand."""

from __future__ import annotations

from collections import Counter

from app.pages.view import Column, Shown, Table, View, query

PATH = "/repositories"
NAME = "repositories"
TITLE = "Repositories"

_COLUMNS = (
    Column("repository", "Repository"),
    Column("state", "State", about="state"),
    Column("open", "Open", figure=True, about="open"),
    Column("due", "Next look", about="next-look"),
)


def show(view: View) -> Shown:
    """Show a hundred of them behind the one that was seen last."""
    after = view.query.get("after", "").lower()
    left = [row for row in view.repositories.values() if row.full_name.lower() > after]
    rows = left[: view.rows]
    counted = Counter(row.repository_id for row in view.book.proposals(None, "open"))
    cells = [
        {
            "repository": view.at(row.id),
            "state": view.standing(row),
            "open": counted[row.id],
            "due": row.due,
        }
        for row in rows
    ]
    more = PATH + query(after=rows[-1].full_name) if len(left) > view.rows else ""
    empty = (
        "There is none that you can see here. Install the App on an organisation, and its repositories "
        "appear with the first delivery."
    )
    return Shown(
        tables=[Table("repositories", f"{len(view.repositories)} in all", _COLUMNS, cells, empty, more)]
    )
