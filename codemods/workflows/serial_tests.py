"""Slow tests run one after another, while all cores of the machine but one wait.

With `pytest-xdist` they run side by side: `pytest -n auto` starts a process for each core, and GitHub's own
machines have two to four. Whether tests can do that only you know. Those that write to one file, listen on
one port or share a database have to be told apart first, or kept together (`--dist loadgroup`).

It is told where the history of a job says that the step with its tests takes more than ten minutes (the
median of ten runs or more, in the slowest row of a matrix), once in a repository. Nothing is said of a job
with services beside it or on a machine with one core, of a step that does more than test, of tests that are
divided or measured already, or that another tool starts, and nothing where pytest-xdist is named anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import document, durations, installing, workflow
from codemods.document import Node
from codemods.durations import Lasted
from codemods.manifests import shell
from codemods.model import About, Advice, Applicability, Category, Facts

ABOUT = About(
    title="Run slow tests side by side",
    category=Category.SPEED,
    applicability=Applicability.ADVICE,
    risk="Tests that share a file, a port or a database may fail side by side.",
    references=(
        "https://pytest-xdist.readthedocs.io/en/stable/distribution.html",
        "https://pytest-xdist.readthedocs.io/en/stable/known-limitations.html",
        "https://docs.github.com/en/actions/reference/runners/github-hosted-runners",
    ),
    needles=(b"pytest", b"py.test"),
    minutes=60,
    asks=("durations", "listed"),
)

_SLOW = 600
_PYTEST = frozenset(("pytest", "py.test"))
_RUNNERS = frozenset(("uv", "poetry", "pdm", "pipenv", "rye"))
_OTHERWISE = re.compile(
    r"xdist|conda|mamba|pixi|\bnix\b|ADDOPTS|--(?:splits|group|shard|num-?shards|forked|benchmark|parallel|workers)"
    r"|compose|serial|pytest-split|tests?mon",
    re.IGNORECASE,
)
_OWN = re.compile(r"-n\d*|--numprocesses|--dist|-d|--tx|--pdb|-p|-c|--co(?:llect-only)?|--codspeed")
_QUICK = frozenset(("cat", "cd", "coverage", "df", "echo", "export", "ls", "mkdir", "set", "source", "tee"))
"""What takes no time beside the tests; whatever else a step does may be what takes it all."""
_PARTS = frozenset(("group", "shard", "split", "chunk", "part", "partition", "slice"))


def rewrite(file: document.Document, facts: Facts) -> Iterator[Advice]:
    """Yield words about the slowest of the steps that run tests one after another."""
    if facts.listed is None or "pytest" not in facts.listed or "pytest-xdist" in facts.listed:
        return
    if not facts.durations or any(map(_OTHERWISE.search, workflow.texts(file.root))):
        return
    slow = [found for name, job in workflow.jobs(file) if (found := _slow(file, name, job, facts))]
    if slow:
        seconds, start, words = max(slow)
        yield Advice(start, f"{words} takes {durations.said(seconds)} (median), on one core: {_CHANGE}")


_CHANGE = "with `pytest-xdist` beside `pytest` in the requirements, `pytest -n auto` uses all"


def _slow(file: document.Document, name: Node, job: Node, facts: Facts) -> tuple[float, int, str] | None:
    """Return how many seconds the tests of a job take, where they stand, and how they are called."""
    found = durations.together(tuple(durations.rows(workflow.title(name, job), facts.durations)))
    if found is None or found.runs < durations.ENOUGH or job.get("services") or not workflow.hosted(job):
        return None
    if _is_divided(job) or any("ubuntu-slim" in said for said in workflow.texts(job)):
        return None
    steps = [step for step in workflow.steps(job) if _runs_tests(file, job, step)]
    # Of several nobody knows which is meant.
    seconds = _seconds(found, steps[0]) if len(steps) == 1 else 0
    run = steps[0].get("run") if seconds > _SLOW else None
    return (seconds, run.start, f"`{workflow.shown(steps[0])}` in `{name.text}`") if run else None


def _is_divided(job: Node) -> bool:
    matrix = (job.get("strategy") or job).get("matrix")
    keys = {pair.key.text.lower() for node in matrix.walk() for pair in node.pairs} if matrix else set()
    return any(part in key for key in keys for part in _PARTS)


def _seconds(found: Lasted, step: Node) -> float:
    """Return how long a step takes, if it is the one that takes the longest; else 0."""
    if not found.step:
        return found.median
    return found.step_median if durations.shown_as(workflow.shown(step)).fullmatch(found.step) else 0


def _runs_tests(file: document.Document, job: Node, step: Node) -> bool:
    """Say whether a step runs pytest as it is, once and for certain, and installs nothing for it."""
    commands = list(installing.commands(file, job, step))
    options = [words for c in commands if c.certain and (words := _told(c)) is not None]
    if len(options) != 1 or any("install" in c.texts for c in commands) or not _is_all(step):
        return False
    return not any(_OWN.fullmatch(name) or "$" in name for name in _named(options[0]))


def _is_all(step: Node) -> bool:
    """Say whether a step does nothing beside its tests that takes time, or that they need."""
    found = [[word.text for word in command] for command in shell.commands(workflow.text(step, "run"))]
    return all(words[0] in _QUICK or not _PYTEST.isdisjoint(words) for words in found if words)


def _named(options: tuple[str, ...]) -> Iterator[str]:
    return (option.partition("=")[0] for option in options)


def _told(command: installing.Command) -> tuple[str, ...] | None:
    """Return what pytest is told by a command, None where it is not pytest."""
    texts = command.texts
    if texts[:1] and texts[0] in _RUNNERS and texts[1:2] == ("run",):
        texts = texts[2:]
        texts = texts[2:] if texts[:2] == ("python", "-m") else texts
    return texts[1:] if texts[:1] and texts[0] in _PYTEST else None
