"""Knows when what a project stands on began and when it gets its last fix: what `lifecycle.toml` says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from codemods.pythons import Minor

PYTHON = "python"


@dataclass(frozen=True, slots=True)
class Cycle:
    """One series: its version as its makers write it, its first day and that of its last fix.

    ``begins`` is None where it is not known; ``patch`` is a release of it that there is, ``""`` where none
    is written down.
    """

    version: str
    begins: date | None
    ends: date
    patch: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """Something with a life of its own: its series by version, oldest first, and the address of their source.

    ``words`` are other names of its series.
    """

    name: str
    source: str
    cycles: Mapping[str, Cycle]
    words: Mapping[str, str] = field(default_factory=dict)

    def cycle(self, version: str) -> Cycle | None:
        """Return the series that a version, or a word, belongs to; None for one that is not known."""
        said = self.words.get(version, version)
        parts = said.split(".")
        found = (self.cycles.get(".".join(parts[:n])) for n in range(len(parts), 0, -1))
        return next((cycle for cycle in found if cycle), None)


@cache
def known() -> Mapping[str, Product]:
    """Return what is written down, by the name of its table."""
    return read((files("codemods") / "lifecycle.toml").read_text("utf-8"))


def read(text: str) -> Mapping[str, Product]:
    """Read a calendar; ValueError for a day that is none."""
    tables = tomllib.loads(text)
    tables.pop("said", None)
    return {name: _product(table) for name, table in tables.items()}


def _product(table: Mapping[str, object]) -> Product:
    cycles: list[list[str]] = table["cycles"]  # type: ignore[assignment]  # the shape of the file
    words: Mapping[str, str] = table.get("words", {})  # type: ignore[assignment]  # see above
    made = [Cycle(v, date.fromisoformat(b) if b else None, date.fromisoformat(e), p) for v, b, e, p in cycles]
    return Product(str(table["name"]), str(table["source"]), {c.version: c for c in made}, words)


def pythons() -> Mapping[Minor, Cycle]:
    """Return the series of CPython, oldest first."""
    return {_minor(version): cycle for version, cycle in known()[PYTHON].cycles.items()}


def _minor(version: str) -> Minor:
    major, minor = version.split(".")
    return int(major), int(minor)


def last_fix(ends: date, today: date) -> str:
    """Return when the last fix of a series is, or was, as the end of a sentence about it."""
    return f"gets its last fix on {ends}" if today < ends else f"has had no fixes since {ends}"


def lowest(today: date, days: int) -> Minor | None:
    """Return the lowest Python that gets fixes for more than so many days yet; None beyond the calendar."""
    alive = (m for m, c in pythons().items() if c.begins and c.begins <= today < c.ends - timedelta(days))
    return min(alive, default=None)
