"""Every run of a job downloads its packages again, though `setup-python` can keep them between runs.

With `cache: pip` the action saves pip's own cache at the end of a job and restores it at the start of the
next one, under a key of the runner, the Python and the hash of the files that name the packages. pip still
decides what it installs; what it has already, it does not fetch or build again. `pipenv` and `poetry` keep
their environments in the same way.

It is proposed for jobs that install from files of the repository, on GitHub's own runners, with a version of
the action whose cache works. The action looks for `requirements.txt` anywhere, and for `pyproject.toml` where
there is none; `cache-dependency-path` stands there where a job installs from others, with those beside them
that they may include.

Left alone is what a cache does not help: workflows that no push starts (a pull request sees the caches of the
branch it goes to, and none of another pull request's), and projects whose packages alone would fill the
repository's share of the store. So is what it could harm. Whoever may push to a branch writes to its cache,
and no release should be built from one: workflows that deploy, publish, release or may write keep none. A job
that does not install anything for certain would have nothing to save, and fail for it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from codemods import action_versions, document, insertions, installing, traces, workflow
from codemods.document import Node
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Keep downloaded packages between runs",
    category=Category.SPEED,
    applicability=Applicability.UNSAFE,
    risk="Where there is little to download, restoring a cache takes as long as that did.",
    references=(
        "https://github.com/actions/setup-python#caching-packages-dependencies",
        "https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching",
        "https://docs.zizmor.sh/audits/#cache-poisoning",
    ),
    needles=(b"setup-python",),
    minutes=5,
    asks=("paths", "listed"),
)

_PYTHON = ("python-version", "python-version-file")
_OTHERWISE = ("cache", "pip-install", "update-environment")
_ELSEWHERE = re.compile(
    r"(?:no|pip)[-_]cache|--cache-dir|\bpip cache\b|virtualenvs|VENV_IN_PROJECT|WORKON_HOME|--system"
    r"|\brm\b.*\.cache",
    re.IGNORECASE,
)
_HOOKS = "~/.cache/pre-commit"
"""What keeps the environments of pre-commit keeps nothing of pip's."""
_FLOATS, _WORKS = 4, (5, 4)
"""Tags of one number that still move, and the first version that talks to today's store of caches."""
# Each of these, with what it brings, is as large as all caches of a repository should be together.
_HEAVY = frozenset(("torch", "tensorflow", "jaxlib", "jax", "paddlepaddle", "vllm", "pyspark"))


def rewrite(file: document.Document, facts: Facts) -> Iterator[Splice]:
    """Yield the keys for each job that is known to have packages to keep."""
    events = workflow.triggers(file)
    if not file.plain or "push" not in events or not events.keys() <= workflow.COMMON:
        return
    if workflow.speaks_of_tags(file) or traces.left(file) or not _HEAVY.isdisjoint(facts.listed or ()):
        return
    for name, job in workflow.jobs(file):
        place = _place(file, job)
        if place is None:
            continue
        given = workflow.steps(job)[place].get("with")
        pair = next(filter(None, map(given.pair, _PYTHON)), None) if given else None
        lines = _keys(file, job, place, facts.paths)
        if lines and pair:
            yield insertions.after(file, pair, lines, f"`{name.text}` keeps its packages between runs")


def _place(file: document.Document, job: Node) -> int | None:
    """Return which step sets up the one Python of a job, behind the one that fetches the files."""
    steps = workflow.steps(job)
    actions = [workflow.action(step) for step in steps]
    if not workflow.hosted(job) or actions.count("actions/setup-python") != 1:
        return None
    env = file.root.get("env")
    said = [text for node in (job, env) if node for text in workflow.texts(node)]
    if any(map(_keeps, steps)) or any(map(_ELSEWHERE.search, said)):
        return None
    place = actions.index("actions/setup-python")
    works = action_versions.release(file, steps[place])
    if works < _WORKS and not (len(works) == 1 and works[0] >= _FLOATS):
        return None
    return place if _is_plain(steps[place]) and any(map(_fetches, steps[:place])) else None


def _keeps(step: Node) -> bool:
    """Say whether a step has a cache that may be one of packages."""
    given = step.get("with")
    kept = workflow.text(given, "path").strip() if given else ""
    return workflow.action(step).startswith("actions/cache") and kept != _HOOKS


def _is_plain(step: Node) -> bool:
    given = step.get("with")
    return bool(given and not given.flow and not step.get("if") and not any(map(given.get, _OTHERWISE)))


def _fetches(step: Node) -> bool:
    """Say whether a step checks out the repository as a whole, where all steps look for it."""
    given = step.get("with")
    odd = given and any(map(given.get, ("repository", "path", "sparse-checkout")))
    return workflow.action(step) == "actions/checkout" and not odd and not step.get("if")


def _keys(file: document.Document, job: Node, place: int, paths: Sequence[str]) -> Sequence[str]:
    """Return the lines for the action, none where it is not known what a job installs from."""
    steps = workflow.steps(job)
    behind = [c for step in steps[place:] for c in installing.commands(file, job, step)]
    if any(map(_is_heavy, behind)):
        return ()
    tools = {c.texts[:2] for c in behind if c.certain and c.folder == ""}
    if ("poetry", "install") in tools:
        before = [c.texts[:3] for step in steps[:place] for c in installing.commands(file, job, step)]
        ready = ("pipx", "install", "poetry") in before and "poetry.toml" not in paths
        return ("cache: poetry",) if ready and "poetry.lock" in paths else ()
    if tools & {("pipenv", "install"), ("pipenv", "sync")}:
        return ("cache: pipenv",) if "Pipfile.lock" in paths else ()
    return _of_pip([c for c in behind if c.is_pip], paths)


def _is_heavy(command: installing.Command) -> bool:
    return any(re.split(r"[\[<>=~!]", text)[0] in _HEAVY for text in command.texts)


def _of_pip(commands: Sequence[installing.Command], paths: Sequence[str]) -> Sequence[str]:
    """Return the keys, with the files where the action would look for others."""
    named = [installing.files(command, paths) for command in commands]
    files = tuple(dict.fromkeys(path for some in named for path in some or ()))
    if None in named or not files or not any(command.certain for command in commands):
        return ()
    sought = _called(paths, "requirements.txt") or _called(paths, "pyproject.toml")
    if sought.issuperset(files):
        return ("cache: pip",)
    patterns = tuple(dict.fromkeys(_with_siblings(path, paths) for path in files))
    if len(patterns) == 1:
        return ("cache: pip", f"cache-dependency-path: {patterns[0]}")
    return ("cache: pip", "cache-dependency-path: |", *(f"  {pattern}" for pattern in patterns))


def _with_siblings(path: str, paths: Sequence[str]) -> str:
    """Return a pattern for a file of requirements with others beside it, which it may include."""
    folder, name = posixpath.split(path)
    if not name.endswith(".txt"):
        return path
    kind = "*.txt" if "requirements" in posixpath.basename(folder) else "requirements*.txt"
    alike = [p for p in paths if posixpath.dirname(p) == folder and fnmatchcase(posixpath.basename(p), kind)]
    return posixpath.join(folder, kind) if path in alike and len(alike) > 1 else path


def _called(paths: Sequence[str], name: str) -> frozenset[str]:
    return frozenset(path for path in paths if posixpath.basename(path) == name)
