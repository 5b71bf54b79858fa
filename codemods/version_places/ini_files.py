"""Versions of Python in the settings of setuptools, tox, mypy and pylint that are written as INI."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from codemods.manifests import setup_cfg
from codemods.manifests.setup_cfg import Value
from codemods.version_places import model
from codemods.version_places.model import Place, Role, Row, Shape

FILES = ("setup.cfg", "tox.ini", "mypy.ini", ".mypy.ini", ".pylintrc", "pylintrc")

_VERSION = re.compile(rf"\s*(?:python)?{model.VERSION}\s*")
_JOINED = re.compile(rf"\s*{model.JOINED}\s*")
_MAPPED = re.compile(r"\s*(?:pypy-?)?(?P<version>(?P<major>3)\.(?P<minor>\d{1,2}))\s*[:=]\s*(?P<value>.*)")
_TARGETS = {
    "python_version": "mypy's `python_version`",
    "py-version": "pylint's `py-version`",
    "py_version": "isort's `py_version`",
}
_ENVIRONMENTS = frozenset({"envlist", "env_list"})
_ENVS = re.compile(r"testenv(?::.*)?")


def read(path: str, data: bytes, name: str = "") -> list[Place]:
    """Return the places of a file of settings; ``name`` is what it would be called by itself."""
    if b"\0" in data:
        return []
    found: list[Place] = []
    name = name or path.rpartition("/")[2]
    for (section, key), group in groupby(setup_cfg.values(data), key=lambda v: (v.section, v.key)):
        found += _of(path, name, section, key, list(group))
    return found


def _of(path: str, name: str, section: str, key: str, values: Sequence[Value]) -> list[Place]:
    if section == "options" and key == "python_requires":
        return [p for v in values for p in model.specifier(path, v.text, v.start, "`python_requires`")]
    if (section, key) in {("metadata", "classifiers"), ("metadata", "classifier")}:
        return _classifiers(path, values)
    return _of_tox(path, section, key, values) or _of_tools(path, name, section, key, values)


def _of_tox(path: str, section: str, key: str, values: Sequence[Value]) -> list[Place]:
    if section in {"tox", "tox:tox"} and key in _ENVIRONMENTS:
        return model.environments(path, [(v.start, v.text) for v in values], "tox's `envlist`")
    if section == "gh-actions" and key == "python":
        return _mapped(path, values)
    return []


def _of_tools(path: str, name: str, section: str, key: str, values: Sequence[Value]) -> list[Place]:
    if key in {"basepython", "base_python"} and _ENVS.fullmatch(section) and name == "tox.ini":
        found = _single(path, values, Role.RUNS, "tox's `basepython`")
        # An environment that is named after its version is about that one.
        return [replace(p, role=Role.TOLD) if _is_named(section, p) else p for p in found]
    if key in _TARGETS and section.lower() in {"mypy", "isort", "settings", "master", "main"}:
        return _single(path, values, Role.TARGET, _TARGETS[key])
    return []


def _is_named(section: str, place: Place) -> bool:
    return f"{place.minor[0]}{place.minor[1]}" in section.replace(".", "")


def _single(path: str, values: Sequence[Value], role: Role, what: str) -> list[Place]:
    found = _VERSION.fullmatch(values[0].text)
    joined = None if found else _JOINED.fullmatch(values[0].text)
    match = found or joined
    if len(values) > 1 or match is None:
        return []
    span = values[0].start + match.start("version"), values[0].start + match.end("version")
    return [Place(path, *span, model.minor(match), role, what, Shape.DOTTED if found else Shape.JOINED)]


def _span(value: Value) -> tuple[int, int]:
    lead = len(value.text) - len(value.text.lstrip())
    return value.start + lead, value.start + len(value.text.rstrip())


def _classifiers(path: str, values: Sequence[Value]) -> list[Place]:
    row = Row(tuple(map(_span, values)))
    found = (model.classifier(path, v.text.strip(), _span(v)[0], row, n) for n, v in enumerate(values))
    return [place for places in found for place in places]


def _mapped(path: str, values: Sequence[Value]) -> list[Place]:
    """Return the lines of tox-gh-actions: each names a Python and the environments that run on it."""
    row = Row(tuple(map(_span, values)))
    found: list[Place] = []
    for index, value in enumerate(values):
        named = _MAPPED.match(value.text)
        if named is None:
            continue
        what, kin = "tox-gh-actions' `python`", "pypy" if "pypy" in named[0].partition(":")[0] else ""
        span = value.start + named.start("version"), value.start + named.end("version")
        found.append(Place(path, *span, model.minor(named), Role.LISTED, what, row=row, index=index, kin=kin))
        start = value.start + named.start("value")
        for m in re.finditer(rf"(?<![\w.])py{model.JOINED}", named["value"]):
            inside = start + m.start("version"), start + m.end("version")
            found.append(
                Place(path, *inside, model.minor(m), Role.LISTED, what, Shape.JOINED, row=row, index=index)
            )
    return found
