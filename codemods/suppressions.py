"""Finds what is skipped or silenced with a reason: comments for linters, and markers of tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codemods.source import Comment

SKIP = "skip"
TAGS = (SKIP, "noqa", "type: ignore", "no cover", "pylint", "nosec")
"""What stands for each kind, where a promise has its tag."""

_CODES = r"[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*"
_KINDS = (
    ("noqa", rf"(?:(?:ruff|flake8):\s*)?(?i:noqa)(?::\s*{_CODES})?"),
    ("type: ignore", r"(?:type|pyright|ty):\s*ignore(?:\[[^\]\n]*\])?"),
    ("no cover", r"(?i:pragma):?\s*(?i:no\s?(?:cover|branch))"),
    ("pylint", r"pylint:\s*disable(?:-next|-line)?=[\w-]+(?:\s*,\s*[\w-]+)*"),
    ("nosec", rf"nosec(?::?\s*{_CODES})?"),
)
_ANY = "|".join(f"(?P<k{n}>{pattern})" for n, (_, pattern) in enumerate(_KINDS))
_SILENCED = rf"#\s*(?:{_ANY})(?![\w=])"
_COMMENTED = re.compile(_SILENCED)
_HELD = re.compile(rf"{_SILENCED}[^\w\n]*\w".encode())
_MARKED = re.compile(rb"\b(?:skip(?:if|If|Unless|Test)?|SkipTest|xfail)[ \t]*\(")
_FRINGE = " \t#:;,.-\u2013\u2014"

_REASONS = {
    "pytest.mark.skip": 0,
    "pytest.mark.skipif": None,
    "pytest.mark.xfail": None,
    "pytest.skip": 0,
    "pytest.xfail": 0,
    "unittest.skip": 0,
    "unittest.skipIf": 1,
    "unittest.skipUnless": 1,
    "unittest.SkipTest": 0,
}
"""Markers, and the place of their reason among the arguments without a keyword; None: it has to be named."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something on the lines ``line`` to ``last`` is skipped or silenced; ``spans`` are its comments."""

    tag: str
    text: str
    line: int
    last: int
    spans: tuple[tuple[int, int], ...] = ()


def may_comment(data: bytes) -> bool:
    """Say whether a comment in a file of Python may silence something with a reason."""
    return _HELD.search(data) is not None


def may_mark(data: bytes) -> bool:
    """Say whether a file of Python may hold markers of tests with a reason."""
    return _MARKED.search(data) is not None


def commented(comments: Sequence[Comment]) -> Iterator[Reason]:
    """Yield the reasons behind what silences a linter, in their order."""
    for comment in comments:
        found = list(_COMMENTED.finditer(comment.text))
        ends = (*(f.start() for f in found[1:]), len(comment.text))
        for one, end in zip(found, ends, strict=False):
            text = _bare(comment.text[one.end() : end])
            if re.search(r"\w", text):
                tag = next(name for n, (name, _) in enumerate(_KINDS) if one[f"k{n}"])
                yield Reason(tag, text, comment.line, comment.line, ((comment.start, comment.end),))


def _bare(text: str) -> str:
    bare = text.strip(_FRINGE)
    whole = bare.startswith("(") and bare.endswith(")")
    return " ".join((bare[1:-1] if whole else bare).split())


def marked(module: ast.Module) -> Iterator[Reason]:
    """Yield the reasons of markers and calls that skip tests or expect them to fail, in their order."""
    nodes = list(ast.walk(module))
    known = dict(_imported(nodes))
    calls = sorted((n for n in nodes if isinstance(n, ast.Call)), key=lambda n: (n.lineno, n.col_offset))
    for call in calls:
        if text := " ".join(_reason(call, _dotted(call.func, known)).split()):
            yield Reason(SKIP, text, call.lineno, call.end_lineno or call.lineno)


def _imported(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((a.asname or a.name, a.name) for a in node.names if a.name in {"pytest", "unittest"})
        elif isinstance(node, ast.ImportFrom) and node.module in {"pytest", "unittest"} and not node.level:
            yield from ((a.asname or a.name, f"{node.module}.{a.name}") for a in node.names)


def _dotted(node: ast.expr, known: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute):
        if node.attr == "skipTest" and isinstance(node.value, ast.Name) and node.value.id == "self":
            return "unittest.skip"
        owner = _dotted(node.value, known)
        return owner and f"{owner}.{node.attr}"
    return ""


def _reason(call: ast.Call, name: str) -> str:
    if name not in _REASONS:
        return ""
    place = _REASONS[name]
    given = [k.value for k in call.keywords if k.arg in {"reason", "msg"}]
    if place is not None and len(call.args) > place:
        given.append(call.args[place])
    said = given[0] if given else None
    return said.value if isinstance(said, ast.Constant) and isinstance(said.value, str) else ""
