"""Tells which modules of a repository hand on names of a library, and who takes them from there."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_IMPORTS = re.compile(rb"^[ \t]*(?:from|import)\b(?:[^\n(]*\([^)]{0,4000}\)|[^\n]*)", re.MULTILINE)
_WORD = re.compile(rb"\w+")


@dataclass(frozen=True)
class Reexports:
    """What modules hand on: of each path, what its names stand for in the library."""

    by_path: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    by_stem: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    """The names that they hand on, by the last part of these modules' names."""

    def taken(self, imported: Collection[bytes]) -> frozenset[bytes]:
        """Return the names that a file may take from one of these modules, by the words of its imports."""
        return frozenset().union(*(names for stem, names in self.by_stem.items() if stem in imported))

    def of(self, name: str, path: str) -> str | None:
        """Return what a dotted name, as the file at a path imports it, stands for in the library."""
        dots = len(name) - len(name.lstrip("."))
        parts = name[dots:].split(".")
        for length in range(len(parts) - 1, -1, -1):
            above, (local, *rest) = parts[:length], parts[length:]
            found = self._module(above, dots, path) if above or dots else None
            if found is not None and local in self.by_path[found]:
                return ".".join([self.by_path[found][local], *rest])
        return None

    def _module(self, parts: list[str], dots: int, path: str) -> str | None:
        """Return the path of the one module that an import means, None where there are several or none."""
        if dots:
            folder = path.split("/")[:-1]
            start = folder[: len(folder) - dots + 1]
            wanted = ["/".join([*start, *parts])]
            found = [p for p in self.by_path if _plain(p) in wanted]
        else:
            tail = "/".join(parts)
            found = [p for p in self.by_path if f"/{_plain(p)}".endswith(f"/{tail}")]
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


def read(files: Iterable[tuple[str, bytes]], wanted: Collection[str], taken: Collection[bytes]) -> Reexports:
    """Return what the given files hand on that is one of the wanted names, lies in one, or holds one.

    ``taken`` are the words of all imports.
    """
    found: dict[str, Mapping[str, str]] = {}
    above = frozenset(part for name in wanted for part in _parts(name))
    for path, data in files:
        if _stem(path) in taken and (names := dict(_handed(data, frozenset(wanted), above))):
            found[path] = names
    by_stem: dict[bytes, frozenset[bytes]] = {}
    for path, known in found.items():
        handed = frozenset(name.encode() for name in known)
        by_stem[_stem(path)] = by_stem.get(_stem(path), frozenset()) | handed
    return Reexports(found, by_stem)


def _plain(path: str) -> str:
    return path.rpartition(".")[0].removesuffix("/__init__")


def _stem(path: str) -> bytes:
    return _plain(path).rpartition("/")[2].encode()


def _parts(name: str) -> Iterator[str]:
    """Yield a dotted name and all that it lies in."""
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(len(parts), 0, -1))


def _handed(data: bytes, wanted: frozenset[str], above: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the names that a module imports of the library for all of itself, and what they stand for."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            waiting: list[ast.stmt] = list(ast.parse(data).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If | ast.Try):
            waiting += [*node.body, *node.orelse, *(s for h in getattr(node, "handlers", ()) for s in h.body)]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if full in above or not wanted.isdisjoint(_parts(full)):
                    yield alias.asname or alias.name, full
