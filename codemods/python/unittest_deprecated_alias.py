"""Aliases such as `TestCase.assertEquals` were deprecated long ago and removed in Python 3.12.

A test that still calls one fails with `AttributeError` on the first day of the new interpreter, and until
then each run prints a warning. The names in use today do the same and exist in every supported Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from codemods import names, nodes
from codemods.model import About, Applicability, Category, Facts

_ALIASES = {
    "assertEquals": "assertEqual",
    "assertNotEquals": "assertNotEqual",
    "assert_": "assertTrue",
    "assertAlmostEquals": "assertAlmostEqual",
    "assertNotAlmostEquals": "assertNotAlmostEqual",
    "assertRegexpMatches": "assertRegex",
    "assertNotRegexpMatches": "assertNotRegex",
    "assertRaisesRegexp": "assertRaisesRegex",
    "failUnlessEqual": "assertEqual",
    "failIfEqual": "assertNotEqual",
    "failUnless": "assertTrue",
    "failIf": "assertFalse",
    "failUnlessRaises": "assertRaises",
    "failUnlessAlmostEqual": "assertAlmostEqual",
    "failIfAlmostEqual": "assertNotAlmostEqual",
}
# The other names are as old as the aliases; these did not exist in Python 2.7.
_SINCE = {"assertRegex": (3, 2), "assertRaisesRegex": (3, 2), "assertNotRegex": (3, 5)}

ABOUT = About(
    title="Use the unittest assertion names that still exist",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: each alias was the same method under another name.",
    references=("https://docs.python.org/3/whatsnew/3.12.html#removed",),
    # Other methods begin with assert_, too.
    needles=tuple(f".{alias}".encode() + b"(" * (alias == "assert_") for alias in _ALIASES),
    minutes=2,
    asks=("floor",),
)


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Rename the aliases that methods of a test case take from ``self`` or ``cls``."""
    floor = facts.floor or (0, 0)
    renamed = {old: new for old, new in _ALIASES.items() if floor >= _SINCE.get(new, (0, 0))}
    everything = list(nodes.walk(module))
    for name in _own(everything):
        renamed.pop(name, None)
    above = nodes.of(module).above
    classes = [n for n in everything if isinstance(n, cst.ClassDef)]
    used = [a for c in _test_cases(module, classes) for a in _taken_from_self(c) if a.attr.value in renamed]
    changes: dict[cst.CSTNode, nodes.Change] = {a.attr: _rename(renamed[a.attr.value]) for a in used}
    for attribute in used:
        call = above[attribute]
        if isinstance(call, cst.Call) and call.func is attribute and isinstance(above[call], cst.Expr):
            changes[call] = _aligned(module, attribute, renamed[attribute.attr.value])
    return nodes.replaced(module, changes)


def _rename(name: str) -> nodes.Change:
    return lambda node: node.with_changes(value=name)


def _aligned(module: cst.Module, attribute: cst.Attribute, name: str) -> nodes.Change:
    """Return the change of a call that keeps its further lines below what they were aligned with."""
    column = len(module.code_for_node(attribute)) + 1
    shift = _Shift(column, len(name) - len(attribute.attr.value))

    def change(updated: cst.CSTNode) -> cst.CSTNode:
        call = cst.ensure_type(updated, cst.Call)
        opened = isinstance(call.whitespace_before_args, cst.ParenthesizedWhitespace)
        return call if opened else cst.ensure_type(call.visit(shift), cst.Call)

    return change


class _Shift(cst.CSTTransformer):
    """Moves the lines within brackets that begin at a column of the statement, or further in."""

    def __init__(self, column: int, distance: int) -> None:
        super().__init__()
        self._column, self._distance = column, distance

    def leave_ParenthesizedWhitespace(  # noqa: N802 -- libcst calls it by this name
        self,
        original_node: cst.ParenthesizedWhitespace,  # noqa: ARG002 -- the shape of libcst's method
        updated_node: cst.ParenthesizedWhitespace,
    ) -> cst.ParenthesizedWhitespace:
        """Move one line, unless tabs say where it begins."""
        space = updated_node.last_line.value
        if not updated_node.indent or len(space) < self._column or space.strip(" "):
            return updated_node
        return updated_node.with_changes(last_line=cst.SimpleWhitespace(" " * (len(space) + self._distance)))


def _own(everything: Iterable[cst.CSTNode]) -> Iterator[str]:
    """Yield the names that the module gives a meaning of its own, as a method or an attribute."""
    for node in everything:
        if isinstance(node, cst.FunctionDef):
            yield node.name.value
        elif isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.AugAssign | cst.NamedExpr):
            yield from (n.value for n in nodes.walk(node.target) if isinstance(n, cst.Name))


def _test_cases(module: cst.Module, classes: Iterable[cst.ClassDef]) -> Iterator[cst.ClassDef]:
    """Yield the classes that derive from a ``…TestCase``, directly or through a class of the module."""
    known = names.of(module)
    by_name: dict[str, list[cst.ClassDef]] = {}
    for found in classes:
        by_name.setdefault(found.name.value, []).append(found)

    def derives(found: cst.ClassDef, seen: tuple[cst.ClassDef, ...]) -> bool:
        return found not in seen and any(is_case(a.value, (*seen, found)) for a in found.bases)

    def is_case(base: cst.BaseExpression, seen: tuple[cst.ClassDef, ...]) -> bool:
        if isinstance(base, cst.Name) and base.value in by_name:
            return all(derives(c, seen) for c in by_name[base.value])
        if not isinstance(base, cst.Name | cst.Attribute):
            return False
        last = base.value if isinstance(base, cst.Name) else base.attr.value
        return (known.qualified(base) or last).endswith("TestCase")

    return (c for same in by_name.values() for c in same if derives(c, ()))


def _taken_from_self(found: cst.ClassDef) -> Iterator[cst.Attribute]:
    """Yield each attribute of a method's first parameter, in the method and the functions within."""
    for method in found.body.body:
        if isinstance(method, cst.FunctionDef) and (first := _first(method)):
            yield from _attributes(method.body, first)


def _first(function: cst.FunctionDef) -> str | None:
    params = (*function.params.posonly_params, *function.params.params)
    return params[0].name.value if params and params[0].name.value in {"self", "cls"} else None


def _attributes(node: cst.CSTNode, first: str) -> Iterator[cst.Attribute]:
    """Yield the attributes of the name ``first``; a scope within that binds it again is another's."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, cst.ClassDef) or _binds(current, first):
            continue
        if (
            isinstance(current, cst.Attribute)
            and isinstance(current.value, cst.Name)
            and current.value.value == first
        ):
            yield current
        waiting.extend(nodes.children(current))


def _binds(node: cst.CSTNode, name: str) -> bool:
    if not isinstance(node, cst.FunctionDef | cst.Lambda):
        return False
    return any(isinstance(n, cst.Param) and n.name.value == name for n in nodes.walk(node.params))
