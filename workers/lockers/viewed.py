"""What the tools have in common that write a lock file on a view of the index."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from re import Pattern
from typing import Protocol

from packaging.utils import canonicalize_name
from packaging.version import Version

from workers.lockers.model import UNAVAILABLE, Box, RefusedError, StaleError, Task, Writer, writing
from workers.lockers.view import Rules
from workers.sandbox import Done, NoAnswerError

_NEEDED = re.compile(r" depends? on ([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)
_ROUNDS = 8
"""How often a lock file is tried with more that may move along."""


def loosened(write: Callable[[frozenset[str]], bytes], task: Task) -> bytes:
    """Write a lock file where nothing else moves; if that is refused, what is needed may move along."""
    locked = {entry.name for entry in task.lock.locked} - task.versions.keys()
    free: frozenset[str] = frozenset()
    for _ in range(_ROUNDS):
        try:
            return write(free)
        except RefusedError as error:
            needed = locked.intersection(map(canonicalize_name, _NEEDED.findall(str(error))))
            if needed <= free:
                raise
            free |= needed
    return write(free)


class Entries(Protocol):
    """A lock file in pieces."""

    def without(self, names: Collection[str]) -> bytes:
        """Return the file less what it says of some names: the tool is free there."""

    def locked(self) -> Mapping[str, Mapping[Version, Collection[str]]]:
        """Return the names or sha256 digests of the files that are listed, by distribution and version."""

    def wheels(self) -> Mapping[str, bytes]:
        """Return what stands in for distributions without a wheel, by file name."""

    def restored(self, data: bytes) -> bytes:
        """Return what the tool wrote, with what something stood in for as it was."""


@dataclass(frozen=True)
class Tool:
    """A tool that keeps what its lock file says, and is free where it says nothing.

    ``commands`` are those to try, the likeliest first. ``source`` is the name of the file that a lock file is
    written from, ``stand_in`` what the tool gets of it, ``settings`` its environment for an index. Of what it
    says, ``refusal`` means that there is no solution, ``unfit`` that no Python here is right, ``depends`` who
    needs what, with uv's words for it. A tool that writes everything anew is ``strict``: it is shown what is
    locked and nothing else.
    """

    name: str
    source: str
    commands: Callable[[Task], Iterable[tuple[str, ...]]]
    stand_in: Callable[[str, bytes], bytes]
    parsed: Callable[[bytes], Entries]
    settings: Callable[[str], Mapping[str, str]]
    refusal: Pattern[str]
    unfit: Pattern[str]
    depends: tuple[Pattern[str], str]
    strict: bool = False

    def writer(self, task: Task, box: Box) -> Writer:
        """Return the command that writes the lock file as it is; NoAnswerError when none does."""

        def writes(command: tuple[str, ...]) -> bool:
            return self._written(task.path, task.before, {}, box, command) == task.before[task.path]

        stale = f"{self.name} does not write `{task.path}` as it stands"
        return writing(
            self.commands(task), writes, f"{stale}, so it may be older than what it was written from"
        )

    def refreshed(self, task: Task, box: Box, writer: Writer) -> bytes:
        """Return the lock file with some distributions at other versions."""

        def write(free: frozenset[str]) -> bytes:
            return self._written(task.path, task.after, task.versions, box, writer.command, free)

        return loosened(write, task) if self.strict else write(frozenset())

    def _written(  # noqa: PLR0913, PLR0917 -- one run is all of these
        self,
        path: str,
        files: Mapping[str, bytes],
        versions: Mapping[str, Version],
        box: Box,
        command: tuple[str, ...],
        free: frozenset[str] = frozenset(),
    ) -> bytes:
        standing = self.parsed(files[path])
        source = posixpath.join(posixpath.dirname(path), self.source)
        given = {path: standing.without(versions), source: self.stand_in(source, files[source])}
        rules = Rules(standing.locked(), versions, standing.wheels(), self.strict, free)
        with box.opened(given) as folder, box.view(rules) as index:
            place, settings = folder / posixpath.dirname(path), self.settings(index.address)
            done = box.run_viewed(command, place, settings, self.name)
            index.check(path)
            if done.code:
                raise self._refused(path, done)
            return standing.restored(index.real(Path(folder, path).read_bytes()))

    def _refused(self, path: str, done: Done) -> Exception:
        if UNAVAILABLE in done.words:
            return NoAnswerError(f"the {self.name} that writes `{path}` cannot be brought from the index")
        if self.refusal.search(done.words):
            pattern, words = self.depends
            return RefusedError(pattern.sub(words, done.words))
        if self.unfit.search(done.words):
            return StaleError(f"no Python that `{path}` is for is installed here")
        return NoAnswerError(f"{self.name} could not write `{path}`")
