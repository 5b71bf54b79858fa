"""A file that everybody may write is one in which everybody on the machine can leave code or data.

`0o777` and `0o666` are what makes a permission error go away, and stay for ever. Then any other account, of
a service that was broken into as well as of a person, can replace a script, a configuration or a log.
`0o755` and `0o644` let everybody read and run what they could before, and only the owner write; a less
usual mode loses the others' right to write, and nothing else.

Only plain octal numbers in calls that are certainly `os.chmod` or that of a `pathlib.Path` change. Folders
with the sticky bit, sockets and pipes, which others have to write to, what is made writable in order to be
deleted, what a comment explains, and what is called shared or public is left alone.
"""

from __future__ import annotations

import re

import libcst as cst

from codemods import arguments, certain, names, nodes, wording
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Keep others from writing to files and folders",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="Other accounts, and with modes 777 and 666 those of the group, can no longer write there.",
    references=(
        "https://docs.python.org/3/library/os.html#os.chmod",
        "https://docs.astral.sh/ruff/rules/bad-file-permissions/",
    ),
    needles=(b"chmod", b"fchmod", b"lchmod"),
    pattern=rb"\b0[oO][0-7]*[2367]\b",
    codes=("S103", "B103"),
    minutes=5,
    tests=False,
)

_CHMODS = frozenset(("os.chmod", "os.fchmod", "os.lchmod"))
_PATHS = frozenset(("pathlib.Path", "pathlib.PosixPath"))
_OCTAL = re.compile(r"(0[oO]0*)([0-7]{3})")
_USUAL = {"777": "755", "666": "644"}
_OTHERS_WRITE = 0o002
_MEANT = frozenset(
    (
        *("sock", "socket", "sockets", "fifo", "pipe", "shared", "share", "public", "world", "writable"),
        *("writeable", "everyone", "everybody", "docker", "container", "volume", "mount", "umask"),
        *("rmtree", "onerror", "onexc", "unlink", "rmdir", "readonly", "cleanup"),
    )
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose files and folders only their owner may write."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        mode = _mode(call, module)
        narrower = _narrower(mode) if mode is not None else None
        if mode is not None and narrower and not _is_meant(call, module):
            changes[mode] = _to(narrower)
    return nodes.replaced(module, changes)


def _to(text: str) -> nodes.Change:
    return lambda updated: updated.with_changes(value=text)


def _mode(call: cst.Call, module: cst.Module) -> cst.Integer | None:
    """Return the number that a call gives a file as its mode, or None."""
    is_likely = isinstance(call.func, cst.Name) or wording.target(call.func).endswith("chmod")
    if not is_likely or arguments.starred(call):
        return None
    given = arguments.positional(call)
    if names.of(module).qualified(call.func) in _CHMODS:
        before = 1
    elif isinstance(call.func, cst.Attribute) and _is_path(call.func.value, module, 3):
        before = 0
    else:
        return None
    found = arguments.named(call, "mode") or (given[before] if len(given) > before else None)
    return found.value if found and isinstance(found.value, cst.Integer) else None


def _is_path(node: cst.BaseExpression, module: cst.Module, depth: int) -> bool:
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Divide):
        return _is_path(node.left, module, depth)
    if isinstance(node, cst.Name) and depth:
        value = certain.bound_to(node, module)
        return value is not None and _is_path(value, module, depth - 1)
    return isinstance(node, cst.Call) and names.of(module).qualified(node.func) in _PATHS


def _narrower(mode: cst.Integer) -> str | None:
    """Return a mode without the right of others to write; None where they have none."""
    written = _OCTAL.fullmatch(mode.value)
    if written is None or not int(written[2], 8) & _OTHERS_WRITE:
        return None
    return written[1] + _USUAL.get(written[2], f"{int(written[2], 8) & ~_OTHERS_WRITE:03o}")


def _is_meant(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a comment explains the mode, or names say that others have to write."""
    seen = nodes.of(module)
    if nodes.remarks(call, seen.above):
        return True
    functions = [outer for outer in seen.ancestors(call) if isinstance(outer, cst.FunctionDef)]
    around = functions[-1] if functions else seen.within(call, cst.SimpleStatementLine) or call
    return any(not wording.words(text).isdisjoint(_MEANT) for text in wording.spoken(around))
