"""Decides which open pull requests are no longer needed, and says why in one sentence each."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codemods import registry
from codemods.model import About, Problem
from workers import onboarding
from workers.answered import Word
from workers.config import Config
from workers.discover import Catalogue
from workers.ledger import ProposalRow
from workers.model import Report, Stage, mark
from workers.reasons import Reason

_MANIFESTS = frozenset({"setup.py", "noxfile.py"})
_REFUSED = (Reason.UNSAFE, Reason.POLICY)
"""Reasons that end what is open: somebody decided so after it was opened."""
_DECLARED = frozenset({"floor", "pythons", "dependencies", "own_version"})
"""The facts that a project's own manifests tell."""


@dataclass(frozen=True, slots=True)
class Ending:
    """An open pull request that is to be closed: with which `Word`, and the sentence why."""

    row: ProposalRow
    word: str
    sentence: str


def found(
    rows: Sequence[ProposalRow], report: Report, config: Config, ran: Catalogue, numbers: Mapping[str, int]
) -> Iterator[Ending]:
    """Yield the open pull requests (``rows``) that are not needed any more.

    ``ran`` are the improvements that were run, ``numbers`` the pull requests that are open now, by key. What
    only waits stays open, and so does what a scan cannot be sure of.
    """
    proposed = {proposal.key for proposal in report.proposals}
    withheld = {w.key: w.reason for w in report.withheld}
    if onboarding.KEY in proposed | withheld.keys():
        # Who is asked for a kotsu.yml was not looked at as usual: that nothing else is proposed says nothing.
        return
    for row in rows:
        if row.stage == Stage.HELD or row.key in proposed:
            continue
        if not config.enabled_for(row.key):
            by_policy = config.forbids(row.key)
            why = Reason.POLICY.value if by_policy else "It is switched off in kotsu.yml by now."
            yield Ending(row, "superseded", why)
        elif (reason := withheld.get(row.key)) in _REFUSED:
            yield Ending(row, "superseded", reason.value)
        elif row.key not in withheld and row.improvement in ran:
            yield from _gone(row, report, ran, numbers)


def asked(rows: Sequence[ProposalRow], report: Report, config: Config) -> Iterator[Ending]:
    """Yield the pull request that asks for kotsu.yml, where it is open and nobody is asked any more."""
    is_asked = any(proposal.key == onboarding.KEY for proposal in report.proposals)
    for row in rows:
        if row.key == onboarding.KEY and not is_asked and config.enabled:
            why = onboarding.HAS_ONE if config.onboarding else onboarding.UNASKED
            yield Ending(row, Word.DONE.value, why)


def _gone(row: ProposalRow, report: Report, ran: Catalogue, numbers: Mapping[str, int]) -> Iterator[Ending]:
    """Yield the end of a pull request of which a scan has found nothing any more."""
    names = _names(row)
    others = [p for p in report.proposals if p.improvement == row.improvement and names & _moved(p.versions)]
    covered = frozenset[str]().union(*(_moved(p.versions) for p in others))
    waiting = any(w.key == f"{row.improvement}/{name}" for w in report.withheld for name in names)
    if others and names <= covered and all(p.key in numbers for p in others):
        instead = " and ".join(f"#{numbers[p.key]}" for p in others)
        yield Ending(row, "superseded", f"{instead} changes the same by now.")
    elif not others and not waiting and _is_sure(row, report, ran):
        yield Ending(row, "done", "Nothing of it is left to do on the base branch.")


def _names(row: ProposalRow) -> frozenset[str]:
    """Return what a pull request is about, by name; nothing where it is about files."""
    target = row.key.partition("/")[2]
    return _moved(row.versions) or (frozenset({target}) if target else frozenset())


def _moved(versions: Sequence[str]) -> frozenset[str]:
    return frozenset(version.partition("==")[0] for version in versions)


def _is_sure(row: ProposalRow, report: Report, ran: Catalogue) -> bool:
    """Say whether a scan that finds nothing means that there is nothing."""
    if ran[row.improvement].kind in registry.TREES:
        unknown = any(name == u or ("+" in u and name in u) for name in _names(row) for u in report.unknown)
        return not unknown and not any(_concerns_dependencies(p) for p in report.problems if not p.beside)
    problems = [p for p in report.problems if p.path != "."]
    if _depends_on_project(ran[row.improvement].about) and any(map(_concerns_dependencies, problems)):
        return False
    # Of what says nothing of its files any problem may be about one of them.
    return not any(not row.marks or mark(p.path) in row.marks for p in problems)


def _depends_on_project(about: About) -> bool:
    """Say whether it is for a manifest to tell what is looked for, or whether anything is."""
    return about.requires_python is not None or not _DECLARED.isdisjoint(about.asks)


def _concerns_dependencies(problem: Problem) -> bool:
    return not problem.path.endswith(".py") or posixpath.basename(problem.path) in _MANIFESTS
