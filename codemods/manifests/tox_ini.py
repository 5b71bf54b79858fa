"""tox.ini: what the environments of tox install, one requirement a line, with or without factors."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from codemods.manifests import addresses, comments, pep508, setup_cfg
from codemods.manifests.model import Change, Manifest, Requirement, Role, clause_splices
from codemods.model import Problem, Splice

FILES = ("tox.ini",)

_FACTORS = re.compile(r"\s*(!?[\w.{}-]+(?:\s*,\s*!?[\w.{}-]+)*)\s*:(?!/)\s*")
_OPTION = re.compile(r"(-r|--requirement|-c|--constraint)[ =]?\s*(\S+)$")
_HERE = re.compile(r"^\{(?:toxinidir|tox_root)\}/?")


@dataclass
class _Found:
    """What the lines of one file came to."""

    requirements: list[Requirement] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    private: set[str] = field(default_factory=set)


def read(path: str, data: bytes) -> Manifest:
    """Return what a tox.ini declares."""
    if b"\0" in data:
        return Manifest(path, problems=(Problem(path, 1, "skipped: it holds NUL bytes"),))
    found = _Found()
    for value in setup_cfg.values(data):
        role = _role(value)
        if role is not None:
            _take(path, value, role, found)
    sections = dict.fromkeys(r.section for r in found.requirements)
    return Manifest(
        path,
        tuple(found.requirements),
        tuple(found.includes),
        tuple(found.constraints),
        private=frozenset(found.private),
        # A line under a factor comes on top of the others of its section.
        extends=tuple((s, (s.partition("|")[0],)) for s in sections if "|" in s),
    )


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change a requirement."""
    return clause_splices(requirement, change)


def _role(value: setup_cfg.Value) -> Role | None:
    if value.key == "deps":
        return Role.DEVELOPMENT
    return Role.BUILD if (value.section, value.key) == ("tox", "requires") else None


def _take(path: str, value: setup_cfg.Value, role: Role, found: _Found) -> None:
    factors = _FACTORS.match(value.text) if role is Role.DEVELOPMENT else None
    start = factors.end() if factors else 0
    text = value.text[start:]
    if option := _OPTION.match(text.strip()):
        file = _HERE.sub("", option[2])
        if "{" not in file:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file))
            (found.includes if option[1] in {"-r", "--requirement"} else found.constraints).append(target)
        return
    if name := addresses.egg(text):
        found.private.add(name)
    located = pep508.locate(text, value.start + start)
    if located is None or "{" in text:
        return
    if located.direct:
        found.private.add(located.name)
        return
    section = f"{value.section}|{factors[1]}" if factors else value.section
    capped = any(c.operator in {"<", "<="} for c in located.clauses)
    comment = comments.hold(value.comment, value.above, capped=capped)
    held = f"the comment `{comment}`" if comment else ""
    found.requirements.append(
        Requirement(
            located.name,
            path,
            value.number,
            located.clauses,
            role,
            section,
            located.marker,
            # A factor is there to test with that very version.
            held or (f"the factor `{factors[1]}`, which is about that version" if factors else ""),
            extras=located.extras,
            named=located.named,
        )
    )
