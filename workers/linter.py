"""Asks the ruff of a project which codes in its comments silence nothing; what it said once is remembered."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from codemods import engine, idle, linted, registry, source, splices
from codemods.comments import idle_noqa
from codemods.idle import Idle, Report
from codemods.linted import Use
from codemods.model import Facts, Problem, Tree
from workers.discover import Memory
from workers.lockers.model import RUN, UNAVAILABLE, Box
from workers.sandbox import NoAnswerError

Judge = Callable[[Use, Mapping[str, bytes]], Mapping[str, Idle]]
"""Answers with what is idle in files; those of no bytes are only there. NoAnswerError says why it cannot."""

_SAID = ".kotsu-said.json"
_PACKAGE = "__init__.py"
_LARGEST = 64 * 1024 * 1024
_CHECK = (
    *("check", "--quiet", "--no-cache", "--no-fix", "--exit-zero", "--no-respect-gitignore"),
    *("--extend-select=RUF100", "--output-format=json", f"--output-file={_SAID}", "."),
)
_FORMAT = ("format", "--quiet", "--no-cache", "--no-respect-gitignore", ".")


def nothing(_use: Use, _files: Mapping[str, bytes]) -> Mapping[str, Idle]:
    """Answer nothing: what is known where nobody is asked."""
    return {}


def judging(box: Box) -> Judge:
    """Return how to ask; every version of a project has to say so."""
    return partial(_judged, box)


def _judged(box: Box, use: Use, files: Mapping[str, bytes]) -> Mapping[str, Idle]:
    first, *others = (_idle(partial(_looked, box, use, version), files) for version in use.versions)
    return {path: _agreed(lines, [other.get(path, {}) for other in others]) for path, lines in first.items()}


def _agreed(lines: Idle, others: list[Idle]) -> Idle:
    agreed = {
        line: tuple(c for c in codes if all(c in o.get(line, ()) for o in others))
        for line, codes in lines.items()
    }
    return {line: codes for line, codes in agreed.items() if codes}


@dataclass(frozen=True, slots=True)
class _Look:
    """What one release says of files, and which of them its formatter leaves as they are."""

    reports: Mapping[str, Report]
    formatted: frozenset[str]

    def of(self, path: str) -> Report:
        """Return what it says of a file."""
        return self.reports.get(path, Report())


def _idle(look: Callable[[Mapping[str, bytes]], _Look], files: Mapping[str, bytes]) -> Mapping[str, Idle]:
    """Return what is idle, but for files that would be found to be different without it."""
    before = look(files)
    found = {path: before.of(path).idle for path, data in files.items() if data and before.of(path).whole}
    changed = {path: _without(path, files[path], lines) for path, lines in found.items() if lines}
    if not changed:
        return {}
    after = look({**{path: b"" for path, data in files.items() if not data}, **changed})
    return {path: found[path] for path in changed if _is_same(before, after, path)}


def _is_same(before: _Look, after: _Look, path: str) -> bool:
    """Say whether a file is found to have what it had before, and is formatted as well as before."""
    said = after.of(path)
    found = said.whole and said.found == before.of(path).found
    return found and (path in after.formatted or path not in before.formatted)


def _without(path: str, data: bytes, lines: Idle) -> bytes:
    known = Facts(today=date.min, idle={path: lines})
    try:
        return splices.apply(data, idle_noqa.rewrite(engine.commented(path, data), known))
    except engine.Unreadable:
        return data


def _looked(box: Box, use: Use, version: str, files: Mapping[str, bytes]) -> _Look:
    ruff = (*RUN, f"--from=ruff=={version}", "ruff")
    with box.opened({**use.settings, **files}) as folder:
        done = box.run((*ruff, *_CHECK), folder)
        if done.code:
            lacks = "cannot be brought from the index" if UNAVAILABLE in done.words else "gave no answer"
            raise NoAnswerError(f"ruff {version} {lacks}")
        reports = _read(folder, version)
        box.run((*ruff, *_FORMAT), folder)
        formatted = frozenset(p for p, data in files.items() if Path(folder, p).read_bytes() == data)
        return _Look(reports, formatted)


def _read(folder: Path, version: str) -> Mapping[str, Report]:
    said = folder / _SAID
    try:
        if said.stat().st_size > _LARGEST:
            raise NoAnswerError(f"ruff {version} finds too much")
        return idle.read(said.read_text("utf-8"), str(folder))
    except (OSError, ValueError) as error:
        raise NoAnswerError(f"what ruff {version} said cannot be read") from error


def found(
    tree: Tree, wanted: Callable[[str], bool], judge: Judge, memory: Memory | None = None
) -> tuple[Mapping[str, Idle], tuple[Problem, ...]]:
    """Return the idle codes of the wanted files of a tree, by path and line, and why there are none."""
    use = linted.read(tree)
    if use is None:
        return {}, ()
    paths, keys = frozenset(tree.paths()), _keys(tree, use, wanted)
    known = dict(_recalled(keys, memory))
    fresh: dict[str, Idle] = {path: {} for path in keys.keys() - known.keys()}
    files = {path: data for path in sorted(fresh) if idle.may_be(path, data := tree.read(path))}
    problems: tuple[Problem, ...] = ()
    if files:
        beside = dict.fromkeys((p for path in files for p in _packages(paths, path)), b"")
        try:
            fresh |= judge(use, {**beside, **files})
        except NoAnswerError as error:
            # What is open stays open: nobody knows whether anything is left to do in these files.
            problems = tuple(
                Problem(path, 1, f"its `noqa` comments were not judged: {error}") for path in files
            )
            fresh = {path: lines for path, lines in fresh.items() if path not in files}
    if memory and fresh:
        memory.remember({keys[path]: json.dumps(lines) for path, lines in sorted(fresh.items())})
    told = {**known, **fresh}
    return {path: told[path] for path in sorted(told) if told[path]}, problems


def _keys(tree: Tree, use: Use, wanted: Callable[[str], bool]) -> Mapping[str, str]:
    """Return under which key is remembered what is idle in each wanted file."""
    packages = frozenset(path for path in tree.paths() if posixpath.basename(path) == _PACKAGE)
    asked = repr((registry.shared(), use.versions, sorted(use.settings.items())))
    paths = (path for path in tree.paths() if source.is_python(path) and use.covers(path) and wanted(path))
    return {path: _key(tree.identity(path), asked, path, _packages(packages, path)) for path in paths}


def _key(blob: str, *asked: object) -> str:
    return f"{blob}:idle:{hashlib.sha256(repr(asked).encode()).hexdigest()[:16]}"


def _recalled(keys: Mapping[str, str], memory: Memory | None) -> Iterator[tuple[str, Idle]]:
    """Yield what is remembered of files."""
    known = memory.recall(list(keys.values())) if memory else {}
    for path, key in keys.items():
        if key in known:
            yield path, {int(line): tuple(codes) for line, codes in json.loads(known[key]).items()}


def _packages(known: Collection[str], path: str) -> tuple[str, ...]:
    """Return the files that make the folders above a path packages."""
    return tuple(p for folder in linted.above(path) if (p := posixpath.join(folder, _PACKAGE)) in known)
