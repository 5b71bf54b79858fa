"""A Celery task without a time limit that hangs holds its worker until somebody restarts it.

The other side of a socket that stopped answering, a lock that nobody gives back, a loop that does not end:
the worker process is gone for every other task, nothing is logged, and with as many of them as there are
processes the queue stands still. With `task_soft_time_limit` the task itself hears of it by an exception,
which is logged with the line where it hung; `task_time_limit` ends the process a minute later if that did
not help.

The number is yours: `seconds` in `.github/kotsu.yml`, 3600 if you do not set it, which is also the time after
which a Redis broker gives a task that is not acknowledged to another worker. Look for your longest task
first: one that needs more is ended, unless it says so itself (`@app.task(time_limit=…)`). The settings stand
where the app's others do. Nothing is proposed where anything in the repository speaks of a time limit, or
where workers do not run in processes: in threads, or under gevent, there is nothing that could be ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import celery_settings, places, silence
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Tree

ABOUT = About(
    title="Give Celery tasks a time limit",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="A task that really needs longer than the limit is ended before it is done.",
    references=(
        "https://docs.celeryq.dev/en/stable/userguide/workers.html#time-limits",
        "https://docs.celeryq.dev/en/stable/userguide/configuration.html#task-time-limit",
        "https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html#visibility-timeout",
    ),
    needles=(),
    minutes=15,
    asks=("listed",),
    options={"seconds": 3600},
    default=False,
)

_ID = "celery-task-without-limits"
_GRACE = 60  # seconds in which a task can clean up after the soft limit
_SPEAKS = re.compile(
    rb"time[-_ ]?limit|visibility_timeout|worker_pool\b"
    rb"|(?:-P|--pool)[ =\"',]+(?:solo|gevent|eventlet|threads)",
    re.IGNORECASE,
)
_READ = re.compile(
    r"\.(?:py|ya?ml|toml|cfg|ini|conf|env|sh|service|json|md|rst|txt|tf|j2|tpl)\Z|(?:^|/)[^./]+\Z|ockerfile[^/]*\Z"
    r"|(?:^|/)\.env[^/]*\Z"
)


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return the limits for the one app of the tree, where its settings stand."""
    if facts.listed is not None and "celery" not in facts.listed:
        return
    place = celery_settings.place(tree)
    if place is None or any(_SPEAKS.search(tree.read(p)) for p in tree.paths() if _READ.search(p)):
        return
    seconds = int(facts.options.get("seconds", 3600))
    before = tree.read(place.path)
    after = _with(before, place, seconds)
    is_left = places.is_generated(place.path, before) or silence.says_ignore(_line(before, place.anchor), _ID)
    if not is_left:
        message = f"a task that runs longer than {seconds} seconds is ended"
        yield Finding(_ID, place.path, place.line, message, Edit(place.path, before, after))


def _with(data: bytes, place: celery_settings.Place, seconds: int) -> bytes:
    lines = data.splitlines(keepends=True)
    newline = b"\r\n" if data.find(b"\r\n") >= 0 else b"\n"
    if not lines[place.line - 1].endswith(b"\n"):
        lines[place.line - 1] += newline
    limits = {"task_soft_time_limit": seconds, "task_time_limit": seconds + _GRACE}
    new = []
    for name, value in limits.items():
        written = place.form.format(name.upper() if place.upper else name, value)
        new.append(f"{written}  # seconds".encode() + newline)
    if not data.endswith(b"\n") and place.line == len(lines):
        new[-1] = new[-1].removesuffix(newline)
    return b"".join([*lines[: place.line], *new, *lines[place.line :]])


def _line(data: bytes, number: int) -> str:
    return data.splitlines()[number - 1].decode("utf-8", "replace")
