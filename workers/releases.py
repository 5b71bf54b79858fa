"""Writes what a reviewer should know of the releases that a proposal moves to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from codemods.model import Upgrade
from workers import notes
from workers.model import Background, Candidate

_ROWS = 50
_SEEN = 8
"""Differences that are told of one upgrade."""


def section(candidate: Candidate, known: Mapping[Upgrade, Background]) -> Iterator[str]:
    """Yield the section about the new releases, if there are any."""
    upgrades = candidate.upgrades[:_ROWS]
    if upgrades:
        rows = "\n".join(_row(upgrade, known.get(upgrade, Background())) for upgrade in upgrades)
        yield f"### Releases\n\n| | Version | Released | Python |\n| :-- | :-- | :-- | :-- |\n{rows}"
    told = ((u.name, known[u].differences[:_SEEN]) for u in upgrades if u in known)
    if lines := "\n".join(f"- {name}: {'; '.join(words)}." for name, words in told if words):
        yield f"Different in the new release:\n\n{lines}"


def published(candidate: Candidate, known: Mapping[Upgrade, Background], room: int) -> str:
    """Return the release notes, with a blank line before them, in so many characters."""
    blocks = notes.blocks({u: known[u] for u in candidate.upgrades[:_ROWS] if u in known}, room - 2)
    return f"\n\n{blocks}" if blocks else ""


def _row(upgrade: Upgrade, known: Background) -> str:
    old, new = (f"`{p}`" if p else "any" for p in upgrade.pythons)
    name = f"[{upgrade.name}]({upgrade.page})" if upgrade.page else upgrade.name
    if known.repository:
        name += f" ([releases]({known.repository}/releases))"
    days = "1 day" if upgrade.age == 1 else f"{upgrade.age} days"
    released = f"{upgrade.released}, {days} before this was proposed" if upgrade.released else "unknown"
    number = f"{upgrade.before} → {upgrade.after}" if upgrade.before else str(upgrade.after)
    python = new if new == old or upgrade.before is None else f"{new} (was {old})"
    return f"| {name} | {number} | {released} | {'' if upgrade.repository else python} |"
