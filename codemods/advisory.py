"""A published weakness of a distribution, and which of its versions have it."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.version import Version


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
    unknown; ``summary`` is one printable line that somebody else wrote.
    """

    ids: tuple[str, ...]
    summary: str = ""
    published: str = ""
    affected: tuple[Span, ...] = ()
    versions: frozenset[Version] = frozenset()

    def concerns(self, version: Version) -> bool:
        """Say whether a version is affected."""
        return version in self.versions or any(span.holds(version) for span in self.affected)
