"""`tomllib` is `tomli`, taken into the standard library of Python 3.11.

This project supports no Python without it, so reading TOML needs no dependency any more: both have `load`,
`loads` and `TOMLDecodeError`, and want files that are opened in binary mode.

The errors of the two are different classes, both derived from `ValueError`, and tomli's wheels are compiled,
which is faster for large files. A module is changed as a whole or not at all: one that imports tomli within
a function, a `try` or a condition is left alone, and so is one that uses anything else of it or hands it on.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import alignment, layout, moved, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Read TOML with the standard library",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Errors are `tomllib.TOMLDecodeError`: code elsewhere that catches the one of `tomli` misses them.",
    references=(
        "https://docs.python.org/3/library/tomllib.html",
        "https://peps.python.org/pep-0680/",
        "https://github.com/hukkin/tomli",
    ),
    needles=(b"tomli",),
    requires_python=(3, 11),
    minutes=2,
)

_THERE = frozenset(("load", "loads", "TOMLDecodeError"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with `tomllib` in place of `tomli`."""
    ours = moved.whole(module, "tomli")
    known, seen = names.of(module), nodes.of(module)
    renamed = [use for local, full in ours.items() if local == full for use in known.uses(local)]
    if not ours or not all(_is_there(full, local, known, seen) for local, full in ours.items()):
        return module
    if renamed and known.local("tomllib") != "tomllib" and not known.free("tomllib"):
        return module
    if not all(moved.may_go(module, local, stays=local != full) for local, full in ours.items()):
        return module
    if any(alignment.holds(module, n) or not layout.has_room(module, n, 2) for n in renamed):
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {n: partial(_renamed, "tomllib") for n in renamed}
    lines = [_line(local, full) for local, full in ours.items()]
    return moved.swapped(nodes.replaced(module, changes), ours, lines)


def _is_there(full: str, local: str, known: names.Names, seen: nodes.Seen) -> bool:
    """Say whether the standard library has all that is used of a name."""
    if full != "tomli":
        return full.removeprefix("tomli.") in _THERE
    outers = [seen.above[use] for use in known.uses(local)]
    return all(isinstance(n, cst.Attribute) and n.attr.value in _THERE for n in outers)


def _renamed(name: str, updated: cst.CSTNode) -> cst.CSTNode:
    return cst.ensure_type(updated, cst.Name).with_changes(value=name)


def _line(local: str, full: str) -> str:
    if full == "tomli":
        return "import tomllib" if local in {"tomli", "tomllib"} else f"import tomllib as {local}"
    name = full.removeprefix("tomli.")
    return f"from tomllib import {name}" + (f" as {local}" if local != name else "")
