"""Python 3.13 took `unittest.makeSuite` and `findTestCases` away: loaders of tests do what they did.

Each of them made a `TestLoader` and asked that one, so asking it oneself is the same. Where the prefix of the
methods is given, it goes if it is the usual one; another one, or a way of sorting, needs a loader that knows
it, and a person.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import expressions, guards, layout, names, nodes, reach, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Load tests with unittest's loader",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the old functions asked a new loader for the same.",
    references=("https://docs.python.org/3/whatsnew/3.13.html#unittest",),
    needles=(b"makeSuite", b"findTestCases"),
    pattern=rb"\bunittest\b",
    minutes=3,
    crosses=">=3.13",
    since="3.2",
)

_METHODS = {
    "unittest.makeSuite": "loadTestsFromTestCase",
    "unittest.findTestCases": "loadTestsFromModule",
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with calls of a loader."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    found = [call for call in nodes.of(module).all(cst.Call) if known.qualified(call.func) in _METHODS]
    way = reach.to("unittest.TestLoader", module) if found else None
    for call in found:
        if way and _is_plain(call) and not guards.for_some_versions(call, module):
            change = partial(_loaded, way.expression, _METHODS[known.qualified(call.func) or ""])
            changes[call] = layout.fitted(module, call, change) or renamed.as_call(change)
    return reach.instead(module, nodes.replaced(module, changes), [way]) if way and changes else module


def _is_plain(call: cst.Call) -> bool:
    """Say whether a call gives what is to be loaded, and at most the usual prefix."""
    first, *more = call.args or (None,)
    if first is None or first.star or first.keyword or not expressions.one_line(call):
        return False
    return not more or (len(more) == 1 and _is_usual(more[0]))


def _is_usual(arg: cst.Arg) -> bool:
    is_prefix = not arg.star and (arg.keyword is None or arg.keyword.value == "prefix")
    return is_prefix and isinstance(arg.value, cst.SimpleString) and arg.value.evaluated_value == "test"


def _loaded(loader: cst.BaseExpression, method: str, call: cst.Call) -> cst.Call:
    func = cst.Attribute(cst.Call(loader.deep_clone()), cst.Name(method))
    first = call.args[0].with_changes(
        comma=call.args[-1].comma, whitespace_after_arg=call.args[-1].whitespace_after_arg
    )
    return call.with_changes(func=expressions.in_place(func, call.func), args=[first])
