"""A compiler that only the installation of packages needed is shipped with each copy of the service.

`build-essential` and its like make a slim image several times as large, are pulled with each deployment, and
are found by each scanner of weaknesses. What pip builds with them runs without them: in a first stage it is
installed into a virtual environment, which the last stage takes over as a whole.

What belongs into the last stage nevertheless, such as libraries that were built against, stands in no file,
so nothing is edited. Only slim images of Python are spoken of, for the others have a compiler anyway, and
only where nothing is removed from them and nothing but pip is seen to build.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codemods import builds, instructions
from codemods.instructions import Instruction
from codemods.manifests import shell
from codemods.model import About, Advice, Applicability, Category, Facts
from codemods.source import Source

ABOUT = About(
    title="Leave compilers out of the image that ships",
    category=Category.SECURITY,
    applicability=Applicability.ADVICE,
    risk="A library that was built against has to be installed in the last stage, too.",
    references=(
        "https://docs.docker.com/build/building/multi-stage/",
        "https://docs.docker.com/build/building/best-practices/#use-multi-stage-builds",
    ),
    needles=(b"apt-get", b"apt", b"apk"),
    minutes=60,
    pattern=rb"(?i)build-(?:essential|base)|gcc|g\+\+|clang",
    tests=False,
    default=False,
)

_COMPILER = re.compile(r"(?:build-(?:essential|base)|(?:gcc|g\+\+|clang)(?:-\d+)?)")
_INSTALLS = {"apt": "install", "apt-get": "install", "apk": "add"}
_REMOVES = re.compile(
    r"\b(?:apt|apt-get|aptitude|apk)\s[^&;|]*\b(?:purge|remove|autoremove|del)\b|--virtual\b|\s-t\s"
)
_BUILDS = re.compile(
    r"\b(?:c?make|configure|meson|ninja|cargo|nvcc|setup\.py|npm|pnpm|yarn|gem|go|tox|nox|jupyter\w*|torch|triton"
    r"|vllm|numba|pythran|pyximport)\b|\b(?:gcc|g\+\+|clang)\s+-[a-xzA-Z]"
)
"""Who needs a compiler beside pip, and may need it again when the container runs."""
_AT_RUN_TIME = re.compile(r"^[ \t]*#.*(?:\brun(?:s|ning)?[ -]?time\b|\bjit\b)", re.MULTILINE | re.IGNORECASE)
_SLIM = re.compile(r"slim|alpine")
_OTHER_PURPOSE = re.compile(
    r"(?:^|[/._-])(?:dev|devel|development|test|tests|ci|lint|docs|local|debug|build|builder|bench|benchmark)(?=[/._-]|\Z)",
    re.IGNORECASE,
)
_WAY = (
    "let a first stage (`AS build`) install into `/opt/venv`, and take that over with "
    "`COPY --from=build /opt/venv /opt/venv` and `ENV PATH=/opt/venv/bin:$PATH`"
)


def rewrite(source: Source, _: Facts) -> Iterator[Advice]:
    """Yield words about the first compiler that stays in an image of which pip alone needs it."""
    chain = builds.shipped(instructions.of(source))
    if (
        not chain
        or chain[0].official != "python"
        or not _SLIM.search(chain[0].image)
        or _OTHER_PURPOSE.search(source.path)
        or builds.is_worked_in(source)
    ):
        return
    runs = [one for stage in chain for one in stage.instructions if one.name == "RUN"]
    starts = [one for name in ("CMD", "ENTRYPOINT") if (one := builds.last(chain[-1], name))]
    builds_later = any(_BUILDS.search(one.text) or "pip" in one.text for one in starts)
    if not starts or builds_later or _AT_RUN_TIME.search(source.text):
        return
    if any(_REMOVES.search(run.text) or _BUILDS.search(run.text) for run in runs):
        return
    for place, run in enumerate(runs):
        compilers = [name for name in _packages(run) if _COMPILER.fullmatch(name)]
        if compilers and any(map(_uses_pip, runs[place:])):
            named = " and ".join(f"`{name}`" for name in dict.fromkeys(compilers))
            yield Advice(run.start, f"{named} in the image that ships: where only pip needs it, {_WAY}")
            return


def _packages(run: Instruction) -> Sequence[str]:
    """Return the names of the packages of the system that a command installs."""
    found: list[str] = []
    for command in builds.commands(run):
        words = [word.text for word in shell.called(command)]
        verb = _INSTALLS.get(words[0].rpartition("/")[2]) if words else None
        if verb and verb in words:
            behind = (word.partition("=")[0] for word in words[words.index(verb) + 1 :])
            found += [word for word in behind if not word.startswith("-")]
    return found


def _uses_pip(run: Instruction) -> bool:
    return any(builds.installs(command) for command in builds.commands(run))
