"""Reads a GitHub workflow: what starts it, its jobs and their steps, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from codemods.document import Document, Node, Pair

COMMON = frozenset(("pull_request", "push", "merge_group", "workflow_dispatch", "schedule"))
"""The events that start what tests code, and nothing unusual."""
_HOSTED = re.compile(r"(?:ubuntu|windows|macos)-[\w.-]+", re.IGNORECASE)
_OF_MATRIX = re.compile(r"\$\{\{\s*matrix\.(?:[\w-]+\.)*([\w-]+)\s*\}\}")
_BASH = re.compile(r"(?:bash|sh)(?:\s+-.*)?")
_POSIX = re.compile(r"(?:ubuntu|macos)-[\w.-]+")


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


def speaks_of_tags(document: Document) -> bool:
    """Say whether tags decide what starts a workflow: it may well be what a release is made of."""
    push = triggers(document).get("push")
    return push is not None and any(pair.key.text in {"tags", "tags-ignore"} for pair in push.pairs)


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


def shown(step: Node) -> str:
    """Return how GitHub shows a step that runs commands: by its name, else by the first line of these."""
    return text(step, "name") or f"Run {text(step, 'run').strip().partition(chr(10))[0].rstrip()}"


def commands(document: Document, run: Node) -> tuple[str, int]:
    """Return the commands of a step and the byte where they start; one character is one byte of the file.

    Where they are not written as they are meant (folded, escaped) it is ``""`` and 0.
    """
    start, end = document.written(run), run.end
    if start is None and run.style == "|":
        start = document.data.find(b"\n", run.start, end) + 1 or end
    elif start is not None:
        end = start + len(run.text.encode())
    return ("", 0) if start is None else (document.data[start:end].decode("latin-1"), start)


def runs_bash(document: Document, job: Node, step: Node) -> bool:
    """Say whether a step's commands are certainly read by bash, or by a shell that reads the same."""
    for node in (step, *(d for n in (job, document.root) if (d := _defaults(n)))):
        if shell := node.get("shell"):
            return bool(_BASH.fullmatch(shell.text.strip()))
    return _runs_only_on(_POSIX, job)


def _defaults(node: Node) -> Node | None:
    found = node.get("defaults")
    return found.get("run") if found else None


def _runs_only_on(systems: re.Pattern[str], job: Node) -> bool:
    """Say whether the machine of a job is of some systems, whatever its matrix says where that names it."""
    runner = job.get("runs-on")
    if runner is None or runner.kind != "scalar":
        return False
    named = _OF_MATRIX.fullmatch(runner.text.strip())
    matrix = (job.get("strategy") or job).get("matrix") if named else None
    if named is None or matrix is None:
        return bool(systems.fullmatch(runner.text.strip()))
    values = [pair.value for node in matrix.walk() for pair in node.pairs if pair.key.text == named[1]]
    said = [n for value in values for n in (value.items or (value,))]
    return bool(said) and all(n.kind == "scalar" and systems.fullmatch(n.text) for n in said)


def text(node: Node, key: str) -> str:
    """Return the text of a mapping's key, ``""`` when there is none."""
    found = node.get(key)
    return found.text if found else ""


def texts(node: Node) -> Iterator[str]:
    """Yield every key and every value within a node."""
    return (n.text for n in node.walk() if n.kind == "scalar")


def hosted(job: Node) -> bool:
    """Say whether a job runs on GitHub's own runners, and not within a container there.

    A matrix may say which; then each of its values must be one of these.
    """
    own = any("self-hosted" in said for said in texts(job))
    return _runs_only_on(_HOSTED, job) and not own and job.get("container") is None
