"""pydantic 2 refuses a bare `@root_validator`, and deprecates all of them.

One that runs first (`pre=True`) is a class method under `@model_validator(mode="before")`, which gets the
same input. One that runs last gets a dictionary of values, but a `model_validator` the model itself: to write
it anew needs a person. Until then pydantic 2 runs it as `@root_validator(skip_on_failure=True)`: no longer
where a field is wrong, when half of the values would be missing.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import arguments, derived, guards, layout, nodes, reach
from codemods.migrations.pydantic import decorated
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Let pydantic 2 run the validators of whole models",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A validator that runs last adds no errors any more where fields are wrong already.",
    references=(
        "https://docs.pydantic.dev/2.12/migration/#changes-to-validators",
        "https://docs.pydantic.dev/2.12/concepts/validators/#model-validators",
    ),
    needles=(b"pydantic",),
    pattern=rb"\broot_validator\b",
    minutes=5,
    crosses=">=2",
)

_OLD = frozenset(("pydantic.root_validator", "pydantic.class_validators.root_validator"))
_NEW = "pydantic.model_validator"


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with validators of models that pydantic 2 runs."""
    way = reach.to(_NEW, module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    ways: list[reach.Way] = []
    for node, found in decorated.by_class(module, _OLD).items():
        if guards.for_some_versions(node, module) or "__root__" in derived.bound(node):
            continue
        first = {use: function for use, function in found.items() if _is_first(use)}
        if way and all(function and _is_plain(function, module) for function in first.values()):
            for use, function in first.items():
                changes |= decorated.changes(use, function, module, partial(_before, way, module))
                ways.append(way)
        for use, function in found.items():
            if function and use not in first and _may_fail(use) and not _is_silenced(function, module):
                call = use if isinstance(use, cst.Call) else cst.Call(use)
                changes[use] = nodes.to(_skipping(call))
    return reach.instead(module, nodes.replaced(module, changes), ways)


def _given(use: cst.BaseExpression) -> dict[str, str] | None:
    """Return what a decorator is given, by keyword; None where it cannot be seen."""
    if not isinstance(use, cst.Call):
        return {}
    if nodes.comments(use) or not all(arg.keyword and isinstance(arg.value, cst.Name) for arg in use.args):
        return None
    return {arg.keyword.value: cst.ensure_type(arg.value, cst.Name).value for arg in use.args if arg.keyword}


def _is_first(use: cst.BaseExpression) -> bool:
    given = _given(use)
    return given is not None and given.get("pre") == "True"


def _may_fail(use: cst.BaseExpression) -> bool:
    """Say whether a validator that runs last does so where fields are wrong, too."""
    given = _given(use)
    if given is None or given.keys() - {"pre", "skip_on_failure", "allow_reuse"}:
        return False
    return given.get("pre", "False") == "False" and given.get("skip_on_failure", "False") == "False"


def _is_plain(function: cst.FunctionDef, module: cst.Module) -> bool:
    parameters = decorated.parameters(function)
    is_pair = parameters is not None and len(parameters) == 2  # noqa: PLR2004 -- the class and the values
    return is_pair and function.params.star_kwarg is None and not _is_silenced(function, module)


def _is_silenced(function: cst.FunctionDef, module: cst.Module) -> bool:
    return guards.silenced(function, module, ABOUT, "pydantic-root-validator")


def _before(way: reach.Way, module: cst.Module, call: cst.Call) -> cst.Call:
    mode = arguments.keyword("mode", layout.quoted(module, "before"))
    return cst.Call(way.expression, [mode], lpar=call.lpar, rpar=call.rpar)


def _skipping(call: cst.Call) -> cst.Call:
    old = arguments.named(call, "skip_on_failure")
    if old is not None:
        return call.with_deep_changes(old, value=cst.Name("True"))
    return arguments.appended(call, arguments.keyword("skip_on_failure", cst.Name("True")))
