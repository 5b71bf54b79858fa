"""Tells which app of FastAPI or Flask a server's command names, and where the tree makes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from codemods import engine, project
from codemods.model import Tree

_SERVER = re.compile(r"\b(?:uvicorn|gunicorn|hypercorn|granian|waitress-serve|fastapi|flask)\b")
_TARGET = re.compile(r"[\s\"',=](?P<module>[A-Za-z_][\w.]*):(?P<app>[A-Za-z_]\w*)")
_SOURCES = {"fastapi": "FastAPI", "flask": "Flask"}


@dataclass(frozen=True, slots=True)
class App:
    """An app that a module makes plainly: its name there, the call, and the line as it is written."""

    path: str
    name: str
    framework: str
    module: ast.Module
    call: ast.Call
    line: str


def named(command: str) -> tuple[str, str] | None:
    """Return the module and the name of the app that a command serves; None where it names none."""
    server = _SERVER.search(command)
    target = _TARGET.search(command, server.end()) if server else None
    return (target["module"], target["app"]) if target else None


def made(tree: Tree, module: str, app: str) -> Iterator[App]:
    """Yield the app, if there is one module of that name in the tree and it makes it plainly."""
    tail = "/" + module.replace(".", "/")
    paths = [p for p in tree.paths() if f"/{p}".endswith((f"{tail}.py", f"{tail}/__init__.py"))]
    if len(paths) != 1 or not project.is_own(paths[0]):
        return
    data = tree.read(paths[0])
    source = engine.skimmed(paths[0], data)
    for node in source.body if source else ():
        targets = [ast.unparse(t) for t in node.targets] if isinstance(node, ast.Assign) else []
        if source and targets == [app] and isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            called = ast.unparse(node.value.func)
            framework = _SOURCES.get(imported_from(source, called), "")
            if framework == called:
                line = data.splitlines()[node.lineno - 1].decode("utf-8", "replace")
                yield App(paths[0], app, framework, source, node.value, line)


def imported_from(module: ast.Module, name: str) -> str:
    """Return the module that a name is imported from, ``""`` where it is not."""
    imports = (n for n in module.body if isinstance(n, ast.ImportFrom) and not n.level)
    return next((n.module or "" for n in imports for a in n.names if (a.asname or a.name) == name), "")
