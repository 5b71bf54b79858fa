"""A comprehension of the right kind makes a set or a dict at once, without a list or a generator before it.

`dict([(k, v) for …])` builds a list of tuples that is thrown away, then looks `dict` up and calls it; `{k: v
for …}` fills the dict directly, in about two thirds of the time. The same holds for `set([…])`, with a
comprehension or with the elements themselves, and for `list(… for …)`, where a generator is resumed for every
element.

`tuple` and `frozenset` have no syntax of their own and stay, and so does a mere copy (`set(x for x in y)`).
Only what functions do is changed: what runs once, when a module is imported, costs nothing that anybody
would notice. What would no longer be aligned, what stands in an f-string (where two braces mean one) and
what holds a comment between the brackets is left alone.
"""

from __future__ import annotations

import ast

import libcst as cst

from codemods import brackets, glance, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Write sets and dicts as comprehensions and literals",
    category=Category.SPEED,
    applicability=Applicability.SAFE,
    risk="None: the same elements are worked out in the same order.",
    references=(
        "https://docs.python.org/3/tutorial/datastructures.html#sets",
        "https://docs.astral.sh/ruff/rules/unnecessary-list-comprehension-dict/",
        "https://docs.astral.sh/ruff/rules/unnecessary-literal-set/",
    ),
    needles=(b"set", b"dict", b"list"),
    pattern=rb"(?:set|dict|list)\(\s*(?:[\[(]|[^\n]{1,160}\bfor\b|[^\n]{1,160}\n\s*for\b)",
    codes=("C400", "C401", "C402", "C403", "C404", "C405", "R1717", "R1718"),
    minutes=2,
    tests=False,
)

_Made = cst.SetComp | cst.DictComp | cst.ListComp | cst.Set


def sift(tree: ast.Module) -> bool:
    """Say whether a call makes a collection of one that is written out in it."""
    calls = (n for n in glance.all_of(tree, ast.Call) if glance.called(n) in _MAKERS and len(n.args) == 1)
    return any(isinstance(n.args[0], _COLLECTIONS) for n in calls)


