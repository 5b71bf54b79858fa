"""A hook that is years old judges today's code by the rules and the syntax of its own day.

The revisions in `.pre-commit-config.yaml` are moved by nobody unless somebody remembers `pre-commit
autoupdate`, which takes whatever was tagged last. This proposes the newest tag of the same shape that is
older than the release age, and never a pre-release; a frozen commit moves together with the comment that
names its version.

A hook can format or judge differently afterwards: run `pre-commit run --all-files` on the branch. Hooks
that a comment holds, branches, and repositories that not everybody can read are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from codemods import references
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
    return references.find(tree, facts, _RULES)
