"""Finds the functions and classes of a module that say when they will be removed."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.version import Version

from codemods import clauses, conditions, days
from codemods.clauses import OWN, Closed, Condition, Confidence, Day, Reached
from codemods.source import Source, Todo

_GOES = (
    r"\b(?P<goes>(?:be |to be |get |for |is |are )?(?:remov(?:ed|al)|dropped|deleted)|go away|disappear)"
    r" (?:in|with|from|on|by) (?:the )?"
)
_VERSION = re.compile(
    rf"{_GOES}(?:(?!version |release )(?P<name>[A-Za-z][\w.-]*) )?(?:version |release |v)?"
    r"(?P<version>\d+(?:\.\d+){1,2})"
    r"(?P<after>[^\s.,;:!)`'\"]*(?: (?:or|and|of|for|if|unless|when) \w+)?)",
    re.IGNORECASE,
)
_DAY = re.compile(rf"{_GOES}{days.PERIOD}", re.IGNORECASE)
_UNSURE = re.compile(
    r"\b(?:may|might|could|can|should|not|never|no|earliest|was|were|been|has|had|unless|if)\b|n't\b",
    re.IGNORECASE,
)
_A_PART = re.compile(
    r"\b(?:arg(?:ument)?s?|param(?:eter)?s?|keywords?|kwargs?|options?|pass(?:ing|ed)?|positional|values?"
    r"|defaults?|behaviou?rs?|return(?:s|ing)?|attributes?|call(?:ing|ed) .* with(?:out)?|import(?:ing)?"
    r"|support for|using|aliases|modules?)\b|\w=",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[;:!?]|\.\s|\s[-\u2013\u2014]+\s")
_BY_ANOTHER = re.compile(r"\b(?:in favou?r of|instead of|replaced (?:by|with)|by|use) \S+", re.IGNORECASE)
_OF_ITSELF = re.compile(
    r"and|also|are|as|be|but|class|deprecated|due|favou?r|for|function|going|in|instead|is|it|marked|method|now"
    r"|obsolete[d]?|of|old|planned|please|property|release|scheduled|since|that|the|this|to|version|which|will"
    r"|v?\d[\w.]*"
)
"""Words between which only the name of what goes may stand: else something of it goes, and not all."""
_WIDER = re.compile(
    r"\b(?:all|these|those|them|below|above|here|code|whole|entire|everything|file|module|section|block|branch"
    r"|checks?|imports?|lines?|tests?)\b",
    re.IGNORECASE,
)
"""What a TODO above a definition may want to go beside it."""
_THIS = re.compile(r"\bthis (?:function|method|class|property)\b", re.IGNORECASE)
_DIRECTIVE = re.compile(r"^\.\. deprecated::(.*(?:\n(?:[ \t]+.*)?$)*)", re.MULTILINE)
_ASKS = re.compile(
    r"(?:please )?(?:remove|delete|drop)?(?: (?:this|the|old|deprecated|function|method|class|alias|shim))*"
    r"(?: `?(?P<name>\w+)`?(?:\(\))?)?[.!\s]*",
    re.IGNORECASE,
)
_ENDING = frozenset(("removed_in", "remove_in", "removal", "removal_version", "removed"))
"""Keywords of decorators that name the version in which something goes."""
_DECORATORS = frozenset(("deprecated", "deprecate"))
_HARMLESS = frozenset(
    (
        *("staticmethod", "classmethod", "property", "lru_cache", "cache", "contextmanager"),
        *("asynccontextmanager", "cached_property", "final", "dataclass"),
    )
)
"""Decorators that show a function to nobody else."""
_ERRORS = re.compile(r"(?:Error|Exception|Warning)$")

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A function, method or class that says when it goes.

    ``name`` is dotted within its module; ``line`` is that of its ``def``, ``first`` to ``last`` are all its
    lines (from 1), with decorators. ``said`` are the words, ``todo`` is where they are one above it.
    """

    name: str
    line: int
    first: int
    last: int
    condition: Condition
    said: str
    todo: Todo | None = None


