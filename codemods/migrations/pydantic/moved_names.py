"""pydantic 2 has some names elsewhere, and warns of, or refuses, the old place.

They stand for the same thing: `ValidationError` comes from `pydantic`, a model with type parameters needs no
`GenericModel`, `PyObject` is `ImportString`. `to_camel` and `to_lower_camel` became `to_pascal` and
`to_camel`, which say what they do.
"""

from __future__ import annotations

import libcst as cst

from codemods import classinfo, leftovers, names, nodes, renamed
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
    "pydantic.PyObject": "pydantic.ImportString",
    "pydantic.types.PyObject": "pydantic.ImportString",
    "pydantic.utils.to_lower_camel": "pydantic.alias_generators.to_camel",
    "pydantic.utils.version_info": "pydantic.version.version_info",
    "pydantic.class_validators.validator": "pydantic.validator",
    "pydantic.class_validators.root_validator": "pydantic.root_validator",
}
_GENERIC = "pydantic.generics.GenericModel"
_MODELS = frozenset(("pydantic.BaseModel", "pydantic.main.BaseModel", _GENERIC))
# Of these no model derives: `BaseModel` may stand before them.
_APART = frozenset(("typing.Generic", "typing_extensions.Generic", "abc.ABC"))
# `to_camel` is the new name of another one: it has to be free first.
_FIRST = {"pydantic.utils.to_camel": "pydantic.alias_generators.to_pascal"}
_DECORATORS = ("pydantic.validate_arguments", "pydantic.decorator.validate_arguments")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names that pydantic 2 knows."""
    plain = {name: "pydantic.validate_call" for name in _DECORATORS if _only_decorates(name, module)}
    generic = {} if _is_before_others(module) else {_GENERIC: "pydantic.BaseModel"}
    result = _asked_once(module) if generic else module
    return renamed.names_in(renamed.names_in(result, _FIRST), {**_TABLE, **plain, **generic})


def _is_before_others(module: cst.Module) -> bool:
    """Say whether a class names `GenericModel` before a base that may be a model itself."""
    known = names.of(module)
    for found in nodes.of(module).all(cst.ClassDef):
        plain = [b.value.value if isinstance(b.value, cst.Subscript) else b.value for b in found.bases]
        bases = [known.qualified(base) for base in plain]
        behind = bases[bases.index(_GENERIC) + 1 :] if _GENERIC in bases else []
        if not _APART.issuperset(behind):
            return True
    return False


def _asked_once(module: cst.Module) -> cst.Module:
    """Return a module that asks nothing for `GenericModel` beside `BaseModel`, of which it is one."""
    known, seen = names.of(module), nodes.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for several in seen.all(cst.Tuple):
        found = [e.value for e in several.elements if known.qualified(e.value) in _MODELS]
        is_both = any(known.qualified(model) != _GENERIC for model in found)
        if is_both and classinfo.asked(several, module):
            old = [model for model in found if known.qualified(model) == _GENERIC]
            new = next(model for model in found if model not in old)
            changes |= {model: nodes.to(new.deep_clone()) for model in old}
            changes[several] = classinfo.flat
    return leftovers.tidied(module, nodes.replaced(module, changes))


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
