"""uv installs the same packages as pip from the same files, and needs much less time for it.

Without any cache, 12 tools and libraries with what they need (66 packages) took pip 77 and 83 seconds and uv
12 and 18, on a busy machine of two cores.

`uv pip install --system` takes requirements, constraints, extras and editable projects as pip does, and puts
them into the Python that `setup-python` made; `setup-uv` brings it, and keeps its cache between runs on
GitHub's own runners.

They differ where nobody sees it in a workflow: uv takes a package from the first index that has it, takes no
pre-release that only a dependency asks for, and byte-compiles nothing. So it is proposed only where kotsu.yml
names it, for jobs that do nothing with pip but install, with options that both have, and never where
something is released.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codemods import document, insertions, traces, workflow
from codemods.document import Node
from codemods.manifests import shell
from codemods.model import About, Applicability, Category, Facts, Splice

ABOUT = About(
    title="Install packages with uv in workflows",
    category=Category.SPEED,
    applicability=Applicability.UNSAFE,
    risk="Packages can resolve to others where several indexes or pre-releases are in play.",
    references=(
        "https://docs.astral.sh/uv/guides/integration/github/",
        "https://docs.astral.sh/uv/pip/compatibility/",
    ),
    needles=(b"pip install", b"pip3 install"),
    minutes=20,
    requires_python=(3, 9),
    default=False,
    # Merged one after the other, the two would leave a cache of pip in a job without pip, which fails.
    clashes=("setup-python-cache",),
)

_STEP = ("- uses: astral-sh/setup-uv@11f9893b081a58869d3b5fccaea48c9e9e46f990 # v8.3.2",)
"""As of 2026-11-26; `upgrade-action` moves it on."""
_OTHERWISE = re.compile(
    r"\buvx?\b|setup-uv|\bPIP_|pip\.conf|netrc|venv|virtualenv|conda|mamba|poetry|pipenv|\bpdm\b",
    re.IGNORECASE,
)
_TOO_OLD = re.compile(r"(?:pypy-?)?(?:2\.\d|3\.[0-8])(?:\.\d+)?")
_FROM_FILES = frozenset(("-r", "--requirement", "-e", "--editable"))
_OPTIONS = _FROM_FILES | {"-c", "--constraint", "-U", "--upgrade", "-q", "--quiet", "--no-deps"}
_JOINED = re.compile(r"-[rce][^-].*|--(?:requirement|constraint)=.+")
_PIP = re.compile(r"\bpip3?\b(?!-)")


def rewrite(file: document.Document, _: Facts) -> Iterator[Splice]:
    """Yield the step and the commands for each job that only installs."""
    # A comment could hold back a part of the edit alone, and the rest would not work.
    if not file.plain or b"kotsu: ignore" in file.data or not _is_common(file) or traces.left(file):
        return
    said = list(workflow.texts(file.root))
    if any(map(_OTHERWISE.search, said)) or any(map(_TOO_OLD.fullmatch, said)):
        return
    for name, job in workflow.jobs(file):
        sequence, step = job.get("steps"), _python(job)
        found = [_commands(file, one) for one in workflow.steps(job)] if step else []
        written = [splice for some in found for splice in some or ()]
        if not (sequence and step and written) or None in found:
            continue
        if min(splice.start for splice in written) < step.end:
            continue
        kept = _kept(file, step)
        if None not in kept and any(_is_of_files(file, splice) for splice in written):
            yield insertions.behind_item(file, step, sequence, _STEP, f"`{name.text}` installs with uv")
            yield from (*filter(None, kept), *written)


def _is_common(file: document.Document) -> bool:
    return workflow.triggers(file).keys() <= workflow.COMMON and not workflow.speaks_of_tags(file)


def _python(job: Node) -> Node | None:
    """Return the step that sets up the one Python of a job."""
    steps = workflow.steps(job)
    used = [workflow.action(step) for step in steps]
    if not workflow.hosted(job) or job.flow or used.count("actions/setup-python") != 1:
        return None
    step = steps[used.index("actions/setup-python")]
    given = step.get("with")
    odd = given and (given.flow or given.get("update-environment") or given.get("pip-install"))
    return None if odd or step.flow or step.get("if") else step


def _kept(file: document.Document, step: Node) -> Sequence[Splice | None]:
    """Return the splices that end the action's cache of pip, which would find nothing to save and fail."""
    given = step.get("with")
    pairs = given.pairs if given else ()
    keys = [pair for pair in pairs if pair.key.text in {"cache", "cache-dependency-path"}]
    other = any(pair.key.text == "cache" and pair.value.text != "pip" for pair in keys)
    if other or (keys and pairs[0] is keys[0]):
        return (None,)
    return [insertions.without(file, pair) for pair in keys]


def _is_of_files(file: document.Document, splice: Splice) -> bool:
    """Say whether a command installs what a file names: a tool alone is there as fast."""
    rest = file.data[splice.end : document.line_end(file.data, splice.end)]
    words = rest.decode("utf-8", "replace").split()
    return any(w in _FROM_FILES or _JOINED.fullmatch(w) or w.strip("'\"").startswith(".") for w in words)


def _commands(file: document.Document, step: Node) -> Sequence[Splice] | None:
    """Return the splices for what a step installs, None where it does anything else with pip."""
    run = step.get("run")
    text, start = workflow.commands(file, run) if run else ("", 0)
    if run is None or not _PIP.search(run.text):
        return ()
    if not text or workflow.text(step, "shell") == "python":
        return None
    found, known = [], 0
    for command in shell.commands(text):
        words = shell.called(command)
        if not shell.installs(words):
            continue
        if command[0].text == "sudo" or not all(map(_is_shared, words[2:])):
            return None
        behind = len(command) - len(words)
        first = command[behind - 2] if behind > 1 and command[behind - 1].text == "-m" else words[0]
        known += sum(len(_PIP.findall(word.text)) for word in words)
        at, end = start + first.start, start + words[1].end
        found.append(Splice(at, end, b"uv pip install --system"))
    return found if known == len(_PIP.findall(text)) else None


def _is_shared(word: shell.Word) -> bool:
    """Say whether uv reads an argument of pip as pip does."""
    if word.text.startswith("-"):
        return word.literal and (word.text in _OPTIONS or bool(_JOINED.fullmatch(word.text)))
    return word.literal
