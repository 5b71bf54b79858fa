"""A requirement leaves only with the whole of its line, and takes nothing else along."""

from __future__ import annotations

import pytest

from codemods import inventory, removals, splices
from codemods.tree import Files


def _without(path: str, text: str, name: str = "shelf") -> str | None:
    data = text.encode()
    (manifest,) = inventory.read(Files({path: data})).manifests
    requirement = next(r for r in manifest.requirements if r.name == name)
    splice = removals.line(data, requirement)
    return None if splice is None else splices.apply(data, [splice]).decode()


@pytest.mark.parametrize(
    ("path", "text", "after"),
    [
        ("requirements.txt", "a\nshelf>=1\nb\n", "a\nb\n"),
        ("requirements.txt", "a\r\nshelf", "a"),
        ("requirements.txt", "\ufeffshelf\r\nb\r\n", "\ufeffb\r\n"),
        ("requirements.txt", "shelf", ""),
        ("tox.ini", "[testenv]\ndeps =\n  shelf ; os_name == 'nt'\n", "[testenv]\ndeps =\n"),
        ("setup.py", "setup(tests_require=[\n 'a',\n 'shelf'\n])\n", "setup(tests_require=[\n 'a',\n])\n"),
        (
            "pyproject.toml",
            "[project]\ndependencies = [\n  'shelf>=1,<2',\n]\n",
            "[project]\ndependencies = [\n]\n",
        ),
    ],
)
def test_a_line_of_its_own_goes(path: str, text: str, after: str) -> None:
    assert _without(path, text) == after


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "# needed by the lamp\nshelf\n"),
        ("requirements.txt", "shelf # the lamp\n"),
        ("requirements.txt", "shelf \\\n  >=1\n"),
        ("requirements.txt", " \\\nshelf\n"),
        ("requirements.txt", f"shelf==1 --hash=sha256:{'a' * 64}\n"),
        ("setup.cfg", "[options]\ninstall_requires = shelf\n  a\n"),
        ("setup.py", "setup(install_requires=['shelf'])\n"),
        ("setup.py", "setup(install_requires=[\n 'shelf'\n , 'a'])\n"),
        ("setup.py", "setup(install_requires=[\n 'shelf', 'a',\n])\n"),
        ("pyproject.toml", "[project]\ndependencies = ['shelf',\n 'a']\n"),
        ("Pipfile", '[packages]\nshelf = "==1"\n'),
        ("script.py", "# /// script\n# dependencies = [\n#   'shelf',\n# ]\n# ///\n"),
    ],
)
def test_a_line_that_holds_more_stays(path: str, text: str) -> None:
    assert _without(path, text) is None
