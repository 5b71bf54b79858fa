"""Follows what the API answered through a module: each use of it becomes one of an object, or all stay.

Up to openai 0.28 an answer was a dictionary whose keys were attributes as well; since 1.0 it is a model of
pydantic, which has the attributes only. A shape is the name of a model, ``[name`` a list of them, ``~name`` a
stream of them, and ``""`` a plain value that is the same in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import libcst as cst

from codemods import names, nodes

_CATEGORIES = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "self-harm"),
    *(
        "self-harm/instructions",
        "self-harm/intent",
        "sexual",
        "sexual/minors",
        "violence",
        "violence/graphic",
    ),
)


def _plain(*fields: str) -> dict[str, str]:
    return dict.fromkeys(fields, "")


_USAGE = {"usage": "usage"}
_SHAPES: Mapping[str, Mapping[str, str]] = {
    "chat": {**_plain("id", "object", "created", "model"), "choices": "[choice", **_USAGE},
    "chunk": {**_plain("id", "object", "created", "model"), "choices": "[part"},
    "completion": {**_plain("id", "object", "created", "model"), "choices": "[text", **_USAGE},
    "choice": {**_plain("index", "finish_reason"), "message": "message"},
    "part": {**_plain("index", "finish_reason"), "delta": "message"},
    "text": _plain("index", "finish_reason", "text"),
    "message": {**_plain("role", "content"), "function_call": "function"},
    "function": _plain("name", "arguments"),
    "usage": _plain("prompt_tokens", "completion_tokens", "total_tokens"),
    "embeddings": {**_plain("object", "model"), "data": "[embedding", **_USAGE},
    "embedding": _plain("object", "index", "embedding"),
    "images": {**_plain("created"), "data": "[image"},
    "image": _plain("url", "b64_json"),
    "transcription": _plain("text"),
    "moderation": {**_plain("id", "model"), "results": "[result"},
    "result": {**_plain("flagged"), "categories": "categories", "category_scores": "categories"},
    "categories": _plain(*_CATEGORIES),
    "models": {**_plain("object"), "data": "[model"},
    "model": _plain("id", "object", "created", "owned_by"),
    "files": {**_plain("object"), "data": "[file"},
    "file": _plain("id", "object", "bytes", "created_at", "filename", "purpose", "status"),
    "deleted": _plain("id", "object", "deleted"),
    "jobs": {**_plain("object"), "data": "[job"},
    "job": _plain(
        *("id", "object", "created_at", "finished_at", "fine_tuned_model", "model", "organization_id"),
        *("result_files", "status", "trained_tokens", "training_file", "validation_file"),
    ),
    "events": {**_plain("object"), "data": "[event"},
    "event": _plain("id", "object", "created_at", "level", "message"),
}
_OPTIONAL = frozenset(("role", "content", "function_call", "url", "b64_json", "fine_tuned_model"))
"""Fields that an answer leaves out, and whose attribute is None then."""

Changes = dict[cst.CSTNode, nodes.Change]


def followed(value: cst.BaseExpression, shape: str, module: cst.Module) -> Changes | None:
    """Return what has to change where a value of a shape is used; None where one use cannot be told."""
    if not shape:
        return {}
    above = nodes.of(module).above[value]
    if isinstance(above, cst.Expr) or (isinstance(above, cst.If | cst.IfExp) and above.test is value):
        return {}
    is_part = isinstance(above, cst.Subscript | cst.Attribute) and above.value is value
    if is_part or isinstance(above, cst.ComparisonTarget | cst.Arg):
        return _read(above, shape, module)
    target = _bound(above, value, shape)
    return None if target is None else _named(target, _element(above, shape), module)


def _read(above: cst.CSTNode, shape: str, module: cst.Module) -> Changes | None:
    """Return what changes of an expression that takes a value."""
    if isinstance(above, cst.Subscript):
        return _item(above, shape, module)
    if isinstance(above, cst.Attribute):
        return _attribute(above, shape, module)
    if isinstance(above, cst.ComparisonTarget):
        return _contained(above, shape, module)
    return _handed(cst.ensure_type(above, cst.Arg), shape, module)


def _item(node: cst.Subscript, shape: str, module: cst.Module) -> Changes | None:
    if len(node.slice) != 1:
        return None
    index = node.slice[0].slice
    if shape.startswith("["):
        return followed(node, shape if isinstance(index, cst.Slice) else shape[1:], module)
    key = index.value if isinstance(index, cst.Index) else None
    field = _text(key)
    if field is None or field not in _SHAPES.get(shape, {}) or nodes.comments(node.slice[0]):
        return None
    return _and(
        {node: partial(_field, _attribute_name(field))}, followed(node, _SHAPES[shape][field], module)
    )


def _attribute(node: cst.Attribute, shape: str, module: cst.Module) -> Changes | None:
    field, above = node.attr.value, nodes.of(module).above[node]
    if field in _SHAPES.get(shape, {}):
        return followed(node, _SHAPES[shape][field], module)
    if field == "get" and isinstance(above, cst.Call) and above.func is node:
        return _got(above, shape, module)
    return None


def _got(call: cst.Call, shape: str, module: cst.Module) -> Changes | None:
    """Change ``.get("content")`` and ``.get("content", "")`` of a field that may be missing."""
    if any(arg.keyword or arg.star for arg in call.args) or nodes.comments(call):
        return None
    field, *default = [_text(arg.value) for arg in call.args] or [None]
    plain = not default or (isinstance(call.args[1].value, cst.Name) and call.args[1].value.value == "None")
    if field not in _OPTIONAL or field not in _SHAPES[shape] or not (plain or default == [""]):
        return None
    inner = _SHAPES[shape][field]
    if plain:
        return _and({call: partial(_got_field, field)}, followed(call, inner, module))
    return None if inner else {call: partial(_or_empty, field, _is_alone(call, module))}


def _is_alone(node: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether a value stands where ``or`` needs no parentheses."""
    above = nodes.of(module).above[node]
    return isinstance(above, cst.Assign | cst.AugAssign | cst.Return | cst.Arg)


