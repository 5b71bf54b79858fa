"""A job without a time limit that hangs is stopped by GitHub only after six hours.

A test that waits for a socket, a download that stalls or a prompt that nobody answers then holds a runner for
360 minutes, is paid for, and lets the pull request wait for an answer that never comes. With
`timeout-minutes` the job fails while somebody still remembers what they pushed.

Where GitHub can tell how long a job took, the limit is three times its slowest success, and ten minutes at
least; where fewer than ten runs are known, or none, it is no lower than 60. A number of your own is the
option `minutes` in `.github/kotsu.yml`. A job that needs more time than the limit is stopped, too. Jobs that
call another workflow cannot have a limit of their own. Left alone are jobs on your own runners, and jobs that
say themselves that they take long: they build under emulation, fuzz, measure, or a limit above this one
stands in the same file. So is the one job that GitHub itself caps at 59 minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import document, durations, insertions, workflow
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Give jobs a time limit",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="A job that really needs more time than the limit is stopped before it ends.",
    references=(
        "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes",
        "https://docs.github.com/en/actions/reference/limits",
    ),
    needles=(b"runs-on",),
    minutes=5,
    asks=("durations",),
    # 0: what the history says.
    options={"minutes": 0},
)

_DEFAULT = 60

_LIMIT = re.compile(r"timeout[-_]minutes")
_LONG = re.compile(
    r"cibuildwheel|qemu|fuzz|tmate|benchmark|nightly|soak|stress|self-hosted|copilot-setup-steps",
    re.IGNORECASE,
)


def rewrite(file: document.Document, facts: Facts) -> Iterator[Splice]:
    """Yield a limit for each job that has none."""
    own = int(facts.options.get("minutes", 0))
    if not file.plain or _slow(file, own or _DEFAULT) or _LONG.search(workflow.text(file.root, "name")):
        return
    for name, job in workflow.jobs(file):
        runner = job.pair("runs-on")
        if not runner or job.flow or not _unbounded(job) or _LONG.search(name.text):
            continue
        lasted = durations.together(tuple(durations.rows(workflow.title(name, job), facts.durations)))
        minutes = own or (durations.limit(lasted, _DEFAULT) if lasted else _DEFAULT)
        if minutes:
            known = f" ({lasted.sentence})" if lasted else ""
            message = f"`{name.text}` is stopped after {minutes} minutes{known}"
            yield insertions.after(file, runner, [f"timeout-minutes: {minutes}"], message)


def _unbounded(job: document.Node) -> bool:
    if job.get("timeout-minutes") or job.get("uses"):
        return False
    return not any(_LONG.search(text) for text in workflow.texts(job))


def _slow(file: document.Document, minutes: int) -> bool:
    """Say whether anything in the file is given more time than this, or an amount that is not known."""
    limits = [
        pair.value.text for n in file.root.walk() for pair in n.pairs if _LIMIT.fullmatch(pair.key.text)
    ]
    return any(not limit.isdecimal() or int(limit) > minutes for limit in limits)
