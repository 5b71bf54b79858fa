"""`mock` is the standard library's `unittest.mock`, released once more for older Pythons.

All that a test module uses of it has been in the standard library since before the oldest Python that this
project supports. Imported from there, the tests need one package less, and they test with the very code that
the running Python documents.

A module is changed as a whole or not at all: `sentinel` and `DEFAULT` of the two libraries are not the same
objects. Left alone is one that uses something else of `mock` (its version, its inner module), that imports it
within a function or a `try`, or that uses a name which came with a later Python, such as `ThreadingMock`.
"""

from __future__ import annotations

import libcst as cst

from codemods import moved, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Import mock from the standard library",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Mocks behave as in the running Python; a test may rely on what an older or newer `mock` does.",
    references=(
        "https://docs.python.org/3/library/unittest.mock.html",
        "https://mock.readthedocs.io/en/latest/",
        "https://docs.astral.sh/ruff/rules/deprecated-mock-import/",
    ),
    needles=(b"mock",),
    pattern=rb"(?m)(?:^|\xbf)(?:from[ \t]+mock[ \t]+import\b|import[ \t][^\n]*\bmock\b)",
    requires_python=(3, 8),
    codes=("UP026",),
    minutes=2,
)

_THERE = frozenset(
    (
        *("ANY", "AsyncMock", "DEFAULT", "FILTER_DIR", "MagicMock", "Mock", "NonCallableMagicMock"),
        *("NonCallableMock", "PropertyMock", "call", "create_autospec", "mock_open", "patch", "seal"),
        "sentinel",
    )
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with its mocks from the standard library."""
    ours = moved.whole(module, "mock")
    lines = [_line(local, full) for local, full in ours.items()]
    alike = bool(ours) and all(_is_there(local, full, module) for local, full in ours.items())
    movable = alike and all(moved.may_go(module, local, stays=True) for local in ours)
    return moved.swapped(module, ours, lines) if movable else module


def _is_there(local: str, full: str, module: cst.Module) -> bool:
    """Say whether the standard library has all that is used of a name."""
    if full != "mock":
        return full.removeprefix("mock.") in _THERE
    above = nodes.of(module).above
    outers = [above[use] for use in names.of(module).uses(local)]
    return all(isinstance(n, cst.Attribute) and n.attr.value in _THERE for n in outers)


def _line(local: str, full: str) -> str:
    source, _, name = f"unittest.{full}".rpartition(".")
    return f"from {source} import {name}" + (f" as {local}" if local != name else "")
