"""Finds where a tree imports a module, by its text: any file that runs or shows Python counts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from codemods import splices
from codemods.model import Tree

_CODE = (".py", ".pyi", ".pyx", ".pxd", ".ipynb", ".rst", ".md")
_CONFIGURATION = (".cfg", ".ini", ".toml")
_LARGEST = 2 * 1024 * 1024
# Behind a line's start, the colon of `try:`, a notebook's quote or the prompt of a doctest.
_START = rb"(?:^|[:;>\"'])[ \t]*"
_BY_NAME = rb"\b(?:importorskip|import_module|__import__|find_spec)\(\s*[\"']"


@dataclass(frozen=True, slots=True)
class Use:
    """One place that uses a module; ``line`` counts from 1."""

    path: str
    line: int


def find(tree: Tree, modules: Collection[str], traces: Collection[str] = ()) -> list[Use]:
    """Return the places that import any of some modules, or that hold one of ``traces`` in configuration."""
    return list(_found(tree, modules, traces))


def _found(tree: Tree, modules: Collection[str], traces: Collection[str]) -> Iterator[Use]:
    code = _pattern([form for module in modules for form in _forms(module)])
    # A search for a word costs a hundredth of one for a pattern, and few files have it.
    words = [module.rpartition(".")[2].encode() for module in modules] + [t.encode() for t in traces]
    configured = _pattern([rb"\b" + re.escape(trace.encode()) + rb"\b" for trace in traces])
    for path in tree.paths():
        if code and path.endswith(_CODE):
            pattern = code
        elif configured and path.endswith(_CONFIGURATION):
            pattern = configured
        else:
            continue
        data = tree.read(path)
        if not any(word in data for word in words):
            continue
        lines = (splices.line_of(data, m.start()) for m in pattern.finditer(data[:_LARGEST]))
        yield from (Use(path, line) for line in dict.fromkeys(lines))


def _pattern(forms: list[bytes]) -> re.Pattern[bytes] | None:
    return re.compile(b"|".join(forms), re.MULTILINE) if forms else None


def _forms(module: str) -> Iterator[bytes]:
    """Return the patterns of the ways to import a module."""
    name = re.escape(module.encode())
    yield _START + rb"import[ \t]+(?:[\w.]+(?:[ \t]+as[ \t]+\w+)?[ \t]*,[ \t]*)*" + name + rb"\b"
    yield _START + rb"from[ \t]+" + name + rb"(?:\.[\w.]+)?[ \t]+import\b"
    yield _BY_NAME + name + rb"[\"'.]"
    package, _, last = module.rpartition(".")
    if package:
        listed = rb"[ \t]+import[ \t]+(?:\([ \t\r\n]*)?(?:\w+[ \t]*,\s*)*" + re.escape(last.encode()) + rb"\b"
        yield _START + rb"from[ \t]+" + re.escape(package.encode()) + listed
