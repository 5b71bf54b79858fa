"""Tells which classes of a module certainly derive from classes of a library, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

import libcst as cst

from codemods import guards, names, nodes

_PLAIN = frozenset(("typing.Generic", "typing_extensions.Generic", "abc.ABC"))


@lru_cache(maxsize=4)
def of(module: cst.Module, roots: frozenset[str]) -> Mapping[cst.ClassDef, str]:
    """Return the classes of a module that derive from one of some, each with the dotted name of that.

    They derive from it directly or by way of other classes of the module. A class that is defined for some
    versions only is none.
    """
    found: dict[cst.ClassDef, str] = {}
    for node in nodes.of(module).all(cst.ClassDef):
        above = (root for base in node.bases if (root := _root(base.value, module, roots, found)))
        root = next(above, None)
        if root and not guards.for_some_versions(node, module):
            found[node] = root
    return MappingProxyType(found)


def _root(
    base: cst.BaseExpression, module: cst.Module, roots: frozenset[str], found: Mapping[cst.ClassDef, str]
) -> str | None:
    plain = _plain(base)
    own = named(plain, module)
    if own is not None:
        return found.get(own)
    full = names.of(module).qualified(plain)
    return full if full in roots else None


def _plain(base: cst.BaseExpression) -> cst.BaseExpression:
    return base.value if isinstance(base, cst.Subscript) else base


def named(node: cst.BaseExpression, module: cst.Module) -> cst.ClassDef | None:
    """Return the class of the module that a name stands for; None where anything else may bind the name."""
    known = names.of(module)
    if not isinstance(node, cst.Name) or known.bindings(node.value) != 1 or known.stars:
        return None
    return next((n for n in nodes.of(module).all(cst.ClassDef) if n.name.value == node.value), None)


def whole(found: cst.ClassDef, module: cst.Module, roots: frozenset[str]) -> bool:
    """Say whether a class has no bases but those whose code is known: what it inherits is theirs."""
    known = names.of(module)
    for base in found.bases:
        plain = _plain(base.value)
        own = named(plain, module)
        full = known.qualified(plain) or ""
        fine = (own in of(module, roots) and whole(own, module, roots)) if own else full in _PLAIN | roots
        if not fine:
            return False
    return True


def lines(found: cst.ClassDef) -> Iterator[cst.BaseSmallStatement]:
    """Yield the simple statements that stand directly in a class."""
    body = found.body.body if isinstance(found.body, cst.IndentedBlock) else [found.body]
    for line in body:
        if isinstance(line, cst.SimpleStatementLine | cst.SimpleStatementSuite):
            yield from line.body


def bound(found: cst.ClassDef) -> set[str]:
    """Return the names that the body of a class binds, or annotates, where they stand directly in it."""
    below = found.body.body if isinstance(found.body, cst.IndentedBlock) else []
    own = {n.name.value for n in below if isinstance(n, cst.FunctionDef | cst.ClassDef)}
    targets = (target for line in lines(found) for target in _targets(line))
    return own | {
        node.value for target in targets for node in nodes.walk(target) if isinstance(node, cst.Name)
    }


def _targets(line: cst.BaseSmallStatement) -> list[cst.BaseExpression]:
    every = [t.target for t in line.targets] if isinstance(line, cst.Assign) else []
    every += [line.target] if isinstance(line, cst.AnnAssign) else []
    return [target for target in every if isinstance(target, cst.Name | cst.Tuple | cst.List)]
