"""A dict answers for its keys itself: `.keys()` builds a view first, and says nothing more.

`key in d.keys()` looks up the method, calls it and makes an object, only to ask the dict in the end; `key in
d` takes about half the time. Loops over `d.keys()` give the same keys in the same order without it.

Only what is certainly a dict is changed: a literal, the result of `dict(…)`, `**kwargs`, a variable that is
set once to one of these, or a parameter that is annotated as one. Objects that only have a method of that
name (a cursor's row, a mapping of one's own) may mean something else by `in`. A loop stays as it is where its
body does more with the dict than read it.
"""

from __future__ import annotations

import ast

import libcst as cst

from codemods import brackets, certain, glance, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Ask a dict itself for its keys",
    category=Category.SPEED,
    applicability=Applicability.SAFE,
    risk="None, but for a class derived from `dict` whose `in` answers otherwise than its keys do.",
    references=(
        "https://docs.python.org/3/library/stdtypes.html#mapping-types-dict",
        "https://docs.astral.sh/ruff/rules/in-dict-keys/",
    ),
    needles=(b"keys",),
    pattern=rb"\.keys\(\s*\)",
    codes=("SIM118", "C0201", "consider-iterating-dictionary"),
    minutes=2,
    tests=False,
)

_READS = frozenset(("get", "items", "values", "copy"))


def sift(tree: ast.Module) -> bool:
    """Say whether something is looked for, or a loop goes, in the keys of something."""
    tests = glance.all_of(tree, ast.Compare)
    iterated = [n.iter for n in glance.all_of(tree, ast.For)]
    iterated += [n.iter for n in glance.all_of(tree, ast.comprehension)]
    asked = (isinstance(n.ops[-1], ast.In | ast.NotIn) and _are_keys(n.comparators[-1]) for n in tests)
    return any(asked) or any(map(_are_keys, iterated))


def _are_keys(node: ast.expr) -> bool:
    return glance.called(node) == "keys"


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module without the calls that a dict does not need."""
    seen = nodes.of(module)
    calls = [c for c in seen.all(cst.Call) if _is_plain(c) and _is_searched(c, seen)]
    found = [c for c in calls if _is_of_dict(c, module) and not brackets.touch_a_word(c, module)]
    return nodes.replaced(module, dict.fromkeys(found, _dict_of))


def _is_of_dict(call: cst.Call, module: cst.Module) -> bool:
    return certain.type_of(cst.ensure_type(call.func, cst.Attribute).value, module) == "dict"


def _is_plain(call: cst.Call) -> bool:
    """Say whether a call is ``….keys()``, with no comment in it that would be lost."""
    if call.args or not isinstance(call.func, cst.Attribute) or call.func.attr.value != "keys":
        return False
    return nodes.comments(call) == nodes.comments(call.func.value)


def _is_searched(call: cst.Call, seen: nodes.Seen) -> bool:
    """Say whether a call stands behind ``in``: of a comparison, a comprehension or a loop that only reads."""
    parent = seen.above[call]
    if isinstance(parent, cst.ComparisonTarget):
        compared = cst.ensure_type(seen.above[parent], cst.Comparison)
        return isinstance(parent.operator, cst.In | cst.NotIn) and parent is compared.comparisons[-1]
    if isinstance(parent, cst.CompFor):
        return parent.iter is call and not parent.asynchronous
    if not isinstance(parent, cst.For) or parent.iter is not call or parent.asynchronous:
        return False
    owner = cst.ensure_type(call.func, cst.Attribute).value
    return not isinstance(owner, cst.Name) or _only_read(owner.value, parent.body, seen)


def _only_read(name: str, body: cst.BaseSuite, seen: nodes.Seen) -> bool:
    uses = (n for n in nodes.walk(body) if isinstance(n, cst.Name) and n.value == name)
    return all(_reads(use, seen) for use in uses)


def _reads(use: cst.Name, seen: nodes.Seen) -> bool:
    """Say whether a dict is only read: by a key, by one of its methods, or by ``in``."""
    parent = seen.above[use]
    if isinstance(parent, cst.Subscript):
        outer = seen.above[parent]
        assigned = isinstance(outer, cst.AugAssign | cst.AnnAssign) and outer.target is parent
        return not assigned and not isinstance(outer, cst.AssignTarget | cst.Del | cst.Element)
    if isinstance(parent, cst.Attribute):
        return parent.attr is use or parent.attr.value in _READS
    return isinstance(parent, cst.ComparisonTarget)


def _dict_of(updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    owner = cst.ensure_type(call.func, cst.Attribute).value
    return owner.with_changes(lpar=[*call.lpar, *owner.lpar], rpar=[*owner.rpar, *call.rpar])