def _contained(target: cst.ComparisonTarget, shape: str, module: cst.Module) -> Changes | None:
    """Change ``"content" in message`` of a field that may be missing."""
    comparison = nodes.of(module).above[target]
    if not isinstance(comparison, cst.Comparison) or len(comparison.comparisons) != 1:
        return None
    field = _text(comparison.left)
    if field not in _OPTIONAL or field not in _SHAPES.get(shape, {}) or nodes.comments(comparison):
        return None
    if isinstance(target.operator, cst.In):
        return {comparison: partial(_is_given, field, cst.IsNot())}
    return (
        {comparison: partial(_is_given, field, cst.Is())} if isinstance(target.operator, cst.NotIn) else None
    )


def _handed(arg: cst.Arg, shape: str, module: cst.Module) -> Changes | None:
    """Tell of a value that a built-in function takes: `print` any, `len` a list."""
    call = cst.ensure_type(nodes.of(module).above[arg], cst.Call)
    function = names.of(module).builtin(call.func)
    if arg.keyword or arg.star or (function != "print" and len(call.args) != 1):
        return None
    return {} if function == "print" or (function == "len" and shape.startswith("[")) else None


def _bound(above: cst.CSTNode, value: cst.CSTNode, shape: str) -> cst.Name | None:
    """Return the name that a statement gives to a value, or to each element of it."""
    if isinstance(above, cst.For | cst.CompFor) and above.iter is value:
        target: cst.CSTNode | None = above.target if shape[0] in "[~" else None
    else:
        target = nodes.assigned(above)[0] if isinstance(above, cst.Assign) else None
    return target if isinstance(target, cst.Name) else None


def _element(above: cst.CSTNode, shape: str) -> str:
    return shape if isinstance(above, cst.Assign) else shape[1:]


def _named(target: cst.Name, shape: str, module: cst.Module) -> Changes | None:
    """Return what changes where a name is used that is bound here alone, and is no attribute of a class."""
    known, seen = names.of(module), nodes.of(module)
    is_attribute = seen.function(target) is None and seen.within(target, cst.ClassDef) is not None
    if is_attribute or not known.bound_once(target):
        return None
    found: Changes | None = {}
    for use in _uses(target, known):
        found = _and(found, followed(use, shape, module))
    return found


def _uses(target: cst.Name, known: names.Names) -> Iterator[cst.Name]:
    return (use for use in known.uses(target.value) if use is not target and known.binds(target, use))


def _and(some: Changes | None, more: Changes | None) -> Changes | None:
    return None if some is None or more is None else {**some, **more}


def _text(node: cst.BaseExpression | None) -> str | None:
    return str(node.raw_value) if isinstance(node, cst.SimpleString) else None


def _attribute_name(field: str) -> str:
    return field.replace("/", "_").replace("-", "_")


def _field(name: str, updated: cst.CSTNode) -> cst.CSTNode:
    old = cst.ensure_type(updated, cst.Subscript)
    return cst.Attribute(old.value, cst.Name(name), lpar=old.lpar, rpar=old.rpar)


def _got_field(name: str, updated: cst.CSTNode) -> cst.CSTNode:
    old = cst.ensure_type(updated, cst.Call)
    return cst.ensure_type(old.func, cst.Attribute).with_changes(
        attr=cst.Name(name), lpar=old.lpar, rpar=old.rpar
    )


def _or_empty(name: str, is_alone: bool, updated: cst.CSTNode) -> cst.CSTNode:  # noqa: FBT001 -- partial
    old = cst.ensure_type(updated, cst.Call)
    left = cst.ensure_type(old.func, cst.Attribute).with_changes(attr=cst.Name(name))
    new = cst.BooleanOperation(left, cst.Or(), old.args[1].value, lpar=old.lpar, rpar=old.rpar)
    if is_alone or old.lpar:
        return new
    return new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _is_given(name: str, operator: cst.BaseCompOp, updated: cst.CSTNode) -> cst.CSTNode:
    old = cst.ensure_type(updated, cst.Comparison)
    (target,) = old.comparisons
    left = cst.Attribute(target.comparator, cst.Name(name))
    return old.with_changes(left=left, comparisons=[cst.ComparisonTarget(operator, cst.Name("None"))])
