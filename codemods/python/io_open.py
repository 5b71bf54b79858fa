"""In Python 3, `io.open` is the built-in `open` itself: the detour was for Python 2, which had another one.

Readers who remember that wonder which encoding or buffering is meant to differ, and find that none does. An
import of `io` that nothing else needs goes, and so does `from io import open`.

A module that calls something else `open`, if only a method, is left alone, and so are the names of functions
that are imported under another one, branches for other Pythons, and `codecs.open`, which differs.
"""

from __future__ import annotations

import libcst as cst

from codemods import alignment, guards, leftovers, names, nodes, writing
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Open files with the built-in open",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None in the code itself: a test that replaces `io.open` would have to replace `open`.",
    references=(
        "https://docs.python.org/3/library/io.html#io.open",
        "https://docs.astral.sh/ruff/rules/open-alias/",
    ),
    needles=(b"io",),
    pattern=rb"\bio\.open\b|\bfrom[ \t]+io[ \t]+import\b[^\n]*\bopen\b|\bimport[ \t]+io[ \t]+as\b",
    requires_python=(3, 0),
    codes=("UP020", "UP029"),
    minutes=1,
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that opens files with the built-in function."""
    known = names.of(module)
    if known.local("io.open") == "open" and known.bindings("open") == 1:
        return _without_import(module)
    if known.builtin(cst.Name("open")) is None:
        return module
    dotted = [n for n in nodes.of(module).all(cst.Attribute) if n.attr.value == "open"]
    found = [n for n in dotted if known.qualified(n) == "io.open" and _is_read(n, module)]
    return leftovers.tidied(module, alignment.written(module, dict.fromkeys(found, "open")))


def _is_read(node: cst.Attribute, module: cst.Module) -> bool:
    """Say whether a name is read, on whatever Python: nobody replaces the function here."""
    outer = nodes.of(module).above[node]
    replaced = isinstance(outer, cst.AssignTarget | cst.AnnAssign | cst.Del)
    silent = guards.silenced(node, module, ABOUT, "io-open")
    return not replaced and not silent and not guards.for_some_pythons(node, module)


def _without_import(module: cst.Module) -> cst.Module:
    """Return the module without the import of the function: its name is the built-in's."""
    known = names.of(module)
    used = [n for n in known.uses("open") if isinstance(nodes.of(module).above[n], cst.Call)]
    spoken = leftovers.mentioned(writing.source(module), nodes.walk(module), {"open"})
    if not used or spoken or not leftovers.removable(module, "open"):
        return module
    return leftovers.without(module, {"open"})
