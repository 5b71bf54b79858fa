"""pydantic 2 raises an error for a field without an annotation.

pydantic 1 took the type of the default: `name = "me"` was a field of type `str`. Where the default is a
literal, that type is written down. A class that may inherit the field is left alone, because pydantic 1 took
the type from there.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import derived, guards, names, nodes
from codemods.migrations.pydantic import models
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Annotate the fields of models that have a default alone",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: it is the type that pydantic 1 took from the default.",
    references=(
        "https://docs.pydantic.dev/2.12/errors/usage_errors/#model-field-missing-annotation",
        "https://docs.pydantic.dev/1.10/usage/models/#field-ordering",
    ),
    needles=(b"pydantic", b"pydantic_settings"),
    pattern=rb"\n[ \t]+\w+[ \t]*=[ \t]*(?:[\"'+\-\d.rRuU]|True\b|False\b)",
    minutes=1,
    crosses=">=2",
)

_KINDS: dict[type, str] = {cst.Integer: "int", cst.Float: "float"}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose fields are annotated."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for model in models.of(module):
        bound = derived.bound(model)
        if not models.whole(model, module):
            continue
        inherited = {name for base in _bases(model, module) for name in derived.bound(base)}
        for line in derived.lines(model):
            target, kind = _field(line) or (None, "")
            silenced = guards.silenced(line, module, ABOUT, "pydantic-annotated-field")
            if target is None or target.value in inherited or silenced or _is_declared(model, target):
                continue
            if kind not in bound and names.of(module).builtin(cst.Name(kind)) == kind:
                changes[line] = nodes.to(_annotated(cst.ensure_type(line, cst.Assign), target, kind))
    return nodes.replaced(module, changes)


def _bases(model: cst.ClassDef, module: cst.Module) -> Iterator[cst.ClassDef]:
    for base in model.bases:
        plain = base.value.value if isinstance(base.value, cst.Subscript) else base.value
        if own := derived.named(plain, module):
            yield own
            yield from _bases(own, module)


def _field(line: cst.CSTNode) -> tuple[cst.Name, str] | None:
    """Return the name of a field without an annotation, and the type of its default."""
    target, value = nodes.assigned(line)
    if not isinstance(line, cst.Assign) or not isinstance(target, cst.Name) or target.value.startswith("_"):
        return None
    if isinstance(value, cst.UnaryOperation) and isinstance(value.operator, cst.Minus | cst.Plus):
        value = value.expression
    kind = _KINDS.get(type(value), "")
    if isinstance(value, cst.SimpleString) and "b" not in value.prefix.lower():
        kind = "str"
    if isinstance(value, cst.Name) and value.value in {"True", "False"}:
        kind = "bool"
    return (target, kind) if kind else None


def _is_declared(model: cst.ClassDef, field: cst.Name) -> bool:
    """Say whether the class annotates the name elsewhere."""
    targets = (line.target for line in derived.lines(model) if isinstance(line, cst.AnnAssign))
    return any(isinstance(target, cst.Name) and target.value == field.value for target in targets)


def _annotated(line: cst.Assign, target: cst.Name, kind: str) -> cst.AnnAssign:
    spaces = line.targets[0]
    equal = cst.AssignEqual(spaces.whitespace_before_equal, spaces.whitespace_after_equal)
    return cst.AnnAssign(
        target=target,
        annotation=cst.Annotation(cst.Name(kind)),
        value=line.value,
        equal=equal,
        semicolon=line.semicolon,
    )
