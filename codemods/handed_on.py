"""Reads modules that only hand on names of the standard library, and lets others take them from there."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator, Mapping

import libcst as cst

from codemods import engine, nodes, renamed, scopes, writing
from codemods.source import Source


def read(source: Source) -> Mapping[str, str]:
    """Return what each name of a module stands for in the standard library, where it holds nothing else.

    Nothing is returned of a module with any other statement than plain imports of such names, a docstring
    and a list of them in ``__all__``.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            body = ast.parse(source.text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, str] = {}
    for node in body:
        names = dict(_imported(node))
        if not names and not _says_nothing(node):
            return {}
        found |= names
    return found


def _imported(node: ast.stmt) -> Iterator[tuple[str, str]]:
    if not isinstance(node, ast.ImportFrom) or node.level or not node.module or node.module == "__future__":
        return
    if node.module.partition(".")[0] in sys.stdlib_module_names and node.names[0].name != "*":
        yield from ((a.asname or a.name, f"{node.module}.{a.name}") for a in node.names)


def _says_nothing(node: ast.stmt) -> bool:
    """Say whether a statement is a docstring, a future import or a list of names that others read."""
    if isinstance(node, ast.Assign):
        targets = [t.id for t in node.targets if isinstance(t, ast.Name)]
        return targets == ["__all__"] and isinstance(node.value, ast.List | ast.Tuple)
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or (isinstance(node, ast.ImportFrom) and node.module == "__future__")


def dotted(path: str) -> str:
    """Return the dotted name that a module's path has; what its folders are called before it is the same."""
    return ".".join(path.removesuffix(".py").removesuffix("/__init__").removeprefix("src/").split("/"))


def taken(source: Source, module: str, names: Mapping[str, str]) -> bytes | None:
    """Return a file that takes the names of a module from the standard library; None where it cannot."""
    if source.widths != "utf-8":
        return None
    try:
        before = engine.module(source.path, source.data)
    except engine.Unreadable:
        return None
    table = {f"{module}.{name}": full for name, full in names.items()}
    after = renamed.names_in(_absolute(before, source.path, module), table)
    text = writing.edited(before, after)
    return source.data[: source.offset] + text.encode()


def _absolute(tree: cst.Module, path: str, module: str) -> cst.Module:
    """Return a module in which the relative imports from another name that one in full."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    package = dotted(path).split(".")
    parts = package if path.endswith("__init__.py") else package[:-1]
    for node in nodes.of(tree).all(cst.ImportFrom):
        if node.relative:
            above = parts[: len(parts) - len(node.relative) + 1]
            said = scopes.dotted(node.module).split(".") if node.module else []
            if ".".join([*above, *said]) == module:
                full = cst.ensure_type(cst.parse_expression(module), cst.Attribute | cst.Name)  # type: ignore[arg-type]
                changes[node] = nodes.to(node.with_changes(relative=(), module=full))
    return nodes.replaced(tree, changes)
