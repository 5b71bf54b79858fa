"""What a project declares is found in every manifest, and nothing of it is run."""

from __future__ import annotations

import pytest
from packaging.version import Version

from codemods import project
from codemods.tree import Files


def _read(**files: str) -> project.Project:
    return project.read(Files({path: text.encode() for path, text in files.items()}))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[project]\nrequires-python = '>=3.9,<4'\n"),
        ("pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.9'\n"),
        ("pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.11 || ^3.9'\n"),
        ("pyproject.toml", "[tool.flit.metadata]\nmodule = 'x'\nrequires-python = '>=3.9'\n"),
        ("setup.cfg", "[options]\npython_requires = >=3.9\n"),
        ("setup.cfg", "[options]\npython_requires =\n    >=3.9\n"),
        ("setup.py", "import setuptools\nsetuptools.setup(python_requires='>=3.9')\n"),
        ("setup.py", "PY = '>=3.9'\nsetup(\n  python_requires=PY)\n"),
        ("packages/one/pyproject.toml", "[project]\nrequires-python = '>=3.9'\n"),
    ],
)
def test_the_floor_is_read_wherever_it_is_declared(path: str, text: str) -> None:
    found = _read(**{path: text})
    assert found.floor == (3, 9)
    assert found.pythons == tuple((3, minor) for minor in range(9, 16))


def test_the_lowest_floor_of_all_packages_counts() -> None:
    found = _read(
        **{
            "pyproject.toml": "[project]\nrequires-python = '>=3.11'\n",
            "packages/old/setup.py": "setup(python_requires='>=3.8')\n",
            "tests/fixtures/pyproject.toml": "[project]\nrequires-python = '>=3.5'\n",
            "examples/x/pyproject.toml": "[project]\nrequires-python = '>=3.6'\n",
            "vendor/x/setup.cfg": "[options]\npython_requires = >=2.7\n",
        }
    )
    assert found.floor == (3, 8)


def test_without_a_declaration_there_is_no_floor_but_perhaps_evidence() -> None:
    found = _read(
        **{"Dockerfile": "FROM python:3.11-slim\n", ".python-version": "3.12.4\n", "requirements.txt": ""}
    )
    assert (found.floor, found.pythons) == (None, ((3, 11), (3, 12)))
    assert _read(**{"requirements.txt": "a==1\n"}).pythons == ()
    conda = "dependencies:\n  - conda-forge::python=3.11.4\n  - python-dateutil=2.9\n"
    assert _read(**{"environment.yml": conda}).pythons == ((3, 11),)


def test_evidence_of_no_python_that_there_is_says_nothing() -> None:
    long = "3." + "9" * 5_000
    text = f"# Programming Language :: Python :: {long}\n"
    assert (
        _read(**{"setup.py": text, "Dockerfile": f"FROM python:{long}\n", "runtime.txt": long}).pythons == ()
    )
    blank = "\n" * 200_000
    assert _read(**{"environment.yml": f"{blank}dependencies: [a]\n"}).pythons == ()


def test_a_setup_py_is_read_and_never_run() -> None:
    found = _read(**{"setup.py": "1/0\nsetup(name='Own', python_requires=f(), version='1.2')\n"})
    assert (found.floor, found.name, found.own_version) == (None, "own", Version("1.2"))


def test_a_manifest_that_cannot_be_read_is_a_problem() -> None:
    found = _read(**{"pyproject.toml": "[", "setup.py": "print 'old'\n"})
    assert [p.path for p in found.problems] == ["pyproject.toml", "setup.py"]
    odd = _read(**{"pyproject.toml": "[project]\nrequires-python = 'three'\n"})
    assert odd.problems[0].message == "its Python `three` admits no version"


def test_the_lowest_version_a_dependency_can_have() -> None:
    found = _read(
        **{
            "pyproject.toml": "[project]\nname='own'\ndependencies=['a>=2', 'b~=3.1', 'open', 'own[x]']\n",
            "requirements.txt": "a==2.5\nc==1.0\nopen==4\n",
            "requirements-dev.txt": "d==9\na==1\n",
            "constraints.txt": "open==4\n",
        }
    )
    lowest = {name: str(version) for name, version in found.dependencies.items()}
    assert lowest == {"a": "2", "b": "3.1", "c": "1.0"}
    assert found.development == {"d": Version("9"), "a": Version("1")}


@pytest.mark.parametrize(
    ("path", "lowest"),
    [
        ("requirements.txt", {"a": Version("1.15")}),
        ("backend/requirements.txt", {"a": Version("1.15")}),
        ("contrib/automation/requirements.txt", {}),
        ("docs/requirements.txt", {}),
    ],
)
def test_what_stands_beside_a_project_says_nothing_of_it(path: str, lowest: dict[str, Version]) -> None:
    assert _read(**{path: "a==1.15\n"}).dependencies == lowest
    with_floor = _read(**{path: "a==1.15\n", "setup.cfg": "[options]\ninstall_requires =\n  a>=1.11\n"})
    assert with_floor.dependencies == {"a": Version("1.11")}


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": "[project]\nversion = '1.2'\n"},
        {"pyproject.toml": "[tool.poetry]\nversion = '1.2'\n"},
        {"pyproject.toml": "[tool.hatch.version]\npath = 'x/v.py'\n", "x/v.py": "# v\n__version__ = '1.2'\n"},
        {"setup.cfg": "[metadata]\nversion = 1.2\n"},
    ],
)
def test_the_project_s_own_version(files: dict[str, str]) -> None:
    assert _read(**files).own_version == Version("1.2")


@pytest.mark.parametrize(
    ("path", "version", "own"),
    [
        ("libs/foo/pyproject.toml", "0.3", None),
        ("libs/foo/pyproject.toml", "1.2", Version("1.2")),
        ("tests/foo/pyproject.toml", "0.3", Version("1.2")),
    ],
)
def test_two_versions_in_a_tree_are_none_of_the_whole(path: str, version: str, own: Version | None) -> None:
    files = {"pyproject.toml": "[project]\nversion = '1.2'\n", path: f"[project]\nversion = '{version}'\n"}
    assert _read(**files).own_version == own


_LOCK = """version = 1
requires-python = ">=3.11"

[[package]]
name = "lib"
version = "1.4.2"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "own"
version = "0.1"
source = { virtual = "." }
dependencies = [{ name = "lib" }]
"""


@pytest.mark.parametrize(
    ("packaged", "lowest"),
    [("[tool.uv]\npackage = false\n", "1.4.2"), ("[build-system]\nrequires = []\n", "1.2")],
)
def test_an_application_has_what_its_lock_file_says_and_a_library_what_it_admits(
    packaged: str, lowest: str
) -> None:
    project_ = '[project]\nname = "own"\nversion = "0.1"\ndependencies = ["lib>=1.2"]\n'
    found = project.read(
        Files({"pyproject.toml": f"{project_}{packaged}".encode(), "uv.lock": _LOCK.encode()})
    )
    assert found.dependencies == {"lib": Version(lowest)}
