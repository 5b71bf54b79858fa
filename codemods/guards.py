"""Tells what guards code: against other Pythons, against what may be missing, and against being changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Container

import libcst as cst

from codemods import imports, names, nodes, scopes, silence
from codemods.model import About, Facts
from codemods.pythons import Minor

_OTHER_PYTHONS = re.compile(
    r"version_info|hexversion|python_version|\b(?:is_?)?py(?:thon)?_?[23]\w*|\b(?:has|get)attr\(",
    re.IGNORECASE,
)
_MISSING = frozenset(
    ("ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "Exception", "BaseException")
)
# Such as `SQLA_LT_2` and `numpy_gte_1_20`, or a constant whose name ends in a number: `PYDANTIC_2`, `NP2`.
_FLAGS = r"(?:\b|_)(?:lte?|gte?|le|ge|since|before|below|under)_?\d|(?-i:(?<![\"'\w])[A-Z][A-Z_]+\d[\d_]*\b)"
_VERSIONS = re.compile(rf"{_OTHER_PYTHONS.pattern}|version|_?[vV]\d(?![a-zA-Z])|{_FLAGS}", re.IGNORECASE)
_UNKNOWN = frozenset(("ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "TypeError"))
_ABSENCE = frozenset(("ImportError", "ModuleNotFoundError", "AttributeError", "NameError"))
_ONLY_3 = (
    *(cst.FormattedString, cst.Annotation, cst.Nonlocal, cst.NamedExpr, cst.Await, cst.Match),
    *(cst.TypeAlias, cst.TryStar),
)

_FUTURES = frozenset(
    f"__future__.{name}" for name in ("absolute_import", "division", "print_function", "unicode_literals")
)
_TRACES_OF_2 = ("__metaclass__", "unicode", "basestring", "PY2", "xrange")


def runs_on_3(module: cst.Module, facts: Facts, since: Minor) -> bool:
    """Say whether a module needs no Python older than ``since``, which is a 3.

    So the project's floor says; where there is none, syntax that Python 2 cannot read does.
    """
    return _is_only_3(module) if facts.floor is None else facts.floor >= since


def may_run_on_2(module: cst.Module, facts: Facts) -> bool:
    """Say whether Python 2 may run a module: a project that declares no floor tells it by its traces.

    A file that has neither traces of Python 2 nor syntax of Python 3 is not taken for an old one; `runs_on_3`
    asks for more.
    """
    if facts.floor is not None:
        return facts.floor < (3, 0)
    if _is_only_3(module):
        return False
    if any(names.of(module).uses(name) for name in _TRACES_OF_2):
        return True
    full = {f for n in imports.of(module.body) for _, f in scopes.imports(n)}
    return not full.isdisjoint(_FUTURES) or any("six" in f.split(".") for f in full)


def _is_only_3(module: cst.Module) -> bool:
    seen = nodes.of(module)
    return any(kind in seen.by_type for kind in _ONLY_3) or any(n.cause for n in seen.all(cst.Raise))


def guarded(node: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether a node stands under a condition on the Python that runs, or where a name may be missing.

    The other branch then holds what other Pythons need, and a reader expects to see both.
    """
    attempts = (n for n in nodes.of(module).ancestors(node) if isinstance(n, cst.Try | cst.TryStar))
    handlers = (handler for attempt in attempts for handler in attempt.handlers)
    return any(_catches_missing(h.type) for h in handlers) or for_some_pythons(node, module)


def for_some_pythons(node: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether a node stands under a condition on the Python that runs, in whichever branch."""
    conditions = (n for n in nodes.of(module).ancestors(node) if isinstance(n, cst.If | cst.IfExp))
    return any(_OTHER_PYTHONS.search(module.code_for_node(condition.test)) for condition in conditions)


def for_some_versions(node: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether a node is one of two ways that a module has for different versions of a library.

    It stands under a condition that speaks of a version, or where it is tried whether a name, or an argument,
    is known. To catch just any exception says nothing about versions.
    """
    for above in nodes.of(module).ancestors(node):
        if isinstance(above, cst.If | cst.IfExp) and _VERSIONS.search(module.code_for_node(above.test)):
            return True
        if isinstance(above, cst.Try) and any(_catches(h.type, _UNKNOWN) for h in above.handlers):
            return True
    return False


def is_ready(node: cst.CSTNode, module: cst.Module, asks: Callable[[cst.BaseExpression], bool]) -> bool:
    """Say whether code is ready for a library in which what it uses is not there.

    A condition ``asks`` first what the library offers, or for its version; or this is what is tried alone, or
    done where that failed. Code that only happens to stand in a larger attempt is not.
    """
    inner = node
    for above in nodes.of(module).ancestors(node):
        if isinstance(above, cst.If | cst.IfExp) and asks(above.test):
            return True
        if isinstance(above, cst.ExceptHandler) and _catches(above.type, _ABSENCE):
            return True
        if isinstance(above, cst.Try) and inner is above.body and len(above.body.body) == 1:
            return any(_catches(handler.type, _ABSENCE) for handler in above.handlers)
        inner = above
    return False


def _catches_missing(caught: cst.BaseExpression | None) -> bool:
    return caught is None or _catches(caught, _MISSING)


def _catches(caught: cst.BaseExpression | None, names_: Container[str]) -> bool:
    parts = [e.value for e in caught.elements] if isinstance(caught, cst.Tuple) else [caught]
    return any(isinstance(part, cst.Name) and part.value in names_ for part in parts)


def silenced(node: cst.CSTNode, module: cst.Module, about: About, id_: str) -> bool:
    """Say whether a comment in the statement (of a block: in its head) asks to leave what it says alone.

    The engine puts back such lines in any case; this is for edits of which nothing half may be left.
    """
    above = nodes.of(module).above
    while not isinstance(node, cst.SimpleStatementLine | cst.Module) and not _has_block(node):
        node = above[node]
    said = nodes.comments(node) if isinstance(node, cst.SimpleStatementLine) else _of_head(node)
    return any(silence.silences(comment, id_, about.codes) for comment in said)


def _has_block(node: cst.CSTNode) -> bool:
    return isinstance(getattr(node, "body", None), cst.BaseSuite)


def _of_head(node: cst.CSTNode) -> list[str]:
    """Return the comments of a statement with a block, without those of the block and what follows it."""
    body = getattr(node, "body", None)
    inside = [comment for child in node.children if not _is_below(child) for comment in nodes.comments(child)]
    if isinstance(body, cst.IndentedBlock):
        return [*inside, *nodes.comments(body.header)]
    return inside + (nodes.comments(body) if isinstance(body, cst.SimpleStatementSuite) else [])


def _is_below(node: cst.CSTNode) -> bool:
    blocks = (
        cst.BaseSuite | cst.ExceptHandler | cst.ExceptStarHandler | cst.Else | cst.Finally | cst.MatchCase
    )
    return isinstance(node, blocks | cst.BaseStatement)
