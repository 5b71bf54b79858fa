"""Takes apart what a command's test reads of its outputs, as click has done it since version 8.2."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial

import libcst as cst

from codemods import arguments, certain, guards, instances, names, nodes, renamed

_KEYWORDS: Mapping[str, Mapping[str, None]] = {"False": {"mix_stderr": None}, "True": {"mix_stderr": None}}
_MEANT = {"False": ("output", "stdout"), "True": ("stdout", "output")}


def rewrite(module: cst.Module, runners: Collection[str]) -> cst.Module:
    """Return the module whose runners are not told to mix, with the outputs that are meant.

    ``runners`` are the dotted names of their classes. A result has the output of a runner that was told
    ``mix_stderr=False`` in ``stdout``, and in ``output`` that of one that was told to mix.
    """
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for node in nodes.of(module).all(cst.Attribute):
        if node.attr.value in {"output", "stdout"}:
            old, new = _MEANT.get(_of_result(node.value, module, runners), ("", ""))
            if node.attr.value == old:
                changes[node.attr] = nodes.to(cst.Name(new))
    return renamed.keywords_in(nodes.replaced(module, changes), _KEYWORDS, partial(_told, runners=runners))


def _told(call: cst.Call, module: cst.Module, runners: Collection[str]) -> str:
    """Return what a new runner is told, ``""`` for nothing, what is no literal, and any other call."""
    if names.of(module).qualified(call.func) not in runners or guards.for_some_versions(call, module):
        return ""
    arg = arguments.named(call, "mix_stderr")
    return arg.value.value if arg and isinstance(arg.value, cst.Name) and not arguments.starred(call) else ""


def _of_runner(node: cst.BaseExpression, module: cst.Module, runners: Collection[str]) -> str:
    """Return what a runner was told when it was made, by itself or as all runners of the module."""
    made = list(_values(node, module)) if isinstance(node, cst.Name) else [node]
    if made and all(isinstance(value, cst.Call) for value in made):
        every = {_told(cst.ensure_type(value, cst.Call), module, runners) for value in made}
        return every.pop() if len(every) == 1 else ""
    calls = (c for c in nodes.of(module).all(cst.Call) if names.of(module).qualified(c.func) in runners)
    every = {_told(call, module, runners) for call in calls}
    is_one = len(every) == 1 and instances.of(node, module, runners)
    return every.pop() if is_one else ""


def _of_result(node: cst.BaseExpression, module: cst.Module, runners: Collection[str]) -> str:
    """Return what the runner was told whose `invoke` certainly returned a value, ``""`` for any other."""
    if isinstance(node, cst.Call):
        func = node.func
        is_invoked = isinstance(func, cst.Attribute) and func.attr.value == "invoke"
        return _of_runner(cst.ensure_type(func, cst.Attribute).value, module, runners) if is_invoked else ""
    if not isinstance(node, cst.Name):
        return ""
    every = {_of_result(v, module, runners) if isinstance(v, cst.Call) else "" for v in _values(node, module)}
    return every.pop() if len(every) == 1 else ""


def _values(node: cst.Name, module: cst.Module) -> Iterator[cst.BaseExpression | None]:
    """Yield each value that a name has; None: it cannot be told."""
    seen, known = nodes.of(module), names.of(module)
    yield from (None for found in certain.bindings(node, module) if isinstance(found, cst.Param))
    for use in known.uses(node.value):
        above = seen.above[use]
        if not known.binds(node, use) or _is_read(use, above):
            continue
        is_target = isinstance(above, cst.AssignTarget)
        holder = seen.above[above] if is_target else above
        yield nodes.assigned(holder)[1] if is_target or isinstance(above, cst.AnnAssign) else None


def _is_read(use: cst.Name, above: cst.CSTNode) -> bool:
    if isinstance(above, cst.Attribute):
        return above.value is use
    return isinstance(above, cst.Arg | cst.Comparison | cst.ComparisonTarget | cst.FormattedStringExpression)
