"""Branches of ours as people leave them: histories in real git, and what replays them in one call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from demo.github import git
from workers import history, replay
from workers.github.commits import Ahead, Commit, File, Person
from workers.history import History

BOT = git.Person("kotsu[bot]", "1+kotsu[bot]@users.noreply.github.com", datetime(2026, 1, 5, tzinfo=UTC))
ADA = git.Person("Ada Ünal", "ada@example.org", datetime(2026, 1, 6, tzinfo=UTC))
Tree = dict[str, tuple[str, bytes]]
"""Path to mode and bytes."""
OURS = "a.txt"
_LINES = 24


def numbered(name: str) -> bytes:
    return b"".join(b"%b %d\n" % (name.encode(), number) for number in range(_LINES))


def start() -> Tree:
    """Return the files of a project; a proposal changes `OURS`."""
    return {name: ("100644", numbered(name)) for name in (OURS, "b.txt", "c/d.txt")}


def edited(tree: Tree, path: str, line: int, text: str) -> Tree:
    mode, data = tree[path]
    lines = data.splitlines(keepends=True)
    lines[line % _LINES : line % _LINES + 1] = [f"{text}\n".encode()]
    return {**tree, path: (mode, b"".join(lines))}


@dataclass
class Grown:
    """A repository with a base that moves on, and a branch of ours that others write to."""

    folder: Path
    base: list[str] = field(default_factory=list)
    branch: list[str] = field(default_factory=list)
    trees: dict[str, Tree] = field(default_factory=dict)

    def commit(
        self, tree: Tree, parents: Sequence[str], message: str, people: tuple[git.Person, git.Person]
    ) -> str:
        entries = [
            git.Entry(mode, "blob", git.write_blob(self.folder, data), path)
            for path, (mode, data) in tree.items()
        ]
        sha = git.write_commit(
            self.folder, git.write_tree(self.folder, None, entries), parents, message, people
        )
        self.trees[sha] = tree
        return sha

    def on_base(self, tree: Tree) -> None:
        self.base.append(self.commit(tree, self.base[-1:], "Go on", (ADA, ADA)))

    def ours(self, change: Tree) -> str:
        """Put our commit on the newest base; the branch begins with it."""
        text = history.message("Change a", "change-a", "ab12")
        self.branch.append(self.commit(change, self.base[-1:], text, (BOT, BOT)))
        return self.branch[-1]

    def theirs(self, tree: Tree, message: str = "Help") -> str:
        self.branch.append(self.commit(tree, self.branch[-1:], message, (ADA, ADA)))
        return self.branch[-1]

    def amend(self, tree: Tree) -> str:
        """Write the newest commit of the branch again, with other files."""
        old = git.commit(self.folder, self.branch.pop())
        self.branch.append(self.commit(tree, old.parents, old.message, (old.author, ADA)))
        return self.branch[-1]

    def merge(self, more: Tree | None = None) -> str | None:
        """Merge the newest base into the branch, as git does or with ``more`` decided; None on conflict."""
        made = git.merged_tree(self.folder, self.branch[-1], self.base[-1])
        if made is None:
            return None
        tree = {**self.read(made), **(more or {})}
        parents = [self.branch[-1], self.base[-1]]
        self.branch.append(self.commit(tree, parents, "Merge main", (ADA, ADA)))
        return self.branch[-1]

    def read(self, treeish: str) -> Tree:
        found = git.tree(self.folder, treeish, recursive=True)
        return {e.path: (e.mode, git.blob(self.folder, e.sha or "")) for e in found if e.kind == "blob"}

    def history(self) -> History | str:
        """Return the branch as it is read from GitHub, seen from the newest base."""
        base, head = self.base[-1], self.branch[-1]
        listed = git.log(self.folder, f"{base}..{head}", limit=100, options=["--topo-order"])
        fork = git.merge_base(self.folder, base, head) or ""
        return history.read(Ahead(fork, tuple(_seen(c) for c in reversed(listed)), complete=True), head)

    def replayed(self, change: Tree, origin: str = "") -> list[replay.Carried] | replay.Stuck | str:
        """Carry the branch onto a new commit of ours, which makes ``change`` of the newest base."""
        seen = self.history()
        if isinstance(seen, str):
            return seen
        merges = [step for step in seen.steps if step.merged]
        forks = {s.commit.sha: git.merge_base(self.folder, s.before, s.merged) or "" for s in merges}
        first = _seen(git.commit(self.folder, origin)) if origin else None
        files = [
            File(path, *change[path])
            for path in change
            if change[path] != self.trees[self.base[-1]].get(path)
        ]
        return replay.run(self.folder, (self.base[-1], files), seen, forks, first)

    def patch_id(self, before: str, after: str) -> str:
        """Return what git itself calls a patch, ``""`` for none."""
        patch = git.run(self.folder, "diff-tree", "-p", before, after)
        return git.run(self.folder, "patch-id", "--stable", data=patch).decode().partition(" ")[0]

    def patches(self) -> Iterator[str]:
        """Yield the patch of each commit of the branch that is neither ours nor a merge."""
        for before, sha in zip(self.branch, self.branch[1:], strict=False):
            if len(git.commit(self.folder, sha).parents) == 1:
                yield self.patch_id(before, sha)


def _seen(found: git.Commit) -> Commit:
    author, committer = (Person(p.name, p.email, p.date.isoformat()) for p in (found.author, found.committer))
    return Commit(found.sha, found.tree, found.parents, found.message, author, committer)


def grown(folder: Path) -> Grown:
    """Return a repository with one commit on its base."""
    git.create(folder, "main")
    made = Grown(folder)
    made.on_base(start())
    return made
