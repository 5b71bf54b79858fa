"""pydantic 2 gives the methods of models names of their own: `model_dump` for `dict`, and so on.

The old names still work, and warn each time; pydantic 3 will not know them. They change where it is certain
that a model is asked: a class of this module that derives from pydantic's own and from nothing unknown, a
value that is made of it or annotated with it, `self` and `cls` within. A method that a class of the module
overrides keeps its name, and so does a call with arguments that the new one does not take.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, certain, derived, guards, names, nodes
from codemods.migrations.pydantic import models
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call the methods of pydantic's models by their new names",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A class derived in another module that overrides the old name is not asked any more.",
    references=(
        "https://docs.pydantic.dev/2.12/migration/#changes-to-pydanticbasemodel",
        "https://docs.pydantic.dev/2.12/api/base_model/",
    ),
    needles=(
        *(b"dict", b"json", b"copy", b"parse_obj", b"from_orm", b"construct", b"schema", b"validate"),
        *(b"update_forward_refs", b"__fields__", b"__fields_set__"),
    ),
    pattern=rb"\bpydantic(?:_settings)?\b",
    minutes=1,
    crosses=">=2",
)

_DUMPED = frozenset(("include", "exclude", "by_alias", "exclude_unset", "exclude_defaults", "exclude_none"))
_ONE = frozenset(("",))
_OF_OBJECTS = {
    "dict": ("model_dump", _DUMPED),
    "json": ("model_dump_json", _DUMPED | {"indent"}),
    "copy": ("model_copy", frozenset(("update", "deep"))),
}
_OF_CLASSES = {
    "parse_obj": ("model_validate", _ONE),
    "from_orm": ("model_validate", _ONE),
    "validate": ("model_validate", _ONE),
    "construct": ("model_construct", None),
    "schema": ("model_json_schema", frozenset(("by_alias", "ref_template"))),
    "update_forward_refs": ("model_rebuild", frozenset[str]()),
}
_METHODS = _OF_OBJECTS | _OF_CLASSES
_ATTRIBUTES = {"__fields__": "model_fields", "__fields_set__": "model_fields_set"}
_OPTIONAL = frozenset(("typing.Optional", "typing.Annotated", "typing_extensions.Annotated"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that calls the methods of models by their new names."""
    every = models.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for node in nodes.of(module).all(cst.Attribute) if every else ():
        new = _new(node, module)
        if new and not guards.for_some_versions(node, module):
            changes[node.attr] = nodes.to(cst.Name(new))
    return nodes.replaced(module, changes)


def _new(node: cst.Attribute, module: cst.Module) -> str | None:
    """Return the new name of what is asked of a model; None where that is not certain."""
    old, call = node.attr.value, nodes.of(module).above[node]
    is_called = isinstance(call, cst.Call) and call.func is node
    if old in _ATTRIBUTES and not is_called:
        receiver = _class(node.value, module) if old == "__fields__" else _model(node.value, module)
        new = _ATTRIBUTES[old]
    elif old in _METHODS and is_called and _takes(cst.ensure_type(call, cst.Call), old):
        receiver = (_class if old in _OF_CLASSES else _model)(node.value, module)
        new = _METHODS[old][0]
    else:
        return None
    fine = receiver and models.whole(receiver, module) and not _is_bound(old, module)
    return new if fine and not _is_bound(new, module) else None


def _takes(call: cst.Call, old: str) -> bool:
    """Say whether the new method takes the arguments of a call in the same way."""
    known = _METHODS[old][1]
    given = {arg.keyword.value if arg.keyword else arg.star for arg in call.args}
    if known is None:
        return given.isdisjoint(("", "*"))
    if arguments.starred(call) or (known is _ONE and len(call.args) != 1):
        return False
    return given <= known


def _is_bound(name: str, module: cst.Module) -> bool:
    """Say whether a class of the module has this name for something of its own."""
    return any(name in derived.bound(found) for found in nodes.of(module).all(cst.ClassDef))


def _class(node: cst.BaseExpression, module: cst.Module) -> cst.ClassDef | None:
    """Return the model that an expression stands for."""
    if isinstance(node, cst.Name) and node.value == "cls":
        return _around(node, module, is_class=True)
    found = derived.named(node, module)
    return found if found in models.of(module) else None


def _model(node: cst.BaseExpression, module: cst.Module) -> cst.ClassDef | None:
    """Return the model that an expression is an object of."""
    if isinstance(node, cst.Call):
        return _made(node, module)
    if not isinstance(node, cst.Name) or not names.of(module).bound_once(node):
        return None
    if node.value == "self":
        return _around(node, module, is_class=False)
    found = certain.bindings(node, module)
    return _bound_to(found[0], module) if len(found) == 1 else None


def _made(node: cst.Call, module: cst.Module) -> cst.ClassDef | None:
    """Return the model that a call makes an object of."""
    func = node.func
    if isinstance(func, cst.Attribute) and func.attr.value in {"parse_obj", "from_orm", "model_validate"}:
        return _class(func.value, module)
    return None if isinstance(func, cst.Name) and func.value == "cls" else _class(func, module)


def _bound_to(found: cst.CSTNode, module: cst.Module) -> cst.ClassDef | None:
    if isinstance(found, cst.Param):
        plain = not found.star and found.annotation
        return _annotated(found.annotation.annotation, module) if plain and found.annotation else None
    if isinstance(found, cst.AnnAssign):
        return _annotated(found.annotation.annotation, module)
    value = cst.ensure_type(found, cst.Assign).value
    return _made(value, module) if isinstance(value, cst.Call) else None


def _annotated(node: cst.BaseExpression, module: cst.Module) -> cst.ClassDef | None:
    """Return the model that an annotation names: alone, or as one that may be None."""
    if isinstance(node, cst.Subscript) and names.of(module).qualified(node.value) in _OPTIONAL:
        first = node.slice[0].slice
        return _annotated(first.value, module) if isinstance(first, cst.Index) else None
    return _class(node, module)


def _around(node: cst.Name, module: cst.Module, *, is_class: bool) -> cst.ClassDef | None:
    """Return the model whose method has this name for its first parameter."""
    seen, known = nodes.of(module), names.of(module)
    method = next(
        (f for f in seen.ancestors(node) if isinstance(f, cst.FunctionDef) and known.binds(f, node)), None
    )
    if method is None or not known.bound_once(node) or not method.params.params:
        return None
    decorators = [known.builtin(d.decorator) for d in method.decorators]
    is_first = method.params.params[0].name.value == node.value
    home = seen.above.get(seen.above[method])
    suits = (
        decorators == ["classmethod"] if is_class else not {"classmethod", "staticmethod"} & set(decorators)
    )
    return (
        home if is_first and suits and isinstance(home, cst.ClassDef) and home in models.of(module) else None
    )
