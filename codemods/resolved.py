"""Tells which names of a library one module uses, followed through its imports."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import libcst as cst

from codemods import alignment, names, nodes


@dataclass(frozen=True, slots=True)
class Use:
    """One place that uses a name: dotted, as the library has it; ``line`` counts from 1.

    Of a call ``keywords`` are the arguments that are given by name; None: it is no call, or not all of them
    can be seen.
    """

    name: str
    line: int
    keywords: frozenset[str] | None = None


def of(module: cst.Module, modules: Collection[str]) -> list[Use]:
    """Return each use of something that belongs to one of the ``modules``, in the order of the text.

    An import by name is a use. What a name stands for only sometimes is none, nor is a method of an object.
    """
    lines = alignment.positions(module)
    found = ((node, use) for node, use in _uses(module) if _belongs(use, modules))
    uses = {Use(name, lines[node].start.line, _keywords(module, node)) for node, name in found}
    return sorted(uses, key=lambda use: (use.line, use.name, use.keywords is None))


def _uses(module: cst.Module) -> Iterator[tuple[cst.CSTNode, str]]:
    known, seen = names.of(module), nodes.of(module)
    statements: list[cst.Import | cst.ImportFrom] = [*seen.all(cst.Import), *seen.all(cst.ImportFrom)]
    for statement in statements:
        yield from ((statement, full) for full in _imported(statement))
    for node in seen.all(cst.Name, cst.Attribute):
        above = seen.above.get(node)
        is_part = isinstance(above, cst.Attribute) and (above.value is node or above.attr is node)
        if is_part or isinstance(above, cst.ImportAlias | cst.Param | cst.AsName):
            continue
        if full := known.qualified(node):
            yield node, full


def _imported(statement: cst.Import | cst.ImportFrom) -> Iterator[str]:
    if isinstance(statement.names, cst.ImportStar):
        return
    base = ""
    if isinstance(statement, cst.ImportFrom):
        if statement.relative or statement.module is None:
            return
        base = f"{names.dotted(statement.module)}."
    for alias in statement.names:
        yield f"{base}{names.dotted(alias.name)}"


def _belongs(name: str, modules: Collection[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def _keywords(module: cst.Module, node: cst.CSTNode) -> frozenset[str] | None:
    call = nodes.of(module).above.get(node)
    if not isinstance(call, cst.Call) or call.func is not node:
        return None
    if any(arg.star == "**" for arg in call.args):
        return None
    return frozenset(arg.keyword.value for arg in call.args if arg.keyword)
