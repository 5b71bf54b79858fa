"""`np.float`, `np.int`, `np.object` and their like were Python's own types until NumPy 1.24 took them away.

There they raise `AttributeError`. The built-in is the same object, so nothing changes, whichever NumPy is
installed. `np.bool` and `np.long` came back in NumPy 2 and mean something else: they are rewritten only where
a NumPy before 2 may be installed.
"""

from __future__ import annotations

import libcst as cst
from packaging.version import Version

from codemods import alignment, guards, leftovers, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Use Python's own types, not NumPy's old aliases of them",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: each alias was the built-in itself.",
    references=(
        "https://numpy.org/doc/stable/release/1.20.0-notes.html#deprecations",
        "https://docs.astral.sh/ruff/rules/numpy-deprecated-type-alias/",
    ),
    needles=(b"numpy",),
    pattern=rb"\.(?:bool|int|float|complex|object|str|long|unicode)\b",
    codes=("NPY001",),
    minutes=2,
    crosses=">=1.24",
    since="1.17",
)

_BUILTINS = {
    **{f"numpy.{name}": name for name in ("bool", "int", "float", "complex", "object", "str")},
    "numpy.long": "int",
    "numpy.unicode": "str",
}
_CAME_BACK = {"numpy.bool": Version("2"), "numpy.long": Version("2")}


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with the built-in types by their own names."""
    lowest = facts.dependencies.get("numpy")
    known, seen, texts = names.of(module), nodes.of(module), dict[cst.CSTNode, str]()
    for node in seen.all(cst.Attribute):
        full = known.qualified(node) or ""
        back = _CAME_BACK.get(full)
        if full not in _BUILTINS or (back and (lowest is None or lowest >= back)):
            continue
        is_given = nodes.is_set(node, seen.above[node])
        is_free = known.builtin(cst.Name(_BUILTINS[full])) and not node.lpar and not is_given
        if is_free and not guards.for_some_versions(node, module):
            texts[node] = _BUILTINS[full]
    return leftovers.tidied(module, alignment.renamed(module, texts)) if texts else module
