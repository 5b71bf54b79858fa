"""Tells what Kotsu sees in a local repository, what it would change there, and why not more."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codemods import inventory, project
from codemods.inventory import Inventory
from codemods.manifests.model import Manifest
from codemods.project import Project
from tests import archives
from workers import snapshot

_KOTSU = "from app.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Seen:
    """One fact; ``form`` is ``requirement``, ``reference`` (then name is its address) or ``locked``."""

    path: str
    line: int
    name: str
    form: str
    value: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One pull request: what it is about, its patch, and for (path, name) each new specifier."""

    name: str
    files: tuple[str, ...]
    patch: str
    body: str
    values: Mapping[tuple[str, str], str]
    locked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """What Kotsu says of a repository; ``withheld`` are its sentences by the name they are about."""

    inventory: Inventory
    project: Project
    proposals: tuple[Proposal, ...]
    withheld: Mapping[str, Sequence[str]]
    problems: tuple[str, ...]

    def seen(self) -> Iterator[Seen]:
        """Yield every fact of every dependency file."""
        for manifest in self.inventory.manifests:
            yield from _seen(manifest)


def run(root: Path, folder: Path) -> Run:
    """Read a repository as Kotsu does, and plan all its upgrades."""
    tree = snapshot.folder(root)
    plan = _planned(root)
    withheld: dict[str, list[str]] = {}
    for entry in plan["withheld"]:
        withheld.setdefault(entry["key"].partition("/")[2], []).append(entry["sentence"])
    with scratch(root, folder) as copy:
        proposals = tuple(_proposal(copy, entry) for entry in plan["proposals"])
    problems = tuple(f"{p['path']}: {p['message']}" for p in plan["problems"])
    return Run(inventory.read(tree), project.read(tree), proposals, withheld, problems)


@contextmanager
def scratch(root: Path, folder: Path) -> Iterator[Path]:
    """Give a copy of a repository that may be changed."""
    copy = folder / "scratch" / root.name
    shutil.rmtree(copy, ignore_errors=True)
    subprocess.run(("git", "clone", "-q", root, copy), check=True)
    yield copy
    shutil.rmtree(copy)


@contextmanager
def patched(copy: Path, patch: str) -> Iterator[None]:
    """Hold a copy with a patch."""
    subprocess.run(("git", "apply", "-"), cwd=copy, input=patch.encode(), check=True)
    yield
    for words in (("checkout", "-q", "--", "."), ("clean", "-qfd")):
        subprocess.run(("git", *words), cwd=copy, check=True)


def _planned(root: Path) -> dict[str, Any]:
    words = ("plan", "--json", "--all", "--only", "upgrade-dependency", str(root))
    environment = (
        os.environ
        | ({"KOTSU_INDEX_URL": archives.index()} if archives.index() else {})
        | {"KOTSU_HOSTS": "none"}
    )
    command = (sys.executable, "-c", _KOTSU, *words)
    told: dict[str, Any] = json.loads(subprocess.run(command, env=environment, check=True, stdout=-1).stdout)
    return told


def _proposal(copy: Path, entry: Mapping[str, Any]) -> Proposal:
    before = {path: _read(copy, path) for path in entry["files"]}
    with patched(copy, entry["patch"]):
        after = {path: _read(copy, path) for path in entry["files"]}
    values: dict[tuple[str, str], str] = {}
    locked: dict[str, str] = {}
    for path, manifest in after.items():
        old = {_mark(fact) for fact in _seen(before[path])}
        for fact in _seen(manifest):
            if _mark(fact) not in old:
                target = {fact.name: fact.value} if fact.form == "locked" else {}
                locked.update(target)
                values.update({(path, fact.name): fact.value} if not target else {})
    name = entry["key"].partition("/")[2]
    return Proposal(name, tuple(entry["files"]), entry["patch"], entry["body"], values, locked)


def _mark(fact: Seen) -> tuple[object, ...]:
    """Return what tells a fact from others; the lines of a lock file move with what is above them."""
    return (0 if fact.form == "locked" else fact.line, fact.name, fact.value)


def _read(copy: Path, path: str) -> Manifest:
    file = copy / path
    return inventory.writing(path).read(path, file.read_bytes()) if file.exists() else Manifest(path)


def _seen(manifest: Manifest) -> Iterator[Seen]:
    path = manifest.path
    for requirement in manifest.requirements:
        yield Seen(path, requirement.line, requirement.name, "requirement", requirement.specifier)
    for reference in manifest.references:
        yield Seen(path, reference.line, reference.address, "reference", reference.version)
    for locked in manifest.lock.locked if manifest.lock else ():
        yield Seen(path, locked.line, locked.name, "locked", locked.version)
