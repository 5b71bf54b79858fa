"""setup.py: the literal lists that it hands to setup(), read and never run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from packaging.utils import canonicalize_name

from codemods.manifests import classifiers, comments, pep508
from codemods.manifests.model import Change, Manifest, Requirement, Role, clause_splices
from codemods.model import Problem, Splice

FILES = ("setup.py",)

_BOM = b"\xef\xbb\xbf"
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
    lines, starts = places(data)
    requirements, private = [], set()
    is_private = classifiers.are_private(map(literal, _strings(passed.get("classifiers"))))
    for key, usual in _ROLES.items():
        role = Role.INSTALL if is_private and usual is Role.LIBRARY else usual
        for node in _strings(passed.get(key)):
            start = starts[node.lineno - 1] + node.col_offset
            text = plain(node, data, start)
            located = pep508.locate(text, start + 1) if text else None
            if located is None:
                private |= _direct(node)
            elif located.direct:
                private.add(located.name)
            else:
                requirements.append(requirement(path, lines, node, located, key, role))
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
    tree = parsed(data)
    constants: dict[str, list[ast.expr]] = {}
    passed: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            constants.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.Call) and _called(node.func) == "setup":
            passed |= {k.arg: k.value for k in node.keywords if k.arg}
    return {key: _resolved(value, constants) for key, value in passed.items()}


def parsed(data: bytes) -> ast.Module:
    """Return the tree of a source file whose columns are bytes of it; ValueError says why there is none."""
    if len(data) > _LARGEST:
        raise ValueError("it is larger than 1 MiB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a strange escape in somebody's setup.py is not our concern
            return ast.parse(data.removeprefix(_BOM))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError("it does not parse") from error


def places(data: bytes) -> tuple[list[bytes], list[int]]:
    """Return the lines of a source file and the byte where each starts: columns count from it."""
    first = len(_BOM) if data.startswith(_BOM) else 0
    lines = data[first:].splitlines(keepends=True)
    return lines, list(accumulate(map(len, lines), initial=first))


def literal(node: ast.expr | None) -> str:
    """Return the text of a string literal, ``""`` for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _resolved(value: ast.expr, constants: Mapping[str, Sequence[ast.expr]], depth: int = 3) -> ast.expr:
    """Return what a name stands for where the module assigns it once, also among the values of a dict."""
    if isinstance(value, ast.Dict) and depth:
        values = [_resolved(v, constants, depth - 1) for v in value.values]
        return ast.Dict(keys=value.keys, values=values)
    found = constants.get(value.id, ()) if isinstance(value, ast.Name) else ()
    return _resolved(found[0], constants, depth - 1) if len(found) == 1 and depth else value


def _strings(node: ast.expr | None) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _strings(value)
    elif isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            if literal(element) and isinstance(element, ast.Constant):
                yield element


def plain(node: ast.Constant, data: bytes, start: int) -> str:
    """Return a literal's text when the file writes it as one string between single quotes, else ``""``."""
    text = literal(node)
    written = data[start + 1 : start + 1 + len(text)]
    return text if text.isascii() and written == text.encode() and data[start : start + 1] in b"\"'" else ""


def _direct(node: ast.Constant) -> set[str]:
    """Return the name of a requirement that cannot be located but may come from an address."""
    located = pep508.locate(literal(node), 0)
    return {located.name} if located and located.direct else set()


def requirement(  # noqa: PLR0913, PLR0917 -- where a requirement stands, and what it is
    path: str, lines: Sequence[bytes], node: ast.Constant, located: pep508.Located, section: str, role: Role
) -> Requirement:
    """Return the requirement of a string literal, held where a comment by it asks for that."""
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
        role,
        section,
        located.marker,
        held,
        extras=located.extras,
        named=located.named,
    )
