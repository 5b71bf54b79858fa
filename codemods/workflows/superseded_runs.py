"""A new push to a pull request makes the run for the push before it worthless, yet both run to the end.

The old run keeps runners busy, and its answer is about code that nobody will merge. A `concurrency` group for
each pull request lets GitHub cancel it as soon as the newer one starts.

Only runs of pull requests are cancelled. A group that is shared by all pushes to a branch would be wrong even
without `cancel-in-progress`: GitHub keeps one waiting run for each group, and a third push drops the second
one's, so that commits of your main branch go untested. Therefore each run that is not for a pull request
(`github.event.pull_request.number` is empty then) gets a group of its own by `github.run_id`. The group opens
with `github.workflow_ref`, which holds the workflow's path, rather than its name, since two workflows may
have the same name and would cancel each other.

Workflows are left alone when a cancelled run could leave something half done or be waited for: when they have
a group already, deploy, publish or release, use an environment, may write, call another workflow or are
called by one, or are started by anything but pushes, pull requests, a merge queue, a schedule or a person.
So are those started by other things than new commits (`types: [labeled]`), as the run that is cancelled could
be the one with the tests.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemods import document, insertions, traces, workflow
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Cancel superseded runs of pull requests",
    category=Category.SPEED,
    applicability=Applicability.UNSAFE,
    risk="A run for an older commit of a pull request is cancelled, so that this commit shows no result.",
    references=(
        "https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context",
        "https://docs.zizmor.sh/audits/#concurrency-limits",
    ),
    needles=(b"pull_request",),
    minutes=10,
)

_SECTION = (
    "concurrency:",
    "  group: ${{ github.workflow_ref }}-${{ github.event.pull_request.number || github.run_id }}",
    "  cancel-in-progress: ${{ github.event_name == 'pull_request' }}",
)
_COMMITS = frozenset(("opened", "synchronize", "reopened", "ready_for_review"))


def rewrite(file: document.Document, _: Facts) -> Iterator[Splice]:
    """Yield the group for a workflow whose runs for pull requests supersede each other."""
    if file.plain and not file.root.flow and _for_commits(file) and not _left_alone(file):
        yield insertions.section(
            file,
            ("on", "name", "run-name", "permissions"),
            _SECTION,
            "older runs of a pull request are cancelled",
        )


def _for_commits(file: document.Document) -> bool:
    """Say whether each new commit of a pull request starts the workflow, and nothing unusual does."""
    events = workflow.triggers(file)
    if "pull_request" not in events or not events.keys() <= workflow.COMMON:
        return False
    filters = events["pull_request"]
    types = filters.get("types") if filters else None
    named = set(workflow.texts(types)) if types else {"synchronize"}
    return "synchronize" in named and named <= _COMMITS


def _left_alone(file: document.Document) -> bool:
    jobs = workflow.jobs(file)
    if not jobs or any(node.get("concurrency") for node in (file.root, *(job for _, job in jobs))):
        return True
    if any(job.get("uses") or not workflow.steps(job) for _, job in jobs):
        return True
    return traces.left(file)
