"""pandas 2 has no `append`: `frame.append(other)` is `pd.concat([frame, other])`, and was so within.

It changes where it is certain what both are: two frames, two series, a list of them that is written out. A
row that is written out as a dictionary becomes a frame of one row. Whatever else is appended (a row that
comes from elsewhere, a series to a frame) is left to a person, for it needs another call. To append in a loop
copies all rows each time: collect them in a list and make one frame of it, where that is easy.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from codemods import arguments, guards, layout, leftovers, nodes, reach
from codemods.migrations.pandas import calls, frames
from codemods.model import About, Applicability, Category, Facts
from codemods.reach import Way

ABOUT = About(
    title="Put frames together with concat",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A row with whole numbers beside fractions keeps its whole numbers, where `append` made fractions.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v1.4.0.html#deprecated-dataframe-append-and-series-append",
        "https://pandas.pydata.org/docs/reference/api/pandas.concat.html",
    ),
    needles=(b"append",),
    pattern=rb"\bpandas\b",
    minutes=3,
    crosses=">=2",
    since="1.0",
)

_KNOWN = frozenset(("ignore_index", "verify_integrity", "sort"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that puts frames together with `concat`."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    ways: list[Way] = []
    for call in nodes.of(module).all(cst.Call):
        if not _is_plain(call):
            continue
        needed = _needed(call, module)
        if needed and all(needed) and not guards.for_some_versions(call, module):
            found = [way for way in needed if way]
            change = _joined(found)
            changes[call] = calls.fitted(module, call, change)
            ways += found
    result = nodes.replaced(module, changes)
    return leftovers.tidied(module, reach.brought(result, ways)) if changes else module


def _is_plain(call: cst.Call) -> bool:
    """Say whether a call appends one thing by position, and nothing about it is a riddle."""
    func = call.func
    if not isinstance(func, cst.Attribute) or func.attr.value != "append" or arguments.starred(call):
        return False
    is_one = len(arguments.positional(call)) == 1 and not call.args[0].keyword
    return is_one and not calls.given(call) - _KNOWN and not nodes.comments(call)


def _needed(call: cst.Call, module: cst.Module) -> list[Way | None]:
    """Return how what a call needs instead is named; nothing where it is not certain what is put together."""
    owner, other = cst.ensure_type(call.func, cst.Attribute).value, call.args[0].value
    kind = frames.kind(owner, module)
    if kind not in {frames.FRAME, frames.SERIES}:
        return []
    if all(frames.kind(part, module) == kind for part in _parts(other)):
        return [calls.way("concat", call, module)]
    is_row = isinstance(other, cst.Dict) and calls.literal(call, "ignore_index") == "True"
    if is_row and kind == frames.FRAME:
        return [calls.way("concat", call, module), calls.way("DataFrame", call, module)]
    return []


def _parts(node: cst.BaseExpression) -> Sequence[cst.BaseExpression]:
    """Return what is appended: the elements of a list that is written out, or the one value."""
    if not isinstance(node, cst.List) or not node.elements:
        return [node]
    return [e if isinstance(e, cst.StarredElement) else e.value for e in node.elements]


def _joined(ways: Sequence[Way]) -> layout.CallChange:
    def change(updated: cst.Call) -> cst.Call:
        (first, *others), owner = updated.args, cst.ensure_type(updated.func, cst.Attribute).value
        other = first.value
        if len(ways) > 1:
            row = cst.List([cst.Element(other)])
            other = cst.Call(ways[1].expression.deep_clone(), [cst.Arg(row)])
        value = cst.List([cst.Element(part) for part in (owner, *_parts(other))])
        return updated.with_changes(
            func=ways[0].expression.deep_clone(), args=[first.with_changes(value=value), *others]
        )

    return change
