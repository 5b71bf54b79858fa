"""Asks git who wrote which lines of a folder's files: only what somebody wants to know, and each once."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from codemods import changes
from codemods.model import Tree
from workers import git, shelving
from workers.model import Blame

PASSED_OVER = ".git-blame-ignore-revs"
"""The file in which a repository names commits that only moved or formatted lines."""
_FORMAT = 1
_KEPT = 20_000
"""Files of a repository of which it is kept who wrote them; those asked about longest ago go first."""
_FAR = 32_503_680_000
"""Seconds of the year 3000."""
_WORTH_A_NOTE = 4
"""Files from which on it is worth while to note first what commits touched."""
_LARGEST = 64 * 1024 * 1024
_LONGEST_LIST = 1024 * 1024
_HEADER = re.compile(r"[0-9a-f]{40,64} \d+ (\d+)(?: \d+)?")
_COMMIT = re.compile(rb"^[ \t]*([\da-fA-F]{40}(?:[\da-fA-F]{24})?)[ \t]*(?:#.*)?\r?$", re.MULTILINE)

_Known = dict[str, dict[str, tuple[str, str]]]
"""By file, the author and the day (ISO 8601) of each line that is known."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How git is asked: with which options, and with what beside its objects.

    In a ``shallow`` clone the oldest commits have all lines that somebody wrote before: nobody knows who.
    """

    root: Path
    options: Sequence[str] = ()
    beside: Path | None = None
    shallow: bool = False


def blame(root: Path, path: str) -> list[Blame]:
    """Return who wrote each line of a file that is committed as it stands; nothing outside of git."""
    with _way(root, 1) as way:
        return _whole(way, path)


def lines(
    tree: Tree, root: Path, wanted: Mapping[str, Collection[int]], store: Path
) -> Mapping[str, Sequence[Blame]]:
    """Return who wrote the wanted lines (from 1) of a folder's files, by path; nothing outside of git.

    ``store`` is the folder in which it is kept what git said of a file as it stands.
    """
    blobs = _blobs(root) if wanted else {}
    shelf = _shelf(root, store) if blobs else None
    known = _read(shelf) if shelf else {}
    keys = {path: _key(tree, path) for path in wanted if path in blobs}
    missing = {
        path: tuple(n for n in wanted[path] if str(n) not in known.get(key, {})) for path, key in keys.items()
    }
    missing = {path: numbers for path, numbers in missing.items() if numbers}
    with _way(root, len(missing)) as way, ThreadPoolExecutor(os.cpu_count()) as pool:

        def ask(path: str) -> list[Blame]:
            if blobs[path] == keys[path].partition(":")[0]:
                return _some(way, path, missing[path])
            return [b for b in _whole(way, path) if b.first in missing[path]]

        for path, told in zip(missing, pool.map(ask, missing), strict=True):
            fresh = {str(b.first): (b.author, b.day.isoformat()) for b in told}
            known[keys[path]] = known.get(keys[path], {}) | fresh
    if shelf and missing:
        _keep(shelf, known, keys.values())
    return {path: _found(known.get(key, {}), wanted[path]) for path, key in keys.items()}


def _found(known: Mapping[str, tuple[str, str]], numbers: Collection[int]) -> list[Blame]:
    found = ((n, known[str(n)]) for n in sorted(numbers) if str(n) in known)
    return [Blame(n, n, author, date.fromisoformat(day)) for n, (author, day) in found]


def _whole(way: _Way, path: str) -> list[Blame]:
    """Ask about all lines of the last commit, and find those that the file on disk still has."""
    try:
        present = (way.root / path).read_bytes()
    except OSError:
        return []
    committed = list(_told(way, path))
    # Git may have committed line feeds where the disk has carriage returns too.
    old, new = (
        [line.removesuffix("\r") for line in text]
        for text in ([line for _, line, _ in committed], present.decode("utf-8", "replace").split("\n"))
    )
    return [Blame(j + 1, j + 1, *by) for i, j in _same(old, new) if (by := committed[i][2])]


def _some(way: _Way, path: str, numbers: Collection[int]) -> list[Blame]:
    """Ask about some lines of a file that is on disk as in the last commit."""
    ranges = [word for n in sorted(numbers) for word in ("-L", f"{n},{n}")]
    return [Blame(n, n, *by) for n, _, by in _told(way, path, *ranges) if by]


def _told(way: _Way, path: str, *ranges: str) -> Iterator[tuple[int, str, tuple[str, date] | None]]:
    """Yield the number, the text, and the author and day of lines of the last commit, as far as git knows."""
    try:
        # Without a commit git would compare the file on disk, and run the repository's filters for it.
        asked = ("blame", "--line-porcelain", "--no-textconv", *way.options, *ranges, "HEAD", "--", path)
        told = git.run(way.root, *asked, beside=way.beside)
    except git.GitError:
        return
    number, author, day, unknown = 0, "", date.min, False
    for line in told.decode("utf-8", "replace").split("\n"):
        word, _, rest = line.partition(" ")
        if line.startswith("\t"):
            yield number, line[1:], None if unknown else (author, day)
        elif word == "boundary":
            unknown = way.shallow
        elif word == "author":
            author = rest
        elif word == "author-time":
            # Anybody can commit any number; the years that no calendar has are as good as none.
            day = datetime.fromtimestamp(min(max(int(rest), 0), _FAR), UTC).date()
        elif header := _HEADER.fullmatch(line):
            number, unknown = int(header[1]), False


def _same(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the places, from 0, of each line that is in both texts."""
    i = j = 0
    for a, b, _, d in (*changes.runs(old, new), (len(old), len(old), len(new), len(new))):
        yield from ((k, j + k - i) for k in range(i, a))
        i, j = b, d


