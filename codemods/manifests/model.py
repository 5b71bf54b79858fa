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
    """One comparison of a specifier; its bytes are ``start`` to ``end``, its version's ``at`` to ``end``.

    ``meaning`` is its PEP 440 text where a file writes it in a notation of its own (poetry's carets), ``""``
    where ``operator`` and ``version`` are that.
    """

    operator: str
    version: str
    start: int
    at: int
    end: int
    meaning: str = ""

    @property
    def text(self) -> str:
        """The comparison as PEP 440 writes it, without blanks."""
        return self.meaning or self.written

    @property
    def written(self) -> str:
        """The comparison in the notation of its file, without blanks."""
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
    has no sections): what stands in one section is installed together; ``hold`` is the comment that asks to
    leave it alone, ``""`` without one; ``extras`` are normalised; ``named`` are the bytes that the name
    stands in, None where a format does not say.
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
    extras: tuple[str, ...] = ()
    named: tuple[int, int] | None = None

    @property
    def specifier(self) -> str:
        """The clauses joined as PEP 440 writes them."""
        return ",".join(c.text for c in self.clauses)

    @property
    def written(self) -> str:
        """The clauses joined in the notation of their file."""
        return ",".join(c.written for c in self.clauses)


@dataclass(frozen=True, slots=True)
class Reference:
    """A version of something that is no distribution, as a file writes it: an action, a hook, an image.

    ``address`` is what `codemods.model.Facts.releases` knows it by, such as
    ``git+https://github.com/actions/checkout`` or ``image+docker.io/library/python``. ``version`` is the tag
    or digest as written, between the bytes ``at`` and ``end``; where that is a digest, ``said`` is the tag
    that a comment or the text before it names, between ``said_at`` and ``said_end`` (``""`` and 0 without
    one). ``name`` is what people call it.
    """

    name: str
    address: str
    path: str
    line: int
    version: str
    at: int
    end: int
    said: str = ""
    said_at: int = 0
    said_end: int = 0
    section: str = ""
    hold: str = ""


@dataclass(frozen=True, slots=True)
class Locked:
    """One distribution in a lock file: its normalised name, its version, the line of its entry (from 1).

    ``via`` are the distributions that need it, as far as the file says.
    """

    name: str
    version: str
    line: int
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """What a lock file says of itself: the ``tool`` that writes it, and what it locks.

    ``tool`` is ``uv``, ``poetry``, ``pdm``, ``pipenv``, ``pip-compile`` or ``uv pip compile``; ``written_by``
    the version or revision that the file names, ``""`` without one; ``command`` the command line in its
    header; ``sources`` are the paths of all files that it is written from. ``mentions`` are paths as the file
    writes them, from the ``folder`` that the tool ran in (which other files tell). A name can be locked more
    than once, for different environments.
    """

    tool: str
    written_by: str = ""
    command: str = ""
    locked: tuple[Locked, ...] = ()
    sources: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One dependency file.

    ``includes`` and ``constraints`` are the paths it names; ``indexes`` the addresses (without credentials)
    of package indexes it names; ``private`` the normalised names it takes from anywhere but an index;
    ``sealed`` says why no hand may edit it, ``""`` when one may; ``own`` is the name of its project.
    ``extends`` names for a section those whose requirements are installed with it (an extra: the project's
    own dependencies). ``lock`` is there for files that a tool writes, and ``locks`` are the paths of those
    that are written from this one. Where it is ``isolated``, each of its sections is installed into an
    environment of its own.
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
    references: tuple[Reference, ...] = ()
    extends: tuple[tuple[str, tuple[str, ...]], ...] = ()
    lock: Lock | None = None
    locks: tuple[str, ...] = ()
    isolated: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """The new text of some clauses of one requirement, by index, and its new sha256 digests if it has any.

    ``name`` is its new name, ``""`` where it keeps the one it has.
    """

    clauses: tuple[tuple[int, str], ...]
    hashes: tuple[str, ...] = ()
    name: str = ""


class Format(Protocol):
    """A module of `codemods.manifests` that has ``FILES``: globs of the paths it reads.

    A glob without a slash is about a file's name in any folder; one with a slash about the end of its path,
    where ``*`` crosses folders. A module may also have ``NEEDLES``: then a file without any of these bytes is
    none of its own. Where several formats match a path, the one with the longest glob reads it.
    """

    FILES: tuple[str, ...]

    def read(self, path: str, data: bytes) -> Manifest:
        """Return what a file declares; what cannot be read is among its problems."""

    def write(self, data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:
        """Return the splices that change one requirement."""


def clause_splices(requirement: Requirement, change: Change) -> list[Splice]:
    """Return the splices for the name and the clauses: only the version where the operator stays."""
    splices = []
    if change.name and requirement.named:
        splices.append(Splice(*requirement.named, change.name.encode()))
    for index, text in change.clauses:
        clause = requirement.clauses[index]
        if text.startswith(clause.operator) and text[len(clause.operator)].isdigit():
            splices.append(Splice(clause.at, clause.end, text[len(clause.operator) :].encode()))
        else:
            splices.append(Splice(clause.start, clause.end, text.encode()))
    return splices
