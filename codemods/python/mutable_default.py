"""A list, dict or set as a default is made once, and all calls that leave the argument out share it.

What one call puts into it, the next one finds there: in tests it works, and after an hour in production a
result holds the answers to other people's requests. The default becomes `None`, and the function makes a
new object where it gets that.

Only defaults that do harm are changed: those that the function adds to, stores on an object or returns, so
that somebody else may add to them. What looks like a memory that is shared on purpose stays (a name such as
`_cache`, a test for what is in it already), and so do functions that give `None` a meaning of their own,
that a decorator may look into, and annotations that cannot say `None` in the style of the file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from codemods import certain, glance, layout, names, nodes, scopes, silence
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Make a new list or dict for each call",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="Calls no longer share the default, and one that passes `None` itself gets an empty object for it.",
    references=(
        "https://docs.python.org/3/faq/programming.html#why-are-default-values-shared-between-objects",
        "https://docs.astral.sh/ruff/rules/mutable-argument-default/",
    ),
    needles=(b"def",),
    pattern=rb"=[ \t]*(?:[\[{]|(?:list|dict|set)\(\))[^\n]*[,):]",
    codes=("B006", "W0102", "dangerous-default-value"),
    asked_for=r"(?:fix|avoid|remove) (?:the |this )?mutable default(?: argument)?s?",
    minutes=5,
    asks=("floor",),
    tests=False,
)

_SHARED_ON_PURPOSE = re.compile(r"^_|cache|memo|default|static|state|seen|known|registry|counter|once|lock")
_ADDERS = frozenset(("append", "extend", "insert", "appendleft", "add", "update", "setdefault"))
_TRANSPARENT = frozenset(
    (
        *("staticmethod", "classmethod", "abc.abstractmethod"),
        *("contextlib.contextmanager", "functools.wraps", "typing.override"),
    )
)
_KINDS = frozenset(("list", "dict", "set"))
_SHORT = 40
_UNIONS = (3, 10)
_MEANT = re.compile(r"\b(?:shar|mutable|purpose|intention|deliberate|cache|memo|persist)", re.IGNORECASE)
_TYPE_COMMENT = re.compile(r"#\s*type:\s*(?!ignore)")


def sift(tree: ast.Module) -> bool:
    """Say whether a function has a default that is a list, a dict or a set, or may be a call of one."""
    signatures = glance.all_of(tree, ast.arguments)
    return any(_may_be_mutable(d) for s in signatures for d in (*s.defaults, *s.kw_defaults))


def _may_be_mutable(default: ast.expr | None) -> bool:
    if isinstance(default, ast.Call):
        return isinstance(default.func, ast.Name) and default.func.id in _KINDS
    return isinstance(default, ast.List | ast.Dict | ast.Set)


@dataclass(frozen=True)
class _File:
    """One module with what is asked of it more than once."""

    module: cst.Module
    known: names.Names
    seen: nodes.Seen
    floor: tuple[int, int] | None


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with a new object for each call where a shared default does harm."""
    seen = nodes.of(module)
    found: dict[cst.FunctionDef, list[cst.Param]] = {}
    for param in seen.all(cst.Param):
        function = seen.within(param, cst.FunctionDef, cst.Lambda) if _is_mutable(param.default) else None
        if isinstance(function, cst.FunctionDef):
            found.setdefault(function, []).append(param)
    if not found:
        return module
    file = _File(module, names.of(module), seen, facts.floor)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for function, params in found.items():
        changes |= _changes(function, params, file)
    return nodes.replaced(module, changes)


def _is_mutable(default: cst.BaseExpression | None) -> bool:
    """Say whether a default is a display of constants, or reads like a call of its class."""
    if isinstance(default, cst.Call):
        return not default.args and isinstance(default.func, cst.Name) and default.func.value in _KINDS
    if isinstance(default, cst.Dict):
        pairs = [e for e in default.elements if isinstance(e, cst.DictElement)]
        plain = all(certain.constant(e.key) and certain.constant(e.value) for e in pairs)
        return plain and len(pairs) == len(default.elements)
    if isinstance(default, cst.List | cst.Set):
        return all(isinstance(e, cst.Element) and certain.constant(e.value) for e in default.elements)
    return False


