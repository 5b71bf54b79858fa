"""Finds where the settings of a tree's one Celery app stand, if that can be told."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codemods import engine, glance, project
from codemods.model import Tree

_MAKES = re.compile(rb"\bCelery\s*\(")
_CONFIGURES = re.compile(rb"\bconfig_from_\w+|\bconf\s*\.\s*update\s*\(|\bconf\s*\[")
_FOR_SOME = re.compile(r"test|local|dev|debug|example", re.IGNORECASE)
"""Settings of such a name are not those of production."""
_DJANGO = "django.conf:settings"
_UNSEEN = frozenset(("config_source", "include_config"))


@dataclass(frozen=True, slots=True)
class Place:
    """New settings go behind line ``line`` (from 1) of a file, written as ``form`` with a name and a value.

    ``upper`` says that the names are in capitals there; ``anchor`` is the line that told the place.
    """

    path: str
    line: int
    form: str
    upper: bool
    anchor: int


@dataclass(frozen=True)
class _App:
    """The module of an app: what it is called there, and the statements at the module's top."""

    path: str
    name: str
    made: ast.stmt
    module: ast.Module
    lines: Sequence[str]


def place(tree: Tree) -> Place | None:
    """Return where the app's settings stand; None for no app, several, or settings that are not in sight."""
    sources = {p: tree.read(p) for p in tree.paths() if p.endswith(".py") and project.is_own(p)}
    makers = [path for path, data in sources.items() if _MAKES.search(data)]
    if len(makers) != 1:
        return None
    app = _app(makers[0], sources[makers[0]])
    others = {path: data for path, data in sources.items() if path != makers[0]}
    if app is None or any(_CONFIGURES.search(data) for data in others.values()):
        return None
    told = list(_told(app))
    if len(told) != len(re.findall(rb"\bconfig_from_\w+", sources[app.path])) or len(told) > 1:
        return None
    return _in_file(told[0], app, others) if told else _beside(app)


def _app(path: str, data: bytes) -> _App | None:
    module = engine.skimmed(path, data)
    if module is None or b"\r" in data.replace(b"\r\n", b""):
        return None
    known = set(_imported(module))
    calls = [n for n in ast.walk(module) if isinstance(n, ast.Call) and ast.unparse(n.func) in known]
    if len(calls) != 1 or any(k.arg is None or k.arg in _UNSEEN for k in calls[0].keywords):
        return None
    for line in module.body:
        if isinstance(line, ast.Assign) and line.value is calls[0] and len(line.targets) == 1:
            target = line.targets[0]
            if isinstance(target, ast.Name):
                return _App(
                    path, target.id, line, module, [n.decode("utf-8", "replace") for n in data.splitlines()]
                )
    return None


def _imported(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and node.module == "celery" and not node.level:
            yield from (a.asname or a.name for a in node.names if a.name == "Celery")
        elif isinstance(node, ast.Import):
            yield from (f"{a.asname or a.name}.Celery" for a in node.names if a.name == "celery")


def _told(app: _App) -> Iterator[ast.Call]:
    """Yield each call at the module's top that names where the settings are."""
    for line in app.module.body:
        call = line.value if isinstance(line, ast.Expr) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) == f"{app.name}.config_from_object":
            yield call


def _in_file(call: ast.Call, app: _App, others: Mapping[str, bytes]) -> Place | None:
    """Return the place in the module of settings that a call names."""
    said = {k.arg: k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)}
    if len(call.args) != 1 or len(said) != len(call.keywords) or not said.keys() <= {"namespace"}:
        return None
    named, space = _named(call.args[0], app.module), str(said.get("namespace") or "")
    if named == _DJANGO:
        broker = _setting(f"{space}_BROKER_URL")
        paths = [path for path, data in others.items() if broker.search(data)]
        is_told = len(paths) == 1 and space.isupper() and not _FOR_SOME.search(paths[0])
        return _block(paths[0], others[paths[0]], f"{space}_") if is_told else None
    tail = "/" + named.replace(".", "/") + ".py"
    paths = [path for path in others if named and not space and f"/{path}".endswith(tail)]
    return _block(paths[0], others[paths[0]], "") if len(paths) == 1 else None


def _named(node: ast.expr, module: ast.Module) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    imports = (n for n in module.body if isinstance(n, ast.ImportFrom) and n.module == "django.conf")
    is_django = any(ast.unparse(node) == (a.asname or a.name) for n in imports for a in n.names)
    return _DJANGO if is_django else ""


