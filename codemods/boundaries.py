"""What changes in a library at a version: values, and the data that stand beside its migrations."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from packaging.version import InvalidVersion, Version

FILE = "changes.toml"
"""Stands in the folder of a distribution's migrations."""
PYTHON = "python"
"""The standard library counts as a distribution of this name; its versions are those of Python."""


@dataclass(frozen=True, slots=True)
class Change:
    """A part of a library's interface that is another, or gone, from version ``at`` on.

    ``name`` is dotted as code that imports it would write it (``pydantic.BaseSettings``), with a keyword in
    parentheses (``pydantic.Field(regex=)``) where the change is about one argument. ``what`` are words that
    follow the name, ``by`` is the migration that rewrites it (``""``: none), ``hand`` says in a sentence what
    a person has to do where none did, ``url`` where to read more.

    ``beyond``: only calls notice it that give more arguments by position than that. ``lacks``: only calls do
    that do not give this keyword, neither by name nor as the argument of this position (from 0; -1: none).
    ``unless``: the distributions (normalised names) that bring it back; who requires one does not notice it.
    """

    name: str
    at: Version
    what: str
    by: str = ""
    hand: str = ""
    url: str = ""
    beyond: int | None = None
    lacks: int | None = None
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What behaves differently from version ``at`` on, though no name says so.

    ``text`` is a sentence or two, ``uses`` are names as in `Change`: it is told to who uses one of them (of
    one of the library's ``modules``: to who imports it), and to everybody where there are none. ``url`` is
    its source. Where nobody can tell from a repository whether it is concerned, nor do anything about it
    beforehand, it ``hinders`` no upgrade from being a small one.
    """

    at: Version
    text: str
    url: str
    uses: tuple[str, ...] = ()
    hinders: bool = True


@dataclass(frozen=True, slots=True)
class Boundary:
    """All that is known of a distribution's changes; ``modules`` are the names that code imports it by.

    ``standard`` says that it is the standard library: what goes is a part of it, and code that is ready for
    its absence does not notice.
    """

    modules: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    notes: tuple[Note, ...] = ()
    standard: bool = False

    def between(self, before: Version, after: Version) -> Boundary:
        """Return what changes on the way from one version to another."""
        return replace(
            self,
            changes=tuple(c for c in self.changes if before < c.at <= after),
            notes=tuple(n for n in self.notes if before < n.at <= after),
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is used; ``line`` counts from 1."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Used:
    """A change that a repository notices: where it used the name, and where it still does afterwards.

    ``rewritten`` are the places that migrations changed for it, so that it is met there no more.
    """

    change: Change
    before: tuple[Place, ...]
    after: tuple[Place, ...]
    rewritten: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """What an upgrade means for the code of one repository.

    ``used`` are the changes that it notices, ``unused`` is how many it does not; ``notes`` are those that
    concern it. ``unread`` are files that could not be judged. ``compared`` says that the public names of both
    releases were compared, so that nothing by name is missing; ``uncompared`` says why nobody could.
    ``lowest`` is the version for which code stays that a migration would have changed (None: for none).
    """

    used: tuple[Used, ...] = ()
    unused: int = 0
    notes: tuple[Note, ...] = ()
    unread: tuple[str, ...] = ()
    compared: bool = False
    uncompared: str = ""
    lowest: Version | None = None

    @property
    def is_harmless(self) -> bool:
        """Whether nothing that changed is used, as far as names tell."""
        noted = any(note.hinders for note in self.notes)
        return not (self.used or noted or self.unread or self.uncompared)


@dataclass(frozen=True, slots=True)
class Brought:
    """A migration that a library brought itself and that was applied; all but the ``id`` its makers wrote."""

    id: str
    title: str
    why: str
    risk: str


def distributions() -> tuple[str, ...]:
    """Return the normalised names of the distributions whose changes are written down."""
    folder = files("codemods") / "migrations"
    found = (e.name for e in folder.iterdir() if e.is_dir() and (e / FILE).is_file())
    return tuple(sorted(name.replace("_", "-") for name in found))


@cache
def of(distribution: str) -> Boundary | None:
    """Return what is known of a distribution, by its normalised name; None where nothing is."""
    file = files("codemods") / "migrations" / distribution.replace("-", "_") / FILE
    if not file.is_file():
        return None
    return replace(read(file.read_text("utf-8")), standard=distribution == PYTHON)


def read(text: str) -> Boundary:
    """Read a ``changes.toml``: ``modules``, tables ``change`` and ``note``; ValueError says what is wrong."""
    found = tomllib.loads(text)
    if unknown := sorted(found.keys() - {"modules", "change", "note"}):
        raise ValueError(f"{unknown[0]} is none of modules, change and note")
    return parsed(found)


def parsed(found: Mapping[str, Any]) -> Boundary:
    """Return what the tables of such a file say."""
    return Boundary(
        tuple(found.get("modules", ())),
        tuple(_change(entry) for entry in _tables(found, "change")),
        tuple(_note(entry) for entry in _tables(found, "note")),
    )


def _tables(found: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    tables: Sequence[Mapping[str, Any]] = found.get(name, ())
    return tables


def _change(entry: Mapping[str, Any]) -> Change:
    try:
        given = {"at": Version(entry["at"]), "unless": tuple(entry.get("unless", ()))}
        return Change(**{**entry, **given})
    except (TypeError, KeyError, InvalidVersion) as error:
        raise ValueError(f"change {entry.get('name', entry)}: {error}") from error


def _note(entry: Mapping[str, Any]) -> Note:
    try:
        return Note(**{**entry, "at": Version(entry["at"]), "uses": tuple(entry.get("uses", ()))})
    except (TypeError, KeyError, InvalidVersion) as error:
        raise ValueError(f"note {entry.get('text', entry)}: {error}") from error
