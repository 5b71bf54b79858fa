"""An image that copies everything copies the history of the repository, and what tools left beside the code.

`COPY . .` takes all that lies in the folder: `.git` with each secret that was ever taken back, virtual
environments made for another system, caches. All of it is sent to the builder first, is in the image for
ever, and makes the layer another one although no code changed.

A `.dockerignore` keeps out what belongs to tools alone. It is proposed where none exists, and names
nothing that a program could read: no settings, no data, no tests. Left alone is a repository whose
version is taken from git while it is built, and one with any Dockerfile that has to do with git.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from codemods import builds, instructions, places
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Tree
from codemods.source import Source

ABOUT = About(
    title="Keep git and caches out of the context of builds",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="What looks at `.git` in the container, to say its version for instance, finds none.",
    references=("https://docs.docker.com/build/concepts/context/#dockerignore-files",),
    needles=(),
    minutes=10,
)

_ID = "unbounded-context"
_PATH = ".dockerignore"
_LINES = (
    *(b".git", b"**/__pycache__", b"**/*.py[cod]", b".venv", b".tox", b".nox"),
    *(b".mypy_cache", b".pytest_cache", b".ruff_cache", b".coverage", b"htmlcov"),
)
_NAMES = frozenset(("Dockerfile", "Containerfile"))
_GIT = re.compile(r"\bgit\b(?!hub)|\.git\b|\bvenv\b|\.tox|\.nox|coverage|htmlcov")
_FROM_GIT = re.compile(
    rb"setuptools[_-](?:scm|git)|hatch-vcs|version(?:eer|ingit)|\bpbr\b|dunamai|dynamic-versioning|pdm-backend"
    rb"|scm-version|miniver|GitPython|pygit2|dulwich|git (?:rev-parse|describe|log)"
    rb"|[\"']git[\"']|^import git\b|\.git/",
    re.IGNORECASE | re.MULTILINE,
)
_TELLING = re.compile(
    r"(?:^|/)(?:pyproject\.toml|setup\.cfg|Pipfile|[^/]*requirements[^/]*\.(?:txt|in)|[^/]+\.(?:sh|py|mk|[cm]?[jt]s)"
    r"|(?:GNU)?[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|package\.json)\Z"
)
_BOM = b"\xef\xbb\xbf"


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return the file that is missing at the root, if an image copies all that lies there."""
    paths = tree.paths()
    there = tree.read(_PATH) if _PATH in paths else None
    if there is not None and there.removeprefix(_BOM).strip():
        return
    copying = next((path for path in sorted(_NAMES.intersection(paths)) if _copies_all(path, tree)), "")
    others = [path for path in paths if posixpath.basename(path).endswith(_PATH) and path != _PATH]
    if not copying or others or any(map(_FROM_GIT.search, _telling(tree))):
        return
    # A file of another folder may be built from the root, too.
    images = (path for path in paths if places.KINDS["containers"](path) and path != copying)
    if any(_GIT.search(tree.read(path).decode("utf-8", "replace")) for path in images):
        return
    newline = b"\r\n" if b"\r\n" in (there or tree.read(copying)) else b"\n"
    bom = _BOM if there and there.startswith(_BOM) else b""
    rest = newline if there is None else there.removeprefix(_BOM)
    edit = Edit(_PATH, there, bom + newline.join(_LINES) + rest)
    yield Finding(_ID, _PATH, 1, f"`{copying}` copies no more than a program can need", edit)


def _telling(tree: Tree) -> Iterator[bytes]:
    return (tree.read(path) for path in tree.paths() if _TELLING.search(path))


def _copies_all(path: str, tree: Tree) -> bool:
    """Say whether a Dockerfile copies its whole context, and does nothing with what would be left out."""
    data = tree.read(path)
    if places.is_generated(path, data):
        return False
    found = instructions.of(Source(path, data, data.decode("utf-8", "replace")))
    if not builds.stages(found) or any(_GIT.search(one.text) for one in found):
        return False
    copies = (one for one in found if one.name in {"COPY", "ADD"} and one.flag("from") is None)
    return any(word.text in {".", "./"} for one in copies for word in one.words[:-1])