def _block(path: str, data: bytes, prefix: str) -> Place | None:
    """Return the end of the block of settings in which the address of the broker stands, once."""
    broker = prefix + ("BROKER_URL" if prefix else "broker_url")
    if len(_setting(broker).findall(data)) != 1 or b"\r" in data.replace(b"\r\n", b""):
        return None
    module = engine.skimmed(path, data)
    body = module.body if module else []
    start = next((i for i, line in enumerate(body) if _target(line) == broker), None)
    if start is None:
        return None
    end = start
    while end + 1 < len(body) and _is_kin(_target(body[end + 1]), prefix):
        end += 1
    return _behind(path, body, end, f"{prefix}{{}} = {{}}", upper=bool(prefix), anchor=body[start].lineno)


def _setting(name: str) -> re.Pattern[bytes]:
    """Return what finds where a setting is set, in a condition too."""
    return re.compile(rf"^(?:\xef\xbb\xbf)?[ \t]*{re.escape(name)}[ \t]*[:=]".encode(), re.MULTILINE)


def _target(line: ast.stmt) -> str:
    targets = line.targets if isinstance(line, ast.Assign) else ()
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else ""


def _is_kin(name: str, prefix: str) -> bool:
    return name.startswith(prefix) if prefix else bool(name) and name.islower()


def _beside(app: _App) -> Place | None:
    """Return the place below the app, or below the last of its settings in the same module."""
    ends = {id(app.made)}
    own = [n for n in ast.walk(app.module) if isinstance(n, ast.Attribute) and _is_conf(n.value, app)]
    every = [n for n in ast.walk(app.module) if _is_conf(n, app)]
    if len(own) != len(every) or any(not n.attr.islower() for n in own):
        return None
    for line in app.module.body:
        call = line.value if isinstance(line, ast.Expr) else None
        target = line.targets[0] if isinstance(line, ast.Assign) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) == f"{app.name}.conf.update":
            if call.args or any(k.arg is None or not k.arg.islower() for k in call.keywords):
                return None
            ends.add(id(line))
        elif isinstance(target, ast.Attribute) and _is_conf(target.value, app):
            ends.add(id(line))
    updates = sum(n.attr == "update" for n in own)
    if updates != sum(isinstance(line, ast.Expr) and id(line) in ends for line in app.module.body):
        return None
    index = max(i for i, line in enumerate(app.module.body) if id(line) in ends)
    line = app.module.body[index]
    if isinstance(line, ast.Expr) and (inside := _inside(line, app)):
        return inside
    form = f"{app.name}.conf.{{}} = {{}}"
    return _behind(app.path, app.module.body, index, form, upper=False, anchor=line.lineno)


def _is_conf(node: ast.AST, app: _App) -> bool:
    named = isinstance(node, ast.Attribute) and node.attr == "conf" and isinstance(node.value, ast.Name)
    return named and ast.unparse(node) == f"{app.name}.conf"


def _inside(line: ast.Expr, app: _App) -> Place | None:
    """Return the place in a call of ``update`` whose arguments have a line each."""
    keywords = line.value.keywords if isinstance(line.value, ast.Call) else []
    if not keywords or line.end_lineno is None or app.lines[line.end_lineno - 1].strip() != ")":
        return None
    last = keywords[-1]
    above, end = app.lines[last.lineno - 1], last.value.end_lineno or 0
    indent = above[: len(above) - len(above.lstrip())]
    closed = app.lines[end - 1].partition("#")[0].rstrip().endswith(",")
    if end != line.end_lineno - 1 or not closed or not above.lstrip().startswith(f"{last.arg}="):
        return None
    return Place(app.path, end, f"{indent}{{}}={{}},", upper=False, anchor=line.lineno)


def _behind(  # noqa: PLR0913 -- what a place is made of
    path: str, body: Sequence[ast.stmt], index: int, form: str, *, upper: bool, anchor: int
) -> Place | None:
    """Return the place behind a statement that has its lines to itself."""
    end = body[index].end_lineno or 0
    following = body[index + 1].lineno if index + 1 < len(body) else end + 1
    return Place(path, end, form, upper, anchor) if following > end else None


def given(module: ast.Module) -> Iterator[tuple[str, ast.expr, str]]:
    """Yield what gets a value, by a keyword, a name, an attribute or the key of a mapping.

    The name and the value come with what is called, ``""`` where it is no keyword.
    """
    for call in glance.all_of(module, ast.Call):
        yield from ((word.arg, word.value, glance.called(call)) for word in call.keywords if word.arg)
    for line in glance.all_of(module, ast.Assign):
        target = line.targets[0]
        if isinstance(target, ast.Name | ast.Attribute):
            yield target.id if isinstance(target, ast.Name) else target.attr, line.value, ""
        elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            yield str(target.slice.value), line.value, ""
    for mapping in glance.all_of(module, ast.Dict):
        for key, value in zip(mapping.keys, mapping.values, strict=True):
            if isinstance(key, ast.Constant):
                yield str(key.value), value, ""
