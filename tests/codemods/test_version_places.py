"""Whatever stands in a file that names a Python: reading it never fails, and writing fits what was read."""

from __future__ import annotations

import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemods import splices
from codemods.tree import Files
from codemods.version_places import everywhere, writing
from codemods.version_places.model import Place, Role
from tests.codemods import harbour

_PATHS = pytest.mark.parametrize("path", sorted(harbour.files()))
_QUICK = settings(max_examples=30, deadline=None, derandomize=True, database=None)
_DICE = st.randoms(use_true_random=False)
_PIECES = (
    b"3.10",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b'"',
    b"'",
    b"\n",
    b"\r\n",
    b"#",
    b" ",
    b"py39",
    b"- ",
    b"\xff",
    b":",
)


def _read(path: str, data: bytes) -> tuple[Place, ...]:
    return everywhere.read(Files({path: data}))


def _mutated(data: bytes, dice: Random) -> bytes:
    for _ in range(dice.randint(1, 6)):
        start = dice.randrange(len(data) + 1)
        end = min(len(data), start + dice.choice((0, 0, 1, 3, 20)))
        data = data[:start] + dice.choice((b"", *_PIECES)) + data[end:]
    return data


@_PATHS
@_QUICK
@given(dice=_DICE)
def test_a_strange_file_is_read_and_written_without_failing(path: str, dice: Random) -> None:
    data = _mutated(harbour.files()[path], dice)
    places = _read(path, data)
    for place in places:
        assert 0 <= place.start <= place.end <= len(data)
        if place.role is not Role.UNKNOWN and place.minor != (2, 0):
            assert str(place.minor[1]).encode() in data[place.start : place.end]
    splices.apply(data, writing.raised(data, places, (3, 11), "3.11.14")[0])
    splices.apply(data, writing.added(data, places, (3, 13), (3, 14), lambda _: True))


@_PATHS
def test_what_was_raised_is_read_as_that(path: str) -> None:
    for data in (harbour.files()[path], harbour.files()[path].replace(b"\n", b"\r\n")):
        places = _read(path, data)
        made, left = writing.raised(data, places, (3, 12), "3.12.12")
        after = _read(path, splices.apply(data, made))
        assert (min(p.minor for p in after), left) == ((3, 12), [])
        assert {p.what for p in after} == {p.what for p in places}


