"""Tells when a comment no longer keeps a version, and whether it goes with the move.

An issue of the dependency itself is done when a release came that is above all from before its closing.
"""

from __future__ import annotations

from dataclasses import dataclass

from packaging.version import Version

from codemods import conditions, inventory, pins, quoted, settled, splices, versions
from codemods.clauses import Closed, Confidence
from codemods.manifests.model import Manifest, Requirement
from codemods.mentions import Progress
from codemods.model import Facts, Splice, Tree, plain
from codemods.pins import Pin


@dataclass(frozen=True, slots=True)
class Freed:
    """What a requirement is freed from: the splice that takes its comment away, and why in a few words.

    It may move only ``beyond`` a version, where the fix that it waited for came after that.
    """

    splice: Splice
    why: str
    beyond: Version | None = None


def due(pin: Pin, name: str, facts: Facts) -> str:
    """Return why the time has come of which a comment speaks, ``""`` where it has not."""
    condition = pin.condition
    if own := _of_itself(pin, name):
        beyond = _beyond(own, name, facts)
        newest = versions.newest(facts.releases[name].releases) if beyond else None
        if beyond is None or newest is None or newest.version <= beyond:
            return ""
        closed = facts.issues[str(own.issue)].closed
        return f"now that {settled.shown(own)} is closed ({closed}) and {newest.version} is newer"
    return conditions.because(condition, facts) if conditions.due(condition, facts) else ""


def freed(manifest: Manifest, requirement: Requirement, tree: Tree, facts: Facts) -> Freed | None:
    """Return what a requirement is freed from: a comment that is due, and that says nothing else.

    None where something else holds it too.
    """
    data = tree.read(manifest.path)
    for pin in pins.beside(manifest, requirement, data):
        sure = pin.condition.confidence is not Confidence.GUESSED
        why = due(pin, requirement.name, facts) if pin.plain and sure else ""
        if why and _is_free(manifest, requirement, splices.apply(data, [pin.splice])):
            own = _of_itself(pin, requirement.name)
            beyond = _beyond(own, requirement.name, facts) if own else None
            return Freed(pin.splice, f"{quoted.span(pin.text)} is due {why}", beyond)
    return None


def _is_free(manifest: Manifest, requirement: Requirement, without: bytes) -> bool:
    """Say whether nothing else holds a requirement, as its file reads without the comment."""
    again = inventory.writing(manifest.path).read(manifest.path, without).requirements
    if [r.name for r in again] != [r.name for r in manifest.requirements]:
        return False
    return not again[manifest.requirements.index(requirement)].hold


def _of_itself(pin: Pin, name: str) -> Closed | None:
    """Return the issue of the very distribution that a comment waits for, None where it is no such."""
    condition = pin.condition
    if isinstance(condition, Closed) and plain(condition.issue.repository.rpartition("/")[2]) == name:
        return condition
    return None


def _beyond(condition: Closed, name: str, facts: Facts) -> Version | None:
    """Return the newest version that was there when an issue was closed as done, None where nobody knows."""
    ticket = facts.issues.get(str(condition.issue))
    if (
        ticket is None
        or ticket.progress is not Progress.DONE
        or not ticket.closed
        or name not in facts.releases
    ):
        return None
    releases = facts.releases[name].releases
    return max((r.version for r in releases if r.uploaded and r.uploaded[:10] <= ticket.closed), default=None)
