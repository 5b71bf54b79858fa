"""Tells whether the commands of a workflow's job could use the credentials that a checkout left behind."""

from __future__ import annotations

import re
from itertools import chain

from codemods import workflow
from codemods.document import Document, Node

CHECKOUT = "actions/checkout"
_WRITES = re.compile(
    r"push|publish|deploy|releas|twine|\bgh\b|\bhub\b|ghp-import|gh-pages|api\.github"
    r"|\bgit\b.*\b(?:commit|tag|remote|user\.)|bump|changelog|github[._](?:ref|event|head|actor)",
    re.IGNORECASE,
)
_EVENTS = re.compile(r"\b(?:github|env|needs|inputs|vars|secrets)\b")


def shared(file: Document) -> bool:
    """Say whether pull requests from forks run all of a workflow, whose token can only read."""
    events = workflow.triggers(file)
    filters = events.get("pull_request")
    return "pull_request" in events and not (filters and filters.get("types"))


def kept(step: Node) -> bool:
    """Say whether a step checks out code and leaves its credentials behind."""
    given = step.get("with")
    said = workflow.text(given, "persist-credentials") if given else ""
    return workflow.action(step) == CHECKOUT and said.lower() != "false"


def only_read(name: Node, job: Node) -> bool:
    """Say whether the commands of a job, which pull requests from forks start too, write nowhere.

    None of them runs for some events only, and nothing in their words speaks of pushing or publishing.
    """
    commands = [step for step in workflow.steps(job) if step.get("run")]
    if any(_EVENTS.search(workflow.text(node, "if")) for node in (job, *commands)):
        return False
    said = [name.text, workflow.text(job, "name"), *chain(*map(workflow.texts, commands))]
    return not any(map(_WRITES.search, said))
