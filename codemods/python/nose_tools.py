"""nose runs no tests since Python 3.10 and does not load on 3.12; what it asserts, `assert` says as well.

Tests that take `eq_`, `assert_equal` or `SkipTest` from it cannot be collected there, whatever runs them. An
`assert` needs no library, and pytest shows both sides of it when it fails. `SkipTest` is that of unittest,
which every runner knows.

A name is replaced in all places of a module or in none: where one of its calls does more than to stand in a
statement of its own, the name stays. `assert_raises` and `raises` become `pytest.raises` in modules that
import pytest already. Fixtures, and comparisons that allow a difference, are left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import libcst as cst

from codemods import alignment, layout, leftovers, names, nodes, renamed, writing
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Say what nose asserted with assert",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="What a failing test prints is other text, and `python -O` leaves `assert` out.",
    references=(
        "https://nose.readthedocs.io/en/latest/testing_tools.html",
        "https://docs.pytest.org/en/stable/how-to/assert.html",
    ),
    needles=(b"nose",),
    pattern=rb"\b(?:from|import)[ \t]+nose\b",
    minutes=2,
)

_SKIPS = dict.fromkeys(("nose.SkipTest", "nose.plugins.skip.SkipTest"), "unittest.SkipTest")
_COMPARED = {
    **dict.fromkeys(("eq_", "assert_equal", "assert_equals"), "=="),
    **dict.fromkeys(("assert_not_equal", "assert_not_equals"), "!="),
    "assert_is": "is",
    "assert_is_not": "is not",
    "assert_in": "in",
    "assert_not_in": "not in",
    "assert_greater": ">",
    "assert_greater_equal": ">=",
    "assert_less": "<",
    "assert_less_equal": "<=",
}
_ALONE = {
    **dict.fromkeys(("ok_", "assert_true"), ("", "")),
    "assert_false": ("not ", ""),
    "assert_is_none": ("", " is None"),
    "assert_is_not_none": ("", " is not None"),
}
_OPPOSITE: Mapping[type, cst.BaseCompOp] = {cst.In: cst.NotIn(), cst.Is: cst.IsNot()}
_BINDS_LESS = (
    *(cst.Comparison, cst.BooleanOperation, cst.IfExp, cst.Lambda, cst.NamedExpr, cst.GeneratorExp),
    *(cst.Yield, cst.UnaryOperation),
)
_RAISES = frozenset(("nose.tools.raises", "nose.tools.assert_raises"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module without the names of nose that all of its places can do without."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for places in _uses(module).values():
        found = [_replaced(full, node, module) for full, node in places]
        if all(found):
            changes |= dict(pair for pair in found if pair)
    done = leftovers.tidied(module, nodes.replaced(module, changes))
    return renamed.names_in(done, _SKIPS)


_Replaced = tuple[cst.CSTNode, nodes.Change]


def _uses(module: cst.Module) -> dict[str, list[tuple[str, cst.BaseExpression]]]:
    """Return the places of each name of nose that means the same wherever it stands."""
    known, seen = names.of(module), nodes.of(module)
    found: dict[str, list[tuple[str, cst.BaseExpression]]] = {}
    for node in (*seen.all(cst.Name), *seen.all(cst.Attribute)):
        above = seen.above.get(node)
        is_part = isinstance(above, cst.ImportAlias) or (
            isinstance(above, cst.Attribute) and above.attr is node
        )
        full = "" if is_part else known.qualified(node) or ""
        if full.startswith("nose.tools.") and full.count(".") == 2:  # noqa: PLR2004 -- one name of the module
            found.setdefault(full, []).append((full, node))
    return found


def _replaced(full: str, node: cst.BaseExpression, module: cst.Module) -> _Replaced | None:
    """Return what is replaced in one place, and by what; None where it has to stay."""
    seen = nodes.of(module)
    call = seen.above[node]
    if not isinstance(call, cst.Call) or call.func is not node:
        return None
    above = seen.above[call]
    if full in _RAISES:
        return _raising(full, call, above, module)
    return _asserted(full.rpartition(".")[2], call, above, module) if isinstance(above, cst.Expr) else None


def _asserted(name: str, call: cst.Call, statement: cst.Expr, module: cst.Module) -> _Replaced | None:
    message = call.args[_count(name) :]
    if _count(name) == 0 or len(call.args) < _count(name) or len(message) > 1 or not _are_plain(call):
        return None
    if (message and not _is_quiet(message[0].value)) or _is_warned_of(name, call):
        return None
    if name in _INSTANCES and names.of(module).bindings("isinstance"):
        return None
    for broken in (False, True):
        text = _text(name, call, module, broken=broken)
        new = _parsed(text)
        if (
            new
            and len(nodes.comments(call)) == len(nodes.comments(new))
            and layout.fits(module, statement, new)
        ):
            return statement, partial(_instead, new)
    return None


def _count(name: str) -> int:
    """Return how many arguments an assertion has beside its message; 0: it is none of these."""
    return 2 if name in _COMPARED or name in _INSTANCES else 1 if name in _ALONE else 0


_INSTANCES = {"assert_is_instance": "", "assert_not_is_instance": "not "}


_LITERALS = (cst.Tuple, cst.Integer, cst.Float, cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)


def _is_warned_of(name: str, call: cst.Call) -> bool:
    """Say whether Python warns of an assertion: of a tuple, or of a literal beside ``is``."""
    if name in {"assert_is", "assert_is_not"}:
        return any(isinstance(arg.value, _LITERALS) for arg in call.args[:2])
    return _count(name) == 1 and isinstance(call.args[0].value, cst.Tuple)


def _are_plain(call: cst.Call) -> bool:
    return not any(
        a.star or (a.keyword and (a.keyword.value != "msg" or a is not call.args[-1])) for a in call.args
    )


def _is_quiet(message: cst.BaseExpression) -> bool:
    """Say whether it makes no difference that a message is worked out only when it is needed."""
    return not any(
        isinstance(n, cst.Await | cst.NamedExpr | cst.Yield)
        or (isinstance(n, cst.Call) and not _is_format(n.func))
        for n in nodes.walk(message)
    )


def _is_format(func: cst.BaseExpression) -> bool:
    return isinstance(func, cst.Attribute) and func.attr.value == "format"


def _text(name: str, call: cst.Call, module: cst.Module, *, broken: bool) -> str:
    """Return the assertion as text, with a line for each side where it is ``broken``."""
    newline, unit = module.default_newline, module.default_indent
    said = [call.args[i].value for i in range(_count(name))]
    before, behind = _ALONE.get(name, ("", ""))
    operator = _COMPARED.get(name, "")
    text = "assert ("[: None if broken else -1] + (f"{newline}{unit}" if broken else "")
    if name in _INSTANCES:
        text += f"{_INSTANCES[name]}isinstance("
        text += _placed(said[0], text, module) + ", "
        text += _placed(said[1], text, module) + ")"
    elif name == "assert_false" and (opposite := _opposite(said[0])):
        text += _placed(opposite, text, module, said[0])
    else:
        text += before
        text += (
            _placed(_bracketed(said[0], alone=not (operator or before or behind)), text, module, said[0])
            + behind
        )
    if operator:
        text += (f"{newline}{unit}" if broken else " ") + f"{operator} "
        text += _placed(_bracketed(said[1]), text, module, said[1])
    text += f"{newline})" if broken else ""
    if len(call.args) > _count(name):
        text += ", "
        text += _placed(call.args[-1].value, text, module)
    return text


def _opposite(node: cst.BaseExpression) -> cst.Comparison | None:
    """Return what says the contrary of ``a in b`` and ``a is b``."""
    if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
        return None
    new = _OPPOSITE.get(type(node.comparisons[0].operator))
    if new is None:
        return None
    return node.with_changes(comparisons=[node.comparisons[0].with_changes(operator=new)])


def _bracketed(node: cst.BaseExpression, *, alone: bool = False) -> cst.BaseExpression:
    """Return an expression as it can stand beside an operator."""
    binds = isinstance(node, _BINDS_LESS) and not (isinstance(node, cst.UnaryOperation) and not _is_not(node))
    needs = isinstance(node, cst.NamedExpr | cst.GeneratorExp | cst.Yield) if alone else binds
    if node.lpar or not needs:
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _is_not(node: cst.UnaryOperation) -> bool:
    return isinstance(node.operator, cst.Not)


def _placed(
    node: cst.BaseExpression, before: str, module: cst.Module, old: cst.BaseExpression | None = None
) -> str:
    """Return an expression as text that follows ``before``: lines that were aligned with it still are."""
    old = old or node
    first, *lines = module.code_for_node(node).split("\n")
    if not lines or any("\n" in n.value for n in nodes.walk(node) if isinstance(n, cst.SimpleString)):
        return "\n".join([first, *lines])
    start, block = alignment.positions(module)[old].start, len(layout.indentation(module, old))
    above, now = writing.source(module).split("\n")[start.line - 1], before.rpartition("\n")[2]
    if first.rstrip().endswith(("(", "[", "{")):
        return "\n".join(
            [first, *(_moved(line, _margin(now) - _margin(above) + block, -1) for line in lines)]
        )
    was = start.column - block
    return "\n".join([first, *(_moved(line, len(now) - was, was) for line in lines)])


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def _moved(line: str, by: int, beyond: int) -> str:
    """Return a line moved by so many columns, where it begins beyond one."""
    return " " * max(_margin(line) + by, 0) + line.lstrip() if _margin(line) > beyond else line


def _parsed(text: str) -> cst.Assert | None:
    try:
        line = cst.parse_statement(text)
    except cst.ParserSyntaxError:
        return None
    (statement, *more) = line.body if isinstance(line, cst.SimpleStatementLine) else ()
    return statement if isinstance(statement, cst.Assert) and not more else None


def _instead(new: cst.Assert, updated: cst.CSTNode) -> cst.CSTNode:
    return new.with_changes(semicolon=cst.ensure_type(updated, cst.Expr).semicolon)


def _raising(full: str, call: cst.Call, above: cst.CSTNode, module: cst.Module) -> _Replaced | None:
    """Return what says the same with pytest, where the module has that."""
    pytest = names.of(module).local("pytest")
    if pytest is None or not call.args or nodes.comments(call):
        return None
    func = cst.Attribute(cst.Name(pytest), cst.Name("raises"))
    if full.endswith(".raises"):
        return _decorating(func, call, above, module)
    is_context = isinstance(above, cst.WithItem) and above.asname is None and len(call.args) == 1
    is_called = isinstance(above, cst.Expr) and len(call.args) > 1 and not call.args[1].keyword
    if not (is_context or is_called) or call.args[0].keyword or call.args[0].star:
        return None
    change: Callable[[cst.Call], cst.Call] = lambda updated: updated.with_changes(func=func)  # noqa: E731 -- one line
    new = layout.fitted(module, call, change)
    return (call, new) if new else None


def _is_steady(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether an exception is the same within a test as above it, and later as when it was defined."""
    while isinstance(node, cst.Attribute):
        node = node.value
    known = names.of(module)
    if not isinstance(node, cst.Name) or known.bindings(node.value) == 0:
        return isinstance(node, cst.Name)
    own = [n for n in module.body if isinstance(n, cst.ClassDef) and n.name.value == node.value]
    is_known = bool(own) or known.qualified(node) is not None
    return is_known and known.bindings(node.value) == 1 and known.at_top(node)


