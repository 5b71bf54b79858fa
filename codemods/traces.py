"""Tells whether a workflow may leave something behind outside its runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import grants, workflow
from codemods.document import Document, Node

# What leaves something behind outside the run: by its own name, or by the tool that does it.
_LASTING = re.compile(
    r"deploy|publish|(?<!pre)(?<!pre-)(?<!lsb_)(?<!os-)(?<!--)releas|gh-pages|auto-commit|create-pull-request"
    r"|twine|terraform|terragrunt|pulumi|ansible|helm|kubectl|netlify|vercel|heroku|build-push|rsync"
    r"|\b(?:git|docker|podman|crane|skopeo)\b.*\b(?:push|copy)\b|\b(?:aws|gcloud|az|flyctl|gh|scp|ssh)\b",
    re.IGNORECASE,
)


def left(document: Document) -> bool:
    """Say whether a workflow may leave something behind outside its runs: deploys, publishes, may write."""
    nodes = (document.root, *(job for _, job in workflow.jobs(document)))
    if any(node.get("environment") for node in nodes) or any(map(_may_write, nodes)):
        return True
    # Without permissions these write all the same, and `read-only-token` would say so.
    if any(_writes(step) for _, job in workflow.jobs(document) for step in workflow.steps(job)):
        return True
    return any(map(_LASTING.search, _done(document)))


def _may_write(node: Node) -> bool:
    granted = node.get("permissions")
    return granted is not None and any(said.startswith("write") for said in workflow.texts(granted))


def _writes(step: Node) -> bool:
    known = grants.of(step)
    return known is not None and "write" in known.grants.values()


def _done(document: Document) -> Iterator[str]:
    """Yield the workflow's name, and all that its jobs are called and do."""
    yield workflow.text(document.root, "name")
    for name, job in workflow.jobs(document):
        yield name.text
        yield from workflow.texts(job)
