"""In pydantic 2 a field without a default is required, whatever its type.

In pydantic 1 a field of type `Optional[…]` or `Any` that says nothing else has the default `None`; in
pydantic 2 each model that is made without it fails. The default that was meant is written down: `= None`, or
`default=None` in a `Field`. To pydantic 1 that is the same.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, certain, derived, guards, names, nodes
from codemods.migrations.pydantic import models
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Write down that optional fields of models are None",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: it is the default that pydantic 1 gave these fields.",
    references=(
        "https://docs.pydantic.dev/2.12/migration/#required-optional-and-nullable-fields",
        "https://docs.pydantic.dev/1.10/usage/models/#required-optional-fields",
    ),
    needles=(b"pydantic", b"pydantic_settings"),
    pattern=rb"\b(?:Optional|Union|Any|None)\b",
    minutes=1,
    crosses=">=2",
    alone=False,
)

_FIELDS = frozenset(("pydantic.Field", "pydantic.fields.Field"))
_DEPTH = 3


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose optional fields have a default."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for model in models.of(module):
        for line in derived.lines(model):
            if not isinstance(line, cst.AnnAssign) or not _is_field(line, module):
                continue
            if line.value is None:
                changes[line] = nodes.to(line.with_changes(value=cst.Name("None"), equal=cst.AssignEqual()))
            elif call := _undecided(line.value, module):
                new = arguments.appended(call, arguments.keyword("default", cst.Name("None")))
                changes[call] = nodes.to(new)
    return nodes.replaced(module, changes)


def _is_field(line: cst.AnnAssign, module: cst.Module) -> bool:
    """Say whether a line declares a field that pydantic 1 takes for optional."""
    is_public = isinstance(line.target, cst.Name) and not line.target.value.startswith("_")
    return (
        is_public
        and _is_optional(line.annotation.annotation, module, _DEPTH)
        and not guards.silenced(line, module, ABOUT, "pydantic-optional-default")
    )


def _undecided(value: cst.BaseExpression, module: cst.Module) -> cst.Call | None:
    """Return the call of `Field` that says nothing of a default."""
    if not isinstance(value, cst.Call) or names.of(module).qualified(value.func) not in _FIELDS:
        return None
    if arguments.starred(value) or arguments.positional(value):
        return None
    said = arguments.named(value, "default") or arguments.named(value, "default_factory")
    return None if said else value


def _is_optional(node: cst.BaseExpression, module: cst.Module, depth: int) -> bool:
    """Say whether an annotation lets a value be None (or anything)."""
    known = names.of(module)
    if isinstance(node, cst.SimpleString) and depth:
        return _is_quoted_optional(node, module, depth)
    if isinstance(node, cst.BinaryOperation):
        return any(_is_none(n) or _is_optional(n, module, depth) for n in (node.left, node.right))
    if isinstance(node, cst.Subscript):
        return _is_subscript(node, module, depth)
    if known.qualified(node) in {"typing.Any", "typing_extensions.Any"}:
        return True
    alias = certain.bound_to(node, module) if depth else None
    return alias is not None and _is_optional(alias, module, depth - 1)


def _is_subscript(node: cst.Subscript, module: cst.Module, depth: int) -> bool:
    full = (names.of(module).qualified(node.value) or "").removeprefix("typing.")
    inner = [e.slice.value for e in node.slice if isinstance(e.slice, cst.Index)]
    if full in {"Annotated", "typing_extensions.Annotated"}:
        return _is_optional(inner[0], module, depth)
    if full == "Union":
        return any(_is_none(n) or _is_optional(n, module, depth) for n in inner)
    return full == "Optional"


def _is_quoted_optional(node: cst.SimpleString, module: cst.Module, depth: int) -> bool:
    try:
        read = cst.parse_expression(str(node.raw_value).strip())
    except (cst.ParserSyntaxError, RecursionError):
        return False
    return _is_optional(read, module, depth - 1)


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"
