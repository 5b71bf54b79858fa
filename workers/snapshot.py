"""Takes the files of a repository at one moment: from a folder, or from a bare mirror of a remote."""

from __future__ import annotations

import os
import select
import shutil
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from codemods import engine
from codemods.model import Problem
from codemods.tree import blob_id
from workers import git, leash

HEAD = "refs/kotsu/head"
_REMOTE = "hub"
_LIMIT = 4 * engine.LARGEST
_REGULAR = ("100644", "100755")
_MOST = 200_000
_LISTED = 64 * 1024**2
"""Bytes of the list of all files."""
_LARGEST = 2 * 1024**3
"""Bytes of one pack of a mirror, and of all together before it is made anew."""
_PACKS, _LOOSE = 100, 200
_LOCKS = ("HEAD.lock", "index.lock", "config.lock", "packed-refs.lock", "shallow.lock", f"{HEAD}.lock")
"""What a killed git leaves behind; one mirror is never used twice at a time."""
_UNSEEN = frozenset(
    {".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox", ".mypy_cache"}
)


class TooLargeError(Exception):
    """A repository that is larger than what is read."""


@dataclass(frozen=True)
class Folder:
    """The files of a folder on disk, links not followed; `problems` names what was left out."""

    root: Path
    files: Sequence[str]
    problems: Sequence[Problem] = ()

    def paths(self) -> Sequence[str]:
        """Return every path, sorted."""
        return self.files

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return (self.root / path).read_bytes()

    def identity(self, path: str) -> str:
        """Return the git blob id of a file."""
        return blob_id(self.read(path))


def folder(root: Path) -> Folder:
    """Take a folder as it lies there: what git tracks or would track, or all files outside of git."""
    files, problems = [], []
    for name in sorted(set(_tracked(root) or _walked(root))):
        if not _plain(name):
            problems.append(Problem(name.encode("utf-8", "replace").decode(), 1, _ODD))
        elif _regular(root, name):
            if os.access(root / name, os.R_OK):
                files.append(name)
            else:
                problems.append(Problem(name, 1, _CLOSED))
    return Folder(root, files, problems)


_ODD = "skipped: its name is not valid UTF-8"
_CLOSED = "skipped: it may not be read"


def _plain(name: str) -> bool:
    return name.isprintable() or name.encode("utf-8", "surrogateescape").decode("utf-8", "ignore") == name


def _regular(root: Path, name: str) -> bool:
    """Say whether a path is a file, reached through no symbolic link, of a size that is read."""
    parts = name.split("/")
    if not {"", ".", "..", ".git"}.isdisjoint(parts):
        # Git lists whatever an index says, and anybody can write one.
        return False
    inside = root
    try:
        for part in parts:
            inside /= part
            status = inside.lstat()
            if stat.S_ISLNK(status.st_mode):
                return False
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= _LIMIT


