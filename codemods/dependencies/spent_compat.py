"""A module for other Pythons that only hands on the standard library has done its work.

`shop/compat.py` began with fallbacks. When the last of them is gone, and every line is a plain import from
the standard library, it is a detour: whoever reads `from shop.compat import lru_cache` looks for what is
special about it. Where each module that takes something from it can take it from the standard library, and
its name stands nowhere else, they do, and the file goes.

Where that is not certain, or a library offers the module by a public name, this names those who import it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from codemods import engine, handed_on, leftovers, places, project
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Tree

ABOUT = About(
    title="Take from the standard library what a module hands on",
    category=Category.HYGIENE,
    applicability=Applicability.UNSAFE,
    risk="Code outside of the repository, or a test that patches the module by name, could still need it.",
    references=("https://docs.python.org/3/library/index.html",),
    needles=(),
    minutes=20,
)

_ID = "spent-compat"
_NAMED = re.compile(r"_?(?:py\d*_?)?compat(?:ibility|ible|s)?\d*\.py")
_MOST = 5
_SAYS_NOTHING = re.compile(r"#(?:\W*$|!|.*(?:coding[:=]|copyright|licen[cs]e|spdx))", re.IGNORECASE)
"""Comments at the top of a file that say nothing about it."""


def ask(_: Tree) -> frozenset[str]:
    """Return nothing: releases do not matter."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:  # noqa: ARG001 -- the shape of TreeRule
    """Return for each such module its edits, or the words that name who imports it."""
    for path in tree.paths():
        if _NAMED.fullmatch(posixpath.basename(path)) and project.is_own(path) and "/" in path:
            data = tree.read(path)
            names = {} if places.is_generated(path, data) else _handed(path, data)
            users = _users(tree, path) if names else []
            if users:
                yield from _judged(tree, path, names, users)


def _handed(path: str, data: bytes) -> Mapping[str, str]:
    try:
        return handed_on.read(engine.commented(path, data))
    except engine.Unreadable:
        return {}


def _users(tree: Tree, path: str) -> list[str]:
    """Return the paths of all files in which the last part of a module's name stands, but for itself."""
    word = re.compile(rb"(?<!\w)" + posixpath.basename(path).removesuffix(".py").encode() + rb"(?!\w)")
    return [p for p in tree.paths() if p != path and not places.is_history(p) and word.search(tree.read(p))]


def _judged(tree: Tree, path: str, names: Mapping[str, str], users: Sequence[str]) -> Iterator[Finding]:
    module = handed_on.dotted(path)
    data = tree.read(path)
    public = project.is_library(tree) and not any(p.startswith("_") for p in module.split("."))
    edits = [] if public or _is_spoken_of(path, data) else _edits(tree, path, module, names, users)
    if not edits:
        yield Finding(
            _ID, path, 1, f"`{path}` only hands on the standard library; {_said(users)}", target=module
        )
        return
    title = f"Take from the standard library what {posixpath.basename(path)} hands on"
    for edit, taken in edits:
        yield Finding(_ID, edit.path, 1, taken, edit, module, title if len(title) <= 72 else ABOUT.title)  # noqa: PLR2004 -- what fits a title


def _is_spoken_of(path: str, data: bytes) -> bool:
    """Say whether a comment in a module is for people, and about more than whose it is."""
    said = (comment.text for comment in engine.commented(path, data).comments)
    return not all(_SAYS_NOTHING.match(text) or leftovers.for_tools(text) for text in said)


def _edits(
    tree: Tree, path: str, module: str, names: Mapping[str, str], users: Sequence[str]
) -> list[tuple[Edit, str]]:
    """Return an edit for each file with its words, none where one of them may still name the module."""
    word = re.compile(rb"(?<!\w)" + module.rpartition(".")[2].encode() + rb"(?!\w)")
    # What a module calls otherwise, others may take from those who have it from there.
    renamed = "|".join(re.escape(name) for name, full in names.items() if name != full.rpartition(".")[2])
    called = re.compile(rf"(?<!\w)(?:{renamed})(?!\w)".encode()) if renamed else None
    others = (p for p in tree.paths() if p != path and p not in users and not places.is_history(p))
    if called and any(called.search(tree.read(p)) for p in others):
        return []
    edits = []
    for user in users:
        before = tree.read(user)
        if not user.endswith(".py") or places.is_foreign(user) or places.is_generated(user, before):
            return []
        try:
            after = handed_on.taken(engine.commented(user, before), module, names)
        except engine.Unreadable:
            return []
        if after is None or word.search(after) or (called and called.search(after)):
            return []
        edits.append((Edit(user, before, after), f"`{user}` takes its names from the standard library"))
    return [*edits, (Edit(path, tree.read(path), None), f"`{path}` goes: it hands on nothing else")]


def _said(users: Sequence[str]) -> str:
    shown = ", ".join(f"`{user}`" for user in users[:_MOST])
    more = f" and {len(users) - _MOST} more" if len(users) > _MOST else ""
    return f"it is named in {shown}{more}"
