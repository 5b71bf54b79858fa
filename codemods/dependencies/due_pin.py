"""A version that is kept until something happens should move when that has happened.

"Pinned until #12 is fixed" keeps a dependency back for years after the fix, because nobody reads the comment
again. Kotsu reads until when a comment keeps a version (a day, a Python that is dropped, an issue that is
closed) and compares it with what is true today; an issue of the dependency itself counts once a release came
after its closing.

Where a comment says nothing else, `upgrade-dependency` moves the version and takes the comment along. This
tells of all others: what else they say is for a person to judge.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemods import inventory, pins, quoted, unpinning, upgrades
from codemods.manifests.model import Manifest, Reference, Requirement
from codemods.model import About, Applicability, Category, Facts, Finding, Tree

ABOUT = About(
    title="Tell which versions are kept longer than was meant",
    category=Category.UPGRADE,
    applicability=Applicability.ADVICE,
    risk="None: nothing changes; a comment may have reasons that it does not tell.",
    references=("https://packaging.python.org/en/latest/specifications/version-specifiers/",),
    needles=(),
    minutes=10,
    asks=("today", "floor", "dependencies", "own_version", "issues", "listed", "releases"),
)

_ID = "due-pin"


def ask(_: Tree) -> frozenset[str]:
    """Return nothing: whoever moves versions has asked for the releases."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return an advice for each comment that is due and that nothing else will take away; no TODO's."""
    for manifest in inventory.read(tree).manifests:
        for one, pin in pins.read(manifest, tree):
            why = (
                "" if pin.tagged or _goes(manifest, one, tree, facts) else unpinning.due(pin, one.name, facts)
            )
            if why:
                kept = one.version if isinstance(one, Reference) else one.written
                words = f"`{one.name}` is kept at `{kept}` by {quoted.span(pin.text)}, which is due {why}"
                yield Finding(_ID, one.path, one.line, words, target=one.name.lower())


def _goes(manifest: Manifest, one: Requirement | Reference, tree: Tree, facts: Facts) -> bool:
    """Say whether `upgrade-dependency` is free to move what a comment kept."""
    if isinstance(one, Reference) or upgrades.shaped(one):
        return False
    return unpinning.freed(manifest, one, tree, facts) is not None
