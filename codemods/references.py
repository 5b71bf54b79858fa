"""Decides where the versions of actions, hooks and images may move, all places of one address together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import ModuleType

from packaging.version import Version

from codemods import inventory, splices, tags, versions
from codemods.manifests.model import Manifest, Reference
from codemods.model import Edit, Facts, Finding, Release, Releases, Splice, Tree, Upgrade
from codemods.tags import Tag

_LONGEST_TITLE = 72
_TRIED = 20
"""Tags that are looked at, the newest first; older ones have no dates."""


def _any(_: Reference) -> tuple[int, str]:
    return 0, ""


def _free(_: Reference) -> tuple[Version, str] | None:
    return None


@dataclass(frozen=True, slots=True)
class Rules:
    """What one improvement moves: the references of some ``formats`` whose address has a ``prefix``.

    ``keeps`` says how many parts of a version must stay as they are, and why, in words that follow its name;
    ``follows`` the version that it must not go beyond, if there is one, with such words.
    """

    improvement: str
    formats: tuple[ModuleType, ...]
    keeps: Callable[[Reference], tuple[int, str]] = _any
    prefix: str = "git+"
    follows: Callable[[Reference], tuple[Version, str] | None] = _free


@dataclass(frozen=True, slots=True)
class _Place:
    """One reference with its tag; ``fixed`` is the sentence that says why it must not move, or ``""``."""

    reference: Reference
    tag: Tag
    fixed: str


@dataclass(frozen=True, slots=True)
class _Move:
    """A place, what it moves to (None: nothing), and what keeps it from the newest there is (or ``""``).

    Where it ``blocks``, no other place of the address moves without it.
    """

    place: _Place
    release: Release | None = None
    unmet: str = ""
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """The finished tags of one address: by themselves, and by shape with the newest first.

    ``first`` names, for what a shorter tag stands for, the day of the first such version (``""``: unknown).
    """

    releases: Mapping[Tag, Release]
    shapes: Mapping[object, Sequence[Tag]]
    first: Mapping[object, str]


def ask(tree: Tree, rules: Rules) -> frozenset[str]:
    """Return the addresses whose tags are needed."""
    return frozenset(_places(tree, rules))


def find(tree: Tree, facts: Facts, rules: Rules) -> Iterator[Finding]:
    """Return what would move, address by address, and what would not and why."""
    for address, places in sorted(_places(tree, rules).items()):
        releases = facts.releases.get(address)
        if releases is None:
            continue
        if releases.error:
            yield _said(rules, places[0], f"`{places[0].reference.name}`: {releases.error}")
            continue
        known = _tagged(releases)
        moves = [_move(place, known, facts, rules) for place in places]
        blocking = [m for m in moves if m.blocks]
        moving = [] if blocking else [m for m in moves if m.release]
        if moving:
            yield from _proposed(tree, rules, moving, facts.today)
        staying = blocking or [m for m in moves if m not in moving]
        said = {m.unmet: m for m in reversed(staying) if m.unmet}
        yield from (_said(rules, m.place, words) for words, m in reversed(said.items()))


def _said(rules: Rules, place: _Place, message: str) -> Finding:
    reference = place.reference
    return Finding(rules.improvement, reference.path, reference.line, message, target=reference.name.lower())


def _places(tree: Tree, rules: Rules) -> Mapping[str, list[_Place]]:
    """Return the references that have a finished version, by address."""
    found: dict[str, list[_Place]] = {}
    for manifest in inventory.read(tree).manifests:
        for reference in manifest.references if inventory.writing(manifest.path) in rules.formats else ():
            tag = tags.parse(reference.said or reference.version)
            if tag and not tag.is_prerelease and reference.address.startswith(rules.prefix):
                place = _Place(reference, tag, _fixed(manifest, reference))
                found.setdefault(reference.address, []).append(place)
    return found


def _fixed(manifest: Manifest, reference: Reference) -> str:
    named = f"`{reference.name}`"
    if manifest.sealed:
        return f"{named}: {manifest.sealed}"
    if reference.hold:
        return f"{named} is held at `{reference.said or reference.version}` by {reference.hold}"
    return ""


def _tagged(releases: Releases) -> _Known:
    found = ((tags.parse(r.tag), r) for r in releases.releases)
    known = {tag: release for tag, release in found if tag and not tag.is_prerelease}
    shapes: dict[object, list[Tag]] = {}
    first: dict[object, str] = {}
    for tag in sorted(known, key=lambda t: t.numbers, reverse=True):
        shapes.setdefault(tag.shape, []).append(tag)
        for line in tag.lines:
            days = (known[tag].uploaded, first.get(line, ""))
            first[line] = min(filter(None, days), default="")
    return _Known(known, shapes, first)


def _move(place: _Place, known: _Known, facts: Facts, rules: Rules) -> _Move:
    """Return the newest tag of the same shape that a place may move to."""
    newer = [t for t in known.shapes.get(place.tag.shape, ()) if place.tag.numbers < t.numbers]
    if not newer:
        return _Move(place)
    if place.fixed:
        return _Move(place, None, place.fixed, blocks=True)
    named = f"`{place.reference.name}`"
    if place.tag not in known.releases:
        return _Move(place, None, f"{named} {place.tag.text} is none of its tags: it may be a branch")
    if words := _unlike(place, known):
        return _Move(place, None, words, blocks=True)
    parts, why = rules.keeps(place.reference)
    near = [t for t in newer if t.numbers[:parts] == place.tag.numbers[:parts]]
    if followed := rules.follows(place.reference):
        most, why = followed
        near = [t for t in near if t.version <= most]
    unmet = f"{named} {newer[0].text} {why}" if newer[0] not in near else ""
    for tag in near[:_TRIED]:
        words = _obstacle(place, tag, known, facts)
        if not words:
            return _Move(place, known.releases[tag], unmet)
        unmet = unmet or f"{named} {tag.text} {words}"
    return _Move(place, None, unmet)


def _unlike(place: _Place, known: _Known) -> str:
    """Return why a commit is not what the comment by it says; of a tag that moves nobody can tell."""
    reference = place.reference
    is_commit = bool(reference.said) and tags.COMMIT.fullmatch(reference.version)
    same = reference.version in known.releases[place.tag].hashes
    if not is_commit or same or place.tag.line in known.first:
        return ""
    return f"`{reference.name}` is pinned to a commit that is not its tag {reference.said}"


def _obstacle(place: _Place, tag: Tag, known: _Known, facts: Facts) -> str:
    """Return what keeps a place from a newer tag, in words that follow the tag; ``""`` when nothing does."""
    release = known.releases[tag]
    since = release.uploaded
    if place.reference.said and not release.hashes:
        return "has no digest that is known"
    if not place.reference.said:
        # A tag that moves along is as old as the first version that it stood for.
        since = min(filter(None, (since, known.first.get(tag.line, ""))), default="")
    ages = facts.ages(place.reference.name)
    terms = versions.Terms(today=facts.today, age=facts.release_age, ages=ages, use=place.tag.version)
    if terms.age_of(tag.version) > 0 and not since:
        return "has no date that can be told, so its age is unknown"
    return versions.refusal(replace(release, uploaded=since), terms)


def _proposed(tree: Tree, rules: Rules, moves: Sequence[_Move], today: date) -> Iterator[Finding]:
    """Return the findings of one address; those in one file share its edit."""
    title, upgrade = _title(moves), _upgrade(moves, today)
    by_path: dict[str, list[_Move]] = {}
    for move in moves:
        by_path.setdefault(move.place.reference.path, []).append(move)
    for path, here in by_path.items():
        data = tree.read(path)
        spliced = [s for m in here if m.release for s in _splices(m.place.reference, m.release)]
        edit = Edit(path, data, splices.apply(data, spliced))
        found = (replace(_said(rules, m.place, _row(m)), edit=edit, title=title) for m in here)
        yield from (replace(f, upgrade=upgrade) for f in found)


def _upgrade(moves: Sequence[_Move], today: date) -> Upgrade | None:
    """Return the largest step of some moves; an image's tags are of no repository that is known."""
    reference = moves[0].place.reference
    repository = reference.address.removeprefix("git+")
    if repository == reference.address:
        return None
    newest = max((r for m in moves if (r := m.release)), key=lambda r: r.version)
    before = min(m.place.tag.version for m in moves)
    day = versions.day(newest)
    return Upgrade(
        reference.name,
        before,
        newest.version,
        released=day.isoformat() if day else "",
        age=max((today - day).days, 0) if day else 0,
        repository=repository,
    )


def _splices(reference: Reference, release: Release) -> Iterator[Splice]:
    if reference.said:
        yield Splice(reference.at, reference.end, release.hashes[0].encode())
        yield Splice(reference.said_at, reference.said_end, release.tag.encode())
    else:
        yield Splice(reference.at, reference.end, release.tag.encode())


def _row(move: _Move) -> str:
    tag = move.release.tag if move.release else ""
    unmet = f" ({move.unmet})" if move.unmet else ""
    return f"`{move.place.reference.name}` {move.place.tag.text} → {tag}{unmet}"


def _title(moves: Sequence[_Move]) -> str:
    """Return a title of at most 72 characters: what it was, if that is one version, and what it becomes."""
    name = moves[0].place.reference.name
    newest = max((r for m in moves if (r := m.release)), key=lambda r: (r.version, len(r.tag)))
    olds = {m.place.tag.text for m in moves}
    titles = [f"Upgrade {name} to {newest.tag}"]
    if len(olds) == 1:
        titles.insert(0, f"Upgrade {name} from {olds.pop()} to {newest.tag}")
    return next((t for t in titles if len(t) <= _LONGEST_TITLE), f"{titles[-1][: _LONGEST_TITLE - 1]}…")
