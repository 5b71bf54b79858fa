"""What pip downloads for an image stays in its cache, and the image carries it for ever.

pip keeps each wheel that it fetched or built in `~/.cache/pip` for the next installation. In an image
there is none: the layer is finished, and the cache is only shipped, stored and pulled. With
`--no-cache-dir` the same packages are installed, and nothing else stays.

Only stages that end up in the image are looked at: what a build stage caches is thrown away with it. Left
alone is a file that decides about the cache anywhere, and a command beside a cache that is mounted (`RUN
--mount=type=cache`), removed in the same layer, or used again and again by a loop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import builds, instructions
from codemods.instructions import Instruction
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source

ABOUT = About(
    title="Keep the cache of pip out of the image",
    category=Category.SPEED,
    applicability=Applicability.SAFE,
    risk="The same packages are installed; only the cache that pip would have left is missing.",
    references=(
        "https://pip.pypa.io/en/stable/topics/caching/",
        "https://github.com/hadolint/hadolint/wiki/DL3042",
    ),
    needles=(b"pip", b"pip3"),
    minutes=2,
    tests=False,
    pattern=rb"pip[\d.]*[ \t\\]",
)

_DECIDED = re.compile(r"PIP_NO_CACHE|PIP_CACHE|PIP_CONFIG_FILE|pip\.(?:conf|ini)|XDG_CACHE_HOME")
_HANDLED = re.compile(
    r"\bcache[ \t]+(?:purge|remove)\b|\brm[ \t][^;&|]{0,200}cache|--no-c|--cache-dir"
    r"|pip[ \t]+(?:wheel|download)"
)
_LOOP = frozenset(("for", "while", "until", "select", "do", "xargs", "parallel"))
_MESSAGE = "what pip downloads does not stay in the image"


def rewrite(source: Source, _: Facts) -> Iterator[Splice]:
    """Yield the option for each installation whose cache would be shipped."""
    found = instructions.of(source)
    if builds.is_worked_in(source) or any(_DECIDED.search(one.text) for one in found):
        return
    for stage in builds.shipped(found):
        for one in stage.instructions:
            if one.name == "RUN" and "DL3042" not in one.ignored:
                yield from _uncached(one)


def _uncached(run: Instruction) -> Iterator[Splice]:
    found = builds.commands(run)
    if builds.is_cached(run) or _HANDLED.search(run.text):
        return
    if any(word.text in _LOOP for command in found for word in command[:1]):
        return
    for command in found:
        if (call := builds.installs(command)) and len(call[0]) > call[1] + 1:
            words, verb = call
            yield Splice(words[verb].end, words[verb].end, b" --no-cache-dir", _MESSAGE)
