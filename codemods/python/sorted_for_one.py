"""The first of a sorted list is the smallest: `min` finds it in one pass, without sorting the rest.

`sorted(xs)[0]` copies everything and sorts it, to throw all but one element away; `min(xs)` compares each
element once and keeps one. The last is `max` in the same way, where no `key` is given; with one, elements
that are equal by it would give another one.

What stands within `try` is left alone: of nothing at all `min` raises a `ValueError`, where the index raises
an `IndexError`.
"""

from __future__ import annotations

import ast

import libcst as cst

from codemods import arguments, glance, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Find the smallest and the largest without sorting",
    category=Category.SPEED,
    applicability=Applicability.UNSAFE,
    risk="Nothing to choose from raises `ValueError`, where the index raised `IndexError`; what has no order"
    " from least to greatest, such as sets, may give another element.",
    references=(
        "https://docs.python.org/3/library/functions.html#min",
        "https://docs.astral.sh/ruff/rules/sorted-min-max/",
    ),
    needles=(b"sorted",),
    pattern=rb"\)\s*\[\s*(?:0|-\s*1)\s*\]",
    codes=("FURB192",),
    minutes=2,
    tests=False,
)

_OTHER = {"min": "max", "max": "min"}


def sift(tree: ast.Module) -> bool:
    """Say whether an element is taken of what was sorted for it."""
    return any(glance.called(n.value) == "sorted" for n in glance.all_of(tree, ast.Subscript))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that sorts nothing for one element."""
    seen = nodes.of(module)
    calls = [c for c in seen.all(cst.Call) if isinstance(c.func, cst.Name) and c.func.value == "sorted"]
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in calls:
        one = seen.above[call]
        if not isinstance(one, cst.Subscript) or one.value is not call or call.lpar or nodes.comments(one):
            continue
        name = _found(one, call)
        if name and _may_change(one, name, module):
            changes[one] = _with(name)
    return nodes.replaced(module, changes)


def _found(one: cst.Subscript, call: cst.Call) -> str | None:
    """Return what finds the one element: ``min`` or ``max``; None where it may be another one."""
    index = one.slice[0].slice if len(one.slice) == 1 else None
    if not isinstance(index, cst.Index) or index.star or not _is_plain(call):
        return None
    reverse, key = arguments.named(call, "reverse"), arguments.named(call, "key")
    said = reverse.value.value if reverse and isinstance(reverse.value, cst.Name) else "False"
    if said not in {"True", "False"} or (reverse and not isinstance(reverse.value, cst.Name)):
        return None
    at = cst.Module([]).code_for_node(index.value).replace(" ", "")
    name = {"0": "min", "-1": "max"}.get(at)
    if name is None or (at == "-1" and key is not None):
        return None
    return _OTHER[name] if said == "True" else name


def _is_plain(call: cst.Call) -> bool:
    first, *rest = call.args or (cst.Arg(cst.Name("_"), star="*"),)
    named = [arg.keyword.value if arg.keyword else "" for arg in rest]
    return (
        not first.keyword
        and not arguments.starred(call)
        and not first.star
        and set(named) <= {"key", "reverse"}
    )


def _may_change(one: cst.Subscript, name: str, module: cst.Module) -> bool:
    known, seen = names.of(module), nodes.of(module)
    built_in = known.builtin(cst.Name("sorted")) and known.builtin(cst.Name(name))
    return bool(built_in) and seen.within(one, cst.Try, cst.TryStar, cst.Del, cst.AssignTarget) is None


def _with(name: str) -> nodes.Change:
    def change(updated: cst.CSTNode) -> cst.CSTNode:
        one = cst.ensure_type(updated, cst.Subscript)
        call = cst.ensure_type(one.value, cst.Call)
        index = next((i for i, a in enumerate(call.args) if a.keyword and a.keyword.value == "reverse"), None)
        fewer = call if index is None else arguments.without(call, index)
        if fewer is None:
            return one
        return fewer.with_changes(func=cst.Name(name), lpar=one.lpar, rpar=one.rpar)

    return change
