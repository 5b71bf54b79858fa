"""pydantic 2 deprecates `parse_obj_as` and `schema_of`: a `TypeAdapter` does both, for any type.

The old functions make a `TypeAdapter` themselves by now, and warn each time. `TypeAdapter(T)` builds the
validator of `T`: where it is called often, keep one.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import arguments, guards, layout, names, nodes, reach
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Validate values of any type with pydantic's TypeAdapter",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: in pydantic 2 the old functions do the same.",
    references=(
        "https://docs.pydantic.dev/2.12/migration/#introduction-of-typeadapter",
        "https://docs.pydantic.dev/2.12/concepts/type_adapter/",
    ),
    needles=(b"parse_obj_as", b"schema_of"),
    minutes=2,
    crosses=">=2",
)

_METHODS = {
    f"{place}.{old}": method
    for place in ("pydantic", "pydantic.tools")
    for old, method in (("parse_obj_as", ("validate_python", 2)), ("schema_of", ("json_schema", 1)))
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with type adapters."""
    known, way = names.of(module), reach.to("pydantic.TypeAdapter", module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        method, count = _METHODS.get(known.qualified(call.func) or "", ("", 0))
        plain = len(call.args) == count and len(arguments.positional(call)) == count
        if way and method and plain and not _is_left(call, module):
            adapted = partial(_adapted, way, method)
            in_lines = partial(_in_lines, way, method)
            forms = [adapted] if nodes.comments(call) else [adapted, in_lines]
            form = next((form for form in forms if layout.fits(module, call, form(call))), adapted)
            changes[call] = layout.fitted(module, call, adapted) or _as_call(form)
    ways = [way] if way and changes else []
    return reach.instead(module, nodes.replaced(module, changes), ways)


def _is_left(call: cst.Call, module: cst.Module) -> bool:
    return bool(nodes.comments(call.args[0])) or guards.for_some_versions(call, module)


def _as_call(change: layout.CallChange) -> nodes.Change:
    return lambda updated: change(cst.ensure_type(updated, cst.Call))


def _adapted(way: reach.Way, method: str, call: cst.Call) -> cst.Call:
    kind, *values = call.args
    adapter = cst.Call(way.expression.deep_clone(), [cst.Arg(kind.value)])
    return call.with_changes(func=cst.Attribute(adapter, cst.Name(method)), args=values)


def _in_lines(way: reach.Way, method: str, call: cst.Call) -> cst.Call:
    """Return the call with the type on a line of its own, where it stood on one; else the plain one."""
    opened, last = call.whitespace_before_args, call.args[-1]
    closed = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else last.whitespace_after_arg
    spaces = (opened, closed)
    made = _adapted(way, method, call)
    if not all(isinstance(space, cst.ParenthesizedWhitespace) for space in spaces):
        return made
    kind, *values = call.args
    given = cst.Arg(kind.value, whitespace_after_arg=closed)
    adapter = cst.Call(way.expression.deep_clone(), [given], whitespace_before_args=opened)
    plain = [cst.Arg(value.value) for value in values]
    return cst.Call(cst.Attribute(adapter, cst.Name(method)), plain, lpar=call.lpar, rpar=call.rpar)
