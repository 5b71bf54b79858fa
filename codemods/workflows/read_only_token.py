"""A workflow without `permissions` hands every step a token that may be able to write to the repository.

What the token may do is then a setting of the organisation or the repository, and in older ones it is
everything: push, release, approve. One compromised dependency of a test run is enough to use it. With
`permissions: contents: read` it can read the code, which is all that checking out and testing needs, whatever
the setting says.

It is proposed only where reading is provably enough. No job has permissions yet, nothing names the token,
and each step is either one of a short list of actions that need no more, or a command that cannot have got
hold of the token. A command can have, when the checkout before it left its credentials behind; then the
workflow must run for pull requests just the same, where those from forks have had a token that only reads
all along, and must say nothing of pushing, publishing or releasing. Everything else is left to you.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from codemods import document, insertions, workflow
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Let the workflow token only read",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A script that pushes with the credentials the checkout left, unseen by the workflow, fails.",
    references=(
        "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions",
        "https://docs.github.com/en/actions/reference/security/secure-use",
        "https://docs.zizmor.sh/audits/#excessive-permissions",
    ),
    needles=(b"jobs:",),
    minutes=10,
)

_TRIGGERS = frozenset(("pull_request", "push", "merge_group", "workflow_dispatch", "schedule"))
# These fetch code or tools, or talk to the run's own cache and artifacts, which have a token of their own.
_READERS = frozenset(
    (
        "actions/cache",
        "actions/cache/restore",
        "actions/cache/save",
        "actions/checkout",
        "actions/download-artifact",
        "actions/setup-go",
        "actions/setup-java",
        "actions/setup-node",
        "actions/setup-python",
        "actions/upload-artifact",
        "astral-sh/setup-uv",
        "codecov/codecov-action",
        "conda-incubator/setup-miniconda",
        "docker/setup-buildx-action",
        "docker/setup-qemu-action",
        "hynek/build-and-inspect-python-package",
        "hynek/setup-cached-uv",
        "mamba-org/setup-micromamba",
        "pdm-project/setup-pdm",
        "pre-commit/action",
        "pypa/cibuildwheel",
        "re-actors/alls-green",
        "snok/install-poetry",
    )
)
_TOKEN = re.compile(
    r"github\s*\.\s*token|\b(?:github|gh)_token|tojson\(\s*(?:secrets|github)\s*\)|(?:secrets|github)\s*\["
    r"|secrets\s*\.\s*\*|use_oidc|attest-build",
    re.IGNORECASE,
)
_WRITES = re.compile(
    r"push|publish|deploy|releas|twine|\bgh\b|\bhub\b|ghp-import|gh-pages|api\.github"
    r"|\bgit\b.*\b(?:commit|tag|remote|user\.)|bump|changelog|github[._](?:ref|event|head|actor)",
    re.IGNORECASE,
)
_EVENTS = re.compile(r"\b(?:github|env|needs|inputs|vars|secrets)\b")


def rewrite(file: document.Document, _: Facts) -> Iterator[Splice]:
    """Yield the permissions for a workflow that is known to need no others."""
    if file.plain and not file.root.flow and _only_reads(file):
        lines = ("permissions:", "  contents: read")
        yield insertions.section(
            file, ("on", "name", "run-name"), lines, "the token of each job can only read"
        )


def _only_reads(file: document.Document) -> bool:
    events, jobs = workflow.triggers(file), workflow.jobs(file)
    if not jobs or not events or not events.keys() <= _TRIGGERS:
        return False
    if any(node.get("permissions") for node in (file.root, *(job for _, job in jobs))):
        return False
    if any(map(_TOKEN.search, workflow.texts(file.root))):
        return False
    shared = "pull_request" in events and not (events["pull_request"] and events["pull_request"].get("types"))
    return all(_job_only_reads(*job, shared=shared) for job in jobs)


def _job_only_reads(name: document.Node, job: document.Node, *, shared: bool) -> bool:
    """Say whether a job needs no more; ``shared`` tells that pull requests from forks start it as well."""
    steps = workflow.steps(job)
    known = [step.get("run") is not None or workflow.action(step) in _READERS for step in steps]
    if not steps or not all(known):
        return False
    commands = [step for step in steps if step.get("run")]
    if not commands or not any(map(_leaves_credentials, steps)):
        return True
    if not shared or any(_EVENTS.search(workflow.text(node, "if")) for node in (job, *commands)):
        return False
    said = [name.text, workflow.text(job, "name"), *chain(*map(workflow.texts, commands))]
    return not any(map(_WRITES.search, said))


def _leaves_credentials(step: document.Node) -> bool:
    given = step.get("with")
    kept = workflow.text(given, "persist-credentials") if given else ""
    return workflow.action(step) == "actions/checkout" and kept.lower() != "false"
