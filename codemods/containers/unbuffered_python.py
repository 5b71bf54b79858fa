"""What a program prints in a container comes late, and what it printed last before it died never comes.

Where no terminal is attached, Python collects some kilobytes of output before it writes them. So `docker
logs` shows nothing for minutes, and when the container is killed the lines that would explain it are
lost. With `PYTHONUNBUFFERED` each print goes out at once.

It is set where an image of Python starts a program with `python` itself, and nothing in the file says how
its output is written. What logs to the standard error only, as web servers do, was never held back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import builds, instructions
from codemods.builds import Stage
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source

ABOUT = About(
    title="Write the output of containers at once",
    category=Category.OPERABILITY,
    applicability=Applicability.UNSAFE,
    risk="A program that prints very much takes longer, as each piece is written by itself.",
    references=("https://docs.python.org/3/using/cmdline.html#envvar-PYTHONUNBUFFERED",),
    needles=(b"python", b"python3"),
    minutes=5,
    tests=False,
    pattern=rb"(?i)\b(?:CMD|ENTRYPOINT)\b",
)

_LINE = "ENV PYTHONUNBUFFERED=1"
_MESSAGE = "output is written at once"
_DECIDED = re.compile(r"PYTHONUNBUFFERED|stdbuf|unbuffer|\bsupervisord?\b", re.IGNORECASE)
_PYTHON = re.compile(r"(?:.*/)?python(?:3(?:\.\d+)?)?")
_OPTIONS = frozenset(("-c", "--version", "-V"))
_OWN = re.compile(r"-[bBdEiIOPqsSv]*u[bBdEiIOPqsSv]*")
"""Python's options that are one letter each, with the one that asks for this."""
_RUNNERS = (
    ("uv", "run"),
    ("poetry", "run"),
    ("pipenv", "run"),
    ("tini", "--"),
    ("dumb-init", "--"),
    ("exec",),
)
_QUIET = frozenset(("gunicorn", "uvicorn", "celery", "hypercorn", "http.server", "pytest"))


def rewrite(source: Source, _: Facts) -> Iterator[Splice]:
    """Yield the variable for an image whose program is started by `python`."""
    if _DECIDED.search(source.text):
        return
    chain = builds.shipped(instructions.of(source))
    if not chain or chain[0].official != "python" or not _starts_python(chain[-1]):
        return
    final = chain[-1]
    told = [one for one in final.instructions if one.name == "ENV" and re.match(r"PYTHON\w+[ =]", one.text)]
    place = told[-1] if told else final.start
    if not place.documented and not place.broken:
        yield builds.below(source.data, place, _LINE, _MESSAGE, gap=not told)


def _starts_python(stage: Stage) -> bool:
    """Say whether the stage's program is `python` with a script or a module, without `-u`."""
    words: list[str] = []
    for name in ("ENTRYPOINT", "CMD"):
        if (one := builds.last(stage, name)) is None:
            continue
        arguments = one.arguments
        if arguments is None and name == "ENTRYPOINT":
            words = one.text.split()
            break
        words += one.text.split() if arguments is None else arguments
    for runner in _RUNNERS:
        if tuple(words[: len(runner)]) == runner:
            words = words[len(runner) :]
    if len(words) < 2 or not _PYTHON.fullmatch(words[0]):  # noqa: PLR2004 -- a program and what it runs
        return False
    return _OPTIONS.isdisjoint(words) and _QUIET.isdisjoint(words) and not any(map(_OWN.fullmatch, words))
