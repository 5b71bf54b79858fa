"""Carries what people committed onto a new commit of ours, each as the same patch, or says what is stuck."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workers import git
from workers.github.commits import Commit, File
from workers.history import History, Kind, Step, words

_CONFLICT = re.compile(rb"^<{7} .*?^>{7} [^\n]*$", re.DOTALL | re.MULTILINE)
_HUNK = re.compile(
    rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@[^\n]*\n((?:[-+\\][^\n]*\n?)*)", re.MULTILINE
)
_SYNTHETIC = b"tree %b\n%bauthor k <k> 0 +0000\ncommitter k <k> 0 +0000\n\n\n"
_NOTHING = "0" * 40


@dataclass(frozen=True, slots=True)
class Carried:
    """A person's commit as it shall be written anew: its files against the one before, and its tree."""

    commit: Commit
    message: str
    files: tuple[File, ...]
    tree: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a commit changed a file: its lines there, from 1, and what it did to them as in a diff."""

    path: str
    first: int
    last: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stuck:
    """What cannot be carried: which commit, why in a sentence, and where, if it is one place."""

    commit: Commit
    why: str
    place: Place | None = None


_MERGED = "What it changes stands too near to what is different now, on the base or in our own commit."
_CLASH = "It does not fit what is different now, on the base or in our own commit."
_RESOLVED = "It is a merge in which something was decided that no merge decides by itself."
_UNDONE = "It takes back what we propose."
_SAME = "All of it is there already, on the base or in our own commit."
_AMENDED = "It is our commit, written again by somebody, and what was changed in it cannot be told apart."
_NAMED = "It holds a file whose name is not valid UTF-8."


class _StuckError(Exception):
    def __init__(self, stuck: Stuck) -> None:
        super().__init__(stuck.why)
        self.stuck = stuck


def run(
    store: Path,
    ours: tuple[str, Sequence[File]],
    history: History,
    forks: Mapping[str, str],
    origin: Commit | None,
) -> list[Carried] | Stuck:
    """Return people's commits of a branch as they are on top of a new commit of ours, or what is in the way.

    ``ours`` is the new base and what our commit changes there; ``forks`` says of each merge (by id) where its
    parents part, ``origin`` is our commit as we wrote it, for one that was amended. All these commits are in
    the mirror ``store``. A commit is carried only if git calls it the same patch (``git patch-id``) there.
    """
    base, files = ours
    own = tree_with(store, base, files)
    try:
        carried = list(_carried(store, own, history, forks, origin))
    except _StuckError as error:
        return error.stuck
    except UnicodeDecodeError:
        return Stuck(history.steps[-1].commit, _NAMED)
    top = carried[-1].tree if carried else own
    paths = [os.fsencode(file.path) for file in files]
    if carried and not set(paths).intersection(_differing(store, f"{base}^{{tree}}", top)):
        return Stuck(carried[-1].commit, _UNDONE)
    return carried


def tree_with(store: Path, base: str, files: Sequence[File]) -> str:
    """Return the tree of a commit with some files changed."""
    lines = []
    for file in files:
        sha = _NOTHING
        if file.data is not None:
            sha = git.run(store, "hash-object", "-w", "--stdin", data=file.data).decode().strip()
        mode = file.mode if file.data is not None else "0"
        lines.append(f"{mode} {sha}\t".encode() + os.fsencode(file.path) + b"\0")
    git.run(store, "read-tree", base)
    git.run(store, "update-index", "-z", "--index-info", data=b"".join(lines))
    return git.run(store, "write-tree").decode().strip()


def _carried(
    store: Path, own: str, history: History, forks: Mapping[str, str], origin: Commit | None
) -> Iterator[Carried]:
    current = own
    for step in history.steps:
        before, commit = step.before, step.commit
        if step.kind is Kind.MERGE:
            _must_be_plain(store, step, forks)
        if step.kind is Kind.AMENDED:
            before = _expected(store, step, origin)
            commit = replace(commit, message=words(commit), author=commit.committer)
        if step.kind is Kind.THEIRS or (step.kind is Kind.AMENDED and _patch_id(store, before, commit.sha)):
            top = _onto(store, before, commit, current)
            yield Carried(commit, commit.message, tuple(_files(store, current, top, commit)), top)
            current = top


def _must_be_plain(store: Path, step: Step, forks: Mapping[str, str]) -> None:
    """Raise where a merge holds more than git makes of it by itself."""
    tree, clash = merged(store, forks[step.commit.sha], step.before, step.merged)
    if clash or tree != step.commit.tree:
        raise _StuckError(Stuck(step.commit, _RESOLVED))


def _expected(store: Path, step: Step, origin: Commit | None) -> str:
    """Return the tree that our commit would have where somebody has written it again."""
    if origin is None or not origin.parents or words(origin) != words(step.commit):
        raise _StuckError(Stuck(step.commit, _AMENDED))
    tree, clash = merged(store, origin.parents[0], step.before, origin.sha)
    if clash:
        raise _StuckError(Stuck(step.commit, _AMENDED))
    return tree


def _onto(store: Path, before: str, commit: Commit, current: str) -> str:
    """Return the tree of a commit's patch on top of another tree."""
    tree, clash = merged(store, before, current, commit.sha)
    if clash:
        raise _StuckError(Stuck(commit, _CLASH, _place(store, before, commit.sha, clash, tree)))
    wanted = _patch_id(store, before, commit.sha)
    if wanted != _patch_id(store, current, tree):
        why = _SAME if tree == current else _MERGED
        raise _StuckError(Stuck(commit, why, _place(store, before, commit.sha)))
    return tree


