"""setuptools wants the keys of setup.cfg with underscores and small letters; one day others are an error.

Releases 78.0.0 and 78.0.1 refused `description-file`, and for a few hours hardly anything could be built.
The refusal was taken back for a year, which has passed by now: until the next one, each build warns. Whoever
builds with a pinned setuptools meets it with the upgrade.

In the sections that setuptools reads, dashes become underscores and capitals small letters. `license_file`,
which is deprecated as well, becomes `license_files`. Extras, entry points and package data are names of your
own, and stay. So does what both spellings have, what a value refers to, and what Python code of this
repository reads from setup.cfg under its old name.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from codemods import project, splices
from codemods.manifests import setup_cfg
from codemods.manifests.setup_cfg import Key
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Splice, Tree

ABOUT = About(
    title="Write the keys of setup.cfg as setuptools wants them",
    category=Category.LIFECYCLE,
    applicability=Applicability.SAFE,
    risk="None known: setuptools and pbr read both alike, and `license_files` since setuptools 42 of 2019.",
    references=(
        "https://github.com/pypa/setuptools/discussions/5011",
        "https://setuptools.pypa.io/en/latest/history.html#v78-0-2",
        "https://setuptools.pypa.io/en/latest/userguide/declarative_config.html",
    ),
    needles=(),
    minutes=5,
)

_ID = "setup-cfg-keys"
_SECTIONS = frozenset(
    (
        *("metadata", "options", "options.packages.find", "alias", "bdist", "bdist_dumb", "bdist_egg"),
        *("bdist_rpm", "bdist_wheel", "build", "build_clib", "build_ext", "build_py", "build_scripts"),
        *("check", "clean", "develop", "dist_info", "easy_install", "editable_wheel", "egg_info", "install"),
        *("install_data", "install_egg_info", "install_headers", "install_lib", "install_scripts"),
        *("rotate", "saveopts", "sdist", "setopt"),
    )
)
"""Two of the file's own, and the commands that setuptools and its distutils bring."""


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return each key that is written otherwise."""
    for path in tree.paths():
        if posixpath.basename(path) != setup_cfg.FILES[0] or not project.is_own(path):
            continue
        data = tree.read(path)
        renamed = dict(_renamed(data))
        if not renamed or _is_read(tree, {key.name for key in renamed}):
            continue
        written = [Splice(key.start, key.start + len(key.name), new.encode()) for key, new in renamed.items()]
        edit = Edit(path, data, splices.apply(data, written))
        for key, new in renamed.items():
            yield Finding(_ID, path, key.number, f"`{key.name}` → `{new}` in `[{key.section}]`", edit)


def _renamed(data: bytes) -> Iterator[tuple[Key, str]]:
    """Yield the keys that setuptools wants to have another name, each with that."""
    keys = [key for key in setup_cfg.keys(data) if key.section in _SECTIONS]
    there = [(key.section, key.name) for key in keys]
    for key in keys:
        new = _new(key, data)
        meant = (key.section, new)
        is_alone = sum((k.section, _new(k, data)) == meant for k in keys) == 1 and meant not in there
        is_used = f"%({key.name})s".encode() in data
        if new != key.name and is_alone and not is_used:
            yield key, new


def _new(key: Key, data: bytes) -> str:
    new = key.name.replace("-", "_").lower()
    if (key.section, new) != ("metadata", "license_file"):
        return new
    named = (key.section, key.name)
    lines = [value.text for value in setup_cfg.values(data) if (value.section, value.key) == named]
    # A comma, or a letter that has a meaning in a pattern, would mean something else there.
    is_plain = len(lines) == 1 and not set(",*?[%") & set(lines[0])
    return "license_files" if is_plain else new


def _is_read(tree: Tree, names: set[str]) -> bool:
    """Say whether Python code of the tree reads one of some keys from setup.cfg."""
    quoted = [f"{quote}{name}{quote}".encode() for name in sorted(names) for quote in "\"'"]
    for path in tree.paths():
        if path.endswith(".py"):
            data = tree.read(path)
            if b"setup.cfg" in data and any(text in data for text in quoted):
                return True
    return False
