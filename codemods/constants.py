"""Finds what a module sets at its top, and adds constants below its imports, above all that may need them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import libcst as cst

from codemods import imports, nodes


def assigned(module: cst.Module) -> Iterator[tuple[int, str, cst.BaseExpression]]:
    """Yield what each line of a module sets one name to, with the index of its statement in the body."""
    for index, line in enumerate(module.body):
        for node in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            target, value = nodes.assigned(node)
            if isinstance(target, cst.Name) and value is not None:
                yield index, target.value, value


def added(module: cst.Module, lines: Sequence[str], at_once: Iterable[int] = ()) -> cst.Module:
    """Return the module with some assignments below its imports.

    ``at_once`` are the indices of the statements of its body that need them while it is imported. Whether
    the names are free is for the caller to ask.
    """
    index = _place(module, at_once)
    if not index:
        module = _without_comment_of_first(module)
    body = list(module.body)
    new = [cst.ensure_type(cst.parse_statement(f"{line}\n"), cst.SimpleStatementLine) for line in lines]
    gap = cst.EmptyLine(indent=False)
    above, below = _parted(getattr(body[index], "leading_lines", ())) if index < len(body) else ((), ())
    if index:
        new[0] = new[0].with_changes(leading_lines=[*above, gap])
    elif not below or below[0].comment:
        below = [*[gap] * (2 if isinstance(body[0], cst.FunctionDef | cst.ClassDef) else 1), *below]
    if index < len(body):
        body[index] = body[index].with_changes(leading_lines=below)
    return module.with_changes(body=[*body[:index], *new, *body[index:]])


def _without_comment_of_first(module: cst.Module) -> cst.Module:
    """Return a module whose first statement has the comments right above it: they are no head of a file."""
    header = list(module.header)
    start = len(header)
    while start and header[start - 1].comment:
        start -= 1
    if not start or not module.body:
        return module
    first, *others = module.body
    first = first.with_changes(leading_lines=[*header[start:], *getattr(first, "leading_lines", ())])
    return module.with_changes(header=header[:start], body=[first, *others])


def _parted(lines: Sequence[cst.EmptyLine]) -> tuple[Sequence[cst.EmptyLine], Sequence[cst.EmptyLine]]:
    """Part the lines above a statement: comments that an empty line parts from it belong to what is above."""
    first_empty = next((i for i, line in enumerate(lines) if line.comment is None), 0)
    return lines[:first_empty], lines[first_empty:]


def _place(module: cst.Module, at_once: Iterable[int]) -> int:
    """Return the index behind the last import above the first definition and the first need."""
    definitions = (i for i, n in enumerate(module.body) if isinstance(n, cst.FunctionDef | cst.ClassDef))
    end = min([*at_once, next(definitions, len(module.body))])
    with_import = [i for i, n in enumerate(module.body[:end]) if _imports(n)]
    return max([imports.first_place(module), *(i + 1 for i in with_import)])


def _imports(statement: cst.BaseStatement) -> bool:
    """Say whether a statement is an import, or a condition around imports."""
    if isinstance(statement, cst.If | cst.Try | cst.With):
        return any(map(_imports, cast("Sequence[cst.BaseStatement]", statement.body.body)))
    return bool(imports.of([statement]))
