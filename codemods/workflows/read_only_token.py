"""A workflow without `permissions` hands every step a token that may be able to write to the repository.

What the token may do is then a setting of the organisation or the repository, and in older ones it is
everything: push, release, approve. One compromised dependency of a test run is enough to use it. With
`permissions: contents: read` it can read the code, which is all that checking out and testing needs, whatever
the setting says.

It is proposed only where what is needed can be told. No job has permissions yet, nobody but a known action
is handed the token, and each step is either one of the actions whose needs are written down (`grants.toml`),
or a command that cannot have got hold of the token. A command can have, when the checkout before it left its
credentials behind; then the workflow must run for pull requests just the same, where those from forks have
had a token that only reads all along, and must say nothing of pushing, publishing or releasing. A job whose
actions need more, such as one that labels pull requests, gets just that. Everything else is left to you.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from codemods import credentials, document, grants, insertions, workflow
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

# Where no command runs, it does not matter who starts it, but for a caller: its token must be able to do it.
_ALL = workflow.COMMON | {"issues", "issue_comment", "label", "pull_request_target", "release", "create"}
_TOKEN = re.compile(
    r"github\s*\.\s*token|\b(?:github|gh)_token|tojson\(\s*(?:secrets|github)\s*\)|(?:secrets|github)\s*\["
    r"|(?:secrets|github)\s*\.\s*\*|use_oidc|attest-build",
    re.IGNORECASE,
)


def rewrite(file: document.Document, _: Facts) -> Iterator[Splice]:
    """Yield the permissions for a workflow all of whose needs are known."""
    if not file.plain or file.root.flow or not _can_be_told(file):
        return
    needs = [(job, _needs(*job, shared=credentials.shared(file))) for job in workflow.jobs(file)]
    if not needs or any(found is None for _, found in needs):
        return
    lines = ("permissions:", "  contents: read")
    yield insertions.section(file, ("on", "name", "run-name"), lines, "the token of each job can only read")
    for (name, job), found in needs:
        runner = job.pair("runs-on")
        if found and found != grants.READ and runner:
            yield insertions.after(
                file, runner, _written(job, found), f"`{name.text}` needs more: {_listed(found)}"
            )


def _written(job: document.Node, needs: Mapping[str, str]) -> list[str]:
    """Return the lines that grant a job what it needs, each with the actions that are why."""
    lines = ["permissions:"]
    for scope, grant in sorted(needs.items()):
        who = [n for s in workflow.steps(job) if (n := workflow.action(s)) and _asks(s, scope, grant)]
        why = f" # {', '.join(dict.fromkeys(who))}" if (scope, grant) not in grants.READ.items() else ""
        lines.append(f"  {scope}: {grant}{why}")
    return lines


def _asks(step: document.Node, scope: str, grant: str) -> bool:
    action = grants.of(step)
    return action is not None and action.grants.get(scope) == grant


def _listed(needs: Mapping[str, str]) -> str:
    return ", ".join(f"`{scope}: {grant}`" for scope, grant in sorted(needs.items()))


def _can_be_told(file: document.Document) -> bool:
    """Say whether nothing hides what a workflow needs: its triggers, permissions, or who gets the token."""
    events, jobs = workflow.triggers(file), workflow.jobs(file)
    steps = [step for _, job in jobs for step in workflow.steps(job)]
    if not events or not events.keys() <= (workflow.COMMON if any(s.get("run") for s in steps) else _ALL):
        return False
    if any(node.get("permissions") for node in (file.root, *(job for _, job in jobs))):
        return False
    handed = {node.start for step in steps for pair in grants.handed(step) for node in pair}
    said = (n for n in file.root.walk() if n.kind == "scalar" and n.start not in handed)
    return not any(_TOKEN.search(node.text) for node in said)


def _needs(name: document.Node, job: document.Node, *, shared: bool) -> Mapping[str, str] | None:
    """Return what a job needs, None where that cannot be told; ``shared`` as in `credentials`."""
    steps = workflow.steps(job)
    commands = [step for step in steps if step.get("run") is not None]
    actions = [grants.of(step) for step in steps if step not in commands]
    if not steps or job.flow or any(action is None for action in actions):
        return None
    if commands and any(map(credentials.kept, steps)) and not (shared and credentials.only_read(name, job)):
        return None
    found: dict[str, str] = dict(grants.READ) if commands else {}
    for scope, grant in (pair for action in actions if action for pair in action.grants.items()):
        found[scope] = max(grant, found.get(scope, grant))
    return found
