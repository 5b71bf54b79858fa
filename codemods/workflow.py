"""Reads a GitHub workflow: what starts it, its jobs and their steps, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from codemods.document import Document, Node, Pair


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


def title(name: Node, job: Node) -> str:
    """Return how a job is called: what its ``name`` says, else its id."""
    return text(job, "name") or name.text


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
