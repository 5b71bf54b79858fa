"""Reads which scope of a module binds which name, and whether by an import or in another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import libcst as cst

from codemods import nodes


@dataclass(eq=False, slots=True)
class Scope:
    """One scope: how often it binds each name, and what its imports say the name is."""

    parent: Scope | None = None
    kind: str = "module"
    count: Counter[str] = field(default_factory=Counter)
    imported: dict[str, set[str]] = field(default_factory=dict)
    otherwise: set[str] = field(default_factory=set)

    def take(self, name: str, full: str) -> None:
        """Bind a name by an import of ``full``."""
        self.count[name] += 1
        self.imported.setdefault(name, set()).add(full)

    def bind(self, target: cst.CSTNode | None, *, missing: bool = False) -> None:
        """Bind the names of a target in another way; to None they are only ``missing``."""
        for name in bound_by(target):
            self.count[name] += 1
            if not missing:
                self.otherwise.add(name)

    def meaning(self, name: str) -> str | None:
        """Return what a name used in this scope stands for, or None when that is not certain."""
        scope: Scope | None = self
        while scope is not None and not scope.count[name]:
            scope = scope.parent
        if scope is None or name in scope.otherwise or (scope.kind == "class" and scope is not self):
            return None
        found = scope.imported.get(name, ())
        return next(iter(found)) if len(found) == 1 else None


@dataclass(eq=False, slots=True)
class Scopes:
    """All scopes of a module, the module's own first, and the scope in which each Name is used.

    ``inside`` is the scope of each function's body. ``shared`` are the names that stand in a ``global`` or
    ``nonlocal``; ``stars`` says whether anything is imported with a star.
    """

    every: list[Scope]
    of: dict[cst.Name, Scope] = field(default_factory=dict)
    inside: dict[cst.CSTNode, Scope] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    stars: bool = False

    def inner(self, parent: Scope, kind: str) -> Scope:
        """Open a scope inside another."""
        self.every.append(Scope(parent, kind))
        return self.every[-1]


_Seen = tuple[cst.CSTNode, Scope]


def read(module: cst.CSTNode) -> Scopes:
    """Return the scopes of a module, or those of a part of it."""
    scopes = Scopes([Scope()])
    waiting: list[_Seen] = [(module, scopes.every[0])]
    while waiting:
        node, scope = waiting.pop()
        if isinstance(node, cst.Name):
            scopes.of[node] = scope
        else:
            reader = _READERS.get(type(node), _all)
            waiting.extend(reversed(list(reader(scopes, node, scope))))
    return scopes


def bound_in(node: cst.CSTNode) -> set[str]:
    """Return the names that code binds or deletes where it stands, without what its own functions bind."""
    found = read(node)
    return {name for name, count in found.every[0].count.items() if count} | found.shared


def bound_by(target: cst.CSTNode | None) -> Iterator[str]:
    """Yield the names that an assignment to ``target`` binds."""
    if isinstance(target, cst.Name):
        yield target.value
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from bound_by(element.value)
    elif isinstance(target, cst.StarredElement):
        yield from bound_by(target.value)


def imports(node: cst.Import | cst.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield each name that an import binds and what it stands for: ``import a.b`` binds ``a`` to ``a``."""
    if isinstance(node, cst.Import):
        for alias in node.names:
            full = dotted(alias.name)
            top = full.partition(".")[0]
            yield (_alias(alias), full) if alias.asname else (top, top)
    elif not isinstance(node.names, cst.ImportStar):
        source = "." * len(node.relative) + (f"{dotted(node.module)}." if node.module else "")
        yield from ((_alias(alias), f"{source}{dotted(alias.name)}") for alias in node.names)


