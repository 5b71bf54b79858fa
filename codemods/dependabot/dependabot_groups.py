"""Dependabot opens one pull request for each dependency, and each of them runs all checks and wants a review.

With a group for minor and patch releases those come together: one run and one look for what semantic
versioning calls compatible. Major releases keep coming one by one, and so do security updates. Where one
member of the group breaks a check, the others wait with it until you take it out.

Since teams differ about that, it is proposed only where kotsu.yml names it. A file that has groups anywhere
is left alone, and so are blocks whose version updates are off.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemods import document, insertions, updates, workflow
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Group Dependabot's minor and patch updates",
    category=Category.SPEED,
    applicability=Applicability.UNSAFE,
    risk="One update that breaks a check holds back the others of its group.",
    references=(
        "https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference#groups--",
        "https://docs.github.com/en/code-security/dependabot/dependabot-version-updates/optimizing-pr-creation-version-updates",
    ),
    needles=(b"updates",),
    minutes=10,
    default=False,
)

# Their versions say what is major, minor and patch, or are read as if they did.
_ECOSYSTEMS = frozenset(
    (
        "bundler",
        "cargo",
        "composer",
        "github-actions",
        "gomod",
        "gradle",
        "maven",
        "npm",
        "nuget",
        "pip",
        "uv",
    )
)


def rewrite(file: document.Document, _: Facts) -> Iterator[Splice]:
    """Yield the group for each block of updates, where none has any."""
    if updates.says(file, "groups") or file.root.get("multi-ecosystem-groups"):
        return
    for entry, schedule in updates.entries(file):
        name = workflow.text(entry, "package-ecosystem")
        if name in _ECOSYSTEMS:
            step = updates.step(file, schedule)
            said = (f'{step}patterns: ["*"]', f"{step}update-types: [minor, patch]")
            lines = ("groups:", f"{step}minor-and-patch:", *(step + line for line in said))
            yield insertions.after(file, schedule, lines, f"small updates of `{name}` come together")
