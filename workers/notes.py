"""Chooses the release notes that belong to an upgrade, and writes them so that they fit and do nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote, urlsplit

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from codemods.model import Upgrade
from workers import inert
from workers.model import Background, Note

_MOST = 10
"""How many releases of one upgrade are told of, the newest first."""
_LONGEST = 3_000
_SHORTEST = 300
_LONGEST_TAG = 200
"""Characters of one release's notes; below the second nothing is shown."""
_NUMBER = re.compile(r"(?<![\d.])[vV]?(?=\d)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SAFE = ":/%?=&+~,"
_PLAIN = frozenset({"", "v", "ver", "version", "rel", "release", "releases", "r"})


def chosen(upgrade: Upgrade, published: Iterable[Note]) -> tuple[Note, ...]:
    """Return the notes of the releases after the old version up to the new one, the newest first."""
    by_prefix: dict[str, dict[Version, Note]] = {}
    for note in published:
        prefix, version = _read(note.tag)
        if version is not None and _is_passed(upgrade, version):
            by_prefix.setdefault(prefix, {}).setdefault(version, note)
    # In a repository of several distributions, the plain tags are those of another one.
    own = by_prefix.get(canonicalize_name(upgrade.name))
    if own is None:
        own = {v: n for prefix, found in by_prefix.items() if prefix in _PLAIN for v, n in found.items()}
    return tuple(own[version] for version in sorted(own, reverse=True)[:_MOST])


def _read(tag: str) -> tuple[str, Version | None]:
    """Return what stands before the version in a tag, normalised as a name, and the version."""
    for found in _NUMBER.finditer(tag[:_LONGEST_TAG]):
        try:
            version = Version(tag[found.start() :].replace("_", "."))
        except InvalidVersion:
            continue
        return canonicalize_name(tag[: found.start()].strip("-_/=@ .")), version
    return "", None


def _is_passed(upgrade: Upgrade, version: Version) -> bool:
    """Say whether an upgrade brings what came with a version."""
    if version.is_prerelease and not upgrade.after.is_prerelease:
        return False
    if upgrade.before is None:
        return version == upgrade.after
    if not upgrade.repository:
        return upgrade.before < version <= upgrade.after
    old, new, found = upgrade.before.release, upgrade.after.release, version.release
    # The tag `v4` moves along with all that begins with it, and so does `v5`.
    return old < found[: len(old)] and found[: len(new)] <= new


def blocks(known: Mapping[Upgrade, Background], room: int) -> str:
    """Return a collapsed block for each upgrade that has notes, in so many characters together."""
    waiting = [(upgrade, told) for upgrade, told in known.items() if told.notes]
    written: list[str] = []
    for number, (upgrade, told) in enumerate(waiting):
        block = _block(upgrade, told.notes, room // (len(waiting) - number))
        written += [block] if block else []
        room -= len(block) + 2 if block else 0
    return "\n\n".join(written)


def _block(upgrade: Upgrade, notes: Sequence[Note], room: int) -> str:
    home = urlsplit(notes[0].url).netloc
    name = inert.markdown(upgrade.name, home, 100)
    way = f"{upgrade.before} to {upgrade.after}" if upgrade.before else str(upgrade.after)
    head, end = f"<details><summary>Release notes of {name}, {way}</summary>", "</details>"
    shown = list(_shown(notes, home, room - len(head) - len(end) - 4))
    return "\n\n".join([head, *shown, end]) if shown else ""


def _shown(notes: Iterable[Note], home: str, room: int) -> Iterator[str]:
    """Yield each release's notes under its number, while there is room."""
    for note in notes:
        day = f", {note.day}" if _DAY.fullmatch(note.day) else ""
        head = f"### [{_read(note.tag)[1]}]({quote(note.url, safe=_SAFE)}){day}\n\n"
        left = min(_LONGEST, room - len(head) - 2)
        if left < _SHORTEST:
            return
        if text := inert.markdown(note.text, home, left):
            yield head + text
            room -= len(head) + len(text) + 2
