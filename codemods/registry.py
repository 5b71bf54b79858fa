"""Finds every improvement by walking the package: no list is kept by hand."""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from types import ModuleType

import codemods
from codemods import benchmark
from codemods.benchmark import Benchmark
from codemods.model import About

KINDS = ("python", "workflows", "comments", "dependencies")


@dataclass(frozen=True)
class Improvement:
    """One improvement: ``id`` is its module's name in kebab-case, ``kind`` the package it stands in."""

    id: str
    kind: str
    module: ModuleType

    @property
    def about(self) -> About:
        """What it says of itself."""
        about: About = self.module.ABOUT
        return about

    @property
    def rationale(self) -> str:
        """The module's docstring: why the improvement is worth a reviewer's time."""
        return inspect.cleandoc(self.module.__doc__ or "")

    @property
    def page(self) -> str:
        """The Markdown page beside the module, as people read it: without its front matter."""
        return benchmark.split(self.written)[1]

    @property
    def written(self) -> str:
        """The whole page, as it stands in its file."""
        return page(self.module.__name__)

    @cached_property
    def benchmark(self) -> Benchmark | None:
        """What its page claims about speed."""
        return benchmark.read(self.written)

    @cached_property
    def fingerprint(self) -> str:
        """A digest of its source and of the shared modules: a changed improvement has another one."""
        return _digest(inspect.getsource(self.module) + _shared())


def ids(package: ModuleType = codemods) -> dict[str, str]:
    """Return each improvement's id with its module's name; an improvement is what has a page beside it."""
    found = {}
    for kind in KINDS:
        folder = files(package) / kind
        if not folder.is_dir():
            continue
        for name in sorted(e.name.removesuffix(".md") for e in folder.iterdir() if e.name.endswith(".md")):
            found[name.replace("_", "-")] = f"{package.__name__}.{kind}.{name}"
    return found


def catalogue(package: ModuleType = codemods) -> dict[str, Improvement]:
    """Return every improvement by id, imported."""
    return {id_: load(module) for id_, module in ids(package).items()}


@cache
def load(module: str) -> Improvement:
    """Return the improvement that stands in a module, by the module's dotted name."""
    _, kind, name = module.rsplit(".", 2)
    return Improvement(name.replace("_", "-"), kind, importlib.import_module(module))


def page(module: str) -> str:
    """Return the whole page beside an improvement's module, which need not be imported for it."""
    package, _, name = module.rpartition(".")
    return (files(package) / f"{name}.md").read_text("utf-8")


@cache
def options(module: str) -> Mapping[str, int | str | bool]:
    """Return the options an improvement declares with their defaults, read without importing it."""
    found = _said(module).get("options")
    return {} if found is None else dict(ast.literal_eval(found))


@cache
def default(module: str) -> bool:
    """Say whether an improvement runs where kotsu.yml says nothing of it, read without importing it."""
    found = _said(module).get("default")
    return True if found is None else bool(ast.literal_eval(found))


@cache
def _said(module: str) -> Mapping[str, ast.expr]:
    """Return what an improvement's source gives to its ``About``, by keyword."""
    package, _, name = module.rpartition(".")
    tree = ast.parse((files(package) / f"{name}.py").read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "About":
            return {k.arg: k.value for k in node.keywords if k.arg}
    return {}


@cache
def _shared() -> str:
    """Return the source of the modules that improvements share, in one string."""
    folder = files(codemods)
    shared = [folder, folder / "manifests"]
    modules = [e for room in shared for e in room.iterdir() if e.name.endswith(".py")]
    return "".join(e.read_text("utf-8") for e in sorted(modules, key=lambda e: e.name))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
