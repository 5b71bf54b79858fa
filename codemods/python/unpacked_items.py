"""A loop that needs only the keys or only the values of a dict need not unpack both.

`for _, value in d.items()` makes a tuple for every entry and takes it apart again; `for value in
d.values()` does neither, and says at first sight what the loop is about.

The dict must certainly be one (a literal, `dict(…)`, `**kwargs`, a parameter that is annotated as one), and
the name that goes must be read nowhere in its function, not by `locals()` either. Names of modules and
classes stay, for others may read them there.
"""

from __future__ import annotations

import ast

import libcst as cst

from codemods import brackets, certain, glance, loops, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Loop over just the keys or just the values of a dict",
    category=Category.SPEED,
    applicability=Applicability.SAFE,
    risk="None: the name that goes is read nowhere.",
    references=(
        "https://docs.python.org/3/library/stdtypes.html#dictionary-view-objects",
        "https://docs.astral.sh/ruff/rules/incorrect-dict-iterator/",
    ),
    needles=(b"items",),
    pattern=rb"\bfor\s+\(?\s*\w+\s*,\s*\w+\s*\)?\s+in\b[^\n]{0,200}\.items\(\s*\)",
    codes=("PERF102", "B007", "W0612", "unused-variable"),
    minutes=2,
    tests=False,
)


def sift(tree: ast.Module) -> bool:
    """Say whether a loop over items does not read one of the two names that it binds."""
    made = glance.comprehensions(tree)
    parts = ((loop, comp) for comp in made for loop in comp.generators)
    return any(_leaves_one(loop, loop) for loop in glance.all_of(tree, ast.For)) or any(
        _leaves_one(loop, comp) for loop, comp in parts
    )


def _leaves_one(loop: ast.For | ast.comprehension, around: ast.AST) -> bool:
    called, pair = loop.iter, loop.target
    if not isinstance(called, ast.Call) or not isinstance(called.func, ast.Attribute) or called.args:
        return False
    if called.func.attr != "items" or not isinstance(pair, ast.Tuple):
        return False
    bound = {name.id for name in pair.elts if isinstance(name, ast.Name)}
    nodes_read = (n for n in ast.walk(around) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    return bool(bound - {n.id for n in nodes_read})


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose loops unpack no more than they need."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    seen = nodes.of(module)
    every: list[loops.Loop] = [*seen.all(cst.For), *seen.all(cst.CompFor)]
    for loop in every:
        pair = _pair(loop)
        if pair and certain.type_of(_owner(loop), module) == "dict":
            unread = [name for name in pair if loops.readers(name, loop, module) == []]
            if len(unread) == 1 and not brackets.touch_a_word(loop.iter, module):
                changes[loop] = _values if unread[0] is pair[0] else _keys
    return nodes.replaced(module, changes)


def _pair(loop: loops.Loop) -> tuple[cst.Name, cst.Name] | None:
    """Return the names of ``for a, b in ….items()``, where no comment would be lost and no space needed."""
    call, pair = loop.iter, loop.target
    if not isinstance(call, cst.Call) or call.args or not isinstance(call.func, cst.Attribute):
        return None
    if call.func.attr.value != "items" or not isinstance(pair, cst.Tuple) or loop.asynchronous:
        return None
    bound = [e.value for e in pair.elements if isinstance(e, cst.Element) and isinstance(e.value, cst.Name)]
    said = nodes.comments(call) != nodes.comments(call.func.value) or nodes.comments(pair)
    spaces = (loop.whitespace_after_for, loop.whitespace_before_in, loop.whitespace_after_in)
    typed = isinstance(loop, cst.For) and any("type:" in c for c in nodes.remarks(loop, {}))
    if said or typed or any(space.empty for space in spaces) or len(pair.elements) != 2:  # noqa: PLR2004 -- key and value
        return None
    return (bound[0], bound[1]) if len({n.value for n in bound}) == 2 else None  # noqa: PLR2004 -- and no name twice


def _owner(loop: loops.Loop) -> cst.BaseExpression:
    call = cst.ensure_type(loop.iter, cst.Call)
    return cst.ensure_type(call.func, cst.Attribute).value


def _values(updated: cst.CSTNode) -> cst.CSTNode:
    loop = cst.ensure_type(updated, cst.For | cst.CompFor)  # type: ignore[arg-type]
    value = cst.ensure_type(loop.target, cst.Tuple).elements[1].value
    called = cst.ensure_type(loop.iter, cst.Call)
    function = cst.ensure_type(called.func, cst.Attribute).with_changes(attr=cst.Name("values"))
    return loop.with_changes(target=value, iter=called.with_changes(func=function))


def _keys(updated: cst.CSTNode) -> cst.CSTNode:
    loop = cst.ensure_type(updated, cst.For | cst.CompFor)  # type: ignore[arg-type]
    key = cst.ensure_type(loop.target, cst.Tuple).elements[0].value
    call, owner = cst.ensure_type(loop.iter, cst.Call), _owner(loop)
    kept = owner.with_changes(lpar=[*call.lpar, *owner.lpar], rpar=[*owner.rpar, *call.rpar])
    return loop.with_changes(target=key, iter=kept)
