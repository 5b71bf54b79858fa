"""marshmallow 3 hands `many` and `partial` to the methods of schemas and fields that are given data.

That is to methods under `pre_load`, `post_load`, `pre_dump`, `post_dump` and `validates_schema`, to
`handle_error`, and to `_serialize` and `_deserialize` of fields. One that does not take them raises
`TypeError` as soon as it is called; with `**kwargs` it works in every version. A processor that changes its
data and returns nothing returns it now, for marshmallow 3 would take the None for the data. One that returns
it only sometimes is left to a person, and so is one that gets both `many` and the original data: in
marshmallow 3 they come in another order.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TypeVar

import libcst as cst

from codemods import arguments, derived, names, nodes
from codemods.migrations.marshmallow import classes, hooks
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Let methods take what marshmallow 3 hands them",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: a method takes more arguments, which it does not read.",
    references=(
        classes.GUIDE + "#decorated-methods-and-handle-error-receive-many-and-partial",
        classes.GUIDE + "#custom-fields",
    ),
    needles=(
        *(b"pre_load", b"post_load", b"pre_dump", b"post_dump", b"validates_schema"),
        *(b"handle_error", b"_serialize", b"_deserialize"),
    ),
    pattern=rb"\bmarshmallow\b",
    minutes=1,
    crosses=">=3",
    since="2.0",
)

_PROCESSORS = {
    **dict.fromkeys(classes.decorators("pre_load", "post_load"), frozenset(("many", "partial"))),
    **dict.fromkeys(classes.decorators("pre_dump", "post_dump"), frozenset(("many",))),
}
_VALIDATORS = classes.decorators("validates_schema")
_HANDED = frozenset(("many", "partial"))
_ANYTHING = frozenset(("**",))
_Node = TypeVar("_Node", bound=cst.CSTNode)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose methods take every argument."""
    found = [
        *((f, _PROCESSORS[name]) for name in _PROCESSORS for f in _hooks(module, name)),
        *((f, _HANDED) for name in _VALIDATORS for f in _hooks(module, name)),
        *((f, _HANDED) for f in _methods(module, classes.SCHEMAS, "handle_error")),
        *((f, _ANYTHING) for f in _methods(module, classes.FIELD_ROOTS, "_serialize", "_deserialize")),
    ]
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for function, handed in found:
        if change := hooks.wider(function, handed, module):
            changes[function] = change
    returning = {f for name in _PROCESSORS for f in _hooks(module, name) if _is_silent(f)}
    for function in returning & changes.keys():
        changes[function] = partial(_returning, changes[function])
    return nodes.replaced(module, changes)


def _hooks(module: cst.Module, decorator: str) -> Iterator[cst.FunctionDef]:
    """Yield the methods under a decorator that get in marshmallow 3 what they got, in the same order."""
    for function in hooks.under(module, frozenset((decorator,))):
        said = [d.decorator for d in function.decorators if isinstance(d.decorator, cst.Call)]
        many, original = (any(_says(call, name) for call in said) for name in ("pass_many", "pass_original"))
        second = [p.name.value for p in function.params.params[2:3]]
        in_order = not original and second == ["many"] if many else True
        fine = decorator in _VALIDATORS or _gives(function) or _may_return(function, module)
        if in_order and fine:
            yield function


def _says(call: cst.Call, name: str) -> bool:
    arg = arguments.named(call, name)
    return arg is not None and not (isinstance(arg.value, cst.Name) and arg.value.value == "False")


def _is_silent(function: cst.FunctionDef) -> bool:
    """Say whether a function ends without a word, and returns nowhere."""
    return not _ends(function.body) and not any(_own(function.body, cst.Return))


def _may_return(function: cst.FunctionDef, module: cst.Module) -> bool:
    """Say whether a function that returns nothing can return what it got: the name still stands for that."""
    if not _is_silent(function) or any(_own(function.body, cst.Yield)) or len(function.params.params) < 2:  # noqa: PLR2004 -- self and the data
        return False
    data = function.params.params[1].name
    rebound = any(
        n.value == data.value and not names.of(module).bound_once(n) for n in _own(function.body, cst.Name)
    )
    return isinstance(function.body, cst.IndentedBlock) and not rebound


def _gives(function: cst.FunctionDef) -> bool:
    """Say whether a function certainly returns a value, or raises: on no way nothing, which was the data."""
    return _ends(function.body) and not any(map(_is_nothing, _own(function.body, cst.Return)))


def _is_nothing(node: cst.Return) -> bool:
    return node.value is None or (isinstance(node.value, cst.Name) and node.value.value == "None")


def _own(body: cst.CSTNode, kind: type[_Node]) -> Iterator[_Node]:
    """Yield the nodes of a kind in a body, but for those in functions and classes within."""
    waiting = list(nodes.children(body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, kind):
            yield node
        if not isinstance(node, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            waiting.extend(nodes.children(node))


def _ends(body: cst.CSTNode) -> bool:
    """Say whether a block certainly ends with a value that is returned, or with an error."""
    last = body.body[-1] if isinstance(body, cst.IndentedBlock | cst.SimpleStatementLine) else None
    if isinstance(last, cst.SimpleStatementLine):
        return _ends(last)
    if isinstance(last, cst.Return):
        return last.value is not None
    if isinstance(last, cst.If):
        return _branches_end(last)
    if isinstance(last, cst.With):
        return _ends(last.body)
    return isinstance(last, cst.Raise)


def _branches_end(node: cst.If) -> bool:
    other = node.orelse
    rest = _branches_end(other) if isinstance(other, cst.If) else other is not None and _ends(other.body)
    return _ends(node.body) and rest


def _returning(change: nodes.Change, updated: cst.CSTNode) -> cst.FunctionDef:
    """Return a function that returns its second parameter in the end."""
    new = cst.ensure_type(change(updated), cst.FunctionDef)
    data = cst.Name(new.params.params[1].name.value)
    line = cst.SimpleStatementLine([cst.Return(data)])
    return new.with_deep_changes(new.body, body=[*new.body.body, line])


def _methods(module: cst.Module, roots: frozenset[str], *called: str) -> Iterator[cst.FunctionDef]:
    """Yield the methods of some names of the classes that derive from some of marshmallow's."""
    for own in derived.of(module, roots):
        body = own.body.body if isinstance(own.body, cst.IndentedBlock) else ()
        yield from (
            f for f in body if isinstance(f, cst.FunctionDef) and f.name.value in called and not f.decorators
        )
