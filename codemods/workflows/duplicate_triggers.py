"""A commit on a branch with a pull request is tested twice: for the push, and for the pull request.

Both runs test the same files but for what was merged meanwhile, take twice the minutes, and show each check
twice. With `push` for the default branch alone, a branch is tested by its pull request, and the default
branch by the push that merges.

Since teams differ about branches without a pull request, it is proposed only where kotsu.yml names it. Left
alone are workflows that ask what started them, that leave anything behind, or whose filters tell the two
events apart; and all of them where the default branch is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import document, insertions, traces, workflow
from codemods.document import Pair
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Test each commit of a pull request once",
    category=Category.SPEED,
    applicability=Applicability.UNSAFE,
    risk="Tags, and branches without a pull request (in forks, of a merge queue), are not tested any more.",
    references=(
        "https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#push",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushbranchestagsbranches-ignoretags-ignore",
    ),
    needles=(b"pull_request",),
    minutes=10,
    asks=("branch",),
    default=False,
)

_WORD = re.compile(r"[A-Za-z][\w.-]*(?:/[\w.-]+)*")
_NO_TEXT = frozenset(("on", "off", "yes", "no", "true", "false", "null", "y", "n"))
_ASKS = re.compile(
    r"event_name|github\s*\.\s*event\b|refs/|ref_type|ref_name|head_ref|base_ref|github\s*\[|tojson\(\s*github",
    re.IGNORECASE,
)
_DECIDED = re.compile(rb"#.*branch", re.IGNORECASE)
"""A comment on branches among the events: somebody has thought of them."""
_MESSAGE = "a branch is tested by its pull request alone"


def rewrite(file: document.Document, facts: Facts) -> Iterator[Splice]:
    """Yield the branch for a workflow that runs for all pushes and all pull requests."""
    events, on = workflow.triggers(file), file.root.pair("on")
    if not file.plain or on is None or not _is_plain(facts.branch) or not _is_twice(file):
        return
    if traces.left(file) or any(map(_ASKS.search, _said(file))):
        return
    if _DECIDED.search(file.data, on.key.start, on.value.end):
        return
    lines = (f"branches: [{facts.branch}]",)
    push = on.value.pair("push")
    if push is None:
        yield from _rewritten(file, on, tuple(events), lines[0])
    elif push.value.pairs:
        yield insertions.after(file, push.value.pairs[-1], lines, _MESSAGE)
    elif not on.value.flow:
        yield insertions.after(file, push, [f"  {line}" for line in lines], _MESSAGE)


def _is_plain(branch: str) -> bool:
    """Say whether YAML reads the name as it stands."""
    return bool(_WORD.fullmatch(branch)) and branch.lower() not in _NO_TEXT


def _is_twice(file: document.Document) -> bool:
    """Say whether both events start the workflow, for all branches and the same files."""
    events = workflow.triggers(file)
    if not {"push", "pull_request"} <= events.keys() <= workflow.COMMON:
        return False
    said = []
    for filters in (events["push"], events["pull_request"]):
        if filters and (filters.flow or filters.text or filters.kind not in {"mapping", "scalar"}):
            return False
        pairs = filters.pairs if filters else ()
        said.append({pair.key.text: tuple(workflow.texts(pair.value)) for pair in pairs})
    return said[0] == said[1] and said[0].keys() <= {"paths", "paths-ignore"}


def _said(file: document.Document) -> Iterator[str]:
    """Yield what a workflow says, but of which of its runs wait for each other: that holds for fewer, too."""
    for key, value in file.root.pairs:
        if key.text != "concurrency":
            yield from workflow.texts(value)


def _rewritten(file: document.Document, on: Pair, events: tuple[str, ...], line: str) -> Iterator[Splice]:
    """Yield a list of events as a mapping, unless somebody has written more than the list."""
    data, end = file.data, on.value.end
    colon = data.index(b":", on.key.end) + 1
    written, behind = data[colon:end], data[end : document.line_end(data, end)]
    if behind.strip() or b"#" in written or (on.value.flow and b"\n" in written):
        return
    newline = "\r\n" if b"\r\n" in data else "\n"
    lines = [f"  {event}:" + (f"{newline}    {line}" if event == "push" else "") for event in events]
    yield Splice(colon, end, newline.join(["", *lines]).encode(), _MESSAGE)
