"""What was to be removed by now, and what nobody names any more, can be removed.

A deprecation that says its end ("will be removed in 2.0") keeps its word seldom: whoever raises the version
has other things to do. Kotsu compares the end with the project's version and the date, and looks for the name
in every file of the repository: code, tests, texts, configuration. Only where it stands nowhere but in its
own definition, and in change logs, the definition goes, with the imports that it alone needed.

What a library offers by a public name may be called by others. There this only says that the time has come.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codemods import (
    conditions,
    definitions,
    deprecations,
    engine,
    inventory,
    places,
    project,
    quoted,
    silence,
    upgrades,
)
from codemods.debts import TAGS
from codemods.deprecations import Deprecated
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Tree
from codemods.source import Source

ABOUT = About(
    title="Remove what was to be removed by now",
    category=Category.LIFECYCLE,
    applicability=Applicability.UNSAFE,
    risk="Code outside of the repository, or a name that is put together at run time, could still need it.",
    references=("https://peps.python.org/pep-0387/", "https://peps.python.org/pep-0702/"),
    needles=(),
    minutes=15,
    asks=("today", "own_version", "floor", "dependencies", "listed"),
)

_ID = "due-deprecation"
_WORD = re.compile(rb"[A-Za-z_]\w*")
_ANY_NAME = re.compile(
    rb"\bgetattr\([^,()]*(?:\([^()]*\))?[^,()]*,\s*(?![\x22'])|\b(?:globals|locals|vars)\(|__dict__"
)
"""What finds something by a name that is put together at run time."""


@dataclass(frozen=True, slots=True)
class _Due:
    """What is due in a file, and why."""

    source: Source
    what: Deprecated
    why: str

    @property
    def word(self) -> bytes:
        """Its name alone."""
        return self.what.name.rpartition(".")[2].encode()


def ask(_: Tree) -> frozenset[str]:
    """Return nothing: releases do not matter."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return a finding for each definition that is due and named nowhere."""
    due = list(_due(tree, facts))
    words = [one.word for one in due]
    there = _places(tree, frozenset(words))
    library = bool(due) and project.is_library(tree)
    for one in due:
        if words.count(one.word) == 1 and not _is_named(one, there[one.word]):
            yield _finding(one, is_public=library and _is_public(one))


def _due(tree: Tree, facts: Facts) -> Iterator[_Due]:
    """Yield what is due in the project's own code; what other projects in the tree say is not about it."""
    owners = {posixpath.dirname(m.path): m.own for m in inventory.read(tree).manifests if m.own}
    others = tuple(f"{folder}/" for folder in owners if folder)
    for path in tree.paths():
        if not path.endswith(".py") or path.startswith(others) or not project.is_own(path):
            continue
        data = tree.read(path)
        if not _may_say(data) or places.is_generated(path, data):
            continue
        try:
            source = engine.commented(path, data)
            ignored = silence.lines(source.text, _ID, ())
        except engine.Unreadable:
            continue
        for what in deprecations.read(source, owners.get("", "")):
            if conditions.due(what.condition, facts) and what.line - 1 not in ignored:
                yield _Due(source, what, conditions.because(what.condition, facts))


def _may_say(data: bytes) -> bool:
    return b"eprecat" in data or (b"remove" in data.lower() and any(tag.encode() in data for tag in TAGS))


def _places(tree: Tree, words: frozenset[bytes]) -> Mapping[bytes, Sequence[str]]:
    """Return the paths of all files that name a word; what tells of the past does not count."""
    found: dict[bytes, list[str]] = {word: [] for word in words}
    for path in tree.paths() if words else ():
        if not places.is_history(path):
            for word in words.intersection(_WORD.findall(tree.read(path))):
                found[word].append(path)
    return found


def _is_named(one: _Due, paths: Sequence[str]) -> bool:
    """Say whether the name of what is due stands anywhere but in its own lines, and the TODO above them.

    Beside code that finds things by any name, each one may be meant.
    """
    if any(path != one.source.path for path in paths):
        return True
    lines = one.source.data.split(b"\n")
    first = one.what.todo.line if one.what.todo else one.what.first
    outside = b"\n".join((*lines[: first - 1], *lines[one.what.last :]))
    return one.word in _WORD.findall(outside) or _ANY_NAME.search(outside) is not None


def _is_public(one: _Due) -> bool:
    parts = (*one.source.path.removesuffix(".py").split("/"), *one.what.name.split("."))
    return not any(part.startswith("_") and not part.startswith("__") for part in parts)


def _finding(one: _Due, *, is_public: bool) -> Finding:
    path, what = one.source.path, one.what
    target = ".".join((*path.removesuffix(".py").removesuffix("/__init__").split("/"), what.name))
    words = f"`{what.name}` says {quoted.span(what.said)}: it is due {one.why}, and nothing here names it"
    after = None if is_public else definitions.without(one.source, what.line, what.todo)
    edit = Edit(path, one.source.data, after) if after is not None else None
    said = f"{words}; others may" if is_public else words
    title = f"Remove {what.name}, which is named nowhere"
    return Finding(_ID, path, what.line, said, edit, target, upgrades.first_short([title]))
