"""A command in shell form is run by a shell, which is then the process that is told to stop.

`docker stop` sends its signal to the first process of the container. Where that is `/bin/sh -c`, the
program may never hear of it: it is killed ten seconds later in the middle of its work, at each
deployment. In exec form (`CMD ["python", "app.py"]`) the program is the first process itself.

Only a command is changed that has nothing for a shell to do: no variable, no redirection, no second
command, nothing in quotes; of a program that is known to be one, in an image that is known to have no
entry point.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from codemods import builds, instructions
from codemods.instructions import Instruction
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source

ABOUT = About(
    title="Start programs of containers without a shell",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="The program gets signals itself: one that does nothing about SIGTERM is stopped as late as before.",
    references=(
        "https://docs.docker.com/reference/build-checks/json-args-recommended/",
        "https://docs.docker.com/reference/dockerfile/#shell-and-exec-form",
        "https://github.com/hadolint/hadolint/wiki/DL3025",
    ),
    needles=(b"CMD", b"cmd", b"Cmd"),
    minutes=3,
    tests=False,
)

_CODES = frozenset(("DL3025", "JSONArgsRecommended"))
_WITHOUT_ENTRY_POINT = frozenset(("python", "pypy", "debian", "ubuntu", "alpine", "fedora"))
_PROGRAM = re.compile(
    r"python(?:3(?:\.\d+)?)?|gunicorn|uvicorn|hypercorn|daphne|waitress-serve|celery|flask|fastapi|django-admin"
    r"|streamlit|chainlit|gradio|uwsgi|scrapy|dramatiq|rq|arq|huey_consumer|mkdocs|jupyter|poetry|uv|pipenv|alembic"
)
_PLAIN = re.compile(r"[\w./:=@,+%-]+(?:[ \t]+[\w./:=@,+%-]+)*", re.ASCII)


def rewrite(source: Source, _: Facts) -> Iterator[Splice]:
    """Yield the exec form of the image's command."""
    chain = builds.shipped(instructions.of(source))
    if not chain or chain[0].official not in _WITHOUT_ENTRY_POINT:
        return
    within = [one for stage in chain for one in stage.instructions]
    command = builds.last(chain[-1], "CMD")
    if command is None or any(one.name in {"ENTRYPOINT", "SHELL"} for one in within):
        return
    if words := _words(command):
        end = command.end
        text = json.dumps(words).encode()
        yield Splice(command.at, end, text, f"`{words[0]}` is the process that is told to stop")


def _words(command: Instruction) -> list[str]:
    """Return the words of a command that a shell has nothing to do with, none for any other."""
    if command.ignored & _CODES or command.lines or command.flags or not _PLAIN.fullmatch(command.text):
        return []
    words = command.text.split()
    words = words[1:] if words[0] == "exec" else words
    return words if words and _PROGRAM.fullmatch(words[0]) else []
