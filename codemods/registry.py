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
from importlib.resources.abc import Traversable
from types import ModuleType

from packaging.version import Version

import codemods
from codemods import benchmark
from codemods.benchmark import Benchmark
from codemods.model import About, Applicability, Category

KINDS = (
    *("python", "migrations", "workflows", "containers", "compose", "servers", "alerts", "comments"),
    *("dependabot", "dependencies", "lifecycle", "operations"),
)
TREES = frozenset({"dependencies", "lifecycle", "operations"})
"""The kinds that look at the whole tree."""


@dataclass(frozen=True)
class Improvement:
    """One improvement: ``id`` is its module's name in kebab-case, ``kind`` the package it stands in.

    A migration stands in the folder of its ``distribution`` (normalised name), with which its id begins.
    """

    id: str
    kind: str
    module: ModuleType
    distribution: str = ""

    @property
    def about(self) -> About:
        """What it says of itself."""
        about: About = self.module.ABOUT
        return about

    @property
    def crosses(self) -> Version | None:
        """The version of its distribution with which the old way stops working; None but of a migration."""
        return Version(self.about.crosses.removeprefix(">=")) if self.distribution else None

    @property
    def since(self) -> Version | None:
        """The lowest version of its distribution in which the new way works; None but of a migration."""
        return Version(self.about.since) if self.about.since else self.crosses

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
        own = _texts(self.module.__name__.rpartition(".")[0]) if self.distribution else ""
        return _digest(inspect.getsource(self.module) + own + _shared())


def ids(package: ModuleType = codemods) -> dict[str, str]:
    """Return each improvement's id with its module's name; an improvement is what has a page beside it."""
    found: dict[str, str] = {}
    for of in KINDS:
        folder = files(package) / of
        if not folder.is_dir():
            continue
        inside = f"{package.__name__}.{of}"
        rooms = sorted(e.name for e in folder.iterdir() if e.is_dir()) if of == "migrations" else [""]
        for room in rooms:
            found |= _within(f"{inside}.{room}" if room else inside, folder / room if room else folder, room)
    return found


def _within(package: str, folder: Traversable, room: str) -> dict[str, str]:
    names = sorted(e.name.removesuffix(".md") for e in folder.iterdir() if e.name.endswith(".md"))
    begin = f"{room}-" if room else ""
    return {f"{begin}{name}".replace("_", "-"): f"{package}.{name}" for name in names}


def kind(module: str) -> str:
    """Return the kind of the improvement that stands in a module."""
    return module.split(".")[1]


def catalogue(package: ModuleType = codemods) -> dict[str, Improvement]:
    """Return every improvement by id, imported."""
    return {id_: load(module) for id_, module in ids(package).items()}


@cache
def load(module: str) -> Improvement:
    """Return the improvement that stands in a module, by the module's dotted name."""
    _, of, *room, name = module.split(".")
    id_ = "-".join((*room, name)).replace("_", "-")
    distribution = room[0].replace("_", "-") if room else ""
    return Improvement(id_, of, importlib.import_module(module), distribution)


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


@dataclass(frozen=True, slots=True)
class Summary:
    """What an improvement's source says of itself, for those who must not import it.

    ``references`` lack those that the source puts together.
    """

    title: str
    category: str
    applicability: str
    risk: str
    references: tuple[str, ...]
    minutes: int
    rationale: str


@cache
def summary(module: str) -> Summary:
    """Return what an improvement says of itself, read without importing it."""
    said = _said(module)
    listed = said["references"]
    references = [ast.literal_eval(e) for e in getattr(listed, "elts", ()) if isinstance(e, ast.Constant)]
    title, risk, minutes = (ast.literal_eval(said[name]) for name in ("title", "risk", "minutes"))
    category, applicability = (ast.unparse(said[n]).rpartition(".")[2] for n in ("category", "applicability"))
    return Summary(
        title,
        Category[category].value,
        Applicability[applicability].value,
        risk,
        tuple(references),
        minutes,
        ast.get_docstring(_source(module)) or "",
    )


@cache
def _said(module: str) -> Mapping[str, ast.expr]:
    """Return what an improvement's source gives to its ``About``, by keyword."""
    for node in ast.walk(_source(module)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "About":
            return {k.arg: k.value for k in node.keywords if k.arg}
    return {}


def _source(module: str) -> ast.Module:
    package, _, name = module.rpartition(".")
    return ast.parse((files(package) / f"{name}.py").read_text("utf-8"))


@cache
def shared() -> str:
    """Return a digest of the modules that improvements share."""
    return _digest(_shared())


@cache
def _shared() -> str:
    """Return the source of the modules that improvements share, in one string."""
    return _texts("codemods") + _texts("codemods.manifests")


@cache
def _texts(package: str) -> str:
    """Return the source of a package's modules in one string."""
    modules = [e for e in files(package).iterdir() if e.name.endswith(".py")]
    return "".join(e.read_text("utf-8") for e in sorted(modules, key=lambda e: e.name))


def mark(text: str) -> str:
    """Return a digest of a text and of the shared modules, by which what both make can be remembered."""
    return hashlib.sha256((text + _shared()).encode()).hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
