"""`DataFrame.applymap` is `DataFrame.map` since pandas 2.1, and pandas 3 has the old name no more.

The styler has `map` and `map_index` for `applymap` and `applymap_index`. The arguments are the same. It
changes where it is certain that a frame is asked.
"""

from __future__ import annotations

import libcst as cst

from codemods import alignment, guards, nodes
from codemods.migrations.pandas import frames
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Map the elements of a frame with map",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: it is the same method.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v2.1.0.html#other-deprecations",
        "https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.map.html",
    ),
    needles=(b"applymap", b"applymap_index"),
    pattern=rb"\bpandas\b",
    minutes=1,
    crosses=">=3",
    since="2.1",
)

_OF_STYLES = {"applymap": "map", "applymap_index": "map_index"}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that maps elements by the name that pandas 3 has."""
    texts: dict[cst.CSTNode, str] = {}
    for node in nodes.of(module).all(cst.Attribute):
        new = _OF_STYLES.get(node.attr.value)
        if new and _is_known(node, module) and not guards.for_some_versions(node, module):
            texts[node.attr] = new
    return alignment.renamed(module, texts) if texts else module


def _is_known(node: cst.Attribute, module: cst.Module) -> bool:
    is_of_frame = node.attr.value == "applymap" and frames.is_frame(node.value, module)
    return is_of_frame or _is_style(node.value, module)


def _is_style(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a value is how a frame is styled, or what a method of that returned to go on with."""
    while isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        node = node.func.value
    is_style = isinstance(node, cst.Attribute) and node.attr.value == "style"
    return is_style and frames.is_frame(cst.ensure_type(node, cst.Attribute).value, module)
