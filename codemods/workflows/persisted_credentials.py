"""`actions/checkout` leaves the run's token in a file of the checkout, where each later step can read it.

Every dependency that a test run installs can send it away, and an artifact of the whole folder publishes it.
With `persist-credentials: false` git is given the token for the checkout, and it is gone afterwards.

It is proposed only where nothing later in the job is known to need it: each step is one of the actions that
do not push (`grants.toml`), or a command that calls git for nothing that goes over the network. Where
commands run, the job must run for pull requests of forks just the same, whose token cannot push anyway, and
say nothing of pushing, publishing or releasing. Checkouts with submodules, large files or a token of their
own, and those that an unknown action or one of the repository's own follows, are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import credentials, grants, insertions, workflow
from codemods.document import Document, Node
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Leave no credentials behind the checkout",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A script that fetches from a private repository or pushes, unseen by the workflow, fails.",
    references=(
        "https://github.com/actions/checkout#usage",
        "https://docs.zizmor.sh/audits/#artipacked",
    ),
    needles=(b"actions/checkout",),
    minutes=5,
    asks=("paths",),
)

_KEY = "persist-credentials"
_INPUTS = frozenset(
    (
        *("clean", "fetch-depth", "fetch-tags", "filter", "path", "ref", "set-safe-directory"),
        *("show-progress", "sparse-checkout", "sparse-checkout-cone-mode"),
    )
)
_FIRST = re.compile(r"v?1(?:\.|\Z)")
_REMOTE = re.compile(
    r"\bgit\b[^\n;|&]*\b(?:annex|archive|clone|fetch|lfs|ls-remote|pull|remote|submodule|subtree|svn|worktree)\b"
    r"|git\+|git@|github\.com|\basv\b|\bdvc\b|\.git/|GIT_|credential|extraheader",
    re.IGNORECASE,
)


def rewrite(file: Document, facts: Facts) -> Iterator[Splice]:
    """Yield the setting for each checkout whose credentials nothing needs."""
    if not file.plain or ".gitmodules" in facts.paths or "workflow_call" in workflow.triggers(file):
        return
    shared = credentials.shared(file)
    for name, job in workflow.jobs(file):
        steps = workflow.steps(job)
        commands = any(step.get("run") for step in steps)
        if job.flow or (commands and not (shared and credentials.only_read(name, job))):
            continue
        for number, step in enumerate(steps):
            if _could_do_without(step) and all(map(_needs_none, steps[number + 1 :])):
                yield from _without(file, step)


def _could_do_without(step: Node) -> bool:
    """Say whether a step is a checkout that may get the setting."""
    uses, given = step.get("uses"), step.get("with")
    if step.flow or uses is None or workflow.action(step) != credentials.CHECKOUT:
        return False
    inputs = {pair.key.text for pair in given.pairs} if given else set()
    usual = given is None or (given.kind == "mapping" and bool(inputs))
    return usual and inputs <= _INPUTS and not _FIRST.match(uses.text.partition("@")[2])


def _needs_none(step: Node) -> bool:
    """Say whether a step behind a checkout does nothing with its credentials."""
    if step.get("run"):
        return not any(map(_REMOTE.search, workflow.texts(step)))
    action = grants.of(step)
    return action is not None and not action.git


def _without(file: Document, step: Node) -> Iterator[Splice]:
    message = "the checkout leaves no credentials behind"
    given, uses = step.get("with"), step.pair("uses")
    if given and given.flow:
        end = given.pairs[-1].value.end
        yield Splice(end, end, f", {_KEY}: false".encode(), message)
    elif given:
        yield insertions.after(file, given.pairs[-1], [f"{_KEY}: false"], message)
    elif uses:
        yield insertions.after(file, uses, insertions.nested(file, "with", [f"{_KEY}: false"]), message)
