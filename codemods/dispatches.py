"""Reads the workflows that are made to be started by hand, and writes down how."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codemods import document, places, quoted, workflow
from codemods.document import Node
from codemods.model import Tree

_BY_HAND = frozenset(("workflow_dispatch", "schedule", "workflow_call", "repository_dispatch"))
_WITH_INPUTS = _BY_HAND | {"push", "release"}
"""What else may start a workflow that people start: one with inputs is made for both."""
_KINDS = {"boolean": "true or false", "number": "a number", "environment": "an environment", "string": "text"}
_HARMLESS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ,.;?()/'+-]|:(?!//))*", re.ASCII)
_LONGEST, _MOST = 120, 6


@dataclass(frozen=True, slots=True)
class Input:
    """One input: its name, and what is to be said of it in Markdown."""

    name: str
    said: str


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow that people start: the name of its file, its own name, and its inputs."""

    file: str
    title: str
    inputs: tuple[Input, ...]


def of(tree: Tree) -> Iterator[Workflow]:
    """Yield the workflows that have inputs, or that no push and no pull request starts."""
    for path in tree.paths():
        if places.KINDS["workflows"](path) and path.count("/") == 2:  # noqa: PLR2004 -- none below that folder runs
            data = tree.read(path)
            found = _read(posixpath.basename(path), data) if b"workflow_dispatch" in data else None
            if found:
                yield found


def _read(file: str, data: bytes) -> Workflow | None:
    try:
        read = document.read(data)
    except document.Invalid:
        return None
    events = workflow.triggers(read)
    dispatch = events.get("workflow_dispatch")
    declared = dispatch.get("inputs") if dispatch else None
    inputs = tuple(Input(name.text, _described(value)) for name, value in declared.pairs) if declared else ()
    is_meant = "workflow_dispatch" in events and events.keys() <= (_WITH_INPUTS if inputs else _BY_HAND)
    if not is_meant or not read.plain or not workflow.jobs(read):
        return None
    return Workflow(file, " ".join(workflow.text(read.root, "name").split()), inputs)


def _described(value: Node) -> str:
    default, kind = (workflow.text(value, key) for key in ("default", "type"))
    options = value.get("options")
    facts = [_choice([n.text for n in options.items]) if options else _KINDS.get(kind or "string", kind)]
    if default:
        facts.append(f"{quoted.span(default)} by default")
    elif workflow.text(value, "required") == "true":
        facts.append("required")
    about = _words(" ".join(workflow.text(value, "description").split()))
    return f" ({', '.join(facts)})" + (f": {about}" if about else "")


def _choice(options: Sequence[str]) -> str:
    shown = [quoted.span(option) for option in options[:_MOST]]
    if len(options) > _MOST:
        return f"one of {len(options)}, as {shown[0]}"
    return " or ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def _words(text: str) -> str:
    """Return words of others as they are where they mean nothing to Markdown, else as code."""
    if not text:
        return ""
    short = text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}…"
    return short if _HARMLESS.fullmatch(short.removesuffix("…")) else quoted.span(text)


def written(workflows: Sequence[Workflow]) -> list[str]:
    """Return the lines of Markdown that say how each workflow is started."""
    lines = ["These workflows are started by hand, in the Actions tab or with `gh workflow run`:", ""]
    for one in workflows:
        title = _words(one.title)
        lines.append(f"- {quoted.span(one.file)}" + (f": {title}" if title else ""))
        lines += [f"  - {quoted.span(given.name)}{given.said}" for given in one.inputs]
    return lines
