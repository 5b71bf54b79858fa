"""`text.removeprefix("x")` takes a prefix off where there is one, in a word and without counting.

The test and the slice that people wrote until Python 3.9 say the prefix twice, the second time as a number or
as `len(…)`: whoever changes one of the two and forgets the other cuts a letter too many, and no test of
another value shows it. The method has one place for it, and leaves a text without the prefix as it is.

Replaced is an `if` that does nothing else, and the conditional expression of the same shape, where the number
is right. A prefix that stands in a variable, several at once, an `else`, comments within, and values that are
no plain names are left alone.
"""

from __future__ import annotations

import ast

import libcst as cst

from codemods import certain, expressions, glance, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take prefixes and suffixes off by their name",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A value of a class derived from `str` becomes a plain `str`, also where the prefix is not there.",
    references=(
        "https://docs.python.org/3/library/stdtypes.html#str.removeprefix",
        "https://peps.python.org/pep-0616/",
        "https://docs.astral.sh/ruff/rules/slice-to-remove-prefix-or-suffix/",
    ),
    needles=(b"startswith", b"endswith"),
    pattern=rb"\[ ?(?:len\([^\n()]*\)|\d+) ?: ?\]|\[ ?: ?- ?(?:len\([^\n()]*\)|\d+) ?\]",
    requires_python=(3, 9),
    codes=("FURB188",),
    minutes=2,
)

_METHODS = {"startswith": "removeprefix", "endswith": "removesuffix"}


def sift(tree: ast.Module) -> bool:
    """Say whether a slice is taken under a test of how a text begins or ends."""
    lines = ((n.test, n.body[0]) for n in glance.all_of(tree, ast.If) if len(n.body) == 1)
    found = [(test, line.value) for test, line in lines if isinstance(line, ast.Assign)]
    found += [(n.test, n.body) for n in glance.all_of(tree, ast.IfExp)]
    return any(glance.called(test) in _METHODS and isinstance(new, ast.Subscript) for test, new in found)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the methods in place of a test and a slice."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    seen = nodes.of(module)
    for found in seen.all(cst.If):
        statement = _only_assignment(found)
        if statement is None or _is_branch(found, seen) or any(map(nodes.comments, (found.test, found.body))):
            continue
        target = statement.targets[0].target
        new = _removed(found.test, statement.value, module)
        if new is not None and target.deep_equals(_subject(found.test)):
            changes[found] = _line(found, statement, new)
    for whole in seen.all(cst.IfExp):
        new = _removed(whole.test, whole.body, module)
        if new is not None and whole.orelse.deep_equals(_subject(whole.test)) and expressions.one_line(whole):
            changes[whole] = _expression(new)
    return nodes.replaced(module, changes)


def _only_assignment(found: cst.If) -> cst.Assign | None:
    """Return the assignment to one target that is all that an ``if`` without ``else`` does."""
    body = found.body.body
    if found.orelse is not None or len(body) != 1:
        return None
    inner = body[0]
    if isinstance(inner, cst.SimpleStatementLine):
        inner = inner.body[0] if len(inner.body) == 1 else inner
    plain = isinstance(inner, cst.Assign) and len(inner.targets) == 1
    return inner if plain and isinstance(inner, cst.Assign) else None


def _is_branch(found: cst.If, seen: nodes.Seen) -> bool:
    """Say whether an ``if`` is an ``elif``."""
    above = seen.above[found]
    return isinstance(above, cst.If) and above.orelse is found


def _subject(test: cst.BaseExpression) -> cst.BaseExpression:
    call = cst.ensure_type(test, cst.Call)
    return cst.ensure_type(call.func, cst.Attribute).value


def _removed(test: cst.BaseExpression, cut: cst.BaseExpression, module: cst.Module) -> cst.Call | None:
    """Return the call that takes off what ``test`` looks for and ``cut`` slices away; None: they differ."""
    if not isinstance(test, cst.Call) or not isinstance(test.func, cst.Attribute) or len(test.args) != 1:
        return None
    method, arg, value = _METHODS.get(test.func.attr.value), test.args[0], test.func.value
    looked_for = arg.value
    if method is None or arg.keyword or arg.star or not isinstance(looked_for, cst.SimpleString):
        return None
    if (
        not isinstance(value, cst.Name)
        or not isinstance(cut, cst.Subscript)
        or not cut.value.deep_equals(value)
    ):
        return None
    at_end = method == "removesuffix"
    length = len(looked_for.evaluated_value)
    if not length or not _takes_off(cut, looked_for, length, module, at_end=at_end) or test.lpar or cut.lpar:
        return None
    if certain.type_of(value, module) not in {None, "bytes" if "b" in looked_for.prefix.lower() else "str"}:
        return None
    return cst.Call(cst.Attribute(value, cst.Name(method)), [cst.Arg(looked_for)])


def _takes_off(
    cut: cst.Subscript, looked_for: cst.SimpleString, length: int, module: cst.Module, *, at_end: bool
) -> bool:
    """Say whether a slice takes off as much as a literal is long."""
    part = cut.slice[0].slice if len(cut.slice) == 1 else None
    if not isinstance(part, cst.Slice) or part.step is not None:
        return False
    bound, other = (part.upper, part.lower) if at_end else (part.lower, part.upper)
    if bound is None or other is not None:
        return False
    if at_end:
        if not isinstance(bound, cst.UnaryOperation) or not isinstance(bound.operator, cst.Minus):
            return False
        bound = bound.expression
    if isinstance(bound, cst.Integer):
        return bound.value == str(length)
    counted = isinstance(bound, cst.Call) and names.of(module).builtin(bound.func) == "len"
    if not counted or not isinstance(bound, cst.Call) or len(bound.args) != 1:
        return False
    return bound.args[0].value.deep_equals(looked_for)


def _line(found: cst.If, statement: cst.Assign, new: cst.Call) -> nodes.Change:
    return lambda _: cst.SimpleStatementLine(
        [statement.with_changes(value=new)], leading_lines=found.leading_lines
    )


def _expression(new: cst.Call) -> nodes.Change:
    return lambda updated: expressions.in_place(new, cst.ensure_type(updated, cst.IfExp))
