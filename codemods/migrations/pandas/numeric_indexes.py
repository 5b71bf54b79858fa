"""`pd.Index(values, dtype="int64")` makes what `pd.Int64Index(values)` did, which pandas 2 has no more.

`UInt64Index` and `Float64Index` are gone as well. In pandas 1 the new way makes an object of the old class.
It changes where an index is made of values; what asks whether something is of the class (`isinstance`) is
left to a person, who asks for the `dtype` instead.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, guards, layout, leftovers, names, nodes, reach
from codemods.layout import CallChange
from codemods.migrations.pandas import calls
from codemods.model import About, Applicability, Category, Facts
from codemods.reach import Way

ABOUT = About(
    title="Make numeric indexes with pd.Index",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A `range` becomes a `RangeIndex`, and fractions raise `ValueError` in place of `TypeError`.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v2.0.0.html#index-can-now-hold-numpy-numeric-dtypes",
        "https://pandas.pydata.org/docs/whatsnew/v1.4.0.html#deprecated-int64index-uint64index-float64index",
    ),
    needles=(b"Int64Index", b"UInt64Index", b"Float64Index"),
    minutes=2,
    crosses=">=2",
    since="1.0",
)

_KINDS = {"Int64Index": "int64", "UInt64Index": "uint64", "Float64Index": "float64"}
_CLASSES = {
    f"{room}.{name}": kind
    for room in ("pandas", "pandas.core.indexes.numeric", "pandas.core.indexes.api")
    for name, kind in _KINDS.items()
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that makes its indexes of numbers with `Index`."""
    known, changes, way = (
        names.of(module),
        dict[cst.CSTNode, nodes.Change](),
        reach.to("pandas.Index", module),
    )
    for call in nodes.of(module).all(cst.Call) if way else ():
        kind = _CLASSES.get(known.qualified(call.func) or "")
        if way and kind and _is_plain(call) and not guards.for_some_versions(call, module):
            change = _made(way, layout.quoted(module, kind))
            changes[call] = calls.fitted(module, call, change)
    if not way or not changes:
        return module
    return leftovers.tidied(module, reach.brought(nodes.replaced(module, changes), [way]))


def _is_plain(call: cst.Call) -> bool:
    """Say whether an index is made of values, by position, and keeps their kind."""
    is_one = len(arguments.positional(call)) == 1 and not call.args[0].keyword
    return is_one and calls.given(call) <= {"name", "copy"} and not nodes.comments(call)


def _made(way: Way, kind: cst.SimpleString) -> CallChange:
    """Return what calls `Index`, with the kind of numbers behind the values."""

    def change(updated: cst.Call) -> cst.Call:
        first, *others = updated.args
        alone = arguments.appended(updated.with_changes(args=[first]), arguments.keyword("dtype", kind))
        if others:
            between = [arg.with_changes(comma=first.comma) for arg in alone.args]
            return updated.with_changes(func=way.expression.deep_clone(), args=[*between, *others])
        return alone.with_changes(func=way.expression.deep_clone())

    return change
