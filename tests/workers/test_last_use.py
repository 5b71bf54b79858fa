"""A library goes in steps: its last use, then its dependency and the way back to it, then nothing more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from codemods import registry
from codemods.tree import Files
from workers import config, facts, scan
from workers.model import Past, Report, State

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_PYPROJECT = b'[project]\nname = "shelf"\nrequires-python = ">=3.11"\ndependencies = [\n    "click",\n]\n'
_RUFF = b'[lint]\nselect = ["ALL"]\n'
_USES = {
    "six-usage": ("six", b"import six\n\nprint(isinstance(NAME, six.string_types))\n"),
    "mock-backport": ("mock", b"from mock import Mock\n\nprint(Mock())\n"),
    "tomli-backport": ("tomli", b"import tomli\n\nprint(tomli.loads(TEXT))\n"),
}


def _scanned(files: dict[str, bytes], improvement: str, past: list[Past]) -> Report:
    known = registry.catalogue()
    wanted = (improvement, "replaced-dependency", "no-way-back")
    request = scan.Request(
        tree=Files(files),
        catalogue={id_: known[id_] for id_ in wanted},
        config=config.defaults(),
        now=_NOW,
        lookup=facts.nothing,
        past=past,
        everything=True,
    )
    return scan.run(request)


def _merged(files: dict[str, bytes], report: Report) -> dict[str, bytes]:
    edits = (edit for proposal in report.proposals for edit in proposal.edits)
    return files | {edit.path: edit.after for edit in edits if edit.after is not None}


@pytest.mark.parametrize("improvement", list(_USES))
def test_a_library_leaves_a_repository_step_by_step(improvement: str) -> None:
    name, code = _USES[improvement]
    requirements = f"click\n{name}\n".encode()
    files = {
        "pyproject.toml": _PYPROJECT,
        "ruff.toml": _RUFF,
        "requirements.txt": requirements,
        "shop/old.py": code,
    }
    first = _scanned(files, improvement, [])
    assert [p.key for p in first.proposals] == [improvement]
    files, past = _merged(files, first), [Past(improvement, State.MERGED, _NOW)]
    second = _scanned(files, improvement, past)
    assert sorted(p.key for p in second.proposals) == [f"no-way-back/{name}", f"replaced-dependency/{name}"]
    files = _merged(files, second)
    assert files["requirements.txt"] == b"click\n"
    assert f'"{name}".msg'.encode() in files["ruff.toml"]
    past += [Past(p.key, State.MERGED, _NOW) for p in second.proposals]
    assert not _scanned(files, improvement, past).proposals


def test_a_library_that_is_still_used_keeps_its_dependency() -> None:
    files = {
        "pyproject.toml": _PYPROJECT,
        "ruff.toml": _RUFF,
        "requirements.txt": b"click\nsix\n",
        "shop/old.py": b"import six\n\nprint(six.u(NAME))\n",
    }
    past = [Past("six-usage", State.MERGED, _NOW)]
    assert "replaced-dependency/six" not in {p.key for p in _scanned(files, "six-usage", past).proposals}
