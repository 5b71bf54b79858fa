"""noxfile.py: what the sessions of nox install, read and never run."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from codemods.manifests import addresses, pep508, pep723, setup_py
from codemods.manifests.model import Change, Manifest, Requirement, Role, clause_splices
from codemods.model import Problem, Splice

FILES = ("noxfile.py",)

_FILES = {"-r": "includes", "--requirement": "includes", "-c": "constraints", "--constraint": "constraints"}


@dataclass
class _Found:
    """What the calls of one file came to."""

    requirements: list[Requirement] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    private: set[str] = field(default_factory=set)


def read(path: str, data: bytes) -> Manifest:
    """Return what the literals of a noxfile declare; one that does not parse is a problem."""
    try:
        tree = setup_py.parsed(data)
    except ValueError as error:
        return Manifest(path, problems=(Problem(path, 1, f"skipped: {error}"),))
    found = _Found()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and (session := _session(function)):
            for call in _installs(function, session):
                _take(path, data, function.name, call, found)
    script = pep723.read(path, data)
    return replace(
        script,
        requirements=(*script.requirements, *found.requirements),
        includes=tuple(found.includes),
        constraints=tuple(found.constraints),
        private=script.private | found.private,
    )


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change a requirement inside its quotes."""
    return clause_splices(requirement, change)


def _session(function: ast.FunctionDef) -> str:
    """Return the name of a session's first parameter, ``""`` for a function that is no session."""
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in {"session", "nox_session"} and function.args.args:
            return function.args.args[0].arg
    return ""


def _installs(function: ast.FunctionDef, session: str) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "install"
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == session
        ):
            yield node


def _take(path: str, data: bytes, section: str, call: ast.Call, found: _Found) -> None:
    lines, starts = setup_py.places(data)
    option = ""
    for node in call.args:
        text = setup_py.literal(node)
        if not isinstance(node, ast.Constant) or not text or option or text.startswith("-"):
            if option in _FILES and text:
                file = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
                getattr(found, _FILES[option]).append(file)
            # The word behind an option belongs to it.
            option = text if text in {*_FILES, "-e", "--editable", "-i", "--index-url"} and not option else ""
            continue
        if name := addresses.egg(text):
            found.private.add(name)
        start = starts[node.lineno - 1] + node.col_offset
        located = pep508.locate(setup_py.plain(node, data, start), start + 1)
        if located and located.direct:
            found.private.add(located.name)
        elif located:
            role = Role.DEVELOPMENT
            found.requirements.append(setup_py.requirement(path, lines, node, located, section, role))
