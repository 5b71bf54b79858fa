"""What poetry's notation means, and how it is written again; poetry-core agreed with each of these."""

from __future__ import annotations

import pytest
from packaging.version import Version

from codemods import pythons, splices, versions
from codemods.manifests import poetry, pyproject
from codemods.manifests.model import Change, Manifest, Role


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("^1.2.3", ">=1.2.3,<2.0.0"),
        ("^1.2", ">=1.2,<2.0"),
        ("^ 1", ">=1,<2"),
        ("^0.2.3", ">=0.2.3,<0.3.0"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("^0.0.0.4", ">=0.0.0.4,<0.0.1.0"),
        ("^2.0b1", ">=2.0b1,<3.0"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1.2", ">=1.2,<1.3"),
        ("~1", ">=1,<2"),
        ("~=1.2", "~=1.2"),
        (">=1,<2", ">=1,<2"),
        (">= 1.2 <2 !=1.5", ">=1.2,<2,!=1.5"),
        ("1.2", "==1.2"),
        ("=1.2", "==1.2"),
        ("1.2.*", "==1.2.*"),
        ("*", ""),
        ("^1.0 || ^2.0", ">=1.0,<3.0"),
        ("~2.7|^3.6", ">=2.7,<4.0"),
    ],
)
def test_a_constraint_means_what_poetry_says(written: str, meant: str) -> None:
    assert poetry.specifier(written) == meant


@pytest.mark.parametrize(
    "written",
    ["nonsense^", "^", "^1.2.*", "^1!2.0", "~1.0+cpu", "1.2 || 1.4", "^1 || >2", "^1 ||", "^" + "9" * 5000],
)
def test_what_is_not_understood_is_no_constraint(written: str) -> None:
    assert poetry.specifier(written) is None


def _moved(written: str, version: str, *, keep_floor: bool = False) -> str | None:
    text = f'[tool.poetry.dependencies]\na = "{written}"\n'
    data = text.encode()
    (found,) = _read(text).requirements
    changes = versions.rewritten(found.clauses, Version(version), keep_floor=keep_floor)
    if changes is None:
        return None
    after = splices.apply(data, pyproject.write(data, found, Change(changes)))
    return after.decode().split('"')[1]


@pytest.mark.parametrize(
    ("before", "version", "after"),
    [
        ("^1.2", "2.3.1", "^2.3"),
        ("^1.2.3", "2.0", "^2.0.0"),
        ("^ 1.2", "2.3.1", "^ 2.3"),
        ("^1", "2.3.1", "^2"),
        ("^0.2.3", "0.115.2", "^0.115.2"),
        ("^2.0b1", "3.0rc2", "^3.0rc2"),
        ("~1.2", "2.3.1", "~2.3"),
        ("~1.2.3", "1.3", "~1.3.0"),
        ("1.2", "2.3.1", "2.3.1"),
        ("=1.2", "2.3.1", "=2.3.1"),
        (">=1.2 <2", "2.3.1", ">=1.2 <3"),
        ("^1.2,!=1.5", "2.3.1", "^2.3,!=1.5"),
        ("^1.0 || ^2.0", "3.2.1", "^1.0 || ^2.0 || ^3.0"),
        ("^1|^2", "3.2.1", "^1|^2|^3"),
        ("^0.1 || ^0.2", "0.3.4", "^0.1 || ^0.2 || ^0.3"),
        ("^1.2", "1.9", "^1.2"),
        ("^1.2", "1.1", None),
        ("^1.2", "1!2.0", None),
        ("^1.2,!=2.0", "2.0", None),
        ("~1.2 || >=2,<3", "3.1", None),
        ("^1 || ^2", "0.9", None),
        ("^1 || ^2", "3.0b1", None),
    ],
)
def test_a_constraint_keeps_its_notation(before: str, version: str, after: str | None) -> None:
    assert _moved(before, version) == after


@pytest.mark.parametrize(
    ("before", "version", "after"),
    [
        ("^1.2", "2.3.1", ">=1.2,<3.0"),
        ("^1.2.3", "2.3.1", ">=1.2.3,<3.0.0"),
        ("^0.2.3", "0.5.1", ">=0.2.3,<0.6.0"),
        ("^0.2", "1.5.1", ">=0.2,<2.0"),
        ("~1.2.3", "2.3.1", ">=1.2.3,<2.4"),
        ("^1.2 !=1.5", "2.3.1", ">=1.2,<3.0 !=1.5"),
        ("^1 || ^2", "3.2.1", "^1 || ^2 || ^3"),
    ],
)
def test_the_floor_of_a_library_stays_in_poetrys_notation(before: str, version: str, after: str) -> None:
    assert _moved(before, version, keep_floor=True) == after


