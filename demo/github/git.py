"""Real bare git repositories on disk: made, read and written with the git command itself."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": os.devnull,
    "LC_ALL": "C",
    "TZ": "UTC",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ADVICE": "0",
}
_FIELDS = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"


class GitRefusedError(Exception):
    """Git said no; the text is what it wrote on standard error."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something, and when."""

    name: str
    email: str
    date: datetime

    def line(self) -> str:
        """Return the person as a commit object writes it."""
        return f"{self.name} <{self.email}> {int(self.date.timestamp())} +0000"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit as git keeps it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree; ``sha`` None removes the path when a tree is written, ``size`` is -1 if unknown."""

    mode: str
    kind: str
    sha: str | None
    path: str
    size: int = -1


def run(
    repository: Path, *arguments: str, data: bytes = b"", environment: Mapping[str, str] | None = None
) -> bytes:
    """Return what a git command printed; `GitRefusedError` when it failed."""
    done = subprocess.run(  # noqa: S603 -- arguments are ours, no shell
        ["git", *arguments],  # noqa: S607 -- whichever git the machine has
        cwd=repository,
        input=data,
        env=ENVIRONMENT | dict(environment or {}),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise GitRefusedError(done.stderr.decode(errors="replace").strip())
    return done.stdout


def create(repository: Path, branch: str) -> None:
    """Make an empty bare repository that serves partial clones."""
    repository.mkdir(parents=True)
    run(repository, "init", "--quiet", "--bare", f"--initial-branch={branch}", "--template=", ".")
    settings = {
        "uploadpack.allowFilter": "true",
        "uploadpack.allowAnySHA1InWant": "true",
        "http.receivepack": "true",
        "gc.auto": "0",
    }
    lines = [f"[{k.split('.')[0]}]\n\t{k.split('.')[1]} = {v}\n" for k, v in settings.items()]
    with (repository / "config").open("a") as config:
        config.write("".join(lines))


def grow(
    repository: Path,
    branch: str,
    files: Mapping[str, bytes | None],
    commits: Sequence[tuple[str, Person]],
    modes: Mapping[str, str] | None = None,
) -> None:
    """Add commits to a branch: the first carries the files (None deletes one), the others change nothing."""
    ref = f"refs/heads/{branch}"
    parent = resolve(repository, ref)
    stream: list[bytes] = []
    for number, (message, person) in enumerate(commits):
        text, who = message.encode(), person.line().encode()
        stream.append(
            b"commit %b\nauthor %b\ncommitter %b\ndata %d\n%b\n" % (ref.encode(), who, who, len(text), text)
        )
        if number == 0:
            stream += [f"from {parent}\n".encode()] if parent else []
            stream += [_line(path, data, (modes or {}).get(path, "100644")) for path, data in files.items()]
    run(repository, "fast-import", "--quiet", "--date-format=raw", data=b"".join(stream))


def _line(path: str, data: bytes | None, mode: str) -> bytes:
    raw = os.fsencode(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    if data is None:
        return b'D "%b"\n' % raw
    return b'M %b inline "%b"\ndata %d\n%b\n' % (mode.encode(), raw, len(data), data)


def resolve(repository: Path, revision: str) -> str | None:
    """Return the full id of the commit that a revision names, None when there is none."""
    try:
        found = run(
            repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
    except GitRefusedError:
        return None
    return found.decode().strip()


def kind(repository: Path, sha: str) -> str | None:
    """Return blob, tree, commit or tag, None when there is no such object."""
    try:
        return run(repository, "cat-file", "-t", sha).decode().strip()
    except GitRefusedError:
        return None


def blob(repository: Path, sha: str) -> bytes:
    """Return the bytes of a blob."""
    return run(repository, "cat-file", "blob", sha)


def tree(repository: Path, treeish: str, path: str = "", *, recursive: bool = False) -> list[Entry]:
    """Return the entries of a tree; with ``path`` only those directly at or below it."""
    options = ["-r", "-t"] if recursive else []
    listed = run(repository, "ls-tree", "-z", "-l", *options, treeish, *(["--", path] if path else []))
    entries = []
    for line in filter(None, listed.split(b"\0")):
        head, _, name = line.partition(b"\t")
        mode, type_, sha, size = head.decode().split()
        number = -1 if size == "-" else int(size)
        entries.append(Entry(mode, type_, sha, name.decode(errors="replace"), number))
    return entries


def write_blob(repository: Path, data: bytes) -> str:
    """Store a blob and return its id."""
    return run(repository, "hash-object", "-w", "--stdin", data=data).decode().strip()


def write_tree(repository: Path, base: str | None, entries: Iterable[Entry]) -> str:
    """Store a tree, made of a base and what changes in it, and return its id."""
    with tempfile.TemporaryDirectory(prefix="kotsu-index-") as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        if base:
            run(repository, "read-tree", base, environment=index)
        lines = [
            f"0 {'0' * 40}\t{e.path}" if e.sha is None else f"{e.mode} {e.kind} {e.sha}\t{e.path}"
            for e in entries
        ]
        data = "".join(line + "\0" for line in lines).encode()
        run(repository, "update-index", "-z", "--index-info", data=data, environment=index)
        return run(repository, "write-tree", environment=index).decode().strip()


def write_commit(
    repository: Path, tree_sha: str, parents: Sequence[str], message: str, people: tuple[Person, Person]
) -> str:
    """Store a commit by an author and a committer, and return its id."""
    author, committer = people
    lines = [f"tree {tree_sha}", *(f"parent {p}" for p in parents)]
    lines += [f"author {author.line()}", f"committer {committer.line()}", "", message]
    text = "\n".join(lines).encode()
    return run(repository, "hash-object", "-w", "-t", "commit", "--stdin", data=text).decode().strip()


def log(
    repository: Path,
    revision: str,
    *,
    limit: int,
    options: Sequence[str] = (),
    path: str = "",
) -> list[Commit]:
    """Return commits, newest first."""
    span = [f"--max-count={limit}", *options]
    paths = ["--", path] if path else ["--"]
    listed = run(repository, "log", "-z", f"--format=tformat:{_FIELDS}%x01", *span, revision, *paths)
    return [_commit(record.strip(b"\0")) for record in listed.split(b"\1") if record.strip(b"\0\n")]


def commit(repository: Path, sha: str) -> Commit:
    """Return one commit."""
    return log(repository, sha, limit=1)[0]


def _commit(record: bytes) -> Commit:
    values = record.decode(errors="replace").split("\0")
    sha, root, parents, name, email, date, committer, address, committed, message = values
    return Commit(
        sha,
        root,
        tuple(parents.split()),
        Person(name, email, datetime.fromisoformat(date).astimezone(UTC)),
        Person(committer, address, datetime.fromisoformat(committed).astimezone(UTC)),
        message.removesuffix("\n"),
    )


def refs(repository: Path, prefix: str = "refs/heads/") -> dict[str, str]:
    """Return full ref name to commit id."""
    listed = run(repository, "for-each-ref", "--format=%(refname) %(objectname)", prefix)
    return {name: sha for name, _, sha in (line.partition(" ") for line in listed.decode().splitlines())}


def move_ref(repository: Path, ref: str, sha: str | None) -> None:
    """Point a ref at a commit, or delete it."""
    run(repository, "update-ref", *([ref, sha] if sha else ["-d", ref]))


def is_ancestor(repository: Path, old: str, new: str) -> bool:
    """Return whether a push from old to new needs no force."""
    try:
        run(repository, "merge-base", "--is-ancestor", old, new)
    except GitRefusedError:
        return False
    return True


def merge_base(repository: Path, one: str, other: str) -> str | None:
    """Return the best common ancestor, None of unrelated histories."""
    try:
        return run(repository, "merge-base", one, other).decode().strip()
    except GitRefusedError:
        return None


def merged_tree(repository: Path, base: str, head: str) -> str | None:
    """Return the tree of a merge, None when it conflicts."""
    try:
        return run(repository, "merge-tree", "--write-tree", base, head).decode().split()[0]
    except GitRefusedError:
        return None


def changes(repository: Path, base: str, head: str) -> list[tuple[str, str, int, int]]:
    """Return (path, status letter, added lines, removed lines) of every file that differs."""
    span = ["diff-tree", "-r", "-z", "--no-renames", base, head]
    numbers = run(repository, *span, "--numstat").decode(errors="replace").split("\0")
    letters = run(repository, *span, "--name-status").decode(errors="replace").split("\0")
    status = dict(zip(letters[1::2], letters[::2], strict=False))
    rows = [line.split("\t", 2) for line in numbers if line]
    return [(path, status[path], _number(more), _number(less)) for more, less, path in rows]


def _number(text: str) -> int:
    """Return a count of lines; git writes a dash for a binary file."""
    return 0 if text == "-" else int(text)


def patch(repository: Path, base: str, head: str, path: str) -> str:
    """Return the hunks of one file, as the API shows them."""
    text = run(repository, "diff-tree", "-p", "--no-renames", base, head, "--", path).decode(errors="replace")
    return text[text.index("@@") :].rstrip("\n") if "@@" in text else ""
