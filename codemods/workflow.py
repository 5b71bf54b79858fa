"""Reads a GitHub workflow: what starts it, its jobs and their steps, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from codemods.document import Document, Node, Pair

COMMON = frozenset(("pull_request", "push", "merge_group", "workflow_dispatch", "schedule"))
"""The events that start what tests code, and nothing unusual."""
# What leaves something behind outside the run: by its own name, or by the tool that does it.
_LASTING = re.compile(
    r"deploy|publish|(?<!pre)(?<!pre-)(?<!lsb_)(?<!os-)(?<!--)releas|gh-pages|auto-commit|create-pull-request"
    r"|twine|terraform|terragrunt|pulumi|ansible|helm|kubectl|netlify|vercel|heroku|build-push|rsync"
    r"|\b(?:git|docker|podman|crane|skopeo)\b.*\b(?:push|copy)\b|\b(?:aws|gcloud|az|flyctl|gh|scp|ssh)\b",
    re.IGNORECASE,
)
_HOSTED = re.compile(r"(?:ubuntu|windows|macos)-[\w.-]+|\$\{\{ *matrix\.[\w.-]+ *\}\}", re.IGNORECASE)


def triggers(document: Document) -> Mapping[str, Node | None]:
    """Return the events that start a workflow, each with its filters where it has any; empty when unclear."""
    on = document.root.get("on")
    if on is None:
        return {}
    if on.kind == "scalar":
        return {on.text: None}
    if on.kind == "sequence" and all(n.kind == "scalar" for n in on.items):
        return {n.text: None for n in on.items}
    return {pair.key.text: pair.value for pair in on.pairs}


def jobs(document: Document) -> Sequence[Pair]:
    """Return the jobs by their ids."""
    found = document.root.get("jobs")
    return found.pairs if found else ()


def steps(job: Node) -> Sequence[Node]:
    """Return a job's steps; a job that calls another workflow has none."""
    found = job.get("steps")
    return found.items if found else ()


def action(step: Node) -> str:
    """Return the action that a step uses, in small letters and without its version; ``""`` for none."""
    return text(step, "uses").partition("@")[0].lower()


def text(node: Node, key: str) -> str:
    """Return the text of a mapping's key, ``""`` when there is none."""
    found = node.get(key)
    return found.text if found else ""


def texts(node: Node) -> Iterator[str]:
    """Yield every key and every value within a node."""
    return (n.text for n in node.walk() if n.kind == "scalar")


def lasting(document: Document) -> bool:
    """Say whether a workflow may leave something behind outside its runs: deploys, publishes, may write."""
    nodes = (document.root, *(job for _, job in jobs(document)))
    if any(node.get("environment") for node in nodes) or any(map(_may_write, nodes)):
        return True
    return any(map(_LASTING.search, _done(document)))


def _may_write(node: Node) -> bool:
    granted = node.get("permissions")
    return granted is not None and any(said.startswith("write") for said in texts(granted))


def _done(document: Document) -> Iterator[str]:
    """Yield the workflow's name, and all that its jobs are called and do."""
    yield text(document.root, "name")
    for name, job in jobs(document):
        yield name.text
        yield from texts(job)


def hosted(job: Node) -> bool:
    """Say whether a job runs on GitHub's own runners, and not within a container there.

    A matrix may say which; then none of its values may speak of a runner of one's own.
    """
    runner = text(job, "runs-on")
    own = any("self-hosted" in said for said in texts(job))
    return bool(_HOSTED.fullmatch(runner)) and not own and job.get("container") is None