def _changes(
    function: cst.FunctionDef, params: Sequence[cst.Param], file: _File
) -> dict[cst.CSTNode, nodes.Change]:
    body = function.body
    if not isinstance(body, cst.IndentedBlock) or _left_alone(function, body, file):
        return {}
    become = {
        p: new for p in params if _does_harm(p, function, file) and (new := _with_none(p, function, file))
    }
    guards = [_guard(p) for p in become]
    changes: dict[cst.CSTNode, nodes.Change] = {param: nodes.to(new) for param, new in become.items()}
    changed = nodes.applied(file.module, function, changes)
    if not guards or not layout.fits(file.module, function, changed):
        return {}
    return {**changes, body: lambda updated: _guarded(cst.ensure_type(updated, cst.IndentedBlock), guards)}


def _left_alone(function: cst.FunctionDef, body: cst.IndentedBlock, file: _File) -> bool:
    """Say whether a decorator may look at the defaults, or a comment speaks of them or of types."""
    said = [*nodes.comments(function.params), *nodes.comments(body.header)]
    first = body.body[0] if body.body else None
    if isinstance(first, cst.SimpleStatementLine) and _is_docstring(first) and len(first.body) > 1:
        return True
    for line in (*body.header.children, *(getattr(first, "leading_lines", ()))):
        said += nodes.comments(line)
    if any(
        _TYPE_COMMENT.match(s) or _MEANT.search(s) or silence.silences(s, "mutable-default", ABOUT.codes)
        for s in said
    ):
        return True
    return not all(_is_transparent(d.decorator, file.known) for d in function.decorators)


def _is_transparent(decorator: cst.BaseExpression, known: names.Names) -> bool:
    called = decorator.func if isinstance(decorator, cst.Call) else decorator
    return (known.builtin(called) or known.qualified(called)) in _TRANSPARENT


def _does_harm(param: cst.Param, function: cst.FunctionDef, file: _File) -> bool:
    """Say whether a function adds to a default, stores it or returns it, without a sign that it should."""
    name, default = param.name.value, param.default
    if default is None or _SHARED_ON_PURPOSE.search(name) or len(_text(default, file)) > _SHORT:
        return False
    if isinstance(default, cst.Call) and file.known.builtin(default.func) is None:
        return False
    uses = [use for use in file.known.uses(name) if file.known.binds(function, use)]
    if any(_gives_none_a_meaning(use, file.seen) for use in uses) or _is_bound_again(name, function):
        return False
    if any(_adds(use, file.seen) for use in uses):
        is_memory = any(_asks_what_is_in(use, file.seen) for use in uses)
        return not getattr(default, "elements", ()) and not is_memory
    return any(_goes_out(use, function, file.seen) for use in uses)


def _text(node: cst.CSTNode, file: _File) -> str:
    text = file.module.code_for_node(node)
    return text if "\n" not in text else " " * (_SHORT + 1)


def _is_bound_again(name: str, function: cst.FunctionDef) -> bool:
    """Say whether a function binds its parameter again, other than by adding to it (``+=``)."""
    inside = scopes.read(function.body)
    added = (n.target for n in nodes.walk(function.body) if isinstance(n, cst.AugAssign))
    in_place = sum(isinstance(target, cst.Name) and target.value == name for target in added)
    return name in inside.shared or inside.every[0].count[name] > in_place


def _gives_none_a_meaning(use: cst.Name, seen: nodes.Seen) -> bool:
    compared = seen.above[use]
    if isinstance(compared, cst.ComparisonTarget):
        compared = seen.above[compared]
    return isinstance(compared, cst.Comparison) and any(
        isinstance(n, cst.Name) and n.value == "None" for n in nodes.walk(compared)
    )


