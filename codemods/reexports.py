"""Tells which modules of a repository hand on names of a library, and who takes them from there."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

_IMPORTS = re.compile(rb"^[ \t]*(?:from|import)\b(?:[^\n(]*\([^)]{0,4000}\)|[^\n]*)", re.MULTILINE)
_WORD = re.compile(rb"\w+")
_ROUNDS = 4
"""How many modules a name may go through, at most."""

_Top = tuple[Counter[str], list[tuple[str, str]]]
Imported = Mapping[str, frozenset[bytes]]
"""The words of the imports of files, by path."""


@dataclass(frozen=True)
class Reexports:
    """What modules hand on: of each path, what its names stand for in the library."""

    by_path: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    by_stem: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    """The names that they hand on, by the last part of these modules' names."""

    def taken(self, imported: Collection[bytes]) -> frozenset[bytes]:
        """Return the names that a file may take from one of these modules, by the words of its imports."""
        return frozenset().union(*(self.by_stem[stem] for stem in self.by_stem.keys() & imported))

    def of(self, name: str, path: str) -> str | None:
        """Return what a dotted name, as the file at a path imports it, stands for in the library."""
        dots = len(name) - len(name.lstrip("."))
        parts = name[dots:].split(".")
        for length in range(len(parts) - 1, -1, -1):
            above, (local, *rest) = parts[:length], parts[length:]
            folder = path.split("/")[:-1] if dots else []
            module = [*folder[: len(folder) - dots + 1], *above]
            # Hardly any name is handed on by a module of that name: only then it is looked for.
            if module and local.encode() in self.by_stem.get(module[-1].encode(), ()):
                found = self._module("/".join(module), is_whole=bool(dots))
                if found is not None and local in self.by_path[found]:
                    return ".".join([self.by_path[found][local], *rest])
        return None

    def _module(self, name: str, *, is_whole: bool) -> str | None:
        """Return the path of the one module of a name, or one that ends so; None for several or none."""
        plain = ((path, _plain(path)) for path in self.by_path)
        found = [path for path, own in plain if own == name or (not is_whole and own.endswith(f"/{name}"))]
        return found[0] if len(found) == 1 else None


class Sources:
    """The words of the imports of files, each file read once for all libraries of a scan."""

    def __init__(self) -> None:
        self._known: dict[str, frozenset[bytes]] = {}

    def of(self, identity: str, data: bytes) -> frozenset[bytes]:
        """Return the words of the imports of a file, whose git blob id is given."""
        if identity not in self._known:
            self._known[identity] = frozenset(
                word for line in _IMPORTS.findall(data) for word in _WORD.findall(line)
            )
        return self._known[identity]


def read(
    files: Mapping[str, bytes], telling: Collection[str], wanted: Collection[str], sources: Imported
) -> Reexports:
    """Return what files hand on that is one of the wanted names, lies in one, or holds one.

    Those ``telling`` name the library; others may take it on. ``sources`` are the words of the imports of all
    files.
    """
    taken = frozenset().union(*sources.values())
    above = frozenset(part for name in wanted for part in _parts(name))
    names = (frozenset(wanted), above)
    known = Reexports()
    tops: dict[str, _Top] = {}
    waiting = {path for path in telling if stem(path) in taken}
    for _ in range(_ROUNDS):
        tops.update((path, _top(files[path])) for path in waiting if path not in tops)
        read = {path: dict(_handed(tops[path], path, names, known)) for path in waiting}
        found = {path: names for path, names in read.items() if names and names != known.by_path.get(path)}
        if not found:
            break
        known = _with(known, found)
        # What hands on what it took itself: `from .compat import Markup` in an `__init__.py`.
        waiting = {
            path
            for path, words in sources.items()
            if stem(path) in taken and not known.taken(words).isdisjoint(words)
        }
    return known


def _with(known: Reexports, found: Mapping[str, Mapping[str, str]]) -> Reexports:
    by_path, by_stem = {**known.by_path, **found}, dict(known.by_stem)
    for path, names in found.items():
        handed = frozenset(name.encode() for name in names)
        by_stem[stem(path)] = by_stem.get(stem(path), frozenset()) | handed
    return Reexports(by_path, by_stem)


def _plain(path: str) -> str:
    return path.rpartition(".")[0].removesuffix("/__init__")


def stem(path: str) -> bytes:
    """Return the last part of a module's name."""
    return _plain(path).rpartition("/")[2].encode()


def keeping(old: Reexports, new: Reexports, files: Mapping[str, bytes]) -> Reexports:
    """Return what files hand on now, and what they did and bind no more: who takes that is still left."""
    lost = {}
    for path, names in old.by_path.items():
        bound, _ = _top(files[path])
        if gone := {name: full for name, full in names.items() if not bound[name]}:
            lost[path] = {**new.by_path.get(path, {}), **gone}
    return _with(new, lost) if lost else new


def _parts(name: str) -> Iterator[str]:
    """Yield a dotted name and all that it lies in."""
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(len(parts), 0, -1))


def _handed(
    top: _Top, path: str, names: tuple[frozenset[str], frozenset[str]], known: Reexports
) -> Iterator[tuple[str, str]]:
    """Yield the names that a module binds once, by an import for all of itself, and what they stand for.

    ``names`` are those that are wanted, and all that they lie in.
    """
    (bound, found), (wanted, above) = top, names
    for name, full in found:
        meant = known.of(full, path) or full
        if bound[name] == 1 and (meant in above or not wanted.isdisjoint(_parts(meant))):
            yield name, meant


def _top(data: bytes) -> _Top:
    """Return how often a module binds which name for all of itself, and what its imports say they are.

    An import that may fail while the module goes on counts as several: who takes it is ready for another.
    """
    bound: Counter[str] = Counter()
    found: list[tuple[str, str]] = []
    try:
        with warnings.catch_warnings(action="ignore"):
            waiting: list[ast.stmt] = list(ast.parse(data).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return bound, found
    while waiting:
        node = waiting.pop()
        bound.update(_bound(node))
        found += _imported(node)
        if isinstance(node, ast.Try) and any(map(_goes_on, node.handlers)):
            bound.update(name for inner in node.body for name in _bound(inner))
        if isinstance(node, ast.If | ast.Try):
            handlers = getattr(node, "handlers", ())
            waiting += [*node.body, *node.orelse, *(s for h in handlers for s in h.body)]
    return bound, found


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Say whether a module goes on where an import failed."""
    return not any(isinstance(node, ast.Raise) for inner in handler.body for node in ast.walk(inner))


def _imported(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, and what they stand for as it is written."""
    if isinstance(node, ast.ImportFrom):
        base = "." * node.level + (f"{node.module}." if node.module else "")
        yield from ((a.asname or a.name, f"{base}{a.name}") for a in node.names if a.name != "*")
    elif isinstance(node, ast.Import):
        for alias in node.names:
            root = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (root, root)


def _bound(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds, without those of the statements in it."""
    yield from (name for name, _ in _imported(node))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For | ast.With | ast.Delete):
        inner = (n for n in ast.walk(node) if isinstance(n, ast.Name))
        yield from (n.id for n in inner if not isinstance(n.ctx, ast.Load))
