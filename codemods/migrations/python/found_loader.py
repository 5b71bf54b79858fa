"""Python 3.14 took `pkgutil.find_loader` away; `find_spec` of `importlib.util` tells as well what is there.

The old function asked the new one, and returned the loader of what it found. A call is rewritten where
nothing is done with the result but to see whether there is one: in a condition, or compared with `None`.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import expressions, guards, imports, layout, names, nodes, reach, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Ask importlib whether a module is there",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Where a module cannot be looked for at all, the old function always raised `ImportError`, "
    "and the new one can raise `ValueError`.",
    references=(
        "https://docs.python.org/3/library/importlib.html#importlib.util.find_spec",
        "https://docs.python.org/3/whatsnew/3.14.html#pkgutil",
    ),
    needles=(b"find_loader",),
    pattern=rb"\bpkgutil\b",
    minutes=3,
    crosses=">=3.14",
    since="3.4",
)

_SOURCE = "importlib.util"
_OLD, _NEW = "pkgutil.find_loader", f"{_SOURCE}.find_spec"


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that asks for a specification."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    found = [call for call in nodes.of(module).all(cst.Call) if known.qualified(call.func) == _OLD]
    way = _way(module) if found else None
    for call in found:
        if way and _is_only_asked(call, module) and not guards.for_some_versions(call, module):
            change = partial(_asking, way.expression)
            changes[call] = layout.fitted(module, call, change) or renamed.as_call(change)
    return reach.instead(module, nodes.replaced(module, changes), [way]) if way and changes else module


def _way(module: cst.Module) -> reach.Way | None:
    """Return how the function is named: in full where its module is imported so."""
    plain = (node for node in imports.of(module.body) if isinstance(node, cst.Import))
    aliases = (alias for node in plain for alias in node.names)
    if any(alias.asname is None and names.dotted(alias.name) == _SOURCE for alias in aliases):
        return reach.Way(cst.ensure_type(cst.parse_expression(_NEW), cst.Attribute))
    return reach.to(_NEW, module)


def _asking(func: cst.BaseExpression, call: cst.Call) -> cst.Call:
    return call.with_changes(func=expressions.in_place(func.deep_clone(), call.func))


def _is_only_asked(call: cst.Call, module: cst.Module) -> bool:
    """Say whether nothing but the truth of a call's result, or whether it is None, is of interest."""
    seen = nodes.of(module)
    outer, is_plain = seen.above[call], len(call.args) == 1 and not call.args[0].star
    if not is_plain or call.args[0].keyword:
        return False
    if isinstance(outer, cst.Comparison):
        return outer.left is call and len(outer.comparisons) == 1 and _is_none(outer.comparisons[0])
    if isinstance(outer, cst.UnaryOperation):
        return isinstance(outer.operator, cst.Not)
    if isinstance(outer, cst.If | cst.IfExp | cst.While | cst.Assert):
        return outer.test is call
    above = seen.above.get(outer)
    return isinstance(outer, cst.Arg) and isinstance(above, cst.Call) and _is_bool(above, module)


def _is_none(target: cst.ComparisonTarget) -> bool:
    is_identity = isinstance(target.operator, cst.Is | cst.IsNot)
    return is_identity and isinstance(target.comparator, cst.Name) and target.comparator.value == "None"


def _is_bool(call: cst.Call, module: cst.Module) -> bool:
    return names.of(module).builtin(call.func) == "bool" and len(call.args) == 1
