"""Tells which classes of a module are certainly models of pydantic, and which class a name stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

import libcst as cst

from codemods import guards, names, nodes

SETTINGS = "pydantic_settings.BaseSettings"
"""The base of settings that pydantic 2 can be used with."""
_BASES = {
    **dict.fromkeys(("pydantic.BaseModel", "pydantic.main.BaseModel"), "pydantic.BaseModel"),
    "pydantic.generics.GenericModel": "pydantic.BaseModel",
    **dict.fromkeys(("pydantic.BaseSettings", "pydantic.env_settings.BaseSettings"), "pydantic.BaseSettings"),
    **dict.fromkeys((SETTINGS, "pydantic_settings.main.BaseSettings"), SETTINGS),
}
_PLAIN = frozenset(("typing.Generic", "typing_extensions.Generic", "abc.ABC"))


@lru_cache(maxsize=2)
def of(module: cst.Module) -> Mapping[cst.ClassDef, str]:
    """Return the classes of a module that derive from a model, each with the class of pydantic behind it.

    They derive from it directly or by way of other classes of the module. A class that is defined for some
    versions only is none.
    """
    found: dict[cst.ClassDef, str] = {}
    for node in nodes.of(module).all(cst.ClassDef):
        roots = (root for base in node.bases if (root := _root(base.value, module, found)))
        root = next(roots, None)
        if root and not guards.for_some_versions(node, module):
            found[node] = root
    return MappingProxyType(found)


def _root(base: cst.BaseExpression, module: cst.Module, found: Mapping[cst.ClassDef, str]) -> str | None:
    plain = base.value if isinstance(base, cst.Subscript) else base
    own = named(plain, module)
    if own is not None:
        return found.get(own)
    return _BASES.get(names.of(module).qualified(plain) or "")


def named(node: cst.BaseExpression, module: cst.Module) -> cst.ClassDef | None:
    """Return the class of the module that a name stands for; None where anything else may bind the name."""
    known = names.of(module)
    if not isinstance(node, cst.Name) or known.bindings(node.value) != 1 or known.stars:
        return None
    return next((n for n in nodes.of(module).all(cst.ClassDef) if n.name.value == node.value), None)


def whole(found: cst.ClassDef, module: cst.Module) -> bool:
    """Say whether a class has no other bases than models whose code is known: what it inherits is theirs."""
    known = names.of(module)
    for base in found.bases:
        plain = base.value.value if isinstance(base.value, cst.Subscript) else base.value
        own = named(plain, module)
        full = known.qualified(plain) or ""
        fine = (own in of(module) and whole(own, module)) if own else full in _PLAIN or full in _BASES
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
    targets = (nodes.assigned(line)[0] for line in lines(found))
    return own | {target.value for target in targets if isinstance(target, cst.Name)}
