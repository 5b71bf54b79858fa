"""Since Python 3.3, `IOError`, `EnvironmentError`, `socket.error` and more are older names of `OSError`.

Two names for one class let a reader think of two errors: code that catches `IOError` catches all that
`OSError` does, and a tuple of both catches nothing more than either. The one name says so, and a tuple that
would hold it twice holds it once.

Left alone are handlers of one `try` that catch `OSError` by several names, where the later ones never run:
what they should have been is for a person to say. So are collections that would hold the class twice, names
that the module imports by themselves (others may import them from here), names that a comment nearby speaks
of, branches for other Pythons, and `WindowsError`, which only Windows knows. Tests stay as they are: what
they raise and expect is the same.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import partial

import libcst as cst

from codemods import alignment, glance, guards, leftovers, names, nodes
from codemods.model import About, Applicability, Category, Facts

_BUILT_IN = ("IOError", "EnvironmentError")
_MODULES = ("socket", "select", "mmap", "os")

ABOUT = About(
    title="Write OSError instead of its older names",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: since Python 3.3 each of these names is the very same class.",
    references=(
        "https://docs.python.org/3/library/exceptions.html#OSError",
        "https://peps.python.org/pep-3151/",
        "https://docs.astral.sh/ruff/rules/os-error-alias/",
    ),
    needles=(
        *(name.encode() for name in _BUILT_IN),
        *(f"{module}.error".encode() for module in _MODULES),
        *(f"import {module} as ".encode() for module in _MODULES),
    ),
    requires_python=(3, 3),
    codes=("UP024",),
    minutes=1,
    tests=False,
)

_NAMES = frozenset(f"{module}.error" for module in _MODULES)
_NEW = "OSError"


def sift(tree: ast.Module) -> bool:
    """Say whether one of the older names is used."""
    return any(n.id in _BUILT_IN for n in glance.all_of(tree, ast.Name)) or any(
        n.attr == "error" for n in glance.all_of(tree, ast.Attribute)
    )


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with one name for the class."""
    seen, known = nodes.of(module), names.of(module)
    built_in = [n for name in _BUILT_IN for n in known.uses(name) if known.builtin(n)]
    dotted = [n for n in seen.all(cst.Attribute) if n.attr.value == "error" and known.qualified(n) in _NAMES]
    every: Sequence[cst.BaseExpression] = [*built_in, *dotted]
    if not every or known.builtin(cst.Name(_NEW)) is None:
        return module
    hits = [n for n in every if _can_change(n, every, module)]
    tuples = {t for n in hits if isinstance(t := _container(n, module), cst.Tuple) and _count(t, every) > 1}
    inside = {element.value for t in tuples for element in t.elements}
    merged = nodes.replaced(module, {t: partial(_become, _merged(t, every)) for t in tuples})
    return leftovers.tidied(module, alignment.written(merged, {n: _NEW for n in hits if n not in inside}))


def _become(new: cst.CSTNode, _: cst.CSTNode) -> cst.CSTNode:
    return new


def _is_it(node: cst.BaseExpression, every: Sequence[cst.BaseExpression]) -> bool:
    """Say whether an expression is the class, by whatever name."""
    return node in every or (isinstance(node, cst.Name) and node.value == _NEW)


def _count(node: cst.CSTNode | None, every: Sequence[cst.BaseExpression]) -> int:
    """Return how often the class stands in a collection, or among the arguments of a call."""
    parts = [*getattr(node, "elements", ()), *getattr(node, "args", ()), *getattr(node, "bases", ())]
    return sum(_is_it(part.value, every) for part in parts)


def _container(node: cst.CSTNode, module: cst.Module) -> cst.CSTNode | None:
    """Return the collection or the call in which an expression is an element or an argument."""
    above = nodes.of(module).above
    return above[above[node]] if isinstance(above[node], cst.BaseElement | cst.Arg) else None


def _can_change(node: cst.BaseExpression, every: Sequence[cst.BaseExpression], module: cst.Module) -> bool:
    """Say whether a name is read where it may become the other one, with no second of its kind beside it."""
    above, container = nodes.of(module).above, _container(node, module)
    outer = above[node] if container is None else above[container]
    silent = guards.silenced(node, module, ABOUT, "os-error-alias")
    if silent or isinstance(above[node], _REFUSED) or guards.for_some_pythons(node, module):
        return False
    if _is_spoken_of(node, module):
        return False
    if isinstance(outer, cst.ExceptHandler | cst.ExceptStarHandler) and not _is_alone(outer, every, module):
        return False
    if _count(container, every) < 2:  # noqa: PLR2004 -- twice
        return True
    caught = isinstance(outer, cst.ExceptHandler) and not outer.whitespace_after_except.empty
    if not isinstance(container, cst.Tuple) or not (caught or _asks_for_instances(outer, module)):
        return False
    return _merged(container, every) is not container


def _is_spoken_of(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a comment nearby calls the class by this name: readers would look for it in vain."""
    seen = nodes.of(module)
    around = seen.function(node) or nodes.statement(node, seen)
    named = re.compile(rf"\b{re.escape(module.code_for_node(node).strip('()'))}\b")
    return any(named.search(comment) for comment in nodes.comments(around))


_REFUSED = (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.Del, cst.DictElement, cst.BinaryOperation)


def _is_alone(
    handler: cst.ExceptHandler | cst.ExceptStarHandler,
    every: Sequence[cst.BaseExpression],
    module: cst.Module,
) -> bool:
    """Say whether no other handler of the same ``try`` catches the class."""
    attempt = nodes.of(module).above[handler]
    types = [h.type for h in getattr(attempt, "handlers", ()) if h is not handler and h.type]
    return not any(_is_it(t, every) or _count(t, every) for t in types)


def _asks_for_instances(argument: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether an argument is one of isinstance and issubclass."""
    call = nodes.of(module).above.get(argument)
    asks = isinstance(call, cst.Call) and names.of(module).builtin(call.func)
    return isinstance(argument, cst.Arg) and asks in {"isinstance", "issubclass"}


def _merged(node: cst.Tuple, every: Sequence[cst.BaseExpression]) -> cst.BaseExpression:
    """Return a tuple in which the class stands once, or the class alone; the same where a comment is lost."""
    kept: list[cst.BaseElement] = []
    for element in node.elements:
        again = _is_it(element.value, every) and any(_is_it(e.value, every) for e in kept)
        if again and nodes.comments(element):
            return node
        kept += [] if again else [element]
    lost = isinstance(kept[-1].comma, cst.Comma) and nodes.comments(kept[-1].comma)
    if not node.lpar or (lost and kept[-1] is not node.elements[-1]):
        return node
    if len(kept) == 1:
        return node if nodes.comments(node) else cst.Name(_NEW)
    kept[-1] = kept[-1].with_changes(comma=node.elements[-1].comma)
    named = [e.with_changes(value=cst.Name(_NEW)) if _is_it(e.value, every) else e for e in kept]
    return node.with_changes(elements=named)
