"""Tells whether a module may still have to run on Python 2, where what is new is no syntax at all."""

from __future__ import annotations

import libcst as cst

from codemods import imports, names, scopes
from codemods.pythons import Minor

_FUTURES = frozenset(
    f"__future__.{name}" for name in ("absolute_import", "division", "print_function", "unicode_literals")
)
_TRACES = ("__metaclass__", "unicode", "basestring", "PY2", "xrange")


def may_run_on_python_2(module: cst.Module, floor: Minor | None) -> bool:
    """Say whether Python 2 may run a module: a project that declares no floor tells it by its traces."""
    if floor is not None:
        return floor < (3, 0)
    known = names.of(module)
    if any(known.uses(name) for name in _TRACES):
        return True
    full = {f for n in imports.of(module.body) for f in _imported(n)}
    return not full.isdisjoint(_FUTURES) or any("six" in f.split(".") for f in full)


def _imported(node: cst.Import | cst.ImportFrom) -> list[str]:
    return [full for _, full in scopes.imports(node)]
