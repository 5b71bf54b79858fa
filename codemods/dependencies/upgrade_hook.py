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

from collections.abc import Iterable, Mapping
from dataclasses import replace

from packaging.version import Version

from codemods import inventory, pinned, references
from codemods.inventory import Inventory
from codemods.manifests import pre_commit
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


def ask(tree: Tree) -> frozenset[str]:
    """Return the addresses of the hooks' repositories that have a version."""
    return references.ask(tree, _RULES)


def find(tree: Tree, facts: Facts) -> Iterable[Finding]:
    """Return what would move, repository by repository, and what would not and why."""
    followed = _followed(inventory.read(tree))
    return references.find(
        tree, facts, replace(_RULES, follows=lambda r: followed.get(pinned.tool(r.address)))
    )


def _followed(found: Inventory) -> Mapping[str, tuple[Version, str]]:
    """Return for each tool that a project has in one exact version this version, and words that say so."""
    places: dict[str, dict[Version, str]] = {}
    for manifest in found.manifests:
        for name, version in pinned.exact(manifest):
            places.setdefault(name, {}).setdefault(version, manifest.path)
    return {
        name: (version, f"is not {version}, which `{path}` has of `{name}`")
        for name, known in places.items()
        if len(known) == 1
        for version, path in known.items()
    }
