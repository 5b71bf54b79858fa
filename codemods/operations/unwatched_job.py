"""A job that stops running raises no error: only who expects its sign of life hears of that.

A schedule that somebody edited, a worker that does not listen to a queue any more, a host that is gone: the
nightly job does not fail, it just does not happen, and is missed when its result is needed. A service of
dead man's switches (Sentry Crons, Healthchecks, Cronitor, Dead Man's Snitch) waits for a sign after each run.

This names the jobs that send none where nearly all others on the same schedule do: those that Celery's beat
schedule names, or those in the folders of django-extensions. Which jobs are worth it you know, and most
projects watch few of them on purpose; so kotsu.yml has to ask for this.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from codemods import engine, glance, project, silence
from codemods.model import About, Applicability, Category, Facts, Finding, Tree

ABOUT = About(
    title="Let each scheduled job give a sign of life",
    category=Category.OPERABILITY,
    applicability=Applicability.ADVICE,
    risk="A monitor that expects too much of a job wakes people for nothing.",
    references=(
        "https://docs.sentry.io/platforms/python/crons/",
        "https://healthchecks.io/docs/monitoring_cron_jobs/",
        "https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html",
    ),
    needles=(),
    minutes=10,
    default=False,
)

_ID = "unwatched-job"
_FEWEST = 3  # jobs that give a sign
_SHARE = 4  # one job in so many may give none
_MOST = 3  # jobs that are named
_SCHEDULE = re.compile(r"BEAT_?SCHEDULE\Z", re.IGNORECASE)
_HAS_SCHEDULE = re.compile(rb"beat_?schedule", re.IGNORECASE)
_FOLDER = re.compile(
    r"(?P<folder>.*/jobs)/(?:(?:quarter_)?hourly|minutely|daily|weekly|monthly|yearly)/[^/_][^/]*\.py\Z"
)
_IS_JOB = re.compile(r"^class Job\(", re.MULTILINE)
_SIGN = re.compile(
    r"monitor\w*\s*\(|check_?in|hc-ping|healthcheck|cronitor|snitch|heartbeat|dead_?man", re.IGNORECASE
)
_WATCHES_ALL = re.compile(rb"monitor_beat_tasks")


class _Job(NamedTuple):
    """A job on the schedule of a place, at ``line`` (from 1); ``watched``: it gives a sign of life."""

    place: str
    path: str
    line: int
    name: str
    watched: bool


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return words about the jobs of a schedule that give no sign, where nearly all others do."""
    own = [p for p in tree.paths() if p.endswith(".py") and project.is_own(p)]
    jobs = [*_foldered(tree, own), *_scheduled(tree, own)]
    if not jobs or any(_WATCHES_ALL.search(tree.read(p)) for p in own):
        return
    for place in dict.fromkeys(job.place for job in jobs):
        beside = [job for job in jobs if job.place == place]
        without = [job for job in beside if not job.watched]
        if len(beside) - len(without) >= _FEWEST and 0 < len(without) <= max(1, len(beside) // _SHARE):
            named = ", ".join(f"`{job.name}`" for job in without[:_MOST])
            more = f" and {len(without) - _MOST} more" if len(without) > _MOST else ""
            others = len(beside) - len(without)
            said = f"{named}{more} would stop unnoticed: the other {others} jobs give a sign of life"
            yield Finding(_ID, without[0].path, without[0].line, said)


def _foldered(tree: Tree, own: Sequence[str]) -> Iterator[_Job]:
    """Yield the jobs of django-extensions: a module each, in a folder that says how often it runs."""
    for path in own:
        found = _FOLDER.match(path)
        text = tree.read(path).decode("utf-8", "replace") if found else ""
        if found and _IS_JOB.search(text) and not silence.says_ignore(text, _ID):
            name = path.rpartition("/")[2].removesuffix(".py")
            yield _Job(found["folder"], path, 1, name, bool(_SIGN.search(text)))


def _scheduled(tree: Tree, own: Sequence[str]) -> Iterator[_Job]:
    """Yield the tasks that a beat schedule names, and that the tree defines once."""
    for path in own:
        data = tree.read(path)
        module = engine.skimmed(path, data) if _HAS_SCHEDULE.search(data) else None
        for node in glance.all_of(module, ast.Assign) if module else ():
            name = ast.unparse(node.targets[0]).rpartition(".")[2]
            if isinstance(node.value, ast.Dict) and _SCHEDULE.search(name):
                yield from _entries(node.value, path, data.splitlines(), tree, own)


def _entries(
    schedule: ast.Dict, path: str, lines: Sequence[bytes], tree: Tree, own: Sequence[str]
) -> Iterator[_Job]:
    for entry in schedule.values:
        said = _words(entry)
        task = said.get("task")
        if isinstance(task, ast.Constant) and isinstance(task.value, str):
            line = lines[task.lineno - 1].decode("utf-8", "replace")
            bodies = [body for p in own if (body := _body(task.value, p, tree))]
            if len(bodies) == 1 and not silence.says_ignore(line, _ID):
                yield _Job(path, path, task.lineno, task.value, bool(_SIGN.search(bodies[0])))


def _words(entry: ast.expr) -> Mapping[str, ast.expr]:
    pairs = zip(entry.keys, entry.values, strict=True) if isinstance(entry, ast.Dict) else ()
    return {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}


def _body(task: str, path: str, tree: Tree) -> str:
    """Return the function of a task as it is written, with decorators; ``""`` where a file has none."""
    module, _, name = task.rpartition(".")
    if not module or not f"/{path}".endswith(f"/{module.replace('.', '/')}.py"):
        return ""
    data = tree.read(path)
    parsed = engine.skimmed(path, data)
    for node in parsed.body if parsed else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            return b"\n".join(data.splitlines()[start - 1 : node.end_lineno]).decode("utf-8", "replace")
    return ""
