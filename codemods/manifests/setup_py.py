"""setup.py: the literal lists that it hands to setup(), read and never run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from packaging.utils import canonicalize_name

from codemods.manifests import comments, pep508
from codemods.manifests.model import Change, Manifest, Requirement, Role, clause_splices
from codemods.model import Problem, Splice

FILES = ("setup.py",)

_LARGEST = 1024 * 1024
_ROLES = {
    "install_requires": Role.LIBRARY,
    "extras_require": Role.LIBRARY,
    "tests_require": Role.DEVELOPMENT,
    "setup_requires": Role.BUILD,
}


def read(path: str, data: bytes) -> Manifest:
    """Return what the literals of a setup.py declare; one that does not parse is a problem."""
    try:
        passed = arguments(data)
    except ValueError as error:
        return Manifest(path, problems=(Problem(path, 1, f"skipped: {error}"),))
    lines = data.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, lines))]
    requirements, private = [], set()
    for key in _ROLES:
        for node in _strings(passed.get(key)):
            start = starts[node.lineno - 1] + node.col_offset
            text = _plain(node, data, start)
            located = pep508.locate(text, start + 1) if text else None
            if located is None:
                private |= _direct(node)
            elif located.direct:
                private.add(located.name)
            else:
                requirements.append(_requirement(path, lines, node, located, key))
    name = literal(passed.get("name"))
    return Manifest(
        path,
        tuple(requirements),
        private=frozenset(private),
        own=canonicalize_name(name),
        extends=(("extras_require", ("install_requires",)),),
    )


def write(data: bytes, requirement: Requirement, change: Change) -> Sequence[Splice]:  # noqa: ARG001 -- the shape of Format
    """Return the splices that change a requirement inside its quotes."""
    return clause_splices(requirement, change)


def arguments(data: bytes) -> Mapping[str, ast.expr]:
    """Return the keyword arguments of the call of setup(), names of the module resolved once.

    ValueError says why the file cannot be read.
    """
    if len(data) > _LARGEST:
        raise ValueError("it is larger than 1 MiB")
    if data.startswith(b"\xef\xbb\xbf"):
        raise ValueError("it starts with a byte order mark")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a strange escape in somebody's setup.py is not our concern
            tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError("it does not parse") from error
    constants: dict[str, list[ast.expr]] = {}
    passed: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            constants.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.Call) and _called(node.func) == "setup":
            passed |= {k.arg: k.value for k in node.keywords if k.arg}
    return {key: _resolved(value, constants) for key, value in passed.items()}


def literal(node: ast.expr | None) -> str:
    """Return the text of a string literal, ``""`` for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _resolved(value: ast.expr, constants: Mapping[str, Sequence[ast.expr]]) -> ast.expr:
    """Return what a name stands for where the module assigns it once."""
    found = constants.get(value.id, ()) if isinstance(value, ast.Name) else ()
    return found[0] if len(found) == 1 else value


def _strings(node: ast.expr | None) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _strings(value)
    elif isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            if literal(element) and isinstance(element, ast.Constant):
                yield element


def _plain(node: ast.Constant, data: bytes, start: int) -> str:
    """Return a literal's text when the file writes it as one string between single quotes, else ``""``."""
    text = literal(node)
    written = data[start + 1 : start + 1 + len(text)]
    return text if text.isascii() and written == text.encode() and data[start : start + 1] in b"\"'" else ""


def _direct(node: ast.Constant) -> set[str]:
    """Return the name of a requirement that cannot be located but may come from an address."""
    located = pep508.locate(literal(node), 0)
    return {located.name} if located and located.direct else set()


def _requirement(
    path: str, lines: Sequence[bytes], node: ast.Constant, located: pep508.Located, key: str
) -> Requirement:
    after = lines[node.lineno - 1][(node.end_col_offset or 0) :].decode("latin-1")
    before = lines[node.lineno - 2].decode("latin-1").strip() if node.lineno > 1 else ""
    trailing = after[after.index("#") :] if "#" in after else ""
    capped = any(c.operator in {"<", "<="} for c in located.clauses)
    comment = comments.hold(trailing, before if before.startswith("#") else "", capped=capped)
    held = f"the comment `{comment}`" if comment else ""
    return Requirement(
        located.name,
        path,
        node.lineno,
        located.clauses,
        _ROLES[key],
        key,
        located.marker,
        held,
        extras=located.extras,
    )
