"""A workflow on `pull_request_target` has the secrets and a token that writes, and may get anybody's code.

GitHub starts it from the target branch so that it can label and greet. Once it checks out what the pull
request proposes and runs a command in it, an install or a build is enough, strangers run code with all of
that. The same holds for `workflow_run` with the commit of the run before it.

Nobody but you knows what the workflow is for, so nothing is changed. Move what runs the code to a workflow on
`pull_request`, and hand its results over as an artifact; keep what needs the rights in one that checks out
nothing of the pull request. Jobs with an `environment`, which somebody may have to approve, and those with a
condition on who proposes, or on a label, are not spoken about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import credentials, workflow
from codemods.document import Document, Node
from codemods.model import About, Advice, Applicability, Category, Facts

ABOUT = About(
    title="Keep code of strangers away from secrets",
    category=Category.SECURITY,
    applicability=Applicability.ADVICE,
    risk="Nothing is changed; a workflow that is split has to hand its results over.",
    references=(
        "https://docs.github.com/en/actions/reference/security/secure-use",
        "https://docs.zizmor.sh/audits/#dangerous-triggers",
    ),
    needles=(b"pull_request_target", b"workflow_run"),
    pattern=rb"actions/checkout",
    minutes=60,
)

_PROPOSED = {
    "pull_request_target": re.compile(
        r"github\.event\.pull_request\.(?:head\.(?:sha|ref)|merge_commit_sha)|github\.head_ref"
        r"|refs/pull/.*/(?:head|merge)"
    ),
    "workflow_run": re.compile(r"github\.event\.workflow_run\.head_(?:sha|branch|commit\.id)"),
}
_ASKED = re.compile(
    r"author_association|head\.repo|head_repository|\blabel|\bactor\b|\.user\.login|\.event\s*==\s*'push'"
    r"|head_branch"
)


def rewrite(file: Document, _: Facts) -> Iterator[Advice]:
    """Yield what to say of the first checkout of a stranger's code that something then runs."""
    found = [p for event in workflow.triggers(file) if (p := _PROPOSED.get(event))]
    for _name, job in workflow.jobs(file) if found else ():
        if job.get("environment") or _ASKED.search(workflow.text(job, "if")):
            continue
        for number, step in enumerate(workflow.steps(job)):
            ref = _ref(step)
            behind = workflow.steps(job)[number + 1 :]
            if ref and any(p.search(ref.text) for p in found) and any(map(_runs_code, behind)):
                said = (
                    "strangers' code is checked out and run where the secrets are: run it on `pull_request`"
                )
                yield Advice(ref.start, said)
                return


def _ref(step: Node) -> Node | None:
    given = step.get("with")
    asked = _ASKED.search(workflow.text(step, "if"))
    taken = given is not None and workflow.action(step) == credentials.CHECKOUT and not asked
    return given.get("ref") if given and taken else None


def _runs_code(step: Node) -> bool:
    """Say whether a step may run what was checked out."""
    return step.get("run") is not None or workflow.text(step, "uses").startswith("./")
