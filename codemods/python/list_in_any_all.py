"""`any` and `all` need no list: without its brackets they stop at the first answer.

`any([…])` works out every element and keeps them all before it looks at the first. As a generator the same
expression ends where the answer is known, and needs no memory for the rest.

Only what nobody can notice is changed: elements that are comparisons, attributes and calls of a few built-in
functions, taken from something that is certainly no iterator (a list or a dict by its literal or annotation,
`.items()`, `.split()`, a variable that the function also measures with `len` or reads by an index). An
iterator would be left half read, and a call may do something that is wanted for every element. So do
conversions, subscripts and arithmetic: `any([int(part) > 255 for part in parts])` also refuses what is no
number behind one that is too large, and `counts[key]` may add to a `defaultdict`.
"""

from __future__ import annotations

import libcst as cst

from codemods import arguments, brackets, certain, loops, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Let any and all stop at the first answer",
    category=Category.SPEED,
    applicability=Applicability.SAFE,
    risk="An element behind the one that decides is no longer looked at, not even to raise an error.",
    references=(
        "https://docs.python.org/3/library/functions.html#any",
        "https://docs.astral.sh/ruff/rules/unnecessary-comprehension-in-call/",
    ),
    needles=(b"any", b"all"),
    pattern=rb"(?:any|all)\(\s*\[",
    codes=("C419", "R1729", "use-a-generator"),
    minutes=2,
    tests=False,
)

_CONVERSIONS = frozenset(("int", "float", "ord", "chr"))
_STRING_METHODS = frozenset(
    ("startswith", "endswith", "lower", "upper", "strip", "lstrip", "rstrip", "isdigit", "isalpha", "isspace")
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module in which `any` and `all` are given generators."""
    calls = [c for c in nodes.of(module).all(cst.Call) if _is_given_a_list(c)]
    known = names.of(module) if calls else None
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in calls:
        if known and known.builtin(call.func) and _changes_nothing(call, module) and _without_list(call):
            changes[call] = _with_generator
    return nodes.replaced(module, changes)


def _is_given_a_list(call: cst.Call) -> bool:
    if not isinstance(call.func, cst.Name) or call.func.value not in {"any", "all"} or len(call.args) != 1:
        return False
    (arg,) = call.args
    return isinstance(arg.value, cst.ListComp) and not arg.star and not arg.keyword


def _changes_nothing(call: cst.Call, module: cst.Module) -> bool:
    """Say whether nobody can tell that the end of a comprehension is not reached."""
    made = cst.ensure_type(call.args[0].value, cst.ListComp)
    every = list(loops.each(made))
    worked_out = [made.elt, *(test.test for loop in every for test in loop.ifs)]
    return (
        not any(loop.asynchronous for loop in every)
        and all(_is_pure(node, module) for node in worked_out)
        and all(loops.over_container(loop.iter, module) for loop in every)
    )


def _is_pure(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether to work out a value does nothing else: as `certain` says, with the methods of strings."""
    if isinstance(node, cst.BooleanOperation):
        return _is_pure(node.left, module) and _is_pure(node.right, module)
    if isinstance(node, cst.UnaryOperation):
        return _is_pure(node.expression, module)
    if isinstance(node, cst.Comparison):
        return all(_is_pure(n, module) for n in (node.left, *(c.comparator for c in node.comparisons)))
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        given = [node.func.value, *(arg.value for arg in node.args)]
        is_string = node.func.attr.value in _STRING_METHODS and not arguments.starred(node)
        return is_string and all(_is_pure(n, module) for n in given)
    return certain.pure(node, module) and not any(_may_refuse(n) for n in nodes.walk(node))


def _may_refuse(node: cst.CSTNode) -> bool:
    """Say whether a value is worked out that often fails, and a list of all of them tells that at once."""
    if isinstance(node, cst.Call):
        return isinstance(node.func, cst.Name) and node.func.value in _CONVERSIONS
    return isinstance(node, cst.Subscript | cst.BinaryOperation)


def _without_list(call: cst.Call) -> brackets.Inside | None:
    made = cst.ensure_type(call.args[0].value, cst.ListComp)
    generator = cst.GeneratorExp(made.elt, made.for_in, lpar=[], rpar=[])
    if made.lpar:
        return None
    return brackets.merged(brackets.of_call(call), brackets.of_list(made, generator))


def _with_generator(updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    inside = _without_list(call)
    if inside is None:
        return call
    arg = cst.Arg(cst.ensure_type(inside.node, cst.GeneratorExp), whitespace_after_arg=inside.after)
    return call.with_changes(whitespace_before_args=inside.before, args=[arg])
