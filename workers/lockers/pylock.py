"""Compiles pylock.toml again with uv, on a view of the index that shows what is locked and what moves."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.version import Version

from codemods.manifests import compiled
from workers.lockers import entries, projects
from workers.lockers.entries import Table
from workers.lockers.model import Box, RefusedError, Task, Writer, writing
from workers.lockers.view import Rules
from workers.lockers.viewed import loosened
from workers.sandbox import UV, NoAnswerError

_COMPILE = (UV, "pip", "compile", "--quiet", "--no-config", "--no-header", "--color=never")
_HEAD = re.compile(rb"(?:#[^\n]*\n)*")


def writer(task: Task, box: Box) -> Writer:
    """Return the command that compiles the file as it is; NoAnswerError when it does not."""

    def writes(command: tuple[str, ...]) -> bool:
        return _written(task, task.before, {}, box, Writer(command)) == task.before[task.path]

    stale = f"uv does not compile `{task.path}` as it stands"
    return writing([_command(task)], writes, f"{stale}, so it may be older than what it was compiled from")


def refreshed(task: Task, box: Box, writer: Writer) -> bytes:
    """Return the file with some distributions at other versions."""
    return loosened(lambda free: _written(task, task.after, task.versions, box, writer, free), task)


def _command(task: Task) -> tuple[str, ...]:
    given = compiled.command(task.lock.command)
    if given is None or given.unknown or not given.sources:
        raise NoAnswerError(f"the header of `{task.path}` does not say how uv compiled it")
    options = list(given.options)
    if task.lock.written_by and not any(o.startswith("--python-version") for o in options):
        options.append(f"--python-version={task.lock.written_by}")
    output = posixpath.relpath(task.path, task.lock.folder or ".")
    sources = projects.named(task, given)
    return (*_COMPILE, *options, "--format=pylock.toml", f"--output-file={output}", "--", *sources)


def _written(  # noqa: PLR0913, PLR0917 -- one run is all of these
    task: Task,
    files: Mapping[str, bytes],
    versions: Mapping[str, Version],
    box: Box,
    writer: Writer,
    free: frozenset[str] = frozenset(),
) -> bytes:
    path = task.path
    standing = entries.parsed(files[path], _needs, "packages")
    given = {p: projects.source(p, data, files.keys()) for p, data in files.items() if p != path}
    rules = Rules(standing.locked(), versions, standing.wheels(), strict=True, free=free)
    with box.opened(given) as folder, box.view(rules) as view:
        settings = {"UV_DEFAULT_INDEX": view.address}
        done = box.run_viewed(writer.command, folder / task.lock.folder, settings, "uv")
        view.check(path)
        if "No solution found" in done.words:
            raise RefusedError(done.words)
        if done.code:
            raise NoAnswerError(f"uv could not compile `{path}`")
        made = standing.restored(view.real(Path(folder, path).read_bytes()))
    head = _HEAD.match(files[path])
    return (head[0] if head else b"") + made


def _needs(package: Table) -> Iterator[tuple[str, str]]:
    """Return the names that an entry needs, as far as it says so."""
    yield from ((str(need.get("name", "")), "") for need in package.get("dependencies", ()))
