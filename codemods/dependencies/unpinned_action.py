"""A tag can be moved to other code by whoever gets hold of an action's repository; a commit cannot.

In March 2025 all tags of `tj-actions/changed-files` were moved to a commit that wrote the secrets of a run
into its log, and every workflow that used one of them ran it. With the commit in its place, what runs is what
was there when you looked. The version stands beside it as a comment, and `upgrade-action` moves both together
as soon as there is a newer one, so that a pin does not grow old.

A tag becomes the commit that it stands for now, and the comment names the full version of that commit: `v4`
becomes that of `v4.3.0`. Branches have no version and are left alone; so are tags for whose commit no full
version is known, and lines that have a comment already. Actions of GitHub itself (`actions/*`, `github/*`)
are pinned if you set `first-party`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

from codemods import document, inventory, splices, tags
from codemods.manifests import actions
from codemods.manifests.model import Reference
from codemods.model import (
    About,
    Applicability,
    Category,
    Edit,
    Facts,
    Finding,
    Release,
    Releases,
    Splice,
    Tree,
)
from codemods.tags import Tag

ABOUT = About(
    title="Pin actions to commits",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="Fixes that an action gets by moving its tag arrive only with the next upgrade of the pin.",
    references=(
        "https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions",
        "https://github.com/advisories/GHSA-mrrh-fwg8-r2c3",
        "https://docs.zizmor.sh/audits/#unpinned-uses",
    ),
    needles=(),
    minutes=5,
    asks=("releases",),
    options={"first-party": False},
)

_ID = "unpinned-action"
_FIRST_PARTY = frozenset(("actions", "github"))
_FORMATS: tuple[ModuleType, ...] = (actions,)
# Its workflows look up by their own tag what they are to run, and refuse a commit.
_BY_TAG = frozenset(("slsa-framework/slsa-github-generator",))


@dataclass(frozen=True, slots=True)
class _Pin:
    """A place, and the full version whose commit it gets."""

    reference: Reference
    release: Release


def ask(tree: Tree) -> frozenset[str]:
    """Return the addresses of the actions that are used by a tag."""
    return frozenset(r.address for found in _unpinned(tree).values() for r in found)


def find(tree: Tree, facts: Facts) -> Iterable[Finding]:
    """Return the places that get a commit, file by file."""
    first = bool(facts.options.get("first-party"))
    for path, references in _unpinned(tree).items():
        data = tree.read(path)
        pins = [
            _Pin(r, release)
            for r in references
            if (first or r.name.partition("/")[0].lower() not in _FIRST_PARTY) and _has_room(data, r)
            if (release := _meant(r, facts.releases))
        ]
        yield from _found(path, data, pins)


def _unpinned(tree: Tree) -> Mapping[str, Sequence[Reference]]:
    """Return the references by a tag that nothing says to leave alone, by the path of their file."""
    return {
        manifest.path: found
        for manifest in inventory.read(tree).manifests
        if inventory.writing(manifest.path) in _FORMATS and not manifest.sealed
        if (found := [r for r in manifest.references if _by_tag(r)])
    }


def _by_tag(reference: Reference) -> bool:
    free = not reference.hold and not reference.said and reference.name.lower() not in _BY_TAG
    return free and reference.address.startswith("git+") and tags.parse(reference.version) is not None


def _has_room(data: bytes, reference: Reference) -> bool:
    """Say whether nothing stands behind a reference on its line, so that a comment may."""
    behind = _behind(data, reference)
    return not data[behind : document.line_end(data, behind)].strip()


def _behind(data: bytes, reference: Reference) -> int:
    """Return the byte behind a reference, and behind its quote."""
    return reference.end + (data[reference.end : reference.end + 1] in {b'"', b"'"})


def _meant(reference: Reference, known: Mapping[str, Releases]) -> Release | None:
    """Return the full version that stands for the same commit as a tag; None where that cannot be told."""
    asked, own = known.get(reference.address), tags.parse(reference.version)
    if asked is None or asked.error or own is None:
        return None
    parsed = [(tag, r) for r in asked.releases if (tag := tags.parse(r.tag)) and _commit(r)]
    there = next((r for _, r in parsed if r.tag == reference.version), None)
    if there is None:
        return None
    longer = [(tag, r) for tag, r in parsed if own.covers(tag) and not tag.is_prerelease]
    same = [(tag, r) for tag, r in longer if r.hashes == there.hashes]
    if same:
        return max(same, key=_fullness)[1]
    return there if not longer and len(own.numbers) > 1 else None


def _commit(release: Release) -> bool:
    return len(release.hashes) == 1 and bool(tags.COMMIT.fullmatch(release.hashes[0]))


def _fullness(found: tuple[Tag, Release]) -> tuple[int, tuple[int, ...]]:
    return len(found[0].numbers), found[0].numbers


def _found(path: str, data: bytes, pins: Sequence[_Pin]) -> Iterator[Finding]:
    spliced = [splice for pin in pins for splice in _splices(data, pin)]
    edit = Edit(path, data, splices.apply(data, spliced))
    for pin in pins:
        reference, release = pin.reference, pin.release
        message = f"`{reference.name}` {reference.version} → `{release.hashes[0][:7]}` ({release.tag})"
        yield Finding(_ID, path, reference.line, message, edit)


def _splices(data: bytes, pin: _Pin) -> Iterator[Splice]:
    reference, release = pin.reference, pin.release
    behind = _behind(data, reference)
    yield Splice(reference.at, reference.end, release.hashes[0].encode())
    yield Splice(behind, behind, f" # {release.tag}".encode())
