"""What a page gets to see and what it gives: figures and tables, which are read as HTML, JSON and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from urllib.parse import quote, urlencode

from app.guard import Refused
from app.visitors import Visitor
from workers.evaluation import fates, pausing
from workers.evaluation.fates import Fate
from workers.evaluation.outline import Outline
from workers.ledger import Ledger, ProposalRow, RepositoryRow, Standing
from workers.ledger.pauses import PauseRow
from workers.model import State

ROWS, ALL = 100, 100_000
"""Rows of a long table at once: on a page, and in a file for spreadsheets."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a text must not begin with where a spreadsheet reads it."""


@dataclass(frozen=True, slots=True)
class Link:
    """Words or a number that lead somewhere: to an address of ours, or to GitHub."""

    words: str | int
    href: str


Cell = str | int | float | bool | date | datetime | Link | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its key in JSON and CSV, and its title; ``about`` is the name of a definition."""

    key: str
    title: str
    figure: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; ``more`` is where the rest is, ``empty`` says what it means to have none.

    ``note`` says in a sentence what the rows say, ``chart`` shows it (see `charts`); where that is enough for
    most, the rows are ``folded``.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Cell]]
    empty: str
    more: str = ""
    note: str = ""
    chart: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One number to be seen at a glance; ``about`` names its definition, ``rows`` leads to what it counts.

    ``value`` is what JSON has, ``words`` what people read (the value unless given).
    """

    key: str
    title: str
    value: Cell
    about: str
    rows: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """One thing that a page can be narrowed to: the query's ``key``, and its values with their words."""

    key: str
    title: str
    options: Sequence[tuple[str, str]]
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows: ``values`` are for its template alone.

    ``lead`` is the answer that most people come for, in a sentence or two; ``title`` stands for the page's
    own where it is about one thing.
    """

    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    title: str = ""
    lead: str = ""
    filters: Sequence[Filter] = ()

    def table(self, name: str) -> Table:
        """Return a table by its name, the first for ``""``; Refused where there is none."""
        for table in self.tables:
            if name in ("", table.name):
                return table
        names = ", ".join(table.name for table in self.tables)
        raise Refused(404, f"There is no such table here; there is: {names or 'none'}.")


@dataclass(frozen=True)
class View:
    """Who looks at what: ``query`` is the address's, ``path`` the parts of the path that have a name.

    ``rows`` are those of a long table that they get at once.
    """

    book: Ledger
    visitor: Visitor
    now: datetime
    query: Mapping[str, str] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    rows: int = ROWS

    @cached_property
    def repositories(self) -> Mapping[int, RepositoryRow]:
        """The repositories that they may see and that are not removed, by id, in the order of their names."""
        seen = (
            row
            for row in self.book.repositories()
            if row.state != Standing.REMOVED and self.visitor.may(row.id)
        )
        return {row.id: row for row in sorted(seen, key=lambda row: row.full_name.lower())}

    @cached_property
    def repository(self) -> RepositoryRow:
        """The one that the path names; whoever may not see it does not learn that it is there."""
        known = self.book.named(self.path["owner"], self.path["name"])
        if known is None or known.state == Standing.REMOVED or not self.visitor.may(known.id):
            raise Refused(404, "There is nothing here.")
        return known

    @cached_property
    def paused(self) -> Mapping[int, PauseRow]:
        """The pauses of these repositories, of those that somebody paused as a whole, by their ids."""
        return {id_: row for id_, row in self.book.pauses.wholes().items() if id_ in self.repositories}

    def standing(self, row: RepositoryRow) -> str:
        """Say how a repository stands: why it is not worked on, or who paused it."""
        stands = f"{row.state}: {row.reason}" if row.reason else row.state
        pause = self.paused.get(row.id)
        if pause is None:
            return stands
        is_all = row.state == Standing.ACTIVE and not row.reason
        return pausing.words(pause) if is_all else f"{stands}; {pausing.words(pause)}"

    @cached_property
    def outlines(self) -> Sequence[Outline]:
        """What became of all pull requests in these repositories, the oldest first."""
        return self.book.outlines.read(self.repositories)

    @cached_property
    def fates(self) -> Mapping[int, Fate]:
        """What became of each of them by now, by its id."""
        return {row.id: fates.fate(row, self.now) for row in self.outlines}

    @cached_property
    def opened(self) -> Sequence[ProposalRow]:
        """The pull requests that are open in these repositories, the newest first."""
        return [
            row for row in self.book.proposals(None, State.OPEN) if row.repository_id in self.repositories
        ]

    def at(self, repository_id: int) -> Link:
        """Return a link to one of these repositories."""
        name = self.repositories[repository_id].full_name
        return Link(name, f"/repositories/{quote(name)}")

    def number(self, name: str, otherwise: int, most: int = 10_000) -> int:
        """Return a number of the query, ``otherwise`` where it is none."""
        given = self.query.get(name, "")
        is_number = given.isascii() and given.isdecimal() and len(given) <= len(str(most))
        return min(int(given), most) if is_number else otherwise


def query(**values: object) -> str:
    """Return ``?a=1&b=2`` of what is not empty, ``""`` where all is."""
    said = urlencode({name: str(value) for name, value in values.items() if value not in (None, "")})
    return f"?{said}" if said else ""


def as_json(name: str, now: datetime, shown: Shown) -> Mapping[str, object]:
    """Return a page as JSON has it; what leads somewhere has its address beside it."""
    figures = {figure.key: _plain(figure.value) for figure in shown.figures}
    tables = {table.name: [dict(_pairs(table, row)) for row in table.rows] for table in shown.tables}
    return {"version": 1, "page": name, "at": now.isoformat(), "figures": figures, **tables}


def _pairs(table: Table, row: Mapping[str, Cell]) -> Iterator[tuple[str, object]]:
    for column in table.columns:
        value = row.get(column.key)
        yield column.key, _plain(value)
        if isinstance(value, Link):
            yield f"{column.key}_url", value.href


def _plain(value: Cell) -> object:
    if isinstance(value, Link):
        return value.words
    return value.isoformat() if isinstance(value, date) else value


def as_csv(table: Table) -> str:
    """Return a table as CSV; no text of it is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.key for column in table.columns])
    for row in table.rows:
        writer.writerow([_inert(_plain(row.get(column.key))) for column in table.columns])
    return out.getvalue()


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
