"""A published weakness of a distribution: which versions have it, and how it is told of in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from packaging.version import Version

_TOLD, _NAMED, _IDS = 3, 9, 4
"""How many weaknesses are told of in full and how many are named after them, and by how many names each."""

SEVERITIES = ("", "low", "moderate", "high", "critical")
"""How bad a weakness is, in GitHub's words, the worst last."""


@dataclass(frozen=True, slots=True)
class Span:
    """Versions in a row: from ``first``, before ``fixed`` or up to ``last``; None is no bound."""

    first: Version | None = None
    fixed: Version | None = None
    last: Version | None = None

    def holds(self, version: Version) -> bool:
        """Say whether a version is one of them."""
        is_begun = self.first is None or self.first <= version
        is_over = (self.fixed is not None and self.fixed <= version) or (
            self.last is not None and self.last < version
        )
        return is_begun and not is_over


@dataclass(frozen=True, slots=True)
class Advisory:
    """One published weakness of a distribution, as OSV tells of it.

    ``ids`` are all its names, the best known first (CVE, GHSA, PYSEC); ``affected`` are the versions that
    have it, and ``versions`` those that are named one by one. ``published`` is a date (ISO 8601), ``""`` if
    unknown; ``summary`` is one printable line that somebody else wrote. ``severity`` is one of `SEVERITIES`,
    ``""`` where nobody said it in a word.
    """

    ids: tuple[str, ...]
    summary: str = ""
    published: str = ""
    affected: tuple[Span, ...] = ()
    versions: frozenset[Version] = frozenset()
    severity: str = ""

    def concerns(self, version: Version) -> bool:
        """Say whether a version is affected."""
        return version in self.versions or any(span.holds(version) for span in self.affected)


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
