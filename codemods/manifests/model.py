"""What every format of dependency file has in common: requirements with their places in the bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from codemods.model import Problem, Splice


class Role(Enum):
    """What a requirement is there for, which decides how its specifier may change."""

    INSTALL = "install"
    LIBRARY = "library"
    DEVELOPMENT = "development"
    BUILD = "build"
    CONSTRAINT = "constraint"


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison of a specifier; its bytes are ``start`` to ``end``, its version's ``at`` to ``end``."""

    operator: str
    version: str
    start: int
    at: int
    end: int

    @property
    def text(self) -> str:
        """The comparison without blanks."""
        return self.operator + self.version


@dataclass(frozen=True, slots=True)
class Hash:
    """One ``--hash`` option of a line: the digest's algorithm and value, and the bytes of the option."""

    algorithm: str
    digest: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement as a file writes it.

    ``name`` is normalised; ``section`` says where in the file (``project.dependencies``, ``""`` where a file
    has no sections); ``hold`` is the comment that asks to leave it alone, ``""`` without one.
    """

    name: str
    path: str
    line: int
    clauses: tuple[Clause, ...]
    role: Role
    section: str = ""
    marker: str = ""
    hold: str = ""
    hashes: tuple[Hash, ...] = ()

    @property
    def specifier(self) -> str:
        """The clauses joined as PEP 440 writes them."""
        return ",".join(c.text for c in self.clauses)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One dependency file.

    ``includes`` and ``constraints`` are the paths it names; ``indexes`` the addresses (without credentials)
    of package indexes it names; ``private`` the normalised names it takes from anywhere but an index;
    ``sealed`` says why no hand may edit it, ``""`` when one may; ``own`` is the name of its project.
    """

    path: str
    requirements: tuple[Requirement, ...] = ()
    includes: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    private: frozenset[str] = frozenset()
    sealed: str = ""
    own: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """The new text of some clauses of one requirement, by index, and its new sha256 digests if it has any."""

    clauses: tuple[tuple[int, str], ...]
    hashes: tuple[str, ...] = ()


class Format(Protocol):
    """A module of `codemods.manifests` that has ``FILES``: globs of the paths it reads.

    A glob without a slash is about a file's name in any folder; one with a slash about the end of its path,
    where ``*`` crosses folders.
    """

    FILES: tuple[str, ...]

    def read(self, path: str, data: bytes) -> Manifest:
        """Return what a file declares; what cannot be read is among its problems."""

    def write(self, data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:
        """Return the splices that change one requirement."""


def clause_splices(requirement: Requirement, change: Change) -> list[Splice]:
    """Return the splices for the clauses alone: only the version where the operator stays."""
    splices = []
    for index, text in change.clauses:
        clause = requirement.clauses[index]
        if text.startswith(clause.operator) and text[len(clause.operator)].isdigit():
            splices.append(Splice(clause.at, clause.end, text[len(clause.operator) :].encode()))
        else:
            splices.append(Splice(clause.start, clause.end, text.encode()))
    return splices
