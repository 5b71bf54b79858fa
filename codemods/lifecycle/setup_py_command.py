"""Commands of setup.py went one after the other: what still calls them fails, or does less than it did.

With setuptools 72 `test` is gone, with 75 `upload`, `register` and `upload_docs`; from 80.1 on `install`
brings no dependencies any more and `easy_install` does nothing. An environment of Python 3.12 or newer has no
setuptools at all unless somebody asks for it. pip, build, twine and a test runner do the same work on every
version, and need no call of setup.py.

This names the lines of workflows, of other CI, of tox, make and images that call such a command. What takes
its place depends on how the project is tested and installed, so nothing is edited.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from codemods import inventory, splices
from codemods.model import About, Applicability, Category, Facts, Finding, Tree

ABOUT = About(
    title="Call no command of setup.py that is gone",
    category=Category.LIFECYCLE,
    applicability=Applicability.ADVICE,
    risk="What the build needs has to be declared: pip builds in an environment of its own.",
    references=(
        "https://packaging.python.org/en/latest/discussions/setup-py-deprecated/",
        "https://setuptools.pypa.io/en/stable/history.html",
    ),
    needles=(),
    minutes=15,
)

_ID = "setup-py-command"
_FILES = (
    *("tox.ini", "Makefile", "GNUmakefile", "*.mk", "Dockerfile*", "*.dockerfile", ".travis.yml"),
    *(".gitlab-ci.yml", "azure-pipelines.yml", "appveyor.yml", ".appveyor.yml", "bitbucket-pipelines.yml"),
)
_FOLDERS = re.compile(r"\.(?:github/(?:workflows|actions)|circleci)/.+\.ya?ml")
_GONE = {
    "test": "is gone from setuptools 72: run pytest, or `python -m unittest`",
    "upload": "is gone from setuptools 75: use twine",
    "register": "is gone from setuptools 75: an index registers a project with its first upload",
    "upload_docs": "is gone from setuptools 75: publish the documentation elsewhere",
    "install": "brings no dependencies from setuptools 80.1 on: use `pip install .`",
    "develop": "is deprecated, and runs pip from setuptools 80 on: use `pip install -e .`",
    "easy_install": "does nothing from setuptools 80 on: use pip",
}
_CALL = re.compile(
    rb"^(?![ \t]*(?:#|@?echo\b))[^\n]*?\bsetup\.py[ \t]+(?:--?[\w-]+[ \t]+)*(?P<command>"
    + "|".join(sorted(_GONE, key=len, reverse=True)).encode()
    + rb")(?![\w-])",
    re.MULTILINE,
)


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return the first call of each command in each file."""
    for path in tree.paths():
        if not _is_run(path) or inventory.is_sample(path):
            continue
        data = tree.read(path)
        seen: set[str] = set()
        for found in _CALL.finditer(data) if b"setup.py" in data else ():
            command = found["command"].decode()
            if command not in seen:
                seen.add(command)
                line = splices.line_of(data, found.start("command"))
                yield Finding(_ID, path, line, f"`setup.py {command}` {_GONE[command]}")


def _is_run(path: str) -> bool:
    name = posixpath.basename(path)
    return any(fnmatchcase(name, pattern) for pattern in _FILES) or bool(_FOLDERS.fullmatch(path))
