"""Versions of Python in setup.py and noxfile.py, read and never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from codemods.manifests import setup_py
from codemods.version_places import model
from codemods.version_places.model import Place, Role, Row

FILES = ("setup.py", "noxfile.py")

_ABOUT = re.compile(r"py(?:thon)?s?(?:_|$)|python", re.IGNORECASE)
_VERSION = re.compile(model.VERSION)


def read(path: str, data: bytes) -> list[Place]:
    """Return the places of a setup.py or a noxfile; none of one that does not parse."""
    try:
        tree = setup_py.parsed(data)
        _, starts = setup_py.places(data)
        reader = _setup if path.rpartition("/")[2] == "setup.py" else _nox
        return list(reader(path, data, tree, starts))
    except ValueError:
        return []


def _setup(path: str, data: bytes, tree: ast.Module, starts: Sequence[int]) -> Iterator[Place]:  # noqa: ARG001 -- as _nox
    passed = setup_py.arguments(data)
    wanted = passed.get("python_requires")
    if wanted is not None:
        what = "`python_requires`"
        text, start = _text(wanted, data, starts)
        if text:
            yield from model.specifier(path, text, start, what)
        else:
            yield Place(path, start, start, (0, 0), Role.UNKNOWN, what, stuck="it is computed")
    listed = passed.get("classifiers")
    if isinstance(listed, ast.List | ast.Tuple):
        row = _row(listed, data, starts)
        for index, element in enumerate(listed.elts):
            text, start = _text(element, data, starts)
            yield from model.classifier(path, text, start, row, index) if text else ()


def _nox(path: str, data: bytes, tree: ast.Module, starts: Sequence[int]) -> Iterator[Place]:
    for value, name in _values(tree):
        if isinstance(value, ast.List | ast.Tuple):
            row = _row(value, data, starts)
            for index, element in enumerate(value.elts):
                text, start = _text(element, data, starts)
                yield from model.listed(path, text, start, f"nox's `{name}`", row, index) if text else ()
        else:
            text, start = _text(value, data, starts)
            found = _VERSION.fullmatch(text)
            if found:
                span = start, start + len(text)
                yield Place(path, *span, model.minor(found), Role.RUNS, f"nox's `{name}`", model.shape(found))


def _values(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Yield what a noxfile calls the Pythons of a session, or its Pythons."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "python":
            yield node.value, "python"
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = [t.id for t in targets if isinstance(t, ast.Name) and _ABOUT.match(t.id)]
            yield from ((node.value, name) for name in named[:1])


def _row(node: ast.List | ast.Tuple, data: bytes, starts: Sequence[int]) -> Row:
    plain = all(_text(e, data, starts)[0] for e in node.elts)
    spans = ((_at(e, starts), starts[(e.end_lineno or 1) - 1] + (e.end_col_offset or 0)) for e in node.elts)
    return Row(tuple(spans), broken="" if plain else "its list holds more than texts")


def _at(node: ast.expr, starts: Sequence[int]) -> int:
    return starts[node.lineno - 1] + node.col_offset


def _text(node: ast.expr, data: bytes, starts: Sequence[int]) -> tuple[str, int]:
    """Return a literal's text and the byte where it starts, ``""`` for what is no plain one."""
    start = _at(node, starts) if hasattr(node, "lineno") else 0
    text = setup_py.plain(node, data, start) if isinstance(node, ast.Constant) else ""
    return text, start + 1 if text else start
