"""The lists of all packages that there are stay in the image, though nothing in it looks at them again.

`apt-get update` writes them to `/var/lib/apt/lists`, where they are out of date a day later. Removed in
another layer they would still be shipped; so they are removed in the one that fetched them.

Only a stage that ends up in the image is looked at, and only a `RUN` that updates the lists and installs
from them. Left alone is one before which or behind which anything could count on the lists: a later
installation without an update of its own, a script, or a tool that installs packages by itself; and an
image that people work in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codemods import builds, instructions
from codemods.instructions import Instruction
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source

ABOUT = About(
    title="Remove the package lists that apt leaves in the image",
    category=Category.SPEED,
    applicability=Applicability.UNSAFE,
    risk="Whatever installs packages later, or in an image built on this one, has to update the lists.",
    references=(
        "https://docs.docker.com/build/building/best-practices/#apt-get",
        "https://github.com/hadolint/hadolint/wiki/DL3009",
    ),
    needles=(b"apt", b"apt-get"),
    minutes=3,
    tests=False,
    pattern=rb"\bupdate\b",
)

_REMOVAL = "rm -rf /var/lib/apt/lists/*"
_HANDLED = re.compile(r"apt/lists|/var/lib/apt|/var/lib/\*|\bsudo\b|\bONBUILD\b|rm[ \t][^;&|]{0,200}\$")
_ENDS = re.compile(r"(?:^|[\s\w.\"'=/+*:-])[\w\"'.=/+*-]\Z")
_OTHERS = re.compile(
    r"\.sh\b|\bbash\b|\bsh\b|\bmake\b|playwright|with-deps|ansible|install[-_]\w*dep|\bsource\b|pyppeteer|apt-key|/install"
    r"|rosdep|gdebi|mk-build-deps|\bapt-(?:cache|file|fast)\b|\bapt[ \t]+list\b|\bnala\b|puppet|salt-call"
    r"|\b(?:just|task|invoke)[ \t]+\w|install\.py\b|(?:\A|[;&|(])\s*\./",
    re.IGNORECASE,
)
_FETCHES = frozenset(("install", "build-dep", "upgrade"))
_LAST = frozenset(("exit", "exec", "cd", "return"))
_MESSAGE = "the lists of packages do not stay in the image"


def rewrite(source: Source, _: Facts) -> Iterator[Splice]:
    """Yield the removal for each `RUN` that fetches lists and leaves them."""
    found = instructions.of(source)
    if builds.is_worked_in(source):
        return
    runs = [one for one in found if one.name in {"RUN", "ONBUILD"}]
    latest = max((run.start for run in runs if _counts_on_lists(run)), default=-1)
    for stage in builds.shipped(found):
        for one in stage.instructions:
            is_last = one.start >= latest and one.name == "RUN" and "DL3009" not in one.ignored
            if is_last and _leaves_lists(one):
                yield builds.appended(source.data, one, _REMOVAL, _MESSAGE)


def _leaves_lists(run: Instruction) -> bool:
    asked = list(builds.packaged(run))
    if (
        asked[:1] != ["update"]
        or "install" not in asked
        or builds.is_cached(run)
        or _HANDLED.search(run.text)
    ):
        return False
    *_, final = builds.commands(run)
    return final[-1].end == run.end and final[0].text not in _LAST and bool(_ENDS.search(run.text))


def _counts_on_lists(run: Instruction) -> bool:
    """Say whether a later `RUN` may install packages from lists that it has not fetched itself."""
    return (
        run.documented or bool(_OTHERS.search(run.text)) or _without_update(list(builds.packaged(run)), run)
    )


def _without_update(asked: Sequence[str], run: Instruction) -> bool:
    if not asked:
        return bool(re.search(r"\bapt(?:-get|itude)?\b[^;&|]{0,200}\binstall\b", run.text))
    first = next((n for n, verb in enumerate(asked) if verb in _FETCHES), len(asked))
    return first < len(asked) and "update" not in asked[:first]
