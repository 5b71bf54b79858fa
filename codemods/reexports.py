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
    stems: frozenset[bytes] = frozenset()
    """The last parts of these modules' names."""
    locals: frozenset[bytes] = frozenset()
    """The names that they hand on."""

    def taken_by(self, data: bytes) -> bool:
        """Say whether a file may take something from one of these modules."""
        return bool(self.stems) and not self.stems.isdisjoint(sources(data))

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


def sources(data: bytes) -> set[bytes]:
    """Return the words of a file's imports."""
    return {word for line in _IMPORTS.findall(data) for word in _WORD.findall(line)}


def read(files: Iterable[tuple[str, bytes]], modules: Collection[str], taken: Collection[bytes]) -> Reexports:
    """Return what the given files hand on of some modules; ``taken`` are the words of all imports."""
    found: dict[str, Mapping[str, str]] = {}
    for path, data in files:
        if _stem(path) in taken and (names := dict(_handed(data, modules))):
            found[path] = names
    handed = frozenset(name.encode() for names in found.values() for name in names)
    return Reexports(found, frozenset(map(_stem, found)), handed)


def _plain(path: str) -> str:
    return path.rpartition(".")[0].removesuffix("/__init__")


def _stem(path: str) -> bytes:
    return _plain(path).rpartition("/")[2].encode()


def _handed(data: bytes, modules: Collection[str]) -> Iterator[tuple[str, str]]:
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
                if any(f"{full}.".startswith(f"{module}.") for module in modules):
                    yield alias.asname or alias.name, full
