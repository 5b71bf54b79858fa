"""pre-commit builds the environments of its hooks anew in each run, though they change with its file alone.

For most repositories that takes longer than the hooks themselves: each one is cloned and gets a virtual
environment. `actions/cache` can keep `~/.cache/pre-commit`, under a key of the Python that the environments
belong to (`env.pythonLocation`, which `setup-python` sets) and the hash of `.pre-commit-config.yaml`.

It is proposed where a job on GitHub's own runners sets up Python and then runs pre-commit by itself, as
`pre-commit/action` and others keep their environments already. The step is pinned to a commit: to that which
the file has for `actions/cache` elsewhere, or to the newest one that is known. Workflows that no push starts
are left alone (a cache of one pull request is of no use to the next), and those that deploy, publish, release
or may write.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemods import action_versions, document, insertions, installing, tags, traces, workflow
from codemods.document import Node
from codemods.manifests import beside
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Keep the environments of pre-commit between runs",
    category=Category.SPEED,
    applicability=Applicability.UNSAFE,
    risk="A hook's environment that was saved broken comes back until its file changes.",
    references=(
        "https://pre-commit.com/#github-actions-example",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching",
        "https://docs.zizmor.sh/audits/#cache-poisoning",
    ),
    needles=(b"pre-commit run",),
    minutes=10,
    asks=("paths",),
)

_CONFIG = ".pre-commit-config.yaml"
_NEWEST = "actions/cache@55cc8345863c7cc4c66a329aec7e433d2d1c52a9 # v6.1.0"
"""As of 2026-11-26, for files that have none; `upgrade-action` moves it on."""
_WORKS = (4, 2)
"""The first version that talks to today's store of caches; a comment may say no more than ``v4``."""
_WITH = (
    "  with:",
    "    path: ~/.cache/pre-commit",
    "    key: pre-commit-${{ env.pythonLocation }}-${{ hashFiles('.pre-commit-config.yaml') }}",
)


def rewrite(file: document.Document, facts: Facts) -> Iterator[Splice]:
    """Yield the step for each job that builds the environments anew."""
    events = workflow.triggers(file)
    if not file.plain or "push" not in events or not events.keys() <= workflow.COMMON:
        return
    if _CONFIG not in facts.paths or workflow.speaks_of_tags(file) or traces.left(file):
        return
    for name, job in workflow.jobs(file):
        sequence, step = job.get("steps"), _python(file, job)
        if sequence and step:
            lines = (f"- uses: {_pinned(file)}", *_WITH)
            message = f"`{name.text}` keeps the environments of its hooks"
            yield insertions.behind_item(file, step, sequence, lines, message)


def _pinned(file: document.Document) -> str:
    """Return the commit of the action that the file uses elsewhere, with its comment; else the newest."""
    for step in (step for _, job in workflow.jobs(file) for step in workflow.steps(job)):
        uses = step.get("uses")
        of = action_versions.release(file, step) if workflow.action(step) == "actions/cache" else ()
        if uses and tags.COMMIT.search(uses.text) and (of >= _WORKS or of == _WORKS[:1]):
            comment, _ = beside.trailing(file.data, uses.end)
            return f"{uses.text} {comment}".rstrip()
    return _NEWEST


def _python(file: document.Document, job: Node) -> Node | None:
    """Return the step that sets up Python for the hooks of a job that keeps nothing yet."""
    steps = workflow.steps(job)
    actions = [workflow.action(step) for step in steps]
    if not workflow.hosted(job) or job.flow or actions.count("actions/setup-python") != 1:
        return None
    if any("cache" in action or action.startswith("pre-commit/") for action in actions):
        return None
    place = actions.index("actions/setup-python")
    fetched = "actions/checkout" in actions[:place]
    known = not steps[place].get("if") and not any("PRE_COMMIT_HOME" in t for t in workflow.texts(file.root))
    ran = any(_runs(file, job, step) for step in steps[place:])
    return steps[place] if fetched and known and ran and not steps[place].flow else None


def _runs(file: document.Document, job: Node, step: Node) -> bool:
    """Say whether a step runs the hooks at the top of the repository, for certain."""
    commands = installing.commands(file, job, step)
    return any(c.texts[:2] == ("pre-commit", "run") and c.certain and c.folder == "" for c in commands)
