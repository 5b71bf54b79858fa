"""pydantic 2 deprecates `@validator`: a validator of a field is a class method under `@field_validator`.

What was `pre=True` is `mode="before"`, and a validator that asked for `values` finds them in `info.data`. A
validator that asks for `field` or `config`, which pydantic 2 refuses, or that works on `each_item` or
`always`, is left to a person, and so are its neighbours that look at the same field, as their order would
change.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import libcst as cst
from packaging.version import Version

from codemods import arguments, guards, layout, names, nodes, reach
from codemods.migrations.pydantic import decorated
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Use field_validator in place of pydantic's validator",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="Where a derived class elsewhere overrides a validator in the old way, both run.",
    references=(
        "https://docs.pydantic.dev/2.12/migration/#changes-to-validators",
        "https://docs.pydantic.dev/2.12/concepts/validators/#field-validators",
    ),
    needles=(b"pydantic",),
    pattern=rb"\bvalidator\s*\(",
    minutes=4,
    crosses=">=2",
)

_OLD = frozenset(("pydantic.validator", "pydantic.class_validators.validator"))
_NEW = "pydantic.field_validator"
_INFO = "pydantic.ValidationInfo"
_WITH_INFO = Version("2.4")
_KEYWORDS = {
    "pre": {"True", "False"},
    "allow_reuse": {"True", "False"},
    "always": {"False"},
    "each_item": {"False"},
    "check_fields": {"True", "False", "None"},
}
_MUTATING = frozenset(("clear", "pop", "popitem", "setdefault", "update"))


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with validators as pydantic 2 writes them."""
    way = reach.to(_NEW, module)
    lowest = facts.dependencies.get("pydantic", Version("0"))
    info = reach.to(_INFO, module) if lowest >= _WITH_INFO else None
    if way is None:
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {}
    ways: list[reach.Way] = []
    for node, found in decorated.by_class(module, _OLD).items():
        fitting = {use: f for use, f in found.items() if _fits(use, f, module, info)}
        if not fitting or _is_mixed(found, fitting) or guards.for_some_versions(node, module):
            continue
        for use, function in fitting.items():
            call = cst.ensure_type(use, cst.Call)
            changes |= decorated.changes(call, function, module, partial(_called, way, module))
            if function and (values := _values(function)):
                changes |= _informed(function, values, info)
                ways += [info] if info and values.annotation else []
            ways.append(way)
    return reach.instead(module, nodes.replaced(module, changes), ways)


def _fits(
    use: cst.BaseExpression, function: cst.FunctionDef | None, module: cst.Module, info: reach.Way | None
) -> bool:
    """Say whether a validator means the same to `field_validator`."""
    if not isinstance(use, cst.Call) or function is None or not _fields(use):
        return False
    given = [arg for arg in use.args if arg.keyword]
    known = all(arg.keyword and _said(arg) in _KEYWORDS.get(arg.keyword.value, ()) for arg in given)
    if (
        not known
        or nodes.comments(use)
        or guards.silenced(function, module, ABOUT, "pydantic-field-validator")
    ):
        return False
    parameters = decorated.parameters(function)
    if parameters is None or len(parameters) not in {2, 3}:
        return False
    rest = function.params.star_kwarg
    if rest and (rest.annotation or any(n.value == rest.name.value for n in _names(function.body))):
        return False
    values = _values(function)
    if len(parameters) == 2:  # noqa: PLR2004 -- the class and the value
        return rest is None
    return values is not None and _is_read(values, function, module) and bool(info or not values.annotation)


def _said(arg: cst.Arg) -> str:
    return arg.value.value if isinstance(arg.value, cst.Name) else ""


def _fields(use: cst.Call) -> set[str]:
    """Return the fields that a validator looks at; none where it cannot be seen."""
    found = [arg.value for arg in arguments.positional(use)]
    if arguments.starred(use) or not all(isinstance(value, cst.SimpleString) for value in found):
        return set()
    return {str(cst.ensure_type(value, cst.SimpleString).evaluated_value) for value in found}


