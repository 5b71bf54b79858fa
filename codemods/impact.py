"""Judges what changes in a library mean for the code of one repository."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping

from codemods import engine, places, resolved
from codemods.boundaries import Boundary, Change, Impact, Place, Used
from codemods.model import Tree
from codemods.resolved import Use

_KEYWORD = re.compile(r"(.+)\((\w+)=\)")

Uses = Mapping[str, tuple[Use, ...]]
"""What each file uses of a library, by path."""


def judge(before: Tree, after: Tree, boundary: Boundary, *, compared: bool = False) -> Impact:
    """Return what of a library's changes a repository notices, ``before`` and ``after`` it was migrated.

    ``compared`` says that the changes are all there are by name.
    """
    unread: dict[str, str] = {}
    old = uses(before, boundary.modules, unread)
    changed = {p for p in old if after.identity(p) != before.identity(p)}
    new = {**old, **uses(after, boundary.modules, unread, changed.__contains__)}
    used = [Used(c, found, _places(c, new)) for c in boundary.changes if (found := _places(c, old))]
    notes = (n for n in boundary.notes if not n.uses or any(_named(name, old) for name in n.uses))
    return Impact(
        tuple(used), len(boundary.changes) - len(used), tuple(notes), tuple(sorted(unread)), compared
    )


def uses(
    tree: Tree,
    modules: Collection[str],
    unread: dict[str, str],
    wanted: Callable[[str], bool] = lambda _: True,
) -> Uses:
    """Return what the Python files of a tree use of some modules; ``unread`` learns which ones are none."""
    words = [module.partition(".")[0].encode() for module in modules]
    found = {}
    for path in tree.paths():
        if not path.endswith((".py", ".pyi")) or places.is_foreign(path) or not wanted(path):
            continue
        data = tree.read(path)
        if not any(word in data for word in words):
            continue
        try:
            found[path] = tuple(resolved.of(engine.module(path, data), modules))
        except (engine.Unreadable, RecursionError) as error:
            unread[path] = str(error)
    return found


def _places(change: Change, found: Uses) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(_matching(change.name, found)))


def _named(name: str, found: Uses) -> bool:
    return any(True for _ in _matching(name, found))


def _matching(name: str, found: Uses) -> Iterable[Place]:
    keyed = _KEYWORD.fullmatch(name)
    wanted, keyword = (keyed[1], keyed[2]) if keyed else (name, "")
    for path, several in found.items():
        for use in several:
            is_it = use.name == wanted or (not keyword and use.name.startswith(f"{wanted}."))
            if is_it and (not keyword or keyword in (use.keywords or ())):
                yield Place(path, use.line)
