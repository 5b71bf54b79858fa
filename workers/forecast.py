"""Compares what would be proposed with one kotsu.yml and with another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workers import calm
from workers.model import Proposal, Report

_ROWS, _LONGEST = 50, 300
"""Rows of a section, and characters of what is said in one, at most: GitHub takes 65,535 of all."""
_NOTE = """\
These are the pull requests that are wanted in all; how many are open at a time, and how many are opened a \
day, is another matter (`limits`, `capacity`). Whether upgrades install together is tried when they are \
proposed."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would be proposed before and after a change of kotsu.yml, whatever the pace."""

    before: Report
    after: Report

    @property
    def sentence(self) -> str:
        """How many pull requests there would be, beside how many there are to be without it."""
        new, old = len(self.after.proposals), len(self.before.proposals)
        count = "1 pull request" if new == 1 else f"{new} pull requests"
        return f"{count}, as without it" if new == old else f"{count} instead of {old}"

    def summary(self, *, told: bool = True) -> str:
        """Return what changes, key by key, as Markdown; ``told`` is whether it was known what held before."""
        before, after = ({p.key: p for p in r.proposals} for r in (self.before, self.after))
        why = {w.key: w.sentence for w in self.after.withheld}
        parts = [_NOTE]
        if not told:
            parts.append("The file on the default branch has mistakes, and nothing is proposed with it.")
        gone = [_row(k, why.get(k) or "It is not looked for.") for k in before if k not in after]
        new = [_row(k) for k in after if k not in before]
        changed = [_row(k, words) for k in after if k in before and (words := _changed(before[k], after[k]))]
        parts += _section("No longer proposed", gone)
        parts += _section("Proposed now", new)
        parts += _section("Proposed in another way", changed)
        if not gone and not new and not changed:
            parts.append("No pull request would be another one.")
        return "\n\n".join(parts) + "\n"


def _row(key: str, words: str = "") -> str:
    """Return a line about a key, in which nothing that others wrote acts."""
    said = calm.line(words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…")
    return f"- {calm.code(key[:_LONGEST])}" + (f": {said}" if said else "")


def _changed(before: Proposal, after: Proposal) -> str:
    """Return what is said of a proposal that was said otherwise before."""
    said: Mapping[str, tuple[object, object]] = {
        "labels": (before.labels, after.labels),
        "reviewers": (before.reviewers, after.reviewers),
        "automerge": (before.automerge, after.automerge),
        "open-as": (before.open_as, after.open_as),
        "edits": (before.patch, after.patch),
    }
    return ", ".join(f"`{name}`" for name, (old, new) in said.items() if old != new)


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        more = [f"- … and {len(lines) - _ROWS} more"] if len(lines) > _ROWS else []
        yield "\n".join([f"### {title}", "", *lines[:_ROWS], *more])
