"""Tells which tool stands behind a hook, and the one exact version in which a file has a tool."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from codemods import versions
from codemods.manifests.model import Manifest

_TOOLS = {
    "adamchainz/django-upgrade": "django-upgrade",
    "adrienverge/yamllint": "yamllint",
    "asottile/pyupgrade": "pyupgrade",
    "astral-sh/ruff-pre-commit": "ruff",
    "astral-sh/uv-pre-commit": "uv",
    "charliermarsh/ruff-pre-commit": "ruff",
    "codespell-project/codespell": "codespell",
    "commitizen-tools/commitizen": "commitizen",
    "google/yapf": "yapf",
    "jendrikseipp/vulture": "vulture",
    "pdm-project/pdm": "pdm",
    "pre-commit/mirrors-mypy": "mypy",
    "psf/black": "black",
    "psf/black-pre-commit-mirror": "black",
    "pycqa/bandit": "bandit",
    "pycqa/docformatter": "docformatter",
    "pycqa/flake8": "flake8",
    "pycqa/isort": "isort",
    "pycqa/pydocstyle": "pydocstyle",
    "pycqa/pylint": "pylint",
    "python-jsonschema/check-jsonschema": "check-jsonschema",
    "python-poetry/poetry": "poetry",
    "robertcraigie/pyright-python": "pyright",
    "sqlfluff/sqlfluff": "sqlfluff",
    "tox-dev/pyproject-fmt": "pyproject-fmt",
}
"""Repositories on GitHub whose tags are the versions of one distribution."""
_NAMES = frozenset(_TOOLS.values())
_HOST = "git+https://github.com/"


def tool(address: str) -> str:
    """Return the distribution whose versions a repository's tags are, ``""`` where that is not known."""
    return _TOOLS.get(address.lower().removeprefix(_HOST).removesuffix(".git"), "")


def exact(manifest: Manifest) -> Iterator[tuple[str, Version]]:
    """Yield the tools that a file locks or pins, each with its version."""
    for entry in manifest.lock.locked if manifest.lock else ():
        if entry.name in _NAMES and (locked := versions.parsed(entry.version)):
            yield entry.name, locked
    for requirement in () if manifest.isolated else manifest.requirements:
        is_pin = requirement.name in _NAMES and versions.is_pin(requirement.clauses)
        if is_pin and (fixed := versions.parsed(requirement.clauses[0].version)):
            yield requirement.name, fixed