def _is_mixed(found: decorated.Found, fitting: decorated.Found) -> bool:
    """Say whether a field has validators of both kinds, whose order would change."""
    new = {name for use in fitting if isinstance(use, cst.Call) for name in _fields(use)}
    old = [_fields(use) if isinstance(use, cst.Call) else set() for use in found if use not in fitting]
    return any("*" in fields | new or not fields or fields & new for fields in old)


def _values(function: cst.FunctionDef) -> cst.Param | None:
    """Return the parameter that gets the fields that are valid already."""
    last = function.params.params[-1]
    is_third = len(function.params.params) == 3  # noqa: PLR2004 -- the class, the value, the values
    return last if is_third and last.name.value == "values" else None


def _names(node: cst.CSTNode) -> Iterator[cst.Name]:
    return (n for n in nodes.walk(node) if isinstance(n, cst.Name))


def _is_read(values: cst.Param, function: cst.FunctionDef, module: cst.Module) -> bool:
    """Say whether a function only reads the values, and `info` is free in it."""
    known, seen = names.of(module), nodes.of(module)
    every = list(_names(function))
    if any(n.value == "info" for n in every):
        return False
    for use in _uses(function):
        if not (known.bound_once(use) and known.binds(function, use)):
            return False
        above = seen.above[use]
        is_changed = isinstance(above, cst.Subscript) and _is_target(above, seen)
        mutates = isinstance(above, cst.Attribute) and above.attr.value in _MUTATING
        shown = isinstance(above, cst.FormattedStringExpression) and above.equal is not None
        if is_changed or mutates or shown:
            return False
    return values.default is None


def _is_target(node: cst.Subscript, seen: nodes.Seen) -> bool:
    above = seen.above[node]
    return isinstance(above, cst.AssignTarget | cst.Del) or (
        isinstance(above, cst.AugAssign | cst.AnnAssign) and above.target is node
    )


def _uses(function: cst.FunctionDef) -> list[cst.Name]:
    """Return the places in a function's body that name the values."""
    attributes = {n.attr for n in nodes.walk(function.body) if isinstance(n, cst.Attribute)}
    keywords = {n.keyword for n in nodes.walk(function.body) if isinstance(n, cst.Arg)}
    apart = attributes | keywords
    return [n for n in _names(function.body) if n.value == "values" and n not in apart]


def _informed(
    function: cst.FunctionDef, values: cst.Param, info: reach.Way | None
) -> dict[cst.CSTNode, nodes.Change]:
    """Return how the values are found in what pydantic 2 hands over."""
    kind = cst.Annotation(info.expression) if info and values.annotation else None
    if kind and values.annotation:
        kind = values.annotation.with_changes(annotation=kind.annotation)
    changes: dict[cst.CSTNode, nodes.Change] = {
        values: lambda updated: cst.ensure_type(updated, cst.Param).with_changes(
            name=cst.Name("info"), annotation=kind
        )
    }
    data = cst.Attribute(cst.Name("info"), cst.Name("data"))
    for use in _uses(function):
        changes[use] = nodes.to(data.with_changes(lpar=use.lpar, rpar=use.rpar))
    if function.params.star_kwarg:
        last = values.with_changes(name=cst.Name("info"), annotation=kind, comma=cst.MaybeSentinel.DEFAULT)
        changes[function.params] = nodes.to(
            function.params.with_changes(params=[*function.params.params[:-1], last], star_kwarg=None)
        )
        del changes[values]
    return changes


def _called(way: reach.Way, module: cst.Module, call: cst.Call) -> cst.Call:
    """Return the call that decorates instead."""
    kept = [arg for arg in call.args if arg.keyword is None or arg.keyword.value == "check_fields"]
    is_before = any(arg.keyword and arg.keyword.value == "pre" and _said(arg) == "True" for arg in call.args)
    gone = [arg for arg in call.args if arg not in kept]
    new = call.with_changes(func=way.expression)
    for arg in gone:
        new = arguments.without(new, list(new.args).index(arg)) or new
    if is_before:
        new = arguments.appended(new, arguments.keyword("mode", layout.quoted(module, "before")))
    return new
