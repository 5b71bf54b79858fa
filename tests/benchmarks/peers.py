"""Brings the programs that Kotsu is measured beside, and knows how each is asked to look at a folder."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

_LISTED = Path(__file__).with_name("peers.toml")
_PURE = (
    "from codemodder.registry import load_registered_codemods as known\n"
    "print(','.join(m.id for m in known().codemods if m.origin == 'pixee' and m.detector is None))\n"
)
_PYUPGRADE = (
    "import pathlib, sys\n"
    "from pyupgrade._main import main\n"
    "files = map(str, pathlib.Path(sys.argv[1]).rglob('*.py'))\n"
    "main(['--py310-plus', '--exit-zero-even-if-changed', *files])\n"
)
_AST = (
    "import ast, pathlib, sys, warnings\n"
    "warnings.simplefilter('ignore')\n"
    "for path in pathlib.Path(sys.argv[1]).rglob('*.py'):\n"
    "    try:\n"
    "        ast.parse(path.read_bytes())\n"
    "    except (SyntaxError, ValueError):\n"
    "        pass\n"
)
Command = list[str | Path]


def parsed(root: Path) -> Command:
    """Return how CPython's own parser reads every Python file, in one process."""
    return [sys.executable, "-c", _AST, root]


@dataclass(frozen=True, slots=True)
class Peers:
    """The programs in an environment of their own; ``pure`` are the codemods that need no semgrep."""

    home: Path
    versions: str
    pure: str

    def pyupgrade(self, root: Path) -> Command:
        """Return how pyupgrade rewrites every Python file, in one process."""
        return [self.home / "bin/python", "-c", _PYUPGRADE, root]

    def codemodder(self, root: Path) -> Command:
        """Return how codemodder does everything but write."""
        words = ("--dry-run", "--output", "told.json", "--codemod-include", self.pure)
        return [self.home / "bin/codemodder", *words, root]

    def ripgrep(self, root: Path, needles: Path) -> Command:
        """Return how ripgrep looks for literal words in every file, with as many threads as it likes."""
        words = (
            "--no-config",
            "-uu",
            "--glob",
            "!.git",
            "--glob",
            "!kotsu.yml",
            "--fixed-strings",
            "--count",
            "--file",
        )
        return [self.home / "bin/rg", *words, needles, root]


def installed(folder: Path) -> Peers:
    """Return the pinned programs, brought by uv; nothing is built."""
    packages: list[str] = tomllib.loads(_LISTED.read_text())["packages"]
    home = folder / "peers"
    uv = Path(sys.executable).with_name("uv")
    for words in (
        ("venv", "--quiet", "--python", sys.executable, home),
        ("pip", "install", "--quiet", "--no-build", "--python", home / "bin/python", *packages),
    ):
        subprocess.run((uv, *words), check=True)
    told = subprocess.run((home / "bin/python", "-c", _PURE), check=True, stdout=subprocess.PIPE, text=True)
    return Peers(home, ", ".join(packages), told.stdout.strip())