@contextmanager
def _way(root: Path, files: int) -> Iterator[_Way]:
    """Give the way to ask about so many files: it passes over the commits that the repository names.

    Git would stop at the first line that names no commit, so it gets a list of ours. To note first which
    commit touched which file costs as much as a few answers, and makes each of the others cheap; the note
    lies outside of the repository.
    """
    with tempfile.TemporaryDirectory(prefix="kotsu-") as scratch:
        options: tuple[str, ...] = ()
        if commits := _passed_over(root):
            listed = Path(scratch) / "revs"
            listed.write_bytes(b"\n".join(commits) + b"\n")
            options = ("--ignore-revs-file", str(listed))
        beside = _noted(root, Path(scratch)) if files >= _WORTH_A_NOTE else None
        yield _Way(root, options, beside, _is_shallow(root))


def _is_shallow(root: Path) -> bool:
    return _ask(root, "rev-parse", "--is-shallow-repository").strip() == b"true"


def _noted(root: Path, beside: Path) -> Path | None:
    asked = ("commit-graph", "write", "--stdin-commits", "--changed-paths", f"--object-dir={beside}")
    try:
        git.run(root, *asked, data=_ask(root, "rev-parse", "HEAD"), beside=beside)
    except git.GitError:
        return None
    return beside


def _passed_over(root: Path) -> list[bytes]:
    """Return the commits that a repository wants passed over; no link is followed to their list."""
    with suppress(OSError):
        handle = os.open(root / PASSED_OVER, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            if stat.S_ISREG(os.fstat(handle).st_mode):
                commits = _COMMIT.findall(file.read(_LONGEST_LIST))
                length = len(_ask(root, "rev-parse", "HEAD").strip())
                return [commit for commit in commits if len(commit) == length]
    return []


def _blobs(root: Path) -> Mapping[str, str]:
    """Return the blob of each file of the last commit, by its path below a folder."""
    entries = (entry.partition(b"\t") for entry in _ask(root, "ls-tree", "-r", "-z", "HEAD").split(b"\0"))
    return {os.fsdecode(path): about.split()[2].decode() for about, tab, path in entries if tab}


def _ask(root: Path, *arguments: str) -> bytes:
    try:
        return git.run(root, *arguments)
    except git.GitError:
        return b""


def _shelf(root: Path, store: Path) -> Path | None:
    """Return where it is kept what git said; None where that may change, or would lie in the folder."""
    told = _ask(root, "rev-parse", "--is-shallow-repository", "--absolute-git-dir").split(b"\n")
    if told[0] != b"false" or store.resolve().is_relative_to(root):
        return None
    named = b"\0".join((*told, *_passed_over(root)))
    return store / f"{hashlib.sha256(named).hexdigest()[:32]}.json"


def _key(tree: Tree, path: str) -> str:
    name = path.encode("utf-8", "surrogateescape")
    return f"{tree.identity(path)}:{hashlib.sha256(name).hexdigest()[:16]}"


def _read(shelf: Path) -> _Known:
    """Return what is kept; what cannot be read is as if not there."""
    try:
        if shelf.stat().st_size > _LARGEST:
            return {}
        entry = json.loads(shelf.read_bytes())
        files = entry["files"] if entry["format"] == _FORMAT else {}
        return {str(key): dict(map(_line, told.items())) for key, told in files.items()}
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return {}


def _line(kept: tuple[str, Sequence[str]]) -> tuple[str, tuple[str, str]]:
    number, (author, day) = kept
    return number, (str(author), date.fromisoformat(day).isoformat())


def _keep(shelf: Path, known: _Known, used: Collection[str]) -> None:
    old = {key: told for key, told in known.items() if key not in used}
    new = {key: known[key] for key in used if key in known}
    entry = {"format": _FORMAT, "files": dict([*old.items(), *new.items()][-_KEPT:])}
    shelving.put(shelf, json.dumps(entry, separators=(",", ":")).encode())