def _decorating(
    func: cst.Attribute, call: cst.Call, above: cst.CSTNode, module: cst.Module
) -> _Replaced | None:
    """Return a function whose body stands in a ``with``, in place of one with the decorator."""
    function = nodes.of(module).above[above]
    if (
        not isinstance(function, cst.FunctionDef)
        or function.decorators[-1] is not above
        or function.asynchronous
    ):
        return None
    body = function.body
    yields = any(isinstance(n, cst.Yield) for n in nodes.walk(body))
    if (
        not isinstance(body, cst.IndentedBlock)
        or yields
        or nodes.comments(above)
        or function.lines_after_decorators
    ):
        return None
    if any(a.star or a.keyword or not _is_steady(a.value, module) for a in call.args):
        return None
    given: cst.BaseExpression = call.args[0].value
    if len(call.args) > 1:
        given = cst.Tuple([cst.Element(a.value) for a in call.args])
    item = cst.WithItem(cst.Call(func, [cst.Arg(given)]))

    def changed(updated: cst.CSTNode) -> cst.CSTNode:
        new = cst.ensure_type(updated, cst.FunctionDef)
        block = cst.ensure_type(new.body, cst.IndentedBlock)
        head = 1 if new.get_docstring() is not None else 0
        inner = cst.With([item], block.with_changes(body=block.body[head:], header=cst.TrailingWhitespace()))
        outer = block.with_changes(body=[*block.body[:head], inner], footer=())
        return new.with_changes(decorators=new.decorators[:-1], body=outer)

    fits = all(len(line) + 4 <= layout.habit(module) for line in module.code_for_node(body).splitlines())
    is_more = len(body.body) > (function.get_docstring() is not None)
    return (function, changed) if fits and is_more else None
