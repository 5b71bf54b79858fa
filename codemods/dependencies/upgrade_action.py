"""An action runs with the repository's token, and an old one runs on a Node that GitHub has given up.

Actions are pinned by a tag in each workflow, and nobody looks at those lines again until a runner refuses
them. This proposes the newest tag of the same shape: `v4` becomes `v5` where such a tag exists, `v4.1.2`
becomes a full version again, and a commit with its version in a comment moves together with the comment.

All places that use an action move together, or none does. Tags younger than the release age wait, and so do
those without a date. Branches, commits without a version beside them, and places that a comment holds are
left alone; so is a commit that is not the one its comment names.
"""

from __future__ import annotations

from collections.abc import Iterable

from codemods import references
from codemods.manifests import actions
from codemods.model import About, Applicability, Category, Facts, Finding, Tree

ABOUT = About(
    title="Upgrade the actions that workflows use",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A new major can rename inputs or need a newer runner: read its notes, and see the checks run.",
    references=(
        "https://docs.github.com/en/actions/reference/security/secure-use",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax",
    ),
    needles=(),
    minutes=5,
    asks=("releases", "release_age", "today"),
)

_RULES = references.Rules("upgrade-action", (actions,))


def ask(tree: Tree) -> frozenset[str]:
    """Return the addresses of the actions that have a version."""
    return references.ask(tree, _RULES)


def find(tree: Tree, facts: Facts) -> Iterable[Finding]:
    """Return what would move, action by action, and what would not and why."""
    return references.find(tree, facts, _RULES)
