"""What Redis holds for a worker of Celery goes to another one when it is not acknowledged within an hour.

Redis knows no acknowledgement, so Celery keeps time itself: after the `visibility_timeout`, 3600 seconds if
nothing else is said, a message counts as lost and is delivered again. A task with a `countdown` of a day
waits in a worker all that time, and is delivered again each hour: at the end it runs once for each of them.
One that is acknowledged late and runs for two hours is started a second time beside itself.

This names the place that asks for more than an hour, where the broker is Redis, nothing in the repository
speaks of another one, and nothing sets the timeout. It belongs above the longest wait
(`broker_transport_options = {"visibility_timeout": …}`, for all workers alike); what is to happen tomorrow
may also stand in a table that a periodic task reads.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Sequence

from codemods import celery_settings, engine, glance, project, silence
from codemods.model import About, Applicability, Category, Facts, Finding, Tree

ABOUT = About(
    title="Keep Redis from delivering tasks of Celery twice",
    category=Category.RELIABILITY,
    applicability=Applicability.ADVICE,
    risk="With a longer timeout, what a killed worker held comes back later.",
    references=(
        "https://docs.celeryq.dev/en/stable/userguide/configuration.html",
        "https://docs.celeryq.dev/en/stable/userguide/calling.html#eta-and-countdown",
    ),
    needles=(),
    minutes=20,
    asks=("listed",),
)

_ID = "celery-task-delivered-twice"
_DEFAULT = 3600  # seconds until a message counts as lost
_FACTORS = 5  # numbers in a product that somebody wrote
_WAITS = re.compile(rb"\b(?:countdown|default_retry_delay)\b")
_RUNS = re.compile(rb"time_limit|acks_late", re.IGNORECASE)
_CALLS = frozenset(("apply_async", "apply_async_on_commit", "retry", "signature", "subtask", "set"))
_TASKS = frozenset(("task", "shared_task", "periodic_task"))
_IS_REDIS = re.compile(rb"broker\w*[\"']?\]?[ \t]*[=:(][^\n#]*redis", re.IGNORECASE)
_SPEAKS = re.compile(
    rb"visibility_timeout|amqp|rabbit|\bsqs\b|\bpubsub\b|broker_transport_options", re.IGNORECASE
)
_TOLD = re.compile(r"\.(?:md|rst|txt|ipynb|lock|svg|html?|[cm]?[jt]sx?)\Z", re.IGNORECASE)


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return words about the first place that waits, or runs, for longer than Redis holds a message."""
    if facts.listed is None or "celery" not in facts.listed:
        return
    own = [p for p in tree.paths() if p.endswith(".py") and project.is_own(p)]
    found = next(_waiting(own, tree), None) or _running(own, tree)
    read = [p for p in tree.paths() if not _TOLD.search(p)] if found else []
    is_redis = any(_IS_REDIS.search(tree.read(p)) for p in read)
    if found and is_redis and not any(_SPEAKS.search(tree.read(p)) for p in read):
        yield found


def _waiting(own: Sequence[str], tree: Tree) -> Iterator[Finding]:
    for path in own:
        data = tree.read(path)
        module = engine.skimmed(path, data) if _WAITS.search(data) else None
        for call in glance.all_of(module, ast.Call) if module else ():
            called = glance.called(call)
            name = "countdown" if called in _CALLS else "default_retry_delay" if called in _TASKS else ""
            for word in call.keywords:
                if word.arg == name and _seconds(word.value) > _DEFAULT:
                    yield from _finding(path, data, name, word.value, "waits")


def _running(own: Sequence[str], tree: Tree) -> Finding | None:
    """Return a hard limit above the timeout, where tasks are acknowledged late, and hear of no soft one."""
    found, is_late = None, False
    for path in own:
        data = tree.read(path)
        module = engine.skimmed(path, data) if _RUNS.search(data) else None
        for name, value, called in celery_settings.given(module) if module else ():
            lowered = name.lower()
            if lowered.endswith("soft_time_limit"):
                return None
            is_late |= (
                lowered.endswith("acks_late") and isinstance(value, ast.Constant) and value.value is True
            )
            if _is_limit(name, called) and _seconds(value) > _DEFAULT and found is None:
                found = next(_finding(path, data, name, value, "may run"), None)
    return found if is_late else None


def _is_limit(name: str, called: str) -> bool:
    """Say whether a name is that of the hard limit: of all tasks, or of one where it is made or sent."""
    is_one = name == "time_limit" and called in _CALLS | _TASKS
    return is_one or name.lower().endswith("task_time_limit")


def _seconds(node: ast.expr) -> int:
    """Return a number that is written out, with factors or without; 0 for what is computed."""
    parts = list(ast.walk(node))
    numbers = [p.value for p in parts if isinstance(p, ast.Constant) and type(p.value) is int]
    plain = all(isinstance(p, ast.Constant | ast.BinOp | ast.Mult) for p in parts)
    written = plain and len(numbers) == sum(isinstance(p, ast.Constant) for p in parts) <= _FACTORS
    return math.prod(numbers) if written else 0


def _finding(path: str, data: bytes, name: str, value: ast.expr, does: str) -> Iterator[Finding]:
    written = data.splitlines()[value.lineno - 1].decode("utf-8", "replace")
    if not silence.says_ignore(written, _ID):
        held = f"Redis gives it to another worker after {_DEFAULT}, for nothing sets `visibility_timeout`"
        said = f"with `{name}` a task {does} {_seconds(value)} seconds, and {held}"
        yield Finding(_ID, path, value.lineno, said)