def dotted(node: cst.BaseExpression) -> str:
    """Return the dotted text of a Name or of an Attribute over names; ValueError for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    raise ValueError(f"not a dotted name: {type(node).__name__}")


def _alias(alias: cst.ImportAlias) -> str:
    return next(bound_by(alias.asname.name)) if alias.asname else dotted(alias.name)


def _all(_: Scopes, node: cst.CSTNode, scope: Scope) -> Iterable[_Seen]:
    return [(n, scope) for n in nodes.children(node)]


def _value(_: Scopes, node: cst.Attribute | cst.Arg, scope: Scope) -> Iterable[_Seen]:
    return [(node.value, scope)]


def _import(scopes: Scopes, node: cst.Import | cst.ImportFrom, scope: Scope) -> Iterable[_Seen]:
    if isinstance(node, cst.ImportFrom) and isinstance(node.names, cst.ImportStar):
        # Whatever was imported above may be another thing from here on.
        scopes.stars = True
        scope.otherwise.update(scope.imported)
    for name, full in imports(node):
        scope.take(name, full)
    return ()


def _elsewhere(scopes: Scopes, node: cst.Global | cst.Nonlocal, scope: Scope) -> Iterable[_Seen]:
    for item in node.names:
        scope.bind(item.name)
        scopes.shared.add(item.name.value)
    return ()


def _function(scopes: Scopes, node: cst.FunctionDef, scope: Scope) -> Iterable[_Seen]:
    _named(node, scope)
    inner = scopes.inside[node] = scopes.inner(scope, "function")
    outside = [*node.decorators, *([node.returns] if node.returns else [])]
    return [*((n, scope) for n in outside), *_parameters(node.params, scope, inner), (node.body, inner)]


def _lambda(scopes: Scopes, node: cst.Lambda, scope: Scope) -> Iterable[_Seen]:
    inner = scopes.inside[node] = scopes.inner(scope, "function")
    return [*_parameters(node.params, scope, inner), (node.body, inner)]


def _class(scopes: Scopes, node: cst.ClassDef, scope: Scope) -> Iterable[_Seen]:
    _named(node, scope)
    outside = (*node.decorators, *node.bases, *node.keywords)
    return [*((n, scope) for n in outside), (node.body, scopes.inner(scope, "class"))]


def _named(node: cst.FunctionDef | cst.ClassDef, scope: Scope) -> None:
    scope.bind(node.name)
    # Type parameters are bound where their annotations are read: too wide, and never wrong.
    for parameter in node.type_parameters.params if node.type_parameters else ():
        scope.bind(parameter.param.name)


def _parameters(params: cst.Parameters, outer: Scope, inner: Scope) -> Iterator[_Seen]:
    every = [
        *params.posonly_params,
        *params.params,
        *params.kwonly_params,
        params.star_arg,
        params.star_kwarg,
    ]
    for param in every:
        if isinstance(param, cst.Param):
            inner.bind(param.name)
            yield from ((n, outer) for n in (param.default, param.annotation) if n is not None)


def _comprehension(scopes: Scopes, node: cst.BaseComp, scope: Scope) -> Iterable[_Seen]:
    inner = scopes.inner(scope, "comprehension")
    return [(n, inner) for n in nodes.children(node)]


def _walrus(scopes: Scopes, node: cst.NamedExpr, scope: Scope) -> Iterable[_Seen]:
    home = scope
    while home.kind == "comprehension" and home.parent:
        home = home.parent
    home.bind(node.target)
    return _all(scopes, node, scope)


def _assign(scopes: Scopes, node: cst.Assign, scope: Scope) -> Iterable[_Seen]:
    missing = isinstance(node.value, cst.Name) and node.value.value == "None"
    for target in node.targets:
        scope.bind(target.target, missing=missing)
    return _all(scopes, node, scope)


def _binding(part: str) -> Callable[[Scopes, cst.CSTNode, Scope], Iterable[_Seen]]:
    def reader(scopes: Scopes, node: cst.CSTNode, scope: Scope) -> Iterable[_Seen]:
        scope.bind(getattr(node, part))
        return _all(scopes, node, scope)

    return reader


_READERS: dict[type, Callable[..., Iterable[_Seen]]] = {
    cst.FunctionDef: _function,
    cst.Lambda: _lambda,
    cst.ClassDef: _class,
    **dict.fromkeys((cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp), _comprehension),
    **dict.fromkeys((cst.Import, cst.ImportFrom), _import),
    **dict.fromkeys((cst.Global, cst.Nonlocal), _elsewhere),
    **dict.fromkeys((cst.Attribute, cst.Arg), _value),
    cst.NamedExpr: _walrus,
    cst.Assign: _assign,
    **dict.fromkeys((cst.AnnAssign, cst.AugAssign, cst.For, cst.CompFor, cst.Del), _binding("target")),
    **dict.fromkeys((cst.AsName, cst.MatchAs, cst.MatchStar, cst.TypeAlias), _binding("name")),
    cst.MatchMapping: _binding("rest"),
}
