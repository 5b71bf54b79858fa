"""Knows which distributions were renamed, superseded or given up: what `manifests/replacements.toml` says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from codemods import manifests
from codemods.manifests.model import Clause

ALWAYS = "always"
PYTHON = "python"


class Kind(StrEnum):
    """What takes a distribution's place, and so what has to change."""

    SAME_IMPORT = "same-import"
    OTHER_IMPORT = "other-import"
    STDLIB = "stdlib"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Replacement:
    """One distribution that nobody should ask for any more.

    ``old`` and ``new`` are normalised; ``new`` is a module where the standard library took over, ``""`` where
    nothing did. ``imports`` are the modules that the old one brings. ``trigger`` says when this is true:
    ``always``, or ``NAME>=VERSION`` for a distribution or ``python``. ``versions`` are the numbers that mean
    the same in both (``""``: none do). ``keep``: others may look for it without asking for it, so that only a
    person can tell whether a line may go. ``traces`` are words in configuration that mean it is in use.
    """

    old: str
    new: str
    kind: Kind
    trigger: str
    source: str
    why: str
    imports: tuple[str, ...] = ()
    versions: str = ""
    keep: bool = False
    traces: tuple[str, ...] = ()

    @property
    def since(self) -> tuple[str, Version] | None:
        """What the trigger waits for: a name and its version; None when it waits for nothing."""
        name, compared, version = self.trigger.partition(">=")
        return (name, Version(version)) if compared else None

    @property
    def is_shadowed(self) -> bool:
        """Whether the standard library is imported in its place, installed or not."""
        return self.imports == (self.new,)

    def carries(self, clauses: tuple[Clause, ...]) -> bool:
        """Say whether a specifier means the same for the new name."""
        same = SpecifierSet(self.versions, prereleases=True)
        return not clauses or bool(self.versions and all(_within(same, c) for c in clauses))


def _within(same: SpecifierSet, clause: Clause) -> bool:
    # What is not a plain version number (a wildcard, a pin by ===) is left to a person.
    return clause.operator != "===" and not clause.version.endswith("*") and same.contains(clause.version)


def read(text: str) -> Mapping[str, Replacement]:
    """Return the replacements of a TOML text by their old name; TypeError for a key that is none."""
    return {old: _replacement(old, entry) for old, entry in tomllib.loads(text).items()}


def _replacement(old: str, entry: Mapping[str, object]) -> Replacement:
    plain = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Replacement(**{**plain, "old": old, "kind": Kind(str(entry.get("kind")))})  # type: ignore[arg-type]


@cache
def known() -> Mapping[str, Replacement]:
    """Return all replacements that are known."""
    return read((files(manifests) / "replacements.toml").read_text("utf-8"))
