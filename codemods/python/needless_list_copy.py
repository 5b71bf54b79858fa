"""A copy that only feeds the next copy costs memory and a pass over every element.

`sorted`, `set`, `tuple`, `sum`, `min`, `max` and `str.join` take any iterable and read all of it, so that
`list(…)` around their argument is read once and thrown away; `sorted` returns a list already, and a loop
needs none around `range`. A comprehension that hands on each element as it is (`[x for x in y]`) is a
call of `list` in a slower way.

A copy that protects stays: a loop over `list(d)` may change `d`. So does a comprehension over something of
which the module does not show what it is, for `list` asks it for its length first.
"""

from __future__ import annotations

import ast

import libcst as cst

from codemods import arguments, brackets, certain, glance, loops, names, nodes, writing
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Leave out copies that only feed another copy",
    category=Category.SPEED,
    applicability=Applicability.SAFE,
    risk="None, but for a class derived from `set` whose elements are not those that a loop over it meets.",
    references=(
        "https://docs.python.org/3/library/functions.html#sorted",
        "https://docs.astral.sh/ruff/rules/unnecessary-double-cast-or-process/",
        "https://docs.astral.sh/ruff/rules/unnecessary-comprehension/",
    ),
    needles=(b"list", b"tuple", b"sorted", b"for"),
    # It begins with brackets alone, so that the search skips everything else.
    pattern=rb"\(\s*(?:list|tuple|sorted)\(|\(range\(|[\[({]\s*(\w+)\s+for\s+\1\s+in\b",
    codes=("C413", "C414", "C416", "R1721", "unnecessary-comprehension"),
    minutes=2,
    tests=False,
)

_READERS = frozenset(("sorted", "set", "frozenset", "tuple", "list", "sum", "min", "max"))
_ALONE = _READERS - {"sorted", "sum"}
_READING_METHODS = frozenset(("extend", "update", "union", "difference", "intersection", "join"))
_COPIES = frozenset(("list", "tuple"))


def sift(tree: ast.Module) -> bool:
    """Say whether something is made of a list or tuple that is made for it, or of each element of another."""
    calls = (n for n in glance.all_of(tree, ast.Call) if n.args)
    pairs = ((glance.called(n), glance.called(n.args[0])) for n in calls)
    made = (n for n in glance.comprehensions(tree) if not isinstance(n, ast.DictComp))
    return any(
        inner in _COPIES or (outer == "list" and inner in {"sorted", "range"}) for outer, inner in pairs
    ) or any(
        isinstance(n.elt, ast.Name)
        and isinstance(n.generators[0].target, ast.Name)
        and n.elt.id == n.generators[0].target.id
        and not n.generators[0].ifs
        for n in made
    )


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module without needless copies; what a change makes needless goes too."""
    seen, known = nodes.of(module), names.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in seen.all(cst.Call):
        if change := _change_of_call(call, module):
            changes[call] = change
    made_here: list[cst.ListComp | cst.SetComp] = [*seen.all(cst.ListComp), *seen.all(cst.SetComp)]
    for made in made_here:
        name = "list" if isinstance(made, cst.ListComp) else "set"
        copied = _copied(made)
        if copied is None or _is_read(made, seen) or not known.builtin(cst.Name(name)):
            continue
        if brackets.touch_a_word(made, module):
            continue
        if name == "set" or (loops.may_be_measured(copied, module) and loops.listed(copied)):
            changes[made] = _as_set if name == "set" else _as_list
    result = nodes.replaced(module, changes)
    return (
        module
        if result is module or writing.edited(module, result) == writing.source(module)
        else rewrite(result, facts)
    )


def _change_of_call(call: cst.Call, module: cst.Module) -> nodes.Change | None:
    """Return how a call loses a copy, or None."""
    reader = _reader(call)
    if not reader or not call.args or arguments.starred(call) or call.args[0].keyword:
        return None
    known, given = names.of(module), call.args[0].value
    if reader != "join" and known.builtin(call.func) is None:
        return None
    if isinstance(given, cst.ListComp | cst.GeneratorExp):
        return _without_comprehension if reader in {"set", "frozenset"} and _of_each(call) else None
    if not isinstance(given, cst.Call) or arguments.starred(given) or not given.args:
        return None
    inner = known.builtin(given.func)
    if reader == "list" and len(call.args) == 1 and _returned(call, inner or "", nodes.of(module)):
        return _inner if _inner_for(call) else None
    copies = inner in _COPIES and len(given.args) == 1 and given.args[0].keyword is None
    return _without_copy if copies and _may_wait(call, module) and _unwrapped(call) else None


def _may_wait(call: cst.Call, module: cst.Module) -> bool:
    """Say whether the other arguments do nothing, so that what a generator does may happen behind them."""
    return all(isinstance(a.value, cst.Lambda) or certain.pure(a.value, module) for a in call.args[1:])


def _reader(call: cst.Call) -> str | None:
    """Return the name of what reads all of its first argument at once, by its spelling."""
    if isinstance(call.func, cst.Name):
        alone = len(call.args) == 1 or call.func.value not in _ALONE
        return call.func.value if call.func.value in _READERS and alone else None
    if isinstance(call.func, cst.Attribute) and call.func.attr.value == "join":
        return "join" if isinstance(call.func.value, cst.SimpleString) and len(call.args) == 1 else None
    return None


def _returned(call: cst.Call, inner: str, seen: nodes.Seen) -> bool:
    """Say whether what is copied can take the copy's place: a new list, or a range that a loop goes over."""
    parent = seen.above[call]
    loops = isinstance(parent, cst.For | cst.CompFor) and parent.iter is call and not parent.asynchronous
    return inner == "sorted" or (inner == "range" and loops)


