"""Fields of marshmallow 4 have no `fail`: `raise self.make_error(…)` is what it did.

`make_error` works since marshmallow 3.0. It returns the error, so that a reader, and a checker of types, sees
where a method ends.
"""

from __future__ import annotations

import libcst as cst

from codemods import derived, guards, names, nodes
from codemods.migrations.marshmallow import classes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Raise what marshmallow's make_error returns",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: `fail` does the same since marshmallow 3.0.",
    references=(classes.GUIDE + "#field-fail-is-deprecated-in-favor-of-field-make-error",),
    needles=(b"fail",),
    pattern=rb"\bmarshmallow\b",
    minutes=1,
    crosses=">=4",
    since="3.0",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose fields raise their errors themselves."""
    seen, changes = nodes.of(module), dict[cst.CSTNode, nodes.Change]()
    for node in seen.all(cst.Attribute):
        call = seen.above[node]
        line = seen.above.get(call)
        if node.attr.value != "fail" or not isinstance(call, cst.Call) or call.func is not node:
            continue
        if not isinstance(line, cst.Expr) or not call.args or not _is_field(node.value, module):
            continue
        if not guards.for_some_versions(call, module):
            func = node.with_changes(attr=cst.Name("make_error"))
            raised = cst.Raise(call.with_changes(func=func), semicolon=line.semicolon)
            changes[line] = nodes.to(raised)
    return nodes.replaced(module, changes)


def _is_field(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether an expression is the field whose method it stands in, and `fail` is marshmallow's."""
    seen, known = nodes.of(module), names.of(module)
    method = seen.within(node, cst.FunctionDef, cst.Lambda)
    if not isinstance(node, cst.Name) or not isinstance(method, cst.FunctionDef) or method.decorators:
        return False
    own = method.params.params
    home = seen.above.get(seen.above[method])
    if not own or own[0].name.value != node.value or not known.bound_once(node):
        return False
    every = derived.of(module, classes.FIELD_ROOTS)
    is_whole = isinstance(home, cst.ClassDef) and derived.whole(home, module, classes.FIELD_ROOTS)
    return is_whole and home in every and not any("fail" in derived.bound(c) for c in every)