def read(source: Source, own: str = "") -> Iterator[Deprecated]:
    """Yield what a Python file defines at its top, or in a class there, and says to remove at some time.

    ``own`` is the normalised name of its project. What a decorator or a base class may show to others, and
    what is hooked in by its name, is not among them.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    above = {t.comments[-1].line + 1: t for t in source.todos if t.alone and t.whole}
    for node, within in _definitions(tree.body):
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        if node.name.startswith(("__", "pytest_")) or not node.end_lineno:
            continue
        todo = above.get(first)
        ended = _end(node, own)
        if todo and (condition := _asked(todo, node.name)):
            ended = condition, todo.text
        elif ended:
            todo = None
        if ended:
            yield Deprecated(f"{within}{node.name}", node.lineno, first, node.end_lineno, *ended, todo)


def _definitions(body: Sequence[ast.stmt], within: str = "") -> Iterator[tuple[_Definition, str]]:
    for node in body:
        if not isinstance(node, _Definition) or not all(map(_is_harmless, node.decorator_list)):
            continue
        if not isinstance(node, ast.ClassDef):
            yield node, within
            continue
        bases = [_last(base) for base in node.bases]
        if not node.keywords and all(b == "object" or _ERRORS.search(b) for b in bases):
            yield node, within
        # What a class that has others below it calls may be called by them.
        if not within and not node.keywords and set(bases) <= {"object"}:
            yield from _definitions(node.body, f"{node.name}.")


def _is_harmless(decorator: ast.expr) -> bool:
    return _last(decorator) in _HARMLESS | _DECORATORS


def _last(node: ast.expr) -> str:
    """Return the last part of what a decorator or a base is called, ``""`` where it has no plain name."""
    called = node.func if isinstance(node, ast.Call) else node
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _end(node: _Definition, own: str) -> tuple[Condition, str] | None:
    """Return when a definition goes by its decorator, its docstring or its warning, and the words."""
    for said in _words(node):
        if not _A_PART.search(said) and (condition := ending(said, own, node.name)):
            return condition, " ".join(said.split())
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and _last(decorator) in _DECORATORS:
            stated = (k.value for k in decorator.keywords if k.arg in _ENDING)
            for value in stated:
                text = value.value if isinstance(value, ast.Constant) else None
                if isinstance(text, str) and (condition := ending(f"removed in {text}", own)):
                    return condition, f"removed in {text}"
    return None


def _words(node: _Definition) -> Iterator[str]:
    """Yield what decorators, the docstring and warnings say of the whole definition."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and _last(decorator) in _DECORATORS:
            yield from _strings([*decorator.args, *(k.value for k in decorator.keywords)])
    yield from _DIRECTIVE.findall(ast.get_docstring(node) or "")
    warned: Sequence[ast.stmt] = node.body
    if isinstance(node, ast.ClassDef):
        made = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name in {"__init__", "__new__"}]
        warned = made[0].body if made else ()
    for line in warned:
        call = line.value if isinstance(line, ast.Expr) else None
        if isinstance(call, ast.Call) and _last(call) in {"warn", "warn_deprecated"}:
            # A warning may be of something that the function does: it has to name the function.
            named = re.compile(rf"(?<!\w){re.escape(node.name)}(?!\w)")
            yield from (s for s in _strings(call.args[:1]) if named.search(s) or _THIS.search(s))


def _strings(nodes: Sequence[ast.expr]) -> Iterator[str]:
    yield from (n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))


def ending(said: str, own: str = "", name: str = "") -> Condition | None:
    """Return when a text says that what has a ``name`` goes, as a whole and for certain.

    That is a version of its ``own`` project, or a day.
    """
    plain = " ".join(said.split())
    for found in (*_VERSION.finditer(plain), *_DAY.finditer(plain)):
        clause = _CLAUSES.split(plain[: found.start()])[-1]
        if _UNSURE.search(clause) or not _is_about(name, clause, own):
            continue
        if "version" not in found.groupdict():
            period = days.period(found)
            return Day(period[1], found[0]) if period else None
        if (found["name"] and clauses.name_of(found["name"]) != own) or found["after"]:
            continue
        return Reached(OWN, Version(found["version"]), found[0], bare=not found["name"])
    return None


def _is_about(name: str, clause: str, own: str) -> bool:
    """Say whether what goes is the thing of that name, by the words that stand before that."""
    words = (word.strip("`'\",()").lower() for word in _BY_ANOTHER.sub(" ", clause).split())
    named = {"", own, name.lower()}
    return all(_OF_ITSELF.fullmatch(word) or word.rpartition(".")[2] in named for word in words)


def _asked(todo: Todo, name: str) -> Condition | None:
    """Return the condition of a TODO that asks for nothing but the removal of what stands below it."""
    condition = conditions.read(todo.text, todo.condition, todo.owner)
    if condition is None or isinstance(condition, Closed) or condition.confidence is Confidence.GUESSED:
        return None
    rest = todo.text.replace(condition.words, " ").strip()
    asked = _ASKS.fullmatch(f" {rest}" if rest[:1].islower() and not _ASKS.fullmatch(rest) else rest)
    removes = re.search(r"\b(?:remove|delete|drop)\b", todo.text.replace("we drop", ""), re.IGNORECASE)
    alone = removes and not _WIDER.search(todo.text)
    return condition if asked and alone and asked["name"] in {None, name} else None