_COLLECTIONS = (
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    *(ast.List, ast.Tuple, ast.Set, ast.Dict),
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module in which collections are made without a detour."""
    seen = nodes.of(module)
    calls = [c for c in seen.all(cst.Call) if _is_detour(c)]
    known = names.of(module) if calls else None
    found = [c for c in calls if known and known.builtin(c.func) and _made(c) and _may_change(c, seen)]
    return nodes.replaced(module, dict.fromkeys(found, _changed))


def _is_detour(call: cst.Call) -> bool:
    if not isinstance(call.func, cst.Name) or call.func.value not in _MAKERS or len(call.args) != 1:
        return False
    (arg,) = call.args
    return isinstance(arg.value, _MAKERS[call.func.value]) and not arg.star and not arg.keyword


def _may_change(call: cst.Call, seen: nodes.Seen) -> bool:
    return seen.function(call) is not None and not _in_string(call, seen)


def _in_string(call: cst.Call, seen: nodes.Seen) -> bool:
    return seen.within(call, cst.FormattedString, cst.TemplatedString) is not None


def _changed(updated: cst.CSTNode) -> cst.CSTNode:
    """Return what takes a call's place; the call where what changed within it leaves no place for it."""
    return _made(cst.ensure_type(updated, cst.Call)) or updated


def _made(call: cst.Call) -> _Made | None:
    (arg,) = call.args
    outer = brackets.of_call(call)
    content = _content(cst.ensure_type(call.func, cst.Name).value, arg.value)
    if content is None:
        return None
    if isinstance(arg.value, cst.GeneratorExp):
        hanging = isinstance(outer.before, cst.ParenthesizedWhitespace)
        inside = brackets.Inside(outer.before, content, outer.after)
        found = inside if hanging or not brackets.spans_lines(content) else None
    else:
        found = brackets.merged(outer, _between(arg.value, content))
    return None if found is None else _in_brackets(found, call)


def _content(kind: str, given: cst.BaseExpression) -> _Made | None:
    """Return the comprehension or the literal for what is given to a call, or None."""
    if isinstance(given, cst.List | cst.Tuple):
        return _literal(given)
    if not isinstance(given, cst.ListComp | cst.GeneratorExp) or given.lpar or _is_copy(given):
        return None
    if isinstance(given, cst.GeneratorExp) and _differs(given):
        return None
    if kind == "dict":
        return _dict_of(given)
    plain = cst.SetComp if kind == "set" else cst.ListComp
    return None if isinstance(given.elt, cst.NamedExpr) else plain(given.elt, given.for_in)


def _literal(given: cst.List | cst.Tuple) -> cst.Set | None:
    elements = list(given.elements)
    if (
        not elements
        or len(given.lpar) > isinstance(given, cst.Tuple)
        or any(isinstance(e.value, cst.NamedExpr) for e in elements)
    ):
        return None
    last = elements[-1].comma
    if isinstance(last, cst.Comma):
        if not isinstance(last.whitespace_after, cst.SimpleWhitespace):
            return None
        if not isinstance(_between(given, given).after, cst.ParenthesizedWhitespace):
            elements[-1] = elements[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return cst.Set(elements)


def _is_copy(given: cst.ListComp | cst.GeneratorExp) -> bool:
    """Say whether the elements are those that the loop goes over: the loop itself is not needed then."""
    plain = cst.Module([]).code_for_node
    loop = given.for_in
    same = plain(given.elt).strip("()") == plain(loop.target).strip("()")
    return same and not loop.ifs and loop.inner_for_in is None


def _differs(given: cst.GeneratorExp) -> bool:
    """Say whether it matters that a generator is one: it can be asynchronous, and ends a StopIteration."""
    every = list(nodes.walk(given))
    return any(
        isinstance(n, cst.Await)
        or (isinstance(n, cst.CompFor) and n.asynchronous is not None)
        or (isinstance(n, cst.Name) and n.value in {"next", "__next__"})
        for n in every
    )


def _dict_of(given: cst.ListComp | cst.GeneratorExp) -> cst.DictComp | None:
    pair = given.elt
    if not isinstance(pair, cst.Tuple | cst.List) or len(pair.elements) != 2:  # noqa: PLR2004 -- key and value
        return None
    key, value = (element.value for element in pair.elements)
    starred = any(isinstance(element, cst.StarredElement) for element in pair.elements)
    if starred or brackets.spans_lines(pair) or isinstance(key, cst.Lambda | cst.NamedExpr):
        return None
    return None if isinstance(value, cst.NamedExpr) else cst.DictComp(key, value, given.for_in)


def _between(given: cst.BaseExpression, content: cst.CSTNode) -> brackets.Inside:
    if isinstance(given, cst.Tuple):
        return brackets.Inside(given.lpar[0].whitespace_after, content, given.rpar[-1].whitespace_before)
    return brackets.of_list(cst.ensure_type(given, cst.List | cst.ListComp), content)  # type: ignore[arg-type]


def _in_brackets(inside: brackets.Inside, call: cst.Call) -> _Made:
    made = inside.node
    if isinstance(made, cst.ListComp):
        return made.with_changes(
            lbracket=cst.LeftSquareBracket(inside.before),
            rbracket=cst.RightSquareBracket(inside.after),
            lpar=call.lpar,
            rpar=call.rpar,
        )
    if not isinstance(made, cst.SetComp | cst.DictComp | cst.Set):
        raise TypeError("what is made has brackets")
    return made.with_changes(
        lbrace=cst.LeftCurlyBrace(inside.before),
        rbrace=cst.RightCurlyBrace(inside.after),
        lpar=call.lpar,
        rpar=call.rpar,
    )


_MAKERS: dict[str, tuple[type[cst.BaseExpression], ...]] = {
    "set": (cst.ListComp, cst.GeneratorExp, cst.List, cst.Tuple),
    "dict": (cst.ListComp, cst.GeneratorExp),
    "list": (cst.ListComp, cst.GeneratorExp),
}
