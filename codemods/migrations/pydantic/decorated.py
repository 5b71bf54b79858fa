"""Finds what the old decorators of pydantic stand on, and puts a class method under a new one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import libcst as cst

from codemods import names, nodes

Found = Mapping[cst.BaseExpression, cst.FunctionDef | None]
"""Uses of a decorator, each with the function below it; None where it is used in another way."""


def by_class(module: cst.Module, decorators: Collection[str]) -> dict[cst.ClassDef, Found]:
    """Return what stands under one of some decorators, by the class in whose body it stands.

    A function counts where nothing else stands on it but a ``classmethod`` below. A use is the call, where
    the decorator is called.
    """
    known, seen = names.of(module), nodes.of(module)
    found: dict[cst.ClassDef, dict[cst.BaseExpression, cst.FunctionDef | None]] = {}
    for node in seen.all(cst.Name, cst.Attribute):
        if known.qualified(node) not in decorators:
            continue
        above = seen.above[node]
        use = above if isinstance(above, cst.Call) and above.func is node else node
        home = seen.within(node, cst.ClassDef)
        if home is not None:
            found.setdefault(home, {})[use] = _function(use, home, module)
    return dict(found)


def _function(use: cst.CSTNode, home: cst.ClassDef, module: cst.Module) -> cst.FunctionDef | None:
    seen = nodes.of(module)
    decorator = seen.above[use]
    function = seen.above.get(decorator)
    if not isinstance(decorator, cst.Decorator) or not isinstance(function, cst.FunctionDef):
        return None
    below = [d.decorator for d in function.decorators[1:]]
    alone = function.decorators[0] is decorator and all(_is_classmethod(d, module) for d in below)
    inside = seen.above.get(function) is home.body and function.asynchronous is None
    return function if alone and len(below) <= 1 and inside else None


def _is_classmethod(node: cst.BaseExpression, module: cst.Module) -> bool:
    return names.of(module).builtin(node) == "classmethod"


def parameters(function: cst.FunctionDef) -> Sequence[cst.Param] | None:
    """Return the plain parameters of a class method; None where it has others, or other than plain ones.

    What ``**`` collects is for the caller to look at.
    """
    own = function.params
    other = own.posonly_params or own.kwonly_params or isinstance(own.star_arg, cst.Param | cst.ParamStar)
    if other or not own.params or own.params[0].name.value != "cls":
        return None
    return None if any(p.default is not None for p in own.params) else own.params


def changes(
    use: cst.BaseExpression,
    function: cst.FunctionDef | None,
    module: cst.Module,
    become: Callable[[cst.Call], cst.Call],
) -> dict[cst.CSTNode, nodes.Change]:
    """Return the changes that put another call in a decorator's place, with ``classmethod`` below it."""
    call = use if isinstance(use, cst.Call) else cst.Call(use)
    found: dict[cst.CSTNode, nodes.Change] = {use: nodes.to(become(call))}
    if function and len(function.decorators) == 1 and names.of(module).builtin(cst.Name("classmethod")):
        found[function] = partial(_with_classmethod)
    return found


def _with_classmethod(updated: cst.CSTNode) -> cst.FunctionDef:
    function = cst.ensure_type(updated, cst.FunctionDef)
    return function.with_changes(decorators=[*function.decorators, cst.Decorator(cst.Name("classmethod"))])
