"""Versions of Python in Dockerfiles, in files of one line, and in what people read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from codemods.manifests import dockerfile
from codemods.version_places import model
from codemods.version_places.model import Place, Role, Row

FILES = (
    *dockerfile.FILES,
    *(".python-version", ".python-versions", ".tool-versions", "runtime.txt", "pyrightconfig.json"),
    *("README.md", "README.rst"),
)

_ARGUMENT = re.compile(
    r"^(?:\xef\xbb\xbf)?[ \t]*"
    rf"(?:ARG|ENV)[ \t]+(?:PYTHON|PY)(?:_?VER(?:SION)?)?[= ][\"']?{model.VERSION}(?!-)",
    re.MULTILINE | re.IGNORECASE,
)
_INSIDE = re.compile(
    r"(?<![\w:-])(?:/[\w./-]{0,200}/)?(?:python|pip)(?P<version>(?P<major>3)\.(?P<minor>\d{1,2}))(?![\w.]*:)"
)
_COMMENT = re.compile(r"^[ \t]*#.*", re.MULTILINE)
_SETTING = re.compile(rf"\"pythonVersion\"\s*:\s*\"{model.VERSION}\"")
_RUNTIME = re.compile(rf"\s*python-{model.VERSION}\s*")
_LINE = re.compile(rf"(?:cpython-)?{model.VERSION}")
_WORD = re.compile(r"^[ \t]*([^\s#]+)(?=[ \t]*(?:#.*)?\r?$)", re.MULTILINE)
_TOOLS = re.compile(rf"^[ \t]*python[ \t]+{model.VERSION}[ \t]*\r?$", re.MULTILINE)
_BADGE = re.compile(
    r"(?:shields\.io/badge/python-v?(?:%3E%3D)?|\bPython[ \t]?(?:>=|\xe2\x89\xa5)[ \t]?"
    r"|\bPython[ \t](?=\d\.\d{1,2}(?:\+|[ ]or[ ](?:later|newer|higher|above))))"
    rf"{model.VERSION}",
    re.IGNORECASE,
)


def read(path: str, data: bytes) -> list[Place]:
    """Return the places of a file whose name is known."""
    name, text = path.rpartition("/")[2], data.decode("latin-1")
    if any(fnmatchcase(name, glob) for glob in dockerfile.FILES):
        return list(_docker(path, data, text))
    if name.startswith("README"):
        return _told(path, text)
    patterns = {"pyrightconfig.json": (_SETTING, Role.TARGET, "pyright's `pythonVersion`")}
    if name in patterns:
        pattern, role, what = patterns[name]
        return [_place(path, m, role, what) for m in pattern.finditer(text)]
    if name == "runtime.txt":
        found = _RUNTIME.fullmatch(text.removeprefix("\xef\xbb\xbf"))
        by = 3 if text.startswith("\xef\xbb\xbf") else 0
        return [_place(path, found, Role.RUNS, "`runtime.txt`", by)] if found else []
    if name == ".tool-versions":
        return [_place(path, m, Role.RUNS, "`.tool-versions`") for m in _TOOLS.finditer(text)]
    return list(_lines(path, name, text))


def _place(path: str, found: re.Match[str], role: Role, what: str, by: int = 0) -> Place:
    start, end = found.span("version")
    return Place(path, start + by, end + by, model.minor(found), role, what, model.shape(found))


def _lines(path: str, name: str, text: str) -> Iterator[Place]:
    """Return the version of a file of pyenv, or each of several."""
    words = list(_WORD.finditer(text.replace("\xef\xbb\xbf", "   ")))
    row = Row(tuple(m.span(1) for m in words))
    for index, word in enumerate(words):
        found = _LINE.fullmatch(word[1])
        if found is None:
            continue
        place = _place(path, found, Role.RUNS, f"`{name}`", word.start(1))
        listed = len(words) > 1
        yield replace(place, role=Role.LISTED, row=row, index=index) if listed else place


def _docker(path: str, data: bytes, text: str) -> Iterator[Place]:
    official = False
    for reference in dockerfile.read(path, data).references:
        pinned = reference.version.startswith("sha256:")
        tag, at = (reference.said, reference.said_at) if pinned else (reference.version, reference.at)
        found = model.image(path, reference.name, tag, at, digest=pinned) if tag else []
        official = official or bool(found)
        yield from (
            replace(p, stuck=f"it is held by {reference.hold}") if reference.hold else p for p in found
        )
    official = official or "python:$" in text
    stuck = "" if official else "the Python of its system is another matter"
    for named in _ARGUMENT.finditer(text):
        yield replace(_place(path, named, Role.RUNS, "an argument of the build"), stuck=stuck)
    hidden = [m.span() for m in _COMMENT.finditer(text)]
    for inside in _INSIDE.finditer(text):
        start, end = inside.span("version")
        if any(a <= start < b for a, b in hidden):
            continue
        what = "a path or a command of its Python"
        yield Place(
            path,
            start,
            end,
            model.minor(re.match(model.VERSION, inside["version"]) or inside),
            Role.RUNS,
            what,
            stuck=stuck,
        )


def _told(path: str, text: str) -> list[Place]:
    return [_place(path, m, Role.TOLD, "a badge or a sentence") for m in _BADGE.finditer(text)]
