"""Celery 5 has no `celery.task`: a task is made with `celery.shared_task`, or with the `task` of an app.

`from celery.task import task` fails to import there. `shared_task` takes the same arguments and registers the
same name, with whichever application is in use. `@task` from `celery` itself is followed too, where a module
does nothing else with it. Tasks that are classes, and `periodic_task`, are left to a person.
"""

from __future__ import annotations

import libcst as cst

from codemods import names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Make Celery tasks with shared_task",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="The task is of `celery.Task`, no more of the old class, whose methods could be called on it.",
    references=(
        "https://docs.celeryq.dev/en/stable/history/whatsnew-5.0.html",
        "https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html",
    ),
    needles=(b"celery",),
    pattern=rb"\btask\b",
    minutes=3,
    crosses=">=5",
    since="4.0",
)

_OLD = "celery.task.task"
_BARE = "celery.task"
_NEW = "celery.shared_task"
_OTHERS = {
    "celery.task.group": "celery.group",
    "celery.task.chord": "celery.chord",
    "celery.task.subtask": "celery.signature",
    "celery.task.current": "celery.current_task",
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose tasks are made in the way that Celery 5 knows."""
    bare = {_BARE: _NEW} if _only_decorates(module) else {}
    return renamed.names_in(module, {_OLD: _NEW, **_OTHERS, **bare})


def _only_decorates(module: cst.Module) -> bool:
    """Say whether a module uses ``task`` from ``celery`` for nothing but to decorate functions."""
    seen, known = nodes.of(module), names.of(module)
    every = seen.all(cst.Name, cst.Attribute)
    found = [node for node in every if known.qualified(node) == _BARE and not _is_imported(node, seen)]
    return bool(found) and all(_decorates(node, seen) for node in found)


def _is_imported(node: cst.CSTNode, seen: nodes.Seen) -> bool:
    return seen.within(node, cst.Import, cst.ImportFrom) is not None


def _decorates(node: cst.CSTNode, seen: nodes.Seen) -> bool:
    holder = seen.above[node]
    if isinstance(holder, cst.Call) and holder.func is node:
        holder = seen.above[holder]
    return isinstance(holder, cst.Decorator) and isinstance(seen.above[holder], cst.FunctionDef)
