"""Takes code away that stands in comments, where the TODO above it asks for just that."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Sequence

from codemods.clauses import Condition
from codemods.model import Splice
from codemods.source import Comment, Source, Todo, span

_ASKS = re.compile(
    r"(?:please )?(?:remove|delete|drop|get rid of) (?:the |this )?(?:commented(?:[- ]out)?|dead) "
    r"(?:code|lines?|block|imports?)(?: (?:below|here))?[\s.:]*",
    re.IGNORECASE,
)
_PROSE = (ast.Name, ast.Constant, ast.Attribute, ast.Tuple, ast.BoolOp, ast.Compare)
_SIGN = re.compile(r"# ?")
_SPEAKS = re.compile(
    r"#\s*(?:[A-Z]{3,}|(?i:noqa|type|pragma|pylint|pyright|mypy|ruff|isort|fmt|yapf|kotsu|nosec))\s*:"
)
"""Comments that mean something as they stand: other promises, and what linters and type checkers read."""


def removal(source: Source, todo: Todo, condition: Condition) -> Splice | None:
    """Return the splice that takes a TODO and the commented-out code right below it away.

    None where it asks for anything else, and where what is below may be words.
    """
    rest = todo.text.replace(condition.words, " ").strip()
    if not source.is_python or not todo.alone or not _ASKS.fullmatch(" ".join(rest.split())):
        return None
    below = _below(source.comments, todo)
    if not below or not _is_code(below) or _more(source, below):
        return None
    return Splice(*span(source.data, (*todo.comments, *below)), b"")


def _below(comments: Sequence[Comment], todo: Todo) -> Sequence[Comment]:
    """Return the comments right below a TODO, line by line, at its column or deeper."""
    first = todo.comments[-1].line + 1
    found: list[Comment] = []
    for comment in comments:
        if comment.alone and comment.line == first + len(found) and comment.column >= todo.comments[0].column:
            found.append(comment)
    return found


def _more(source: Source, below: Sequence[Comment]) -> bool:
    """Say whether a comment that only empty lines part from those may be more of the same code."""
    after = next((c for c in source.comments if c.start > below[-1].start), None)
    return after is not None and not source.data[below[-1].end : after.start].strip() and _is_code([after])


def _is_code(comments: Sequence[Comment]) -> bool:
    """Say whether comments are Python and nothing else: what may be a sentence or speaks to tools is none."""
    if any(_SPEAKS.match(comment.text) for comment in comments):
        return False
    lines = [_SIGN.sub("", comment.text, count=1) for comment in comments]
    try:
        with warnings.catch_warnings(action="ignore"):
            body = ast.parse(textwrap.dedent("\n".join(lines))).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    said = [node.value for node in body if isinstance(node, ast.Expr)]
    names = [node for node in body if isinstance(node, ast.AnnAssign) and node.value is None]
    return bool(body) and not names and not any(isinstance(value, _PROSE) for value in said)