def _tracked(root: Path) -> list[str]:
    """Return what git would take; nothing outside of git, and in a folder that is ignored as a whole."""
    try:
        listed = git.run(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    except git.GitError:
        return []
    return [os.fsdecode(name) for name in listed.split(b"\0") if name]


def _walked(root: Path) -> Iterator[str]:
    for base, folders, names in os.walk(root):
        if "pyvenv.cfg" in names:
            folders.clear()
            continue
        folders[:] = sorted(f for f in folders if f not in _UNSEEN)
        for name in names:
            yield (Path(base) / name).relative_to(root).as_posix()


def head(root: Path) -> str | None:
    """Return the commit a folder stands on, None outside of git or before the first commit."""
    try:
        return git.run(root, "rev-parse", "--verify", "-q", "HEAD").decode().strip()
    except git.GitError:
        return None


def default_branch(root: Path) -> str:
    """Return the branch that a folder's origin called its own when it was cloned; ``""`` if nobody said."""
    try:
        said = git.run(root, "symbolic-ref", "--short", "-q", "refs/remotes/origin/HEAD")
    except git.GitError:
        return ""
    return said.decode("utf-8", "replace").strip().removeprefix("origin/")


def subjects(root: Path) -> list[str]:
    """Return the subjects of the newest commits, the newest first; none outside of git."""
    try:
        return (
            git.run(root, "log", "-n", "50", "--no-merges", "--format=%s")
            .decode("utf-8", "replace")
            .rstrip("\n")
            .split("\n")
        )
    except git.GitError:
        return []


def forget(store: Path) -> None:
    """Delete a mirror, if there is one."""
    shutil.rmtree(store, ignore_errors=True)


@dataclass(frozen=True)
class Blob:
    """One file of a commit: its blob's id, and its mode as git writes it."""

    sha: str
    mode: str


@dataclass
class Mirror:
    """The files of one commit, read from a bare repository without a work tree."""

    commit: str
    blobs: Mapping[str, Blob]
    problems: Sequence[Problem]
    _cat: subprocess.Popen[bytes] = field(repr=False)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def paths(self) -> Sequence[str]:
        """Return every path, sorted."""
        return sorted(self.blobs)

    def identity(self, path: str) -> str:
        """Return the git blob id of a file."""
        return self.blobs[path].sha

    def read(self, path: str) -> bytes:
        """Return a file's bytes; any thread may ask, one after the other: there is one pipe."""
        with self._turn:
            size = _request(self._cat, self.blobs[path].sha)
            if size is None:
                raise git.GitError(f"git has no blob for {path}")
            assert self._cat.stdout is not None  # noqa: S101 -- it was opened as a pipe
            data = self._cat.stdout.read(size)
            self._cat.stdout.read(1)
            return data


@contextmanager
def take(store: Path, url: str, revision: str, token: str) -> Iterator[Mirror]:
    """Fetch one commit of a remote into a bare mirror and open it; blobs of more than 8 MiB are left there.

    ``store`` is the mirror's folder, kept for the next time; ``revision`` a commit id or a full ref.
    """
    _fetch(store, url, revision, token)
    commit = git.run(store, "rev-parse", HEAD).decode().strip()
    listed, problems = _listed(store)
    with subprocess.Popen(  # noqa: S603 -- git, with arguments and an environment of ours
        leash.limited(git.command(store, "cat-file", "--batch"), git.LIMITS),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=git.environment(),
        start_new_session=True,
    ) as cat:
        try:
            yield Mirror(commit, listed, problems, cat)
        finally:
            leash.end(cat)
            if cat.stdin:
                with suppress(BrokenPipeError):  # it was ended before it had read everything
                    cat.stdin.close()


def _fetch(store: Path, url: str, revision: str, token: str) -> None:
    if _is_worn(store):
        forget(store)
    if not store.exists():
        _create(store)
    for lock in _LOCKS:
        (store / lock).unlink(missing_ok=True)
    _bring(store, url, f"{revision}:{HEAD}", token=token)


def _is_worn(store: Path) -> bool:
    """Say whether a mirror holds so much of earlier commits that it is cheaper to begin anew."""
    packs = [path.stat().st_size for path in store.glob("objects/pack/*.pack")]
    # One of 256 folders of loose objects tells how many there are: they are named by their hash.
    loose = sum(1 for _ in store.glob("objects/17/*"))
    return sum(packs) > _LARGEST or len(packs) > _PACKS or loose > _LOOSE


def more(store: Path, url: str, commits: Iterable[str], token: str) -> None:
    """Bring some commits into a mirror that was taken before, each without those before it."""
    wanted = sorted(set(commits))
    asked = "".join(f"{sha}^{{tree}}\n" for sha in wanted).encode()
    answers = git.run(store, "cat-file", "--batch-check=%(objecttype)", data=asked).decode().splitlines()
    missing = [sha for sha, word in zip(wanted, answers, strict=True) if word != "tree"]
    if missing:
        _bring(store, url, *missing, token=token)


def _bring(store: Path, url: str, *revisions: str, token: str) -> None:
    arguments = ["fetch", "--quiet", "--depth=1", "--no-tags", "--force", f"--filter=blob:limit={_LIMIT}"]
    try:
        git.run(store, *arguments, _REMOTE, *revisions, token=token, url=url, largest=_LARGEST)
    except git.TooMuchError:
        forget(store)
        raise TooLargeError(f"the repository's files take more than {_LARGEST // 1024**3} GiB") from None
    except git.FullError as error:
        forget(store)
        words = "its copy here was deleted; make room where KOTSU_DATA_DIR is, or set it to a larger disk"
        raise git.FullError(f"the disk is full ({error}): {words}") from None
    # Without its remote, a blob that was filtered out is missing, and never fetched behind our back.
    git.run(store, "config", "--remove-section", f"remote.{_REMOTE}")


def _create(store: Path) -> None:
    """Make the mirror in one step, so that an interrupted one never looks finished."""
    store.parent.mkdir(parents=True, exist_ok=True)
    for left in store.parent.glob(f"{store.stem}-*.new"):
        forget(left)
    begun = Path(tempfile.mkdtemp(prefix=f"{store.stem}-", suffix=".new", dir=store.parent))
    git.run(begun, "init", "--quiet", "--bare", ".")
    begun.rename(store)


def _listed(store: Path) -> tuple[dict[str, Blob], list[Problem]]:
    try:
        told = git.run(store, "ls-tree", "-r", "-z", "--full-tree", HEAD, largest=_LISTED)
    except git.TooMuchError:
        # Ten small trees that name each other can stand for more files than there are atoms.
        raise TooLargeError(f"the repository has more than the {_MOST} files that are read") from None
    entries = told.split(b"\0")[:-1]
    if len(entries) > _MOST:
        raise TooLargeError(f"the repository has {len(entries)} files, more than the {_MOST} that are read")
    blobs: dict[str, Blob] = {}
    problems: list[Problem] = []
    for entry in entries:
        about, _, raw = entry.partition(b"\t")
        mode, _, sha = about.decode().split()
        try:
            path = raw.decode()
        except UnicodeDecodeError:
            problems.append(Problem(raw.decode("utf-8", "replace"), 1, _ODD))
            continue
        if mode in _REGULAR:
            blobs[path] = Blob(sha, mode)
    sizes = _sizes(store, [blob.sha for blob in blobs.values()])
    return {p: b for p, b in blobs.items() if sizes.get(b.sha, 0) <= _LIMIT and b.sha in sizes}, problems


def _sizes(store: Path, shas: Sequence[str]) -> dict[str, int]:
    asked = "".join(f"{sha}\n" for sha in dict.fromkeys(shas)).encode()
    answers = git.run(store, "cat-file", "--batch-check=%(objectname) %(objectsize)", data=asked)
    known = (line.split() for line in answers.decode().splitlines())
    return {words[0]: int(words[1]) for words in known if words[1].isdigit()}


def _request(cat: subprocess.Popen[bytes], sha: str) -> int | None:
    assert cat.stdin is not None and cat.stdout is not None  # noqa: S101, PT018 -- both were opened as pipes
    try:
        cat.stdin.write(f"{sha}\n".encode())
        cat.stdin.flush()
    except BrokenPipeError:
        raise git.GitError("git ended while files were read") from None
    waiting = select.poll()
    waiting.register(cat.stdout, select.POLLIN)
    if not waiting.poll(git.SECONDS * 1000):
        raise git.GitError(f"git took longer than {git.SECONDS} s to find a file")
    words = cat.stdout.readline().split()
    return int(words[2]) if len(words) == 3 else None  # noqa: PLR2004 -- id, type, size
