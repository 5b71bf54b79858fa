"""`functools.cache` is `lru_cache(maxsize=None)` under a name that says what it does.

A cache without a bound evicts nothing, so that "least recently used" misleads: readers look for a limit that
is not there. The short name says at a glance that whatever goes in stays in.

Calls that also say `typed` are left alone, and so is a module that asks for `cache_parameters()`, or in which
`cache` is something else already.
"""

from __future__ import annotations

import ast

import libcst as cst

from codemods import alignment, glance, guards, imports, leftovers, names, nodes, reach, writing
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call a cache without a bound functools.cache",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: `functools.cache` does nothing but call `lru_cache(maxsize=None)`.",
    references=(
        "https://docs.python.org/3/library/functools.html#functools.cache",
        "https://docs.astral.sh/ruff/rules/lru-cache-with-maxsize-none/",
    ),
    needles=(b"lru_cache",),
    pattern=rb"\(\s*(?:maxsize\s*=\s*)?None\s*,?\s*\)",
    requires_python=(3, 9),
    codes=("UP033",),
    minutes=1,
)

_NEW = "functools.cache"


def sift(tree: ast.Module) -> bool:
    """Say whether a call may make a cache without a bound."""
    names = glance.known_as(tree, ("lru_cache",))
    return any(glance.called(n) in names for n in glance.all_of(tree, ast.Call))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that calls a cache without a bound a cache."""
    known = names.of(module)
    calls = [c for c in nodes.of(module).all(cst.Call) if _has_no_bound(c, known) and _can_change(c, module)]
    if not calls or "cache_parameters" in writing.source(module):
        return module
    found = {call: way for call in calls if (way := _way(call, module))}
    if any(way.source for way in found.values()) and any(_is_silenced(n, module) for n in _imports(module)):
        return module
    texts: dict[cst.CSTNode, str] = {call: _code(way.expression) for call, way in found.items()}
    changed = reach.brought(alignment.written(module, texts), found.values())
    return leftovers.tidied(module, changed)


def _has_no_bound(call: cst.Call, known: names.Names) -> bool:
    """Say whether a call makes a cache, and says nothing but that it has no bound."""
    if len(call.args) != 1 or call.args[0].star or call.lpar or nodes.comments(call):
        return False
    (argument,) = call.args
    named = argument.keyword is None or argument.keyword.value == "maxsize"
    none = isinstance(argument.value, cst.Name) and argument.value.value == "None"
    return named and none and known.qualified(call.func) == "functools.lru_cache"


def _can_change(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a call decorates or is called at once, on whatever Python."""
    outer = nodes.of(module).above[call]
    applied = isinstance(outer, cst.Decorator) or (isinstance(outer, cst.Call) and outer.func is call)
    return applied and not guards.guarded(call, module) and not _is_silenced(call, module)


def _is_silenced(node: cst.CSTNode, module: cst.Module) -> bool:
    return guards.silenced(node, module, ABOUT, "lru-cache-none")


def _imports(module: cst.Module) -> list[cst.ImportFrom]:
    found = (n for n in imports.of(module.body) if isinstance(n, cst.ImportFrom))
    return [n for n in found if imports.source_of(n) == "functools"]


def _way(call: cst.Call, module: cst.Module) -> reach.Way | None:
    """Return how the short name is reached: as the long one is, where that is named with its module."""
    if isinstance(call.func, cst.Attribute):
        return reach.Way(call.func.with_changes(attr=cst.Name("cache")))
    return reach.to(_NEW, module)


def _code(node: cst.BaseExpression) -> str:
    return cst.Module([]).code_for_node(node)