@_PATHS
def test_what_is_long_takes_no_more_time_than_it_is_long(path: str) -> None:
    data = harbour.files()[path]
    for unit in (b" ", b"\n", b"/", b"{", b"py39,", b"3.9 ", b"tox ", b"- ", b"python3"):
        for at in (0, len(data) // 2, len(data)):
            started = time.process_time()
            _read(path, data[:at] + unit * (20_000 // len(unit)) + data[at:])
            assert time.process_time() - started < 2, unit


@pytest.mark.parametrize(
    "path",
    ["docs/notes.md", "node_modules/x/.python-version", "src/.github/workflows/ci.yml", "tests/tox.ini"],
)
def test_what_is_no_place_of_the_project_is_not_read(path: str) -> None:
    assert _read(path, b"[tox]\nenvlist = py39\n3.9\nFROM python:3.9\n") == ()


_RAISED = [
    (
        "template.yaml",
        "Resources:\n  F:\n    Properties:\n      Role: !Ref R\n      Runtime: python3.9\n",
        "python3.11",
    ),
    (
        "azure-pipelines.yml",
        "steps:\n- task: UsePythonVersion@0\n  inputs:\n    versionSpec: 3.9\n",
        ": 3.11",
    ),
    (".travis.yml", "language: python\npython:\n  - 3.9\n  - 3.12\n", "  - 3.11\n"),
    (".gitlab-ci.yml", "test:\n  image: python:3.9-slim\n", "python:3.11-slim"),
    (
        ".circleci/config.yml",
        "jobs:\n  a:\n    docker:\n      - image: cimg/python:3.9\n",
        "cimg/python:3.11",
    ),
    ("mise.toml", '[tools]\npython = "3.9"\n', '"3.11"'),
    ("Pipfile", '[requires]\npython_version = "3.9"\n', '"3.11"'),
    ("mypy.ini", "[mypy]\npython_version = 3.9\n", "= 3.11"),
    (".pylintrc", "[MAIN]\npy-version=3.9\n", "=3.11"),
    ("pyrightconfig.json", '{"pythonVersion": "3.9"}\n', '"3.11"'),
    ("tox.toml", 'env_list = ["3.9", "3.12", "lint"]\n', '["3.11", "3.12", "lint"]'),
    ("environment.yml", "dependencies:\n  - python>=3.9\n", ">=3.11"),
    ("requirements/Dockerfile", "ARG PYTHON_VERSION=3.9\nFROM python:${PYTHON_VERSION}\n", "=3.11"),
    (".readthedocs.yml", "version: 2\nbuild:\n  tools: {python: '3.9'}\n", "'3.11'"),
    ("setup.cfg", "[options]\npython_requires = >3.8, <4\n", "= >=3.11, <4"),
    ("pyproject.toml", '[tool.poetry.dependencies]\npython = "~3.9.1"\n', '"~3.11.0"'),
    ("pyproject.toml", '[project]\nrequires-python = "==3.9.*"\n', '"==3.11.*"'),
    (".python-version", "pypy3.9\n3.9.1\n", "3.11.14"),
]


@pytest.mark.parametrize(("path", "text", "expected"), _RAISED)
def test_each_notation_is_kept(path: str, text: str, expected: str) -> None:
    places = _read(path, text.encode())
    made, left = writing.raised(text.encode(), places, (3, 11), "3.11.14")
    after = splices.apply(text.encode(), made).decode()
    assert expected in after
    assert left == []
    assert writing.raised(after.encode(), _read(path, after.encode()), (3, 11), "3.11.14") == ([], [])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("template.yaml", "Resources:\n  F:\n    Properties:\n      Runtime: nodejs20.x\n"),
        (".gitlab-ci.yml", "test:\n  image: registry.example.org/tools:3.9\n"),
        ("compose.yml", "services:\n  db:\n    image: postgres:3.9\n"),
        ("environment.yml", "dependencies:\n  - python-dateutil=3.9\n"),
        ("app.yaml", "runtime: nodejs20\n"),
        ("tox.ini", "[testenv]\ndeps = py39-dependency\n"),
        ("setup.cfg", "[options]\ninstall_requires = django>=3.2\n"),
        ("runtime.txt", "3.9\n"),
        (".tool-versions", "ruby 3.2.1\n"),
        ("pyproject.toml", '[project]\ndynamic = ["requires-python"]\nversion = "3.9"\n'),
        (
            ".pre-commit-config.yaml",
            "repos:\n- repo: x\n  rev: v3.9\n  hooks:\n  - {id: y, args: [--py3-plus]}\n",
        ),
        (".github/workflows/ci.yml", "jobs:\n  a:\n    if: matrix.pydantic-version == '2.0'\n"),
        (".github/workflows/ci.yml", "jobs:\n  a:\n    strategy:\n      matrix: {ruby: ['3.1', '3.2']}\n"),
    ],
)
def test_a_version_of_something_else_is_no_place(path: str, text: str) -> None:
    assert _read(path, text.encode()) == ()


_PROJECT = b'[project]\nrequires-python = ">=3.%d"\n[tool.ruff]\ntarget-version = "py3%d"\n'


def test_each_project_of_a_repository_has_a_lowest_python_of_its_own() -> None:
    tree = {"a/pyproject.toml": _PROJECT % (11, 11), "b/pyproject.toml": _PROJECT % (12, 12)}
    assert everywhere.contradictions(everywhere.read(Files(tree))) == []


def test_a_project_within_another_is_held_against_what_it_says_itself() -> None:
    tree = {
        "pyproject.toml": _PROJECT % (11, 11),
        "b/pyproject.toml": _PROJECT % (12, 11),
        "b/Dockerfile": b"FROM python:3.11\n",
        "c/Dockerfile": b"FROM python:3.11\n",
    }
    said = [(c.place.path, c.sentence) for c in everywhere.contradictions(everywhere.read(Files(tree)))]
    assert said == [
        ("b/Dockerfile", "the image `python` says 3.11, and the lowest declared Python is 3.12"),
        ("b/pyproject.toml", "ruff's `target-version` says 3.11, and the lowest declared Python is 3.12"),
    ]


def test_lists_that_stand_at_the_same_bytes_of_two_files_are_two_lists() -> None:
    tox = b"[tox]\nenvlist = py3%d\n"
    tree = {"a/tox.ini": tox % 11, "b/tox.ini": tox % 12, "pyproject.toml": _PROJECT % (11, 11)}
    said = [c.place.path for c in everywhere.contradictions(everywhere.read(Files(tree)))]
    assert said == ["b/tox.ini"]
