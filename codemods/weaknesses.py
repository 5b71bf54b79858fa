"""Says which published weaknesses a version has, and tells of them in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from packaging.version import Version

from codemods.advisory import Advisory

_TOLD, _NAMED, _IDS = 3, 9, 4
"""How many weaknesses are told of in full and how many are named after them, and by how many names each."""


def of(advisories: Iterable[Advisory], version: Version) -> tuple[Advisory, ...]:
    """Return the weaknesses of a version, the last published first."""
    found = sorted((a for a in advisories if a.concerns(version)), key=lambda a: a.ids)
    return tuple(sorted(found, key=lambda a: a.published, reverse=True))


def entered(advisories: Sequence[Advisory], old: Version | None, new: Version) -> tuple[Advisory, ...]:
    """Return the weaknesses of a version that another one does not have."""
    return tuple(a for a in of(advisories, new) if old is None or not a.concerns(old))


def named(found: Sequence[Advisory]) -> str:
    """Return the best known names of some weaknesses."""
    names = [a.ids[0] for a in found[:_NAMED]]
    return ", ".join(names) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")


def told(found: Sequence[Advisory], today: date) -> str:
    """Return what is known of some weaknesses: all names, what each is, and for how long it is public."""
    said = [_told(advisory, today) for advisory in found[:_TOLD]]
    if rest := found[_TOLD:]:
        said.append(f"also {named(rest)}")
    return "; ".join(said)


def _told(advisory: Advisory, today: date) -> str:
    parts = list(advisory.ids[:_IDS])
    if advisory.summary:
        # Somebody else wrote it: in a span of code, nothing in it can be a link or a mention.
        plain = advisory.summary.replace("`", "'")
        parts.append(f"`{plain}`")
    try:
        days = max((today - date.fromisoformat(advisory.published)).days, 0)
    except ValueError:
        return ", ".join(parts)
    exposure = "1 day" if days == 1 else f"{days} days"
    return ", ".join((*parts, f"published {advisory.published}", f"{exposure} of exposure"))