def _asks_what_is_in(use: cst.Name, seen: nodes.Seen) -> bool:
    """Say whether a function decides by what an earlier call has put into its default."""
    above = seen.above[use]
    if isinstance(above, cst.ComparisonTarget):
        return isinstance(above.operator, cst.In | cst.NotIn)
    if isinstance(above, cst.Attribute):
        return above.attr.value == "get"
    is_test = isinstance(above, cst.If | cst.While | cst.IfExp) and above.test is use
    return is_test or isinstance(above, cst.UnaryOperation | cst.BooleanOperation)


def _adds(use: cst.Name, seen: nodes.Seen) -> bool:
    above = seen.above[use]
    outer = seen.above[above]
    if isinstance(above, cst.Attribute):
        return above.attr.value in _ADDERS and isinstance(outer, cst.Call) and outer.func is above
    if isinstance(above, cst.Subscript) and above.value is use:
        return isinstance(outer, cst.AssignTarget) or (
            isinstance(outer, cst.AugAssign) and outer.target is above
        )
    return isinstance(above, cst.AugAssign) and above.target is use


def _goes_out(use: cst.Name, function: cst.FunctionDef, seen: nodes.Seen) -> bool:
    """Say whether a function stores its default on an object, or returns it."""
    above = seen.above[use]
    if isinstance(above, cst.Return):
        return seen.function(above) is function
    if isinstance(above, cst.Assign):
        return all(isinstance(t.target, cst.Attribute) for t in above.targets)
    return isinstance(above, cst.AnnAssign) and isinstance(above.target, cst.Attribute)


def _with_none(param: cst.Param, function: cst.FunctionDef, file: _File) -> cst.Param | None:
    """Return the parameter with the default None; None where its annotation cannot say that."""
    changed = param.with_changes(default=cst.Name("None"))
    if param.annotation is None:
        return changed
    annotation = _optional(param.annotation.annotation, file)
    outer = file.seen.within(function, cst.FunctionDef, cst.ClassDef)
    steady = not isinstance(outer, cst.ClassDef) or function.name.value == "__init__"
    narrowed = all(
        file.seen.function(use) is function
        for use in file.known.uses(param.name.value)
        if file.known.binds(function, use)
    )
    if annotation is None or not steady or not narrowed:
        return None
    return changed.with_changes(annotation=param.annotation.with_changes(annotation=annotation))


def _optional(annotation: cst.BaseExpression, file: _File) -> cst.BaseExpression | None:
    """Return an annotation that admits None, as the file writes it; None where it admits that already."""
    for node in nodes.walk(annotation):
        text = isinstance(node, cst.SimpleString | cst.ConcatenatedString)
        if text or (isinstance(node, cst.Name) and node.value in {"None", "Optional", "Any", "object"}):
            return None
    if name := file.known.local("typing.Optional"):
        index = cst.SubscriptElement(cst.Index(annotation))
        return cst.Subscript(cst.Name(name), [index])
    if file.floor is not None and file.floor >= _UNIONS:
        return cst.BinaryOperation(annotation, cst.BitOr(), cst.Name("None"))
    return None


def _guard(param: cst.Param) -> cst.If:
    name, value = cst.Name(param.name.value), param.default or cst.Name("None")
    assign = cst.Assign([cst.AssignTarget(name)], value)
    test = cst.Comparison(name, [cst.ComparisonTarget(cst.Is(), cst.Name("None"))])
    return cst.If(test, cst.IndentedBlock([cst.SimpleStatementLine([assign])]))


def _guarded(body: cst.IndentedBlock, guards: Sequence[cst.If]) -> cst.IndentedBlock:
    """Return the body of a function with the guards below its docstring."""
    lines = list(body.body)
    start = 1 if _is_docstring(lines[0]) else 0
    first, *others = guards
    if start < len(lines):
        leading: Sequence[cst.EmptyLine] = getattr(lines[start], "leading_lines", ())
        empty = next((i for i, line in enumerate(leading) if line.comment), len(leading))
        first = first.with_changes(leading_lines=leading[:empty])
        lines[start] = lines[start].with_changes(leading_lines=leading[empty:])
    return body.with_changes(body=[*lines[:start], first, *others, *lines[start:]])


def _is_docstring(line: cst.BaseStatement) -> bool:
    node = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString | cst.ConcatenatedString)
