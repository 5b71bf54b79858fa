"""A workflow that only a schedule starts cannot be run when somebody needs it.

To try a change, or to make up for a run that failed last night, people wait for the next date, or write to
whoever knows the script behind it. With `workflow_dispatch` there is a button in the Actions tab and `gh
workflow run`, for everybody who may write to the repository. Nothing else changes: the schedule stays.

It is proposed where the clock is the only way in. Workflows that also run for pushes or pull requests can be
started by these, and those that ask what started them are left alone, as a run by hand would be something
that they do not know. So are those that deploy, publish, release or may write: there a button is a decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import document, insertions, traces, workflow
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Let people start a scheduled workflow by hand",
    category=Category.OPERABILITY,
    applicability=Applicability.UNSAFE,
    risk="Whoever may write to the repository can start the workflow, on any branch.",
    references=(
        "https://docs.github.com/en/actions/how-tos/manage-workflow-runs/manually-run-a-workflow",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_dispatch",
    ),
    needles=(b"schedule",),
    minutes=5,
)

_EVENT = re.compile(r"\bgithub\s*\.\s*event|\bevent_name\b|\bgithub\s*\[|tojson\(\s*github", re.IGNORECASE)
# These say themselves which events they are made for.
_OWN = frozenset(("ossf/scorecard-action",))


def rewrite(file: document.Document, _: Facts) -> Iterator[Splice]:
    """Yield the event for a workflow that nothing but the clock starts."""
    on = file.root.get("on")
    clock = on.pair("schedule") if on and not on.flow else None
    if not file.plain or clock is None or workflow.triggers(file).keys() != {"schedule"}:
        return
    asks = any(map(_EVENT.search, workflow.texts(file.root)))
    if not asks and not _is_particular(file) and not traces.left(file):
        yield insertions.after(file, clock, ["workflow_dispatch:"], "the workflow can be started by hand")


def _is_particular(file: document.Document) -> bool:
    steps = (step for _, job in workflow.jobs(file) for step in workflow.steps(job))
    return any(workflow.action(step) in _OWN for step in steps)
