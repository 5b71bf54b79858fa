"""Prepares what a project's tests need: its tree in a git repository, and an environment of its own."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import archives
from tests.crater.projects import FLOOR, HERE, Project
from workers.sandbox import UV

_DECLARED = re.compile(r"""((?:requires-python|python_requires)["']?\s*=\s*["']?)[<>=~!][^"'\n]*""")


@dataclass(frozen=True, slots=True)
class Place:
    """A project's folder; ``root`` is the tree that is changed there, and installed in ``environment``."""

    project: Project
    home: Path
    root: Path

    @property
    def environment(self) -> Path:
        """The project's virtual environment."""
        return self.home / "environment"

    @property
    def tree(self) -> str:
        """The name that git gives to all that is in the tree now."""
        archives.git(self.root, "add", "-A", "-f")
        return archives.git(self.root, "write-tree").decode().strip()

    def restore(self, tree: str = "HEAD") -> None:
        """Make the tree what it was before it was changed or tested, or what it was under a name."""
        archives.git(self.root, "read-tree", "--reset", "-u", tree)
        archives.git(self.root, "clean", "-qfdx")


def folder() -> Path:
    """Return where environments and results are kept unless somebody names a place; it is this user's own."""
    path = Path(tempfile.gettempdir()) / f"kotsu-crater-{os.getuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid != os.getuid():
        raise PermissionError(f"{path} is somebody else's")
    return path


@contextmanager
def prepared(project: Project, place: Path) -> Iterator[Place]:
    """Give a project's folder with all that its tests need; nobody else changes it meanwhile."""
    home = place / f"{project.name}-{project.version}"
    home.mkdir(parents=True, exist_ok=True)
    state = hashlib.sha256(repr((project, FLOOR, sys.version, home, *_ways())).encode()).hexdigest()
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = home / "prepared"
        if not known.exists() or known.read_text() != state:
            known.unlink(missing_ok=True)
            _prepare(project, home)
            known.write_text(state)
        made = Place(project, home, archives.brought(project.name, project.version, home))
        made.restore()
        yield made


def _ways() -> Iterator[bytes]:
    """Yield the sources that decide how a suite is run: what they did otherwise is not to be compared."""
    yield from (path.read_bytes() for path in (HERE / "preparing.py", HERE / "suites.py"))


def _prepare(project: Project, home: Path) -> None:
    for old in ("environment", "projects", "runs"):
        shutil.rmtree(home / old, ignore_errors=True)
    root = archives.brought(project.name, project.version, home)
    _raise_floor(root)
    requirements = home / "requirements.txt"
    requirements.write_text("".join(f"{line}\n" for line in project.requirements))
    python = f"--python={home / 'environment'}"
    _uv(home, "venv", f"--python={sys.executable}", str(home / "environment"))
    # What the pins leave out is missed by the check, and not brought in whatever version there is today.
    _uv(home, "pip", "install", python, "--no-deps", "--only-binary=:all:", f"--requirements={requirements}")
    editable = ("--no-deps", "--no-index", "--no-build-isolation", f"--editable={root}")
    _uv(home, "pip", "install", python, *editable, version=project.version)
    _uv(home, "pip", "check", python)
    archives.committed(root, "As installed")


def _uv(home: Path, *words: str, version: str = "") -> None:
    """Run uv as it is set up here, with the index that pip and uv are told to use.

    Projects that ask git for their ``version`` would find that of the repository made here.
    """
    index = {"UV_DEFAULT_INDEX": archives.index()} if archives.index() else {}
    told = {"SETUPTOOLS_SCM_PRETEND_VERSION": version} if version else {}
    environment = os.environ | index | told | {"UV_COMPILE_BYTECODE": "0"}
    subprocess.run((UV, "--quiet", *words), cwd=home, env=environment, check=True)


def _raise_floor(root: Path) -> None:
    """Let a project declare that it supports no Python below ours, as if it had decided so."""
    found = 0
    for name in ("pyproject.toml", "setup.cfg", "setup.py"):
        if (path := root / name).exists():
            text, count = floor_raised(path.read_text("utf-8"))
            path.write_text(text, "utf-8")
            found += count
    if not found:
        raise LookupError(f"{root.name} declares no Python that could be raised")


def floor_raised(text: str) -> tuple[str, int]:
    """Return a manifest with our lowest Python in it, and in how many places that stands."""
    return _DECLARED.subn(rf"\g<1>>={FLOOR}", text)
