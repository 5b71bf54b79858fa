"""Improves real projects and runs their own tests before and after: what passed has to pass.

``make crater`` tries all of them, ``make crater ARGS="attrs click --only aware-utcnow"`` some. Environments
and results are kept in the folder, so that a tree is tested once; ``--again`` tests it anew.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.crater import comparing, improving, preparing, projects, suites
from tests.crater.comparing import Changes, Comparison
from tests.crater.improving import Improved
from tests.crater.preparing import Place
from tests.crater.projects import Project
from tests.crater.suites import Run

_TOGETHER = 2
_MANY = 20


@dataclass(frozen=True, slots=True)
class Report:
    """What came out for one project; ``seconds`` are of everything, with what was remembered."""

    project: Project
    improved: Improved
    before: Run
    after: Run
    comparison: Comparison
    seconds: float

    @property
    def faults(self) -> list[str]:
        """Return a sentence for each thing that speaks against what was changed."""
        runs = (("before", self.before), ("after", self.after))
        stopped = [f"the tests {when} the change: {run.trouble}" for when, run in runs if run.trouble]
        worse = [f"{name}: {old} -> {new}" for name, (old, new) in self.comparison.worse.items()]
        return [*self.improved.faults, *stopped, *worse]

    @property
    def failing(self) -> list[str]:
        """Return the tests that fail before anything is changed."""
        return [name for name, outcome in self.before.outcomes.items() if comparing.is_bad(outcome)]

    @property
    def unseen(self) -> list[str]:
        """Return the changed Python files that no test imports."""
        return [p for p in self.improved.files if p.endswith(".py") and p not in self.after.imported]


def tried(project: Project, folder: Path, only: Sequence[str] = (), *, again: bool = False) -> Report:
    """Test a project, improve it and test it again; what went otherwise is tested once more on both sides."""
    start = time.perf_counter()
    with preparing.prepared(project, folder) as place:
        untouched = place.tree
        before = suites.run(place, again=again)
        place.restore()
        improved = improving.improved(place, only)
        touched = place.tree
        after = suites.run(place, again=again and touched != untouched)
        comparison = Comparison()
        if comparing.changed(before.outcomes, after.outcomes):
            second = _once_more(place, untouched), _once_more(place, touched)
            comparison = comparing.compared((before.outcomes, after.outcomes), second)
    return Report(project, improved, before, after, comparison, time.perf_counter() - start)


def _once_more(place: Place, tree: str) -> comparing.Outcomes:
    place.restore(tree)
    return suites.run(place, again=True).outcomes


def lines(report: Report) -> Iterator[str]:
    """Yield what is printed of one project."""
    project, improved = report.project, report.improved
    changed = ", ".join(f"{id_} {count}" for id_, count in sorted(improved.places.items())) or "nothing"
    yield f"\n## {project.name} {project.version}: {'DIFFERENT' if report.faults else 'the same'}"
    yield f"changed: {len(improved.files)} files; places: {changed}"
    yield f"before: {report.before.said()} in {report.before.seconds:.1f} s"
    yield f"after:  {report.after.said()} in {report.after.seconds:.1f} s"
    yield f"diff: {improved.diff} (plan, apply and plan in {improved.seconds:.1f} s)"
    yield from _listed("FAULT", report.faults)
    yield from _listed("fails before", report.failing)
    yield from _listed("other outcome", _shown(report.comparison.other))
    yield from _listed("unsteady, also without a change", _shown(report.comparison.unsteady))
    yield from _listed("changed, and imported by no test", report.unseen)


def _shown(changes: Changes) -> list[str]:
    return [f"{name}: {old} -> {new}" for name, (old, new) in changes.items()]


def _listed(what: str, entries: Sequence[str]) -> Iterator[str]:
    yield from (f"  {what}: {entry}" for entry in entries[:_MANY])
    if len(entries) > _MANY:
        yield f"  {what}: and {len(entries) - _MANY} more"


def table(reports: Sequence[Report]) -> Iterator[str]:
    """Yield the table over all projects, as Markdown."""
    yield "\n| project | files | places | tests | faults | before (s) | after (s) | all (s) |"
    yield "|---|" + "---:|" * 7
    for r in reports:
        figures = (len(r.improved.files), sum(r.improved.places.values()), len(r.before.outcomes))
        seconds = (f"{s:.1f}" for s in (r.before.seconds, r.after.seconds, r.seconds))
        cells = (f"{r.project.name} {r.project.version}", *figures, len(r.faults), *seconds)
        yield f"| {' | '.join(map(str, cells))} |"


def main() -> int:
    """Try the projects that are named, or all, two at a time; 1 when one of them is different."""
    known = projects.known()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*", metavar="PROJECT", help=", ".join(known))
    parser.add_argument("--folder", type=Path, help="keep environments, results and diffs here")
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="only this improvement")
    parser.add_argument("--again", action="store_true", help="test again what was tested before")
    given = parser.parse_intermixed_args()
    if strangers := set(given.projects) - known.keys():
        parser.error(f"no project of projects.toml: {', '.join(sorted(strangers))}")
    folder = (given.folder or preparing.folder()).resolve()
    chosen = [known[name] for name in given.projects or known]
    reports, failed = [], 0
    with ThreadPoolExecutor(_TOGETHER) as threads:
        tasks = [threads.submit(tried, p, folder, given.only, again=given.again) for p in chosen]
        for project, task in zip(chosen, tasks, strict=True):
            try:
                reports.append(task.result())
            except (OSError, LookupError, subprocess.SubprocessError) as error:
                failed += 1
                sys.stdout.write(f"\n## {project.name} {project.version}: NOT TRIED\n{error}\n")
            else:
                sys.stdout.write("\n".join(lines(reports[-1])) + "\n")
            sys.stdout.flush()
    sys.stdout.write("\n".join(table(reports)) + "\n")
    return 1 if failed or any(report.faults for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
