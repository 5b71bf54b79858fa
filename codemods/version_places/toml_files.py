"""Versions of Python in TOML: pyproject.toml and the settings of single tools."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from codemods.manifests import toml_document, toml_strings
from codemods.manifests.toml_strings import Literal
from codemods.version_places import ini_files, model
from codemods.version_places.model import Place, Role, Row, Shape

_BOM = b"\xef\xbb\xbf"
_TARGET = re.compile(rf"(?:py)?(?:{model.JOINED})")
_DOTTED = re.compile(model.VERSION)
_RUNS = re.compile(rf"(?:python|cpython-?|py)?{model.VERSION}")
_BUILD = re.compile(r"\S+")
_WHEEL = re.compile(rf"cp{model.JOINED}")

Keys = tuple[str | int, ...]


def read(path: str, data: bytes) -> list[Place]:
    """Return the places of a TOML file; none of one that is not valid."""
    try:
        toml_document.parse(data)
    except ValueError:
        return []
    text = data.decode("latin-1")
    literals = list(toml_strings.find(text, len(_BOM) if data.startswith(_BOM) else 0))
    found: list[Place] = []
    for keys, group in groupby(
        literals, key=lambda x: x.path[:-1] if isinstance(x.path[-1], int) else x.path
    ):
        members = list(group)
        found += _of(path, keys, members, literals)
    return found


def _of(path: str, keys: Keys, members: Sequence[Literal], everything: Sequence[Literal]) -> Iterator[Place]:
    plain = [m for m in members if not m.escaped]
    of = _named(path.rpartition("/")[2], keys)
    if of is None:
        return
    what, reader = of
    if isinstance(members[0].path[-1], int):
        yield from _list(path, what, members, everything)
        return
    for literal in plain or members:
        if reader is _legacy or not literal.escaped:
            yield from reader(path, literal, what)


def _list(path: str, what: str, members: Sequence[Literal], everything: Sequence[Literal]) -> Iterator[Place]:
    keys = members[0].path[:-1]
    others = any(x.path[: len(keys)] == keys and len(x.path) > len(keys) + 1 for x in everything)
    complete = [m.path[-1] for m in members] == list(range(len(members))) and not others
    broken = "" if complete else "its list holds more than texts"
    row = Row(tuple((m.start - 1, m.end + 1) for m in members), broken=broken)
    for index, literal in enumerate(members):
        if not literal.escaped:
            yield from _element(path, literal, what, row, index)


def _element(path: str, literal: Literal, what: str, row: Row, index: int) -> Sequence[Place]:
    text, start = literal.raw, literal.start
    if what == "a classifier":
        return model.classifier(path, text, start, row, index)
    if (found := _WHEEL.match(text)) and "build" in what:
        return _joined(path, found, start, what, row, index)
    if (found := _TARGET.fullmatch(text)) and "target" in what:
        return _joined(path, found, start, what, row, index)
    inner = model.environments(path, [(start, text)], what) if "{" in text else []
    return (
        inner
        or model.listed(path, text, start, what, row, index)
        or model.factor(path, text, start, what, row, index)
    )


def _joined(  # noqa: PLR0913, PLR0917 -- where it stands, and what it is
    path: str, found: re.Match[str], start: int, what: str, row: Row, index: int
) -> list[Place]:
    span = start + found.start("version"), start + found.end("version")
    return [Place(path, *span, model.minor(found), Role.LISTED, what, Shape.JOINED, row=row, index=index)]


def _specifier(path: str, literal: Literal, what: str) -> Sequence[Place]:
    return model.specifier(path, literal.raw, literal.start, what)


def _target(path: str, literal: Literal, what: str) -> Sequence[Place]:
    found = _TARGET.fullmatch(literal.raw)
    return (
        _one(path, literal, found, Role.TARGET, what, Shape.JOINED)
        if found
        else _version(path, literal, what)
    )


def _version(path: str, literal: Literal, what: str) -> Sequence[Place]:
    found = _DOTTED.fullmatch(literal.raw)
    return _one(path, literal, found, Role.TARGET, what, Shape.DOTTED)


def _runs(path: str, literal: Literal, what: str) -> Sequence[Place]:
    found = _RUNS.fullmatch(literal.raw)
    return _one(path, literal, found, Role.RUNS, what, model.shape(found) if found else Shape.DOTTED)


def _one(  # noqa: PLR0913, PLR0917 -- see _joined
    path: str, literal: Literal, found: re.Match[str] | None, role: Role, what: str, shape: Shape
) -> Sequence[Place]:
    if found is None:
        return ()
    span = literal.start + found.start("version"), literal.start + found.end("version")
    return [Place(path, *span, model.minor(found), role, what, shape)]


def _builds(path: str, literal: Literal, what: str) -> Sequence[Place]:
    return builds(path, literal.raw, literal.start, what)


def builds(path: str, text: str, start: int, what: str) -> list[Place]:
    """Return the versions in a list of the wheels that cibuildwheel builds, between blanks."""
    words = list(_BUILD.finditer(text))
    row = Row(tuple((start + w.start(), start + w.end()) for w in words))
    found = ((n, w, _WHEEL.match(w[0])) for n, w in enumerate(words))
    return [p for n, w, m in found if m for p in _joined(path, m, start + w.start(), what, row, n)]


def _legacy(path: str, literal: Literal, what: str) -> Sequence[Place]:  # noqa: ARG001 -- the shape of Reader
    data = literal.raw.encode("latin-1")
    return [_shifted(place, literal.start) for place in ini_files.read(path, data, "tox.ini")]


def _shifted(place: Place, by: int) -> Place:
    row = place.row
    if row:
        row = replace(row, elements=tuple((a + by, b + by) for a, b in row.elements))
    return replace(place, start=place.start + by, end=place.end + by, row=row)


Reader = Callable[[str, Literal, str], Sequence[Place]]

_PYPROJECT: Mapping[str, tuple[str, Reader]] = {
    "project.requires-python": ("`requires-python`", _specifier),
    "tool.flit.metadata.requires-python": ("`requires-python`", _specifier),
    "tool.poetry.dependencies.python": ("poetry's `python`", _specifier),
    "tool.poetry.dependencies.python.version": ("poetry's `python`", _specifier),
    "project.classifiers": ("a classifier", _specifier),
    "tool.poetry.classifiers": ("a classifier", _specifier),
    "tool.flit.metadata.classifiers": ("a classifier", _specifier),
    "tool.ruff.target-version": ("ruff's `target-version`", _target),
    "tool.black.target-version": ("black's `target-version`", _target),
    "tool.mypy.python_version": ("mypy's `python_version`", _version),
    "tool.pyright.pythonVersion": ("pyright's `pythonVersion`", _version),
    "tool.basedpyright.pythonVersion": ("pyright's `pythonVersion`", _version),
    "tool.ty.environment.python-version": ("ty's `python-version`", _version),
    "tool.pyrefly.python-version": ("pyrefly's `python-version`", _version),
    "tool.pylint.main.py-version": ("pylint's `py-version`", _version),
    "tool.pylint.master.py-version": ("pylint's `py-version`", _version),
    "tool.isort.py_version": ("isort's `py_version`", _target),
    "tool.cibuildwheel.build": ("cibuildwheel's `build`", _builds),
    "tool.tox.env_list": ("tox's `env_list`", _runs),
    "tool.tox.envlist": ("tox's `env_list`", _runs),
    "tool.tox.legacy_tox_ini": ("tox's `envlist`", _legacy),
}
_OTHERS: Mapping[str, Mapping[str, tuple[str, Reader]]] = {
    "ruff.toml": {"target-version": ("ruff's `target-version`", _target)},
    ".ruff.toml": {"target-version": ("ruff's `target-version`", _target)},
    "tox.toml": {"env_list": ("tox's `env_list`", _runs)},
    "Pipfile": {
        "requires.python_version": ("Pipfile's `python_version`", _runs),
        "requires.python_full_version": ("Pipfile's `python_full_version`", _runs),
    },
    "mise.toml": {"tools.python": ("mise's `python`", _runs)},
    ".mise.toml": {"tools.python": ("mise's `python`", _runs)},
}
_HATCH = re.compile(r"(?:tool\.hatch\.)?envs\.[^.]+\.(?:matrix\.\d+\.python(?P<list>)|python)")
_TOX = re.compile(
    r"(?:tool\.tox\.)?(?:env|env_base)(?:\.[^.]+|_run_base)?\.(?:base_?python|default_base_python)"
)

FILES = ("pyproject.toml", "hatch.toml", *_OTHERS)


def _named(name: str, keys: Keys) -> tuple[str, Reader] | None:
    dotted = ".".join(map(str, keys)).replace("tool.pylint.MASTER", "tool.pylint.main")
    table = _PYPROJECT if name == "pyproject.toml" else _OTHERS.get(name, {})
    if dotted in table:
        return table[dotted]
    if name in {"pyproject.toml", "hatch.toml"} and _HATCH.fullmatch(dotted):
        return "hatch's `python`", _runs
    if name in {"pyproject.toml", "tox.toml"} and _TOX.fullmatch(dotted):
        return "tox's `base_python`", _runs
    return None
