"""pydantic 2 has some names elsewhere, and warns of, or refuses, the old place.

They stand for the same thing: `ValidationError` comes from `pydantic`, a model with type parameters needs no
`GenericModel`, `PyObject` is `ImportString`. `to_camel` and `to_lower_camel` became `to_pascal` and
`to_camel`, which say what they do.
"""

from __future__ import annotations

import libcst as cst

from codemods import names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take pydantic's names from where pydantic 2 has them",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="`validate_call` converts as pydantic 2 does, and has no `validate` or `vd` attribute.",
    references=(
        "https://docs.pydantic.dev/2.12/migration/#moved-in-pydantic-v2",
        "https://docs.pydantic.dev/2.12/concepts/validation_decorator/",
    ),
    needles=(b"pydantic",),
    pattern=rb"\b(?:error_wrappers|GenericModel|PyObject|to_(?:lower_)?camel|validate_arguments|version_info"
    rb"|class_validators)\b",
    minutes=3,
    crosses=">=2",
)

_TABLE = {
    "pydantic.error_wrappers.ValidationError": "pydantic.ValidationError",
    "pydantic.generics.GenericModel": "pydantic.BaseModel",
    "pydantic.PyObject": "pydantic.ImportString",
    "pydantic.types.PyObject": "pydantic.ImportString",
    "pydantic.utils.to_lower_camel": "pydantic.alias_generators.to_camel",
    "pydantic.utils.version_info": "pydantic.version.version_info",
    "pydantic.class_validators.validator": "pydantic.validator",
    "pydantic.class_validators.root_validator": "pydantic.root_validator",
}
# `to_camel` is the new name of another one: it has to be free first.
_FIRST = {"pydantic.utils.to_camel": "pydantic.alias_generators.to_pascal"}
_DECORATORS = ("pydantic.validate_arguments", "pydantic.decorator.validate_arguments")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names that pydantic 2 knows."""
    plain = {name: "pydantic.validate_call" for name in _DECORATORS if _only_decorates(name, module)}
    return renamed.names_in(renamed.names_in(module, _FIRST), {**_TABLE, **plain})


def _only_decorates(name: str, module: cst.Module) -> bool:
    """Say whether a name only stands as a decorator of plain functions."""
    known, seen = names.of(module), nodes.of(module)
    uses = [n for n in seen.all(cst.Name, cst.Attribute) if known.qualified(n) == name]
    return all(_is_of_function(seen.above[use], seen) for use in uses if not _is_import(use, seen))


def _is_import(node: cst.CSTNode, seen: nodes.Seen) -> bool:
    return seen.within(node, cst.Import, cst.ImportFrom) is not None


def _is_of_function(decorator: cst.CSTNode, seen: nodes.Seen) -> bool:
    """Say whether a node decorates a function that is no method."""
    inside = seen.within(decorator, cst.FunctionDef, cst.ClassDef)
    is_method = inside is not None and seen.within(inside, cst.FunctionDef, cst.ClassDef) is not None
    return isinstance(decorator, cst.Decorator) and isinstance(inside, cst.FunctionDef) and not is_method
