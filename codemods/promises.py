"""Reads the promises in the comments of files, and judges those of a tree."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from codemods import engine, mentions, places, source, standing, suppressions
from codemods.debts import TAGS, Debt, Promise
from codemods.mentions import Mention
from codemods.model import Facts, Tree
from codemods.source import Todo

_NAME = re.compile(rb"[A-Za-z_]\w*")
_OURS = frozenset(("self", "cls"))


def holds_any(path: str) -> bool:
    """Say whether a file of such a path can hold promises of ours."""
    return source.readable(path) and not places.is_foreign(path)


def of_file(path: str, data: bytes, tags: tuple[str, ...] = TAGS) -> tuple[Promise, ...]:
    """Return the promises of a file; a generated one has none, nor has what cannot be read.

    What silences a linter or skips a test with a reason is one too, under one of `suppressions.TAGS`.
    """
    tagged, silenced, marked = _may_hold(path, data, tags)
    if not (tagged or silenced or marked) or places.is_generated(path, data):
        return ()
    try:
        read = engine.commented(path, data)
        todos = read.tagged(tags) if tagged else ()
        found = [_promise(todo) for todo in todos]
        if silenced:
            taken = {comment.end for todo in todos for comment in todo.comments}
            found += map(_reason, suppressions.commented([c for c in read.comments if c.end not in taken]))
        if marked and (tree := engine.skimmed(path, data)):
            found += map(_reason, suppressions.marked(tree))
    except engine.Unreadable:
        return ()
    return tuple(sorted(found, key=lambda promise: promise.line))


def may_hold(path: str, data: bytes, tags: tuple[str, ...] = TAGS) -> bool:
    """Say whether a file has to be read for its promises: most have no word of one."""
    return any(_may_hold(path, data, tags))


def _may_hold(path: str, data: bytes, tags: tuple[str, ...]) -> tuple[bool, bool, bool]:
    """Say whether there may be promises with tags, comments that silence a linter, marks of tests."""
    tagged = any(tag.encode() in data for tag in tags)
    if not source.is_python(path):
        return tagged, False, False
    return tagged, suppressions.may_comment(data), suppressions.may_mark(data)


def is_clear(path: str, data: bytes) -> bool:
    """Say whether what a file promises can be read from it, if it promises anything."""
    try:
        return engine.commented(path, data).is_told_apart
    except engine.Unreadable:
        return False


def _reason(one: suppressions.Reason) -> Promise:
    return Promise(one.line, one.last, one.tag, "", "", one.text, one.spans)


def _promise(todo: Todo) -> Promise:
    spans = tuple((c.start, c.end) for c in todo.comments)
    return Promise(todo.line, todo.comments[-1].line, todo.tag, todo.owner, todo.condition, todo.text, spans)


def issues(promises: Iterable[Promise]) -> frozenset[Mention]:
    """Return the issues that promises name; what only explains a mark waits for none."""
    waiting = (standing.said(promise) for promise in promises if not standing.explains(promise))
    return frozenset(issue for said in waiting for issue in mentions.issues(said))


def absent(tree: Tree, promises: Mapping[str, Sequence[Promise]]) -> frozenset[str]:
    """Return the names that promises of a tree want to take away or to mend, and that are nowhere else.

    Of a dotted name that of its owner has to be there: else it is another library's.
    """
    names = {n for held in promises.values() for one in held for n in standing.named(one.text)}
    wanted = {part.encode() for name in names for part in name.split(".")}
    there: set[bytes] = set()
    for path in tree.paths() if wanted else ():
        data = tree.read(path)
        for start, end in (span for one in promises.get(path, ()) for span in one.spans):
            data = data[:start] + b" " * (end - start) + data[end:]
        there.update(wanted.intersection(_NAME.findall(data)))
    return frozenset(name for name in names if _is_absent(name, there))


def _is_absent(name: str, there: Collection[bytes]) -> bool:
    first, last = name.partition(".")[0], name.rpartition(".")[2]
    known = "." not in name or first in _OURS or first.encode() in there
    return known and last.encode() not in there


def judged(
    promises: Mapping[str, Sequence[Promise]], facts: Facts, *, everything: bool = False
) -> list[Debt]:
    """Return each promise of a tree with how it stands; given by path.

    A mark with a reason that ends with nothing only explains itself: it is none, unless ``everything`` is
    asked for.
    """
    found = (Debt(path, one, standing.of(one, facts)) for path, held in promises.items() for one in held)
    return [debt for debt in found if everything or not standing.explains(debt.promise)]