def merged(store: Path, base: str, ours: str, theirs: str) -> tuple[str, list[bytes]]:
    """Return the tree of a three-way merge, and the paths where it conflicts, the files with their marks.

    This git cannot be told a merge's base: commits are made for it whose common parent it is.
    """
    root = _commit(store, base, b"")
    ends = [_commit(store, end, b"parent %b\n" % root.encode()) for end in (ours, theirs)]
    # A folder that one side renamed moves nothing of the other: git itself calls that a guess.
    merge = ("-c", "merge.directoryRenames=false", "merge-tree", "--write-tree", "-z")
    said = git.run(store, *merge, *ends, fine=(0, 1))
    tree, _, rest = said.partition(b"\0")
    clash = []
    for entry in rest.split(b"\0"):
        about, tab, path = entry.partition(b"\t")
        if not tab or len(about.split(b" ")) != 3:  # noqa: PLR2004 -- mode, id, stage; what follows are words
            break
        clash.append(path)
    # Where it says anything at all beside the tree, it was not clean.
    return tree.decode(), list(dict.fromkeys(clash)) or ([rest] if rest else [])


def _commit(store: Path, of: str, parents: bytes) -> str:
    tree = git.run(store, "rev-parse", "--verify", f"{of}^{{tree}}").strip()
    data = _SYNTHETIC % (tree, parents)
    return git.run(store, "hash-object", "-t", "commit", "-w", "--stdin", data=data).decode().strip()


PLAIN = ("--no-renames", "--no-ext-diff", "--no-textconv")
"""What makes a diff depend on nothing but the two trees."""


def _patch_id(store: Path, before: str, after: str) -> str:
    """Return what git takes for the identity of a patch, ``""`` where nothing differs."""
    told = git.run(store, "diff-tree", "-p", "--full-index", "--binary", *PLAIN, *_trees(before, after))
    return git.run(store, "patch-id", "--stable", data=told).decode().partition(" ")[0]


def _trees(*revisions: str) -> list[str]:
    return [f"{revision}^{{tree}}" for revision in revisions]


def _differing(store: Path, before: str, after: str) -> list[bytes]:
    return git.run(store, "diff-tree", "-r", "-z", "--name-only", *PLAIN, before, after).split(b"\0")[:-1]


def _files(store: Path, before: str, after: str, commit: Commit) -> Iterator[File]:
    """Yield what a commit changes; what stands so in the original needs not to be sent again."""
    told = git.run(store, "diff-tree", "-r", "-z", *PLAIN, *_trees(before, after)).split(b"\0")[:-1]
    known = _ids(store, commit.sha)
    for about, raw in zip(told[::2], told[1::2], strict=True):
        _, mode, _, sha, letter = about.decode().lstrip(":").split()
        path = raw.decode()
        if letter == "D":
            yield File(path, about.decode().lstrip(":").split()[0])
        elif known.get(raw) == sha:
            yield File(path, mode, sha=sha)
        else:
            yield File(path, mode, git.run(store, "cat-file", "blob", sha))


def _ids(store: Path, commit: str) -> Mapping[bytes, str]:
    listed = git.run(store, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]
    rows = (entry.partition(b"\t") for entry in listed)
    return {path: about.decode().split()[2] for about, _, path in rows}


def _place(store: Path, before: str, after: str, clash: Sequence[bytes] = (), tree: str = "") -> Place | None:
    """Return the lines of a commit that are in the way: in its first file that conflicts, else its first."""
    changed = _differing(store, *_trees(before, after))
    path = next((p for p in clash if p in changed), next(iter(changed), None))
    if path is None:
        return None
    raw = os.fsdecode(path)
    told = git.run(store, "diff-tree", "-p", "-U0", *PLAIN, *_trees(before, after), "--", f":(literal){raw}")
    hunks = list(_HUNK.finditer(told))
    name = path.decode("utf-8", "replace")
    if not hunks:
        return Place(name, 0, 0, ())
    marked = _marked(store, tree, raw) if path in clash else frozenset()
    best = max(hunks, key=lambda h: sum(line[1:] in marked for line in h[5].split(b"\n")))
    removed, added = int(best[2] or 1), int(best[4] or 1)
    first, count = (int(best[3]), added) if added else (int(best[1]), removed)
    lines = best[5].decode("utf-8", "replace").rstrip("\n").split("\n")
    return Place(name, first, first + count - 1, tuple(lines))


def _marked(store: Path, tree: str, path: str) -> frozenset[bytes]:
    """Return the lines that a merge has left within marks of conflict."""
    try:
        data = git.run(store, "cat-file", "blob", f"{tree}:{path}")
    except git.GitError:
        return frozenset()
    return frozenset(line for found in _CONFLICT.findall(data) for line in found.split(b"\n"))
