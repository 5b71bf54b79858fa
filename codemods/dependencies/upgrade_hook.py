"""A hook that is years old judges today's code by the rules and the syntax of its own day.

The revisions in `.pre-commit-config.yaml` are moved by nobody unless somebody remembers `pre-commit
autoupdate`, which takes whatever was tagged last. This proposes the newest tag of the same shape that is
older than the release age, and never a pre-release; a frozen commit moves together with the comment that
names its version.

Where the project locks or pins the tool of a hook itself, the hook follows that version and does not go
beyond: two versions of one formatter undo each other's work.

A hook can format or judge differently afterwards: run `pre-commit run --all-files` on the branch. Hooks
that a comment holds, branches, and repositories that not everybody can read are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from packaging.version import Version

from codemods import inventory, references, versions
from codemods.inventory import Inventory
from codemods.manifests import pre_commit
from codemods.manifests.model import Manifest
from codemods.model import About, Applicability, Category, Facts, Finding, Tree

ABOUT = About(
    title="Upgrade the hooks of pre-commit",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A new hook can find or reformat what the old one let pass: run all hooks over all files once.",
    references=(
        "https://pre-commit.com/#pre-commit-configyaml---repos",
        "https://pre-commit.com/#pre-commit-autoupdate",
    ),
    needles=(),
    minutes=5,
    asks=("releases", "release_age", "today"),
)

_RULES = references.Rules("upgrade-hook", (pre_commit,))
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
_HOST = "git+https://github.com/"


def ask(tree: Tree) -> frozenset[str]:
    """Return the addresses of the hooks' repositories that have a version."""
    return references.ask(tree, _RULES)


def find(tree: Tree, facts: Facts) -> Iterable[Finding]:
    """Return what would move, repository by repository, and what would not and why."""
    followed = _followed(inventory.read(tree))
    return references.find(tree, facts, replace(_RULES, follows=lambda r: followed.get(_tool(r.address))))


def _tool(address: str) -> str:
    """Return the distribution whose versions a repository's tags are, ``""`` where that is not known."""
    return _TOOLS.get(address.lower().removeprefix(_HOST).removesuffix(".git"), "")


def _followed(found: Inventory) -> Mapping[str, tuple[Version, str]]:
    """Return for each tool that a project has in one exact version this version, and words that say so."""
    places: dict[str, dict[Version, str]] = {}
    for manifest in found.manifests:
        for name, version in _exact(manifest):
            places.setdefault(name, {}).setdefault(version, manifest.path)
    return {
        name: (version, f"is not {version}, which `{path}` has of `{name}`")
        for name, known in places.items()
        if len(known) == 1
        for version, path in known.items()
    }


def _exact(manifest: Manifest) -> Iterator[tuple[str, Version]]:
    """Return the tools that a file locks or pins, each with its version."""
    tools = frozenset(_TOOLS.values())
    for entry in manifest.lock.locked if manifest.lock else ():
        if entry.name in tools and (locked := versions.parsed(entry.version)):
            yield entry.name, locked
    for requirement in () if manifest.isolated else manifest.requirements:
        is_pin = requirement.name in tools and versions.is_pin(requirement.clauses)
        if is_pin and (pinned := versions.parsed(requirement.clauses[0].version)):
            yield requirement.name, pinned
