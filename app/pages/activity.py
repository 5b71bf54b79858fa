"""The activity: all that happened to repositories, by us and by people, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from app.pages.view import Cell, Column, Filter, Link, Shown, Table, View, query
from workers.ledger.happenings import Happening, Place, Source

PATH = "/activity"
NAME = "activity"
TITLE = "Activity"

_SHA = 12
_COLUMNS = (
    Column("at", "When"),
    Column("source", "From", about="happening"),
    Column("what", "What"),
    Column("about", "About"),
    Column("number", "Pull request", figure=True),
    Column("who", "Who"),
    Column("repository", "Repository"),
    Column("run", "Run", about="run"),
)


_MOST = 5000
"""Rows at once, also of a file: it never ends, and what reads all of it asks `/api/v1/events`."""


def show(view: View) -> Shown:
    """Show a hundred of them before the one that was seen last; ``repository`` and ``source`` narrow them."""
    name, chosen = view.query.get("repository", "").lower(), view.query.get("source", "")
    there = [id_ for id_, row in view.repositories.items() if name in ("", row.full_name.lower())]
    is_all, most = view.visitor.is_local and not name, min(view.rows, _MOST)
    rows = view.book.happenings.read(
        None if is_all else there,
        who="" if name else view.visitor.login,
        sources=[one for one in Source if chosen in ("", one.value)],
        before=_place(view.query.get("before", "")),
        limit=most,
    )
    kept = {key: value for key, value in view.query.items() if key != "before"}
    more = f"{PATH}{query(**kept, before=_said(rows[-1]))}" if len(rows) == most else ""
    empty = "Nothing has happened here." if not view.query else "Nothing of that kind has happened."
    names = [(row.full_name, row.full_name) for row in view.repositories.values()]
    pages = view.book.happenings.pages(rows)
    cells = [_cells(row, view, pages) for row in rows]
    table = Table("activity", "What happened", _COLUMNS, cells, empty, more)
    sources = Filter("source", "From", [(one.value, one.value) for one in Source], chosen)
    places = Filter("repository", "Repository", names, view.query.get("repository", ""))
    return Shown(tables=[table], filters=[sources, places])


def _cells(row: Happening, view: View, pages: Mapping[tuple[int, int], str]) -> dict[str, Cell]:
    known = view.repositories.get(row.repository_id or 0)
    is_look = row.source is Source.LOOK
    return {
        "at": row.at,
        "source": row.source.value,
        "what": (row.what or "under way") if is_look else row.what,
        "about": row.about[:_SHA] if is_look else row.about or None,
        "number": _number(row, pages),
        "who": row.who,
        "repository": view.at(known.id) if known else None,
        "run": Link(f"run {row.job_id}", f"{PATH}/runs/{row.job_id}") if row.job_id else None,
    }


def _number(row: Happening, pages: Mapping[tuple[int, int], str]) -> Cell:
    if not row.number or row.number < 0:
        return None
    url = pages.get((row.repository_id or 0, row.number))
    return Link(row.number, url) if url else row.number


def _said(row: Happening) -> str:
    return f"{row.at.isoformat()}~{row.source.name}~{row.id}"


def _place(said: str) -> Place | None:
    """Return up to where somebody has read, None where the address says nothing that can be read."""
    with suppress(ValueError, KeyError, OverflowError):
        at, source, id_ = said.split("~")
        moment, number = datetime.fromisoformat(at), int(id_)
        if moment.tzinfo is not None and 0 <= number < 2**63:
            return moment.astimezone(UTC), Source[source], number
    return None
