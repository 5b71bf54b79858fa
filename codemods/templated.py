"""Gives Starlette's templates the request first, as they have taken it since version 0.29."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import libcst as cst

from codemods import arguments, certain, guards, imports, instances, layout, names, nodes

_CLASSES = frozenset(("starlette.templating.Jinja2Templates", "fastapi.templating.Jinja2Templates"))
_KEY = "request"
_NEVER = frozenset(("None", "True", "False"))


@dataclass(frozen=True)
class _Old:
    """A call in the old way: the argument that is its context, and the request that lies in it.

    ``inside`` is the argument's value without the request (None: it stays as it is).
    """

    context: cst.Arg
    request: cst.BaseExpression
    inside: cst.Dict | None


def rewrite(module: cst.Module) -> cst.Module:
    """Return the module whose templates are given the request first, where it certainly lies in the context.

    Only what certainly is a `Jinja2Templates` is asked for a response in a new way.
    """
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        if _is_response(call, module) and (old := _old(call, module)):
            change = partial(_changed, old)
            changes[call] = layout.fitted(module, call, change) or partial(_as_call, old)
    return nodes.replaced(module, changes)


def _is_response(call: cst.Call, module: cst.Module) -> bool:
    func = call.func
    if not isinstance(func, cst.Attribute) or func.attr.value != "TemplateResponse":
        return False
    undecided = arguments.starred(call) or guards.for_some_versions(call, module)
    return not undecided and instances.of(func.value, module, _CLASSES)


def _old(call: cst.Call, module: cst.Module) -> _Old | None:
    """Return what a call in the old way gives, None where it is no such call or not all of it is seen."""
    placed, named = arguments.positional(call), partial(arguments.named, call)
    if named(_KEY) is not None or (len(placed) != len(call.args) and call.args[: len(placed)] != (*placed,)):
        return None
    context = placed[1] if len(placed) > 1 else named("context")
    if context is None or (named("name") is None) == (not placed):
        return None
    value = context.value
    if isinstance(value, cst.Dict):
        request = _entry(value)
        return _Old(context, request.value, _without(value, request)) if request else None
    request = _held(value, call, module)
    return _Old(context, request.value, None) if request else None


def _entry(found: cst.Dict) -> cst.DictElement | None:
    """Return the entry of the request; None where it is no plain name, or something may come in its place."""
    keys = [_key(element) for element in found.elements]
    if keys.count(_KEY) != 1:
        return None
    index = keys.index(_KEY)
    entry = found.elements[index]
    hidden = any(isinstance(e, cst.StarredDictElement) for e in found.elements[index:])
    if hidden or not isinstance(entry, cst.DictElement) or not _is_plain(entry.value):
        return None
    return entry


def _key(element: cst.BaseDictElement) -> str:
    key = element.key if isinstance(element, cst.DictElement) else None
    return str(key.evaluated_value) if isinstance(key, cst.SimpleString) else ""


def _is_plain(value: cst.BaseExpression) -> bool:
    """Say whether a value is a name, or an attribute of one."""
    while isinstance(value, cst.Attribute):
        value = value.value
    return isinstance(value, cst.Name) and value.value not in _NEVER


def _without(found: cst.Dict, entry: cst.DictElement) -> cst.Dict | None:
    """Return a dictionary without an entry; None where it has to stay, or a comment would be lost."""
    starred = any(isinstance(e, cst.StarredDictElement) for e in found.elements)
    if starred or nodes.comments(entry):
        return None
    left = [element for element in found.elements if element is not entry]
    if not left:
        return cst.Dict([]) if not nodes.comments(found) else None
    if entry is found.elements[-1]:
        if isinstance(left[-1].comma, cst.Comma) and nodes.comments(left[-1].comma):
            return None
        left[-1] = left[-1].with_changes(comma=entry.comma)
    return found.with_changes(elements=left)


def _held(value: cst.BaseExpression, call: cst.Call, module: cst.Module) -> cst.DictElement | None:
    """Return the request's entry in a dictionary that a name of the same function certainly holds."""
    seen, known, held = nodes.of(module), names.of(module), certain.bound_to(value, module)
    entry = _entry(held) if isinstance(held, cst.Dict) and isinstance(value, cst.Name) else None
    if entry is None or not isinstance(value, cst.Name) or not isinstance(entry.value, cst.Name):
        return None
    function = seen.function(call)
    is_same = function is not None and function is seen.function(entry)
    uses = [use for use in known.uses(value.value) if known.binds(value, use)]
    fine = is_same and known.bound_once(entry.value) and all(_is_harmless(use, module) for use in uses)
    return entry if fine else None


def _is_harmless(use: cst.Name, module: cst.Module) -> bool:
    """Say whether a use of a context leaves the request in it."""
    above = nodes.of(module).above
    holder = above[use]
    if isinstance(holder, cst.AssignTarget | cst.AnnAssign):
        return True
    if isinstance(holder, cst.Subscript) and holder.value is use:
        index = holder.slice[0].slice
        return isinstance(index, cst.Index) and _other_key(index.value)
    return isinstance(holder, cst.Arg) and _is_response(cst.ensure_type(above[holder], cst.Call), module)


def _other_key(key: cst.BaseExpression) -> bool:
    return isinstance(key, cst.SimpleString) and key.evaluated_value != _KEY


def _as_call(old: _Old, updated: cst.CSTNode) -> cst.CSTNode:
    return _changed(old, cst.ensure_type(updated, cst.Call))


def _changed(old: _Old, call: cst.Call) -> cst.Call:
    """Return the call in the new way."""
    first = call.args[0]
    call = _emptied(old, call) if old.inside is not None else call
    space = first.comma.whitespace_after if isinstance(first.comma, cst.Comma) else cst.SimpleWhitespace(" ")
    comma = cst.Comma(whitespace_after=imports.plain(space))
    new = arguments.keyword(_KEY, old.request) if first.keyword else cst.Arg(old.request)
    return call.with_changes(args=[new.with_changes(comma=comma), *call.args])


def _emptied(old: _Old, call: cst.Call) -> cst.Call:
    """Return the call with its context without the request, or without the context where nothing is left."""
    index = _index(call.args, old.context)
    is_last = index == len(call.args) - 1
    if old.inside is not None and not old.inside.elements and (is_last or old.context.keyword):
        shorter = arguments.without(call, index)
        if shorter is not None:
            return shorter
    return call.with_deep_changes(call.args[index], value=old.inside)


def _index(args: Sequence[cst.Arg], arg: cst.Arg) -> int:
    by_name = (n for n, a in enumerate(args) if a.keyword and arg.keyword and a.keyword.value == "context")
    return next(by_name, 1)