def _is_read(made: cst.BaseExpression, seen: nodes.Seen) -> bool:
    """Say whether a comprehension is what a call reads: a copy there is as needless as it was."""
    parent = seen.above[made]
    outer = seen.above[parent]
    if not isinstance(parent, cst.Arg) or not isinstance(outer, cst.Call):
        return False
    is_method = isinstance(outer.func, cst.Attribute) and outer.func.attr.value in _READING_METHODS
    return is_method or _reader(outer) is not None


def _copied(made: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> cst.BaseExpression | None:
    """Return what a comprehension in one line goes over, where it hands on each element as it is."""
    loop = made.for_in
    plain = loop.asynchronous is None and not loop.ifs and loop.inner_for_in is None
    if not plain or not isinstance(made.elt, cst.Name) or not isinstance(loop.target, cst.Name):
        return None
    whole = not brackets.spans_lines(made)
    bare = isinstance(loop.iter, cst.Tuple | cst.GeneratorExp | cst.NamedExpr) and not loop.iter.lpar
    return loop.iter if whole and not bare and made.elt.value == loop.target.value else None


def _as_list(updated: cst.CSTNode) -> cst.CSTNode:
    made = cst.ensure_type(updated, cst.ListComp)
    call = loops.listed(made.for_in.iter)
    return (
        made
        if call is None
        else call.with_changes(lpar=[*made.lpar, *call.lpar], rpar=[*call.rpar, *made.rpar])
    )


def _as_set(updated: cst.CSTNode) -> cst.CSTNode:
    made = cst.ensure_type(updated, cst.SetComp)
    return cst.Call(cst.Name("set"), [cst.Arg(made.for_in.iter)], lpar=made.lpar, rpar=made.rpar)


def _of_each(call: cst.Call) -> bool:
    """Say whether a call reads a mere copy, in a line of its own."""
    given = call.args[0].value
    if not isinstance(given, cst.ListComp | cst.GeneratorExp) or brackets.spans_lines(call):
        return False
    return _copied(given) is not None


def _without_comprehension(updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    made = call.args[0].value
    if not isinstance(made, cst.ListComp | cst.GeneratorExp):
        return call
    return call.with_changes(
        whitespace_before_args=cst.SimpleWhitespace(""), args=[cst.Arg(made.for_in.iter)]
    )


def _without_copy(updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    return _unwrapped(call) or call


def _unwrapped(call: cst.Call) -> cst.Call | None:
    """Return a call with what its first argument copies in the copy's place."""
    first, *rest = call.args
    copy = first.value
    if not isinstance(copy, cst.Call) or len(copy.args) != 1 or copy.lpar or not _copies(copy):
        return None
    given = copy.args[0].value
    if rest:
        inside = brackets.of_call(copy)
        spaces = (inside.before, inside.after)
        plain = all(isinstance(s, cst.SimpleWhitespace) for s in spaces)
        if not plain or brackets.spans_lines(given) or isinstance(given, cst.GeneratorExp):
            return None
        return call.with_changes(args=[first.with_changes(value=given), *rest])
    found = brackets.merged(brackets.of_call(call), brackets.of_call(copy))
    if found is None:
        return None
    arg = cst.Arg(found.node, whitespace_after_arg=found.after)  # type: ignore[arg-type]
    return call.with_changes(whitespace_before_args=found.before, args=[arg])


def _copies(call: cst.Call) -> bool:
    name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    return isinstance(name, cst.Name) and name.value in _COPIES


def _inner(updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    return _inner_for(call) or call


def _inner_for(call: cst.Call) -> cst.Call | None:
    """Return the call that a call of `list` is given, for its place."""
    inner = call.args[0].value
    if not isinstance(inner, cst.Call) or nodes.comments(call) != nodes.comments(inner):
        return None
    within = isinstance(call.whitespace_before_args, cst.ParenthesizedWhitespace)
    hangs = isinstance(inner.whitespace_before_args, cst.ParenthesizedWhitespace)
    if within or (brackets.spans_lines(inner) and not hangs):
        return None
    return inner.with_changes(lpar=[*call.lpar, *inner.lpar], rpar=[*inner.rpar, *call.rpar])