def _read(text: str) -> Manifest:
    return pyproject.read("pyproject.toml", text.encode())


def test_every_table_of_poetry_is_read() -> None:
    text = """
    [tool.poetry]
    name = "own"
    [tool.poetry.dependencies]
    python = "^3.9"
    A_b = "^1.2"  # why
    c = {version = "~2.1", extras = ["X_y"], optional = true}
    d = "*"
    e = [{version = "^1", python = "<3.9"}, {version = "^2", python = ">=3.9"}]
    version = "1.0"
    [tool.poetry.dev-dependencies]
    f = "1.0"
    [tool.poetry.group."docs".dependencies.g]
    version = "^3"
    markers = "sys_platform == 'win32'"
    [tool.poetry.requires-plugins]
    i = "1.0"
    [tool.poetry.extras]
    all = ["c"]
    [tool.poetry.scripts]
    h = "1.0"
    """
    found = _read(text).requirements
    assert [(r.name, r.written, r.role) for r in found] == [
        ("a-b", "^1.2", Role.INSTALL),
        ("c", "~2.1", Role.INSTALL),
        ("d", "", Role.INSTALL),
        ("e", "^1", Role.INSTALL),
        ("e", "^2", Role.INSTALL),
        ("version", "==1.0", Role.INSTALL),
        ("f", "==1.0", Role.DEVELOPMENT),
        ("g", "^3", Role.DEVELOPMENT),
        ("i", "==1.0", Role.BUILD),
    ]
    assert found[1].extras == ("x-y",)
    assert [r.marker for r in found if r.marker] == [
        'python_full_version < "3.9"',
        'python_full_version >= "3.9"',
        'sys_platform == "win32"',
    ]
    assert {r.section for r in found[:-1]} == {"tool.poetry"}


@pytest.mark.parametrize(
    ("python", "minors"),
    [
        ("^3.12", ((3, 12), (3, 13), (3, 14), (3, 15))),
        ("<3.9", tuple(m for m in pythons.MINORS if m < (3, 9))),
        ("~2.7 || ^3.14", ((2, 7), (3, 14), (3, 15))),
        ("3.11.*", ((3, 11),)),
        (">=3.11.4,<3.13", ((3, 11), (3, 12))),
        ("*", pythons.MINORS),
        ("* || ^3.9", pythons.MINORS),
    ],
)
def test_a_constraint_on_python_is_a_marker(python: str, minors: tuple[pythons.Minor, ...]) -> None:
    (found,) = _read(
        f'[tool.poetry.dependencies]\na = {{version = "^1", python = "{python}"}}\n'
    ).requirements
    assert pythons.marked(found.marker) == minors


def test_what_restricts_in_a_way_that_is_not_understood_is_not_read() -> None:
    table = "[tool.poetry.dependencies]\n"
    assert _read(table + 'a = {version = "^1", python = "later"}\n').requirements == ()
    assert _read(table + 'a = {version = "^1", markers = "later"}\n').requirements == ()
    assert _read(table + 'a = "^1.x"\nb = ["^1", "^2"]\nc = {version = {x = "^1"}}\n').requirements == ()


def test_what_comes_from_elsewhere_is_private() -> None:
    text = """
    [tool.poetry.dependencies]
    a = {git = "https://h.test/a"}
    b = {path = "../b", develop = true}
    c = {url = "https://h.test/c.whl"}
    d = {version = "^1", source = "ours"}
    e = [{version = "^1", python = "<3.9"}, {file = "e.whl", python = ">=3.9"}]
    f = {version = "^1", source = "PyPI"}
    [tool.poetry.group.x.dependencies]
    g = {git = "https://h.test/g"}
    """
    assert _read(text).private == {"a", "b", "c", "d", "e", "g"}


def test_a_comment_behind_an_inline_table_holds_it() -> None:
    text = '[tool.poetry.dependencies]\na = {version = "^1", extras = ["#"]}  # pinned\nb = "^1"\n'
    assert {r.name: bool(r.hold) for r in _read(text).requirements} == {"a": True, "b": False}
