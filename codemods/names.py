"""Resolves names through the imports of one module, and refuses where in doubt.

A name stands for a library only where the scope that binds it does so by imports alone, and by imports of one
thing. With ``x = None`` beside ``import x`` the library may be missing, but ``x`` is nothing else. What is
said ``global`` or ``nonlocal`` somewhere, and what a later ``import *`` may have replaced, is unknown.
"""

from __future__ import annotations

import builtins
from collections import Counter
from functools import lru_cache

import libcst as cst

from codemods import scopes

dotted = scopes.dotted


class Names:
    """What the names of one module stand for, each in its scope."""

    def __init__(self, module: cst.Module) -> None:
        self._scopes = scopes.read(module)
        self._bindings: Counter[str] = Counter()
        for scope in self._scopes.every:
            self._bindings.update(scope.count)
        self._meanings: dict[str, str | None] = {}
        self._uses: dict[str, list[cst.Name]] = {}
        for name in self._scopes.of:
            self._uses.setdefault(name.value, []).append(name)
        self._steady = _unconditional(module)

    def qualified(self, node: cst.BaseExpression) -> str | None:
        """Return the dotted name a Name or Attribute stands for (``datetime.datetime.utcnow``), or None.

        Ask about nodes of the module as it was read. For any other node the answer is what its name stands
        for in every scope alike, or None.
        """
        if isinstance(node, cst.Attribute):
            base = self.qualified(node.value)
            return None if base is None else f"{base}.{node.attr.value}"
        if not isinstance(node, cst.Name) or node.value in self._scopes.shared:
            return None
        scope = self._scopes.of.get(node)
        return self._everywhere(node.value) if scope is None else scope.meaning(node.value)

    def builtin(self, node: cst.BaseExpression) -> str | None:
        """Return the built-in that a Name (or an attribute of `builtins`) stands for, or None.

        Only where the module binds the name nowhere, and imports nothing with a star.
        """
        if isinstance(node, cst.Name) and hasattr(builtins, node.value):
            hidden = self._scopes.stars or self.bindings(node.value)
            return None if hidden else node.value
        module, _, name = (self.qualified(node) or "").rpartition(".")
        return name if module == "builtins" else None

    def bound_once(self, node: cst.Name) -> bool:
        """Say whether the scope that a name belongs to binds it once, and no other can bind it there."""
        return self.times(node) == 1

    def times(self, node: cst.Name) -> int:
        """Return how often the scope that a name belongs to binds it; 0 where another can bind it there."""
        scope = self._home(node)
        return 0 if scope is None or node.value in self._scopes.shared else scope.count[node.value]

    def binds(self, binder: cst.CSTNode, node: cst.Name) -> bool:
        """Say whether a name belongs to the scope in which another Name stands, or to that of a function."""
        scope = self._scopes.inside.get(binder)
        if isinstance(binder, cst.Name):
            scope = self._home(binder)
        return scope is not None and scope is self._home(node)

    def shared(self, name: str) -> bool:
        """Say whether a name stands in a ``global`` or ``nonlocal`` somewhere."""
        return name in self._scopes.shared

    def at_top(self, node: cst.Name) -> bool:
        """Say whether a name belongs to the scope of the module itself."""
        return self._home(node) is self._scopes.every[0]

    def _home(self, node: cst.Name) -> scopes.Scope | None:
        scope = self._scopes.of.get(node)
        inner = scope
        while scope is not None and (
            not scope.count[node.value] or (scope.kind == "class" and scope is not inner)
        ):
            scope = scope.parent
        return scope

    def local(self, qualified: str) -> str | None:
        """Return the name by which this object can be called everywhere in the module, or None.

        Only imports count that stand at the top of the module without any condition, and only names that
        mean the same in every scope.
        """
        return next((name for name in self._steady if self._everywhere(name) == qualified), None)

    @property
    def stars(self) -> bool:
        """Whether the module imports anything with a star: any name may be bound then."""
        return self._scopes.stars

    def free(self, name: str) -> bool:
        """Say whether nothing in the module binds or uses a name: an import of it hides nothing."""
        return not self._scopes.stars and name not in self._uses and not self.bindings(name)

    def bindings(self, name: str) -> int:
        """Return how often the module binds this name, in whatever scope and way."""
        return self._bindings[name]

    def unbound(self) -> set[str]:
        """Return the names that the module uses and binds nowhere, but for built-ins."""
        return {name for name in self._uses if not (self.bindings(name) or hasattr(builtins, name))}

    def uses(self, name: str) -> list[cst.Name]:
        """Return every place of the module's code where this name stands, but for imports and parameters."""
        return self._uses.get(name, [])

    def _everywhere(self, name: str) -> str | None:
        if name not in self._meanings:
            top, *_ = every = self._scopes.every
            meanings = {scope.meaning(name) for scope in every if name in scope.count}
            steady = name not in self._scopes.shared and name in top.count and len(meanings) == 1
            self._meanings[name] = meanings.pop() if steady else None
        return self._meanings[name]


@lru_cache(maxsize=2)
def of(module: cst.Module) -> Names:
    """Return the names of a module; asked twice for the same module, it is read once."""
    return Names(module)


def _unconditional(module: cst.Module) -> list[str]:
    lines = (line for line in module.body if isinstance(line, cst.SimpleStatementLine))
    found = (s for line in lines for s in line.body if isinstance(s, cst.Import | cst.ImportFrom))
    return [name for statement in found for name, _ in scopes.imports(statement)]
