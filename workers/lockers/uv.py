"""Writes uv.lock again with the uv that wrote it, from stand-ins that nothing can be built from."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.version import Version

from codemods import locks
from workers import resolver
from workers.lockers import projects, stand_ins
from workers.lockers.model import RUN, UNAVAILABLE, Box, RefusedError, Task, Writer, writing
from workers.sandbox import UV, NoAnswerError

_WRITERS: Mapping[str, Sequence[str]] = {
    "": ("0.5.31",),
    "1": ("0.6.17",),
    "2": ("0.7.22", "0.6.17"),
    "3": ("0.10.12", "0.11.33", "0.8.24"),
    "5": ("0.12.24",),
}
"""Other releases of uv that write a revision of the format, in the order in which they are tried."""
_OURS = "5"
_WHEELS = ".kotsu-wheels"
_KNOWN = frozenset({"registry", "editable", "virtual", "directory"})
_ENTRY = re.compile(rb"^\[\[package\]\]\n(?:(?!\[\[package\]\]).*\n?)*", re.MULTILINE)


def refreshed(task: Task, box: Box, writer: Writer) -> bytes:
    """Return the lock file as a writer makes it with some distributions at other versions."""
    return _written(task.path, task.after, task.versions, box, writer.command)


def writer(task: Task, box: Box) -> Writer:
    """Return the command of the uv that writes the lock file as it is; NoAnswerError when none does."""
    locked = [found.name for found in task.lock.locked]
    name = next((n for n in locked if n in task.versions), locked[0] if locked else "")
    standing = dict(zip([name], locks.versions(task.lock, name), strict=False)) if task.versions else {}

    def writes(command: tuple[str, ...]) -> bool:
        return _written(task.path, task.before, standing, box, command) == task.before[task.path]

    stale = f"uv does not write `{task.path}` as it stands"
    return writing(
        _writers(task.lock.written_by), writes, f"{stale}, so it may be older than what it was written from"
    )


def _writers(revision: str) -> Sequence[tuple[str, ...]]:
    """Return the commands to try: ours first where it knows the revision."""
    others = [(*RUN, f"--from=uv=={version}", "uv") for version in _WRITERS.get(revision, ())]
    return [(UV,), *others] if revision == _OURS else [*others, (UV,)]


def _written(
    path: str, files: Mapping[str, bytes], versions: Mapping[str, Version], box: Box, writer: Sequence[str]
) -> bytes:
    locked = _Entries(files[path])
    sources = {
        p: projects.for_uv(p, data, files.keys(), locked.unnumbered) for p, data in files.items() if p != path
    }
    with box.opened({path: files[path], **sources, **locked.wheels()}) as folder:
        links = [f"--find-links={folder / _WHEELS}"] if locked.unbuilt else []
        moves = [f"--upgrade-package={name}=={version}" for name, version in versions.items()]
        command = [*writer, "lock", "--quiet", "--no-build", "--color=never", *links, *moves]
        done = box.spelled(locked.registries).run(command, folder / posixpath.dirname(path))
        if done.code:
            raise _refusal(path, done.words, [p["name"] for p in locked.unbuilt])
        return locked.restored(Path(folder, path).read_bytes())


def _refusal(path: str, words: str, unbuilt: Sequence[str]) -> Exception:
    if UNAVAILABLE in words:
        return NoAnswerError(f"the uv that writes `{path}` cannot be brought from the index")
    if unread := resolver.unread(words, unbuilt):
        return NoAnswerError(f"`{unread}` has no wheel, so nobody knows what it goes with")
    if "No solution found" in words or "no usable wheels" in words or "building from source" in words:
        return RefusedError(words)
    if re.search(r"No interpreter found|not compatible with the project", words):
        return NoAnswerError(f"no Python that `{path}` is for is installed here")
    return NoAnswerError(f"uv could not write `{path}`")


class _Entries:
    """The entries of a lock file that stand-ins are needed for, and how they are written.

    ``unnumbered`` are projects without a version, because it is computed. ``unbuilt`` are distributions
    without a wheel: a stand-in with the dependencies that the lock file knows spares building them.
    ``registries`` are the addresses of indexes as it writes them.
    """

    def __init__(self, data: bytes) -> None:
        packages: list[dict[str, Any]] = tomllib.loads(data.decode()).get("package", [])
        if other := next((p["name"] for p in packages if not _KNOWN.intersection(p["source"])), ""):
            raise NoAnswerError(f"`{other}` does not come from the index, and nothing else is asked")
        self.unnumbered = frozenset(p["name"] for p in packages if "version" not in p)
        self.unbuilt = [p for p in packages if "sdist" in p and not p.get("wheels") and "version" in p]
        self.registries = {str(p["source"]["registry"]) for p in packages if "registry" in p["source"]}
        found: dict[str, list[str]] = {}
        for package in packages:
            found.setdefault(package["name"], []).append(str(package.get("version", "")))
        self.pins = {
            name: versions[0] for name, versions in found.items() if len(versions) == 1 and versions[0]
        }
        self.texts = {_head(text): text for text in _ENTRY.findall(data)}

    def wheels(self) -> Mapping[str, bytes]:
        """Return the stand-ins, by path."""
        return {f"{_WHEELS}/{name}": data for name, data in (_wheel(p, self.pins) for p in self.unbuilt)}

    def restored(self, data: bytes) -> bytes:
        """Return what uv wrote with these entries as they were."""
        unbuilt = {(p["name"].encode(), p["version"].encode()) for p in self.unbuilt}
        data = _ENTRY.sub(lambda m: self.texts[_head(m[0])] if _head(m[0]) in unbuilt else m[0], data)
        for name in self.unnumbered:
            entry = rf'^(\[\[package\]\]\nname = "{re.escape(name)}"\n)version = "{projects.UNKNOWN}"\n'
            data = re.sub(entry.encode(), rb"\1", data, count=1, flags=re.MULTILINE)
        return data


def _head(entry: bytes) -> tuple[bytes, bytes]:
    found = re.match(rb'\[\[package\]\]\nname = "([^"]*)"\n(?:version = "([^"]*)"\n)?', entry)
    return (found[1], found[2] or b"") if found else (b"", b"")


def _wheel(package: Mapping[str, Any], pins: Mapping[str, str]) -> tuple[str, bytes]:
    """Return the stand-in of a distribution: it needs what the lock file says, as it is locked there."""
    extras = package.get("optional-dependencies", {})
    needs = [(need, "") for need in package.get("dependencies", ())]
    needs += [(need, f"extra == '{extra}'") for extra, listed in extras.items() for need in listed]
    requires = [_needed(need, condition, pins) for need, condition in needs]
    return stand_ins.wheel(package["name"], package["version"], requires, list(extras))


def _needed(need: Mapping[str, Any], condition: str, pins: Mapping[str, str]) -> str:
    extras = f"[{','.join(need['extra'])}]" if need.get("extra") else ""
    pin = f"=={pins[need['name']]}" if need["name"] in pins else ""
    markers = [f"({need['marker']})"] if need.get("marker") else []
    markers += [condition] if condition else []
    return f"{need['name']}{extras}{pin}" + (f" ; {' and '.join(markers)}" if markers else "")
