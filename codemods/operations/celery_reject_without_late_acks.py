"""A task of Celery that is lost with its worker comes back only if it is acknowledged late.

`task_reject_on_worker_lost` says that a message goes back to the queue when the process that worked on it is
killed, as by the kernel when memory ends. But by default a message is acknowledged before its task begins,
and the broker has forgotten it by then: Celery looks at the setting only where `task_acks_late` is on. Alone
it does nothing, and whoever wrote it believes that no task is lost.

There are two ways, and only you know which: turn `task_acks_late` on where a task may well run twice, or take
the setting out. Nothing is said where anything in the repository speaks of late acknowledgement. The other
way round is no mistake: to be acknowledged late, and given up with a process that was killed, is what Celery
does on purpose, for such a task may kill the next process too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from codemods import celery_settings, engine, project, silence
from codemods.model import About, Applicability, Category, Facts, Finding, Tree

ABOUT = About(
    title="Acknowledge late what must not be lost with a worker",
    category=Category.RELIABILITY,
    applicability=Applicability.ADVICE,
    risk="With late acknowledgement a task may run twice, and one that kills its process does so again.",
    references=(
        "https://docs.celeryq.dev/en/stable/userguide/configuration.html",
        "https://docs.celeryq.dev/en/stable/userguide/tasks.html#Task.acks_late",
    ),
    needles=(),
    minutes=15,
    asks=("listed",),
)

_ID = "celery-reject-without-late-acks"
_SET = re.compile(rb"reject_on_worker_lost[\"']?\]?[ \t]*[=:][ \t]*True\b", re.IGNORECASE)
_SPEAKS = re.compile(rb"acks?_late|late_ack", re.IGNORECASE)
_TOLD = re.compile(r"\.(?:md|rst|txt|ipynb|lock|svg|html?)\Z", re.IGNORECASE)


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return words about the first place that asks for what has no effect."""
    if facts.listed is not None and "celery" not in facts.listed:
        return
    found = [each for path in tree.paths() for each in _set(path, tree)]
    if not found or any(_SPEAKS.search(tree.read(p)) for p in tree.paths() if not _TOLD.search(p)):
        return
    path, line, name = found[0]
    late = re.sub("reject_on_worker_lost", "acks_late", name)
    late = re.sub("REJECT_ON_WORKER_LOST", "ACKS_LATE", late)
    said = f"`{name}` does nothing where nothing sets `{late}`: a task is lost with its worker all the same"
    yield Finding(_ID, path, line, said)


def _set(path: str, tree: Tree) -> Iterator[tuple[str, int, str]]:
    """Yield the lines of a module of the project that turn the setting on."""
    if not path.endswith(".py") or not project.is_own(path):
        return
    data = tree.read(path)
    module = engine.skimmed(path, data) if _SET.search(data) else None
    found = celery_settings.given(module) if module else ()
    for name, value, _ in sorted(found, key=lambda each: each[1].lineno):
        is_on = isinstance(value, ast.Constant) and value.value is True
        written = data.splitlines()[value.lineno - 1].decode("utf-8", "replace")
        if is_on and name.lower().endswith("reject_on_worker_lost") and not silence.says_ignore(written, _ID):
            yield path, value.lineno, name
